"""The fourth block: what the trade changed in what is believed. Mostly next to nothing, and that is the lesson."""

from __future__ import annotations

from typing import NamedTuple

from learning.domain.figures import Figure
from learning.domain.words.numbers import in_r, signed

_SEEN = 0.005
"""R below which two digits cannot show a change."""


class Belief(NamedTuple):
    """The shrunken mean R of a group (IV rank of 60 and more, a symbol, a strategy) without the trade and with it."""

    about: str
    before: Figure
    after: Figure

    @property
    def change(self) -> float | None:
        if self.before.value is None or self.after.value is None:
            return None
        return self.after.value - self.before.value


class Taught(NamedTuple):
    sentence: str
    beliefs: tuple[Belief, ...]


def what_it_taught(beliefs: tuple[Belief, ...]) -> Taught:
    """The belief that moved most is the sentence; the others stand below it."""
    moved = sorted(beliefs, key=lambda belief: (-abs(belief.change or 0.0), belief.about))
    known = [belief for belief in moved if belief.change is not None]
    if known and abs(known[0].change or 0.0) >= _SEEN:
        return Taught(_told(known[0]), tuple(moved))
    if known:
        return Taught(
            "It changed nothing that two digits could show: one trade seldom does.", tuple(moved)
        )
    if first := next((belief for belief in moved if belief.after.value is not None), None):
        return Taught(
            f"{first.about}: its first trade; one trade tells next to nothing.", tuple(moved)
        )
    return Taught("Nothing yet: without R there is nothing to learn from it.", tuple(moved))


def _told(belief: Belief) -> str:
    before, after = belief.before.value or 0.0, belief.after.value or 0.0
    change = f"{belief.about}: {signed(before, 3)} → {signed(after, 3)}"
    return f"{change} R per trade (n {belief.before.n} → {belief.after.n}), moved by {in_r(after - before)}."
