"""How guards stand, told so that silence is not taken for safety."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from pydantic import Field

from journal.tools.answers import moment, number, untrusted
from journal.tools.registry import ID_MAX, Arguments, Call
from reconciliation.domain.guards.machine import State
from reconciliation.models import Guard, GuardFiring, GuardSample
from reconciliation.selectors.guard_pages import (
    guards,
    latest_samples,
    locks_in_force,
    waiting_changes,
)

_GUARDS_MAX = 50
_LOCKS_MAX = 20
_MEANS = {
    State.DISARMED: "Switched off: it watches nothing.",
    State.ARMED: "Watching; below every warning.",
    State.WARNED: "Watching; a warning is reached.",
    State.CONFIRMING: "A breach was read once and waits to be confirmed.",
    State.SUSPECT: "What was read last is doubted. Unknown, not safe.",
    State.STALE: "Nothing is heard of the account. Unknown, not safe.",
    State.FIRED: "It fired; what it does is under way.",
    State.FLAT_CONFIRMED: "It fired, and the account was verified flat.",
    State.PARTIAL: "It fired and closed a part: a person has to look.",
    State.FAILED: "It fired, and what became of the positions is unknown: a person has to look.",
    State.LOCKED: "It fired, and new trades are locked until somebody arms it again.",
}
_BLIND = {State.SUSPECT, State.STALE}
_LOUD = {State.CONFIRMING, State.FIRED, State.PARTIAL, State.FAILED}


class GetGuardStatus(Arguments):
    account: int | None = Field(
        default=None, ge=1, le=ID_MAX, description="Id of an account, as in data_quality."
    )


def get_guard_status(call: Call, wanted: GetGuardStatus) -> dict[str, Any]:
    """Every guard with its latest reading, what is locked, and how many changes wait for somebody."""
    account = wanted.account if call.account_id is None else call.account_id
    rows = guards().select_related("account", "version").order_by("id")
    if call.account_id is not None:
        rows = rows.filter(account=account)
    elif account is not None:
        rows = rows.filter(Q(account=account) | Q(account=None))
    found = list(rows[:_GUARDS_MAX])
    samples = latest_samples(found)
    firings = _latest_firings(found)
    ids = [one.pk for one in found]
    return {
        "status": _status(found),
        "guards": [
            _guard(one, samples.get(one.pk), firings.get(one.pk), call.now) for one in found
        ],
        "guards_left_out": max(rows.count() - len(found), 0) if len(found) == _GUARDS_MAX else 0,
        "locks": _locks(account),
        "changes_waiting": waiting_changes().filter(guard__in=ids).count(),
        "message": _message(found),
        "about_accounts": None if account is None else [account],
    }


def _status(found: list[Guard]) -> str:
    states = {State(one.state) for one in found}
    if not found:
        return "not_set_up"
    if states & _LOUD:
        return "attention"
    if states & _BLIND:
        return "unknown"
    if states & {State.LOCKED, State.FLAT_CONFIRMED}:
        return "locked"
    return "off" if states == {State.DISARMED} else "watching"


def _message(found: list[Guard]) -> str:
    if not found:
        return (
            "No guard is set up here: nothing watches equity or drawdown, and nothing would close a position. That is "
            "unknown, not safe: ask the person what guards their broker or bots have."
        )
    if any(one.state in _BLIND for one in found):
        return "Of some accounts nothing is heard or believed: that is unknown, not safe. Say so."
    return "Only guards that are listed as armed or beyond watch anything, and only as of their latest reading."


def _guard(
    guard: Guard, sample: GuardSample | None, firing: GuardFiring | None, now: datetime
) -> dict[str, Any]:
    closes = bool(guard.version and guard.version.values.get("closes"))
    return {
        "id": guard.pk,
        "account": guard.account_id,
        "name": untrusted(guard.name),
        "kind": guard.kind,
        "preset": guard.preset or None,
        "state": guard.state,
        "means": _MEANS[State(guard.state)],
        "closes_positions": closes,
        "is_of_installation": guard.is_floor,
        "armed_at": moment(guard.armed_at),
        "latest": None if sample is None else _reading(sample, now),
        "fired_last": None
        if firing is None
        else {"at": moment(firing.fired_at), "outcome": firing.outcome},
        "page": f"/guards/{guard.pk}",
    }


def _reading(sample: GuardSample, now: datetime) -> dict[str, Any]:
    """`used_of_allowance`: 1 is a breach."""
    return {
        "at": moment(sample.at),
        "seconds_old": int((now - sample.at).total_seconds()),
        "value": number(sample.value),
        "may_not_fall_below": number(sample.floor),
        "used_of_allowance": number(sample.used),
        "doubt": sample.doubt or None,
    }


def _latest_firings(found: list[Guard]) -> dict[int, GuardFiring]:
    rows = GuardFiring.objects.filter(guard__in=[one.pk for one in found])
    newest = rows.order_by("guard_id", "-fired_at", "-id").distinct("guard_id")
    return {row.guard_id: row for row in newest}


def _locks(account: int | None) -> list[dict[str, Any]]:
    rows = locks_in_force().order_by("began_at", "id")
    if account is not None:
        rows = rows.filter(Q(account=account) | Q(account=None))
    return [
        {
            "account": one.account_id,
            "symbol": one.symbol or None,
            "reason": untrusted(one.reason),
            "since": moment(one.began_at),
            "until": moment(one.until),
        }
        for one in rows[:_LOCKS_MAX]
    ]
