"""Whether the broker was heard at all, in time and without gaps: what has to hold before anything is compared."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from reconciliation.domain.classes import DivergenceClass as Kind
from reconciliation.domain.findings import Finding, figures


class Gap(NamedTuple):
    """A stretch of the broker's history that nobody has: `why` in a word (sequence, window, shrunk)."""

    since: datetime
    until: datetime
    why: str


class Feed(NamedTuple):
    """`complete_at` is of the latest complete snapshot, None where there was none since `watched_from`. `unknown_words`
    are values and sections of the broker that no reader knows, with how often they came."""

    watched_from: datetime
    complete_at: datetime | None
    patience: timedelta
    gaps: tuple[Gap, ...] = ()
    unknown_words: tuple[tuple[str, int], ...] = ()


def judge_feed(feed: Feed, now: datetime) -> list[Finding]:
    findings = [
        Finding(Kind.GAP, f"gap:{gap.why}:{gap.since.isoformat()}", None, "", {},
                {"since": gap.since.isoformat(), "until": gap.until.isoformat(), "why": gap.why})
        for gap in feed.gaps
    ]  # fmt: skip
    if is_stale(feed, now):
        heard = feed.complete_at.isoformat() if feed.complete_at else "never"
        late = figures(patience_seconds=int(feed.patience.total_seconds()))
        findings.append(Finding(Kind.STALE_FEED, "feed", None, "", late, {"heard_at": heard}))
    return findings + list(_words(feed.unknown_words))


def is_stale(feed: Feed, now: datetime) -> bool:
    return now - max(feed.complete_at or feed.watched_from, feed.watched_from) > feed.patience


def _words(words: Iterable[tuple[str, int]]) -> Iterable[Finding]:
    for word, count in words:
        yield Finding(Kind.SCHEMA, f"word:{word}", None, "", {}, figures(word=word, times=count))
