"""A report in short: what it says, without its tables."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from journal.tools.answers import moment, untrusted, untrusted_data
from journal.tools.registry import ID_MAX, Arguments, Call
from learning.api.base import require_whole
from learning.domain.report.document import OWN_ADVICE
from learning.models import Report
from learning.selectors.reports import find_report, told_by


class GetLearningReport(Arguments):
    report_id: int | None = Field(
        default=None, ge=1, le=ID_MAX, description="Id of a report; the newest without it."
    )
    kind: Literal["weekly", "monthly"] | None = Field(
        default=None, description="The newest of that kind."
    )


def get_learning_report(call: Call, wanted: GetLearningReport) -> dict[str, Any]:
    """Sentences name strategies, tags and workspaces in the words of whoever named them: so they are marked."""
    require_whole(call.account_id)
    found = find_report(wanted.report_id, wanted.kind)
    if found is None:
        return {
            "report": None,
            "message": "No report yet. The first is made on the Monday after trades have closed.",
            "page": "/learning/reports",
        }
    return {"report": _short(found), "message": None, "page": f"/learning/reports/{found.pk}"}


def _short(report: Report) -> dict[str, Any]:
    told = told_by(report)
    return {
        "id": report.pk,
        "kind": report.kind,
        "since": moment(report.since),
        "until": moment(report.until),
        "zone": report.zone,
        "as_of": moment(report.as_of),
        "trades": report.trades,
        "headline": untrusted(report.headline),
        "focus": untrusted_data(report.focus),
        "last_focus": untrusted_data(told["score"]),
        "advice": [untrusted(one) for one in _advice(told["document"])],
        "sections": [
            {"key": one["key"], "title": one["title"], "says": [untrusted(line) for line in one["sentences"]]}
            for one in told["document"]["sections"]
        ],
    }  # fmt: skip


def _advice(document: dict[str, Any]) -> list[str]:
    """What is said of our own advice, which stands among recommendations."""
    return [
        line
        for one in document["sections"]
        for line in one["sentences"]
        if line.startswith(OWN_ADVICE)
    ]
