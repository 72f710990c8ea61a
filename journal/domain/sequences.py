"""What a series of numbered pushes holds: which numbers are missing, and up to when everything is there.

A push says that, with all pushes before it, everything up to `complete_until` is there. One with a window holds all
that happened from its start up to its end, whatever came before. So a number that is missing is made up for by the push
itself, if it comes late, or by one whose window reaches back to what is known to be complete.

Invariants: `complete_until` never falls; it never passes what a missing push may have held; no order of pushes and no
repetition makes another end of it than their own order, once none is missing.
"""

from __future__ import annotations

from typing import NamedTuple

# While something is missing it is asked for again after so many pushes: the first answer may have been lost.
ASK_AGAIN = 20


class Push(NamedTuple):
    """`since` and `until` are its window, both None where it has none. Times are whole seconds of one clock."""

    sequence: int
    complete_until: int
    since: int | None = None
    until: int | None = None


class Series(NamedTuple):
    """`missing` are stretches of numbers, first and last, in order. `claimed` is the latest end that a push has named.

    `asked_at` is the number after which the sender was asked for what is missing, 0 for never.
    """

    highest: int = 0
    missing: tuple[tuple[int, int], ...] = ()
    complete_until: int = 0
    claimed: int = 0
    asked_at: int = 0


def take(series: Series, push: Push) -> Series:
    """The series with a push that has not been taken before."""
    is_highest = push.sequence > series.highest
    missing = (
        _opened(series, push.sequence) if is_highest else _without(series.missing, push.sequence)
    )
    complete_until = series.complete_until
    claimed = max(series.claimed, push.complete_until)
    # The second of `complete_until` itself is known; a window may begin with the next.
    if push.since is not None and push.until is not None and push.since <= complete_until + 1:
        complete_until = max(complete_until, push.until)
        # It must also reach up to all that was ever said to be there: a missing push may have held the last of it.
        if complete_until >= claimed:
            missing = ()
    if not missing:
        complete_until = max(complete_until, claimed)
    highest = max(series.highest, push.sequence)
    return Series(highest, missing, complete_until, claimed, series.asked_at if missing else 0)


def distrust(series: Series) -> Series:
    """Nothing that was sent counts any more: all of it has to be sent again."""
    return Series(series.highest, ((0, 0),), 0, 0, 0)


def ask(series: Series) -> tuple[Series, int | None]:
    """From when the sender is to send again, None where nothing is missing or it was asked a moment ago."""
    if not series.missing:
        return series, None
    if series.asked_at and series.highest < series.asked_at + ASK_AGAIN:
        return series, None
    return series._replace(asked_at=max(series.highest, 1)), series.complete_until


def _opened(series: Series, sequence: int) -> tuple[tuple[int, int], ...]:
    first, last = series.highest + 1, sequence - 1
    return series.missing if first > last else (*series.missing, (first, last))


def _without(missing: tuple[tuple[int, int], ...], sequence: int) -> tuple[tuple[int, int], ...]:
    left: list[tuple[int, int]] = []
    for first, last in missing:
        if not first <= sequence <= last:
            left.append((first, last))
            continue
        if first < sequence:
            left.append((first, sequence - 1))
        if sequence < last:
            left.append((sequence + 1, last))
    return tuple(left)
