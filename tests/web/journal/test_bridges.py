"""The pages of a bridge: made, told its secret once, looked after."""

from __future__ import annotations

import hashlib
import hmac
import json
import re

import pytest
from django_scopes import scope

from accounts.roles import Role
from journal.models import Connection
from journal.services.bridges.connecting import check_signature, connect_bridge
from journal.services.bridges.receiving import take_push
from tests import people

pytestmark = pytest.mark.django_db
SNAPSHOT = {
    "kind": "mt5 snapshot", "bridge": "b", "sequence": 1, "made_at": "2026-11-18T15:00:00Z", "complete_until": 1795020000,
    "account": {"login": 700300, "server": "Sample-Demo", "currency": "USD", "balance": 1000.1, "equity": 998.25},
    "positions": [{"symbol": "EURUSD"}, {"symbol": "XBR"}],
}  # fmt: skip


@pytest.fixture
def who():
    return people.everybody()


@pytest.fixture
def alice(who):
    return people.browser(who.alice)


@pytest.fixture
def connection(who):
    with scope(workspace=who.workspace):
        return connect_bridge(who.workspace.pk, name="My terminal", user_id=None)[0]


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def push(who, connection, **changes):
    body = json.dumps(SNAPSHOT | {"connection": str(connection.pk)} | changes).encode()
    with scope(workspace=who.workspace):
        return take_push(connection.pk, body)


def test_it_is_among_the_brokers_and_is_made_with_a_name_and_a_zone(who, alice):
    assert "MetaTrader 5" in text_of(alice.get("/connections/new"))
    form = alice.get("/connections/new/mt5")
    assert "EET_with_US_daylight_saving" in form.content.decode()
    answer = alice.post("/connections/new/mt5", {"name": "Desk", "zone": "Europe/Athens"})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    with scope(workspace=who.workspace):
        made = Connection.objects.get()
    assert (made.name, made.zone, made.fetcher) == ("Desk", "Europe/Athens", "mt5")
    secret = re.search(r'id="bridge-secret" readonly value="([^"]+)"', answer.content.decode())[1]
    ini = re.search(r"<pre[^>]*>(.*?)</pre>", answer.content.decode(), re.DOTALL)[1]
    assert f"secret = {secret}" in ini
    assert f"connection = {made.pk}" in ini
    assert "url = http://testserver" in ini
    # Nowhere else, and never again.
    for page in ("/connections", f"/connections/{made.pk}"):
        assert secret not in alice.get(page).content.decode()


def test_a_zone_that_does_not_exist_is_told_at_its_field(alice):
    answer = alice.post("/connections/new/mt5", {"name": "Desk", "zone": "Mars/Olympus"})
    assert answer.status_code == 422
    assert "is not a time zone" in text_of(answer)


def test_before_the_first_push_it_says_what_to_look_for(alice, connection):
    shown = text_of(alice.get(f"/connections/{connection.pk}"))
    assert "Nothing pushed yet" in shown
    assert "Is fillbook-mt5 running" in shown
    assert "Pull now" not in shown


def test_the_account_is_shown_as_it_was_last_seen(who, alice, connection):
    push(who, connection)
    shown = text_of(alice.get(f"/connections/{connection.pk}"))
    assert "Sample-Demo" in shown
    assert "998.25" in shown
    assert "Open positions 2" in shown
    assert "Pushed by its bridge" in text_of(alice.get("/connections"))


def test_what_could_not_be_read_is_unknown_and_not_nothing(who, alice, connection):
    unread = [{"call": "initialize", "code": -10003, "text": "IPC initialize failed"}]
    changes = {"account": {"login": 700300, "server": "Sample-Demo"}, "unread": unread}
    body = {name: value for name, value in SNAPSHOT.items() if name != "positions"} | changes
    body |= {"connection": str(connection.pk)}
    with scope(workspace=who.workspace):
        take_push(connection.pk, json.dumps(body).encode())
    page = alice.get(f"/connections/{connection.pk}")
    assert "IPC initialize failed" in text_of(page)
    assert page.content.decode().count("The bridge could not read") == 3


def test_a_gap_is_shown(who, alice, connection):
    push(who, connection)
    push(who, connection, sequence=4)
    shown = text_of(alice.get(f"/connections/{connection.pk}"))
    assert "some are missing" in shown
    assert "2 to 3" in shown


def test_a_new_secret_is_shown_once_and_ends_the_former(who, alice, connection):
    answer = alice.post(f"/connections/{connection.pk}/secret")
    secret = re.search(r'readonly value="([^"]+)"', answer.content.decode())[1]
    assert "no-store" in answer["Cache-Control"]
    with scope(workspace=who.workspace):
        connection.refresh_from_db()
        signed = hmac.new(secret.encode(), b"body", hashlib.sha256).hexdigest()
        check_signature(connection, b"body", f"sha256={signed}")


def test_name_and_zone_are_changed_and_the_rest_stays(who, alice, connection):
    alice.post(f"/connections/{connection.pk}", {"name": "Other", "zone": "Europe/Athens"})
    with scope(workspace=who.workspace):
        connection.refresh_from_db()
    assert (connection.name, connection.zone, connection.schedule) == (
        "Other",
        "Europe/Athens",
        "manual",
    )
    answer = alice.post(f"/connections/{connection.pk}", {"name": "Other", "zone": "nowhere"})
    assert answer.status_code == 422


def test_a_viewer_looks_and_changes_nothing(who, connection):
    bob = people.browser(people.bob(who.workspace, role=Role.VIEWER))
    page = bob.get(f"/connections/{connection.pk}")
    assert "new secret" not in text_of(page)
    assert bob.post(f"/connections/{connection.pk}/secret").status_code == 403
    assert bob.get("/connections/new/mt5").status_code == 403


def test_a_connection_that_is_pulled_has_no_secret_to_renew(who, alice):
    with scope(workspace=who.workspace):
        other = Connection.objects.create(workspace=who.workspace, fetcher="ibkr_flex", name="Flex")
    assert alice.post(f"/connections/{other.pk}/secret").status_code == 404
