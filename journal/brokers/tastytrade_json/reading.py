"""A file of answers into records: transactions first of all, and what a download has beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from journal.brokers.base import OtherRow, ParseOptions, Record
from journal.brokers.tastytrade.reader import TransactionReader
from journal.brokers.tastytrade.refusals import REMEDIES
from journal.brokers.tastytrade.row import Transaction
from journal.brokers.tastytrade_json.cells import raw_of, text_of
from journal.brokers.tastytrade_json.items import Zones, read_transaction
from journal.brokers.tastytrade_json.pages import Pages
from journal.brokers.tastytrade_json.standing import (
    Download,
    Orders,
    What,
    read_balance,
    read_position,
    what_is,
)
from journal.brokers.text.safely import FAULTS, left_out


def read_transactions(
    stream: BinaryIO, options: ParseOptions, default_zone: str
) -> Iterator[Record]:
    reading = Reading(Zones(options, default_zone), Pages(stream))
    yield from reading.records()


class Reading:
    """Of one file: its transactions, and what a download has beside them."""

    def __init__(self, zones: Zones, pages: Pages) -> None:
        self._zones = zones
        self._pages = pages
        self._reader = TransactionReader()
        self._orders = Orders()
        self._download: Download | None = None
        self._last: Transaction | None = None

    def records(self) -> Iterator[Record]:
        for item in self._pages.items():
            what = what_is(item)
            if what is What.DOWNLOAD:
                yield from self._begin(item)
            elif what is What.TRANSACTION:
                yield from self._take(raw_of(item))
            else:
                yield from self._stand(what, raw_of(item))
        if self._download is not None:
            self._download.check(self._pages.count)
        elif self._last is not None and self._pages.total > self._pages.count:
            missing = self._pages.total - self._pages.count
            self._reader.notices.add(
                self._last.account_id, self._last.row, "pages_missing", str(missing)
            )
        yield from self._reader.finish()

    def _begin(self, item: dict[str, Any]) -> Iterator[Record]:
        if self._download is not None:
            self._download.check(self._pages.count)
        self._download = Download(self._pages.count, item["download"], self._zones)
        yield from self._reader.introduce(self._download.info)

    def _take(self, raw: dict[str, str]) -> Iterator[Record]:
        row = self._pages.count
        account_id = text_of(raw, "account-number")
        if self._download is not None:
            self._download.count(What.TRANSACTION)
        try:
            one, is_contradicted = read_transaction(
                row, raw, account_id, self._zones.of(account_id)
            )
        except FAULTS as fault:
            yield left_out(row, account_id, raw, fault, REMEDIES.get)
            return
        self._last = one
        if is_contradicted:
            self._reader.notices.add(one.account_id, one.row, "net_value_differs")
        for record in self._reader.take(one):
            yield self._orders.complete(record)

    def _stand(self, what: What, raw: dict[str, str]) -> Iterator[Record]:
        """What is not a movement. It can be told only of a download, which says of when it is."""
        row = self._pages.count
        account_id = text_of(raw, "account-number")
        rest = OtherRow(row, account_id, what.value, raw)
        if self._download is None:
            yield rest
            return
        self._download.count(what)
        try:
            yield from self._read_standing(what, row, raw) or [rest]
        except FAULTS as fault:
            yield left_out(row, account_id, raw, fault, REMEDIES.get)

    def _read_standing(self, what: What, row: int, raw: dict[str, str]) -> list[Record]:
        assert self._download is not None  # the caller looked
        if what is What.ORDER:
            self._orders.note(raw)
        if what is What.BALANCE:
            return read_balance(row, raw)
        if what is What.POSITION and self._download.positions_of is not None:
            zone = self._zones.of(text_of(raw, "account-number"))
            return read_position(row, raw, self._download.positions_of, zone, self._reader)
        return []
