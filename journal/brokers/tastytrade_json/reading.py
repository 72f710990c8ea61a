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
from journal.brokers.tastytrade_json.orders import Orders
from journal.brokers.tastytrade_json.pages import Pages
from journal.brokers.tastytrade_json.standing import (
    Download,
    What,
    read_balance,
    read_position,
    what_is,
)
from journal.brokers.text.safely import FAULTS, left_out
from journal.domain.values import Severity


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
        self._orders = Orders(self._reader)
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
                yield from self._stand(what, item)
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

    def _stand(self, what: What, item: dict[str, Any]) -> Iterator[Record]:
        """What is not a movement. It can be told only of a download, which says of when it is."""
        row, raw = self._pages.count, raw_of(item)
        account_id = text_of(raw, "account-number")
        if self._download is None:
            yield OtherRow(row, account_id, what.value, raw)
            return
        self._download.count(what)
        zone, day = self._zones.of(account_id), self._download.positions_of
        try:
            if what is What.ORDER:
                yield from self._orders.read(row, item, zone)
            elif what is What.BALANCE:
                yield from read_balance(row, raw)
            elif day is not None:
                yield from read_position(row, raw, day, zone, self._reader)
            else:
                yield OtherRow(row, account_id, what.value, raw)
        except FAULTS as fault:
            # No fill and no money: what the book holds is whole without it.
            told = left_out(row, account_id, raw, fault, REMEDIES.get)
            yield told._replace(severity=Severity.WARNING)
