"""Activity of Fidelity accounts: newest first, days alone, in dollars, and what happened in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from functools import partial

from journal.brokers.base import (
    CashKind,
    CorporateActionRow,
    ExecutionRow,
    InstrumentRow,
    Record,
    ReportKind,
    TransferRow,
)
from journal.brokers.fidelity import vocabulary as words
from journal.brokers.fidelity.cells import figures, instrument_of, phrase_of, settled_on, start
from journal.brokers.text.american import security_in_dollars
from journal.brokers.text.deliveries import end_of_options, expiry, mark_deliveries
from journal.brokers.text.faults import Missing
from journal.brokers.text.layout import Layout
from journal.brokers.text.records import (
    action,
    cash,
    check_direction,
    exact_price,
    fill,
    transfer,
)
from journal.brokers.text.remarks import LACKS
from journal.brokers.text.row import Row
from journal.brokers.text.safely import safely
from journal.brokers.text.sheet import SheetParser
from journal.domain.corporate import ActionKind
from journal.domain.values import ZERO, PositionEffect, Side

_LAYOUT = Layout(
    needs={
        "date": "Run Date", "action": "Action", "symbol": "Symbol",
        "description": ("Description", "Security Description"), "quantity": "Quantity",
        "price": ("Price ($)", "Price"), "fee": ("Commission ($)", "Commission"),
        "more_fees": ("Fees ($)", "Fees"), "amount": ("Amount ($)", "Amount"),
        "settled": "Settlement Date",
    },
    may={
        "account": "Account Number", "account_name": "Account", "currency": "Currency",
        "accrued": ("Accrued Interest ($)", "Accrued Interest"),
    },
)  # fmt: skip
_HUNDRED = Decimal(100)
_EFFECTS = (
    ("OPENING TRANSACTION", PositionEffect.OPEN),
    ("CLOSING TRANSACTION", PositionEffect.CLOSE),
    ("SHORT SALE", PositionEffect.OPEN),
    ("SHORT COVER", PositionEffect.CLOSE),
)


class Fidelity(SheetParser):
    slug = "fidelity"
    broker = "fidelity"
    label = "Fidelity account history (CSV)"
    default_zone = "America/New_York"
    layouts = (_LAYOUT,)
    numbers = ("amount",)
    day_first = False
    newest_first = True

    def account_of_row(self, row: Row) -> str:
        """In a column of its own, or in former files behind the account's name: "Individual" X12345678."""
        if row.text("account"):
            return row.text("account")
        last = row.text("account_name").rpartition(" ")[2]
        return last if any(map(str.isdigit, last)) else row.desk.account_id

    def base_currency(self, rows: Sequence[Row]) -> str:
        return "USD"

    def read_rows(self, rows: Sequence[Row]) -> Iterator[Record]:
        tickers = _tickers(rows)
        records = [record for row in rows for record in safely(row, partial(_read, tickers))]
        yield from mark_deliveries(records)


def _tickers(rows: Sequence[Row]) -> dict[str, str]:
    """Of reverse splits, by the action's number: the symbol of the new units, by which the book knows the old ones."""
    found = {}
    for row in rows:
        phrase = phrase_of(row)
        match = words.REORGANISATION.search(phrase)
        if match and words.action_kind(phrase) is ActionKind.REVERSE_SPLIT and " FROM " in phrase:
            found[match[1]] = row.text("symbol")
    return found


def _read(tickers: Mapping[str, str], row: Row) -> Iterable[Record]:
    phrase = phrase_of(row)
    if words.TRADE.match(phrase) or words.CANCEL.match(phrase):
        return [_trade(row, phrase)]
    if words.END.match(phrase):
        return [_end(row, phrase)]
    if words.CORE in phrase or _is_core_reinvestment(row, phrase):
        return [row.kept("Core account")]
    quantity = figures(row)[0]
    if not quantity:
        return _cash(row, phrase)
    return [_units(tickers, row, phrase, quantity)]


def _units(tickers: Mapping[str, str], row: Row, phrase: str, signed: Decimal) -> Record:
    """What moved units and is no trade by its own words."""
    match = words.REORGANISATION.search(phrase)
    if phrase.startswith(words.REINVESTED):
        return _trade(row, phrase)
    if match is not None:
        return _reorganisation(row, phrase, signed, match[1], tickers.get(match[1], ""))
    if phrase.startswith("DISTRIBUTION"):
        is_new = "SPINOFF" in phrase
        kind = ActionKind.SPIN_OFF if is_new else ActionKind.STOCK_DIVIDEND
        return _action(row, kind, instrument_of(row), signed)
    if phrase.startswith("REDEMPTION PAYOUT"):
        money = row.money("amount")
        # At its face value, which tells a bond.
        ended = instrument_of(row, signed, _HUNDRED, money)
        return _action(row, ActionKind.MATURITY, ended, signed)._replace(cash=money)
    return _move(row, signed) if words.is_move(phrase) else row.unknown(start(phrase))


