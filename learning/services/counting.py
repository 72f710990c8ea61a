"""Figures of the parts of the book: gone on with where a trade was known after all others, else counted again from the
last checkpoint before what changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from django.db.models import Q

from common.sql import fetch
from learning.domain.metrics.running import Running
from learning.models import MetricState, TradeFact
from learning.services.changes import Change, changes_by_part
from learning.services.keeping import Move
from learning.services.parts import FORMULAS, Known, Moment, PartKey, Progress
from learning.services.writing import write

_AT_ONCE = 2_000
# The newest checkpoint of each state before a moment.
_CHECKPOINTS = """
SELECT told.id, p.n, p.known_at, p.trade_id, p.checkpoint
FROM unnest(%s::bigint[], %s::timestamptz[], %s::bigint[]) AS told (id, at, trade) CROSS JOIN LATERAL (
    SELECT n, known_at, trade_id, checkpoint FROM learning_metricpoint
    WHERE of_id = told.id AND checkpoint IS NOT NULL AND (known_at, trade_id) < (told.at, told.trade)
    ORDER BY n DESC LIMIT 1
) p
"""


def refresh_states(workspace_id: int, moves: Sequence[Move]) -> int:
    """Counts the parts that these facts are in, or were; says how many."""
    changes = changes_by_part(moves)
    if not changes:
        return 0
    states = _states(workspace_id, changes)
    begun: dict[PartKey, Progress] = {}
    again: dict[PartKey, Moment] = {}
    anew = {key for key, state in states.items() if state.formulas != FORMULAS}
    for key in changes.keys() - anew:
        if _goes_on(states.get(key), changes[key]):
            begun[key] = _gone_on(key, states.get(key), changes[key])
        else:
            again[key] = min(changes[key].moments)
    if again or anew:
        begun |= _replayed(workspace_id, states, again, anew)
    for key in changes.keys() - anew:
        begun[key].version = _version_of(states.get(key)) + changes[key].version
    # In one order, whoever writes: none waits for another that waits for it.
    write(workspace_id, {key: begun[key] for key in sorted(begun)}, states)
    return len(begun)


def _goes_on(state: MetricState | None, change: Change) -> bool:
    """Whether all that changed is what came after all that were counted."""
    if len(change.added) < len(change.moments):
        return False
    if state is None or not change.moments:
        return True
    return Moment(state.last_at, state.last_id) < min(change.moments)


def _gone_on(key: PartKey, state: MetricState | None, change: Change) -> Progress:
    progress = Progress(key) if state is None else Progress.from_state(key, state)
    for one in sorted(change.added, key=_by_moment):
        progress.add(one)
    return progress


def _by_moment(one: Known) -> Moment:
    return one.moment


def _version_of(state: MetricState | None) -> int:
    return 0 if state is None else int(state.data_version, 16)


def _states(workspace_id: int, keys: Collection[PartKey]) -> dict[PartKey, MetricState]:
    rows = MetricState.objects.filter(workspace_id=workspace_id)
    if len(keys) <= _AT_ONCE:
        rows = rows.filter(key__in={one.key for one in keys})
    found = {PartKey(one.part, one.key, one.currency): one for one in rows.defer("figures")}
    return {key: found[key] for key in keys if key in found}


def count_everything(workspace_id: int) -> int:
    """Every part from its first trade on; says how many. To be called where no state is kept."""
    begun: dict[PartKey, Progress] = {}
    for one in _facts_since(workspace_id, None):
        hashed = one.hashed
        for key in one.parts():
            progress = begun.get(key)
            if progress is None:
                progress = begun[key] = Progress(key)
            progress.add(one)
            progress.version += hashed
    write(workspace_id, begun, {})
    return len(begun)


def _replayed(
    workspace_id: int,
    states: Mapping[PartKey, MetricState],
    again: Mapping[PartKey, Moment],
    anew: Collection[PartKey],
) -> dict[PartKey, Progress]:
    """These parts counted from the last checkpoint before the moment on, and those anew from their first trade on."""
    begun = _restarted(states, again) | {key: Progress(key) for key in anew}
    for one in _facts_since(workspace_id, _earliest(one.last for one in begun.values())):
        moment = one.moment
        for key in one.parts():
            progress = begun.get(key)
            if progress is not None and (progress.last is None or progress.last < moment):
                progress.add(one)
                if key in anew:
                    progress.version += one.hashed
    return begun


def _restarted(
    states: Mapping[PartKey, MetricState], again: Mapping[PartKey, Moment]
) -> dict[PartKey, Progress]:
    keys = {states[key].pk: key for key in again if key in states}
    moments = [again[key] for key in keys.values()]
    told = [list(keys), [one.known_at for one in moments], [one.id for one in moments]]
    begun = {key: Progress(key, since=one if key in states else None) for key, one in again.items()}
    for id_, n, known_at, trade_id, checkpoint in fetch(_CHECKPOINTS, told) if keys else ():
        progress = begun[keys[id_]]
        progress.n = progress.before = n
        progress.last, progress.running = Moment(known_at, trade_id), Running.from_bytes(checkpoint)
    return begun


def _earliest(moments: Iterable[Moment | None]) -> Moment | None:
    found: Moment | None = None
    for one in moments:
        if one is None:
            return None
        found = one if found is None or one < found else found
    return found


def _facts_since(workspace_id: int, since: Moment | None) -> Iterator[Known]:
    rows = TradeFact.objects.filter(workspace_id=workspace_id)
    if since is not None:
        rows = rows.filter(
            Q(known_at__gt=since.known_at) | Q(known_at=since.known_at, id__gt=since.id)
        )
    columns = rows.order_by("known_at", "id").values_list(*Known._fields)
    return map(Known._make, columns.iterator(chunk_size=_AT_ONCE))
