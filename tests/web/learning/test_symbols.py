"""A symbol that a person puts where the evidence would not: kept with the reason, told to scanners, and left alone for a
while by the learner."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import models
from django.utils import timezone
from django_scopes import scope

from accounts.scopes import Scope
from learning.domain.words.bans import banned_in
from learning.models import (
    ParameterVersion,
    RunKind,
    SymbolChange,
    SymbolStanding,
    TradeFact,
    VersionCause,
)
from learning.services import versions
from learning.services.learner import learn
from learning.services.running import read
from tests import captures, people
from tests.integration.learning.many import closed

pytestmark = pytest.mark.django_db
ACME = "/api/learning/symbols/ACME"
BEGIN = datetime(2026, 3, 2, 14, tzinfo=UTC)
WHY = "The losses were of one week"


def trade(workspace, symbol, mean, count, *, begin=BEGIN, first=1):
    """A trade a day of one symbol, with so much R on average."""
    results = np.where(np.arange(count) % 4 == 3, -1.0, 1.0) * 0.3 + mean
    closed(captures.account_of(workspace), results, begin=begin, first=first)
    TradeFact.objects.filter(pk__gte=first).update(symbol=symbol)


@pytest.fixture
def who():
    """ACME lost in 40 of its trades what nothing but skill at losing explains; ZEN made as much."""
    who = people.everybody()
    with scope(workspace=who.workspace):
        trade(who.workspace, "ACME", -0.9, 40)
        trade(who.workspace, "ZEN", 0.3, 40, first=101)
        look(who)
    return who


def look(who):
    """As of the newest trade that is known, or of what a person said after it."""
    with scope(workspace=who.workspace):
        newest = TradeFact.objects.aggregate(at=models.Max("known_at"))["at"]
        moments = [newest, *SymbolChange.objects.values_list("at", flat=True)]
        as_of = max(moments) + timedelta(minutes=1)
        runs = learn(who.workspace.pk, as_of=as_of, kinds=[RunKind.SYMBOLS, RunKind.PARAMETERS])
        return read(runs[0])["symbols"]["ACME"]


def standing(who):
    with scope(workspace=who.workspace):
        return SymbolStanding.objects.get(symbol="ACME").standing


def test_put_back_it_is_left_there_for_twenty_outcomes_and_then_judged_again(who):
    writer = people.bot(who.alice)
    assert writer.get(ACME).json()["standing"] == "paper_only"
    answer = writer.post(ACME, {"standing": "normal", "reason": f"  {WHY}  "})
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert (told["standing"], told["size"]) == ("normal", 1.0)
    assert "looked at again after 20 more outcomes" in told["words"]
    step = told["changes"][0]
    assert (step["before"], step["after"], step["reason"]) == ("paper_only", "normal", WHY)
    assert step["made_by"] == who.alice.user_id
    # What it lost is as bad as it was, and a person has spoken since.
    held = look(who)
    assert (held["standing"], held["held_by_person"]) == ("normal", True)
    assert standing(who) == "normal"
    with scope(workspace=who.workspace):
        trade(who.workspace, "ACME", -0.9, 19, begin=timezone.now() + timedelta(days=1), first=201)
    assert look(who)["held_by_person"]
    assert "after 1 more outcome." in writer.get(ACME).json()["words"]
    with scope(workspace=who.workspace):
        trade(who.workspace, "ACME", -0.9, 1, begin=timezone.now() + timedelta(days=30), first=301)
    assert look(who)["standing"] == "paper_only"
    assert standing(who) == "paper_only"
    changes = writer.get("/api/learning/symbol-changes?symbol=ACME").json()["results"]
    assert [one["made_by"] for one in changes] == [None, who.alice.user_id, None]


def test_scanners_are_told_at_once_as_a_version_of_a_person(who):
    writer = people.bot(who.alice)
    before = writer.get("/api/learning/parameters")
    assert before.json()["effective"]["blacklist"] == ["ACME"]
    writer.post(ACME, {"standing": "reduced", "reason": WHY})
    told = writer.get("/api/learning/parameters", headers={"If-None-Match": before["ETag"]})
    assert (told.json()["effective"]["blacklist"], told.json()["effective"]["half_size"]) == ([], ["ACME"])  # fmt: skip
    assert told.json()["version"] == before.json()["version"] + 1
    with scope(workspace=who.workspace):
        newest = ParameterVersion.objects.order_by("-number").first()
        assert (newest.cause, newest.made_by_id) == (VersionCause.PERSON, who.alice.user_id)
        assert WHY in newest.reason
        versions.change_settings(who.alice, policy="off")
        count = ParameterVersion.objects.count()
    # The lists are those of the policy, so no version follows; the record has it all the same.
    writer.post(ACME, {"standing": "watch", "reason": WHY})
    assert writer.get(ACME).json()["standing"] == "watch"
    with scope(workspace=who.workspace):
        assert ParameterVersion.objects.count() == count


def test_a_run_of_an_earlier_moment_says_what_it_said(who):
    with scope(workspace=who.workspace):
        newest = TradeFact.objects.aggregate(at=models.Max("known_at"))["at"]
        as_of = newest + timedelta(minutes=1)
        (before,) = learn(who.workspace.pk, as_of=as_of, kinds=[RunKind.SYMBOLS])
    people.bot(who.alice).post(ACME, {"standing": "normal", "reason": WHY})
    with scope(workspace=who.workspace):
        (after,) = learn(who.workspace.pk, as_of=as_of, kinds=[RunKind.SYMBOLS])
    assert (after.pk, after.sha256) == (before.pk, before.sha256)
    assert standing(who) == "normal"


def test_one_that_was_never_traded_may_be_kept_off(who):
    writer = people.bot(who.alice)
    told = writer.post("/api/learning/symbols/gme", {"standing": "paper_only", "reason": "No meme"})
    assert (told.json()["symbol"], told.json()["size"], told.json()["n"]) == ("GME", 0.0, 0)
    assert not banned_in(told.json()["words"])
    assert look(who)["standing"] == "paper_only"
    assert writer.get("/api/learning/symbols/GME").json()["standing"] == "paper_only"
    assert writer.get("/api/learning/parameters").json()["effective"]["blacklist"] == ["ACME", "GME"]  # fmt: skip
    alice = people.browser(who.alice)
    assert "No meme" in alice.get("/learning/symbols/GME").content.decode()
    assert "put there by hand" in alice.get("/learning/symbols").content.decode()


@pytest.mark.parametrize(
    ("told", "status", "code"),
    [
        ({"standing": "paper_only", "reason": WHY}, 409, "symbol_stands_so"),
        ({"standing": "gone", "reason": WHY}, 422, "invalid"),
        ({"standing": "normal", "reason": "  "}, 422, "invalid"),
        ({"standing": "normal"}, 422, "invalid"),
    ],
)
def test_what_is_refused_changes_nothing(who, told, status, code):
    answer = people.bot(who.alice).post(ACME, told)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert standing(who) == "paper_only"
    with scope(workspace=who.workspace):
        assert not SymbolChange.objects.exclude(made_by=None).exists()


def test_a_name_that_is_none_is_refused(who):
    told = {"standing": "watch", "reason": WHY}
    writer = people.bot(who.alice)
    for name in ("A" * 65, "%20", "A%07"):
        answer = writer.post(f"/api/learning/symbols/{name}", told)
        assert answer.status_code == 422, name


def test_who_may(who):
    told = {"standing": "normal", "reason": WHY}
    assert people.bot(who.alice, Scope.LEARNING_READ).post(ACME, told).status_code == 403
    assert people.bot(who.bob, Scope.LEARNING_READ).post(ACME, told).status_code == 403
    assert people.browser(who.bob).post("/learning/symbols/ACME", told).status_code == 403
    own = {"standing": "watch", "reason": WHY}
    assert people.bot(who.charlie).post(ACME, own).status_code == 200
    # That was Charlie's own ACME.
    assert standing(who) == "paper_only"


def test_by_the_page(who):
    browser = people.browser(who.alice)
    page = browser.get("/learning/symbols/ACME").content.decode()
    assert 'value="normal"' in page
    assert 'value="paper_only"' not in page
    answer = browser.post("/learning/symbols/ACME", {"standing": "normal", "reason": WHY}, follow=True)  # fmt: skip
    page = answer.content.decode()
    assert "Scanners are told so from now on" in page
    assert WHY in page
    assert standing(who) == "normal"
    again = browser.post(
        "/learning/symbols/ACME", {"standing": "normal", "reason": ""}, follow=True
    )
    assert "say why" in again.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/learning/symbols/%00", "/learning/symbols/a%00b", "/api/learning/symbols/%00", "/learning/metrics/symbol?key=%00",
        "/learning/metrics/symbol?key=SPY&currency=%00", "/learning/metrics/account?key=%00",
    ],
)  # fmt: skip
def test_a_name_that_no_database_takes_is_nobodys(address):
    who = people.everybody()
    client = people.bot(who.alice) if address.startswith("/api") else people.browser(who.alice)
    assert client.get(address).status_code == 404


def test_a_name_that_is_too_long_in_capitals_is_refused():
    who = people.everybody()
    said = {"standing": "paper_only", "reason": "No"}
    answer = people.bot(who.alice).post(f"/api/learning/symbols/{'ß' * 40}", said)
    assert answer.status_code == 422
    assert people.bot(who.alice).post(f"/api/learning/symbols/{'ß' * 32}", said).status_code == 200
