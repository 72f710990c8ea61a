"""Connections to brokers, and what their pulls came to."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from common.errors import NotFound, Rejected
from journal.brokers.fetchers import UnknownFetcher, get_fetcher
from journal.brokers.fetching import Verdict
from journal.domain.spans import Span, without
from journal.models import BrokerAccount, Connection, Pull
from journal.selectors.coverage import WHOLE, beginning, coverage_of

# So much later than due, a pull is not late but missing.
_LATE = timedelta(minutes=30)
# A service that listens says every few seconds that it is there.
_SILENT = timedelta(minutes=1)
# Whose statements tell what a live connection has not heard.
_STATED_BY = {"ibkr_tws": ("ibkr_flex",)}
_COUNTED = ("executions", "cash", "corporate_actions", "option_events", "transfers")


STATES = [
    (state, state.capitalize())
    for state in (
        "new", "busy", "ok", "gaps", "retrying", "stopped", "blocked", "late", "paused", "disconnected",
    )
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """What a connection is worth just now. `state` is "ok" only where nothing is known to be missing.

    new: nothing was pulled yet. busy: a pull is under way. ok. gaps: times that the book lacks. retrying: the last pull
    failed and is tried again. stopped: waits for a person. blocked: the broker's lockout. late: due, and no worker
    came. paused. disconnected.
    """

    state: str
    complete_since: datetime | None = None
    complete_until: datetime | None = None
    gaps: list[Span] = field(default_factory=list)
    accounts: dict[str, Span] = field(default_factory=dict)
    current: Pull | None = None


def list_connections() -> QuerySet[Connection]:
    return Connection.objects.filter(disconnected_at=None).select_related("created_by")


def get_connection(connection_id: int) -> Connection:
    """Within the open workspace, those that were taken away too. Raises NotFound for anybody else's."""
    found = Connection.objects.select_related("created_by").filter(pk=connection_id).first()
    if found is None:
        raise NotFound("connection_not_found", "There is no such connection in this workspace.")
    return found


def get_pull(pull_id: int) -> Pull:
    pull = Pull.objects.select_related("connection", "asked_by").filter(pk=pull_id).first()
    if pull is None:
        raise NotFound("pull_not_found", "There is no such pull in this workspace.")
    return pull


def list_pulls(connection: Connection | None = None) -> QuerySet[Pull]:
    """The newest first."""
    pulls = Pull.objects.select_related("connection", "asked_by").order_by("-id")
    return pulls if connection is None else pulls.filter(connection=connection)


def the_connection(
    connections: QuerySet[Connection], fetcher: str, connection_id: int | None
) -> Connection:
    """The only one of that fetcher among them, or the one that is named. Raises NotFound and Rejected."""
    found = connections.filter(fetcher=fetcher)
    if connection_id is not None:
        found = found.filter(pk=connection_id)
    some = list(found.order_by("pk")[:20])
    if not some:
        raise NotFound(
            "connection_missing",
            "There is no such connection in this workspace. Open Connections and connect Interactive Brokers with the "
            "token and the number of a Flex query (docs/connections.md); for a single login the options "
            "IBKR_FLEX_TOKEN and IBKR_FLEX_QUERY_ID do the same for the first workspace.",
        )
    if len(some) > 1:
        known = ", ".join(f"{one.pk} ({one})" for one in some)
        raise Rejected(
            "connection_ambiguous",
            f"Several connections could be meant. Name one as “connection”: {known}.",
            {"connection": [f"One of {known}."]},
        )
    return some[0]


