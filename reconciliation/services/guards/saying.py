"""The words in which guards speak to people, and what they are told by."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from journal.domain.values import ZERO
from reconciliation.domain.guards.limits import Standing
from reconciliation.models import Guard, GuardFiring, TradingLock
from reconciliation.selectors.guards import currency_of
from reconciliation.services.telling import FEED, GUARDS, LOCKS, tell

_GUARDS = "/guards"
_HUNDRED = Decimal(100)
_DIGITS = Decimal("0.01")


def percent(share: Decimal) -> str:
    return f"{(share * _HUNDRED).quantize(_DIGITS):f}%"


def figures_of(standing: Standing | None) -> dict[str, str]:
    """The exact numbers of a moment, as text; empty where nothing was measured."""
    if standing is None:
        return {}
    return {name: format(value, "f") for name, value in standing._asdict().items()}


def drawdown_of(standing: Standing) -> tuple[Decimal, Decimal]:
    """In per cent of the reference: what is lost, and what may be."""
    if standing.reference <= 0:
        return ZERO, ZERO
    lost, allowed = standing.reference - standing.value, standing.allowance
    return lost * _HUNDRED / standing.reference, allowed * _HUNDRED / standing.reference


def say(  # noqa: PLR0913  (of which guard, what, how loudly, in which words)
    guard: Guard,
    event: str,
    at: datetime,
    subject: str,
    lines: list[str],
    *,
    urgent: bool = False,
    figures: dict[str, str] | None = None,
    topic: str = GUARDS,
) -> None:
    data: dict[str, Any] = {
        "guard": guard.pk,
        "name": guard.name,
        "account": guard.account_id,
        "state": guard.state,
        "at": at.isoformat(),
        "figures": figures or {},
    }
    tell(
        topic,
        workspace_id=guard.workspace_id,
        account_id=guard.account_id,
        key=f"guard:{guard.pk}:{event}:{at.isoformat()}",
        subject=subject,
        lines=lines,
        url_path=f"{_GUARDS}/{guard.pk}",
        urgent=urgent,
        data=data,
        event=f"guard.{event}",
    )


def standing_words(guard: Guard, standing: Standing) -> list[str]:
    money = currency_of(guard)
    return [
        f"Worth {standing.value:f} {money}; it may not fall below {standing.floor:f} {money}.",
        f"{percent(standing.used)} of the allowance of {standing.allowance:f} {money} is gone.",
    ]


def silence_words(guard: Guard, heard_at: datetime | None) -> list[str]:
    since = f"since {heard_at:%Y-%m-%d %H:%M:%S} UTC" if heard_at else "yet"
    return [
        f"“{guard.name}” has heard nothing that it can believe {since}. What it guards is unknown."
    ]


def tell_locked(lock: TradingLock) -> None:
    until = f"until {lock.until:%Y-%m-%d %H:%M} UTC" if lock.until else "until somebody lifts it"
    what = lock.symbol or "everything"
    _tell_lock(lock, "began", f"Trading is locked: {what}", [lock.reason, f"It holds {until}."])


def tell_unlocked(lock: TradingLock) -> None:
    what = lock.symbol or "everything"
    _tell_lock(lock, "lifted", f"Trading is open again: {what}", [f"It was locked: {lock.reason}"])


def _tell_lock(lock: TradingLock, event: str, subject: str, lines: list[str]) -> None:
    tell(
        LOCKS,
        workspace_id=lock.workspace_id,
        account_id=lock.account_id,
        key=f"lock:{lock.pk}:{event}",
        subject=subject,
        lines=lines,
        url_path=_GUARDS,
        data={
            "lock": lock.pk,
            "account": lock.account_id,
            "symbol": lock.symbol,
            "reason": lock.reason,
            "since": lock.began_at.isoformat(),
            "until": lock.until.isoformat() if lock.until else None,
        },
        event=f"lock.{event}",
    )


def tell_silence(guard: Guard, at: datetime, heard_at: datetime | None, *, loud: bool) -> None:
    subject = f"No news of an account: {guard.name}"
    event = "silent_long" if loud else "silent"
    say(guard, event, at, subject, silence_words(guard, heard_at), urgent=loud, topic=FEED)


def tell_firing(guard: Guard, firing: GuardFiring, reason: str, lines: list[str]) -> None:
    subject, at = f"Guard fired: {guard.name}", firing.fired_at
    say(guard, "fired", at, subject, [reason, *lines], urgent=True, figures=firing.figures)
