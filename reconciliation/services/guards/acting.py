"""What follows from a guard's steps: rows, locks and words, each once, in the transaction of the reading."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from journal.domain.trading_day import day_starts_at, trading_day
from journal.domain.values import TradingDay
from reconciliation.domain.guards.changes import Version
from reconciliation.domain.guards.limits import Standing
from reconciliation.domain.guards.machine import Memory, Step
from reconciliation.domain.guards.presets import Scope
from reconciliation.models import (
    AccountWorth,
    ChangeState,
    DrawdownAction,
    DrawdownAlert,
    DrawdownAlertType,
    FiringOutcome,
    Guard,
    GuardFiring,
    GuardSample,
    GuardVersion,
    LogEvent,
    LogStatus,
    ReconciliationLog,
    SnapshotPosition,
)
from reconciliation.services import tallies
from reconciliation.services.guards.keeping import kept_of, version_of
from reconciliation.services.guards.locking import lay_lock, lift_of
from reconciliation.services.guards.saying import (
    drawdown_of,
    figures_of,
    percent,
    say,
    standing_words,
    tell_firing,
    tell_silence,
)
from reconciliation.signals import guard_fired

_ONE_DAY = timedelta(days=1)


class Moment(NamedTuple):
    """When it was, and what was measured; `standing` is None where nothing was heard."""

    at: datetime
    standing: Standing | None
    sample: GuardSample


def act(guard: Guard, steps: Sequence[Step], moment: Moment) -> GuardFiring | None:
    """The firing, if it fired. `guard` is locked, and saved as it is after the steps."""
    firing = None
    for step in steps:
        if step is Step.FIRE:
            firing = _fire(guard, moment)
        else:
            _DEEDS[step](guard, moment)
    return firing


def accounts_under(guard: Guard) -> list[int]:
    """The accounts that a guard closes and locks: its own, or all that its total holds."""
    if guard.account_id is not None:
        return [guard.account_id]
    rows = AccountWorth.objects.filter(
        workspace_id=guard.workspace_id, account__archived_at=None, account__erasure_asked_at=None
    )
    return list(rows.order_by("account_id").values_list("account_id", flat=True))


def locked_until(version: Version, at: datetime) -> datetime | None:
    """Of a guard of the day the end of its day, by its own zone; else nobody knows yet."""
    if version.scope is not Scope.DAY:
        return None
    return _next_day(at, version.day)


def _next_day(at: datetime, day: TradingDay) -> datetime:
    return day_starts_at(trading_day(at, day) + _ONE_DAY, day)


def _fire(guard: Guard, moment: Moment) -> GuardFiring:
    assert guard.version is not None, "a guard that watches has a version"
    version = version_of(guard)
    firing = GuardFiring.objects.create(
        workspace_id=guard.workspace_id,
        guard=guard,
        account_id=guard.account_id,
        version=guard.version,
        sample=moment.sample,
        fired_at=moment.at,
        figures=figures_of(moment.standing),
        outcome=FiringOutcome.CLOSING if version.closes else FiringOutcome.BLOCKED,
        ended_at=None if version.closes else moment.at,
    )
    _forget_wishes(guard, moment.at)
    reason = _reason(guard, moment)
    _alert(guard, moment, firing, version)
    lay_lock(guard, reason=reason, at=moment.at, until=locked_until(version, moment.at), firing=firing)  # fmt: skip
    _log(guard, moment.at, LogEvent.GUARD_TRIGGER, LogStatus.WARNING, reason)
    what = "Its positions are being closed." if version.closes else "Nothing is closed."
    lines = [*(standing_words(guard, moment.standing) if moment.standing else []), what]
    tell_firing(guard, firing, reason, lines)
    tallies.count(tallies.GUARD_TRIGGERS)
    if version.closes:
        guard_fired.send(sender=GuardFiring, firing=firing)
    return firing


def _forget_wishes(guard: Guard, at: datetime) -> None:
    """What was asked for before it fired was asked without knowing of this: it does not cool off, nor wait for
    somebody's word, to be there when the guard has fired."""
    waiting = GuardVersion.objects.filter(guard=guard, state=ChangeState.WAITING)
    waiting.update(state=ChangeState.REFUSED, decided_at=at)


def _reason(guard: Guard, moment: Moment) -> str:
    if moment.standing is None:
        return f"{guard.name}: nothing was heard for too long."
    lost, allowed = drawdown_of(moment.standing)
    return f"{guard.name}: {lost:.2f}% lost, {allowed:.2f}% allowed."


