"""The pages of a service that listens: found, looked after, never asked."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from django_scopes import scope

from journal.brokers.fetching import Verdict
from journal.models import Connection
from journal.services.tws.connecting import ensure_connection, tell_trouble, tell_well
from journal.services.tws.coverage import hold
from tests import captures, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def who():
    return people.everybody()


@pytest.fixture
def alice(who):
    return people.browser(who.alice)


@pytest.fixture
def connection(who):
    with scope(workspace=who.workspace):
        captures.account_of(who.workspace)
        made = ensure_connection(who.workspace.pk, "127.0.0.1", 4001, 17, numbers=(), zone="")
        now = timezone.now()
        hold(made, [captures.ACCOUNT], now - timedelta(hours=5), now, "Live")
        tell_well(made.pk)
        return made


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def page(browser, connection):
    return text_of(browser.get(f"/connections/{connection.pk}"))


def test_a_newcomer_is_told_what_to_do(who, alice):
    assert "Interactive Brokers TWS or Gateway" in text_of(alice.get("/connections/new"))
    told = text_of(alice.get("/connections/new/tws"))
    assert f"manage.py capture_ibkr --workspace {who.workspace.slug}" in told
    assert people.browser(who.bob).get("/connections/new/tws").status_code == 403


def test_it_says_that_it_is_live_when_it_was_heard_and_of_which_accounts(alice, connection):
    said = page(alice, connection)
    assert "Live" in said
    assert "Last heard" in said
    assert captures.ACCOUNT in said
    assert "Pull now" not in said
    assert "In real time" in text_of(alice.get("/connections"))


def test_it_says_what_is_wrong_and_never_that_it_is_well_then(who, alice, connection):
    with scope(workspace=who.workspace):
        tell_trouble(connection.pk, Verdict.LATER, "not_connected", "Nothing answers there.")
    said = page(alice, connection)
    assert "Not connected" in said
    assert "Nothing answers there." in said
    with scope(workspace=who.workspace):
        tell_well(connection.pk)
        long_ago = timezone.now() - timedelta(hours=1)
        Connection.objects.filter(pk=connection.pk).update(next_at=long_ago)
    said = page(alice, connection)
    assert "Not running" in said
    assert "capture_ibkr" in said


def test_a_gap_is_shown_with_who_can_fill_it(who, alice, connection):
    with scope(workspace=who.workspace):
        later = timezone.now() + timedelta(days=2)
        hold(connection, [captures.ACCOUNT], later, later + timedelta(hours=1))
    assert "a Flex statement brings these" in page(alice, connection)


def test_only_its_name_is_changed_here(who, alice, connection):
    answer = alice.post(f"/connections/{connection.pk}", {"name": "Desk", "zone": "Asia/Tokyo"})
    assert answer.status_code == 303
    with scope(workspace=who.workspace):
        connection.refresh_from_db()
    assert (connection.name, connection.zone) == ("Desk", "America/New_York")


def test_nobody_can_ask_it(who, alice, connection):
    answer = alice.post(f"/connections/{connection.pk}/pull", {}, follow=True)
    assert "Nothing is asked here" in text_of(answer)
    asked = people.bot(who.alice, *people.allowed_scopes(who.alice.role)).post(
        f"/api/connections/{connection.pk}/pull"
    )
    assert (asked.status_code, asked.json()["code"]) == (422, "heard_live")
    shown = (
        people.bot(who.alice, *people.allowed_scopes(who.alice.role))
        .get(f"/api/connections/{connection.pk}")
        .json()
    )
    assert (shown["fetcher"], shown["state"]) == ("ibkr_tws", "ok")


def test_a_stranger_does_not_find_it(who, connection):
    assert people.browser(who.charlie).get(f"/connections/{connection.pk}").status_code == 404
