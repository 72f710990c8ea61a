"""What is said of closed trades, from the book to the stored card."""

from __future__ import annotations

from datetime import timedelta

import pytest

from journal.models import BrokerAccount, Trade
from journal.services.corrections import correct_fill
from journal.services.erasure import ask_erasure, erase_account
from learning.domain.words.bans import banned_in
from learning.models import TradeFact, TradeInsight
from learning.services import measuring
from learning.services.insights import write_insights
from tests import captures, people
from tests.integration.learning.closes import FIRST, iso, report, round_trip
from tests.integration.learning.test_candidates import propose
from tests.plans import plan, settle

pytestmark = pytest.mark.django_db


def tell(workspace):
    measuring.measure(workspace.pk)
    return write_insights(workspace.pk)


def planned(owner, number: int, *, end: str) -> None:
    """A trade with a plan (entry 100, stop 95, target 105) whose stop order is placed with it; closed by hand."""
    captures.account_of(owner.workspace)
    opened = FIRST + timedelta(days=number)
    name, entry = f"plan-{number}", f"in-{number}"
    own = {"symbol": "ACME", "quantity": "10"}
    stop = {
        "client_order_id": f"stop-{number}",
        "parent_id": entry,
        "role": "stop_loss",
        "side": "sell",
    }
    send(
        owner,
        "/api/plans",
        plan(plan_id=name, entry_price="100", stop_price="95", target_price="105"),
    )
    send(
        owner, "/api/orders",
        captures.order(client_order_id=entry, role="entry", limit_price="100", plan_id=name, at=iso(opened),
                       record_id=entry, **own),
        captures.order(stop_price="95", at=iso(opened + timedelta(minutes=1)), record_id=f"stop-{number}", **stop, **own),
    )  # fmt: skip
    hand = {"client_order_id": f"hand-{number}"}
    report(
        owner,
        *round_trip(
            number, end=end, client_order_id=entry, plan_id=name, closing=hand, symbol="ACME"
        ),
    )
    settle(owner.workspace)


def send(owner, address: str, *records) -> None:
    for one in records:
        answer = captures.bot(owner).post(address, one, format="json")
        assert answer.status_code == 201, answer.content


def card(number: int = 0) -> TradeInsight:
    return TradeInsight.objects.order_by("closed_at", "pk")[number]


def sentences(told) -> list[str]:
    return [
        told["process"]["headline"],
        *[one["words"] for one in told["process"]["checks"]],
        told["bet"]["sentence"],
        told["luck"]["sentence"],
        told["taught"]["sentence"],
        *[one["fact"] for one in told["chips"]],
    ]


def test_every_closed_trade_has_one_and_asking_again_writes_nothing(owner, workspace):
    for number in range(3):
        report(owner, *round_trip(number))
    assert write_insights(workspace.pk) == (3, 0, False)
    assert write_insights(workspace.pk) == (0, 0, False)
    assert {one.pk for one in TradeInsight.objects.all()} == set(
        TradeFact.objects.values_list("pk", flat=True)
    )
    assert card().grade == "unplanned"
    assert "can't tell yet" in card().told["bet"]["sentence"].lower()


def test_many_are_made_a_few_at_a_time_the_newest_first(owner, workspace):
    for number in range(3):
        report(owner, *round_trip(number))
    assert write_insights(workspace.pk, at_once=2) == (2, 0, True)
    newest = TradeFact.objects.order_by("-closed_at").values_list("pk", flat=True)[:2]
    assert set(TradeInsight.objects.values_list("pk", flat=True)) == set(newest)
    assert not write_insights(workspace.pk, at_once=2).is_more


def test_no_word_of_the_process_depends_on_which_way_it_went(owner, workspace):
    """The same decisions, closed by hand 3 above and 3 below the entry."""
    planned(owner, 0, end="103")
    tell(workspace)
    won = card()
    assert (won.told["process"]["grade"], won.quadrant) != ("unplanned", "")
    closing = Trade.objects.get().legs.get().matches.get().closing
    correct_fill(closing, kind="amend", changes={"price": "97"}, reason="A slip.", author_id=None)
    settle(workspace)
    tell(workspace)
    lost = card()
    assert TradeFact.objects.get().result == -1
    assert lost.told["process"] == won.told["process"]
    assert lost.checks == won.checks
    assert lost.told["luck"] != won.told["luck"] or lost.quadrant != won.quadrant


