"""What proposals that nobody followed would have brought, from the bars that there are.

A proposal is replayed where it is of one instrument that has bars, says on which side, and has an end: a stop, a
target, or a time. One of options, or of several legs, is not: their prices are in no bars of the underlying. What is
not decided yet, and what bars do not tell, stays unknown: nothing is written down, and who asks is told why.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from journal.brokers.capture.outcomes import MarkQuality, OutcomeRow
from journal.domain.bar_coverage import Gap, unbroken
from journal.domain.bars import DAY_SECONDS, Bar, Basis, interval_name
from journal.domain.names import name_key
from journal.domain.replay import Ending, Proposal, Replayed, replay
from journal.domain.standing import Standing
from journal.domain.values import AssetClass, Side
from journal.models import (
    DecidedVia,
    Instrument,
    OutcomeSource,
    PriceBasis,
    PriceSeries,
    Recommendation,
    RecommendationOutcome,
)
from journal.selectors.names import name_key_of
from journal.selectors.prices import splits_for, stream_bars
from journal.selectors.recommendations import list_recommendations
from journal.services.recommendations.deciding import Actor
from journal.services.recommendations.outcomes import tell_outcome

# A minute's bars of half a year.
_BARS_MAX = 60_000
_AT_ONCE = 200
_DERIVED = (AssetClass.OPTION, AssetClass.FUTURE_OPTION, AssetClass.WARRANT)
_HOLD_DAYS = ("max_hold_days", "hold_days", "time_exit_days")
_NOT_FOLLOWED = (Standing.IGNORED, Standing.REJECTED, Standing.EXPIRED)
_ACTOR = Actor(DecidedVia.RULE, "Replay from prices")
_WORDS = {
    Ending.STOP: "stop",
    Ending.TARGET: "target",
    Ending.TIME: "time",
    Ending.NOT_ENTERED: "not entered",
}


class CannotReplay(Exception):
    """Why nothing is known, in words."""


class Told(NamedTuple):
    """What a replay found, by which prices."""

    replayed: Replayed
    series: PriceSeries

    @property
    def quality(self) -> MarkQuality:
        is_days = self.series.seconds >= DAY_SECONDS
        return MarkQuality.EOD_MID if is_days else MarkQuality.INTRADAY_QUOTE


def replay_proposal(proposal: Recommendation) -> Told:
    """By the finest bars that decide it, else by the finest that there are. Raises CannotReplay."""
    terms = _terms(proposal)
    key = name_key(proposal.symbol)
    found = PriceSeries.objects.filter(key=key, last_at__gt=terms.at)
    reasons: list[str] = []
    undecided: Told | None = None
    for series in found.order_by("seconds", "-basis", "pk"):
        try:
            told = Told(replay(terms, _bars(series, key, terms.at)), series)
        except Gap as gap:
            reasons.append(f"Of {series}, {gap}.")
            continue
        if told.replayed.ending is not Ending.OPEN:
            return told
        undecided = undecided or told
    if undecided is not None:
        return undecided
    raise CannotReplay(
        reasons[0]
        if reasons
        else f"There are no price bars of {proposal.symbol} after it was made."
    )


def _terms(proposal: Recommendation) -> Proposal:
    if len(proposal.legs) > 1 or any(
        leg.get("right") or leg.get("strike") for leg in proposal.legs
    ):
        raise CannotReplay(
            "It is of options or of several legs, whose prices are in no bars of the underlying."
        )
    side = proposal.side or (proposal.legs[0].get("side", "") if proposal.legs else "")
    if side not in (Side.BUY, Side.SELL):
        raise CannotReplay("It does not say whether to buy or to sell.")
    leave_at = _leave_at(proposal)
    if proposal.stop_price is None and proposal.target_price is None and leave_at is None:
        raise CannotReplay("It has no stop, no target and no time to leave, so it has no end.")
    return Proposal(
        Side(side),
        proposal.recommended_at,
        proposal.entry_price,
        proposal.stop_price,
        proposal.target_price,
        proposal.expires_at,
        leave_at,
    )


def _leave_at(proposal: Recommendation) -> datetime | None:
    """From a number of days among its features or the scanner's parameters."""
    for name in _HOLD_DAYS:
        stated = proposal.features.get(name, proposal.parameters.get(name))
        value = stated.get("value") if isinstance(stated, dict) else stated
        try:
            days = Decimal(str(value)) if value is not None else Decimal(0)
        except InvalidOperation:
            continue
        if days.is_finite() and 0 < days < 10_000:
            return proposal.recommended_at + timedelta(days=float(days))
    return None


