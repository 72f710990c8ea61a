"""Legs that are tied to several trades which a person keeps apart: told, for a person to decide."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import Exists, OuterRef, Q

from journal.domain.structures.grouping import Contested
from journal.domain.trouble import problem
from journal.models import BrokerAccount, DataIssue, Execution
from journal.services.issues import CONTESTED, BookingIssue, booking_rows


def store_contested(
    account: BrokerAccount, contested: Iterable[Contested], looked_at: Collection[int] | None
) -> None:
    """Replace what was told of these legs (None: of all in the account). What is still so is left as it is."""
    issues = {issue.fingerprint: issue for issue in _issues(contested)}
    known = DataIssue.objects.filter(account=account, batch=None, code=CONTESTED)
    if looked_at is not None:
        is_there = Exists(Execution.objects.filter(pk=OuterRef("execution_id")))
        known = known.filter(Q(execution_id__in=looked_at) | ~is_there)
    stale = []
    for id_, fingerprint, execution_id in known.values_list("pk", "fingerprint", "execution_id"):
        told = issues.get(fingerprint)
        if told is not None and told.execution_id == execution_id:
            del issues[fingerprint]
        else:
            stale.append(id_)
    DataIssue.objects.filter(pk__in=stale).delete()
    DataIssue.objects.bulk_create(booking_rows(account, issues))


def _issues(contested: Iterable[Contested]) -> list[BookingIssue]:
    numbers = {one.trade_id: len(one.claimed_by) for one in contested}
    # A leg has the id of the execution that opened it.
    opened = Execution.objects.filter(pk__in=numbers)
    return [
        BookingIssue(
            instrument_id, fill_key, id_,
            problem(CONTESTED, instrument_id=instrument_id, execution_id=id_, number=numbers[id_]),
        )
        for id_, instrument_id, fill_key in opened.values_list("pk", "instrument_id", "fill_key")
    ]  # fmt: skip
