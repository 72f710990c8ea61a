"""How much is tried: enough to find a mistake soon with `make test`, ten times as much with `make test-all`.

A test that goes through many like cases one by one marks the further ones `EXHAUSTIVE`; a property says how many
examples it is worth with `examples`, where the hundred of the profile are not right.
"""

from __future__ import annotations

import pytest
from hypothesis import settings

EXHAUSTIVE = pytest.mark.exhaustive
OFTEN = 10

# Properties are not timed: a busy machine makes no counterexample.
settings.register_profile("usual", deadline=None, max_examples=100)
settings.register_profile("exhaustive", deadline=None, max_examples=100 * OFTEN)


def choose(*, exhaustive: bool) -> None:
    """Before the tests are collected: a decorator keeps the profile that it finds."""
    settings.load_profile("exhaustive" if exhaustive else "usual")


def examples(usual: int) -> int:
    return usual * settings().max_examples // 100
