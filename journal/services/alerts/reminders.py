"""At what a workspace is reminded of what it holds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from journal.models import AlertRules

_DAYS_MAX = 10
_DAY_MAX = 365


def change_reminders(
    workspace_id: int, *, target_percent: Decimal | None, expiry_days: list[int]
) -> AlertRules:
    share = None if target_percent is None else target_percent / 100
    rules, _ = AlertRules.objects.update_or_create(
        workspace_id=workspace_id, defaults={"target_share": share, "expiry_days": expiry_days}
    )
    return rules


def reminders_shown(workspace_id: int) -> dict[str, Any]:
    """As the form has them."""
    rules = AlertRules.objects.filter(workspace=workspace_id).first() or AlertRules()
    share = rules.target_share
    return {
        "target_percent": None if share is None else f"{(share * 100).normalize():f}",
        "expiry_days": ", ".join(str(day) for day in rules.expiry_days),
    }


def read_days(text: str) -> list[int]:
    """The largest first. Raises ValidationError."""
    parts = text.replace(",", " ").split()
    if len(parts) > _DAYS_MAX or not all(
        part.isascii() and part.isdigit() and len(part) <= 3 and int(part) <= _DAY_MAX
        for part in parts
    ):
        raise ValidationError(
            f"Write at most {_DAYS_MAX} whole numbers from 0 to {_DAY_MAX}, such as 7, 1, 0."
        )
    return sorted({int(part) for part in parts}, reverse=True)
