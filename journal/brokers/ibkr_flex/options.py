"""Option exercises, assignments and expirations as their own section states them."""

from __future__ import annotations

from journal.brokers.base import OptionEventKind, OptionEventRow, OtherRow
from journal.brokers.ibkr_flex.desk import Account, Desk
from journal.brokers.ibkr_flex.values import identifier, word
from journal.brokers.text.faults import Missing
from journal.domain.values import ZERO

_KINDS = {
    "assignment": OptionEventKind.ASSIGNMENT,
    "exercise": OptionEventKind.EXERCISE,
    "expiration": OptionEventKind.EXPIRY,
    "expiry": OptionEventKind.EXPIRY,
    "cash settlement": OptionEventKind.CASH_SETTLEMENT,
    "buy": OptionEventKind.DELIVERY,
    "sell": OptionEventKind.DELIVERY,
}


def read_option_event(
    desk: Desk, account: Account, row: int, raw: dict[str, str]
) -> OptionEventRow | OtherRow:
    get, numbers = raw.get, desk.numbers
    said = word(get("transactionType")).lower()
    kind = _KINDS.get(said)
    if kind is None:
        desk.notices.add(account.id, row, "unknown_option_event", word(get("transactionType")))
        return OtherRow(row, account.id, "OptionEAE", raw)
    quantity = numbers[get("quantity")]
    if quantity is None:
        raise Missing("no_quantity", "it states no quantity")
    happened_on = desk.days[get("date") or get("dateTime") or get("reportDate")]
    if happened_on is None:
        raise Missing("no_date", "it states no date")
    if said == "sell" and quantity > 0:
        quantity = quantity.copy_negate()
    return OptionEventRow(
        row=row,
        account_id=account.id,
        raw=raw,
        kind=kind,
        instrument=desk.instruments.find(raw, account.id, row),
        signed_quantity=quantity,
        price=numbers[get("tradePrice")] or ZERO,
        happened_on=happened_on,
        trade_id=identifier(get("tradeID")),
        proceeds=numbers[get("proceeds")],
        # Flex writes the name with one m and one s. The right spelling is read too, should they mend it.
        fee=desk.costs[get("commisionsAndTax") or get("commissionsAndTax")] or ZERO,
        stated_cost=numbers[get("costBasis")],
        stated_pnl=numbers[get("realizedPnl")],
        fx_rate=numbers[get("fxRateToBase")] or None,
    )
