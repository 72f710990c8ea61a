"""Who may call a broker when: one count for all workers, in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from common.secrets import digest
from journal.brokers.fetching import Rate
from journal.models import Turn

_KEPT = timedelta(days=2)
# No pull waits that long: a turn further ahead was taken by a clock that was wrong, and would hold everybody up.
_FURTHEST = timedelta(hours=1)


@transaction.atomic
def reserve_turn(whom: str, rates: Sequence[Rate], *, now: datetime) -> datetime:
    """The first moment from `now` on at which one more call keeps within all rates; it is taken from then on.

    Whoever takes a turn and dies has used it up: the broker is called too seldom then, never too often.
    """
    key = digest(f"turn:{whom}")
    Turn.objects.get_or_create(key=key)
    turn = Turn.objects.select_for_update().get(key=key)
    longest = max((rate.per for rate in rates), default=timedelta())
    since, until = (now - longest).timestamp(), (now + _FURTHEST).timestamp()
    taken = sorted(at for at in turn.taken if since < at <= until)
    at = _first_free(taken, rates, now.timestamp())
    turn.taken = [*taken, at]
    turn.save(update_fields=["taken", "updated_at"])
    return datetime.fromtimestamp(at, tz=now.tzinfo)


def _first_free(taken: list[float], rates: Sequence[Rate], now: float) -> float:
    """Turns are given in order, so nobody's comes before one that was given earlier."""
    at = max([now, *taken[-1:]])
    for calls, per in rates:
        if len(taken) >= calls:
            at = max(at, taken[-calls] + per.total_seconds())
    return at


def forget_turns() -> int:
    """Digests of tokens that nobody uses any more."""
    deleted, _ = Turn.objects.filter(updated_at__lt=timezone.now() - _KEPT).delete()
    return deleted
