"""The fills of a window: which of the broker's the book lacks, which of the book's the broker does not know, and how
those that are the same differ."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from journal.domain.values import ZERO
from reconciliation.domain.classes import DivergenceClass as Kind
from reconciliation.domain.classes import Severity
from reconciliation.domain.findings import Finding, figures
from reconciliation.domain.matching import Level, Matched, Pair, match_fills
from reconciliation.domain.records import Cause, FillLine, Terms, Window
from reconciliation.domain.tolerances import Tolerance, Tolerances

# So many fills that are all off by the same time are a clock, not an accident.
_OFF_FROM = 3
_HALF_HOUR = timedelta(minutes=30)
_FARTHEST = timedelta(hours=14)
_CLOSED_BY = {
    Cause.BY_HAND: Kind.MANUAL_CLOSE,
    Cause.STOP: Kind.STOP_TARGET_FILL,
    Cause.TARGET: Kind.STOP_TARGET_FILL,
}


# What only one side has so near an end of the window, or so fresh, may be on its way to the other one.
EDGE = timedelta(minutes=5)


class Told(NamedTuple):
    """Of which lines it is told that the other side lacks them: not near the ends of the window, nor of `as_of`."""

    window: Window
    as_of: datetime
    # By how much the times of one side are wrong: so far from the ends its lines may be missing.
    off: timedelta = timedelta()

    def holds(self, line: FillLine) -> bool:
        edge = (timedelta(days=1) if line.is_dated else EDGE) + abs(self.off)
        return self.window.since + edge <= line.at < min(self.window.until, self.as_of) - edge


class FillsCompared(NamedTuple):
    """`unbooked` is by instrument what the broker's fills that the book lacks move, less what the book has beyond them:
    so much of a difference in positions is explained. `gross` is what those fills come to, bought and sold alike."""

    findings: list[Finding]
    matched: Matched
    unbooked: dict[int, Decimal]
    gross: dict[int, Decimal]


def compare_fills(
    ours: Sequence[FillLine],
    theirs: Sequence[FillLine],
    terms: Mapping[int, Terms],
    tolerances: Tolerances,
    *,
    told: Told,
    locked_at: datetime | None = None,
) -> FillsCompared:
    """Both of the same window and a little more. `locked_at`: since when nothing new may be opened."""
    distinct, findings = _without_repeats(theirs)
    matched = match_fills(ours, distinct, terms, tolerances)
    off = find_offset(matched, terms, tolerances)
    if off is not None:
        shifted = [line._replace(at=line.at + off) for line in ours]
        matched = match_fills(shifted, distinct, terms, tolerances)
        findings.append(_clock(off, len(matched.pairs)))
        told = told._replace(off=off)
    for pair in matched.pairs:
        findings += _differences(pair, terms, tolerances)
    known = {id_ for pair in matched.pairs for line in pair.theirs for id_ in line.ids}
    findings += [_missing(line, known) for line in matched.theirs if told.holds(line)]
    findings += [_maybe(pair) for pair in matched.proposed]
    equals = Counter(_values(line) for pair in matched.pairs for line in pair.ours)
    findings += [_excess(line, equals) for line in matched.ours if told.holds(line)]
    if locked_at is not None:
        findings += [_after_lock(line, locked_at) for line in distinct if _is_new(line, locked_at)]
    return FillsCompared(findings, matched, _unbooked(matched), _gross(matched))


def compare_words(
    told_twice: Iterable[tuple[FillLine, FillLine]],
    news: Iterable[FillLine],
    terms: Mapping[int, Terms],
    tolerances: Tolerances,
    *,
    told: Told,
) -> list[Finding]:
    """What our own side said of fills against the broker's word on them, and `news`: fills that the broker alone told
    of. The book counts all of them by the broker's figures already (`booked`), so nothing is missing in it."""
    pairs = [
        Pair(Level.FILL_ID, (ours,), (theirs,))
        for ours, theirs in told_twice
        if told.window.since <= theirs.at < told.window.until
    ]
    findings = [one for pair in pairs for one in _differences(pair, terms, tolerances)]
    if (off := _offset_of_named(pairs)) is not None:
        findings.append(_clock(off, len(pairs)))
    findings += [_missing(line, ()) for line in news if told.holds(line)]
    return [one._replace(expected={**one.expected, "booked": "yes"}) for one in findings]


def find_offset(
    matched: Matched, terms: Mapping[int, Terms], tolerances: Tolerances
) -> timedelta | None:
    """By how much the book's times are off, where that is the same for all that can be compared: whole half hours, as
    a wrong zone has them. None where they are not off, or nothing can be said."""
    if any(_is_named(pair) for pair in matched.pairs):
        return _offset_of_named(matched.pairs)
    return _offset_of_the_rest(matched, terms, tolerances)


