"""What became of captured records, written down on their batch: in the shape of any import's result, and a count of
each kind besides. A batch grows with every booking, so that no page has to count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils import timezone

from journal.brokers.base import ProblemRow
from journal.models import BrokerAccount, CapturedRecord, ImportBatch
from journal.services.booking.changes import Changes
from journal.services.evidence import AccountCounts
from journal.services.ingest import COUNTED, PROBLEMS_MAX, kinds_as_dicts, problem_as_dict


class Told(NamedTuple):
    """What one booking did. `counts` are of the rows that describe trading."""

    counts: AccountCounts
    changes: Changes


def tell_booked(batch: ImportBatch, records: Sequence[CapturedRecord], told: Told | None) -> None:
    said = _said(batch)
    for kind, number in Counter(record.kind for record in records).items():
        said["captured"][kind] = said["captured"].get(kind, 0) + number
    said["last_received_at"] = records[-1].received_at.isoformat()
    if told is not None:
        if batch.account is not None:
            _count(said, batch.account, told.counts)
        said["trades"]["opened"] += told.changes.opened
        said["trades"]["closed"] += told.changes.closed
        for currency, amount in told.changes.realized_pnl.items():
            known = Decimal(said["realized_pnl"].get(currency, "0"))
            said["realized_pnl"][currency] = format(known + amount, "f")
    _keep(batch, said)


def tell_problem(batch: ImportBatch, record: CapturedRecord, problem: ProblemRow) -> None:
    said = _said(batch)
    said["captured"][record.kind] = said["captured"].get(record.kind, 0) + 1
    said["problem_count"] += 1
    kinds = Counter({(one["severity"], one["code"]): one["count"] for one in said["problem_kinds"]})
    kinds[problem.severity, problem.code] += 1
    said["problem_kinds"] = kinds_as_dicts(kinds)
    if len(said["problems"]) < PROBLEMS_MAX:
        said["problems"].append(problem_as_dict(problem))
    _keep(batch, said)


def _said(batch: ImportBatch) -> dict[str, Any]:
    return batch.result or {
        "format": batch.format,
        "sha256": "",
        "accounts": [],
        "problems": [],
        "problem_count": 0,
        "problem_kinds": [],
        "other_rows": {},
        "trades": {"opened": 0, "closed": 0},
        "realized_pnl": {},
        "captured": {},
    }


def _count(said: dict[str, Any], account: BrokerAccount, counts: AccountCounts) -> None:
    if not said["accounts"]:
        nothing = {"read": 0, "new": 0, "duplicate": 0}
        said["accounts"].append(
            {
                "broker_id": account.broker_id,
                "id": account.pk,
                "is_new": False,
                "from_on": "",
                "to_on": "",
                "zone": "",
                "first_executions": [],
                **{kind: dict(nothing) for kind in (*COUNTED, "orders")},
                "positions": 0,
            }
        )
    (one,) = said["accounts"]
    one |= {"name": account.name, "base_currency": account.base_currency}
    for kind in ("executions", "orders"):
        for name, number in counts.as_dict(kind).items():
            one[kind][name] += number


def _keep(batch: ImportBatch, said: dict[str, Any]) -> None:
    batch.result, batch.finished_at = said, timezone.now()
    batch.save(update_fields=["result", "finished_at"])
