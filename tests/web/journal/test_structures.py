"""Trades of several legs on their page and by the API: joined, split, and told for what they are."""

from __future__ import annotations

import pytest
from django_scopes import scope

from accounts.roles import Role
from accounts.scopes import Scope
from journal.models import Trade
from tests import people
from tests.brokers.ibkr_flex.flex import trade
from tests.doors import import_now
from tests.integration.journal.test_flex_book import flex
from tests.integration.journal.test_structures_book import CLOSED, OPENED, put
from tests.web.journal.test_dashboard import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def who():
    return people.everybody(bob_as=Role.VIEWER)


@pytest.fixture
def alice(who):
    return people.browser(who.alice)


def trades_of(who) -> list[Trade]:
    with scope(workspace=who.alice.workspace):
        return list(Trade.objects.order_by("opened_at", "id"))


def test_the_page_says_what_the_legs_are(who, alice):
    import_now(who.alice.workspace, flex(Trades=[*OPENED, *CLOSED]))
    (found,) = trades_of(who)
    page = words(alice.get(f"/trades/{found.pk}"))
    for said in (
        "Bull put spread",
        "Net credit",
        "+380.00",
        "378.00",
        "622.00",
        "93.11",
        "+0.30R",
        "Closed",
    ):
        assert said in page, said
    listed = words(alice.get("/trades?structure=vertical"))
    assert "bull put spread" in listed
    assert "bull put spread" not in words(alice.get("/trades?structure=iron_condor"))


def test_a_spread_of_which_a_put_was_assigned_is_told_as_it_was_opened_and_as_it_became(who, alice):
    shares = trade(
        quantity="100", tradePrice="95", transactionID="77", tradeID="77", dateTime="20260620;162000", notes="A",
        transactionType="BookTrade", ibCommission="0",
    )  # fmt: skip
    ended = put(95, 1, "0", 20, "", notes="A", transactionType="BookTrade")
    import_now(who.alice.workspace, flex(Trades=[*OPENED, ended, shares]))
    (found,) = trades_of(who)
    page = words(alice.get(f"/trades/{found.pk}"))
    # 3.10 - 1.20 on two hundred, less two fees of 1: as it was opened, whatever became of it.
    assert "Maximum profit 378.00" in page
    assert "since it was adjusted: without limit" in page
    assert "It is unlimited" not in page
    assert "combination of 3 legs" in page.lower()
    assert "custom" not in page.lower()
    assert "Other combination" in words(alice.get("/trades"))


def test_a_rolled_spread_says_what_it_could_bring_after_the_roll(who, alice):
    rolled = (put(95, 2, "1.50", 9, "60"), put(92, -2, "2.50", 9, "60"))
    closed = (put(92, 2, "1.00", 12, "70"), put(90, -2, "0.20", 12, "70"))
    import_now(who.alice.workspace, flex(Trades=[*OPENED, *rolled, *closed]))
    (found,) = trades_of(who)
    page = words(alice.get(f"/trades/{found.pk}"))
    # 3.10 - 1.20 - 1.50 + 2.50 = 2.90 on two hundred, less four fees; 414 of 576 is 71.9 %.
    for said in ("Maximum profit 378.00", "since it was adjusted: 576.00", "71.9% of it taken"):
        assert said in page, said


def test_what_one_leg_realised_is_told_while_the_others_are_open(who, alice):
    import_now(who.alice.workspace, flex(Trades=[*OPENED, CLOSED[0]]))
    (found,) = trades_of(who)
    assert found.closed_at is None
    assert found.gross_pnl != 0
    for address in (f"/trades/{found.pk}", "/trades"):
        assert "Open, and nothing realised yet" not in alice.get(address).content.decode()
    amount = f"{abs(found.net_pnl):,.2f}"
    assert words(alice.get(f"/trades/{found.pk}")).count(amount) >= 3


