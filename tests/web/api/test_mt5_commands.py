"""The door by which bridges fetch commands and answer them, fed what no bridge says."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.utils import timezone
from django_scopes import scope

from accounts.scopes import Scope
from journal.domain.fate import Fate
from journal.models import BridgeCommand, CommandKind, CommandState
from journal.services.bridges.commands import Wish, give_command
from journal.services.bridges.connecting import connect_bridge
from journal.services.desks.bridge import reply_of
from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def bridge():
    alice = people.alice()
    with scope(workspace=alice.workspace):
        connection, secret = connect_bridge(alice.workspace_id, user_id=None)
        yield people.bot(alice, Scope.CAPTURE_WRITE), connection, secret


@pytest.fixture
def command(bridge):
    """Fetched by the bridge “one”."""
    wish = Wish(CommandKind.CLOSE, "7", {"ticket": 1}, "k")
    give_command(bridge[1], wish, lasts=timedelta(seconds=60), now=timezone.now())
    (given,) = poll(bridge).json()["commands"]
    assert given["sequence"] == 1
    return BridgeCommand.objects.get()


def poll(door, /, *answers, name="one", raw: bytes | None = None, secret="", **changes):
    client, connection, known = door
    said = {
        "kind": "mt5 commands", "connection": str(connection.pk), "bridge": name, "nonce": "n", "account": {"login": 7},
        "may": ["read", "close"], "answers": list(answers), **changes,
    }  # fmt: skip
    body = json.dumps(said).encode() if raw is None else raw
    signed = hmac.new((secret or known).encode(), body, hashlib.sha256).hexdigest()
    return client.post(
        "/api/mt5/commands",
        body,
        content_type="application/json",
        HTTP_X_FILLBOOK_SIGNATURE=f"sha256={signed}",
    )


def answer(sequence, **said):
    return {"sequence": sequence, "answer": {"outcome": "sent", "retcode": 10009, **said}}


def test_only_the_first_answer_of_whoever_fetched_it_counts(bridge, command):
    def state():
        command.refresh_from_db()
        return command.state, command.answer

    for sequence in (0, -1, 2, 10**18, 2**63, 10**400):
        assert poll(bridge, answer(sequence)).status_code in (200, 422)
        assert state() == (CommandState.FETCHED, None)
    poll(bridge, answer(1), name="two")
    assert state() == (CommandState.FETCHED, None)
    said = answer(1, filled="0.3")
    assert poll(bridge, said).json()["taken"] == [1]
    assert state() == (CommandState.ANSWERED, said["answer"])
    # Once more, and otherwise: what was said first stands, and nothing is given out again.
    for again in (said, answer(1, filled="9")):
        assert poll(bridge, again).json() == {"nonce": "n", "taken": [1], "commands": []}
    assert state() == (CommandState.ANSWERED, said["answer"])


def test_a_command_of_another_connection_is_not_its_to_answer(bridge, command):
    stranger = people.charlie()
    with scope(workspace=stranger.workspace):
        theirs, secret = connect_bridge(stranger.workspace_id, user_id=None)
    other = people.bot(stranger, Scope.CAPTURE_WRITE), theirs, secret
    assert poll(other, answer(1)).json()["commands"] == []
    # Nor with its own secret in the other's name, nor with the other's token.
    assert poll((other[0], bridge[1], secret), answer(1)).status_code == 404
    assert poll(bridge, answer(1), secret=secret).status_code == 403
    command.refresh_from_db()
    assert command.state == CommandState.FETCHED


@pytest.mark.parametrize(
    "value",
    ["NaN", "Infinity", "-Infinity", "1e999", '"\\u0000"', '"\\ud800"', "[" * 900 + "]" * 900],
)
def test_an_answer_that_no_database_can_keep_is_refused(bridge, command, value):
    _, connection, _ = bridge
    said = {
        "kind": "mt5 commands", "connection": str(connection.pk), "bridge": "one", "nonce": "n", "account": {"login": 7},
        "may": ["close"], "answers": [{"sequence": 1, "answer": {"outcome": "sent", "filled": "HERE"}}],
    }  # fmt: skip
    raw = json.dumps(said).replace('"HERE"', value).encode()
    told = poll(bridge, raw=raw)
    assert 400 <= told.status_code < 500, told.content
    command.refresh_from_db()
    assert command.state == CommandState.FETCHED


@pytest.mark.parametrize(
    "changes",
    [
        {"answers": {}}, {"answers": [1]}, {"answers": [{"sequence": 1}]}, {"answers": [{"sequence": True, "answer": {}}]},
        {"answers": [{"sequence": 1.5, "answer": {}}]}, {"answers": [answer(1)] * 101}, {"may": {"close": 1}},
        {"bridge": ""}, {"bridge": "x" * 65}, {"bridge": None}, {"nonce": "\n"}, {"kind": "mt5 snapshot"},
        {"connection": "0"}, {"connection": "-1"}, {"connection": "9" * 30}, {"connection": None},
        {"answers": [answer(1, note="x" * 70_000)]},
    ],
)  # fmt: skip
def test_what_is_no_question_is_refused(bridge, command, changes):
    assert 400 <= poll(bridge, **changes).status_code < 500
    command.refresh_from_db()
    assert command.state == CommandState.FETCHED


@pytest.mark.parametrize("login", [0, -7, 7.0, "7", True, None, 10**40])
def test_nothing_is_given_to_a_terminal_of_another_account(bridge, login):
    wish = Wish(CommandKind.CLOSE, "7", {}, "k")
    give_command(bridge[1], wish, lasts=timedelta(seconds=60), now=timezone.now())
    assert poll(bridge, account={"login": login}).json()["commands"] == []
    assert BridgeCommand.objects.get().state == CommandState.QUEUED


@pytest.mark.parametrize(
    "filled", ["NaN", "-1", "1e999999", "Infinity", "x", None, [], {}, 10**400]
)
def test_no_fill_is_believed_that_cannot_be(filled):
    reply = reply_of({"outcome": "sent", "retcode": 10009, "filled": filled})
    assert reply.filled == 0
    assert reply.fate in (Fate.FILLED, Fate.UNKNOWN, Fate.WORKING)
