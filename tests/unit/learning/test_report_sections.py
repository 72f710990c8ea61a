"""Sections of a report from invented books: every sentence may be said, and each number follows from the material."""

from __future__ import annotations

import json

import numpy as np
import pytest

from learning.domain.adherence import Rule
from learning.domain.insights.luck import Quadrant
from learning.domain.parameters.candidates import NEVER, Fate, Mark
from learning.domain.report.building import build, differences, told_of
from learning.domain.report.material import Held, Kept, Material, Move, Offer, Row, Told
from learning.domain.seconds import DAY
from learning.domain.words.bans import banned_in
from learning.domain.words.numbers import MINUS, NARROW

BEGINS = 1_780_272_000  # 2026-06-01, a Monday
RULES = [rule.value for rule in Rule]
SYMBOLS = ("AMD", "IWM", "QQQ", "SPY")


def material(**more) -> Material:
    told = {
        "kind": "weekly", "workspace": "Demo", "zone": "UTC", "since": "2026-06-01", "until": "2026-06-07",
        "begins": BEGINS, "ends": BEGINS + 7 * DAY, "as_of": "2026-06-08T06:00:00Z", "currency": "USD", "dice": 7,
    }  # fmt: skip
    return Material(**{**told, **more})


def row(key: int, days: float, **more) -> Row:
    """Closed `days` after the period began, a day after it was opened."""
    closed = BEGINS + round(days * DAY)
    told = {
        "key": key, "symbol": "SPY", "opened": closed - DAY, "closed": closed, "known_at": closed, "pnl": "10.00",
        "r": 0.1, "result": 1,
    }  # fmt: skip
    return Row(**{**told, **more})


def held(key: int, **more) -> Held:
    told = {
        "key": key, "symbol": "SPY", "underlying": "SPY", "opened": BEGINS - 10 * DAY, "expires_on": "2026-07-17",
        "risk": "200",
    }  # fmt: skip
    return Held(**{**told, **more})


def sections(told: Material) -> dict:
    return {one.key: one for one in build(told).sections}


def said(section) -> str:
    return " ".join(section.sentences).replace(NARROW, " ")


def table(section, title: str) -> list[list[str]]:
    found = [one for one in section.tables if one.title.startswith(title)]
    return [[cell.text.replace(NARROW, " ") for cell in row] for one in found for row in one.rows]


class TestExpiries:
    BOOK = (
        held(1, symbol="OVER", expires_on="2026-06-05"),
        held(2, symbol="SUNDAY", expires_on="2026-06-07"),
        held(3, symbol="TODAY", expires_on="2026-06-08"),
        held(4, symbol="NEAR", expires_on="2026-06-29"),
        held(5, symbol="FAR", expires_on="2026-06-30"),
        held(6, symbol="SHARE", expires_on=""),
    )

    def test_what_is_over_is_no_risk_ahead(self):
        found = sections(material(held=self.BOOK))["risk"]
        assert table(found, "Expire within 21 days") == [
            ["TODAY", "2026-06-08", "0"],
            ["NEAR", "2026-06-29", "21"],
        ]
        assert "1 of them expires within 7 days, 2 within 21." in said(found)
        assert "2 of them have expired already, and the book does not know yet" in said(found)

    def test_the_day_is_that_of_the_zone_in_which_it_is_read(self):
        tokyo = material(held=self.BOOK[1:2], zone="Asia/Tokyo", as_of="2026-06-06T21:00:00Z")
        assert table(sections(tokyo)["risk"], "Expire within") == [["SUNDAY", "2026-06-07", "0"]]

    def test_where_all_is_over_nothing_is_said_to_expire(self):
        found = sections(material(held=self.BOOK[:1]))["risk"]
        assert "within 7 days" not in said(found).partition("already")[0]
        assert "1 of them has expired already" in said(found)


