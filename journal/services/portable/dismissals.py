"""What somebody dismissed of what booking found.

Such an issue has a fingerprint of our own number of the instrument, which is another one in the new place: so the
archive says which fingerprint was which issue, and the dismissals are told the new ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from django.db.models import QuerySet

from journal.domain.identity import digest
from journal.models import DataIssue, IssueDismissal

ISSUES = "booked_issues"


def booked_issues(issues: QuerySet[DataIssue]) -> Iterator[str]:
    """Of those that are dismissed."""
    dismissed = IssueDismissal.objects.values("fingerprint")
    rows = issues.filter(fingerprint__in=dismissed, instrument__isnull=False).order_by("pk")
    for one in rows.select_related("execution"):
        fill = "" if one.execution is None else one.execution.fill_key
        yield json.dumps(
            {
                "fingerprint": one.fingerprint,
                "instrument": one.instrument_id,
                "about": [fill, one.code, one.message],
            }
        )


def follow_issues(lines: Iterable[str], instruments: Mapping[int, int]) -> None:
    """`instruments` maps our numbers there to those here."""
    for line in lines:
        told = json.loads(line)
        fresh = instruments.get(told["instrument"])
        if fresh is not None:
            own = IssueDismissal.objects.filter(fingerprint=told["fingerprint"])
            own.update(fingerprint=digest(fresh, *told["about"]))
