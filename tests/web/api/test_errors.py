"""What is not meant to happen has the API's shape too, and tells nothing of what is inside."""

from __future__ import annotations

import pytest

from accounts.middleware import WorkspaceMiddleware
from journal.api import connections
from tests import people

pytestmark = pytest.mark.django_db
INSIDE = "of the inside: /srv/fillbook, password=hunter2"


@pytest.fixture
def bot():
    client = people.bot(people.alice())
    client.raise_request_exception = False
    return client


def breaks(*args, **options):
    raise RuntimeError(INSIDE)


def check(answer):
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/json"
    said = answer.json()
    assert (said["code"], said["fields"]) == ("internal_error", {})
    assert "bug" in said["message"]
    assert "hunter2" not in answer.content.decode()
    return said


@pytest.mark.parametrize("debug", [True, False])
def test_a_bug_in_a_view_is_told_in_the_api_s_shape(bot, settings, monkeypatch, caplog, debug):
    settings.DEBUG = debug
    monkeypatch.setattr(connections, "list_connections", breaks)
    said = check(bot.get("/api/connections"))
    # The log has it under the same name.
    (failed,) = [one for one in caplog.messages if "request_failed" in one]
    assert said["request_id"] in failed


def test_a_bug_outside_a_view_too(bot, monkeypatch):
    monkeypatch.setattr(WorkspaceMiddleware, "__call__", breaks)
    check(bot.get("/api/connections"))
    assert bot.get("/connections").headers["Content-Type"].startswith("text/html")


def test_a_bug_is_heard_of_by_whoever_listens(bot, monkeypatch):
    bot.raise_request_exception = True
    monkeypatch.setattr(connections, "list_connections", breaks)
    with pytest.raises(RuntimeError):
        bot.get("/api/connections")


def test_an_address_that_is_none_is_told_in_the_api_s_shape(bot):
    answer = bot.get("/api/nothing/here")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert set(answer.json()) == {"code", "message", "fields"}
    page = bot.get("/nothing/here")
    assert (page.status_code, page.headers["Content-Type"][:9]) == (404, "text/html")
