"""What readings of accounts lead to: samples, warnings, firings, locks.

Inside the caller's transaction, which holds the locks: first the worths of the accounts in the order of their ids, then
the guards in the order of theirs. Of two workers with the same reading the second finds it known, and does nothing.
What is to be closed is stored here; who closes it is told by a signal, and looks by itself too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from journal.domain.values import ZERO
from reconciliation.domain.guards.machine import WATCHING
from reconciliation.domain.guards.market import MarketLimits
from reconciliation.domain.guards.watching import Look, Told, look, retrace_marks, wait
from reconciliation.models import Guard, GuardFiring, GuardKind, GuardSample, Snapshot
from reconciliation.selectors.guards import Total, total_of
from reconciliation.services.guards.acting import Moment, act
from reconciliation.services.guards.floors import list_floors, with_floors
from reconciliation.services.guards.keeping import (
    keep,
    kept_of,
    lock_watching,
    save_kept,
    version_of,
)
from reconciliation.services.guards.markets import is_watching, version_of_market, watch_markets
from reconciliation.services.guards.quoting import Prices, are_flawed, price_all
from reconciliation.services.guards.seen import Seen
from reconciliation.services.guards.worth import Hearing, hear_all, lock_worths, part_of


class _Looked(NamedTuple):
    guard: Guard
    look: Look
    at: datetime
    snapshot_id: int | None
    doubt: str


def watch(workspace_id: int, seen: Sequence[Seen]) -> list[GuardFiring]:
    """The guards of the accounts, and those of the workspace, look at what was read. Says which fired."""
    fired: list[GuardFiring] = []
    with transaction.atomic():
        # Of an account that comes twice the earlier reading first.
        ordered = sorted(seen, key=lambda one: (one.at, one.account_id))
        while ordered:
            turn = {one.account_id: one for one in reversed(ordered)}
            fired += _watch(workspace_id, list(turn.values()))
            ordered = [one for one in ordered if turn[one.account_id] is not one]
    return fired


def _watch(workspace_id: int, seen: Sequence[Seen]) -> list[GuardFiring]:
    rows = lock_worths(workspace_id, seen)
    locked = lock_watching(workspace_id, list(rows))
    limits = [one for one in locked if one.kind == GuardKind.LIMIT]
    markets = [one for one in locked if one.kind == GuardKind.MARKET and is_watching(one)]
    prices = price_all(workspace_id, rows, seen, _guarded(seen, limits, markets))
    seen = [_trusted(workspace_id, one, prices) for one in seen]
    hearings = hear_all(workspace_id, rows, seen)
    _note_doubts(hearings.values())
    watch_markets(markets, seen, prices)
    guards = with_floors(
        workspace_id, [one.account_id for one in seen], limits, at=min(one.at for one in seen)
    )
    looked = []
    for guard in guards:
        if guard.version is None or guard.state not in WATCHING:
            continue
        if guard.account_id is not None:
            looked.append(_look_at_account(guard, hearings[guard.account_id]))
    totals = [guard for guard in guards if guard.account_id is None and guard.state in WATCHING]
    at = max(one.at for one in seen)
    for currency, some in _by_currency(totals):
        total = total_of(workspace_id, at, currency)
        looked += [_look_at_total(guard, total, hearings) for guard in some]
    return _settle([one for one in looked if one is not None])


def _guarded(
    seen: Sequence[Seen], limits: Sequence[Guard], markets: Sequence[Guard]
) -> dict[int, list[MarketLimits]]:
    """The accounts of which prices are looked at, with what their market guards ask of a price."""
    of = {one.account_id for one in limits if is_watching(one)}
    asked = [(one.account_id, version_of_market(one).limits) for one in markets]
    found = {}
    for one in seen:
        own = [limit for account_id, limit in asked if account_id in (None, one.account_id)]
        if own or of & {None, one.account_id} or list_floors():
            found[one.account_id] = own
    return found


def _trusted(workspace_id: int, seen: Seen, prices: Mapping[int, Prices]) -> Seen:
    own = prices.get(seen.account_id)
    if own and are_flawed(workspace_id, seen, own):
        return seen._replace(prices_ok=False)
    return seen


def _look_at_account(guard: Guard, hearing: Hearing) -> _Looked | None:
    version, kept, seen = version_of(guard), kept_of(guard), hearing.seen
    if not hearing.is_heard:
        if seen.equity is not None:
            return None
        return _Looked(guard, wait(version, kept, seen.at), seen.at, None, "")
    late = hearing.late
    if hearing.retraced is not None and guard.armed_at is not None and kept.marks is not None:
        samples, flows = hearing.retraced
        since = [one for one in samples if one.at >= guard.armed_at]
        marks = retrace_marks(version, since, flows)
        if marks is not None:
            # These marks hold every flow of the time before this reading.
            kept = kept._replace(marks=marks, parts={seen.account_id: hearing.before})
            late = ZERO
    parts = {seen.account_id: part_of(hearing.account)}
    is_first = hearing.account.doubts == 1
    told = Told(seen.at, parts, late, hearing.doubt, hearing.is_flawed, is_first)
    doubt = "flawed" if hearing.is_flawed else hearing.doubt.value if hearing.doubt else ""
    return _Looked(guard, look(version, kept, told), seen.at, seen.snapshot_id, doubt)


def _by_currency(totals: Sequence[Guard]) -> Iterable[tuple[str, list[Guard]]]:
    """By the currency in which each has begun, "" for those that have not: the workspace may have come to count in
    another, and neither their marks nor their money are of that."""
    found: dict[str, list[Guard]] = defaultdict(list)
    for guard in totals:
        found[str(guard.marks.get("currency") or "")].append(guard)
    return found.items()


def _look_at_total(guard: Guard, total: Total, hearings: Mapping[int, Hearing]) -> _Looked:
    version, kept = version_of(guard), kept_of(guard)
    if not total.is_known(version.settings.silence):
        return _Looked(guard, wait(version, kept, total.at), total.at, None, "")
    late = ZERO
    for account_id, hearing in hearings.items():
        part = total.parts.get(account_id)
        if part is not None and account_id in kept.parts:
            late += hearing.late * part.rate
    told = Told(total.newest_at, total.parts, late)
    seen = look(version, kept, told)
    if seen.kept.marks is not None:
        marks = seen.kept.marks._replace(currency=total.currency)
        seen = seen._replace(kept=seen.kept._replace(marks=marks))
    return _Looked(guard, seen, total.newest_at, None, "")


def _note_doubts(hearings: Iterable[Hearing]) -> None:
    doubted = [
        one.seen.snapshot_id
        for one in hearings
        if one.seen.snapshot_id is not None and (one.is_flawed or one.doubt is not None)
    ]
    if doubted:
        Snapshot.objects.filter(pk__in=doubted).update(is_doubted=True)


def _settle(looked: Sequence[_Looked]) -> list[GuardFiring]:
    """What was seen is stored with what follows from it."""
    new = [one for one in looked if one.look.is_new]
    for one in new:
        keep(one.guard, one.look.kept)
        one.guard.seen_at = one.at
    save_kept([one.guard for one in sorted(new, key=lambda one: one.guard.pk)])
    samples = GuardSample.objects.bulk_create([_sample(one) for one in new])
    fired = []
    for one, sample in zip(new, samples, strict=True):
        if one.look.steps:
            firing = act(one.guard, one.look.steps, Moment(one.at, one.look.standing, sample))
            fired += [firing] if firing is not None else []
    return fired


def _sample(one: _Looked) -> GuardSample:
    standing = one.look.standing
    return GuardSample(
        workspace_id=one.guard.workspace_id,
        account_id=one.guard.account_id,
        guard=one.guard,
        snapshot_id=one.snapshot_id,
        at=one.at,
        value=standing and standing.value,
        reference=standing and standing.reference,
        floor=standing and standing.floor,
        used=standing and standing.used,
        state=one.guard.state,
        steps=[step.value for step in one.look.steps],
        doubt=one.doubt,
    )
