"""The pages of the model, sizes, exits and exposure: what a newcomer sees, what a trader sees, and nobody else."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from accounts.roles import Role
from learning.domain.words.bans import banned_in
from learning.models import ExposureReading, RunKind, StepFailure
from learning.services import exposing, learner
from tests import captures, people
from tests.integration.learning.closes import report, round_trip
from tests.integration.learning.many import BEGIN, DAY, closed, proposals
from tests.integration.learning.test_exits import OPENED, bars, risked
from tests.integration.learning.test_exposing import NOW as THEN
from tests.integration.learning.test_exposing import OPTION, days, hold, value

pytestmark = pytest.mark.django_db
PAGES = ("model", "sizing", "exits", "exposure")


def signed_in(member):
    client = Client()
    client.force_login(member.user)
    return client


@pytest.fixture
def who():
    return people.everybody(bob_as=Role.VIEWER)


def shown(client, page):
    answer = client.get(f"/learning/{page}")
    assert answer.status_code == 200, page
    return answer.content.decode()


def sentences(page):
    """What is read of a page, tags and drawings left out."""
    text = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", page, flags=re.DOTALL)
    body = text[text.index("<main") : text.index("</main>")]
    return html.unescape(re.sub(r"<[^>]+>", " ", body))


def learn_all(who):
    """A model with its past, sizes of 200 trades, fifty paths of prices, and a book with an option."""
    workspace, account = who.workspace, captures.account_of(who.workspace)
    with scope(workspace=workspace):
        proposals(who.alice, 440)
        records = []
        for number in range(0, 150, 3):
            records += round_trip(number, entry="100", end="101" if number % 2 else "99.2")
        report(who.alice, *records)
        risked()
        for number in range(0, 150, 3):
            dice = np.random.default_rng(number)
            steps = 100 + np.cumsum(dice.normal(0, 0.4, 20))
            steps[:4] = 100
            bars(
                workspace, steps.round(2).tolist(), since=OPENED + timedelta(days=number, hours=-1)
            )
        dice = np.random.default_rng(3)
        closed(account, np.where(dice.random(200) < 0.55, 1.2, -1.0), first=10_000_000)
        nights = (BEGIN + 90 * DAY, BEGIN + 110 * DAY, datetime(2026, 11, 20, tzinfo=UTC))
        kinds = [RunKind.PROBABILITY, RunKind.SIZING, RunKind.EXITS]
        for night in nights:
            learner.learn(workspace.pk, as_of=night, kinds=kinds)
        assert not StepFailure.objects.exists(), StepFailure.objects.first().words
        market = days(workspace, "SPY", last=500, seed=1)
        for number, name in enumerate(("ACME", "BETA", "GAMMA")):
            hold(who.alice, symbol=name, quantity=str(10 + 5 * number), price="100")
            days(
                workspace,
                name,
                last=100 + number,
                seed=5 + number,
                follows=market,
                share=0.5 + 0.4 * number,
            )
        hold(who.alice, **OPTION, quantity="2", price="5", side="sell")
        hold(who.alice, symbol="NOPRICE", quantity="2", price="5", side="sell")
        value(account, OPTION["symbol"], "6.10", "-2")
        exposing.expose(workspace.pk, THEN)
    return who


def test_a_newcomer_is_told_what_it_takes(who):
    client = signed_in(who.alice)
    for page, words in (
        ("model", "100 of them over 8 weeks"),
        ("sizing", "20 of them, 5 lost"),
        ("exits", "No trade has a path of prices yet"),
        ("exposure", "Not counted yet"),
    ):
        text = sentences(shown(client, page))
        assert words in text, page
        assert "data-chart" not in shown(client, page)


def test_each_page_says_what_was_learnt_and_draws_it(who):
    learn_all(who)
    client = signed_in(who.alice)
    pages = {page: shown(client, page) for page in PAGES}
    assert "In use: ridge logistic regression" in pages["model"]
    assert "What it said beforehand" in pages["model"]
    assert "of the equity at risk per trade" in pages["sizing"]
    assert "Risk of ruin" in pages["sizing"]
    assert "Rules against what you did" in pages["exits"]
    # Ten of each of the four counts are the least.
    assert re.search(r"Winners sold sooner.*?10", pages["exits"], re.DOTALL)
    exposure = sentences(pages["exposure"])
    assert "If SPY falls by 1%" in exposure
    assert "not known" in exposure
    for page, text in pages.items():
        assert "data-chart" in text, page
        for data in re.findall(
            r'<script[^>]*type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL
        ):
            json.loads(data, parse_constant=pytest.fail)
        assert not banned_in(sentences(text)), (page, banned_in(sentences(text)))
        assert "nan" not in sentences(text).lower().split(), page
    assert re.search(r'href="/trades/\d+"', pages["exposure"])


def test_few_of_everything_cannot_be_told_yet(who):
    with scope(workspace=who.workspace):
        proposals(who.alice, 8)
        closed(captures.account_of(who.workspace), [0.5, -1.0, 0.3])
        kinds = [RunKind.PROBABILITY, RunKind.SIZING, RunKind.EXITS]
        assert len(learner.learn(who.workspace.pk, as_of=timezone.now(), kinds=kinds)) == 3
        hold(who.alice, symbol="NOPRICE", quantity="2", price="5")
        exposing.expose(who.workspace.pk, timezone.now())
    client = signed_in(who.alice)
    assert "Can’t tell yet: 8 proposals of 100 outcomes" in shown(client, "model")
    assert "Can’t tell yet. A size takes 20 trades" in shown(client, "sizing")
    assert "several instruments" not in shown(client, "exits")
    assert "nobody has said what any of them is worth" in shown(client, "exposure")


def test_strangers_see_their_own_and_viewers_do_not_ask_for_work(who):
    with scope(workspace=who.workspace):
        hold(who.alice, symbol="SECRET", quantity="2", price="5")
        exposing.expose(who.workspace.pk, timezone.now())
    assert "SECRET" in shown(signed_in(who.bob), "exposure")
    assert "SECRET" not in shown(signed_in(who.charlie), "exposure")
    assert "Count again" not in shown(signed_in(who.bob), "exposure")
    assert signed_in(who.bob).post("/learning/exposure/count").status_code == 403
    assert signed_in(who.alice).post("/learning/exposure/count").status_code == 303
    with scope(workspace=who.workspace):
        assert ExposureReading.objects.count() == 1
