"""Pages of what works, claims, behaviour and execution: with nothing, with few trades, with many; and the card."""

from __future__ import annotations

import re
import subprocess
import sys
from html import unescape

import pytest
from django_scopes import scope

from learning.domain.words.bans import banned_in
from learning.models import Claim, TradeFact, Trial
from learning.services.learner import learn
from tests import people
from tests.integration.learning.invented import after, invent
from tests.web.learning.whole import a_claim

pytestmark = pytest.mark.django_db
PAGES = ("/learning/what-works", "/learning/claims", "/learning/behaviour", "/learning/execution")


@pytest.fixture
def who():
    return people.everybody()


@pytest.fixture
def alice(who):
    return people.browser(who.alice)


def learnt(who, n: int, **more) -> None:
    with scope(workspace=who.workspace):
        facts = invent(who.workspace, n, **more)
        if n > 150:
            learn(who.workspace.pk, as_of=facts[149].known_at)
        learn(who.workspace.pk, as_of=after(facts))


def text_of(answer) -> str:
    assert answer.status_code == 200, answer.content[:400]
    body = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return unescape(
        re.sub(
            r"\s+",
            " ",
            re.sub(r"<[^>]+>", " ", re.sub(r"<script.*?</script>", " ", body, flags=re.DOTALL)),
        )
    )


@pytest.mark.parametrize("page", PAGES)
def test_a_newcomer_is_told_what_it_would_take(alice, page):
    told = text_of(alice.get(page))
    assert re.search(r"40 closed trades|plans with|quote at the decision", told, re.IGNORECASE), (
        told[:600]
    )


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_sees_nothing_of_it(who, page):
    learnt(who, 60)
    assert "AMD" not in people.browser(who.charlie).get(page).content.decode()


def test_what_works_tells_features_groups_and_changes(who, alice):
    learnt(who, 200, slope=0.9)
    told = text_of(alice.get("/learning/what-works"))
    with scope(workspace=who.workspace):
        claim = Claim.objects.get(subject="feature:iv_rank")
    assert re.sub(r"\s+", " ", claim.sentence) in told
    assert "Have results changed?" in told
    assert "Breaks even at" in told
    causes = [one for one in banned_in(told) if "break" not in one]
    assert causes == [] or claim.grade == "A"


def test_a_breakdown_that_is_opened_is_in_the_ledger_once(who, alice):
    learnt(who, 60)
    for _ in range(2):
        assert "By luck alone" in text_of(alice.get("/learning/what-works?by=strategy"))
    with scope(workspace=who.workspace):
        assert Trial.objects.filter(kind="slice").count() == 1
    assert alice.get("/learning/what-works?by=nonsense").status_code == 200


def test_many_symbols_without_a_risk_at_entry_are_folded(who, alice):
    with scope(workspace=who.workspace):
        facts = invent(who.workspace, 60)
        for number, one in enumerate(facts[:6]):
            TradeFact.objects.filter(pk=one.pk).update(symbol=f"BARE{number}", r=None, risk=None)
        learn(who.workspace.pk, as_of=after(facts))
    groups = alice.get("/learning/what-works").content.decode().partition("table--stick")[2]
    shown, _, folded = groups.partition("without a risk fixed at entry")
    assert "AMD" in shown
    assert "BARE" not in shown
    assert all(f"BARE{number}" in folded for number in range(6))


def test_where_no_risk_is_known_at_all_every_symbol_is_listed(who, alice):
    with scope(workspace=who.workspace):
        facts = invent(who.workspace, 60)
        TradeFact.objects.update(r=None, risk=None)
        for number, one in enumerate(facts[:6]):
            TradeFact.objects.filter(pk=one.pk).update(symbol=f"BARE{number}")
        learn(who.workspace.pk, as_of=after(facts))
    told = text_of(alice.get("/learning/what-works"))
    assert "BARE5" in told
    assert "more without a risk" not in told


def test_how_a_trade_ended_says_that_nobody_can_go_by_it(who, alice):
    learnt(who, 60)
    told = text_of(alice.get("/learning/what-works?by=close_reason"))
    assert "nobody can go by it at the entry" in told


def test_claims_are_listed_with_their_way_and_their_life(who, alice):
    learnt(who, 200, slope=0.9)
    told = text_of(alice.get("/learning/claims"))
    assert "Higher IV rank" in told
    with scope(workspace=who.workspace):
        one = Claim.objects.get(subject="feature:iv_rank")
    page = text_of(alice.get(f"/learning/claims/{one.pk}"))
    assert "Raised: from here on only trades that close later count" in page
    assert alice.get("/learning/claims?state=faded").status_code == 200
    assert alice.get("/learning/claims?state=moon").status_code == 200


def test_a_claim_of_somebody_else_is_not_there(who):
    with scope(workspace=who.workspace):
        one = a_claim(who.workspace.pk)
    assert people.browser(who.charlie).get(f"/learning/claims/{one.pk}").status_code == 404


def test_behaviour_tells_habits_with_their_numbers(who, alice):
    learnt(who, 200)
    told = text_of(alice.get("/learning/behaviour"))
    assert "Trades opened after a loss" in told
    assert "Grade" in told


def test_pages_of_the_learner_load_no_statistics_at_start():
    """In a process of its own: what serves pages begins without them."""
    code = (
        "import os, sys, django; os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings_test'); django.setup();"
        "from django.urls import get_resolver; get_resolver().url_patterns;"
        "print([one for one in ('scipy', 'statsmodels', 'sklearn', 'arch', 'polars') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip().endswith("[]"), done.stdout + done.stderr
