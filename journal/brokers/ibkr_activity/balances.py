"""What the broker holds for us at the end: positions, cash, net asset value."""

from __future__ import annotations

from journal.brokers.base import CashBalanceRow, NavRow, OtherRow, PositionRow, Record
from journal.brokers.ibkr_activity.desk import Desk, Entry
from journal.brokers.ibkr_activity.layouts import number_in
from journal.brokers.ibkr_activity.sections import Row
from journal.brokers.ibkr_activity.vocabulary import (
    BASE_SUMMARY_LABELS,
    ENDING_CASH_LABELS,
    ENDING_SETTLED_CASH_LABELS,
    TOTAL_LABELS,
)
from journal.brokers.text.tables import named
from journal.domain.values import AssetClass

_LEVELS = {"summary": False, "": False, "lot": True}


def read_position(desk: Desk, entry: Entry) -> PositionRow | OtherRow:
    level = entry.text("level").casefold()
    number, account = entry.row.number, entry.account
    if level not in _LEVELS:
        desk.notices.add(account, number, "unknown_level", entry.text("level"))
        return OtherRow(number, account, entry.row.name, entry.raw)
    quantity = entry.wanted("quantity")
    instrument = desk.contract(entry)
    if instrument.asset_class is AssetClass.FOREX:
        # A currency is cash, which the cash report states.
        return OtherRow(number, account, entry.row.name, entry.raw)
    is_lot = _LEVELS[level]
    return PositionRow(
        row=number,
        account_id=account,
        raw=entry.raw,
        instrument=instrument,
        signed_quantity=quantity,
        mark_price=entry.number("mark"),
        value=entry.number("value"),
        cost=entry.number("cost"),
        unrealized_pnl=entry.number("pnl"),
        fx_rate=None,
        reported_on=desk.facts.to_on,
        is_lot=is_lot,
        opened_at=desk.day(entry, "open")[1] if is_lot and entry.text("open") else None,
        opening_broker_id="",
    )


class CashReport:
    """Gives one balance for each currency: what its rows say of it stands one below the other."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._open: CashBalanceRow | None = None

    def read(self, row: Row, account: str) -> list[Record]:
        raw = named(row.header, row.cells)
        label, currency = (*row.cells, "", "")[:2]
        kept = OtherRow(row.number, account, row.name, raw)
        is_settled = label.casefold() in ENDING_SETTLED_CASH_LABELS
        if not is_settled and label.casefold() not in ENDING_CASH_LABELS:
            return [*self.finish(), kept]
        place = next((one for one in (2, 3) if number_in(row.cells, one) is not None), 2)
        total = number_in(row.cells, place)
        if place == 3 and row.cells[2]:
            account = row.cells[2]
        is_base = currency.casefold() in BASE_SUMMARY_LABELS
        currency = "BASE_SUMMARY" if is_base else currency
        before = self._open
        if (
            is_settled
            and before is not None
            and (before.currency, before.account_id) == (currency, account)
        ):
            self._open = before._replace(ending_settled_cash=total)
            return [kept]
        done = self.finish()
        self._open = CashBalanceRow(
            row=row.number,
            account_id=account,
            raw=raw,
            currency=currency,
            is_base=is_base,
            ending_cash=None if is_settled else total,
            ending_settled_cash=total if is_settled else None,
            reported_on=self._desk.facts.to_on,
        )
        return done

    def finish(self) -> list[Record]:
        done, self._open = self._open, None
        return [done] if done is not None else []


def read_nav(desk: Desk, row: Row, account: str) -> Record:
    """The last column but one of the row of totals: prior total, long, short, current total, change."""
    raw = named(row.header, row.cells)
    day = desk.facts.to_on
    is_total = len(row.header) == 6 and row.cells[0].casefold() in TOTAL_LABELS
    total = number_in(row.cells, 4) if is_total else None
    if total is None or day is None:
        return OtherRow(row.number, account, row.name, raw)
    return NavRow(row.number, account, raw, day, total)
