"""Stretches of time: what is known, and what is missing between.

A list of spans in order, none empty, none touching another, is called tidy. Everything here gives tidy lists.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple


class Span(NamedTuple):
    """From `since` up to and without `until`."""

    since: datetime
    until: datetime


def join(spans: Iterable[Span], *, apart: timedelta = timedelta()) -> list[Span]:
    """Those that overlap or touch, or lie no further apart than that, as one."""
    joined: list[Span] = []
    for span in sorted(span for span in spans if span.since < span.until):
        if joined and span.since <= joined[-1].until + apart:
            joined[-1] = Span(joined[-1].since, max(joined[-1].until, span.until))
        else:
            joined.append(span)
    return joined


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """What of the first is in none of the second."""
    left: list[Span] = []
    holes = join(taken)
    for since, until in join(spans):
        at = since
        for hole in holes:
            if hole.until <= at or hole.since >= until:
                continue
            left.append(Span(at, hole.since))
            at = hole.until
        left.append(Span(at, until))
    return join(left)
