"""The pages of figures: what a newcomer sees, what a trader sees, and that nobody else sees it."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from journal.views import luck
from journal.views.luck import LuckLine
from learning.domain.dictionary import METRICS
from learning.domain.words.bans import banned_in
from learning.models import LearningRun, MetricState, ProcessGrade, RunKind, TradeFact, TradeInsight
from learning.selectors.trials import opened_parts
from learning.services import counting, learner
from learning.views.cards import lead_cards
from learning.views.luck import read_luck
from tests import people
from tests.integration.learning.closes import FIRST, report, round_trip
from tests.web.learning.whole import AS_OF

pytestmark = pytest.mark.django_db
OVERVIEW = "/learning"
METRICS_PAGE = "/learning/metrics"


def signed_in(member):
    client = Client()
    client.force_login(member.user)
    return client


@pytest.fixture
def who():
    return people.everybody()


@pytest.fixture
def traded(who):
    """Forty round trips, most of them with R, and the run that the plots are drawn from."""
    with scope(workspace=who.workspace):
        records = [
            record
            for number in range(40)
            for record in round_trip(number, end="99" if number % 3 == 0 else "101.5")
        ]
        report(who.alice, *records)
        for fact in TradeFact.objects.exclude(symbol="SYM2"):
            fact.r = float(fact.pnl) / 10
            fact.save(update_fields=["r"])
        MetricState.objects.all().delete()
        counting.count_everything(who.workspace.pk)
        learner.learn(who.workspace.pk, as_of=AS_OF, kinds=[RunKind.OVERVIEW])
    return who


def shown(client, url, **query):
    answer = client.get(url, query)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


def test_a_newcomer_is_told_what_it_takes(who):
    page = shown(signed_in(who.charlie), OVERVIEW)
    assert "Nothing to learn from yet" in page
    assert "20 trades, 5 of them lost" in page
    assert "Nothing to learn from yet" in shown(signed_in(who.charlie), METRICS_PAGE)


class TestOverview:
    def test_says_what_it_is_of(self, traded):
        page = shown(signed_in(traded.alice), OVERVIEW)
        assert "40 closed trades" in page
        assert "breaks even at" in page, "no win rate without its break-even rate"
        for name in ("course", "spread", "rolling"):
            assert f'data-chart="{name}"' in page

    def test_a_profit_factor_has_one_bound_below(self, traded):
        """Where there is one, its interval says how low; else what it is above by a loss that is still to come."""
        page = shown(signed_in(traded.alice), OVERVIEW)
        card = page.split(">Profit factor<")[1].split("</div>")[0]
        assert "won / lost" in card
        assert "90% sure" not in card
        figures = {
            "profit_factor_r": {"value": None},
            "profit_factor_floor_r": {"value": 1.5, "unit": "ratio", "n": 12, "ci": None},
        }
        state = MetricState(figures=figures | {"expectancy_r": {"value": 0.2}}, currency="USD")
        assert lead_cards(state, None)[2]["note"] == "above 1.50, 90% sure"

    def test_a_symbol_that_never_lost_has_no_rate_to_be_held_against(self, traded):
        with scope(workspace=traded.workspace):
            state = MetricState.objects.filter(part="symbol").first()
            state.figures = {
                **state.figures,
                "break_even_rate_money": {"value": None, "reason": "no_losers"},
            }
            state.save()
        page = shown(signed_in(traded.alice), f"/learning/symbols/{state.key}")
        assert "break-even not known: it needs a win and a loss" in page

    def test_on_a_phone_no_win_rate_stands_alone(self, traded):
        page = shown(signed_in(traded.alice), METRICS_PAGE, by="symbol")
        assert re.search(r'data-label="won">.*?<span class="lines-only"> · even at ', page)

    def test_what_it_says_is_not_banned(self, traded):
        page = shown(signed_in(traded.alice), OVERVIEW)
        said = re.findall(r'chart-block__says">(.*?)</figcaption>', page)
        assert len(said) >= 3
        for sentence in said:
            assert banned_in(sentence) == [], sentence

    def test_figures_of_plots_are_numbers(self, traded):
        page = shown(signed_in(traded.alice), OVERVIEW)
        for told in re.findall(r'<script id="\w+" type="application/json">(.*?)</script>', page):
            json.loads(told, parse_constant=pytest.fail)

    def test_before_the_first_run_there_are_cards_and_no_plots(self, traded):
        with scope(workspace=traded.workspace):
            LearningRun.objects.all().delete()
        page = shown(signed_in(traded.alice), OVERVIEW)
        assert "Win rate" in page
        assert 'data-chart="course"' not in page

    def test_a_page_costs_no_more_with_more_trades(self, traded, django_assert_max_num_queries):
        client = signed_in(traded.alice)
        client.get(OVERVIEW)
        with django_assert_max_num_queries(18) as seen:
            client.get(OVERVIEW)
        assert not any("learning_tradefact" in one["sql"] for one in seen.captured_queries)

    def test_a_day_on_which_a_rule_was_broken_is_framed(self, traded):
        with scope(workspace=traded.workspace):
            fact = TradeFact.objects.exclude(r=None).first()
            TradeInsight.objects.create(
                id=fact.pk, workspace=traded.workspace, account_id=fact.account_id, opened_at=fact.opened_at,
                closed_at=fact.closed_at, known_at=fact.known_at, grade=ProcessGrade.BROKEN, told={}, digest="",
                formulas="", made_at=timezone.now(),
            )  # fmt: skip
        page = shown(signed_in(traded.alice), OVERVIEW)
        assert page.count(" broke") > 1
        assert "1 trade broke a rule" in page

    def test_another_year(self, traded):
        page = shown(signed_in(traded.alice), OVERVIEW, year="1999")
        assert f"{FIRST.year} in R" in page


class TestParts:
    def test_groups_beside_their_luck_line(self, traded):
        page = shown(signed_in(traded.alice), METRICS_PAGE, by="symbol")
        assert "luck line" in page
        assert page.count('class="row-link"') == 3

    def test_whoever_looks_at_more_is_told_so(self, traded):
        client = signed_in(traded.alice)
        for part in ("symbol", "symbol", "account"):
            page = shown(client, METRICS_PAGE, by=part)
        assert "1 breakdown opened" in page, "one account is no breakdown"
        with scope(workspace=traded.workspace):
            assert opened_parts(traded.workspace.pk, timezone.now()) == ["symbol"]
            assert opened_parts(traded.workspace.pk, AS_OF) == [], "as of then nobody had looked"
            later = timezone.now() + timedelta(seconds=1)
            (again,) = learner.learn(traded.workspace.pk, as_of=later, kinds=[RunKind.OVERVIEW])
        assert again.config["opened"] == ["symbol"]

    def test_one_part_with_its_history(self, traded):
        page = shown(signed_in(traded.alice), f"{METRICS_PAGE}/symbol", key="SYM1")
        assert "Expectancy, R stands at" in page
        page = shown(
            signed_in(traded.alice), f"{METRICS_PAGE}/symbol", key="SYM1", metric="win_rate"
        )
        assert "Win rate stands at" in page
        assert (
            signed_in(traded.alice)
            .get(f"{METRICS_PAGE}/symbol", {"key": "SYM1", "metric": "moon"})
            .status_code
            == 302
        )

    @pytest.mark.parametrize("url", [OVERVIEW, METRICS_PAGE, f"{METRICS_PAGE}/symbol?key=SYM1"])
    def test_a_drawing_finds_its_figures(self, traded, url):
        """What draws looks for the first thing of that name."""
        page = shown(signed_in(traded.alice), url)
        names = re.findall(r'data-chart="(\w+)"', page)
        assert names
        for name in names:
            assert re.findall(rf'<(\w+)[^>]* id="{name}"', page) == ["script"]

    def test_where_no_risk_was_fixed_it_says_so(self, traded):
        page = shown(signed_in(traded.alice), f"{METRICS_PAGE}/symbol", key="SYM2")
        assert "No risk was fixed at the entry" in page
        assert "Expectancy, money stands at" in page

    def test_a_part_that_is_not_there(self, traded):
        client = signed_in(traded.alice)
        assert client.get(f"{METRICS_PAGE}/symbol", {"key": "NONE"}).status_code == 404
        assert client.get(f"{METRICS_PAGE}/moon", {"key": "SYM1"}).status_code == 404

    def test_a_stranger_finds_nothing(self, traded):
        client = signed_in(traded.charlie)
        assert client.get(f"{METRICS_PAGE}/symbol", {"key": "SYM1"}).status_code == 404
        assert "SYM1" not in shown(client, METRICS_PAGE, by="symbol")

    def test_who_may_only_look_may_look(self, traded):
        assert "40 closed trades" in shown(signed_in(traded.bob), OVERVIEW)


def test_the_dictionary_has_every_figure(who):
    page = shown(signed_in(who.bob), f"{METRICS_PAGE}/dictionary")
    assert all(f'id="{name}"' in page for name in METRICS)


def test_a_run_drawn_again_gives_the_same_bytes_though_more_was_closed(traded):
    with scope(workspace=traded.workspace):
        kept = LearningRun.objects.get(kind=RunKind.OVERVIEW)
        report(traded.alice, *round_trip(50, end="90"))
        (again,) = learner.learn(traded.workspace.pk, as_of=AS_OF, kinds=[RunKind.OVERVIEW])
    assert (again.pk, again.sha256) == (kept.pk, kept.sha256)


def test_the_dashboard_holds_sources_against_luck(traded, monkeypatch):
    line = LuckLine(12, "+0.10R", "luck −0.20R … +0.30R", stands_out=False)
    monkeypatch.setattr(
        luck, "_readers", [lambda breakdown: {"bot": line} if breakdown == "source" else {}]
    )
    assert "luck −0.20R" in shown(signed_in(traded.alice), "/")


def test_lines_of_other_pages_are_those_of_the_run(traded):
    with scope(workspace=traded.workspace):
        assert read_luck("moon") == {}
        lines = read_luck("symbol")
    assert lines
    assert all(one.trades >= 5 and one.line.startswith("luck ") for one in lines.values())
    with scope(workspace=traded.charlie.workspace):
        assert read_luck("symbol") == {}
