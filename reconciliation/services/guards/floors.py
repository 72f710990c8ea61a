"""What whoever runs the installation asks of every account: guards that nobody in a workspace loosens or switches off.

They are made when an account is read for the first time, and follow the settings GUARD_FLOOR_*: tighter at once, and
looser too, since it is not the trader who asks.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings

from journal.domain.values import TradingDay
from journal.models import BrokerAccount
from reconciliation.domain.codec import dump
from reconciliation.domain.guards.changes import Version, undercuts
from reconciliation.domain.guards.limits import Basis, Limit, Measure, Reference
from reconciliation.domain.guards.machine import Blindness, Settings, arm
from reconciliation.domain.guards.presets import Scope
from reconciliation.domain.guards.watching import Kept
from reconciliation.models import FLOOR, ChangeState, Guard, GuardKind, GuardVersion
from reconciliation.services.guards.keeping import keep, kept_of, next_number, version_of

_REASON = "Asked for by whoever runs this installation."


class Floor(NamedTuple):
    preset: str
    name: str
    percent: Decimal
    reference: Reference
    scope: Scope

    def version(self, day: TradingDay) -> Version:
        limit = Limit(Basis.EQUITY, self.reference, self.percent / 100, Measure.OF_REFERENCE)
        # Whoever takes the account out of sight trades nothing new meanwhile.
        blind = Settings(blindness=Blindness.BLOCK_NEW)
        return Version(limit, blind, self.scope, settings.GUARD_FLOOR_CLOSES, True, day)


def list_floors() -> list[Floor]:
    """Those that this installation asks for."""
    asked = (
        Floor(f"{FLOOR}drawdown", "Drawdown allowed by this installation",
              settings.GUARD_FLOOR_DRAWDOWN_PERCENT, Reference.HIGH, Scope.UNTIL_ARMED),
        Floor(f"{FLOOR}daily_loss", "Daily loss allowed by this installation",
              settings.GUARD_FLOOR_DAILY_LOSS_PERCENT, Reference.DAY_START, Scope.DAY),
    )  # fmt: skip
    return [one for one in asked if one.percent]


def with_floors(
    workspace_id: int, account_ids: Collection[int], guards: Sequence[Guard], *, at: datetime
) -> list[Guard]:
    """The guards, with those of the installation that are new or were changed. `guards` are locked."""
    floors = list_floors()
    known = {(one.account_id, one.preset): one for one in guards if one.is_floor}
    wanted = {floor.preset for floor in floors}
    found = [one for one in guards if not one.is_floor or one.preset in wanted]
    if not floors:
        return found
    days: dict[int, TradingDay] = {}
    for floor in floors:
        for account_id in sorted(account_ids):
            guard = known.get((account_id, floor.preset))
            if guard is not None and not _differs(guard, floor):
                continue
            days = days or _days_of(account_ids)
            version = floor.version(days[account_id])
            if guard is None:
                found.append(_made(workspace_id, account_id, floor, version, at))
            else:
                _follow(guard, version, at)
    return found


def floor_of(guard: Guard) -> Version | None:
    """What the installation asks for at least of such a guard; None for all others."""
    if guard.account is None:
        return None
    for floor in list_floors():
        if floor.preset == guard.preset:
            return floor.version(guard.account.trading_day)
    return None


def _differs(guard: Guard, floor: Floor) -> bool:
    """Whether the settings ask for more than the guard has, or for less where nobody else has made it tighter."""
    version = version_of(guard)
    asked = floor.version(version.day)
    assert guard.version is not None
    return bool(undercuts(asked, version)) or (
        guard.version.asked_by_id is None and asked != version
    )


def _days_of(account_ids: Collection[int]) -> dict[int, TradingDay]:
    accounts = BrokerAccount.objects.filter(pk__in=account_ids)
    return {account.pk: account.trading_day for account in accounts}


def _made(
    workspace_id: int, account_id: int, floor: Floor, version: Version, at: datetime
) -> Guard:
    guard = Guard(
        workspace_id=workspace_id,
        account_id=account_id,
        kind=GuardKind.LIMIT,
        name=floor.name,
        preset=floor.preset,
        armed_at=at,
    )
    keep(guard, Kept(arm(kept_of(guard).memory, at)))
    guard.save()
    _set(guard, version, 1, at)
    return guard


def _follow(guard: Guard, version: Version, at: datetime) -> None:
    _set(guard, version, next_number(guard), at)


def _set(guard: Guard, version: Version, number: int, at: datetime) -> None:
    guard.version = GuardVersion.objects.create(
        workspace_id=guard.workspace_id,
        account_id=guard.account_id,
        guard=guard,
        number=number,
        values=dump(version),
        state=ChangeState.APPLIED,
        reason=_REASON,
        asked_at=at,
        decided_at=at,
    )
    guard.save(update_fields=["version"])
