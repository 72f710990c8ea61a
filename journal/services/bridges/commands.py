"""What a bridge is asked to do: each command is given out until it is answered or over, and carried out once.

The bridge remembers what it has begun and answered (`fillbook_client.mt5.commands`), and never begins one whose time is
over. So one that was not fetched in time was not carried out and never will be; of one that was fetched and not
answered nothing is known, and it is looked for.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from common.errors import Conflict, Forbidden, Rejected
from common.words import is_text
from journal.models import BridgeCommand, BrokerAccount, CommandKind, CommandState, Connection

BROKER = "mt5"
KIND = "mt5 commands"
_WORD = re.compile(r"[\x21-\x7e]{1,64}")
_ANSWERS_MAX = 100
_GIVEN_MAX = 50
_ANSWER_MAX_BYTES = 64 * 1024
# Read commands are of no interest any more after this; those that send an order stay: they are what was done.
_REMEMBERED = timedelta(days=2)
# How often it is written down that a bridge is there.
_NOTED = timedelta(seconds=15)


class Poll(NamedTuple):
    """What a bridge says when it asks. `may` are the kinds that it carries out."""

    bridge: str
    nonce: str
    account_number: str
    may: tuple[str, ...]
    answers: dict[int, dict[str, Any]]


class Wish(NamedTuple):
    """`key` is our name of the order that it sends, "" where it sends none."""

    kind: CommandKind
    account_number: str
    body: dict[str, Any]
    key: str = ""


class Given(NamedTuple):
    """`taken` are the answers that need not be sent again."""

    commands: list[BridgeCommand]
    taken: list[int]
    at: datetime


def read_poll(body: bytes) -> Poll:
    """Raises Rejected."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise _rejected("the body is not JSON") from None
    if not isinstance(said, dict) or said.get("kind") != KIND:
        raise _rejected(f"its kind is not “{KIND}”")
    account = said.get("account")
    number = account.get("login") if isinstance(account, dict) else None
    may = said.get("may")
    if not isinstance(may, list):
        raise _rejected("may is no list")
    return Poll(
        bridge=_word(said, "bridge"),
        nonce=_word(said, "nonce"),
        account_number=str(number) if type(number) is int and number > 0 else "",
        may=tuple(kind for kind in CommandKind.values if kind in may),
        answers=_answers(said.get("answers")),
    )


def _answers(said: Any) -> dict[int, dict[str, Any]]:
    if not isinstance(said, list) or len(said) > _ANSWERS_MAX:
        raise _rejected(f"answers is no list of at most {_ANSWERS_MAX}")
    found = {}
    for one in said:
        answer = one.get("answer") if isinstance(one, dict) else None
        if not isinstance(answer, dict) or type(one.get("sequence")) is not int:
            raise _rejected("an answer has no sequence or is no object")
        if not _can_be_kept(answer):
            raise _rejected("an answer is too long or no text, or has numbers that are none")
        found[one["sequence"]] = answer
    return found


def _can_be_kept(answer: dict[str, Any]) -> bool:
    try:
        text = json.dumps(answer, allow_nan=False)
    except (ValueError, RecursionError):
        return False
    return len(text) <= _ANSWER_MAX_BYTES and is_text(answer)


def _word(said: dict[str, Any], name: str) -> str:
    text = said.get(name)
    if not isinstance(text, str) or not _WORD.fullmatch(text):
        raise _rejected(f"{name} is no word of at most 64 characters")
    return text


def _rejected(why: str) -> Rejected:
    return Rejected("poll_unreadable", f"This is no question for commands: {why}.")


