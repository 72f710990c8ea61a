"""The worst of what stress brings, from what was kept of it. No heavy library, for pages read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def worst_of(stress: Sequence[Mapping[str, Any]]) -> float | None:
    """The lowest change of all scenarios; None where one of them is not known, for that may be the worst."""
    changes = [one["change"]["value"] for one in stress]
    return None if None in changes else min(changes, default=None)
