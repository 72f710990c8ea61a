"""What the pages of connections say: a state in a word, what it means, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from journal import tasks
from journal.brokers.fetchers import UnknownFetcher, get_fetcher
from journal.brokers.fetching import Checking, Fetcher, Verdict
from journal.brokers.ibkr_tws.values import BROKER as IBKR
from journal.domain.spans import Span
from journal.models import BrokerAccount, Connection, Pull, PullKind, PullState
from journal.selectors.bridges import terminal_of
from journal.selectors.connections import Standing, counts_of, list_pulls, standings_of
from journal.selectors.coverage import beginning
from journal.selectors.keyset import Key, read_page
from journal.services.bridges.connecting import LABEL as BRIDGE_LABEL
from journal.services.bridges.receiving import BROKER as BRIDGE_BROKER
from journal.services.pulls.credentials import from_environment
from journal.services.tws.connecting import LABEL as LIVE_LABEL
from journal.views.connection_abilities import can_words

PULLS = 20
_NEWEST = [Key("id", descending=True)]
_STATES = {
    "new": ("Nothing pulled yet", "badge--accent"),
    "busy": ("Pulling", "badge--accent"),
    "ok": ("Up to date", "badge--profit"),
    "gaps": ("Has gaps", "badge--warning"),
    "retrying": ("Tries again", "badge--warning"),
    "stopped": ("Needs you", "badge--error"),
    "blocked": ("Locked by the broker", "badge--error"),
    "late": ("Late", "badge--warning"),
    "paused": ("Paused", ""),
    "disconnected": ("Disconnected", ""),
}
_LIVE_STATES = {
    "new": "Not heard yet", "ok": "Live", "retrying": "Not connected", "late": "Not running",
}  # fmt: skip
_PUSHED_STATES = {"new": "Nothing pushed yet", "retrying": "Not complete"}
_LEVELS = {Verdict.LATER: "warning", Verdict.PERSON: "error", Verdict.BLOCKED: "error"}
_TONES = {PullState.DONE: "badge--profit", PullState.FAILED: "badge--error"}
# How wide the strip is that shows what is complete, in its own units.
_STRIP = 1000


def connection_row(connection: Connection, standing: Standing) -> dict[str, Any]:
    word, tone = _STATES[standing.state]
    if connection.is_pushed:
        word = _PUSHED_STATES.get(standing.state, word)
    elif connection.is_live:
        word = _LIVE_STATES.get(standing.state, word)
    return {
        "connection": connection,
        "standing": standing,
        "broker": label_of(connection),
        "word": word,
        "tone": tone,
        "url": reverse("journal:connection", args=[connection.pk]),
    }


def label_of(connection: Connection) -> str:
    if connection.is_pushed:
        return BRIDGE_LABEL
    if connection.is_live:
        return LIVE_LABEL
    try:
        return get_fetcher(connection.fetcher).label
    except UnknownFetcher:
        return connection.fetcher


def describe(
    connection: Connection, fetcher: Fetcher | None, params: Mapping[str, str]
) -> dict[str, Any]:
    """Everything that the page of a connection shows but its forms."""
    now = timezone.now()
    standing = standings_of([connection], now=now)[connection.pk]
    page = read_page(
        [list_pulls(connection).prefetch_related("documents__batch")],
        _NEWEST,
        limit=PULLS,
        cursor=params.get("cursor", ""),
    )
    return {
        **connection_row(connection, standing),
        "trouble": _trouble(connection, standing, now),
        "work": progress_of(connection, standing.current) if standing.current else None,
        "bridge": terminal_of(connection) if connection.is_pushed else None,
        "may_ask": connection.is_asked
        and standing.current is None
        and (connection.not_before is None or connection.not_before <= now),
        "may_check": isinstance(fetcher, Checking),
        "can_words": can_words(connection, fetcher),
        "is_stopped": standing.state == "stopped",
        "strip": _strip(connection, fetcher, standing, now),
        "filled": _accounts(connection, fetcher, standing),
        "pulls": [pull_row(pull) for pull in page.rows],
        "page": {
            "previous": f"?cursor={page.previous}#pulls" if page.previous else None,
            "next": f"?cursor={page.next}#pulls" if page.next else None,
        },
        "may_disconnect": not connection.is_from_environment
        or from_environment(connection.fetcher) is None,
        "ask_disconnect": _disconnect_question(connection),
        **_next(connection, standing),
    }


def _next(connection: Connection, standing: Standing) -> dict[str, Any]:
    if standing.state not in ("ok", "gaps"):
        return {"next_words": "", "next_at": None}
    if connection.is_pushed:
        return {"next_words": "The bridge pushes every minute", "next_at": None}
    if connection.is_live:
        return {"next_words": "Last heard", "next_at": connection.succeeded_at}
    if connection.next_at is None:
        return {"next_words": "It is pulled when you ask for it", "next_at": None}
    return {"next_words": "The next pull is due", "next_at": connection.next_at}


def _trouble(connection: Connection, standing: Standing, now: datetime) -> dict[str, Any] | None:
    if standing.state == "late" and connection.is_pushed:
        return {
            "level": "warning",
            "text": "The bridge beside the terminal has not been heard of for a while, so nobody knows what happens "
            "there. Look whether fillbook-mt5 and MetaTrader run. What it has seen it keeps, and pushes later.",
        }
    if standing.state == "late" and connection.is_live:
        return {
            "level": "warning",
            "text": "The service that listens to TWS says nothing any more. See whether manage.py capture_ibkr runs; "
            "when it starts again, it asks TWS for the fills of the day.",
        }
    if standing.state == "late":
        return {
            "level": "warning",
            "text": "This should have been pulled, and no worker has begun. Whoever runs this installation has to see "
            "whether worker and scheduler run.",
        }
    if not connection.error_message or standing.state in ("disconnected", "busy"):
        return None
    return {
        "level": _LEVELS.get(Verdict(connection.verdict), "warning"),
        "text": connection.error_message,
        "code": connection.error_code,
        "again_at": connection.next_at,
        "not_before": connection.not_before
        if connection.not_before is not None and connection.not_before > now
        else None,
    }


def _strip(
    connection: Connection, fetcher: Fetcher | None, standing: Standing, now: datetime
) -> dict[str, Any] | None:
    """What is complete, as a drawing: from the beginning of the history to now."""
    until = standing.complete_until
    if until is None or standing.complete_since is None:
        return None
    starts = [span.since for span in standing.gaps] + [standing.complete_since]
    # A history that is longer than what is known would be all gap: it begins where something is known.
    start = min(starts)
    if fetcher is not None:
        start = max(start, beginning(connection, fetcher, now=now))
    length = (now - start).total_seconds() or 1

    def part(span: Span) -> dict[str, float]:
        since = max(span.since, start)
        at = (since - start).total_seconds() / length * _STRIP
        width = (span.until - since).total_seconds() / length * _STRIP
        return {"x": round(at, 1), "width": round(max(width, 2), 1)}

    return {
        "start": start,
        "width": _STRIP,
        "held": part(Span(start, until)),
        "gaps": [part(span) for span in standing.gaps],
    }


def _accounts(
    connection: Connection, fetcher: Fetcher | None, standing: Standing
) -> list[dict[str, Any]]:
    broker = _broker_of(connection, fetcher)
    if not broker or not standing.accounts:
        return []
    known = BrokerAccount.objects.filter(broker=broker, broker_id__in=list(standing.accounts))
    by_number = {account.broker_id: account for account in known}
    return [
        {"number": number, "account": by_number.get(number), "span": span}
        for number, span in standing.accounts.items()
    ]


def _broker_of(connection: Connection, fetcher: Fetcher | None) -> str:
    if connection.is_pushed:
        return BRIDGE_BROKER
    if connection.is_live:
        return IBKR
    return fetcher.broker if fetcher else ""


def pull_row(pull: Pull) -> dict[str, Any]:
    counts = counts_of(pull)
    documents = [one for one in pull.documents.all() if one.batch_id is not None]
    return {
        "pull": pull,
        "tone": _TONES.get(PullState(pull.state), "badge--accent"),
        "is_check": pull.kind == PullKind.CHECK,
        "read": sum(one["read"] for one in counts.values()),
        "new": sum(one["new"] for one in counts.values()),
        "imports": sorted({one.batch_id for one in documents}),
        "by": pull.asked_by.display_name
        if pull.asked_by
        else "Command line"
        if pull.source == "command"
        else pull.source.capitalize(),
    }


def _disconnect_question(connection: Connection) -> dict[str, Any]:
    words = (
        "The service ends when it next has something to say. Everything that it brought stays: orders, fills, trades "
        "and notes."
        if connection.is_live
        else "Its credentials are forgotten and nothing is pulled any more. Everything that it brought stays: files, "
        "fills, trades and notes."
    )
    return {
        "button": "Disconnect",
        "heading": "Disconnect this broker?",
        "words": words,
        "url": reverse("journal:connection-disconnect", args=[connection.pk]),
        "action": "Disconnect",
        "danger": True,
    }


def progress_of(connection: Connection, pull: Pull) -> dict[str, Any]:
    """The shape of `components/progress.html`, and `trouble` when nobody seems to be at work."""
    names = ["Asked for", "Broker answers", "Imported", "Done"]
    now = {PullState.QUEUED: 0, PullState.IMPORTING: 2}.get(PullState(pull.state), 1)
    if pull.kind == PullKind.CHECK:
        names = ["Asked for", "Broker answers"]
    waits = pull.state == PullState.QUEUED and not tasks.is_worker_there()
    return {
        "id": "progress",
        "poll_url": reverse("journal:connection", args=[connection.pk]),
        "title": pull.get_state_display(),
        "note": _note(pull),
        "steps": [
            {"label": name, "state": "done" if i < now else "now" if i == now else "next"}
            for i, name in enumerate(names)
        ],
        "trouble": "No worker is answering, so this waits. Nothing is lost: as soon as a worker runs again, it takes "
        "this up by itself."
        if waits
        else "",
    }


def _note(pull: Pull) -> str:
    brought = pull.documents.exclude(batch=None).count()
    had = f" {brought} file{'s' if brought != 1 else ''} so far." if brought else ""
    if pull.state == PullState.WAITING:
        return f"The broker is still preparing it, and is asked again in a minute.{had} You can leave this page."
    return f"You can leave this page: the work goes on, and the result will be here.{had}"