def _trade(row: Row, phrase: str) -> ExecutionRow:
    match = words.TRADE.match(phrase) or words.CANCEL.match(phrase)
    side = words.SIDES[match[1]] if match else Side.BUY
    is_cancel = words.CANCEL.match(phrase) is not None
    quantity, price = figures(row)
    if not quantity:
        raise Missing("no_quantity", LACKS["no_quantity"])
    fee = row.money("fee").copy_abs() + row.money("more_fees").copy_abs()
    amount = row.decimal("amount")
    # A cancel states the money that comes back. It is told with the figures of the trade that it takes back.
    net = -amount if amount is not None and is_cancel else amount
    accrued = row.money("accrued").copy_abs()
    proceeds = None if net is None else net + fee + (accrued if side is Side.BUY else -accrued)
    check_direction(side, proceeds)
    instrument = instrument_of(row, quantity, price, proceeds)
    made = fill(
        row, instrument, side, quantity,
        exact_price(row, price, quantity.copy_abs() * instrument.multiplier, proceeds),
    )._replace(
        report=ReportKind.CANCEL if is_cancel else ReportKind.FILL,
        settled_on=settled_on(row),
        reported_on=row.moment.day,
        fee=fee,
        effect=next((effect for word, effect in _EFFECTS if word in phrase), PositionEffect.UNKNOWN),
        proceeds=proceeds,
        net_cash=net,
    )  # fmt: skip
    return _dated(row, phrase, made)


def _dated(row: Row, phrase: str, made: ExecutionRow) -> ExecutionRow:
    """As of the day that the words name; what an option delivered came with the option's end."""
    day = words.as_of(phrase)
    delivered = words.DELIVERED.match(phrase)
    if delivered is not None:
        return made._replace(
            kind=words.KINDS_OF_ENDS[delivered[1]],
            executed_at=end_of_options(day or row.moment.day),
        )
    if day is None:
        return made
    return made._replace(executed_at=datetime.combine(day, time(), row.zone).astimezone(UTC))


def _end(row: Row, phrase: str) -> Record:
    """The sign of the quantity is what it does to the position: units sold short come back."""
    match = words.END.match(phrase)
    stated = match[1] if match else ""
    signed = figures(row)[0]
    if not signed:
        raise Missing("no_quantity", LACKS["no_quantity"])
    instrument = instrument_of(row)
    days = (words.as_of(phrase), instrument.expiry_on, row.moment.day)
    day = days[0] or min(filter(None, days))
    if stated == "EXPIRED":
        return expiry(row, instrument, signed, day)
    # Assigned is only what was sold, exercised only what was bought.
    side = Side.BUY if stated == "ASSIGNED" else Side.SELL
    return fill(row, instrument, side, signed, ZERO)._replace(
        kind=words.KINDS_OF_ENDS[stated],
        executed_at=end_of_options(day),
        reported_on=row.moment.day,
        effect=PositionEffect.CLOSE,
    )


def _reorganisation(
    row: Row, phrase: str, signed: Decimal, number: str, ticker: str
) -> CorporateActionRow:
    instrument = instrument_of(row)
    if ticker:
        instrument = security_in_dollars(row, ticker, instrument.description)
    kind = words.action_kind(phrase)
    is_exchange = kind in (ActionKind.REVERSE_SPLIT, ActionKind.SPLIT)
    return _action(row, kind, instrument, signed)._replace(
        action_id=f"reorganisation:{number}",
        # Rows of splits state what the units are worth, which nobody pays.
        cash=ZERO if is_exchange else row.money("amount"),
    )


def _action(
    row: Row, kind: ActionKind, instrument: InstrumentRow, signed: Decimal
) -> CorporateActionRow:
    day = row.moment.day
    return action(row, kind, instrument, signed)._replace(
        action_id=f"{kind}:{day}:{instrument.symbol}",
        reported_on=day,
        description=phrase_of(row),
    )


def _move(row: Row, signed: Decimal) -> TransferRow:
    """The amount is what the units are worth, and no money."""
    return transfer(row, instrument_of(row), signed)._replace(
        price=figures(row)[1], kind=start(phrase_of(row)), counterparty=phrase_of(row)
    )


def _cash(row: Row, phrase: str) -> list[Record]:
    amount = row.decimal("amount")
    if not amount:
        # "EXCHANGED TO …": the purse has another bank.
        return [row.kept(start(phrase))]
    kind = words.cash_kind(phrase)
    if kind is None:
        row.notice("unknown_cash_type", start(phrase))
    return [
        cash(row, kind or CashKind.OTHER, amount, row.text("currency") or "USD")._replace(
            description=row.text("action"),
            instrument=instrument_of(row) if kind is CashKind.DIVIDEND and row.text("symbol") else None,
        )
    ]  # fmt: skip


def _is_core_reinvestment(row: Row, phrase: str) -> bool:
    return phrase.startswith(words.REINVESTED) and row.text("symbol") in words.CORE_FUNDS
