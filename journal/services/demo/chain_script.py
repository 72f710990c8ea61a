"""What the demo's scanner finds, and what becomes of it: one fate for each idea, in the order of time."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple


class Fate(StrEnum):
    FOLLOWED = "followed"  # approved, planned, and done as planned
    CHASED = "chased"  # bought too high
    OVERSIZED = "oversized"
    WIDENED = "widened"  # the stop was moved away
    CUT = "cut"  # closed by hand before stop or target
    LINKABLE = "linkable"  # a plan and a trade that do not name each other
    UNPLANNED = "unplanned"  # a trade that nobody proposed
    OPEN = "open"  # still running on the last day
    REJECTED = "rejected"
    IGNORED = "ignored"  # by a person
    LEFT = "left"  # nobody decided in time
    EXPIRED = "expired"
    MISSED = "missed"  # approved and planned; the price did not come
    CANCELLED = "cancelled"
    FAILED = "failed"  # the broker refused the order
    SHADOW = "shadow"
    WAITING = "waiting"

    @property
    def is_traded(self) -> bool:
        return self in _TRADED

    @property
    def is_planned(self) -> bool:
        return self in _TRADED - {Fate.UNPLANNED} | {Fate.MISSED, Fate.CANCELLED, Fate.FAILED}

    @property
    def is_proposed(self) -> bool:
        return self not in {Fate.UNPLANNED, Fate.LINKABLE}


_TRADED = frozenset(
    {Fate.FOLLOWED, Fate.CHASED, Fate.OVERSIZED, Fate.WIDENED, Fate.CUT, Fate.LINKABLE, Fate.UNPLANNED, Fate.OPEN}
)  # fmt: skip

# Spread evenly over the sessions of the chain but for the last ones.
_SHARES = """
    followed shadow left followed rejected cut followed shadow expired widened followed ignored
    followed shadow missed oversized followed unplanned left followed chased rejected shadow followed
    linkable cancelled followed shadow ignored followed expired widened followed failed shadow chased
    followed rejected cut followed unplanned shadow left followed oversized followed shadow linkable
"""
SHARES = tuple(map(Fate, _SHARES.split()))
# On the last days, as many sessions before the end.
LATEST = (
    (4, Fate.OPEN), (3, Fate.OPEN), (2, Fate.WAITING), (1, Fate.WAITING), (1, Fate.SHADOW), (0, Fate.WAITING),
)  # fmt: skip


class Part(NamedTuple):
    """A leg: S are 100 shares; `steps` from the middle strike; `sign` is how many, and which way."""

    right: str
    steps: int
    sign: int
    is_far: bool = False


class Shape(NamedTuple):
    strategy: str
    parts: tuple[Part, ...]
    fate: Fate = Fate.FOLLOWED
    rolls: bool = False


_LEG = re.compile(r"([+-])(\d?)([PCS])(-?\d?)(\*?)")


def _shape(strategy: str, legs: str, fate: Fate = Fate.FOLLOWED, *, rolls: bool = False) -> Shape:
    """Legs as `-P-1`: short one put a step below the middle; `*` is of the later expiry."""
    parts = (
        Part(right, int(steps or 0), int(f"{sign}{count or 1}"), bool(far))
        for sign, count, right, steps, far in _LEG.findall(legs)
    )
    return Shape(strategy, tuple(parts), fate, rolls=rolls)


STRUCTURES = (
    _shape("bull put spread", "-P-1 +P-2"),
    _shape("iron condor", "+P-2 -P-1 -C1 +C2"),
    _shape("covered call", "+S -C1"),
    _shape("bear call spread", "-C1 +C2", Fate.REJECTED),
    _shape("call calendar", "-C0 +C0*"),
    _shape("cash-secured put", "-P-1"),
    _shape("bear call spread", "-C1 +C2"),
    _shape("short strangle", "-P-1 -C1"),
    _shape("call butterfly", "+C-1 -2C0 +C1"),
    _shape("bull put spread", "-P-1 +P-2", Fate.IGNORED),
    _shape("call diagonal", "+C0* -C1"),
    _shape("short straddle", "-P0 -C0", Fate.CUT),
    _shape("bull put spread", "-P-1 +P-2", rolls=True),
    _shape("iron condor", "+P-2 -P-1 -C1 +C2", Fate.SHADOW),
    _shape("bull call spread", "+C0 -C1", Fate.UNPLANNED),
    _shape("iron butterfly", "+P-1 -P0 -C0 +C1"),
)  # fmt: skip
STRUCTURES_LATEST = (
    (6, _shape("iron condor", "+P-2 -P-1 -C1 +C2", Fate.OPEN)),
    (2, _shape("bull put spread", "-P-1 +P-2", Fate.WAITING)),
    (0, _shape("cash-secured put", "-P-1", Fate.WAITING)),
)
