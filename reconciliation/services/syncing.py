"""Asking for a run now: seldom enough that no broker is bothered, and only where somebody can be asked."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

import structlog
from django.conf import settings
from django.core.cache import cache

from journal.models import BrokerAccount, Connection
from reconciliation.selectors.connections import connections_of
from reconciliation.services.cycle import can_read

logger = structlog.get_logger(__name__)


class Asked(NamedTuple):
    """`retry_after`: in so many seconds this account can be asked for again; None where it is asked for now."""

    account: BrokerAccount
    retry_after: int | None = None


def readable(accounts: Sequence[BrokerAccount]) -> dict[int, Connection]:
    """By account the connection by which it can be asked what it holds; those that cannot be asked are left out."""
    return connections_of(accounts, fits=can_read)


def take_turns(accounts: Sequence[BrokerAccount]) -> list[Asked]:
    """Of each account one ask in `RECONCILIATION_SYNC_SECONDS`, whoever asks."""
    return [Asked(account, _take_turn(account.pk)) for account in accounts]


def _take_turn(account_id: int) -> int | None:
    key, now = f"sync-asked-{account_id}", time.time()
    seconds = settings.RECONCILIATION_SYNC_SECONDS
    try:
        if cache.add(key, now, timeout=seconds):
            return None
        asked_at = cache.get(key)
    except Exception:
        # Where the cache is away nobody counts: to look once more is worth more than the limit.
        logger.warning("cache_unreachable", exc_info=True)
        return None
    return max(1, round(seconds - (now - (asked_at or now))))
