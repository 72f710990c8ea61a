"""Connections and pulls over the API: connect, pull, change, take away, and who may."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django_scopes import scope

from accounts.roles import Role
from accounts.scopes import Scope
from journal import tasks
from journal.models import BrokerAccount, Connection, Execution, Pull
from journal.services.pulls.asking import ask_pull
from tests import people
from tests.doors import ROUND_TRIP, import_now
from tests.pulling import at_its_time, connect, flex_service, go_on, until_over
from tests.simulators.ibkr_flex import CREDENTIALS, SEND, TOKEN

pytestmark = pytest.mark.django_db


@pytest.fixture
def who():
    return people.everybody(bob_as=Role.VIEWER)


@pytest.fixture
def flex():
    with flex_service() as running:
        running.fill()
        yield running


@pytest.fixture
def bot(who):
    return people.bot(who.alice)


@pytest.fixture
def sent(monkeypatch):
    """Pulls that were handed to a worker."""
    found = []
    monkeypatch.setattr(tasks.pull_connection, "apply_async", lambda args: found.append(args[0]))
    return found


def run(workspace, number, flex) -> Pull:
    with scope(workspace=workspace):
        one = Pull.objects.get(pk=number)
    return until_over(go_on(one, flex), flex)


def shape_of(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_connecting_pulls_and_never_shows_the_token(
    who, bot, flex, sent, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        made = bot.post("/api/connections", {"fetcher": "ibkr_flex", "credentials": CREDENTIALS})
    assert made.status_code == 201
    said = made.json()
    assert (said["state"], said["origin"], said["schedule"]) == ("busy", "person", "daily")
    assert TOKEN not in made.content.decode()
    assert len(sent) == 1
    done = run(who.workspace, sent[0], flex)
    pull = bot.get(f"/api/pulls/{done.pk}").json()
    assert (pull["state"], pull["error"]) == ("done", None)
    assert pull["counts"]["executions"] == {"read": 2, "new": 2, "duplicate": 0}
    assert len(pull["imports"]) == 1
    with at_its_time(flex):
        now = bot.get(f"/api/connections/{said['id']}").json()
        listed = bot.get("/api/connections").json()["results"]
    assert (now["state"], now["gaps"]) == ("ok", [])
    assert now["complete_until"] == "2026-07-01T04:00:00Z"
    assert listed == [now]
    assert "credentials" not in now


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"fetcher": "papyrus", "credentials": CREDENTIALS}, "fetcher"),
        ({"fetcher": "ibkr_flex"}, "token"),
        ({"fetcher": "ibkr_flex", "credentials": {"token": "  ", "query_id": "1"}}, "token"),
        ({"fetcher": "ibkr_flex", "credentials": CREDENTIALS, "zone": "Mars/Olympus"}, "zone"),
        ({"fetcher": "ibkr_flex", "credentials": CREDENTIALS, "pull_at_minutes": 1440}, "pull_at_minutes"),
        ({"fetcher": "ibkr_flex", "credentials": CREDENTIALS, "schedule": "always"}, "schedule"),
        ({"fetcher": "ibkr_flex", "credentials": "token"}, "credentials"),
    ],
)  # fmt: skip
def test_what_cannot_be_connected_says_which_field(bot, sent, body, field):
    answer = bot.post("/api/connections", body)
    assert answer.status_code == 422
    assert field in answer.json()["fields"]
    assert sent == []


def test_changing_pausing_and_taking_away(who, bot, flex):
    connection = connect(who.workspace, flex)
    url = f"/api/connections/{connection.pk}"
    changed = bot.patch(url, {"name": "Main", "schedule": "hourly", "is_paused": True})
    assert (changed.status_code, changed.json()["name"]) == (200, "Main")
    assert (changed.json()["state"], changed.json()["is_paused"]) == ("paused", True)
    assert bot.patch(url, {"is_paused": False}).json()["state"] == "new"
    wrong = bot.patch(url, {"credentials": {"token": "1"}})
    assert (wrong.status_code, set(wrong.json()["fields"])) == (422, {"query_id"})
    assert bot.patch(url, {"fetcher": "tastytrade"}).status_code == 422
    assert bot.delete(url).status_code == 204
    assert bot.get(url).status_code == 404
    assert bot.get("/api/connections").json()["results"] == []


def test_a_second_pull_is_refused_while_one_is_under_way(who, bot, flex, sent):
    connection = connect(who.workspace, flex)
    url = f"/api/connections/{connection.pk}/pull"
    first = bot.post(url, {"days_back": 5})
    assert (first.status_code, first.json()["state"]) == (202, "queued")
    assert shape_of(bot.post(url, {})) == (409, "pull_running")


@pytest.mark.parametrize("days", [0, -1, "many", 40_000, 1.5])
def test_nonsense_for_days_back_is_refused(who, bot, flex, days):
    connection = connect(who.workspace, flex)
    answer = bot.post(f"/api/connections/{connection.pk}/pull", {"days_back": days})
    assert (answer.status_code, set(answer.json()["fields"])) == (422, {"days_back"})


def test_a_login_can_be_tested(who, bot, flex):
    connection = connect(who.workspace, flex)
    asked = bot.post(f"/api/connections/{connection.pk}/check")
    assert asked.status_code == 202
    done = run(who.workspace, asked.json()["id"], flex)
    assert (done.state, "right" in done.note) == ("done", True)
    assert len(flex.asked(SEND)) == 1
    assert bot.get(f"/api/pulls/{done.pk}").json()["kind"] == "check"


def test_a_write_that_is_sent_twice_connects_once(who, bot, flex):
    body = {"fetcher": "ibkr_flex", "credentials": CREDENTIALS}
    answers = [bot.post("/api/connections", body, headers={"Idempotency-Key": "a"}) for _ in "ab"]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    with scope(workspace=who.workspace):
        assert Connection.objects.count() == 1
    assert shape_of(bot.post("/api/connections", body)) == (409, "already_connected")


# --- the door of the first specification -------------------------------------------------------------------------


def test_flex_as_json_pulls_and_its_status_can_be_asked(who, bot, flex):
    connect(who.workspace, flex)
    asked = bot.post("/api/trades/import/flex", {"days_back": 30})
    assert asked.status_code == 202
    url = f"/api/trades/import/status/{asked.json()['id']}"
    assert bot.get(url).json()["state"] == "queued"
    run(who.workspace, int(asked.json()["id"].removeprefix("pull-")), flex)
    said = bot.get(url).json()
    assert (said["state"], said["days_back"]) == ("done", 30)
    assert said["counts"]["executions"]["new"] == 2
    batch = bot.get(f"/api/trades/import/status/{said['imports'][0]}").json()
    assert (batch["state"], batch["format"]) == ("done", "ibkr_flex")
    assert flex.periods() == [("20260601", "20260630")]


def test_flex_as_json_without_a_connection_says_how_to_set_it_up(bot):
    answer = bot.post("/api/trades/import/flex", {"days_back": 30})
    assert shape_of(answer) == (404, "connection_missing")
    for word in ("Connections", "IBKR_FLEX_TOKEN", "IBKR_FLEX_QUERY_ID"):
        assert word in answer.json()["message"]


def test_flex_as_json_with_several_connections_asks_which(who, bot, flex):
    one = connect(who.workspace, flex)
    other = connect(who.workspace, flex, credentials={**CREDENTIALS, "query_id": "7"}, name="Old")
    answer = bot.post("/api/trades/import/flex", {})
    assert shape_of(answer) == (422, "connection_ambiguous")
    assert f"{other.pk} (Old)" in answer.json()["message"]
    asked = bot.post("/api/trades/import/flex", {"connection": one.pk})
    assert (asked.status_code, asked.json()["connection"]) == (202, one.pk)


def test_flex_as_json_works_from_the_environment_alone(who, bot, flex, settings):
    settings.ENVIRONMENT_CONNECTIONS = {"ibkr_flex": CREDENTIALS}
    with scope(workspace=None), at_its_time(flex):
        first = people.Workspace.objects.order_by("pk").first()
    assert first == who.workspace
    with at_its_time(flex):
        asked = bot.post("/api/trades/import/flex", {"days_back": 30})
    assert asked.status_code == 202
    done = run(who.workspace, int(asked.json()["id"].removeprefix("pull-")), flex)
    assert done.state == "done"
    stranger = people.bot(who.charlie).post("/api/trades/import/flex", {"days_back": 30})
    assert shape_of(stranger) == (404, "connection_missing")
    assert bot.delete(f"/api/connections/{done.connection_id}").status_code == 422


def test_a_file_still_goes_in_by_the_same_door(bot):
    body = {"file": SimpleUploadedFile("june.xml", ROUND_TRIP.encode())}
    answer = bot.post("/api/trades/import/flex", body, format="multipart")
    assert (answer.status_code, answer.json()["format"]) == (202, "ibkr_flex")


@pytest.mark.parametrize("number", ["pull-", "pull-x", "pull-99999999999999999999", "x", "-1", "pull--1", "²"])  # fmt: skip
def test_a_status_of_nothing_is_not_found(bot, number):
    assert shape_of(bot.get(f"/api/trades/import/status/{number}")) == (404, "not_found")


# --- who may -----------------------------------------------------------------------------------------------------


def writes(client, number: int) -> list[int]:
    url = f"/api/connections/{number}"
    return [
        client.post("/api/connections", {"fetcher": "ibkr_flex", "credentials": CREDENTIALS}).status_code,
        client.patch(url, {"name": "Mine"}).status_code,
        client.delete(url).status_code,
        client.post(f"{url}/pull", {}).status_code,
        client.post(f"{url}/check").status_code,
        client.post("/api/trades/import/flex", {"days_back": 3}).status_code,
    ]  # fmt: skip


def test_viewers_and_tokens_that_only_read_may_look_and_nothing_else(who, flex):
    connection = connect(who.workspace, flex)
    viewer = people.bot(who.bob)
    reader = people.bot(who.alice, Scope.JOURNAL_READ)
    for client in (viewer, reader):
        assert client.get(f"/api/connections/{connection.pk}").status_code == 200
        assert set(writes(client, connection.pk)) == {403}
    with scope(workspace=who.workspace):
        assert not Pull.objects.exists()
        assert Connection.objects.get().name != "Mine"


def test_strangers_find_nothing(who, flex):
    connection = connect(who.workspace, flex)
    with scope(workspace=who.workspace), at_its_time(flex):
        pull = ask_pull(connection)
    stranger = people.bot(who.charlie)
    for url in (
        f"connections/{connection.pk}",
        f"pulls/{pull.pk}",
        f"trades/import/status/pull-{pull.pk}",
    ):
        assert stranger.get(f"/api/{url}").status_code == 404
    assert stranger.get("/api/pulls").json()["results"] == []
    assert set(writes(stranger, connection.pk)[1:5]) == {404}
    answer = stranger.post("/api/trades/import/flex", {"connection": connection.pk})
    assert answer.status_code == 404


def test_a_bound_token_sees_the_connections_of_its_account_alone(who, flex):
    import_now(who.workspace, ROUND_TRIP)
    with scope(workspace=who.workspace):
        account = BrokerAccount.objects.get()
    every = connect(who.workspace, flex)
    own = connect(
        who.workspace, flex, credentials={**CREDENTIALS, "query_id": "8"}, account_numbers=[account.broker_id]
    )  # fmt: skip
    bound = people.bot(who.alice, account_id=account.pk)
    assert [one["id"] for one in bound.get("/api/connections").json()["results"]] == [own.pk]
    assert bound.get(f"/api/connections/{every.pk}").status_code == 404
    assert bound.post(f"/api/connections/{own.pk}/pull", {}).status_code == 202
    answer = bound.patch(f"/api/connections/{own.pk}", {"account_numbers": []})
    assert shape_of(answer) == (403, "token_bound")
    made = bound.post("/api/connections", {"fetcher": "ibkr_flex", "credentials": CREDENTIALS})
    assert shape_of(made) == (403, "token_bound")


def test_the_audit_trail_has_no_credentials(who, bot, flex):
    bot.post("/api/connections", {"fetcher": "ibkr_flex", "credentials": CREDENTIALS})
    events = apps.get_model("journal", "ConnectionEvent")
    with scope(workspace=who.workspace):
        rows = list(events.objects.values())
        assert rows
        assert TOKEN not in str(rows)
        assert not {"credentials", "state"} & set(rows[0])
        assert Execution.objects.count() == 0


@pytest.mark.parametrize(
    ("fetcher", "code", "words"),
    [("mt5", "set_by_bridge", "bridge"), ("ibkr_tws", "set_by_capture", "capture_ibkr")],
)
def test_what_comes_by_itself_says_who_sets_its_account(who, bot, fetcher, code, words):
    with scope(workspace=who.workspace):
        made = Connection.objects.create(
            workspace=who.workspace, fetcher=fetcher, name="One", account_numbers=["700300"]
        )
    url = f"/api/connections/{made.pk}"
    answer = bot.patch(url, {"account_numbers": ["700301"], "name": "Two"})
    assert shape_of(answer) == (422, code)
    assert words in answer.json()["fields"]["account_numbers"][0]
    answer = bot.patch(url, {"credentials": {"secret": "mine"}})
    assert shape_of(answer) == (422, code)
    assert "credentials" in answer.json()["fields"]
    with scope(workspace=who.workspace):
        made.refresh_from_db()
    assert (made.name, made.account_numbers) == ("One", ["700300"])
    assert bot.patch(url, {"account_numbers": ["700300"], "name": "Two"}).status_code == 200
