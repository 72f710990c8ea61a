"""Of how many trades each number of a report is: nothing of few is told as if it were of all."""

from __future__ import annotations

import numpy as np
import pytest

from learning.domain.adherence import Rule, mistake_costs
from learning.domain.exposure.worst import worst_of
from learning.domain.figures import Reason
from learning.domain.metrics.trade_space import trade_metrics
from learning.domain.report.building import build
from learning.domain.report.material import trades_of
from learning.domain.seconds import DAY

from .test_report_sections import BEGINS, held, material, row, said, sections, table


def cells_of(found, name: str):
    (line,) = (line for line in found.tables[0].rows if line[0].text == name)
    return line


def text(cell) -> str:
    return cell.text.replace("\N{NARROW NO-BREAK SPACE}", " ")


class TestHeadline:
    def test_it_counts_the_trades_that_its_r_is_of(self):
        rows = (row(1, 1, r=1.5), row(2, 2, r=None), row(3, 3, r=None))
        told = build(material(rows=rows)).headline.replace("\N{NARROW NO-BREAK SPACE}", " ")
        assert told.startswith("+1.50 R in 1 of 3 closed trades")

    def test_where_all_have_r_nothing_is_added(self):
        told = build(material(rows=(row(1, 1), row(2, 2)))).headline
        assert "in 2 closed trades" in told


class TestCurrencies:
    ROWS = (
        row(1, 1, pnl="100.00", r=2.0),
        row(2, 2, pnl="", r=None, result=-1),
        row(3, 3, pnl="-50.00", r=-1.0, result=-1),
    )

    def test_money_that_is_left_out_is_said_to_be(self):
        found = sections(material(rows=self.ROWS))["scoreboard"]
        assert (
            "1 of 3 trades this week and 1 of 3 in 90 days were in other currencies: USD is of the others."
            in said(found)
        )
        monthly = material(
            kind="monthly", until="2026-06-30", ends=BEGINS + 30 * DAY, rows=self.ROWS
        )
        assert "1 of 3 trades this month" in said(sections(monthly)["tax"])
        one = sections(material(rows=self.ROWS[:1]))["scoreboard"]
        assert "other currencies" not in said(one)
        earlier = (*self.ROWS[:1], row(9, -3, pnl=""))
        told = said(sections(material(rows=earlier))["scoreboard"])
        assert "0 of 1 trade this week and 1 of 2 in 90 days" in told

    def test_break_even_is_of_the_trades_of_the_win_rate_or_says_of_how_many(self):
        found = sections(material(rows=self.ROWS))["scoreboard"]
        assert text(cells_of(found, "Win rate")[1]) == "33 %"
        assert text(cells_of(found, "Break-even win rate")[1]) == "33 % of 2 with R"

    def test_in_one_currency_it_is_that_of_the_pages(self):
        """One trade with R among four: its R says nothing of the others."""
        rows = (
            row(1, 1, pnl="900.00", r=9.0),
            row(2, 2, pnl="-100.00", r=-1.0, result=-1),
            row(3, 3, pnl="100.00", r=None),
            row(4, 4, pnl="-100.00", r=None, result=-1),
        )
        found = sections(material(rows=rows))["scoreboard"]
        figure = cells_of(found, "Break-even win rate")[1].figure
        of_pages = trade_metrics(trades_of(rows))["break_even_rate_money"]
        assert (figure.value, figure.n) == (of_pages.value, 4)

    def test_what_is_open_in_another_currency_is_not_said_to_lack_a_risk(self):
        found = sections(material(held=(held(1, risk=""),)))["risk"]
        assert "of 1 the risk was not fixed at entry, or is in another currency" in said(found)


class TestExpected:
    def test_a_scratch_is_no_win_that_was_to_be_expected(self):
        """Every second trade is a scratch a cent above nothing: half of them win, not all."""
        rows = [
            row(n, -1 - n / 2, r=0.5 if n % 2 else 0.001, result=n % 2) for n in range(100)
        ]  # fmt: skip
        rows += [row(200 + n, n / 20, r=0.5, result=1) for n in range(40)]
        line = cells_of(sections(material(rows=tuple(rows)))["scoreboard"], "Win rate")
        assert line[3].figure.ci.high < 0.8
        assert line[4].text == "▲"

    def test_it_is_of_as_many_trades_as_the_win_rate_with_r_or_without(self):
        rows = [row(n, -1 - n / 2, r=None, result=1 if n % 2 else -1) for n in range(60)]
        rows += [row(100 + n, n / 4, r=None, result=1) for n in range(8)]
        line = cells_of(sections(material(rows=tuple(rows)))["scoreboard"], "Win rate")
        assert line[3].figure.ci.low < 0.5 < line[3].figure.ci.high

    def test_a_part_of_a_week_is_no_week(self):
        """Ninety days are twelve weeks and six days: seven trades in each of the weeks, one in what is left."""
        rows = [row(n, -(n + 0.5), r=None) for n in range(84)] + [row(99, -85.5, r=None)]
        rows += [row(200 + n, n / 2, r=None) for n in range(7)]
        line = cells_of(sections(material(rows=tuple(rows)))["scoreboard"], "Trades closed")
        assert text(line[3]) == "7 … 7"


def test_the_fall_says_from_which_peak_it_is():
    names = [line[0] for line in table(sections(material(rows=(row(1, 1),)))["scoreboard"], "")]
    assert "Below the peak of 90 days" in names
    assert "Drawdown now" not in names


def test_earnings_are_within_the_same_days_as_expiries():
    """Read on Monday: the next Monday is within seven days, the Sunday before is over."""
    open_now = (
        held(1, symbol="A", underlying="A", earnings_on="2026-06-15", expires_on="2026-06-15"),
        held(2, symbol="B", underlying="B", earnings_on="2026-06-07", expires_on="2026-06-19"),
    )
    found = sections(material(held=open_now))["risk"]
    assert "1 of them expires within 7 days" in said(found)
    assert "Earnings within 7 days, as scanners stated: A on 2026-06-15." in said(found)


def test_what_a_breach_came_to_is_not_known_where_the_plan_is_not():
    rule = Rule.SIZE.value
    rows = (row(1, 1, checks={rule: False}), row(2, 2, checks={rule: False}))
    found = table(sections(material(rows=rows))["process"], "What broken rules")
    assert found == [["No trade larger than its plan says", "2", "– not known"]]
    none = np.array([np.nan])
    costs = mistake_costs(
        none, none, {rule: np.array([True])}, np.zeros(1, int), np.random.default_rng(1)
    )
    assert costs.by_rule[rule].reason is costs.total.reason is Reason.NOT_MATURED


@pytest.mark.parametrize(
    ("changes", "worst"), [([-5.0, 3.0], -5.0), ([0.0, None], None), ([], None)]
)
def test_the_worst_is_known_only_where_all_are(changes, worst):
    assert worst_of([{"change": {"value": one}} for one in changes]) == worst
