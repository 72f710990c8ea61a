"""A week among those that the past predicts, the one focus, and the text that needs no picture."""

import json

import numpy as np
import pytest

from learning.domain.figures import Figure, Interval, Reason, Unit
from learning.domain.report.document import Cell, Document, Section, Table
from learning.domain.report.expected import arrow, band, draw_rows, headline, ordinal, place
from learning.domain.report.focus import Habit, Score, choose_focus
from learning.domain.report.text import WIDTH, as_text
from learning.domain.seconds import WEEK
from learning.domain.trades import Trades, weeks_of
from learning.domain.words.bans import banned_in


def past(r: np.ndarray, *, a_week: int = 5) -> Trades:
    n = len(r)
    opened = 1_700_000_000 + np.arange(n) * (WEEK // a_week)
    return Trades(
        np.arange(n),
        opened,
        opened + 3600,
        opened + 3600,
        r * 100,
        r,
        np.sign(np.nan_to_num(r)).astype(int),
        weeks_of(opened),
    )


def plain(text: str) -> str:
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ")


class TestExpected:
    def test_what_is_predicted_has_the_mean_of_the_past_and_more_spread_than_its_trades(self):
        r = np.random.default_rng(1).normal(0.1, 0.5, 200)
        totals = draw_rows(past(r), 9, np.random.default_rng(2)).sum(axis=1)
        assert totals.mean() == pytest.approx(9 * r.mean(), abs=0.1)
        # Of a known mean the spread would be 3 sd; that the mean is not known adds to it.
        assert 3 * r.std() < totals.std() < 3.6 * r.std()

    def test_a_week_of_the_same_kind_is_seldom_outside_the_band(self):
        rng = np.random.default_rng(3)
        outside = 0
        for _ in range(200):
            drawn = draw_rows(past(rng.normal(0, 0.5, 60)), 5, rng, draws=400)
            expected = band(drawn.sum(axis=1))
            outside += not expected.low <= rng.normal(0, 0.5, 5).sum() <= expected.high
        assert 6 <= outside <= 36

    def test_too_few_predict_nothing(self):
        few = past(np.array([0.1] * 19 + [np.nan] * 10))
        assert draw_rows(few, 5, np.random.default_rng(1)) is None
        assert place(1.0, None, 19).reason is Reason.TOO_FEW

    def test_the_same_seed_gives_the_same_numbers(self):
        trades = past(np.random.default_rng(1).normal(0.1, 0.5, 50))
        one, other = (draw_rows(trades, 4, np.random.default_rng(7)) for _ in range(2))
        assert one.tobytes() == other.tobytes()

    def test_headlines(self):
        usual = Figure(0.62, 80, Unit.PROBABILITY)
        told = plain(headline(2.1, 9, usual))
        assert (
            told
            == "+2.10 R in 9 closed trades — an ordinary week (62nd percentile of what your last 90 days predict)."
        )
        assert "unusually good" in headline(5.0, 9, Figure(0.95, 80, Unit.PROBABILITY))
        assert "unusually poor month" in headline(
            -5.0, 9, Figure(0.05, 80, Unit.PROBABILITY), period="month"
        )
        assert "12 earlier trades known, 20 would do" in headline(1.0, 1, place(1.0, None, 12))
        assert headline(None, 0, usual) == "No trade closed this week."
        assert "no R" in headline(None, 3, usual)

    @pytest.mark.parametrize(
        ("share", "told"),
        [(0.0, "1st"), (0.62, "62nd"), (0.11, "11th"), (0.53, "53rd"), (1.0, "99th")],
    )
    def test_ordinals(self, share, told):
        assert ordinal(share) == told

    def test_arrows_only_outside_the_band(self):
        expected = Interval(-1.0, 1.0)
        assert [arrow(value, expected) for value in (-1.1, -1.0, 0.5, 1.1)] == ["▼", "", "", "▲"]


def habit(rule: str, breaches: int, cost: float | None, control: float = 1.0) -> Habit:
    figure = (
        Figure(cost, breaches, Unit.R)
        if cost is not None
        else Figure.absent(Reason.RISK_MISSING, breaches, Unit.R)
    )
    return Habit(rule, f"Keep {rule}.", breaches, figure, control)


class TestFocus:
    def test_the_most_that_can_be_won_back(self):
        habits = [
            habit("size", 4, -1.2),
            habit("slip", 9, -3.0, control=0.2),
            habit("stop", 3, -0.9),
        ]
        focus = choose_focus(habits)
        assert focus.rule == "size"
        assert (
            plain(focus.why)
            == "Broken 4 times; trades that broke it came to −1.20 R against their plans."
        )

    def test_a_lucky_breach_is_still_one(self):
        focus = choose_focus([habit("size", 3, 0.8)])
        assert "luck and still a breach" in focus.why
        assert banned_in(focus.why) == []

    def test_one_breach_is_no_habit(self):
        assert choose_focus([habit("size", 1, -9.0)]) is None

    def test_what_it_cost_may_be_unknown(self):
        assert "not known" in choose_focus([habit("size", 2, None)]).why

    def test_last_weeks_focus_is_scored(self):
        assert (
            Score("size", "Keep size.", 5, 6).sentence
            == "Last focus: Keep size. Kept 5 of 6 times."
        )
        assert "no occasion" in Score("size", "Keep size.", 0, 0).sentence


def document(*tables: Table) -> Document:
    section = Section("scoreboard", "Scoreboard", ("Nine trades closed. " * 9,), tables)
    return Document(
        "weekly",
        "Demo",
        "+2.1 R in 9 closed trades.",
        "2026-11-16",
        "2026-11-22",
        "Europe/London",
        "2026-11-23T06:00:00Z",
        (section,),
        ("Grades: …",),
    )


class TestText:
    def test_a_table_that_fits_has_columns(self):
        rows = (
            (Cell("Trades"), Cell("9", Figure(9.0, 9, Unit.COUNT))),
            (Cell("Net", href="/x"), Cell("−105.20")),
        )
        text = as_text(
            document(Table("", ("What", "This week"), rows, frozenset({1}))), address="https://book"
        )
        assert "Trades          9\n" in text
        assert "Net       −105.20\n" in text
        assert "  Net: https://book/x" in text

    def test_a_table_that_does_not_fit_loses_nothing(self):
        rows = ((Cell("a" * 60), Cell("b" * 60)),)
        text = as_text(document(Table("Wide", ("One", "Other"), rows)))
        assert "a" * 60 in text
        assert "b" * 60 in text
        assert max(map(len, text.splitlines())) <= WIDTH

    def test_every_number_stands_beside_its_figure(self):
        rows = ((Cell("Trades"), Cell("9", Figure(9.0, 9, Unit.COUNT))),)
        told = json.loads(
            json.dumps(document(Table("", ("What", "This week"), rows)).as_json(), allow_nan=False)
        )
        assert told["sections"][0]["tables"][0]["rows"][0][1]["figure"]["value"] == 9.0
