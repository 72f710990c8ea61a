"""Problems as data issues: stored with the row that caused them, the same trouble under the same name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from journal.brokers.base import ProblemRow
from journal.domain.identity import digest
from journal.domain.values import Problem
from journal.models import BrokerAccount, DataIssue, ImportBatch, IssueDismissal

UNEXPLAINED = "position_unexplained"
# Found out where legs are put together, and kept there.
CONTESTED = "leg_contested"
# About no fill, and only found out where an instrument is booked from its beginning.
_OF_THE_BEGINNING = frozenset({UNEXPLAINED, "stated_cost_differs"})


def store_import_problems(
    batch: ImportBatch, accounts: Mapping[str, BrokerAccount], problems: Iterable[ProblemRow]
) -> None:
    DataIssue.objects.bulk_create(
        [
            DataIssue(
                workspace_id=batch.workspace_id,
                batch=batch,
                account=accounts.get(problem.account_id),
                severity=problem.severity,
                code=problem.code[:64],
                message=problem.message,
                row=problem.row,
                raw=problem.raw,
                fingerprint=digest(problem.account_id, problem.code, sorted(problem.raw.items())),
            )
            for problem in problems
        ]
    )


@transaction.atomic
def dismiss_issue(issue: DataIssue, *, reason: str, author_id: int | None) -> None:
    IssueDismissal.objects.update_or_create(
        workspace_id=issue.workspace_id,
        fingerprint=issue.fingerprint,
        defaults={"reason": reason[:255], "author_id": author_id},
    )


def restore_issue(issue: DataIssue) -> None:
    IssueDismissal.objects.filter(
        workspace_id=issue.workspace_id, fingerprint=issue.fingerprint
    ).delete()


@dataclass(frozen=True, slots=True)
class BookingIssue:
    """A problem that booking an instrument showed; `fill_key` is "" when it is about no single fill."""

    instrument_id: int
    fill_key: str
    execution_id: int | None
    problem: Problem

    @property
    def fingerprint(self) -> str:
        return digest(self.instrument_id, self.fill_key, self.problem.code, self.problem.message)


def store_booking_issues(
    account: BrokerAccount,
    since: Mapping[int, datetime | None],
    issues: Iterable[BookingIssue],
) -> None:
    """Replace what was known of these instruments from the given moments on. Unchanged issues are left alone."""
    wanted = {issue.fingerprint: issue for issue in issues}
    stale = []
    known = DataIssue.objects.filter(account=account, instrument_id__in=list(since), batch=None)
    for id_, instrument_id, fingerprint, code, executed_at in known.exclude(
        code=CONTESTED
    ).values_list("id", "instrument_id", "fingerprint", "code", "execution__executed_at"):
        start = since[instrument_id]
        if fingerprint in wanted:
            del wanted[fingerprint]
        elif start is None or _is_reached(code, executed_at, start):
            stale.append(id_)
    DataIssue.objects.filter(pk__in=stale).delete()
    DataIssue.objects.bulk_create(booking_rows(account, wanted))


def _is_reached(code: str, executed_at: datetime | None, start: datetime) -> bool:
    if executed_at is None:
        return code not in _OF_THE_BEGINNING
    return executed_at >= start


def booking_rows(account: BrokerAccount, issues: Mapping[str, BookingIssue]) -> list[DataIssue]:
    return [
        DataIssue(
            workspace_id=account.workspace_id,
            account=account,
            instrument_id=issue.instrument_id,
            execution_id=issue.execution_id,
            severity=issue.problem.severity,
            code=issue.problem.code[:64],
            message=issue.problem.message,
            row=issue.problem.row,
            fingerprint=fingerprint,
        )
        for fingerprint, issue in issues.items()
    ]