@transaction.atomic
def take_poll(
    connection_id: int, poll: Poll, *, now: datetime | None = None, account_id: int | None = None
) -> Given:
    """`account_id`: of the only account that the sender may speak for. Raises Conflict and Forbidden where this bridge
    is given nothing."""
    now = now or timezone.now()
    connection = Connection.objects.get(pk=connection_id)
    _check_welcome(connection, poll, account_id)
    _note_bridge(connection, poll, now)
    taken = [
        sequence
        for sequence, answer in poll.answers.items()
        if _answer(connection, poll, sequence, answer, now)
    ]
    if not poll.account_number:
        # The terminal is closed: whatever was to be done there cannot be done now.
        return Given([], taken, now)
    waiting = (
        BridgeCommand.objects.select_for_update(skip_locked=True)
        .filter(
            connection=connection,
            account_number=poll.account_number,
            expires_at__gt=now,
            kind__in=poll.may,
        )
        .filter(Q(state=CommandState.QUEUED) | Q(state=CommandState.FETCHED, bridge=poll.bridge))
        .order_by("sequence")
    )
    commands = list(waiting[:_GIVEN_MAX])
    for one in commands:
        if one.state == CommandState.QUEUED:
            one.state, one.bridge, one.fetched_at = CommandState.FETCHED, poll.bridge, now
    BridgeCommand.objects.bulk_update(commands, ["state", "bridge", "fetched_at"])
    return Given(commands, taken, now)


def _check_welcome(connection: Connection, poll: Poll, account_id: int | None) -> None:
    if connection.disconnected_at is not None:
        raise Conflict(
            "disconnected", "This connection was taken away. Make a new one for the bridge."
        )
    if account_id is not None:
        account = BrokerAccount.objects.get(pk=account_id)
        if (account.broker, account.broker_id) != (BROKER, poll.account_number):
            raise Forbidden("token_bound", f"This token is bound to {account}.")


def _note_bridge(connection: Connection, poll: Poll, now: datetime) -> None:
    """Who is there and what it carries out, not at every question."""
    known = connection.state.get("commands") or {}
    said = {"bridge": poll.bridge, "may": list(poll.may), "account": poll.account_number}
    if {name: known.get(name) for name in said} == said and polled_at(
        connection, now
    ) > now - _NOTED:
        return
    held = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
    held.state = {**held.state, "commands": {**said, "at": now.isoformat()}}
    held.save(update_fields=["state"])


def polled_at(connection: Connection, now: datetime) -> datetime:
    """When a bridge last asked what to do, to some seconds; long ago where none has."""
    known = connection.state.get("commands") or {}
    return (
        datetime.fromisoformat(known["at"])
        if "at" in known
        else datetime.min.replace(tzinfo=now.tzinfo)
    )


def carried_out(connection: Connection) -> frozenset[str]:
    """The kinds of commands that the connection's bridge carries out, as it last said."""
    return frozenset((connection.state.get("commands") or {}).get("may") or ())


def _answer(
    connection: Connection, poll: Poll, sequence: int, answer: dict[str, Any], now: datetime
) -> bool:
    """True also for one that nobody waits for: the bridge need not say it again. The first answer stands."""
    command = (
        BridgeCommand.objects.select_for_update()
        .filter(connection=connection, sequence=sequence, bridge=poll.bridge)
        .first()
    )
    if command is not None and command.state == CommandState.FETCHED:
        command.state, command.answer, command.answered_at = CommandState.ANSWERED, answer, now
        command.save(update_fields=["state", "answer", "answered_at"])
    return True


@transaction.atomic
def give_command(
    connection: Connection, wish: Wish, *, lasts: timedelta, now: datetime
) -> BridgeCommand:
    """The command, or the one that has the same key already."""
    held = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
    commands = BridgeCommand.objects.filter(connection=held)
    if wish.key and (known := commands.filter(key=wish.key).first()) is not None:
        return known
    last = commands.aggregate(last=Max("sequence"))["last"] or 0
    commands.filter(key="", expires_at__lt=now - _REMEMBERED).exclude(sequence=last).delete()
    return BridgeCommand.objects.create(
        workspace_id=held.workspace_id, connection=held, sequence=last + 1, asked_at=now, expires_at=now + lasts,
        **wish._asdict(),
    )  # fmt: skip


@transaction.atomic
def refuse_command(command: BridgeCommand, *, now: datetime) -> BridgeCommand:
    """One that was not fetched is never to be: then it is sure that nothing came of it. As it stands afterwards."""
    held = BridgeCommand.objects.select_for_update().get(pk=command.pk)
    if held.state == CommandState.QUEUED and held.expires_at <= now:
        held.state = CommandState.REFUSED
        held.save(update_fields=["state"])
    return held
