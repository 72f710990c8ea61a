"""Stating the share of cost of a spin-off: from the issue, from the trade, in the admin."""

from __future__ import annotations

import pytest
from django_scopes import scope

from accounts.roles import Role
from journal.models import Correction, DataIssue, Execution, Trade
from tests import people
from tests.doors import import_now
from tests.integration.journal.test_cost_shares import BOUGHT, SPUN

pytestmark = pytest.mark.django_db
STATED = {"percent": "20", "reason": "Form 8937."}


@pytest.fixture
def who():
    who = people.everybody(bob_as=Role.VIEWER)
    import_now(who.workspace, BOUGHT)
    import_now(who.workspace, SPUN)
    return who


@pytest.fixture
def alice(who):
    return people.browser(who.alice)


@pytest.fixture
def page(who) -> str:
    with scope(workspace=who.workspace):
        return f"/fills/{Execution.objects.get(kind='corporate_action').pk}/cost-share"


def text(response) -> str:
    return response.content.decode()


def test_the_issue_takes_the_share_and_is_gone(who, alice, page):
    assert f'action="{page}"' in text(alice.get("/issues?show=info"))
    response = alice.post(page, STATED)
    assert (response.status_code, response.url) == (303, page)
    shown = text(alice.get(page))
    assert "800.80" in shown
    assert "200.20" in shown
    assert "Form 8937." in shown
    with scope(workspace=who.workspace):
        assert not DataIssue.objects.exists()
        assert Correction.objects.get().author_id == who.alice.user_id


def test_a_reason_with_a_character_that_the_database_cannot_keep(who, alice, page):
    assert alice.post(page, STATED | {"reason": "Form\0 8937."}).status_code == 303
    with scope(workspace=who.workspace):
        assert Correction.objects.get().reason == "Form 8937."


def test_the_trade_of_the_new_shares_shows_it_and_where_to_withdraw(who, alice, page):
    with scope(workspace=who.workspace):
        trade = f"/trades/{Trade.objects.get(symbol='BABY').pk}"
    assert f'href="{page}"' in text(alice.get(trade))
    alice.post(page, STATED)
    assert "20 % of the old shares’ cost came over" in text(alice.get(trade))
    assert "20 % of the cost goes to the new shares" in text(alice.get("/corrections"))
    with scope(workspace=who.workspace):
        correction = Correction.objects.get()
    assert alice.post(f"/corrections/{correction.pk}/withdraw").url == trade
    assert "Nobody stated" in text(alice.get(trade))


@pytest.mark.parametrize("wrong", [{"percent": "101"}, {"percent": "x"}, {"reason": ""}])
def test_what_cannot_be_comes_back_with_what_was_typed(who, alice, page, wrong):
    response = alice.post(page, STATED | wrong)
    assert response.status_code == 422
    assert response.context["values"] == STATED | wrong
    with scope(workspace=who.workspace):
        assert not Correction.objects.exists()


def test_viewers_and_strangers_state_nothing(who, page):
    assert people.browser(who.bob).post(page, STATED).status_code == 403
    assert people.browser(who.charlie).post(page, STATED).status_code == 404
    with scope(workspace=who.workspace):
        assert not Correction.objects.exists()


def test_a_fill_that_is_no_spin_off_has_no_such_page(who, alice):
    with scope(workspace=who.workspace):
        fill = Execution.objects.get(kind="trade")
    assert alice.get(f"/fills/{fill.pk}/cost-share").status_code == 404
