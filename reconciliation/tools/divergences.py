"""Where book and broker differ: what runs found, and what imports found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from django.db.models import QuerySet
from pydantic import Field

from journal.models import DataIssue
from journal.selectors.data_quality import DIVERGENT
from journal.selectors.issues import list_issues
from journal.selectors.keyset import Key, read_page
from journal.tools.answers import moment, untrusted, untrusted_data
from journal.tools.registry import ID_MAX, Arguments, Call
from reconciliation.domain.life import OVER
from reconciliation.domain.words import words_of
from reconciliation.models import Divergence
from reconciliation.selectors.divergences import told
from reconciliation.selectors.hearing import accounts_in_use, hearings

_NEWEST = [Key("id", descending=True)]
# Numbers, times, and words of our own; whatever else stands in a figure was written by somebody.
_PLAIN = re.compile(r"[-+0-9.:TZ ]{1,40}|yes|no|buy|sell|true|false")
_ACCOUNTS_MAX = 20
_BESIDE = 10


class ListDivergences(Arguments):
    account: int | None = Field(
        default=None, ge=1, le=ID_MAX, description="Id of an account, as in data_quality."
    )
    symbol: str = Field(default="", max_length=64, description="Only of this market.")
    severity: Literal["critical", "error", "warning", "info"] | None = Field(
        default=None, description="Only of this weight. Imports know error, warning and info."
    )
    found_by: Literal["runs", "imports"] = Field(
        default="runs",
        description="runs: the book against what the broker holds now. imports: against statements and reports that "
        "were imported.",
    )
    include_over: bool = Field(
        default=False, description="Of runs, also those that were settled or went away."
    )
    limit: int = Field(default=20, ge=1, le=50, description="How many at most.")
    cursor: str = Field(
        default="", max_length=500, description="The `next_cursor` of the page before."
    )


def list_divergences(call: Call, wanted: ListDivergences) -> dict[str, Any]:
    """What is open between book and broker, and how far the broker was heard at all."""
    account = wanted.account if call.account_id is None else call.account_id
    imports = _issues(account, wanted)
    if wanted.found_by == "imports":
        page = read_page([imports], _NEWEST, limit=wanted.limit, cursor=wanted.cursor)
        found = {"divergences": [_issue(one) for one in page.rows], "next_cursor": page.next}
    else:
        rows = _divergences(account, wanted)
        held = read_page([rows], _NEWEST, limit=wanted.limit, cursor=wanted.cursor)
        beside = [] if wanted.cursor else [_issue(one) for one in imports.order_by("-id")[:_BESIDE]]
        found = {
            "divergences": [_divergence(one, call.now) for one in held.rows],
            "next_cursor": held.next,
            "found_by_imports": beside,
        }
    return {
        **found,
        "accounts_heard": _heard(account, call.now),
        "compared": "Runs hold the book against what the broker says that the account holds; imports against the "
        "profits, costs, positions and orders of statements. Where an account is stale or unknown, no difference "
        "being listed says nothing.",
        "about_accounts": None if account is None else [account],
    }


def _divergences(account: int | None, wanted: ListDivergences) -> QuerySet[Divergence]:
    rows = told()
    if not wanted.include_over:
        rows = rows.exclude(state__in=OVER)
    if account is not None:
        rows = rows.filter(account=account)
    if wanted.severity is not None:
        rows = rows.filter(severity=wanted.severity)
    return rows.filter(symbol__iexact=wanted.symbol) if wanted.symbol else rows


def _issues(account: int | None, wanted: ListDivergences) -> QuerySet[DataIssue]:
    rows = list_issues().filter(code__in=DIVERGENT)
    if account is not None:
        rows = rows.filter(account=account)
    if wanted.severity is not None:
        rows = rows.filter(severity=wanted.severity)
    return rows.filter(instrument__symbol__iexact=wanted.symbol) if wanted.symbol else rows


def _divergence(one: Divergence, now: datetime) -> dict[str, Any]:
    words = words_of(one.kind, one.key)
    proposal = one.proposal
    return {
        "id": one.pk,
        "class": one.kind,
        "name": words.name,
        "means": words.says,
        "what_a_person_does": words.do,
        "severity": one.severity,
        "state": one.state,
        "account": one.account_id,
        "symbol": one.symbol or None,
        "book": _side(one.expected),
        "broker": _side(one.actual),
        "proposed": proposal.get("words") if proposal else None,
        "first_seen_at": moment(one.first_seen_at),
        "last_seen_at": moment(one.last_seen_at),
        "hours_known": int((now - one.first_seen_at).total_seconds() // 3600),
        "page": f"/reconciliation/divergences/{one.pk}",
    }


def _side(side: Mapping[str, Any]) -> dict[str, Any] | None:
    """Figures as they are; words that somebody else chose are marked as theirs. None: this side has nothing."""
    if not side:
        return None
    plain = {name: value for name, value in side.items() if _PLAIN.fullmatch(str(value))}
    rest = {name: value for name, value in side.items() if name not in plain}
    return {**plain, "words": untrusted_data(rest)} if rest else plain


def _issue(issue: DataIssue) -> dict[str, Any]:
    execution = issue.execution
    trade_id = None if execution is None or execution.leg is None else execution.leg.trade_id
    return {
        "id": f"issue:{issue.pk}",
        "class": f"import_{issue.code}",
        "severity": issue.severity,
        "account": issue.account_id,
        "symbol": None if issue.instrument is None else issue.instrument.symbol,
        "ticket": None if trade_id is None else f"trade:{trade_id}",
        "found_at": moment(issue.found_at),
        "what": untrusted(issue.message),
    }


def _heard(account: int | None, now: datetime) -> list[dict[str, Any]]:
    accounts = accounts_in_use()
    if account is not None:
        accounts = accounts.filter(pk=account)
    chosen = list(accounts.values_list("pk", flat=True)[:_ACCOUNTS_MAX])
    found = hearings(accounts.filter(pk__in=chosen), now=now)
    return [
        {
            "account": one.account.pk,
            "freshness": one.freshness.value,
            "as_of": None if one.snapshot is None else moment(one.snapshot.as_of),
            "latest_read_failed": one.failed is not None,
        }
        for one in found
    ]
