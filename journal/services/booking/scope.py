"""What has to be booked again: connected instruments together, from the leg that was touched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from journal.selectors.corrections import list_retimed_instruments
from journal.selectors.events import list_event_links
from journal.selectors.evidence import list_delivery_links, list_uncuttable_instruments
from journal.selectors.openings import list_reached_openings

Since = datetime | None
# Each round of the search for a flat start follows one reversal. A strategy that is never flat is booked whole.
_REVERSALS_MAX = 16
_BATCH_REPORTS = 2_500


class Group(NamedTuple):
    """Instruments that are booked in one stream, each from `since` on (None: from the beginning)."""

    instrument_ids: tuple[int, ...]
    since: Since


def plan_groups(account_id: int, touched: Mapping[int, Since]) -> list[Group]:
    links = [*list_delivery_links(account_id), *list_event_links(account_id)]
    singles: dict[int, Since] = {}
    groups = []
    for members in _components(touched, links):
        if len(members) == 1:
            singles[members[0]] = touched[members[0]]
        else:
            groups.append(Group(members, None))
    scattered = list_retimed_instruments(account_id) | list_uncuttable_instruments(account_id)
    for instrument_id in scattered & singles.keys():
        # What belongs together stands at different times: no moment keeps all of it on one side.
        singles[instrument_id] = None
    starts = _flat_starts(account_id, singles)
    moments = {instrument_id: at for instrument_id, at in starts.items() if at is not None}
    # What was held before the first statement follows from everything up to the day of that statement.
    starts |= dict.fromkeys(list_reached_openings(account_id, moments))
    groups += [Group((instrument_id,), since) for instrument_id, since in starts.items()]
    return groups


def _components(
    touched: Iterable[int], links: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, ...]]:
    """The touched instruments with all that they are linked to, directly or through others."""
    neighbours: dict[int, set[int]] = defaultdict(set)
    for one, other in links:
        neighbours[one].add(other)
        neighbours[other].add(one)
    seen: set[int] = set()
    for start in touched:
        if start in seen:
            continue
        component, waiting = {start}, [start]
        while waiting:
            fresh = neighbours[waiting.pop()] - component
            component |= fresh
            waiting.extend(fresh)
        seen |= component
        yield tuple(sorted(component))


def _flat_starts(account_id: int, since: Mapping[int, Since]) -> dict[int, Since]:
    """For each instrument the moment of its last being flat before `since`.

    A leg that ends exactly where another starts was turned around by one fill: then the search goes on from
    the start of that earlier leg.
    """
    starts = dict(since)
    moving = {key: at for key, at in starts.items() if at is not None}
    for _ in range(_REVERSALS_MAX):
        if not moving:
            return starts
        earlier = _earliest_touched_leg(account_id, moving)
        moving = {key: earlier[key] for key, at in moving.items() if earlier.get(key, at) < at}
        starts.update(moving)
    starts.update(dict.fromkeys(moving))
    return starts


def _earliest_touched_leg(account_id: int, since: Mapping[int, datetime]) -> dict[int, datetime]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT leg.instrument_id, min(leg.opened_at) "
            "FROM unnest(%s::bigint[], %s::timestamptz[]) AS wanted (instrument_id, since) "
            "JOIN journal_leg leg ON leg.account_id = %s "
            "AND leg.instrument_id = wanted.instrument_id "
            "AND (leg.closed_at IS NULL OR leg.closed_at >= wanted.since) "
            "GROUP BY leg.instrument_id",
            [list(since), list(since.values()), account_id],
        )
        return dict(cursor.fetchall())


def in_batches(groups: list[Group], counts: Mapping[int, int]) -> Iterator[list[Group]]:
    """Groups cut so that one batch's evidence fits comfortably in memory (one large group is one batch).

    `counts` are reports per instrument.
    """
    batch: list[Group] = []
    size = 0
    for group in groups:
        reports = sum(counts.get(instrument_id, 0) for instrument_id in group.instrument_ids)
        if batch and size + reports > _BATCH_REPORTS:
            yield batch
            batch, size = [], 0
        batch.append(group)
        size += reports
    if batch:
        yield batch
