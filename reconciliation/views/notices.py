"""What every page says while trading is locked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from common.templatetags.figures import write_day
from reconciliation.models import TradingLock
from reconciliation.selectors.guard_pages import list_locks

_NAMED = 3


def lock_notices() -> list[dict[str, Any]]:
    """One line, however many there are: it stands above every page."""
    locks = list_locks()
    if not locks:
        return []
    is_one = len(locks) == 1
    text = lock_words(locks[0]) if is_one else _places(locks)
    url = f"{reverse('reconciliation:guards')}#locks"
    action = "The lock" if is_one else "The locks"
    return [{"level": "warning", "text": text, "url": url, "action": action}]


def _places(locks: Sequence[TradingLock]) -> str:
    names = list(dict.fromkeys(_place(lock) for lock in locks))
    if len(names) > _NAMED:
        names = [*names[: _NAMED - 1], f"{len(names) - _NAMED + 1} more places"]
    *first, last = names
    return (
        f"New trades are locked in {', '.join(first)} and {last}."
        if first
        else f"New trades are locked in {last}."
    )


def _place(lock: TradingLock) -> str:
    where = str(lock.account) if lock.account is not None else "all accounts"
    return f"{where} ({lock.symbol})" if lock.symbol else where


def lock_words(lock: TradingLock) -> str:
    where = f"in {lock.account}" if lock.account is not None else "in all accounts"
    what = f"New trades in {lock.symbol}" if lock.symbol else "New trades"
    return f"{what} are locked {where}{_until(lock)}: {lock.reason.rstrip('.')}."


def _until(lock: TradingLock) -> str:
    if lock.until is None:
        return " until somebody lifts it"
    return f" until {write_day(lock.until.date())} {lock.until:%H:%M} UTC"
