"""The reports of an import, kept from writing them until they are booked, so that they need not be read back.

Only for accounts without earlier reports, whose evidence is then wholly here, and only so many that memory stays
small. Reports come out as they would from the database (tests compare the two).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from operator import attrgetter, itemgetter
from typing import NamedTuple

from common.copy_text import NULL, array_of, fields_of
from journal.models import ImportBatch
from journal.reading.lines import BODY_COLUMNS
from journal.selectors.evidence import Report

# About half a kilobyte each.
REPORTS_MAX = 150_000
# Statements are sorted by contract more often than by time: an instrument that so many rows have not mentioned
# seldom comes again.
SETTLED_AFTER = 2_000

_NAMES = (
    "report", "kind", "authority", "broker_id", "exec_id", "trade_id", "order_id", "original_ids",
    "side", "quantity", "price", "fee", "tax", "fee_currency", "fx_rate", "effect", "stated_cost",
    "stated_pnl", "stated_at",
)  # fmt: skip
_taken = itemgetter(*map(BODY_COLUMNS.index, _NAMES))
_IN_TIME = attrgetter("executed_at", "sequence", "id")
_NO_IDS = "{}"
# How the body of a trade begins that is no cancel, no delivery and no whole order (authority 20).
_PLAIN = ("fill\ttrade\t40\t", "fill\ttrade\t35\t", "fill\ttrade\t30\t")


class KeptReport(NamedTuple):
    """`body` as in ExecutionLine."""

    id: int
    fill_key: str
    sequence: int
    executed_at: datetime
    body: str


class KeptReports:
    def __init__(self, batch: ImportBatch) -> None:
        self._batch_id = batch.pk
        self._source = batch.reported_by
        # What statements say of when they were made, as text and as a moment: few for many reports.
        self._moments = {NULL: batch.received_at}
        self._accounts: dict[int, dict[int, list[KeptReport]]] = {}
        self._count = 0
        # Per account, instruments of nothing but plain fills that nobody has taken: the count when last added to.
        self._waiting: dict[int, dict[int, int]] = {}
        self._looked_at: dict[int, int] = {}
        self._passed: set[tuple[int, int]] = set()

    def begin(self, account_id: int) -> None:
        """From here on all reports of this account are added; there are none before."""
        if self._count <= REPORTS_MAX:
            self._accounts[account_id] = {}
            self._waiting[account_id] = {}

    def add(self, account_id: int, instrument_id: int, kept: KeptReport) -> None:
        account = self._accounts.get(account_id)
        if account is None:
            return
        self._count += 1
        if self._count > REPORTS_MAX:
            self._accounts.clear()
            self._waiting.clear()
            return
        listed = account.get(instrument_id)
        if listed is None:
            account[instrument_id] = [kept]
        else:
            listed.append(kept)
        if (account_id, instrument_id) in self._passed:
            return
        if kept.body.startswith(_PLAIN):
            self._waiting[account_id][instrument_id] = self._count
        else:
            self._pass(account_id, instrument_id)

    def _pass(self, account_id: int, instrument_id: int) -> None:
        self._passed.add((account_id, instrument_id))
        self._waiting[account_id].pop(instrument_id, None)

    def take_settled(self, account_id: int) -> list[int]:
        """Instruments of nothing but plain fills that have not come again for a while. Each is given once at most."""
        if self._looked_at.get(account_id) == self._count:
            return []
        self._looked_at[account_id] = self._count
        waiting = self._waiting.get(account_id, {})
        settled = [id_ for id_, last in waiting.items() if self._count - last >= SETTLED_AFTER]
        for instrument_id in settled:
            self._pass(account_id, instrument_id)
        return settled

    def holds(self, account_id: int) -> bool:
        return account_id in self._accounts

    def counts(self, account_id: int) -> dict[int, int]:
        """Reports per instrument."""
        return {id_: len(listed) for id_, listed in self._accounts[account_id].items()}

    def reports(
        self, account_id: int, since: Mapping[int, datetime | None]
    ) -> dict[int, list[Report]]:
        """Per instrument its reports from the given moment on (None: all of them), in booking order."""
        account = self._accounts[account_id]
        found = {}
        for instrument_id, at in since.items():
            listed = [
                self._report(instrument_id, kept)
                for kept in account.get(instrument_id, ())
                if at is None or kept.executed_at >= at
            ]
            if listed:
                listed.sort(key=_IN_TIME)
                found[instrument_id] = listed
        return found

    def _report(self, instrument_id: int, kept: KeptReport) -> Report:
        (
            report, kind, authority, broker_id, exec_id, trade_id, order_id, original_ids, side,
            quantity, price, fee, tax, fee_currency, fx_rate, effect, stated_cost, stated_pnl,
            stated_at,
        ) = _taken(fields_of(kept.body))  # fmt: skip
        number = _expanded if "E+" in kept.body else Decimal
        return Report(
            kept.id, instrument_id, self._batch_id, self._source, report, kind,
            int(authority), kept.fill_key, broker_id, exec_id, trade_id, order_id,
            [] if original_ids == _NO_IDS else array_of(original_ids),
            side, number(quantity), number(price), kept.executed_at, kept.sequence,
            None if fee == NULL else number(fee), None if tax == NULL else number(tax), fee_currency,
            None if fx_rate == NULL else number(fx_rate), effect,
            None if stated_cost == NULL else number(stated_cost),
            None if stated_pnl == NULL else number(stated_pnl), self._moment(stated_at),
        )  # fmt: skip

    def _moment(self, field: str) -> datetime:
        moment = self._moments.get(field)
        if moment is None:
            moment = self._moments[field] = datetime.fromisoformat(field)
        return moment


def _expanded(field: str) -> Decimal:
    """With the digits that the database gives: of 4.1E+4 these are 41000, and products have as many after the point."""
    return Decimal(f"{Decimal(field):f}")
