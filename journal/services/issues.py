"""Problems as data issues: stored with the row that caused them, the same trouble under the same name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction

from journal.brokers.base import ProblemRow
from journal.models import BrokerAccount, DataIssue, ImportBatch, IssueDismissal
from journal.services.evidence_rows import digest


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