def _bars(series: PriceSeries, key: str, at: datetime) -> Iterator[Bar]:
    """In the units of the proposal's time, up to the first gap. Begins with a bar from before it: without one nobody
    knows what came between."""
    never_closes = series.source.startswith("ccxt")
    stream = stream_bars(series, at, _BARS_MAX)
    first = next(stream, None)
    if first is None or first.opened_at > at:
        raise Gap("there is no bar from before it was made")
    whole = _chained(first, stream)
    bars = unbroken(whole, series.tz, never_closes=never_closes)
    basis = Basis(splits_for([key]))
    if series.basis == PriceBasis.RAW:
        return basis.raw_bars(bars, at)
    return basis.adjusted_bars(bars, max(series.adjusted_at or at, at), at)


def _chained(first: Bar, rest: Iterator[Bar]) -> Iterator[Bar]:
    yield first
    yield from rest


def outcome_row(proposal: Recommendation, told: Told) -> OutcomeRow:
    """Of one that is decided."""
    found = told.replayed
    instrument = _instrument_of(proposal)
    result = None
    if instrument is not None and proposal.quantity is not None and found.per_unit is not None:
        result = found.per_unit * proposal.quantity * instrument.multiplier
    assert found.known_at is not None  # it is decided
    words = [
        f"Replayed from bars of {interval_name(told.series.seconds)}, source {told.series.source}."
    ]
    return OutcomeRow(
        result=result,
        result_per_unit=found.per_unit,
        currency=instrument.currency if instrument is not None and result is not None else "",
        r_multiple=found.r,
        entry_price=found.entry,
        exit_price=found.exit,
        closed_at=found.known_at if found.exit is not None else None,
        close_reason=_WORDS[found.ending],
        mark_quality=told.quality,
        known_at=found.known_at,
        note=" ".join([*words, *found.notes]),
    )


def _instrument_of(proposal: Recommendation) -> Instrument | None:
    """What the workspace knows by that symbol, where it is one thing; an inverse contract has no result by price."""
    found = Instrument.objects.filter(symbol=proposal.symbol, is_inverse=False)
    several = list(found.exclude(asset_class__in=_DERIVED)[:2])
    return several[0] if len(several) == 1 else None


def replay_outcome(proposal: Recommendation) -> RecommendationOutcome | None:
    """Written down where it is decided; the same again changes nothing. None while it is not. Raises CannotReplay."""
    told = replay_proposal(proposal)
    if told.replayed.ending is Ending.OPEN:
        return None
    outcome, _ = tell_outcome(
        proposal, outcome_row(proposal, told), _ACTOR, source=OutcomeSource.REPLAY
    )
    return outcome


def list_unreplayed() -> QuerySet[Recommendation]:
    """Those that nobody followed, of markets with prices, that have no outcome yet."""
    told = RecommendationOutcome.objects.filter(record_id=OuterRef("record_id"))
    rows = list_recommendations().filter(**{"status__in": _NOT_FOLLOWED})
    keys = list(PriceSeries.objects.values_list("key", flat=True).distinct())
    named = rows.alias(name=name_key_of("symbol")).filter(name__in=keys)
    return named.filter(~Exists(told)).order_by("-pk")


def replay_ignored() -> int:
    """How many outcomes came to be known, in the open workspace."""
    count = tried = 0
    # By chance, so that those which stay undecided do not hold up the others for ever.
    for proposal in list_unreplayed().order_by("?").iterator():
        try:
            _terms(proposal)
            tried += 1
            if tried > _AT_ONCE:
                break
            count += replay_outcome(proposal) is not None
        except CannotReplay:
            continue
    return count
