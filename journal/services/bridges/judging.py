"""What a push says of its connection: well only where nothing is missing, and the terminal is there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from journal.brokers.fetching import Verdict
from journal.brokers.metatrader.clock import Clock, ClockCheck, written
from journal.models import BridgeSeries, Connection
from journal.services.bridges.header import Header

ZONE = "zone_contradicted"
_TEXT_MAX = 120
_SHOWN = 5


def judge(
    connection: Connection,
    series: BridgeSeries,
    header: Header,
    check: ClockCheck,
    *,
    now: datetime,
) -> None:
    """Changes the connection, and does not save it."""
    connection.tried_at = now
    was_wrong = connection.error_code == ZONE and check.clock is Clock.OPEN
    verdict, code, message = "", "", ""
    if check.clock is Clock.CONTRADICTS:
        verdict, code, message = Verdict.PERSON, ZONE, _zone_sentence(connection, check)
    elif was_wrong and series.zone == connection.zone and not series.missing:
        # No tick has moved since: nobody knows better yet.
        verdict, code, message = Verdict.PERSON, ZONE, connection.error_message
    elif series.missing:
        verdict, code, message = Verdict.LATER, "pushes_missing", _missing_sentence(series)
    elif unread := _unread(header):
        verdict, code, message = Verdict.LATER, "terminal_unread", _unread_sentence(unread)
    connection.verdict, connection.error_code, connection.error_message = verdict, code, message
    connection.failures = min(connection.failures + 1, 1_000) if verdict else 0
    if not verdict:
        connection.succeeded_at = now


def _zone_sentence(connection: Connection, check: ClockCheck) -> str:
    ahead = written(check.ahead) if check.ahead is not None else "another time"
    return (
        f"The trading server's clock is at {ahead}, as its ticks show, and the zone of this connection "
        f"({connection.zone}) is at {written(check.expected)}. Nothing is imported, as all times would be shifted. "
        "Choose the zone that the server runs on: then the bridge sends everything again by itself."
    )


def _missing_sentence(series: BridgeSeries) -> str:
    if series.missing[0] == [0, 0]:
        return "All of the history has to come again, and the bridge was asked for it."
    stretches = [
        f"{first}" if first == last else f"{first} to {last}" for first, last in series.missing
    ]
    shown = ", ".join(stretches[:_SHOWN]) + (" and others" if len(stretches) > _SHOWN else "")
    return (
        f"Pushes of the bridge are missing: {shown}. It was asked to send what they held again. If it does not, "
        "look whether it runs, or start it once with --start-over."
    )


def _unread(header: Header) -> list[Any]:
    unread = header.state.get("unread")
    return unread if isinstance(unread, list) else []


def _unread_sentence(unread: list[Any]) -> str:
    said = [
        f"{one.get('call')}: {one.get('text')} ({one.get('code')})"[:_TEXT_MAX]
        for one in unread[:_SHOWN]
        if isinstance(one, dict)
    ]
    return (
        "The bridge runs, and cannot read everything from the terminal, so nobody knows what happens there: "
        f"{'; '.join(said)}. It goes on trying. Look whether MetaTrader is open and signed in."
    )
