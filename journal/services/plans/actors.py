"""Who writes a plan, as its history names them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from journal.models import Via


@dataclass(frozen=True, slots=True)
class Actor:
    """`user_id` and `token_id` are None for a rule. `name` is what they are called now."""

    name: str
    via: Via
    user_id: int | None = None
    token_id: int | None = None

    def as_columns(self) -> dict[str, Any]:
        """Of `journal.models.plans.Authored`."""
        return {
            "actor": self.name[:160],
            "via": self.via,
            "user": self.user_id,
            "token": self.token_id,
        }


RULE = Actor("Fillbook", Via.RULE)
