"""The pages of connections, as people with different roles use them."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django_scopes import scope

from accounts.roles import Role
from journal import tasks
from journal.brokers.fetchers import get_fetcher
from journal.models import Connection, Execution, Pull
from journal.services.pulls.connections import create_connection
from tests import people
from tests.pulling import at_its_time, connect, flex_service, go_on, pull, until_over
from tests.simulators.ibkr_flex import CREDENTIALS, QUERY, TOKEN

pytestmark = pytest.mark.django_db
CONNECT = {
    "login_token": TOKEN, "login_query_id": QUERY, "name": "", "schedule": "daily", "pull_at_minutes": "06:15",
    "zone": "America/New_York", "account_numbers": "", "history_from": "",
}  # fmt: skip


@pytest.fixture
def who():
    return people.everybody(bob_as=Role.VIEWER)


@pytest.fixture
def alice(who):
    return people.browser(who.alice)


@pytest.fixture
def flex():
    with flex_service() as running:
        running.fill()
        yield running


@pytest.fixture(autouse=True)
def a_worker(monkeypatch):
    monkeypatch.setattr(tasks, "is_worker_there", lambda: True)


def latest(who) -> Pull:
    with scope(workspace=who.workspace):
        return Pull.objects.select_related("connection").order_by("-pk").first()


def text_of(answer) -> str:
    """What a person reads."""
    body = re.sub(r"<(script|style).*?</\1>", "", answer.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def page(client: Client, connection, flex, **query) -> str:
    with at_its_time(flex):
        answer = client.get(f"/connections/{connection.pk}", query)
    assert answer.status_code == 200
    return text_of(answer)


def test_from_nothing_to_a_complete_book(who, alice, flex):
    assert "No broker is connected" in text_of(alice.get("/connections"))
    assert "Interactive Brokers" in text_of(alice.get("/connections/new"))
    form = alice.get("/connections/new?broker=ibkr_flex").content.decode()
    assert 'type="password" name="login_token"' in form
    with at_its_time(flex):
        made = alice.post("/connections/new?broker=ibkr_flex", CONNECT)
    asked = latest(who)
    assert (made.status_code, made.url) == (303, f"/connections/{asked.connection_id}")
    waiting = page(alice, asked.connection, flex)
    assert "Waiting for a worker" in waiting
    assert "Pulling" in waiting
    until_over(go_on(asked, flex), flex)
    done = page(alice, asked.connection, flex)
    assert "Up to date" in done
    assert "Complete until 01 Jul 2026" in done
    with scope(workspace=who.workspace):
        assert Execution.objects.count() == 2
    listed = text_of(alice.get("/connections"))
    assert "Interactive Brokers (Flex Web Service)" in listed
    history = alice.get("/imports").content.decode()
    assert f'<a href="/connections/{asked.connection_id}">' in history


def test_one_that_has_brought_nothing_says_so_at_every_width(who, alice, flex):
    connect(who.workspace, flex)
    listed = alice.get("/connections").content.decode()
    assert ">Nothing yet</span>" in listed
    # The word before the moment, where there is no head of the column.
    assert "Complete until </span>" not in listed


@pytest.mark.parametrize(
    ("slug", "closing", "words"),
    [
        ("okx", "yes", "guards may close positions through it."),
        ("okx", "no", "Guards close nothing through it as long as “Closing by guards” says so."),
        ("ccxt", "", "It brings the history only: nobody can ask what is held now"),
    ],
)
def test_a_connection_says_what_it_can_do(who, alice, slug, closing, words):
    login = {"api_key": "k", "api_secret": "s", "passphrase": "p"}
    login |= {"closing": closing} if closing else {"exchange": "kucoin", "account": "mine"}
    with scope(workspace=who.workspace):
        made = create_connection(who.workspace.pk, get_fetcher(slug), login, user_id=None)
    assert words in text_of(alice.get(f"/connections/{made.pk}"))
    chosen_from = text_of(alice.get("/connections/new"))
    assert "OKX history, what is held now, closing by guards" in chosen_from
    assert "Another crypto exchange (ccxt) history only" in chosen_from


def test_progress_is_asked_for_and_ends_by_itself(who, alice, flex):
    connection = connect(who.workspace, flex)
    alice.post(f"/connections/{connection.pk}/pull")
    url = f"/connections/{connection.pk}"
    part = alice.get(url, headers={"HX-Request": "true"})
    assert part.content.startswith(b'<section class="card" id="progress-card"')
    assert f'hx-get="{url}"' in part.content.decode()
    until_over(go_on(latest(who), flex), flex)
    over = alice.get(url, headers={"HX-Request": "true"})
    assert over.headers["HX-Retarget"] == "#connection"
    assert "progress-card" not in over.content.decode()


def test_no_page_shows_a_secret(who, alice, flex):
    connection = connect(who.workspace, flex)
    flex.script(send=["1012"])
    pull(connection, flex)
    for url in (
        "/connections",
        f"/connections/{connection.pk}",
        "/connections/new?broker=ibkr_flex",
    ):
        assert TOKEN not in alice.get(url).content.decode()
    refused = alice.post("/connections/new?broker=ibkr_flex", {**CONNECT, "zone": "Mars/X"})
    assert refused.status_code == 422
    assert TOKEN not in refused.content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"login_token": ""}, "This field is required"),
        ({"zone": "Mars/Olympus"}, "is not a time zone"),
        ({"schedule": "always"}, "Select a valid choice"),
        ({"history_from": "soon"}, "Enter a valid date"),
        ({"account_numbers": "1" * 70}, "at most 64"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(who, alice, change, words):
    answer = alice.post("/connections/new?broker=ibkr_flex", {**CONNECT, **change})
    assert answer.status_code == 422
    assert words in text_of(answer)
    with scope(workspace=who.workspace):
        assert not Connection.objects.exists()


def test_the_same_login_twice_is_told(who, alice, flex):
    connect(who.workspace, flex)
    answer = alice.post("/connections/new?broker=ibkr_flex", CONNECT)
    assert answer.status_code == 422
    assert "connected already" in text_of(answer)


def test_a_stopped_connection_says_what_to_do_and_goes_on(who, alice, flex):
    connection = connect(who.workspace, flex)
    flex.script(send=["1012"])
    pull(connection, flex)
    stopped = page(alice, connection, flex)
    assert "Needs you" in stopped
    assert "The token has expired. Create a new token" in stopped
    assert "Try again" in stopped
    assert 'Connections</span><span class="count">1' in alice.get("/trades").content.decode()
    # An empty secret stays as it is stored; the number changes.
    url = f"/connections/{connection.pk}/credentials"
    with at_its_time(flex):
        answer = alice.post(url, {"login_token": "", "login_query_id": QUERY})
    assert answer.status_code == 303
    until_over(go_on(latest(who), flex), flex)
    assert "Up to date" in page(alice, connection, flex)


def test_a_locked_login_offers_no_button(who, alice, flex):
    connection = connect(who.workspace, flex)
    flex.script(send=["1025"])
    pull(connection, flex)
    locked = page(alice, connection, flex)
    assert "Locked by the broker" in locked
    assert "left alone until 02 Jul 2026" in locked
    assert "Pull now" not in locked
    with at_its_time(flex):
        answer = alice.post(f"/connections/{connection.pk}/pull", follow=True)
    assert "must not be asked before" in text_of(answer)
    assert len(flex.requests) == 1


def test_gaps_are_named(who, alice, flex):
    connection = connect(who.workspace, flex)
    flex.add_trade("20260625", transactionID="9", tradeID="9", quantity="many")
    pull(connection, flex)
    shown = page(alice, connection, flex)
    assert "Has gaps" in shown
    assert "The book lacks what happened from 01 Jul 2025" in shown


def test_settings_pause_and_disconnect(who, alice, flex):
    connection = connect(who.workspace, flex)
    url = f"/connections/{connection.pk}"
    settings = {key: value for key, value in CONNECT.items() if not key.startswith("login_")}
    saved = alice.post(url, {**settings, "name": "Main", "account_numbers": "U1, U2,U1"})
    assert saved.status_code == 303
    with scope(workspace=who.workspace):
        connection.refresh_from_db()
    assert (connection.name, connection.account_numbers) == ("Main", ["U1", "U2"])
    assert alice.post(url, {**settings, "zone": "x"}).status_code == 422
    alice.post(f"{url}/pause")
    assert "Paused" in page(alice, connection, flex)
    alice.post(f"{url}/pause")
    assert "Paused" not in page(alice, connection, flex)
    gone = alice.post(f"{url}/disconnect", follow=True)
    assert "credentials are forgotten" in text_of(gone)
    assert "No broker is connected" in text_of(gone)
    assert "Disconnected" in page(alice, connection, flex)


def test_days_back_and_a_test_from_the_page(who, alice, flex):
    connection = connect(who.workspace, flex)
    url = f"/connections/{connection.pk}"
    alice.post(f"{url}/pull", {"days_back": "12"})
    assert latest(who).days_back == 12
    again = alice.post(f"{url}/pull", follow=True)
    assert "is under way" in text_of(again)
    until_over(go_on(latest(who), flex), flex)
    wrong = alice.post(f"{url}/pull", {"days_back": "0"}, follow=True)
    assert "a number of days" in text_of(wrong)
    alice.post(f"{url}/check")
    until_over(go_on(latest(who), flex), flex)
    assert "Token and query are right" in page(alice, connection, flex)


def test_one_from_the_environment_is_shown_and_not_editable(who, alice, flex, settings):
    settings.ENVIRONMENT_CONNECTIONS = {"ibkr_flex": CREDENTIALS}
    assert "From the environment" in text_of(alice.get("/connections"))
    with scope(workspace=who.workspace):
        connection = Connection.objects.get()
    shown = alice.get(f"/connections/{connection.pk}").content.decode()
    assert "login_token" not in shown
    assert "Disconnect" not in shown
    answer = alice.post(f"/connections/{connection.pk}/disconnect", follow=True)
    assert "from the environment" in text_of(answer)
    assert "No broker is connected" in text_of(people.browser(who.charlie).get("/connections"))


def test_a_viewer_looks_and_changes_nothing(who, flex):
    connection = connect(who.workspace, flex)
    bob = people.browser(who.bob)
    shown = page(bob, connection, flex)
    assert "Pull now" not in shown
    assert "Credentials" not in shown
    url = f"/connections/{connection.pk}"
    assert bob.get("/connections/new").status_code == 403
    assert bob.post("/connections/new?broker=ibkr_flex", CONNECT).status_code == 403
    for action in ("", "/pull", "/check", "/pause", "/credentials", "/disconnect"):
        assert bob.post(f"{url}{action}", CONNECT).status_code == 403, action
    with scope(workspace=who.workspace):
        assert not Pull.objects.exists()
        assert Connection.objects.get().paused_at is None


def test_the_list_does_not_cost_more_with_more_connections(
    who, alice, flex, django_assert_max_num_queries
):
    def look(limit):
        with django_assert_max_num_queries(limit) as counted:
            alice.get("/connections")
        return len(counted)

    connect(who.workspace, flex)
    look(30)
    one = look(30)
    for number in range(6):
        connect(who.workspace, flex, credentials={**CREDENTIALS, "query_id": str(number)})
    assert look(30) == one