def standings_of(connections: Iterable[Connection], *, now: datetime) -> dict[int, Standing]:
    everything = list(connections)
    ids = [one.pk for one in everything]
    coverage = coverage_of(ids)
    unfinished = Pull.objects.filter(connection__in=ids, state__in=Pull.UNFINISHED)
    current = {pull.connection_id: pull for pull in unfinished}
    archived = set(
        BrokerAccount.objects.exclude(archived_at=None).values_list("broker_id", flat=True)
    )
    # Who was only ever asked for so many days has not asked for the history.
    asked = Pull.objects.filter(connection__in=ids, days_back=None, since__isnull=False)
    with_history = set(asked.values_list("connection", flat=True).distinct().order_by())
    standings = {}
    for one in everything:
        held = coverage[one.pk].held
        whole = held.get(WHOLE, [])
        settled = coverage[one.pk].settled.get(WHOLE, [])
        start = _beginning(one, now) if one.pk in with_history else None
        gaps = _gaps(whole, settled, start)
        if gaps and one.is_live:
            gaps = without(gaps, _stated(one, held.keys() - {WHOLE}))
        pull = current.get(one.pk)
        standings[one.pk] = Standing(
            state=_state(one, whole, gaps, pull, now),
            complete_since=whole[-1].since if whole else None,
            complete_until=whole[-1].until if whole else None,
            gaps=gaps,
            accounts={
                number: Span(spans[0].since, spans[-1].until)
                for number, spans in sorted(held.items())
                if number != WHOLE and spans and number not in archived
            },
            current=pull,
        )
    return standings


def _stated(one: Connection, numbers: Set[str]) -> list[Span]:
    """What statements hold of all these accounts: a live service cannot bring what it has not heard."""
    others = Connection.objects.filter(fetcher__in=_STATED_BY[one.fetcher])
    told = coverage_of(others.values_list("pk", flat=True)).values()
    missing: list[Span] = []
    reach = Span(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    for number in numbers:
        own = [span for held in told for span in held.held.get(number, ())]
        missing += without([reach], own)
    return without([reach], missing) if numbers else []


def _beginning(one: Connection, now: datetime) -> datetime | None:
    """Since when the book is to be complete. Nobody knows of a broker that this version cannot ask."""
    try:
        return beginning(one, get_fetcher(one.fetcher), now=now)
    except UnknownFetcher:
        return None


def _gaps(held: list[Span], settled: list[Span], beginning: datetime | None) -> list[Span]:
    """Between the beginning and the last moment that was ever asked for with success."""
    known = [*held, *settled]
    if not known:
        return []
    since = min(span.since for span in known) if beginning is None else beginning
    return without([Span(since, max(span.until for span in known))], held)


def _state(
    one: Connection, held: list[Span], gaps: list[Span], pull: Pull | None, now: datetime
) -> str:
    patience = _SILENT if one.is_live else _LATE
    is_late = one.next_at is not None and one.next_at < now - patience
    applies = {
        "disconnected": one.disconnected_at is not None,
        "busy": pull is not None,
        "blocked": one.verdict == Verdict.BLOCKED,
        "stopped": one.verdict == Verdict.PERSON,
        "paused": one.paused_at is not None,
        "retrying": one.verdict == Verdict.LATER,
        "late": is_late,
        "new": not held,
        "gaps": bool(gaps),
    }
    return next((state for state, is_so in applies.items() if is_so), "ok")


def list_waiting() -> QuerySet[Connection]:
    """Connections that want a person."""
    return list_connections().filter(verdict__in=[Verdict.PERSON, Verdict.BLOCKED])


def counts_of(pull: Pull) -> dict[str, dict[str, int]]:
    """What the imports of a pull read, by kind: {"executions": {"read", "new", "duplicate"}, …}."""
    totals = {kind: {"read": 0, "new": 0, "duplicate": 0} for kind in _COUNTED}
    batches = {
        document.batch_id: document
        for document in pull.documents.all()
        if document.batch is not None
    }
    for document in batches.values():
        said: dict[str, Any] = (document.batch.result if document.batch else None) or {}
        for account in said.get("accounts", []):
            for kind in _COUNTED:
                _add(totals[kind], account[kind], is_repeat=document.is_repeat)
    return totals


def _add(total: dict[str, int], counted: dict[str, int], *, is_repeat: bool) -> None:
    """What an earlier import of the same bytes brought is not new now."""
    total["read"] += counted["read"]
    total["new"] += 0 if is_repeat else counted["new"]
    total["duplicate"] += counted["read"] if is_repeat else counted["duplicate"]