def _warn(guard: Guard, moment: Moment) -> None:
    standing = moment.standing
    assert standing is not None, "a warning is about a figure"
    _alert(guard, moment, None, version_of(guard))
    subject = f"{percent(standing.used)} of an allowance is gone: {guard.name}"
    _log(guard, moment.at, LogEvent.WARNING, LogStatus.WARNING, subject)
    say(
        guard,
        "warned",
        moment.at,
        subject,
        standing_words(guard, standing),
        figures=figures_of(standing),
    )


def _clear(guard: Guard, moment: Moment) -> None:
    standing = moment.standing
    assert standing is not None, "what clears is a figure"
    subject = f"Back at {percent(standing.used)} of an allowance: {guard.name}"
    lines = standing_words(guard, standing)
    say(guard, "cleared", moment.at, subject, lines, figures=figures_of(standing))


def _suspect(guard: Guard, moment: Moment) -> None:
    subject = f"A jump that nothing explains: {guard.name}"
    lines = [
        "Equity changed by much, and neither a fill nor a price nor a deposit or withdrawal explains it.",
        "Money that moved and is not booked yet, most likely. The guard waits with firing for some minutes: look now.",
    ]
    _log(guard, moment.at, LogEvent.WARNING, LogStatus.WARNING, subject)
    say(guard, "suspect", moment.at, subject, lines, urgent=True, figures=figures_of(moment.standing))  # fmt: skip


def _silent(guard: Guard, moment: Moment, *, loud: bool = False) -> None:
    heard_at = _memory(guard).heard_at
    _log(guard, moment.at, LogEvent.WARNING, LogStatus.FAILED, f"{guard.name}: nothing is heard.")
    tell_silence(guard, moment.at, heard_at, loud=loud)


def _silent_long(guard: Guard, moment: Moment) -> None:
    _silent(guard, moment, loud=True)


def _block(guard: Guard, moment: Moment) -> None:
    lay_lock(guard, reason=f"{guard.name}: nothing was heard for too long.", at=moment.at)


def _unblock(guard: Guard, moment: Moment) -> None:
    lift_of(guard, moment.at)


def _heard_again(guard: Guard, moment: Moment) -> None:
    say(guard, "heard_again", moment.at, f"News again: {guard.name}", ["It is heard again."])


_DEEDS: dict[Step, Callable[[Guard, Moment], None]] = {
    Step.WARN: _warn,
    Step.CLEAR: _clear,
    Step.SUSPECT: _suspect,
    Step.SILENT: _silent,
    Step.SILENT_LONG: _silent_long,
    Step.BLOCK: _block,
    Step.UNBLOCK: _unblock,
    Step.HEARD_AGAIN: _heard_again,
}


def _memory(guard: Guard) -> Memory:
    return kept_of(guard).memory


def _alert(guard: Guard, moment: Moment, firing: GuardFiring | None, version: Version) -> None:
    """A drawdown as the specification has it. Of a guard that fired blindly there are no figures."""
    standing = moment.standing
    lost, allowed = drawdown_of(standing) if standing else (None, None)
    if firing is None:
        action = DrawdownAction.WARNING_SENT
    else:
        action = DrawdownAction.PENDING if version.closes else DrawdownAction.BLOCKED
    DrawdownAlert.objects.create(
        workspace_id=guard.workspace_id,
        account_id=guard.account_id,
        guard=guard,
        firing=firing,
        alert_type=DrawdownAlertType.WARNING if firing is None else DrawdownAlertType.EXECUTION,
        drawdown_percent=lost,
        threshold_percent=allowed,
        equity=standing and standing.value,
        action_taken=action,
        position_count=_positions(moment.sample),
        total_loss=standing and standing.reference - standing.value,
        created_at=moment.at,
        executed_at=None if firing is None or version.closes else moment.at,
    )


def _positions(sample: GuardSample) -> int | None:
    if sample.snapshot_id is None:
        return None
    return SnapshotPosition.objects.filter(snapshot_id=sample.snapshot_id).count()


def _log(guard: Guard, at: datetime, event: LogEvent, status: LogStatus, message: str) -> None:
    ReconciliationLog.objects.bulk_create(
        ReconciliationLog(
            workspace_id=guard.workspace_id,
            account_id=account_id,
            event=event,
            status=status,
            close_reason=guard.preset or guard.kind if event == LogEvent.GUARD_TRIGGER else "",
            message=message,
            created_at=at,
        )
        for account_id in accounts_under(guard)
    )
