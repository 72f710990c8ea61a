"""`manage.py sync_account`: the foreground of a pull."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django_scopes import scope

from journal.management.commands import sync_account
from journal.models import Execution, Pull
from journal.services.pulls import clock, run
from journal.services.pulls.asking import ask_pull
from tests import people
from tests.pulling import at_its_time, connect, flex_service
from tests.simulators.ibkr_flex import CREDENTIALS

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    return people.alice().workspace


@pytest.fixture
def flex(monkeypatch):
    with flex_service() as running:
        running.fill()
        monkeypatch.setattr(run.run_pull, "__kwdefaults__", {"clock": running.clock})
        monkeypatch.setattr(sync_account.time, "sleep", running.clock.sleep)
        assert clock.SYSTEM is not running.clock
        yield running


def sync(flex, *arguments: str) -> tuple[str, str]:
    """What it prints, and what it ends with."""
    out = io.StringIO()
    with at_its_time(flex):
        try:
            call_command("sync_account", "--workspace", "alices-journal", *arguments, stdout=out)
        except CommandError as error:
            return out.getvalue(), str(error)
    return out.getvalue(), ""


def test_it_waits_until_everything_is_in_the_book(workspace, flex):
    connect(workspace, flex, name="Main")
    flex.script(get=["1019"] * 30)
    out, error = sync(flex, "--json")
    assert error == ""
    told = json.loads(out)
    assert [(one["name"], one["state"], one["error"]) for one in told] == [("Main", "done", None)]
    assert told[0]["executions"] == {"read": 2, "new": 2, "duplicate": 0}
    assert (told[0]["complete_until"], told[0]["gaps"]) == ("2026-07-01T04:00:00+00:00", [])
    with scope(workspace=workspace):
        assert Execution.objects.count() == 2


def test_it_can_be_told_which(workspace, flex):
    main = connect(workspace, flex, name="Main")
    connect(workspace, flex, name="Other", credentials={**CREDENTIALS, "query_id": "1"})
    out, error = sync(flex, "--connection", "Main", "--days-back", "9")
    assert (out.startswith("Main: done, 2 new executions of 2"), error) == (True, "")
    assert flex.periods() == [("20260622", "20260630")]
    out, _ = sync(flex, "--connection", str(main.pk))
    assert out.startswith("Main: done")
    out, _ = sync(flex, "--account", "U7000001")
    assert out.startswith("Main: done")
    assert "Other" not in out


def test_a_failure_is_an_error_with_the_reason(workspace, flex):
    connect(workspace, flex, name="Main")
    flex.script(send=["1012"])
    out, error = sync(flex, "--json")
    assert json.loads(out)[0]["error"]["code"] == "flex_1012"
    assert error.startswith("Main: The token has expired.")


def test_a_lockout_is_kept_here_too(workspace, flex):
    connect(workspace, flex, name="Main")
    flex.script(send=["1025"])
    sync(flex)
    asked = len(flex.requests)
    _, error = sync(flex)
    assert "must not be asked before" in error
    assert len(flex.requests) == asked


def test_one_that_a_worker_has_begun_is_waited_for(workspace, flex):
    connection = connect(workspace, flex, name="Main")
    with scope(workspace=workspace), at_its_time(flex):
        begun = ask_pull(connection)
    out, error = sync(flex)
    assert (out.startswith("Main: done"), error) == (True, "")
    with scope(workspace=workspace):
        assert Pull.objects.get().pk == begun.pk


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--connection", "Nobody"), "no connection “Nobody”"),
        (("--account", "U9"), "no connection that fills U9"),
        ((), "no connection (known: none yet)"),
        (("--days-back", "0"), "--days-back must be"),
    ],
)
def test_what_cannot_be_done_is_said(workspace, flex, arguments, words):
    _, error = sync(flex, *arguments)
    assert words in error
