"""Guards as rows and as values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from reconciliation.domain.codec import dump, load
from reconciliation.domain.guards.changes import (
    AnyVersion,
    ConductVersion,
    MarketVersion,
    Version,
)
from reconciliation.domain.guards.limits import Marks
from reconciliation.domain.guards.machine import Memory
from reconciliation.domain.guards.watching import Kept, Part
from reconciliation.models import Guard, GuardKind, GuardVersion

KEPT = ("state", "memory", "marks", "parts", "seen_at", "armed_at")


_VERSIONS: dict[str, type[Version] | type[ConductVersion] | type[MarketVersion]] = {
    GuardKind.LIMIT: Version,
    GuardKind.CONDUCT: ConductVersion,
    GuardKind.MARKET: MarketVersion,
}


def version_of(guard: Guard) -> Version:
    """Of a limit."""
    assert guard.version is not None, "a guard that watches has a version"
    return load(Version, guard.version.values)


def values_of(kind: str, values: Any) -> AnyVersion:
    """Of any guard. Raises ValueError where they are none."""
    return load(_VERSIONS[kind], values)


def measures_otherwise(before: GuardVersion, after: Version) -> bool:
    """Whether marks of the one version say nothing to the other: they are of another thing."""
    known = load(Version, before.values)
    marked = (known.limit.marked_by, known.limit.flow_rule, known.day, known.initial)
    return marked != (after.limit.marked_by, after.limit.flow_rule, after.day, after.initial)


def next_number(guard: Guard) -> int:
    newest = guard.versions.order_by("-number").values_list("number", flat=True).first()
    return (newest or 0) + 1


def kept_of(guard: Guard) -> Kept:
    is_limit = guard.kind == GuardKind.LIMIT
    marks = load(Marks, guard.marks) if guard.marks and is_limit else None
    memory = load(Memory, guard.memory) if guard.memory else Memory()
    return Kept(memory, marks, load(dict[int, Part], guard.parts))


def keep(guard: Guard, kept: Kept) -> None:
    """Into the row, which is not saved."""
    guard.state = kept.memory.state.value
    guard.memory = dump(kept.memory)
    guard.marks = dump(kept.marks) if kept.marks is not None else {}
    guard.parts = dump(kept.parts)


def lock_watching(workspace_id: int, account_ids: Sequence[int]) -> list[Guard]:
    """What looks at readings of accounts, limits and market guards, and those of the whole workspace, locked in the
    order of their ids."""
    rows = Guard.objects.filter(
        Q(account_id__in=account_ids) | Q(account=None),
        workspace_id=workspace_id,
        kind__in=[GuardKind.LIMIT, GuardKind.MARKET],
        removed_at=None,
    )
    locked = rows.select_for_update(of=("self",)).select_related("version").order_by("pk")
    return list(locked)


def lock_guard(guard_id: int) -> Guard:
    """Raises Guard.DoesNotExist."""
    rows = Guard.objects.select_for_update(of=("self",)).select_related("version")
    return rows.get(pk=guard_id)


def save_kept(guards: Sequence[Guard]) -> None:
    """All at once, whatever their number."""
    if guards:
        Guard.objects.bulk_create(
            guards, update_conflicts=True, unique_fields=["id"], update_fields=KEPT
        )
