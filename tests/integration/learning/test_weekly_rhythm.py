"""Weeks of the learner: whose Monday it is, each report once and late after an outage, and nights that leave be what
is for Mondays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django_scopes import scope

from accounts.models import Workspace
from learning import tasks
from learning.models import (
    Claim,
    LearningRun,
    LearningSettings,
    ParameterVersion,
    Report,
    RunKind,
    Trial,
)
from learning.services import learner, timing
from learning.services.steps import base
from tests import people
from tests.integration.learning.invented import after, invent

pytestmark = pytest.mark.django_db
LOOKED = (RunKind.REGIME, RunKind.WHAT_WORKS, RunKind.BEHAVIOUR, RunKind.PARAMETERS)


@pytest.fixture
def hours(monkeypatch):
    """Two workspaces, in Tokyo and New York; what an hour asks for is done at once, by a step that only counts."""
    step = base.Step(lambda context, _rng: {"n": len(context.trades)}, lambda _context, _run: None)
    steps = {RunKind.REGIME: step, RunKind.WEEKLY: step, RunKind.MONTHLY: step}
    monkeypatch.setattr(learner, "STEPS", steps)
    monkeypatch.setattr(timing, "STEPS", steps)
    asked: list[tuple[int, str, str]] = []

    def do(*args):
        asked.append(args)
        tasks.learn_and_report(*args)

    monkeypatch.setattr(tasks.learn_and_report, "delay", do)
    who = people.everybody()
    for member, zone, number in (
        (who.alice, "Asia/Tokyo", 0),
        (who.charlie, "America/New_York", 500),
    ):
        with scope(workspace=member.workspace):
            invent(member.workspace, 12, first=number)
            LearningSettings.objects.create(workspace=member.workspace, zone=zone)
    Workspace.objects.update(created_at=datetime(2026, 6, 10, tzinfo=UTC))

    def hour(text: str) -> list[tuple[int, str, str]]:
        asked.clear()
        monkeypatch.setattr(tasks.timezone, "now", lambda: datetime.fromisoformat(text))
        tasks.learn_weekly()
        return list(asked)

    return who, hour


def test_each_at_six_on_its_own_monday_and_once(hours):
    who, hour = hours
    tokyo, new_york = who.alice.workspace_id, who.charlie.workspace_id
    assert hour("2026-06-14T20:05+00:00") == []
    assert hour("2026-06-14T21:05+00:00") == [(tokyo, "weekly", "2026-06-15T06:00:00+09:00")]
    assert hour("2026-06-14T22:05+00:00") == []
    assert hour("2026-06-15T10:05+00:00") == [(new_york, "weekly", "2026-06-15T06:00:00-04:00")]
    assert hour("2026-06-15T11:05+00:00") == []
    with scope(workspace=who.alice.workspace):
        kinds = LearningRun.objects.filter(workspace_id=tokyo).values_list("kind", flat=True)
        assert sorted(kinds) == ["regime", "weekly"]


def test_after_an_outage_it_is_made_late_as_of_its_hour_and_only_the_latest(hours):
    who, hour = hours
    told = hour("2026-07-08T03:05+00:00")  # a Wednesday, five weeks on
    assert sorted(told) == sorted(
        (workspace_id, kind, as_of)
        for workspace_id, offset in ((who.alice.workspace_id, "+09:00"), (who.charlie.workspace_id, "-04:00"))
        for kind, as_of in (
            ("weekly", f"2026-07-06T06:00:00{offset}"),
            ("monthly", f"2026-07-01T06:00:00{offset}"),
        )
    )  # fmt: skip
    assert hour("2026-07-08T04:05+00:00") == []


def test_a_report_that_failed_is_tried_again_at_the_next_hour(hours, monkeypatch):
    who, hour = hours

    def failing(_context, _rng):
        raise ZeroDivisionError("of nothing")

    whole = learner.STEPS
    broken = base.Step(failing, lambda _context, _run: None)
    monkeypatch.setattr(learner, "STEPS", {**whole, RunKind.WEEKLY: broken})
    first = hour("2026-06-14T21:05+00:00")
    assert [one[0] for one in first] == [who.alice.workspace_id]
    monkeypatch.setattr(learner, "STEPS", whole)
    assert hour("2026-06-14T22:05+00:00") == first
    assert hour("2026-06-14T23:05+00:00") == []


def test_nights_between_two_mondays_raise_no_claim_move_nothing_and_report_nothing(workspace):
    early = invent(workspace, 150, slope=0.9)
    monday = after(early)
    assert [one.kind for one in learner.learn(workspace.pk, as_of=monday, kinds=LOOKED)] == [
        "regime", "what_works", "behaviour", "parameters",
    ]  # fmt: skip
    bytes_then = {one.kind: one.sha256 for one in LearningRun.objects.all()}
    raised = list(Claim.objects.order_by("pk").values_list("subject", "raised_at", "n_at_raising"))
    tested = list(Trial.objects.order_by("pk").values_list("kind", "name", "count", "first_at"))
    versions = list(ParameterVersion.objects.order_by("pk").values())
    assert raised
    # Trades of the days after, which go with something else.
    more = invent(workspace, 40, slope=-0.9, first=150, seed=4)
    for number, one in enumerate(more):
        one.opened_at = monday + timedelta(hours=2 * number + 1)
        one.closed_at = one.known_at = one.opened_at + timedelta(hours=20)
        one.features["delta"] = one.r / 10 + 0.3
        one.save()
    for night in range(1, 6):
        learner.learn(workspace.pk, as_of=monday + timedelta(days=night), kinds=LOOKED)
    assert (
        list(Claim.objects.order_by("pk").values_list("subject", "raised_at", "n_at_raising"))
        == raised
    )
    assert (
        list(Trial.objects.order_by("pk").values_list("kind", "name", "count", "first_at"))
        == tested
    )
    assert list(ParameterVersion.objects.order_by("pk").values()) == versions
    assert not Report.objects.exists()
    again = {
        one.kind: one.sha256 for one in learner.learn(workspace.pk, as_of=monday, kinds=LOOKED)
    }
    assert again == bytes_then


def test_the_night_itself_makes_no_report(workspace, monkeypatch):
    taken = []
    step = base.Step(lambda _context, _rng: {}, lambda _context, run: taken.append(run.kind))
    monkeypatch.setattr(learner, "STEPS", dict.fromkeys(RunKind, step))
    tasks.learn(workspace.pk)
    assert set(taken) == set(RunKind) - {RunKind.WEEKLY, RunKind.MONTHLY}


def test_another_zone_brings_no_second_report_of_the_same_days(workspace):
    Workspace.objects.filter(pk=workspace.pk).update(created_at=datetime(2026, 1, 1, tzinfo=UTC))
    invent(workspace, 12)
    held = LearningSettings.objects.create(workspace=workspace, zone="America/New_York")
    monday = datetime(2026, 6, 15, 12, tzinfo=UTC)
    for now in (monday - timedelta(days=7), monday):
        for kind, as_of in timing.due_reports(workspace.pk, now):
            learner.learn(workspace.pk, as_of=as_of, kinds=[kind])
    assert Report.objects.filter(is_scheduled=True).count() == 3
    for zone in ("Europe/Berlin", "Asia/Tokyo", "Pacific/Auckland", "Pacific/Honolulu"):
        held.zone = zone
        held.save()
        assert timing.due_reports(workspace.pk, monday) == []
        assert timing.due_reports(workspace.pk, monday + timedelta(hours=12)) == []
    assert len(timing.due_reports(workspace.pk, monday + timedelta(days=7, hours=12))) == 1