def _offset_of_named(pairs: Iterable[Pair]) -> timedelta | None:
    offs = Counter(
        _half_hours(pair.theirs[0].at - pair.ours[0].at) for pair in pairs if _is_named(pair)
    )
    if len(offs) != 1:
        return None
    ((off, count),) = offs.items()
    return off if off and count >= _OFF_FROM else None


def _is_named(pair: Pair) -> bool:
    return pair.level is Level.FILL_ID and not _is_dated(pair)


def _offset_of_the_rest(
    matched: Matched, terms: Mapping[int, Terms], tolerances: Tolerances
) -> timedelta | None:
    """Where no ids tell: the one shift by which all that is left on both sides would match."""
    ours, theirs = matched.ours, matched.theirs
    if matched.pairs or len(ours) != len(theirs) or len(ours) < _OFF_FROM:
        return None
    offs = {_half_hours(b.at - a.at) for a in ours[:1] for b in theirs}
    fitting = []
    for off in sorted(one for one in offs if one):
        shifted = [line._replace(at=line.at + off) for line in ours]
        again = match_fills(shifted, theirs, terms, tolerances)
        if not (again.ours or again.theirs or again.proposed):
            fitting.append(off)
    return fitting[0] if len(fitting) == 1 else None


def _half_hours(apart: timedelta) -> timedelta | None:
    """The nearest number of half hours, None where it is not near one."""
    off = round(apart / _HALF_HOUR) * _HALF_HOUR
    return off if abs(apart - off) <= timedelta(minutes=2) and abs(off) <= _FARTHEST else None


def _is_dated(pair: Pair) -> bool:
    return any(line.is_dated for line in (*pair.ours, *pair.theirs))


def _without_repeats(theirs: Iterable[FillLine]) -> tuple[list[FillLine], list[Finding]]:
    """A fill that the broker tells twice in the same words is one; in other words somebody has to look."""
    by_id: dict[str, list[FillLine]] = defaultdict(list)
    told: list[FillLine] = []
    for line in theirs:
        if line.ids:
            by_id[line.ids[0]].append(line)
        else:
            told.append(line)
    findings = []
    for id_, lines in by_id.items():
        told.append(lines[0])
        bodies = {line._replace(evidence=()) for line in lines}
        if len(bodies) > 1:
            first, *others = sorted(lines, key=lambda line: (line.at, line.quantity, line.price))
            findings.append(
                Finding(Kind.DUPLICATE_FILL, f"told:{id_}", first.instrument_id, first.symbol,
                        _told(first), _told(others[-1]), _evidence(lines))
            )  # fmt: skip
    return told, findings


def _differences(
    pair: Pair, terms: Mapping[int, Terms], tolerances: Tolerances
) -> Iterable[Finding]:
    ours, theirs = pair.ours[0], pair.theirs[0]
    if ours.instrument_id != theirs.instrument_id and theirs.instrument_id is None:
        yield _between(Kind.INSTRUMENT_MAP, pair)
        return
    known = terms.get(ours.instrument_id or 0)
    tolerance = tolerances.of(known.asset_class) if known else tolerances.money
    if ours.side != theirs.side:
        yield _between(Kind.SIDE, pair)
        return
    quantities = [
        sum((line.quantity for line in lines), ZERO) for lines in (pair.ours, pair.theirs)
    ]
    if known and not tolerance.same_quantity(known, *quantities):
        yield _between(Kind.QUANTITY, pair, severity=Severity.ERROR)
    is_single = len(pair.ours) == len(pair.theirs) == 1
    if known and is_single and not tolerance.same_price(known, ours.price, theirs.price):
        yield _between(Kind.PRICE, pair)
    yield from _costs(pair, tolerance)


def _costs(pair: Pair, tolerance: Tolerance) -> Iterable[Finding]:
    """Fees of one currency are compared, rates where both sides state one; a fee in another currency is converted at
    a rate that nobody stated, which is said and not counted."""
    lines = (*pair.ours, *pair.theirs)
    if any(line.fee is None for line in lines):
        return
    if len({line.fee_currency for line in lines}) > 1:
        yield _between(Kind.FX, pair)
        return
    fees = [sum((line.fee or ZERO for line in some), ZERO) for some in (pair.ours, pair.theirs)]
    if abs(fees[0] - fees[1]) > tolerance.fee:
        yield _between(Kind.FEE, pair, fee=fees)
    rates = [some[0].fx_rate for some in (pair.ours, pair.theirs)]
    if rates[0] and rates[1]:
        slack = tolerance.realized_ratio * max(rates[0], rates[1])
        if abs(rates[0] - rates[1]) > slack:
            yield _between(Kind.FX, pair, fx_rate=[rates[0], rates[1]])


