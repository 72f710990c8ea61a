"""The season of the demo: something of each kind that the learner reads, told as it happened, the same for the same tag."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django_scopes import scope

from accounts.models import Membership
from accounts.services.people import create_user
from accounts.services.workspaces import create_workspace
from journal.models import BrokerAccount, Recommendation, RecommendationOutcome, Trade
from journal.services import clock
from journal.services.demo.chain_records import NEW_YORK
from journal.services.verification import verify_account
from learning.domain.parameters.candidates import Fate
from learning.domain.report.building import build
from learning.models import LearningRun, ReportKind, StepFailure, TradeFact
from learning.selectors.candidates import candidates_as_of, leaking_features
from learning.services import measuring
from learning.services.context import Context
from learning.services.demo.past import learn_next, list_mondays
from learning.services.demo.telling import tell
from learning.services.reporting.gathering import gather
from learning.services.steps import STEPS

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SESSIONS = 60


def told(name: str = "Season", sessions: int = SESSIONS) -> Membership:
    workspace = create_workspace(create_user(f"{name}@example.org".lower(), password="a long one"), name=name).workspace  # fmt: skip
    membership = Membership.objects.get(workspace=workspace)
    with scope(workspace=workspace.pk), clock.told_at(NOW):
        assert tell(membership, "000007", sessions=sessions)
        assert not tell(membership, "000007", sessions=sessions), "once"
    return membership


def test_there_is_something_to_learn_from():
    membership = told()
    workspace_id = membership.workspace_id
    with scope(workspace=workspace_id):
        measuring.measure(workspace_id)
        facts = TradeFact.objects.all()
        assert facts.count() > 45
        assert not facts.filter(known_at__gt=NOW).exists()
        assert set(facts.values_list("result", flat=True)) >= {-1, 1}
        spreads = facts.exclude(structure="")
        assert spreads.count() > 30
        assert not spreads.filter(r=None).exists(), "what a spread can lose is known"
        assert {"stop", "target", "expiry"} <= set(spreads.values_list("close_reason", flat=True))
        assert all({"iv_rank", "dte", "delta"} <= set(one.features) for one in spreads)
        assert facts.exclude(plan_id=None).exists()
        assert Trade.objects.filter(closed_at=None).exists()
        # Rows bear the moment at which they were really written, whatever day is played.
        read = candidates_as_of(workspace_id, max(NOW, datetime.now(UTC)))
        assert read.shadow.sum() > 5
        assert len(set(read.fate.tolist())) >= 3
        assert (read.r_plan == read.r_plan).mean() > 0.7
        assert set(leaking_features(workspace_id, NOW)) == {"evening_iv_rank"}
        assert [
            one for account in BrokerAccount.objects.all() for one in verify_account(account)
        ] == []


def test_a_day_of_the_past_knows_what_had_been_decided_by_then():
    """The log was written in one go; a report of the season tells of those days all the same."""
    membership = told()
    with scope(workspace=membership.workspace_id):
        measuring.measure(membership.workspace_id)
        then = NOW - timedelta(days=13)
        read = candidates_as_of(membership.workspace_id, then)
        fates = {Fate(one) for one in read.fate.tolist()}
        assert {Fate.EXECUTED, Fate.IGNORED, Fate.EXPIRED} <= fates
        settled = read.decided_at[read.fate != Fate.PENDING]
        assert settled.max() <= then.timestamp()
        material = gather(Context(membership.workspace_id, then), ReportKind.WEEKLY)
        (found,) = (one for one in build(material).sections if one.key == "recommendations")
        assert re.search(r"shown this week: \d+ executed", found.sentences[0]), found.sentences


def test_it_is_the_same_for_the_same_tag():
    stories = []
    for name in ("One", "Other"):
        membership = told(name, sessions=30)
        with scope(workspace=membership.workspace_id):
            stories.append((
                list(Recommendation.objects.order_by("record_id").values_list("record_id", "symbol", "recommended_at", "expected_loss")),
                list(RecommendationOutcome.objects.order_by("record_id", "id").values_list("record_id", "r_multiple", "closed_at")),
                list(Trade.objects.order_by("symbol", "opened_at").values_list("symbol", "opened_at", "closed_at", "net_pnl")),
            ))  # fmt: skip
    assert stories[0] == stories[1]
    assert all(stories[0])


def test_each_monday_is_learnt_from_in_its_turn():
    membership = told()
    workspace_id = membership.workspace_id
    with scope(workspace=workspace_id):
        measuring.measure(workspace_id)
        mondays = list_mondays(workspace_id, NOW)
        assert len(mondays) > 5
        assert [one.astimezone(NEW_YORK).strftime("%a %H:%M") for one in mondays] == ["Mon 06:00"] * len(mondays)  # fmt: skip
        assert mondays[-1] == datetime(2026, 11, 16, 11, tzinfo=UTC)
        first = learn_next(workspace_id, NOW)
        second = learn_next(workspace_id, NOW, first)
        assert [first, second] == mondays[:2]
        assert learn_next(workspace_id, NOW, mondays[-1]) is None
        runs = LearningRun.objects.order_by().values_list("as_of", flat=True)
        assert set(runs) <= {
            *mondays[:2],
            *(one.astimezone(NEW_YORK).replace(day=1) for one in mondays[:2]),
        }
        if STEPS:
            assert {first, second} <= set(runs)
        assert not StepFailure.objects.exists()
