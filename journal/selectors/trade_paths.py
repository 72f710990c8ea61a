"""A trade as a way through time: what was open when, at which prices, in the units of its end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q, Sum

from common.sql import fetch
from journal.domain.bars import Basis, Split
from journal.domain.corporate import RESIZING
from journal.domain.exact import exact_sums
from journal.domain.excursions import PathFill, Worth
from journal.domain.values import ZERO, AssetClass, ExecutionKind, Side
from journal.models import Execution, Instrument, Leg, LotMatch, Trade
from journal.selectors.events import action_key, list_actions

SEVERAL = "It has several instruments, and bars do not say what they were worth at the same moment."
COST_UNKNOWN = "What it cost is not known."
_CHANGED = "A corporate action other than a split changed what was held."
_NO_PATH = "Its fills do not say what was open at each moment."
_NO_TIME = "It was opened and closed at the same moment."


class NoPath(Exception):
    """Why a trade's way cannot be told, in words."""


@dataclass(frozen=True, slots=True)
class TradePath:
    """`fills` are in the units of `end`, `traded` those that were made in the market; `basis` knows the splits on the
    way. `until` is None while it is open."""

    instrument: Instrument
    fills: list[PathFill]
    traded: list[PathFill]
    basis: Basis
    worth: Worth
    since: datetime
    until: datetime | None
    end: datetime

    @property
    def is_long(self) -> bool:
        return self.fills[0].signed_quantity > ZERO


@dataclass(slots=True)
class _Step:
    at: datetime
    signed_quantity: Decimal
    price: Decimal
    is_traded: bool


def resized_among(trade_ids: Iterable[int]) -> set[int]:
    """Of these trades those whose contract a corporate action changed while they were open."""
    rows = fetch(
        "SELECT DISTINCT l.trade_id FROM journal_leg l JOIN journal_execution e ON e.account_id = l.account_id "
        "AND e.instrument_id = l.instrument_id AND e.executed_at >= l.opened_at "
        "AND (l.closed_at IS NULL OR e.executed_at <= l.closed_at) "
        "WHERE l.trade_id = ANY(%s) AND e.kind = %s",
        [list(trade_ids), ExecutionKind.CORPORATE_ACTION.value],
    )
    return {trade_id for (trade_id,) in rows}


def splits_of(trade: Trade) -> tuple[Basis, datetime] | None:
    """The splits while it was open, and the moment in whose units its figures are. None where there was none, or they
    cannot be told."""
    if not resized_among([trade.pk]):
        return None
    try:
        path = path_of(trade)
    except NoPath:
        return None
    return (path.basis, path.end) if path.basis.splits else None


def path_of(
    trade: Trade,
    legs: Sequence[Leg] | None = None,
    executions: Sequence[Execution] | None = None,
) -> TradePath:
    """`legs` and `executions` where they are known. Raises NoPath."""
    if legs is None:
        legs = list(trade.legs.select_related("instrument"))
    if len(legs) != 1:
        raise NoPath(SEVERAL)
    leg = legs[0]
    if executions is None:
        own = Execution.objects.filter(Q(leg_id=leg.pk) | Q(closed_leg=leg.pk))
        executions = list(own.order_by("executed_at", "sequence", "id"))
    executions = _with_splits(leg, executions)
    if not trade.cost_known or any(one.known_price is None for one in executions):
        raise NoPath(COST_UNKNOWN)
    with exact_sums():
        steps, splits = _steps(leg, executions)
        return _path(leg, steps, Basis(splits))


def _steps(leg: Leg, executions: Sequence[Execution]) -> tuple[list[_Step], list[Split]]:
    steps: list[_Step] = []
    splits: list[Split] = []
    held = ZERO
    kinds = _action_kinds(leg, executions)
    for one in executions:
        if one.instrument_id != leg.instrument_id:
            raise NoPath(_CHANGED)
        moved = _moved(leg, one, held)
        if one.kind == ExecutionKind.CORPORATE_ACTION:
            if kinds.get(one.fill_key) not in RESIZING or held * (held + moved) <= ZERO:
                raise NoPath(_CHANGED)
            splits.append(Split(one.executed_at, abs(held + moved), abs(held)))
        else:
            is_traded = one.kind in (ExecutionKind.TRADE, ExecutionKind.LIQUIDATION)
            steps.append(_Step(one.executed_at, moved, one.price, is_traded))
        held += moved
    if (leg.closed_at is None) is (held == ZERO):
        raise NoPath(_NO_PATH)
    return steps, splits


def _with_splits(leg: Leg, executions: Sequence[Execution]) -> list[Execution]:
    """Book entries of corporate actions belong to no leg where they realise nothing; they are of its time."""
    entries = Execution.objects.filter(
        account_id=leg.account_id,
        instrument_id=leg.instrument_id,
        kind=ExecutionKind.CORPORATE_ACTION,
        executed_at__gte=leg.opened_at,
    )
    if leg.closed_at is not None:
        entries = entries.filter(executed_at__lte=leg.closed_at)
    known = {one.pk: one for one in (*executions, *entries)}
    return sorted(known.values(), key=lambda one: (one.executed_at, one.sequence, one.pk))


def _action_kinds(leg: Leg, executions: Sequence[Execution]) -> dict[str, str]:
    if all(one.kind != ExecutionKind.CORPORATE_ACTION for one in executions):
        return {}
    actions = list_actions(leg.account_id, [leg.instrument_id])
    return {action_key(one.event_key): one.kind for one in actions}


def _moved(leg: Leg, execution: Execution, held: Decimal) -> Decimal:
    """By how much a fill changes this leg: of one through zero only its part, of a coin less the fee in it."""
    quantity = execution.quantity
    signed = quantity if execution.side == Side.BUY else -quantity
    instrument = leg.instrument
    if instrument.asset_class == AssetClass.CRYPTO and execution.fee_currency == instrument.symbol:
        signed -= execution.fee + execution.tax
    if execution.closed_leg is None or execution.leg_id in (None, execution.closed_leg):
        return signed
    if execution.closed_leg == leg.pk:
        return -held
    closed = LotMatch.objects.filter(closing_id=execution.pk, leg_id=execution.closed_leg)
    before = closed.aggregate(sum=Sum("quantity"))["sum"] or ZERO
    return signed - before if signed > ZERO else signed + before


def _path(leg: Leg, steps: Sequence[_Step], basis: Basis) -> TradePath:
    if not steps:
        raise NoPath(_NO_PATH)
    end = max([steps[-1].at, *(split.at for split in basis.splits)])
    fills = [
        PathFill(
            one.at,
            basis.quantity(one.signed_quantity, one.at, end),
            basis.price(one.price, one.at, end),
            one.price * one.signed_quantity,
        )
        for one in steps
    ]
    if leg.closed_at is not None and fills[0].at == fills[-1].at:
        raise NoPath(_NO_TIME)
    instrument = leg.instrument
    return TradePath(
        instrument=instrument,
        fills=fills,
        traded=[fill for fill, step in zip(fills, steps, strict=True) if step.is_traded],
        basis=basis,
        worth=Worth(instrument.multiplier, inverse=instrument.is_inverse),
        since=fills[0].at,
        until=fills[-1].at if leg.closed_at is not None else None,
        end=end,
    )
