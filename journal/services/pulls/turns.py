"""Who may call a broker when: one count and one lock for all workers and connections, in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from common.secrets import digest
from journal.brokers.fetching import PullFault, Rate, Verdict
from journal.models import Turn

_KEPT = timedelta(days=2)
# No pull waits that long: a turn further ahead was taken by a clock that was wrong, and would hold everybody up.
_FURTHEST = timedelta(hours=1)


@transaction.atomic
def reserve_turn(whom: str, rates: Sequence[Rate], *, now: datetime) -> datetime:
    """The first moment from `now` on at which one more call keeps within all rates; it is taken from then on.

    Whoever takes a turn and dies has used it up: the broker is called too seldom then, never too often.
    Raises PullFault while the broker has locked `whom` out: no turn is taken then.
    """
    turn = _held_turn(whom)
    _refuse_locked(turn, now)
    longest = max((rate.per for rate in rates), default=timedelta())
    since, until = (now - longest).timestamp(), (now + _FURTHEST).timestamp()
    taken = sorted(at for at in turn.taken if since < at <= until)
    at = _first_free(taken, rates, now.timestamp())
    turn.taken = [*taken, at]
    turn.save(update_fields=["taken", "updated_at"])
    return datetime.fromtimestamp(at, tz=now.tzinfo)


def check_unlocked(whom: str, *, now: datetime) -> None:
    """Raises PullFault where a lockout has come since the turn was taken."""
    turn = Turn.objects.filter(key=_key(whom)).first()
    if turn is not None:
        _refuse_locked(turn, now)


@transaction.atomic
def lock_out(whom: str, fault: PullFault) -> None:
    """Nobody asks as `whom` before `fault.until`. A lockout is never made shorter. The message is stored as it is."""
    turn = _held_turn(whom)
    if fault.until is None or (turn.locked_until and turn.locked_until >= fault.until):
        return
    turn.locked_until = fault.until
    turn.lock_code, turn.lock_message = fault.code[:64], fault.message
    turn.save(update_fields=["locked_until", "lock_code", "lock_message", "updated_at"])


def _key(whom: str) -> str:
    return digest(f"turn:{whom}")


def _held_turn(whom: str) -> Turn:
    Turn.objects.get_or_create(key=_key(whom))
    return Turn.objects.select_for_update().get(key=_key(whom))


def _refuse_locked(turn: Turn, now: datetime) -> None:
    if turn.locked_until is not None and now < turn.locked_until:
        raise PullFault(turn.lock_code, turn.lock_message, Verdict.BLOCKED, until=turn.locked_until)


def _first_free(taken: list[float], rates: Sequence[Rate], now: float) -> float:
    """Turns are given in order, so nobody's comes before one that was given earlier."""
    at = max([now, *taken[-1:]])
    for calls, per in rates:
        if len(taken) >= calls:
            at = max(at, taken[-calls] + per.total_seconds())
    return at


def forget_turns() -> int:
    """Digests of tokens that nobody uses any more, but for those that are locked."""
    now = timezone.now()
    idle = Turn.objects.filter(updated_at__lt=now - _KEPT)
    deleted, _ = idle.exclude(locked_until__gt=now).delete()
    return deleted
