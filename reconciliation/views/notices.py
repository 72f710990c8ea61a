"""What every page says while trading is locked."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from common.templatetags.figures import write_day
from reconciliation.models import TradingLock
from reconciliation.selectors.guard_pages import list_locks

_SHOWN = 3


def lock_notices() -> list[dict[str, Any]]:
    locks = list_locks()
    url = reverse("reconciliation:guards")
    notices = [
        {"level": "warning", "text": lock_words(lock), "url": f"{url}#locks", "action": "The lock"}
        for lock in locks[:_SHOWN]
    ]
    if len(locks) > _SHOWN:
        more = len(locks) - _SHOWN
        text = f"{more} more {'lock is' if more == 1 else 'locks are'} in force."
        notices.append(
            {"level": "warning", "text": text, "url": f"{url}#locks", "action": "All locks"}
        )
    return notices


def lock_words(lock: TradingLock) -> str:
    where = f"in {lock.account}" if lock.account is not None else "in all accounts"
    what = f"New trades in {lock.symbol}" if lock.symbol else "New trades"
    return f"{what} are locked {where}{_until(lock)}: {lock.reason.rstrip('.')}."


def _until(lock: TradingLock) -> str:
    if lock.until is None:
        return " until somebody lifts it"
    return f" until {write_day(lock.until.date())} {lock.until:%H:%M} UTC"