def test_a_trade_that_is_booked_anew_is_told_of_anew(owner, workspace):
    report(owner, *round_trip(0))
    tell(workspace)
    before = card().digest
    closing = Trade.objects.get().legs.get().matches.get().closing
    correct_fill(closing, kind="amend", changes={"price": "90"}, reason="A slip.", author_id=None)
    tell(workspace)
    assert card().digest != before
    assert card().classic_text == card().told["classic_text"]


@pytest.mark.parametrize(
    "asked", ["NaN", "Infinity", "1e400", True, [50], {"at": 50}, "high", None]
)
def test_what_a_scanner_asked_for_without_a_number_is_no_rule(owner, workspace, asked):
    propose(owner, "a", parameters={"iv_rank_min": asked, "dte_min": asked, "days_max": asked})
    report(owner, *round_trip(0, recommendation_id="a"))
    tell(workspace)
    assert card().told["process"]["checks"] == []
    assert card().grade == "unplanned"


def test_the_hour_is_that_of_the_entry_whatever_a_scanner_calls_so(owner, workspace):
    propose(owner, "a", features={"hour": "3", "weekday": "6", "dte": "31", "iv_rank": "50"})
    report(owner, *round_trip(0, recommendation_id="a"))
    told = TradeFact.objects.get().features
    assert (told["hour"], told["weekday"], told["dte"], told["iv_rank"]) == (10.0, 0.0, 31.0, 50.0)


def test_a_trade_that_is_gone_takes_its_words_along(owner, workspace):
    report(owner, *round_trip(0))
    tell(workspace)
    account = BrokerAccount.objects.get()
    ask_erasure(account, confirm=account.broker_id, reason="Moved.", author_id=None)
    erase_account(account)
    assert not TradeInsight.objects.exists()


def test_odds_are_of_what_was_known_at_the_entry(owner, workspace):
    for number in range(12):
        planned(owner, number, end="104" if number % 3 else "96")
    tell(workspace)
    first, last = card(0), card(11)
    assert first.told["bet"]["expected"]["n"] == 0
    assert last.told["bet"]["expected"]["n"] == 11
    assert last.told["bet"]["expected"]["value"] is not None
    assert last.percentile is not None
    assert "n " in last.told["taught"]["sentence"] or "one trade" in last.told["taught"]["sentence"]


def test_no_sentence_says_more_than_it_may(owner, workspace):
    for number in range(12):
        planned(owner, number, end="104" if number % 3 else "96")
    tell(workspace)
    for one in TradeInsight.objects.all():
        for said in sentences(one.told):
            assert banned_in(said) == [], said


class TestAlternatives:
    """A bet beside what else was shown that day, by what was known at the entry."""

    def offer(self, owner, name, *, hours=-1.0, **more):
        captures.account_of(owner.workspace)
        record = {
            "record_id": name, "account": captures.ACCOUNT, "symbol": name.upper(), "strategy": "put spread",
            "at": iso(FIRST + timedelta(hours=hours)), "entry_price": "100", "stop_price": "95", **more,
        }  # fmt: skip
        send(owner, "/api/recommendations", record)

    def test_those_of_the_day_that_were_known_and_shown(self, owner, workspace):
        self.offer(owner, "own", probability="0.64")
        self.offer(owner, "better", probability="0.71")
        self.offer(owner, "worse", probability="0.50")
        self.offer(owner, "silent")
        self.offer(owner, "later", hours=2, probability="0.99")
        self.offer(owner, "yesterday", hours=-30, probability="0.99")
        self.offer(owner, "shadowed", probability="0.99", pool="shadow")
        captures.book(workspace)
        report(owner, *round_trip(0, end="98", symbol="OWN", recommendation_id="own"))
        tell(workspace)
        told = TradeInsight.objects.get().told["bet"]["alternatives"]
        assert (told["others"], told["judged"], told["better"]) == (3, 2, 1)
        assert (told["own"], told["best"], told["unit"], told["basis"]) == (
            0.64, 0.71, "probability", "scanner",
        )  # fmt: skip
        page = (
            people.browser(owner).get(f"/trades/{TradeInsight.objects.get().pk}").content.decode()
        )
        assert "3 other recommendations of that day were known at entry" in page

    def test_a_trade_that_followed_none_and_a_day_without_any(self, owner, workspace):
        self.offer(owner, "other", probability="0.71")
        captures.book(workspace)
        report(owner, *round_trip(0), *round_trip(3))
        tell(workspace)
        first, second = TradeInsight.objects.order_by("opened_at")
        assert "this trade followed none" in first.told["bet"]["alternatives"]["sentence"]
        assert second.told["bet"]["alternatives"] is None
