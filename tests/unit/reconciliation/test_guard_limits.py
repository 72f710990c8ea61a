"""Floors and allowances: the field's rules by hand, and what holds for all of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.values import TradingDay
from reconciliation.domain.guards.limits import (
    Basis,
    FlowRule,
    Limit,
    Measure,
    Reference,
    Sample,
    begin_marks,
    mark,
    stand,
)
from reconciliation.domain.guards.presets import PRESETS
from reconciliation.domain.nav import Flow

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
UTC_DAY = TradingDay("UTC")


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def sample(hours: float, equity: str | int, balance: str | int | None = None) -> Sample:
    return Sample(at(hours), Decimal(equity), Decimal(equity if balance is None else balance))


def used(
    limit: Limit, *samples: Sample | tuple[Sample, str], day: TradingDay = UTC_DAY, initial=None
):
    """After the last of the samples; a pair is a sample and the flow before it."""
    first, *others = samples
    marks = begin_marks(limit, first, day, initial)
    for one in others:
        point, flow = one if isinstance(one, tuple) and not isinstance(one, Sample) else (one, None)
        flows = [Flow(point.at, Decimal(flow))] if flow else []
        marks = mark(limit, marks, point, day, flows)
    last = samples[-1]
    return stand(limit, marks, last if isinstance(last, Sample) else last[0])


DRAWDOWN = Limit(Basis.EQUITY, Reference.HIGH, Decimal("0.1"), Measure.OF_REFERENCE)
MONEY = Limit(Basis.EQUITY, Reference.HIGH, Decimal(10), Measure.MONEY, flow_rule=FlowRule.ADDITIVE)


@pytest.mark.parametrize(("flow", "equity"), [("50", 145), ("-50", 45), ("", 95)])
def test_the_worked_example_of_flows(flow, equity):
    """Peak 100, equity 95: half of a tenth is gone, in per cent and in money, whatever is paid in or out."""
    samples = sample(0, 100), sample(1, 95), (sample(2, equity), flow)
    assert used(DRAWDOWN, *samples).used == Decimal("0.5")
    assert used(MONEY, *samples).room == 5


def test_a_firm_that_counts_withdrawals_as_losses_is_taken_at_its_word():
    limit = DRAWDOWN._replace(flow_rule=FlowRule.NONE)
    assert used(limit, sample(0, 100), (sample(1, 50), "-50")).used == 5


def test_ftmo_counts_from_the_balance_of_midnight_in_prague():
    limit = PRESETS["ftmo_daily"].limit
    day = TradingDay("Europe/Prague")
    evening = datetime(2026, 6, 1, 23, 50, tzinfo=ZoneInfo("Europe/Prague")).astimezone(UTC)
    later = evening + timedelta(minutes=20)
    first = Sample(evening - timedelta(hours=5), Decimal(100_000), Decimal(100_000))
    # A profit was booked before midnight, and what is open at midnight is worth less.
    before = Sample(evening, Decimal(101_000), Decimal(103_000))
    after = Sample(later, Decimal(98_001), Decimal(103_000))
    standing = used(limit, first, before, after, day=day)
    assert (standing.reference, standing.floor) == (103_000, 98_000)
    assert standing.room == 1


def test_topstep_s_floor_follows_the_day_s_end_and_stops_at_the_start():
    limit = PRESETS["topstep_50k"].limit
    day = TradingDay("America/Chicago", 17 * 60)
    during = used(limit, sample(0, 50_000), sample(1, 51_500), sample(2, 51_000), day=day)
    assert during.floor == 48_000
    next_day = used(limit, sample(0, 50_000), sample(1, 51_500), sample(30, 51_000), day=day)
    assert next_day.floor == 49_500
    locked = used(limit, sample(0, 50_000), sample(1, 58_000), sample(30, 57_000), day=day)
    assert locked.floor == 50_000
    assert locked.used == 0


def test_apex_follows_what_is_open_and_stops_a_hundred_above_the_start():
    limit = PRESETS["apex_50k"].limit
    assert used(limit, sample(0, 50_000), sample(1, 51_000, 50_000)).floor == 48_500
    assert used(limit, sample(0, 50_000), sample(1, 60_000, 50_000)).floor == 50_100


def test_an_account_that_began_elsewhere_is_told_so():
    limit = PRESETS["ftmo_total"].limit
    assert used(limit, sample(0, 97_000), initial=Decimal(100_000)).used == Decimal("0.3")


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_whole_and_dated(name):
    preset = PRESETS[name]
    assert preset.limit.amount > 0
    assert preset.limit.measure is Measure.MONEY or preset.limit.amount < 1
    assert ZoneInfo(preset.zone)
    assert preset.words.endswith(".")


AMOUNTS = st.lists(st.integers(1, 10**6), min_size=1, max_size=15)
LIMITS = st.builds(
    Limit,
    st.sampled_from(Basis),
    st.sampled_from([Reference.DAY_END_HIGH, Reference.HIGH]),
    st.sampled_from([Decimal("0.05"), Decimal("0.2")]),
    st.sampled_from([Measure.OF_INITIAL]),
    st.sampled_from(Basis),
    st.just(FlowRule.ADDITIVE),
    st.sampled_from([None, Decimal(100)]),
)


@given(limit=LIMITS, equities=AMOUNTS)
def test_a_floor_that_follows_gains_never_falls(limit, equities):
    marks = begin_marks(limit, sample(0, equities[0]), UTC_DAY)
    floors = []
    for hour, equity in enumerate(equities):
        marks = mark(limit, marks, sample(5 * hour, equity), UTC_DAY)
        floors.append(stand(limit, marks, sample(5 * hour, equity)).floor)
    assert floors == sorted(floors)


@given(limit=LIMITS, equities=AMOUNTS, flow=st.integers(1, 10**5))
def test_money_that_moves_by_its_amount_moves_the_floor_by_it(limit, equities, flow):
    limit = limit._replace(measure=Measure.MONEY, amount=Decimal(500))
    marks = begin_marks(limit, sample(0, equities[0]), UTC_DAY)
    for hour, equity in enumerate(equities):
        marks = mark(limit, marks, sample(hour, equity), UTC_DAY)
    last = sample(len(equities), equities[-1])
    paid = sample(len(equities), equities[-1] + flow)
    before = stand(limit, mark(limit, marks, last, UTC_DAY), last)
    after = mark(limit, marks, paid, UTC_DAY, [Flow(paid.at, Decimal(flow))])
    assert stand(limit, after, paid).room == before.room
