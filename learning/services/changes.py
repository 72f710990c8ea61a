"""What a change of facts means for the parts of the book that they are in, or were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from learning.services.keeping import Move
from learning.services.parts import Known, Moment, PartKey


@dataclass(slots=True)
class Change:
    """What is other than it was in a part: when, which facts are there now that were not, and by how much the sum of
    the versions of its facts differs. No moments: the figures are as they were."""

    moments: list[Moment] = field(default_factory=list)
    added: list[Known] = field(default_factory=list)
    version: int = 0

    def take(self, one: Known, *, is_counted: bool) -> None:
        self.version -= one.hashed
        if is_counted:
            self.moments.append(one.moment)

    def put(self, one: Known, *, is_counted: bool) -> None:
        self.version += one.hashed
        if is_counted:
            self.moments.append(one.moment)
            self.added.append(one)


def changes_by_part(moves: Sequence[Move]) -> dict[PartKey, Change]:
    changes: dict[PartKey, Change] = defaultdict(Change)
    for before, after in moves:
        were = frozenset() if before is None else frozenset(before.parts())
        are = frozenset() if after is None else frozenset(after.parts())
        is_same = before is not None and after is not None and before.counted == after.counted
        stayed = were & are if is_same else frozenset()
        if before is not None:
            for key in were:
                changes[key].take(before, is_counted=key not in stayed)
        if after is not None:
            for key in are:
                changes[key].put(after, is_counted=key not in stayed)
    return changes
