"""Tools about what the broker says and does: divergences, guards, and what was learnt."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from journal.models import DataIssue
from journal.selectors.data_quality import DIVERGENT
from journal.selectors.issues import list_issues
from journal.selectors.keyset import Key, read_page
from journal.tools.answers import moment, untrusted
from journal.tools.registry import Arguments, Call


class ListDivergences(Arguments):
    account: int | None = Field(default=None, description="Id of an account, as in data_quality.")
    severity: Literal["error", "warning", "info"] | None = Field(
        default=None, description="Only of this weight."
    )
    limit: int = Field(default=20, ge=1, le=50, description="How many at most.")
    cursor: str = Field(
        default="", max_length=500, description="The `next_cursor` of the page before."
    )


class Nothing(Arguments):
    pass


def list_divergences(call: Call, wanted: ListDivergences) -> dict[str, Any]:
    """What imports and booking found to differ between the book and the broker's own figures, and nobody dismissed."""
    account = wanted.account if call.account_id is None else call.account_id
    issues = list_issues().filter(code__in=DIVERGENT)
    if account is not None:
        issues = issues.filter(account=account)
    if wanted.severity is not None:
        issues = issues.filter(severity=wanted.severity)
    page = read_page(
        [issues], [Key("id", descending=True)], limit=wanted.limit, cursor=wanted.cursor
    )
    return {
        "divergences": [_divergence(one) for one in page.rows],
        "next_cursor": page.next,
        "compared": "The book with the statements and reports that were imported: profits, costs, positions and "
        "orders that the broker states. The broker is not asked anew for this.",
        "about_accounts": None if account is None else [account],
    }


def _divergence(issue: DataIssue) -> dict[str, Any]:
    execution = issue.execution
    trade_id = None if execution is None or execution.leg is None else execution.leg.trade_id
    return {
        "id": issue.pk,
        "class": issue.code,
        "severity": issue.severity,
        "account": issue.account_id,
        "symbol": None if issue.instrument is None else issue.instrument.symbol,
        "ticket": None if trade_id is None else f"trade:{trade_id}",
        "found_at": moment(issue.found_at),
        "what": untrusted(issue.message),
    }


def get_guard_status(call: Call, wanted: Nothing) -> dict[str, Any]:
    return {
        "status": "not_set_up",
        "guards": [],
        "message": "No guard is set up in this workspace: nothing here watches equity or drawdown, and nothing would "
        "close a position. That is unknown, not safe: ask the person what guards their broker or bots have.",
    }


def get_learned_parameters(call: Call, wanted: Nothing) -> dict[str, Any]:
    return {
        "grade": "none",
        "parameters": [],
        "message": "No parameter was learnt in this workspace, so there is none to use or to recommend. What a scanner "
        "uses was set by whoever runs it.",
    }
