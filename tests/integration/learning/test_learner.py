"""Runs of all steps: in order, one by one, again the same, and whose turn it is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from learning import tasks
from learning.models import (
    LearningRun,
    LearningSettings,
    MetricState,
    RunKind,
    StepFailure,
    TradeFact,
)
from learning.services import learner, timing
from learning.services.context import Context
from learning.services.steps import base
from tests.integration.learning import closes

NIGHT = datetime(2026, 6, 20, 3, tzinfo=UTC)


def counting(context, rng):
    return {"trades": len(context.trades), "dice": float(rng.random())}


def nothing(_context, _run):
    pass


@pytest.fixture
def traded(owner, workspace):
    closes.report(owner, *closes.round_trip(1), *closes.round_trip(2, end="99"))
    # As history: told of only now, long over.
    TradeFact.objects.update(known_at=datetime(2026, 6, 4, tzinfo=UTC))
    return workspace


def use(monkeypatch, **steps):
    monkeypatch.setattr(learner, "STEPS", {RunKind(name): step for name, step in steps.items()})


def test_steps_are_taken_in_order_and_again_the_same(traded, monkeypatch):
    taken = []

    def noting(kind):
        return base.Step(counting, lambda _context, run: taken.append((kind, run.pk)))

    use(monkeypatch, sizing=noting("sizing"), symbols=noting("symbols"), weekly=noting("weekly"))
    first = learner.learn(traded.pk, as_of=NIGHT)
    again = learner.learn(traded.pk, as_of=NIGHT + timedelta(microseconds=5))
    assert [kind for kind, _ in taken] == ["symbols", "sizing"] * 2
    assert [one.pk for one in first] == [one.pk for one in again]
    assert LearningRun.objects.count() == 2
    assert json.loads(first[0].result)["trades"] == 2


def test_a_run_of_then_is_the_same_after_more_trades_came(traded, owner, monkeypatch):
    use(monkeypatch, symbols=base.Step(counting, nothing))
    (then,) = learner.learn(traded.pk, as_of=NIGHT)
    closes.report(owner, *closes.round_trip(40))
    assert TradeFact.objects.count() == 3
    (again,) = learner.learn(traded.pk, as_of=NIGHT)
    assert (again.pk, again.sha256) == (then.pk, then.sha256)


def test_a_step_that_fails_leaves_the_others_and_is_told_until_it_works(traded, monkeypatch):
    def failing(_context, _rng):
        raise ZeroDivisionError("of nothing")

    use(monkeypatch, symbols=base.Step(failing, nothing), sizing=base.Step(counting, nothing))
    assert [one.kind for one in learner.learn(traded.pk, as_of=NIGHT)] == ["sizing"]
    told = StepFailure.objects.get()
    assert (told.kind, told.words) == ("symbols", "ZeroDivisionError: of nothing")
    use(monkeypatch, symbols=base.Step(counting, nothing))
    learner.learn(traded.pk, as_of=NIGHT, kinds=[RunKind.SYMBOLS])
    assert not StepFailure.objects.exists()


def test_a_step_that_reads_beyond_its_moment_is_found_out(traded, owner, monkeypatch):
    def peeking(_context, _rng):
        return TradeFact.objects.count()

    use(monkeypatch, symbols=base.Step(peeking, nothing))
    learner.learn(traded.pk, as_of=NIGHT)
    closes.report(owner, *closes.round_trip(40))
    assert learner.learn(traded.pk, as_of=NIGHT) == []
    assert StepFailure.objects.get().words.startswith("Drift")


def test_what_a_step_reads_is_what_its_version_is_of(traded, owner):
    before = Context(traded.pk, NIGHT)
    trades, proposals = (before.data_version([one]) for one in list(base.Reads)[:2])
    TradeFact.objects.filter(pk=TradeFact.objects.first().pk).update(digest="other")
    after = Context(traded.pk, NIGHT)
    assert after.data_version([base.Reads.TRADES]) != trades
    assert after.data_version([base.Reads.CANDIDATES]) == proposals
    assert before.currency == "USD"
    assert len(before.own_trades) == 2


@pytest.mark.parametrize(
    ("now", "monday", "first"),
    [
        ("2026-06-15T04:59+02:00", "2026-06-08T06:00+02:00", "2026-06-01T06:00+02:00"),
        ("2026-06-15T06:00+02:00", "2026-06-15T06:00+02:00", "2026-06-01T06:00+02:00"),
        ("2026-07-01T05:00+02:00", "2026-06-29T06:00+02:00", "2026-06-01T06:00+02:00"),
        # The clock was put back in the night before.
        ("2026-10-26T05:30+01:00", "2026-10-19T06:00+02:00", "2026-10-01T06:00+02:00"),
        ("2026-10-26T06:30+01:00", "2026-10-26T06:00+01:00", "2026-10-01T06:00+02:00"),
    ],
)
def test_weeks_and_months_begin_at_six_in_the_zone(now, monday, first):
    zone, moment = ZoneInfo("Europe/Berlin"), datetime.fromisoformat(now)
    assert timing.begin_of_week(moment, zone) == datetime.fromisoformat(monday)
    assert timing.begin_of_month(moment, zone) == datetime.fromisoformat(first)


def test_a_report_is_due_once(traded, monkeypatch):
    step = base.Step(counting, nothing)
    monkeypatch.setattr(timing, "STEPS", {RunKind.WEEKLY: step})
    use(monkeypatch, weekly=step)
    LearningSettings.objects.create(workspace=traded, zone="Asia/Tokyo")
    now = traded.created_at + timedelta(days=8)
    ((kind, as_of),) = timing.due_reports(traded.pk, now)
    assert (kind, as_of.astimezone(ZoneInfo("Asia/Tokyo")).hour, as_of.weekday()) == (
        "weekly",
        6,
        0,
    )
    assert len(learner.learn(traded.pk, as_of=as_of, kinds=[kind])) == 1
    assert timing.due_reports(traded.pk, now) == []
    assert timing.due_reports(traded.pk, now + timedelta(days=7)) != []
    # None of the weeks before there was a workspace.
    assert timing.due_reports(traded.pk, traded.created_at) == []


def test_the_night_takes_up_those_with_news(traded, owner, monkeypatch):
    step = base.Step(counting, nothing)
    use(monkeypatch, what_works=step, overview=step)
    now = datetime.now(UTC)
    MetricState.objects.update(measured_at=now - timedelta(hours=1))
    assert timing.list_with_news(now) == [traded.pk]
    # What is drawn after a close is no look at what it teaches.
    learner.learn(traded.pk, as_of=now, kinds=[RunKind.OVERVIEW])
    assert timing.list_with_news(now) == [traded.pk]
    learner.learn(traded.pk, as_of=now)
    assert timing.list_with_news(now) == []
    assert timing.list_with_news(now + timedelta(days=8)) == [traded.pk]
    closes.report(owner, *closes.round_trip(50))
    assert timing.list_with_news(now) == [traded.pk]


def test_nothing_is_learnt_as_of_a_moment_that_has_not_come(traded):
    """It would be the newest until then, and no scanner would be told anything else."""
    with pytest.raises(CommandError, match="has not come"):
        call_command("learn", workspace=traded.name, as_of="2099-01-01")
    assert not LearningRun.objects.exists()


def test_a_report_goes_by_what_the_night_said_where_nothing_was_heard_since(
    traded, owner, monkeypatch
):
    step = base.Step(counting, nothing)
    use(monkeypatch, what_works=step, symbols=step, weekly=step)
    now = datetime.now(UTC)
    MetricState.objects.update(measured_at=now - timedelta(hours=1))
    learner.learn(traded.pk, as_of=now)

    def steps_at(moment):
        tasks.learn_and_report(traded.pk, "weekly", moment.isoformat())
        kinds = LearningRun.objects.filter(as_of=moment.replace(microsecond=0))
        return sorted(kinds.values_list("kind", flat=True))

    assert steps_at(now + timedelta(hours=1)) == ["weekly"]
    # As of a moment before that night nothing was known yet of what it said.
    assert steps_at(now - timedelta(days=1)) == ["symbols", "weekly", "what_works"]
    closes.report(owner, *closes.round_trip(50))
    assert steps_at(now + timedelta(hours=2)) == ["symbols", "weekly", "what_works"]
    assert steps_at(now + timedelta(hours=3)) == ["weekly"]
    StepFailure.objects.create(
        workspace=traded, kind="symbols", as_of=now, words="of nothing", failed_at=now
    )
    assert steps_at(now + timedelta(hours=4)) == ["symbols", "weekly", "what_works"]
