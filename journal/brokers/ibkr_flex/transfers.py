"""Positions and cash that move between accounts or brokers."""

from __future__ import annotations

from decimal import Decimal

from journal.brokers.base import InstrumentRow, OtherRow, TransferRow
from journal.brokers.ibkr_flex.desk import Account, Desk
from journal.brokers.ibkr_flex.values import identifier, word
from journal.brokers.text.faults import Missing
from journal.domain.values import ZERO


def read_transfer(
    desk: Desk, account: Account, row: int, raw: dict[str, str]
) -> TransferRow | OtherRow:
    get, numbers = raw.get, desk.numbers
    if get("levelOfDetail", "").upper() == "LOT":
        # Repeats the transfer lot by lot.
        return OtherRow(row, account.id, "Transfers", raw)
    occurred_at = account.clock[get("dateTime") or get("date") or get("reportDate")]
    if occurred_at is None:
        raise Missing("no_date", "it states no date")
    instrument = _instrument(desk, account, row, raw)
    quantity = (numbers[get("quantity")] or ZERO) if instrument else ZERO
    cash = _cash(desk, raw, instrument)
    if word(get("direction")).upper() == "OUT":
        quantity, cash = _leaving(desk, raw, quantity), -cash.copy_abs()
    if not quantity and not cash:
        raise Missing("no_quantity", "it states neither a quantity nor an amount of cash")
    return TransferRow(
        row=row,
        account_id=account.id,
        raw=raw,
        broker_id=identifier(get("transactionID")),
        instrument=instrument,
        signed_quantity=quantity,
        price=numbers[get("transferPrice")] or None,
        cash=cash,
        currency=word(get("currency")),
        fx_rate=numbers[get("fxRateToBase")] or None,
        occurred_at=occurred_at,
        reported_on=desk.days.lenient(get("reportDate")),
        kind=word(get("type")),
        counterparty=_counterparty(raw),
        stated_cost=numbers[get("costBasis")],
    )


def _leaving(desk: Desk, raw: dict[str, str], quantity: Decimal) -> Decimal:
    """What leaves is negative, whether the row signs it or not. Only a short position, of negative worth, is not."""
    worth = desk.numbers[raw.get("positionAmount")] or ZERO
    return quantity if worth < 0 < quantity else -quantity.copy_abs()


def _instrument(
    desk: Desk, account: Account, row: int, raw: dict[str, str]
) -> InstrumentRow | None:
    is_cash = raw.get("assetCategory") == "CASH"
    if is_cash or not (identifier(raw.get("conid")) or word(raw.get("symbol"))):
        return None
    return desk.instruments.find(raw, account.id, row)


def _cash(desk: Desk, raw: dict[str, str], instrument: InstrumentRow | None) -> Decimal:
    cash = desk.numbers[raw.get("cashTransfer")] or ZERO
    if not cash and instrument is None:
        cash = desk.numbers[raw.get("positionAmount")] or desk.numbers[raw.get("quantity")] or ZERO
    return cash


def _counterparty(raw: dict[str, str]) -> str:
    parts = (word(raw.get(name)) for name in ("company", "deliveringBroker", "account"))
    return " ".join(part for part in parts if part)