def _missing(line: FillLine, known: Iterable[str]) -> Finding:
    """What kind of a fill it is that the book does not have."""
    if line.reverses:
        kind = Kind.CANCEL_CORRECT
    elif line.instrument_id is None:
        kind = Kind.INSTRUMENT_MAP
    elif line.cause is Cause.FORCED:
        kind = Kind.FORCED_CLOSE
    elif line.is_closing and line.cause in _CLOSED_BY:
        kind = _CLOSED_BY[line.cause]
    else:
        kind = Kind.MISSING_IN_JOURNAL
    words = {"cause": str(line.cause)} if line.cause is not Cause.UNKNOWN else {}
    reverses = (
        {"reverses": ", ".join(line.reverses), "original": _whether(line, known)}
        if line.reverses
        else {}
    )
    return Finding(
        kind, f"fill:{line.key}", line.instrument_id, line.symbol, {}, _told(line) | words | reverses, line.evidence
    )  # fmt: skip


def _whether(line: FillLine, known: Iterable[str]) -> str:
    return "booked" if not set(line.reverses).isdisjoint(known) else "not booked"


def _maybe(pair: Pair) -> Finding:
    """What may be the same and is not told by any id: a person says so."""
    first = pair.theirs[0]
    return Finding(
        Kind.MISSING_IN_JOURNAL, f"fill:{first.key}", first.instrument_id, first.symbol,
        _together(pair.ours), _together(pair.theirs), _evidence((*pair.ours, *pair.theirs)), Severity.WARNING,
    )  # fmt: skip


def _excess(line: FillLine, equals: Mapping[tuple[object, ...], int]) -> Finding:
    kind = Kind.DUPLICATE_FILL if equals.get(_values(line)) else Kind.PHANTOM
    return Finding(
        kind, f"fill:{line.key}", line.instrument_id, line.symbol, _told(line), {}, line.evidence
    )


def _is_new(line: FillLine, locked_at: datetime) -> bool:
    """What closes is allowed, and what is ours closes."""
    return line.at > locked_at and not line.is_closing and line.cause is not Cause.OURS


def _after_lock(line: FillLine, locked_at: datetime) -> Finding:
    return Finding(
        Kind.POST_LOCK_TRADE, f"fill:{line.key}", line.instrument_id, line.symbol,
        {"locked_at": locked_at.isoformat()}, _told(line), line.evidence,
    )  # fmt: skip


def _clock(off: timedelta, count: int) -> Finding:
    minutes = int(off.total_seconds() // 60)
    told = figures(minutes_off=minutes, fills=count)
    return Finding(Kind.TIMEZONE, "clock", None, "", {"minutes_off": "0"}, told)


def _unbooked(matched: Matched) -> dict[int, Decimal]:
    """All of theirs less all of ours, whatever was matched."""
    moved: defaultdict[int, Decimal] = defaultdict(Decimal)
    pairs = (*matched.pairs, *matched.proposed)
    theirs = (*matched.theirs, *(line for pair in pairs for line in pair.theirs))
    ours = (*matched.ours, *(line for pair in pairs for line in pair.ours))
    for sign, lines in ((1, theirs), (-1, ours)):
        for line in lines:
            moved[line.instrument_id or 0] += sign * line.signed_quantity
    return {id_: quantity for id_, quantity in moved.items() if id_ and quantity}


def _gross(matched: Matched) -> dict[int, Decimal]:
    moved: defaultdict[int, Decimal] = defaultdict(Decimal)
    for line in (*matched.theirs, *matched.ours):
        moved[line.instrument_id or 0] += line.quantity
    for pair in (*matched.pairs, *matched.proposed):
        apart = [sum((line.quantity for line in lines), ZERO) for lines in (pair.ours, pair.theirs)]
        moved[pair.ours[0].instrument_id or 0] += abs(apart[0] - apart[1])
    return dict(moved)


def _between(
    kind: Kind, pair: Pair, severity: Severity | None = None, **values: Sequence[Decimal]
) -> Finding:
    ours, theirs = pair.ours[0], pair.theirs[0]
    more = [figures(**{name: both[side] for name, both in values.items()}) for side in (0, 1)]
    return Finding(
        kind, f"fill:{theirs.key}", ours.instrument_id, ours.symbol, _together(pair.ours) | more[0],
        _together(pair.theirs) | more[1], _evidence((*pair.ours, *pair.theirs)), severity,
    )  # fmt: skip


def _values(line: FillLine) -> tuple[object, ...]:
    return line.instrument_id, line.side, line.quantity, line.price, line.at


def _told(line: FillLine) -> dict[str, str]:
    return figures(
        symbol=line.symbol, side=str(line.side), quantity=line.quantity, price=line.price,
        at=line.at.isoformat(), fee=line.fee, fee_currency=line.fee_currency,
    )  # fmt: skip


def _together(lines: Sequence[FillLine]) -> dict[str, str]:
    if len(lines) == 1:
        return _told(lines[0])
    total = sum((line.quantity for line in lines), ZERO)
    return _told(lines[0]) | figures(quantity=total, fills=len(lines))


def _evidence(lines: Iterable[FillLine]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row for line in lines for row in line.evidence))