class TestFills:
    def test_what_entries_cost_stands_beside_the_thirty_days_before(self):
        rows = [row(n, n / 2, entry_cost=0.04, spread_share=0.4) for n in range(4)]
        rows += [row(10 + n, -1 - n, entry_cost=0.01, spread_share=0.1) for n in range(12)]
        rows += [row(40, -35, entry_cost=9.0, spread_share=9.0)]  # before those thirty days
        found = sections(material(rows=tuple(rows)))["process"]
        assert (
            "Entries cost against the mid: 0.04 R this week (4 entries); 0.01 R the 30 days before (12 entries)."
            in said(found)
        )
        lines = table(found, "What fills cost")
        assert [line[0] for line in lines] == [
            "Cost of an entry",
            "Share of the spread that was paid",
        ]
        assert [line[1] for line in lines] == ["+0.04 R", "40 %"]
        assert lines[0][2].startswith("+0.01 R (")

    def test_without_a_quote_it_is_not_known_and_never_nothing(self):
        found = sections(material(rows=(row(1, 1),)))["process"]
        assert "what fills cost is not known" in said(found)
        assert table(found, "What fills cost") == []

    def test_fills_better_than_the_mid_have_their_sign(self):
        found = sections(material(rows=(row(1, 1, entry_cost=-0.02, spread_share=-0.2),)))
        assert f"{MINUS}0.02 R this week (1 entry); not known the 30 days before" in said(
            found["process"]
        )


class TestStanding:
    def test_what_has_made_half_of_its_most(self):
        open_now = (
            held(1, symbol="A", of_maximum=0.5, profit="50.00"),
            held(2, symbol="B", of_maximum=0.82, profit="82.00"),
            held(3, symbol="C", of_maximum=0.49, profit="49.00"),
            held(4, symbol="D", profit="-7.00"),
        )
        found = sections(material(held=open_now))["risk"]
        assert "2 of 3 whose share is known have made half of the most they can make, or more." in said(found)  # fmt: skip
        lines = table(found, "At half")
        assert [line[0] for line in lines] == ["B", "A"]
        assert lines[0][1:3] == ["82 %", "+82.00 USD"]

    def test_without_prices_nobody_knows(self):
        assert "is not known: prices" in said(sections(material(held=(held(1),)))["risk"])
        assert said(sections(material())["risk"]) == "Nothing is open."

    def test_earnings_of_the_week_to_come(self):
        open_now = (
            held(1, symbol="AMD", underlying="AMD", earnings_on="2026-06-09"),
            held(2, symbol="QQQ", underlying="QQQ", earnings_on="2026-06-30"),
            held(3),
        )
        found = sections(material(held=open_now))["risk"]
        assert (
            "Earnings within 7 days, as scanners stated: AMD on 2026-06-09; of 1 nobody stated a day."
            in said(found)
        )
        assert [line[0] for line in table(found, "Earnings within")] == ["AMD"]

    def test_whose_day_nobody_stated(self):
        found = sections(material(held=(held(1),)))["risk"]
        assert "Of none of 1 underlying anybody stated when it reports its earnings." in said(found)


def month(**more) -> dict:
    return sections(material(kind="monthly", until="2026-06-30", ends=BEGINS + 30 * DAY, **more))


