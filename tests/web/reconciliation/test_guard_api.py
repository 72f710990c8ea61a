"""Guards over the API: tighter at once, looser by two, and told as they were read."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scope

from accounts.roles import Role
from accounts.scopes import Scope
from reconciliation.models import ChangeState, Guard, GuardVersion
from tests import guarding, people
from tests.web.reconciliation import rows, whole

pytestmark = pytest.mark.django_db

READ, WRITE = Scope.RECONCILIATION_READ, Scope.RECONCILIATION_WRITE
LOOSER = {"values": {"limit": {"amount": "0.2"}}, "reason": "The firm allows it."}


@pytest.fixture
def who():
    return people.everybody(bob_as=Role.TRADER)


@pytest.fixture
def alice(who):
    return people.bot(who.alice, READ, WRITE)


@pytest.fixture
def book(who):
    with scope(workspace=who.workspace):
        yield rows.account(who.workspace)


@pytest.fixture
def guard(who, book) -> Guard:
    return guarding.guard(who.workspace, book)


def told(client, path: str, **query):
    answer = client.get(f"/api/guards{path}", query)
    assert answer.status_code == 200, answer.json()
    return answer.json()


def make(client, **said):
    return client.post("/api/guards", {"name": "Mine", "account": None, **said})


def test_a_guard_is_told_with_its_latest_reading(alice, guard):
    whole.sample(guard, timezone.now() - timedelta(minutes=1))
    whole.sample(guard, used=Decimal("0.50"))
    (one,) = told(alice, "")["results"]
    assert (one["state"], one["is_armed"], one["version"]) == ("armed", True, 1)
    assert one["values"]["limit"]["amount"] == "0.1"
    assert one["values"]["settings"]["silence"] == 300
    assert (one["latest"]["used"], one["latest"]["value"]) == ("0.5", "95500.5")


def test_one_guard_has_what_led_to_a_firing_and_what_waits(alice, guard):
    fired_at = timezone.now() - timedelta(minutes=5)
    before = whole.sample(guard, fired_at - timedelta(seconds=5))
    after = whole.sample(guard, fired_at + timedelta(minutes=1))
    whole.firing(guard, fired_at=fired_at)
    waits = whole.waiting(guard)
    one = told(alice, f"/{guard.pk}")
    assert [sample["id"] for sample in one["samples"]] == [after.pk, before.pk]
    assert one["firings"][0]["outcome"] == "flat"
    assert [change["id"] for change in one["changes"]] == [waits.pk]
    moment = (fired_at + timedelta(seconds=1)).isoformat().replace("+00:00", "Z")
    led = told(alice, f"/{guard.pk}/samples", until=moment)["results"]
    assert [sample["id"] for sample in led] == [before.pk]


def test_tighter_counts_at_once(alice, guard):
    answer = alice.post(
        f"/api/guards/{guard.pk}/changes", {"values": {"limit": {"amount": "0.05"}}}
    )
    assert (answer.status_code, answer.json()["state"]) == (200, "applied")
    one = told(alice, f"/{guard.pk}")
    assert one["values"]["limit"]["amount"] == "0.05"
    assert one["values"]["limit"]["reference"] == "high"


def test_looser_waits_for_somebody_else(who, alice, guard):
    unsaid = alice.post(f"/api/guards/{guard.pk}/changes", {"values": LOOSER["values"]})
    assert (unsaid.status_code, unsaid.json()["code"]) == (422, "reason_missing")
    answer = alice.post(f"/api/guards/{guard.pk}/changes", LOOSER)
    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    assert answer.json()["loosens"] == ["limit"]
    change = answer.json()["id"]
    own = alice.post(f"/api/guards/changes/{change}/approve")
    assert (own.status_code, own.json()["code"]) == (403, "second_person_needed")
    assert told(alice, f"/{guard.pk}")["values"]["limit"]["amount"] == "0.1"
    bob = people.bot(who.bob, READ, WRITE)
    assert bob.post(f"/api/guards/changes/{change}/approve").json()["state"] == "applied"
    assert told(alice, f"/{guard.pk}")["values"]["limit"]["amount"] == "0.2"
    again = bob.post(f"/api/guards/changes/{change}/refuse")
    assert (again.status_code, again.json()["code"]) == (409, "change_is_over")


def test_switching_off_waits_and_can_be_taken_back(who, alice, guard):
    assert alice.post(f"/api/guards/{guard.pk}/disarm", {}).status_code == 422
    answer = alice.post(f"/api/guards/{guard.pk}/disarm", {"reason": "Holidays."})
    assert answer.status_code == 202
    assert told(alice, f"/{guard.pk}")["is_armed"]
    bob = people.bot(who.bob, READ, WRITE)
    path = f"/api/guards/changes/{answer.json()['id']}/withdraw"
    assert bob.post(path).json()["code"] == "not_yours"
    assert alice.post(path).json()["state"] == "withdrawn"


def test_what_the_installation_asks_for_is_not_undercut(who, alice, book, settings):
    settings.GUARD_FLOOR_DRAWDOWN_PERCENT = Decimal(10)
    floor = guarding.guard(who.workspace, book, preset="floor_drawdown")
    answer = alice.post(f"/api/guards/{floor.pk}/changes", LOOSER)
    assert (answer.status_code, answer.json()["code"]) == (403, "floor_of_installation")
    assert alice.post(f"/api/guards/{floor.pk}/disarm", {"reason": "No."}).status_code == 403


def test_a_guard_is_made_simulated_and_then_armed(alice, book):
    answer = make(alice, account=book.pk, preset="drawdown", is_armed=False)
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    assert (made["state"], made["preset"]) == ("disarmed", "drawdown")
    short = alice.post(f"/api/guards/{made['id']}/simulate", {})
    assert (short.status_code, short.json()["code"]) == (422, "history_too_short")
    start = timezone.now() - timedelta(days=30)
    for day in range(30):
        at = start + timedelta(days=day)
        equity = Decimal(100_000 if day < 20 else 80_000)
        on = rows.snapshot(book, at, equity=equity, balance=equity)
        rows.worth(book, at, snapshot=on, equity=equity, balance=equity)
    found = alice.post(f"/api/guards/{made['id']}/simulate", {"values": {"closes": True}}).json()
    assert found["samples"] == 30
    assert found["fired"] >= 1
    assert Decimal(found["worst"]) >= 1
    assert Guard.objects.get().versions.count() == 1
    armed = alice.post(f"/api/guards/{made['id']}/arm", {})
    assert (armed.status_code, told(alice, f"/{made['id']}")["state"]) == (200, "armed")


def test_a_guard_of_each_kind_can_be_made_and_taken_away(alice):
    for kind in ("limit", "conduct", "market"):
        made = make(alice, kind=kind, is_armed=False)
        assert made.status_code == 201, made.json()
        assert alice.delete(f"/api/guards/{made.json()['id']}").status_code == 204
    assert told(alice, "")["results"] == []
    armed = make(alice).json()["id"]
    assert alice.delete(f"/api/guards/{armed}").json()["code"] == "guard_is_armed"


@pytest.mark.parametrize(
    ("values", "about"),
    [
        ({"limit": {"amount": "0"}}, "limit.amount"),
        ({"limit": {"amount": "1.5"}}, "limit.amount"),
        ({"limit": {"amount": "NaN"}}, "limit.amount"),
        ({"limit": {"amuont": "0.1"}}, "limit.amuont"),
        ({"limit": "none"}, "limit"),
        ({"limit": {"reference": "moon"}}, "limit.reference"),
        ({"settings": {"tiers": ["0.9", "0.4"]}}, "settings.tiers"),
        ({"settings": {"silence": -5}}, "settings.silence"),
        ({"settings": {"hard": "0.5"}}, "settings.hard"),
        ({"day": {"zone": "../etc"}}, "day.zone"),
        ({"day": {"rollover_minutes": 9999}}, "day.rollover_minutes"),
        ({"initial": "-1"}, "initial"),
        ({"is_armed": "perhaps"}, "is_armed"),
    ],
)
def test_what_a_guard_cannot_be_set_to_is_named(alice, guard, values, about):
    answer = alice.post(f"/api/guards/{guard.pk}/changes", {"values": values, "reason": "x"})
    assert answer.status_code == 422, answer.json()
    assert [one for one in answer.json()["fields"]["values"] if one.startswith(about)]
    assert GuardVersion.objects.count() == 1


def test_presets_say_of_when_they_are(alice):
    presets = {one["slug"]: one for one in told(alice, "/presets")["results"]}
    assert presets["ftmo_daily"]["values"]["day"]["zone"] == "Europe/Prague"
    assert presets["ftmo_daily"]["as_of"]


def test_a_viewer_looks_and_a_reader_s_token_changes_nothing(who, alice, guard):
    who.bob.role = Role.VIEWER
    who.bob.save()
    viewer, reader = people.bot(who.bob), people.bot(who.alice, READ)
    for client, code in ((viewer, "viewer_cannot_write"), (reader, "scope_missing")):
        assert told(client, f"/{guard.pk}")["id"] == guard.pk
        for path in ("", f"/{guard.pk}/changes", f"/{guard.pk}/arm", f"/{guard.pk}/disarm"):
            assert client.post(f"/api/guards{path}", {}).json()["code"] == code, path
    assert people.bot(who.alice, Scope.JOURNAL_READ).get("/api/guards").status_code == 403


def test_a_bound_token_guards_its_own_account(who, guard, book):
    other = rows.account(who.workspace, "U2")
    everywhere = guarding.guard(who.workspace, None, name="All")
    bound = people.bot(who.alice, account_id=other.pk)
    assert told(bound, "")["results"] == []
    for one in (guard, everywhere):
        assert bound.get(f"/api/guards/{one.pk}").status_code == 404
        assert bound.post(f"/api/guards/{one.pk}/disarm", {"reason": "x"}).status_code == 404
    change = whole.waiting(guard)
    assert bound.post(f"/api/guards/changes/{change.pk}/refuse").status_code == 404
    assert make(bound).json()["code"] == "token_bound"
    assert make(bound, account=book.pk).status_code == 404
    assert make(bound, account=other.pk).status_code == 201
    change.refresh_from_db()
    assert change.state == ChangeState.WAITING


def test_a_list_asks_the_database_as_often_for_many_as_for_one(who, alice, guard):
    whole.sample(guard)
    told(alice, "")
    with CaptureQueriesContext(connection) as few:
        told(alice, "")
    for number in range(4):
        account = rows.account(who.workspace, f"V{number}")
        whole.sample(guarding.guard(who.workspace, account))
    with CaptureQueriesContext(connection) as many:
        assert len(told(alice, "")["results"]) == 5
    assert len(many) == len(few) <= 10
