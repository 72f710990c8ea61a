"""The book against one complete word of the broker: everything that differs, and what could not be compared.

Invariants:

* What is incomplete, stale or torn (a fill happened while it was taken) is compared with nothing: it is unknown.
* The order in which either side lists its lines decides nothing, and the same words twice find the same.
* Sides that say the same differ in nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from reconciliation.domain.classes import DivergenceClass
from reconciliation.domain.fills import EDGE, Told, compare_fills
from reconciliation.domain.findings import Finding
from reconciliation.domain.money import compare_cash, compare_realized
from reconciliation.domain.orders import compare_orders
from reconciliation.domain.positions import Circumstances, compare_positions
from reconciliation.domain.records import Action, FillLine, Statement, Terms, Window
from reconciliation.domain.tolerances import Tolerances

# What can only be said of a history without gaps.
_NEEDS_ALL = {DivergenceClass.PHANTOM, DivergenceClass.QUANTITY, DivergenceClass.DUPLICATE_FILL}
# A fill so close to a snapshot may be in its positions, or not: nobody can tell.
SETTLING = timedelta(seconds=10)
_TORN = "A fill happened while the snapshot was taken."


class Part(StrEnum):
    POSITIONS = "positions"
    ORDERS = "orders"
    FILLS = "fills"
    CASH = "cash"
    REALIZED = "realized"


class Setting(NamedTuple):
    """`has_gaps`: stretches of the broker's history are missing, so that nothing can be called gone. `fills_known`: the
    broker's word holds its fills of the whole window."""

    terms: Mapping[int, Terms]
    tolerances: Tolerances
    window: Window
    today: date
    actions: Collection[Action] = ()
    has_gaps: bool = False
    fills_known: bool = True
    locked_at: datetime | None = None


class Comparison(NamedTuple):
    """`compared` are the parts about which this run may say that a difference is gone."""

    findings: list[Finding]
    compared: frozenset[Part]
    skipped: dict[Part, str]


def compare(ours: Statement, theirs: Statement, setting: Setting) -> Comparison:
    """`theirs` is complete and fresh (`reconciliation.domain.feed`)."""
    run = _Run(ours, theirs, setting)
    run.fills()
    run.positions()
    run.orders()
    run.money()
    findings = run.findings
    if setting.has_gaps:
        findings = [one for one in findings if one.kind not in _NEEDS_ALL]
    compared = frozenset(part for part in Part if part not in run.skipped)
    return Comparison(sorted(findings, key=lambda one: (one.key, one.kind)), compared, run.skipped)


class _Run:
    def __init__(self, ours: Statement, theirs: Statement, setting: Setting) -> None:
        self.ours, self.theirs, self.setting = ours, theirs, setting
        self.findings: list[Finding] = []
        self.skipped: dict[Part, str] = {}
        self._settled = theirs.as_of - SETTLING
        self._unbooked: dict[int, Decimal] = {}
        self._gross: dict[int, Decimal] = {}
        self._is_torn = any(
            line.at >= self._settled for side in (ours, theirs) for line in side.fills
        )

    def fills(self) -> None:
        setting = self.setting
        if not setting.fills_known:
            self.skipped[Part.FILLS] = "The broker's fills of the time are not known."
            return
        compared = compare_fills(
            _around(self.ours.fills, setting.window),
            _around(self.theirs.fills, setting.window),
            setting.terms,
            setting.tolerances,
            told=Told(setting.window, self.theirs.as_of),
            locked_at=setting.locked_at,
        )
        self.findings += compared.findings
        self._unbooked, self._gross = compared.unbooked, compared.gross

    def positions(self) -> None:
        if self._is_torn:
            self.skipped[Part.POSITIONS] = _TORN
            return
        setting = self.setting
        known = Circumstances(
            setting.terms,
            setting.tolerances,
            setting.today,
            self._unbooked,
            setting.actions,
            self._gross,
        )
        self.findings += compare_positions(self.ours.positions, self.theirs.positions, known)

    def orders(self) -> None:
        self.findings += compare_orders(self.ours.orders, self.theirs.orders, before=self._settled)

    def money(self) -> None:
        ours, theirs, tolerance = self.ours, self.theirs, self.setting.tolerances.money
        if self._is_torn or self._unbooked:
            # What the fills do to the money would be told once more.
            why = _TORN if self._is_torn else "The fills of the two sides differ."
            self.skipped |= dict.fromkeys((Part.CASH, Part.REALIZED), why)
            return
        if ours.cash is None or theirs.cash is None:
            self.skipped[Part.CASH] = "One side does not state its cash."
        else:
            self.findings += compare_cash(ours.cash, theirs.cash, tolerance)
        if ours.realized is None or theirs.realized is None:
            self.skipped[Part.REALIZED] = "One side does not state what was realised."
        else:
            self.findings += compare_realized(ours.realized, theirs.realized, tolerance)


def _around(lines: Collection[FillLine], window: Window) -> list[FillLine]:
    """With what lies just beyond either end: one clock may have it inside, and the other outside."""
    return [line for line in lines if window.since - EDGE <= line.at < window.until + EDGE]