class TestTax:
    def test_open_losses_that_could_be_taken(self):
        open_now = (
            held(1, symbol="A", profit="-120.50", opened=BEGINS - 400 * DAY),
            held(2, symbol="B", profit="-300.00", opened=BEGINS + 20 * DAY),
            held(3, symbol="C", profit="40.00"),
            held(4, symbol="D"),
        )
        found = month(held=open_now)["tax"]
        assert f"2 open trades stand at a loss, together {MINUS}420.50 USD" in said(found)
        assert "1 of these symbols were opened within the last 30 days." in said(found)
        assert table(found, "Open losses") == [
            ["B", f"{MINUS}300.00 USD", "10", "yes"],
            ["A", f"{MINUS}120.50 USD", "430", "no"],
        ]

    def test_another_trade_in_the_symbol_counts_as_opened_lately(self):
        open_now = (held(1, symbol="A", profit="-1.00"), held(2, symbol="A", opened=BEGINS + DAY))
        assert table(month(held=open_now)["tax"], "Open losses")[0][3] == "yes"

    def test_without_prices_and_without_losses(self):
        assert "had no price in these days" in said(month(held=(held(1),))["tax"])
        assert "None of 1 open trade with a price stands at a loss." in said(
            month(held=(held(1, profit="3.00"),))["tax"]
        )

    def test_holding_periods_and_losses_opened_again(self):
        rows = (
            row(1, 3, pnl="-50.00", symbol="A"),
            row(2, 9, pnl="20.00", symbol="A"),
            row(3, 5, pnl="100.00", symbol="B", opened=BEGINS - 500 * DAY),
        )
        found = month(rows=rows)["tax"]
        assert f"1 loss ({MINUS}50.00 USD) were in symbols opened again within 30 days" in said(found)  # fmt: skip
        assert [line[1:] for line in table(found, "")][:2] == [
            ["2", f"{MINUS}30.00 USD"],
            ["1", "+100.00 USD"],
        ]


class TestWorth:
    def test_a_year_of_weeks_has_intervals(self):
        made = np.random.default_rng(3).normal(0.004, 0.02, 60)
        weeks = tuple((739_000 + 7 * n, float(one)) for n, one in enumerate(made))
        found = month(returns=weeks, tried=45)["worth"]
        lines = {line[0]: line[1:] for line in table(found, "")}
        assert "…" in lines["Sortino ratio"][1]
        assert "…" in lines["Largest drawdown"][1]
        # A minus and no hyphen.
        assert lines["Growth a year"][1].startswith(MINUS)
        assert not any("-" in cell for line in lines.values() for cell in line)
        # Bailey et al. 2014: 45 trials need five years.
        assert "45 questions were asked of these trades so far." in said(found)
        assert "yearly Sharpe ratio of 1 in 5.0 years." in said(found)
        sure, deflated = (
            next(cell[1].figure.value for cell in found.tables[0].rows if cell[1].formula == name)
            for name in ("psr", "dsr")
        )
        assert deflated < sure

    def test_too_few_weeks_are_not_annualised(self):
        found = month(returns=tuple((739_000 + 7 * n, 0.01 * (n % 3 - 1)) for n in range(10)))[
            "worth"
        ]
        assert "too short to annualise: 26 weeks would do" in said(found)
        lines = {line[0]: line[1:] for line in table(found, "")}
        assert lines["Sharpe ratio"] == ["– 10 of 26", "–"]

    def test_nothing_known(self):
        assert "is not known" in said(month()["worth"])


