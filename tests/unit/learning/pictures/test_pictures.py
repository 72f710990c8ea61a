"""What the overview is drawn from: small, finite, the same again, and no more sure than the trades allow."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning.domain.pictures import course, days, distribution, places, rolling, slices
from learning.domain.pictures.numbers import POINTS_MAX
from tests.unit.learning.ledgers import DAY, ledger

results = st.lists(
    st.one_of(
        st.just(math.nan),
        st.floats(-1e6, 1e6, allow_nan=False),
        st.sampled_from([-1.0, 0.0, 0.5, 1e12, -1e12]),
    ),
    max_size=60,
)


def dice():
    return np.random.default_rng(7)


def spread_world(n, seed=1):
    rng = np.random.default_rng(seed)
    won = rng.random(n) < 0.7
    return np.where(won, rng.uniform(0.15, 0.5, n), -rng.uniform(0.2, 1.0, n))


def grouped(trades, codes, words, name="symbol"):
    return replace(trades, groups={name: np.asarray(codes)}, words={name: tuple(words)})


def everything(trades, opened=()):
    return {
        "course": course(trades, dice()),
        "distribution": distribution(trades),
        "rolling": rolling(trades),
        "days": days(trades, "America/New_York"),
        "places": places(trades, "symbol"),
        "slices": slices(trades, dice(), opened),
    }


@settings(max_examples=60, deadline=None)
@given(results)
def test_nothing_leaves_that_is_no_number(r):
    trades = ledger(r)
    trades = grouped(trades, np.arange(len(r)) % 3, "abc")
    told = json.dumps(everything(trades), allow_nan=False)
    assert told == json.dumps(everything(trades), allow_nan=False)


class TestCourse:
    def test_adds_up_from_nothing(self):
        told = course(ledger([1.0, -0.5, math.nan, -0.75, 0.5]), dice())
        assert told["total"] == [0.0, 1.0, 0.5, -0.25, 0.25]
        assert told["under"] == [0.0, 0.0, -0.5, -1.25, -0.75]
        assert (told["n"], told["without_r"]) == (4, 1)

    def test_has_no_fan_of_few_trades_or_without_losers(self):
        for r in ([0.3] * 12, [0.3] * 200, [0.2, -1.0] * 8):
            told = course(ledger(r), dice())
            assert told["fan"] is None
            assert told["place"]["value"] is None

    def test_the_fan_reads_only_what_was_known_when_it_was_cast(self):
        r = spread_world(200)
        later = np.concatenate([r[:150], -r[150:]])
        one, other = (course(ledger(each), dice()) for each in (r, later))
        assert one["fan"] == other["fan"]
        assert one["fan"]["from"] == 150
        assert one["place"] != other["place"]

    def test_where_nothing_changed_the_place_is_anywhere(self):
        """Of forty ordinary traders about one in ten is below the tenth of their fan."""
        found = [
            course(ledger(spread_world(160, seed)), dice())["place"]["value"] for seed in range(40)
        ]
        assert sum(one < 0.1 for one in found) <= 9
        assert sum(one > 0.9 for one in found) <= 9
        assert 0.3 < np.mean(found) < 0.7

    def test_is_short_however_many_trades_there_are(self):
        told = course(ledger(spread_world(20_000)), dice())
        assert len(told["at"]) <= POINTS_MAX
        assert (told["at"][0], told["at"][-1]) == (0, 20_000)


class TestDistribution:
    def test_counts_every_trade_and_has_edges_at_nothing_and_at_the_planned_loss(self):
        r = np.concatenate([spread_world(300), [-1.0, 0.0, 40.0]])
        told = distribution(ledger(r))
        assert sum(told["counts"]) == told["n"] == 303
        assert {0.0, -1.0} <= set(told["edges"])
        edges = np.array(told["edges"])
        below = sum(n for high, n in zip(edges[1:], told["counts"], strict=True) if high <= 0)
        assert below == np.sum(r < -1e-9)

    def test_counts_what_lost_more_than_was_planned(self):
        assert distribution(ledger([-1.0, -1.2, 0.5]))["beyond"] == 1


class TestRolling:
    def test_the_newest_fifty(self):
        r = spread_world(120)
        told = rolling(ledger(r))
        assert told["newest"][48] is None
        assert told["newest"][-1] == pytest.approx(r[-50:].mean(), abs=1e-4)
        assert told["mean"][-1] == pytest.approx(r.mean(), abs=1e-4)

    def test_no_band_before_five_of_each(self):
        told = rolling(ledger([0.3] * 60 + [-1.0] * 4))
        assert set(told["low"]) == {None}
        assert rolling(ledger([0.3] * 60 + [-1.0] * 5))["low"][-1] is not None

    def test_looking_after_every_trade_finds_no_gain_where_there_is_none(self):
        fooled = 0
        for seed in range(60):
            r = np.random.default_rng(seed).choice([0.5, -0.5], 300)
            fooled += any(one is not None and one > 0 for one in rolling(ledger(r))["low"])
        assert fooled <= 6


def test_days_are_those_of_the_zone():
    trades = ledger([1.0, -0.25, math.nan], days=[0, 0, 0])
    late = int(trades.closed[0]) // DAY * DAY + 2 * 3600  # 21:00 of the day before in New York
    trades = replace(trades, closed=np.array([late, late, late]))
    (told,) = days(trades, "America/New_York").items()
    assert told[1] == [0.75, 3]
    assert list(days(trades, "UTC")) != [told[0]]


def test_places_need_both_kinds():
    trades = grouped(ledger([0.5, -1.0] * 6 + [0.3] * 12), [0] * 12 + [1] * 12, ["A", "B"])
    (told,) = places(trades, "symbol")
    assert (told["word"], told["n"], told["rate"], told["payoff"]) == ("A", 12, 0.5, 0.5)
    assert told["mean"] < 0, "wins half of the time and breaks even at two of three"


class TestSlices:
    def test_noise_stays_within_the_line(self):
        inside = 0
        for seed in range(40):
            rng = np.random.default_rng(seed)
            trades = grouped(ledger(spread_world(200, seed)), rng.integers(0, 8, 200), "abcdefgh")
            rows = slices(trades, dice())["symbol"]["groups"].values()
            inside += all(low <= mean <= high for _, mean, low, high in rows)
        assert inside >= 32

    def test_what_is_otherwise_stands_out(self):
        codes = np.arange(200) % 8
        r = np.where(codes == 3, -0.9, spread_world(200))
        rows = slices(grouped(ledger(r), codes, "abcdefgh"), dice())["symbol"]["groups"]
        _, mean, low, _ = rows["d"]
        assert mean < low

    def test_who_looks_at_more_has_wider_lines(self):
        rng = np.random.default_rng(3)
        trades = ledger(spread_world(300))
        groups = {name: rng.integers(0, 8, 300) for name in ("symbol", "strategy", "bot")}
        trades = replace(trades, groups=groups, words=dict.fromkeys(groups, tuple("abcdefgh")))
        alone = slices(trades, dice())["symbol"]["groups"]
        searched = slices(trades, dice(), ["symbol", "strategy", "bot"])["symbol"]["groups"]
        assert all(searched[word][3] > alone[word][3] for word in alone)

    def test_of_a_tag_only_those_that_have_it(self):
        codes = {"tag:fomo": np.arange(60) % 2, "tag:plan": (np.arange(60) // 3) % 2}
        trades = replace(
            ledger(spread_world(60)), groups=codes, words=dict.fromkeys(codes, ("no", "yes"))
        )
        assert set(slices(trades, dice())["tag"]["groups"]) == {"fomo", "plan"}
