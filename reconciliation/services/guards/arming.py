"""Guards switched on and off. On is tighter and at once; off, and on again after firing, is looser: it takes two."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Membership
from reconciliation.domain.codec import dump
from reconciliation.domain.guards.changes import Version
from reconciliation.domain.guards.machine import State
from reconciliation.domain.guards.watching import retrace_marks
from reconciliation.models import AccountWorth, Guard, GuardVersion
from reconciliation.selectors.flows import flows_since
from reconciliation.selectors.guards import currency_of
from reconciliation.services.guards.changing import ask_change, ask_rearm
from reconciliation.services.guards.keeping import lock_guard, values_of
from reconciliation.services.guards.worth import account_of, history_of, part_of

_FIRED = {State.FLAT_CONFIRMED, State.PARTIAL, State.FAILED, State.LOCKED}


@transaction.atomic
def arm(
    guard: Guard,
    membership: Membership,
    at: datetime,
    *,
    reason: str = "",
    counting_from: datetime | None = None,
) -> GuardVersion:
    """After it fired it waits for somebody else, or its time. `counting_from`: the marks of an account's guard begin
    with what was read then, so that a peak of the past counts."""
    assert guard.version is not None
    if guard.state in _FIRED:
        return ask_rearm(guard, membership, at, reason=reason)
    values = values_of(guard.kind, guard.version.values)._replace(is_armed=True)
    version = ask_change(guard, values, membership, at, reason=reason)
    if counting_from is not None and isinstance(values, Version):
        _count_from(lock_guard(guard.pk), values, counting_from)
    return version


def disarm(guard: Guard, membership: Membership, at: datetime, *, reason: str) -> GuardVersion:
    assert guard.version is not None
    values = values_of(guard.kind, guard.version.values)._replace(is_armed=False)
    return ask_change(guard, values, membership, at, reason=reason)


def _count_from(guard: Guard, version: Version, since: datetime) -> None:
    if guard.account is None:
        return
    samples = [one for one in history_of(guard.account.pk) if one.at >= since]
    booked = flows_since(
        guard.workspace_id, {guard.account.pk: since}, {guard.account.pk: currency_of(guard)}
    )  # fmt: skip
    flows = booked[guard.account.pk].known if booked else ()
    marks = retrace_marks(version, samples, flows)
    row = AccountWorth.objects.filter(account=guard.account).first()
    if marks is not None and row is not None:
        guard.marks, guard.armed_at = dump(marks), since
        # All flows so far are in these marks.
        guard.parts = dump({guard.account.pk: part_of(account_of(row))})
        guard.save(update_fields=["marks", "parts", "armed_at"])
