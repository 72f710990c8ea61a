"""How much is tried: enough to find a mistake soon with `make test`, ten times as much with `make test-all`.

A test that goes through many like cases one by one marks the further ones `EXHAUSTIVE`; a property says how many
examples it is worth with `examples`, where the hundred of the profile are not right.
"""

from __future__ import annotations

import pytest
from hypothesis import settings

EXHAUSTIVE = pytest.mark.exhaustive
OFTEN = 10

# Properties are not timed: a busy machine makes no counterexample. The usual examples are the same in every run, so that
# what fails was broken by the change at hand; the exhaustive ones are new each time.
settings.register_profile("usual", deadline=None, max_examples=100, derandomize=True)
settings.register_profile("exhaustive", deadline=None, max_examples=100 * OFTEN)


def choose(*, exhaustive: bool) -> None:
    """Before the tests are collected: a decorator keeps the profile that it finds."""
    settings.load_profile("exhaustive" if exhaustive else "usual")


def examples(usual: int) -> int:
    return usual * settings().max_examples // 100


def stride(usual: int) -> int:
    """Of like cases in a row every how many are tried."""
    return 1 if settings().max_examples > 100 else usual