def test_legs_are_split_off_and_joined_again(who, alice):
    import_now(who.alice.workspace, flex(Trades=[*OPENED]))
    (found,) = trades_of(who)
    answer = alice.post(f"/trades/{found.pk}/split")
    assert (answer.status_code, len(trades_of(who))) == (303, 2)
    first, second = trades_of(who)
    page = words(alice.get(f"/trades/{first.pk}"))
    # What a person took apart is not proposed again, but can be put together.
    assert "Probably one trade" not in page
    assert "One trade with this?" in page
    alice.post(f"/trades/{first.pk}/join", {"trade": [second.pk]})
    assert [one.leg_count for one in trades_of(who)] == [2]
    alice.post(f"/trades/{first.pk}/regroup")
    assert "By hand" not in words(alice.get(f"/trades/{first.pk}"))


def test_what_was_opened_together_is_proposed(who, alice):
    apart = (put(95, -2, "3.10", 2, "51"), put(90, 2, "1.20", 2, "52"))
    import_now(who.alice.workspace, flex(Trades=[*apart]))
    first, second = trades_of(who)
    page = words(alice.get(f"/trades/{first.pk}"))
    assert "Probably one trade" in page
    assert "Bull put spread" in page
    alice.post(f"/trades/{first.pk}/join", {"trade": [second.pk]})
    assert [one.leg_count for one in trades_of(who)] == [2]


def test_who_may_only_read_changes_nothing(who):
    import_now(who.alice.workspace, flex(Trades=[*OPENED]))
    (found,) = trades_of(who)
    bob = people.browser(who.bob)
    assert "Split off" not in words(bob.get(f"/trades/{found.pk}"))
    assert bob.post(f"/trades/{found.pk}/split").status_code == 403
    assert people.browser(who.charlie).post(f"/trades/{found.pk}/split").status_code == 404


def test_the_api_joins_splits_and_tells(who):
    import_now(who.alice.workspace, flex(Trades=[*OPENED, *CLOSED]))
    bot = people.bot(who.alice, Scope.JOURNAL_READ, Scope.JOURNAL_WRITE)
    (told,) = bot.get("/api/trades").json()["results"]
    assert told["structure"]["kind"] == "vertical"
    assert told["structure"]["max_loss"] == "622"
    legs = [leg["id"] for leg in told["legs"]]
    first = bot.post(f"/api/trades/{told['id']}/split", {"legs": legs[1:]}).json()
    assert (first["leg_count"], first["structure"]) == (1, None)
    joined = bot.post(f"/api/trades/{legs[0]}/join", {"trades": [legs[1]]}).json()
    assert (joined["leg_count"], joined["structure"]["joined_by"]) == (2, "hand")
    assert bot.post(f"/api/trades/{legs[0]}/join", {"trades": [0]}).status_code == 404
    again = bot.post(f"/api/trades/{legs[0]}/regroup").json()
    assert again["structure"]["joined_by"] == "order"
    reader = people.bot(who.alice, Scope.JOURNAL_READ)
    assert reader.post(f"/api/trades/{legs[0]}/split", {}).status_code == 403


def test_a_leg_that_several_trades_claim_is_told_on_its_page_and_joined_there(who, alice):
    import_now(who.alice.workspace, flex(Trades=[*OPENED]))
    (found,) = trades_of(who)
    alice.post(f"/trades/{found.pk}/split")
    import_now(who.alice.workspace, flex(Trades=[put(85, 2, "0.60", 2, "51")]))
    first, _, late = trades_of(who)
    page = words(alice.get(f"/trades/{late.pk}"))
    assert "Belongs to one of several" in page
    assert "Belongs to one of several" not in words(alice.get(f"/trades/{first.pk}"))
    told = words(alice.get("/issues"))
    assert "2 trades that a person keeps apart" in told
    viewer = people.browser(who.bob)
    assert "Belongs to one of several" in words(viewer.get(f"/trades/{late.pk}"))
    alice.post(f"/trades/{late.pk}/join", {"trade": first.pk})
    assert "that a person keeps apart" not in words(alice.get("/issues"))
