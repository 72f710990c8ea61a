"""What a pull asks for: all that is missing, and once more what the broker may have added late."""

from __future__ import annotations

from datetime import datetime, timedelta

from journal.brokers.fetching import Fetcher, Window
from journal.domain.spans import Span, join, without
from journal.models import ImportState, Pull
from journal.selectors.coverage import WHOLE, beginning, coverage_of

_DAY = timedelta(days=1)


def settle_window(pull: Pull, fetcher: Fetcher, *, now: datetime) -> None:
    """Fix what the pull asks for in any case, once: the end of what is known, and the overlap before it."""
    if pull.until is not None:
        return
    start = beginning(pull.connection, fetcher, now=now)
    if pull.days_back is not None:
        since = now - timedelta(days=pull.days_back)
    else:
        since = max(start, _end_of_known(pull, fetcher, start))
    pull.since, pull.until = min(since, now), now
    pull.save(update_fields=["since", "until"])


def _end_of_known(pull: Pull, fetcher: Fetcher, start: datetime) -> datetime:
    """From where on the broker may have added something: the overlap before the end, and a stretch that reaches into it
    and of which something could not be read, from its start: part of it would never be asked for again."""
    coverage = coverage_of([pull.connection_id])[pull.connection_id]
    known = coverage.settled.get(WHOLE, [])
    if not known:
        return start
    end = known[-1].until
    since = end - fetcher.overlap
    lacking = without(known, coverage.held.get(WHOLE, []))
    reaching = [span.since for span in lacking if span.until > since >= span.since]
    return min([since, *(at for at in reaching if at >= end - 3 * fetcher.overlap)])


def windows_of(pull: Pull, fetcher: Fetcher) -> list[Window]:
    """The oldest first, none touching another; without what the pull has brought before it was interrupted."""
    assert pull.since is not None
    assert pull.until is not None
    wanted = [Span(pull.since, pull.until)]
    if pull.days_back is None:
        start = beginning(pull.connection, fetcher, now=pull.until)
        known = coverage_of([pull.connection_id])[pull.connection_id].settled.get(WHOLE, [])
        wanted += without([Span(start, pull.until)], known)
    missing = join(without(wanted, _spans_of(pull)), apart=fetcher.overlap)
    # The last one is open at its end: what is the case now is wanted too.
    return [
        Window(span.since, span.until + _DAY if span.until == pull.until else span.until)
        for span in missing
    ]


def _spans_of(pull: Pull) -> list[Span]:
    """What this pull has brought of the whole connection."""
    rows = pull.documents.filter(account_number=WHOLE, since__isnull=False, until__isnull=False)
    rows = rows.exclude(batch__state=ImportState.FAILED)
    return [
        Span(since, until) for since, until in rows.values_list("since", "until") if since and until
    ]