class Inventing:
    """Rows by dice; each draws the same again from the same seed."""

    def __init__(self, seed: int) -> None:
        self.dice = np.random.default_rng(seed)
        self.is_month = bool(self.dice.random() < 0.4)
        self.length = 30 if self.is_month else 7

    def maybe(self, value, share=0.6):
        return value if self.dice.random() < share else None

    def many(self, *choices: int) -> range:
        return range(int(self.dice.choice(choices)))

    def row(self, key: int) -> Row:
        dice, maybe = self.dice, self.maybe
        r = float(dice.normal(0.05, 0.6))
        checks = {
            rule: maybe(bool(dice.random() < 0.7), 0.9)
            for rule in dice.choice(RULES, 2, replace=False)
        }
        return row(
            key, float(dice.uniform(-89, self.length)), symbol=str(dice.choice(SYMBOLS)), r=maybe(r, 0.9),
            pnl=f"{r * 200:.2f}" if dice.random() < 0.95 else "", result=int(np.sign(round(r, 1))),
            r_plan=maybe(float(dice.normal(0.1, 0.5))), checks={str(name): kept for name, kept in checks.items()},
            quadrant=str(dice.choice([*(each.value for each in Quadrant), ""])),
            entry_cost=maybe(float(dice.normal(0.01, 0.02))), spread_share=maybe(float(dice.uniform(-0.2, 0.6))),
        )  # fmt: skip

    def offer(self, key: int) -> Offer:
        dice = self.dice
        opened = BEGINS + round(float(dice.uniform(-89, self.length)) * DAY)
        r = self.maybe(float(dice.normal(0, 0.6)))
        known = NEVER if r is None else opened + 9 * DAY
        return Offer(
            key, opened, known, r, self.maybe(0.2), int(dice.choice([int(f) for f in Fate])),
            bool(dice.random() < 0.3), int(dice.choice([int(m) for m in Mark])),
        )  # fmt: skip

    def position(self, key: int) -> Held:
        dice, maybe = self.dice, self.maybe
        name = str(dice.choice(SYMBOLS))
        return held(
            key, symbol=name, underlying=name, opened=BEGINS - round(float(dice.uniform(0, 500)) * DAY),
            expires_on=maybe("2026-06-19") or "", risk=maybe("150.00") or "",
            profit=maybe(f"{dice.normal(0, 90):.2f}") or "", of_maximum=maybe(float(dice.uniform(-1, 1))),
            earnings_on=maybe("2026-06-11") or "",
        )  # fmt: skip

    def move(self, n: int) -> Move:
        verdict = str(self.dice.choice(["kept", "reverted", "void", "pending"]))
        effect = self.maybe(float(self.dice.normal(0, 2)))
        return Move("iv_rank_min", 30.0, 35.0, BEGINS - n * DAY, verdict, effect, self.maybe(60))

    def of_a_month(self) -> dict:
        weeks = self.many(0, 1, 9, 40)
        returns = tuple((739_000 + 7 * n, float(self.dice.normal(0.002, 0.02))) for n in weeks)
        return {
            "kind": "monthly", "until": "2026-06-30", "returns": returns,
            "tried": int(self.dice.choice([0, 1, 60, 5_000])),
        }  # fmt: skip


def invented(seed: int) -> Material:
    """A book of any size: plans kept and broken, quotes or none, open trades with or without prices, advice or none."""
    told = Inventing(seed)
    trades = told.many(0, 1, 2, 6, 25, 120)
    moves = tuple(told.move(n) for n in range(int(told.dice.integers(0, 7))))
    return material(
        ends=BEGINS + told.length * DAY,
        dice=seed,
        rows=tuple(told.row(key) for key in trades),
        offers=tuple(told.offer(key) for key in told.many(0, 3, 80)),
        held=tuple(told.position(key) for key in told.many(0, 1, 9)),
        moves=moves,
        claims=(Told("Faded: IV rank. It did not hold on later trades."),) * int(told.dice.integers(0, 5)),
        focus=told.maybe(Kept("size", "No trade larger than its plan says.")),
        **(told.of_a_month() if told.is_month else {}),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(24))
def test_no_report_says_what_may_not_be_said_and_each_is_made_again_from_its_json(seed):
    told = json.loads(json.dumps(told_of(invented(seed)), allow_nan=False))
    document = told["document"]
    lines = [document["headline"], *document["footer"]]
    lines += [one for section in document["sections"] for one in section["sentences"]]
    assert {one: banned_in(one) for one in lines if banned_in(one)} == {}
    assert all(one and one[-1] in ".!?" for one in lines), [
        one for one in lines if one[-1:] not in ".!?"
    ]
    # A win rate in a table stands beside the rate that breaks even.
    for section in document["sections"]:
        for one in section["tables"]:
            names = [row[0]["text"] for row in one["rows"]]
            assert ("Win rate" in names) <= ("Break-even win rate" in names)
    assert differences(told) == []
