"""Claims over time: raised once a week at most, looked at on later trades, and never changed by looking back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from learning.domain.words.bans import banned_in
from learning.models import Claim, ClaimEvent, LearningRun, RunKind, Trial, TrialKind
from learning.selectors.trials import tried
from learning.services.context import Context
from learning.services.running import read, run
from learning.services.steps import regime, what_works
from learning.services.trials import note_slice
from tests.integration.learning.invented import START, after, invent

pytestmark = pytest.mark.django_db


def take(workspace, kind: RunKind, as_of):
    step = {RunKind.WHAT_WORKS: what_works.STEP, RunKind.REGIME: regime.STEP}[kind]
    context = Context(workspace.pk, as_of)
    kept = run(
        kind, workspace.pk, context.as_of, step.data_version(context), step.config(context),
        lambda rng: step.compute(context, rng),
    )  # fmt: skip
    step.apply(context, kept)
    return kept


def works(workspace, as_of):
    return take(workspace, RunKind.WHAT_WORKS, as_of)


def test_what_really_goes_with_winning_is_raised_and_then_confirmed_on_later_trades(workspace):
    facts = invent(workspace, 400, slope=0.9)
    works(workspace, facts[149].known_at)
    claim = Claim.objects.get(subject="feature:iv_rank")
    assert (claim.state, claim.direction, claim.grade) == ("raised", 1, "B")
    assert claim.sentence.startswith("Higher IV rank has gone with better results.")
    assert claim.effect > 0
    assert claim.next_look == 37
    works(workspace, facts[239].known_at)
    claim.refresh_from_db()
    assert claim.state == "confirmed"
    assert claim.grade == "A"
    assert "does better" in claim.sentence
    assert next(one.state for one in claim.events.all()) == "raised"
    assert claim.events.last().state == "confirmed"


def test_sentences_of_a_run_and_its_claims_say_no_more_than_they_may(workspace):
    facts = invent(workspace, 200, slope=0.9)
    told = read(works(workspace, after(facts)))
    lines = [*told["features"], *[one for each in told["breakdowns"] for one in each["groups"]]]
    assert len(lines) > 10
    for one in lines:
        assert banned_in(one["sentence"], is_confirmed=one["grade"] == "A") == []
    for claim in Claim.objects.all():
        assert banned_in(claim.sentence, is_confirmed=claim.grade == "A") == []


def test_how_a_trade_ended_is_shown_and_never_a_claim(workspace):
    facts = invent(workspace, 200)
    told = read(works(workspace, after(facts)))
    for outcome in ("close_reason", "held"):
        assert outcome in {one["name"] for one in told["breakdowns"]}
        assert not Claim.objects.filter(subject__startswith=outcome).exists()


def test_the_same_run_again_changes_nothing(workspace):
    facts = invent(workspace, 200, slope=0.9)
    kept = works(workspace, after(facts))
    before = list(Claim.objects.values()), list(ClaimEvent.objects.values())
    assert works(workspace, after(facts)).pk == kept.pk
    assert (list(Claim.objects.values()), list(ClaimEvent.objects.values())) == before


def test_an_old_run_is_the_same_bytes_after_more_trades_came_and_touches_no_claim(workspace):
    early = invent(workspace, 150, slope=0.9)
    first = works(workspace, after(early))
    bytes_then = first.sha256
    later = invent(workspace, 200, slope=-0.9, first=150, seed=2)
    works(workspace, after(later))
    before = list(Claim.objects.order_by("pk").values())
    assert works(workspace, after(early)).sha256 == bytes_then
    assert LearningRun.objects.count() == 2
    assert list(Claim.objects.order_by("pk").values()) == before


def test_claims_are_raised_once_a_week_at_most(workspace):
    facts = invent(workspace, 400, slope=0.0)
    works(workspace, facts[100].known_at)
    tests = Trial.objects.filter(kind=TrialKind.TEST)
    assert tests.count() == 1
    works(workspace, facts[100].known_at + timedelta(days=2))
    assert tests.count() == 1
    works(workspace, facts[100].known_at + timedelta(days=8))
    assert tests.count() == 2


def test_a_claim_that_does_not_hold_fades_and_may_be_raised_anew(workspace):
    facts = invent(workspace, 150, slope=0.9)
    works(workspace, after(facts))
    later = invent(workspace, 200, slope=-0.2, first=150, seed=5)
    works(workspace, after(later))
    claim = Claim.objects.get(subject="feature:iv_rank", raised_at__lt=later[0].opened_at)
    assert claim.state in ("faded", "retired")
    assert claim.grade == "D"
    assert "can't tell" in claim.sentence


def test_few_trades_say_what_it_would_take(workspace):
    facts = invent(workspace, 6)
    told = read(works(workspace, after(facts)))
    assert all("To be judged it would take" in one["sentence"] for one in told["features"])
    assert not Claim.objects.exists()


def test_nothing_at_all_is_no_error(workspace):
    told = read(works(workspace, START))
    assert (told["features"], told["mean"]["reason"]) == ([], "no_trades")
    assert read(take(workspace, RunKind.REGIME, START))["change"] is None


def test_a_feature_that_knows_the_outcome_is_flagged_and_not_read(workspace):
    facts = invent(workspace, 120)
    for one in facts:
        one.features["peek"] = one.r * 10
        one.save()
    told = read(works(workspace, after(facts)))
    assert [(one["feature"], one["leak"]) for one in told["leaks"]] == [("peek", "too_good")]
    assert "peek" not in {one["name"] for one in told["features"]}


class TestRegime:
    def test_a_fall_is_told_with_its_day_and_weakens_what_was_confirmed(self, workspace):
        good = invent(workspace, 200, slope=0.9)
        works(workspace, good[119].known_at)
        works(workspace, after(good))
        assert Claim.objects.get(subject="feature:iv_rank").state == "confirmed"
        bad = invent(workspace, 120, first=200, seed=9)
        for one in bad:
            one.r, one.result = -abs(one.r), -1
            one.save()
        told = read(take(workspace, RunKind.REGIME, after(bad)))
        assert told["is_alarm"]
        assert abs((told["looked_at"] - 120) - 200) <= 40
        claim = Claim.objects.get(subject="feature:iv_rank")
        assert (claim.state, claim.grade) == ("weakened", "C")
        assert "may go with better results" in claim.sentence
        assert "Grade C" in claim.sentence

    def test_between_looks_nothing_is_thrown_for_again(self, workspace):
        facts = invent(workspace, 100)
        one = read(take(workspace, RunKind.REGIME, facts[85].known_at))
        other = read(take(workspace, RunKind.REGIME, facts[95].known_at))
        assert (one["looked_at"], one["change"]) == (80, other["change"])
        assert other["next_look"] == 120


def test_slices_that_people_open_are_counted_once(workspace):
    note_slice(workspace.pk, "performance by weekday", START)
    note_slice(workspace.pk, "performance by weekday", START + timedelta(days=1))
    note_slice(workspace.pk, "performance by symbol", START)
    assert tried(workspace.pk) == (0, 2, 0)


class TestRaisedAnew:
    """A claim that is over may be raised again, and only by trades that closed since."""

    def over(self, workspace, at):
        """That of the IV rank, which all trades so far still speak for, faded at this moment."""
        Claim.objects.filter(subject="feature:iv_rank").update(state="faded", since=at, grade="D")

    def test_what_it_was_looked_at_on_has_had_its_say(self, workspace):
        facts = invent(workspace, 200, slope=0.9)
        works(workspace, facts[120].known_at)
        self.over(workspace, after(facts))
        # Over all trades it stands out as ever; since it was over, nothing closed.
        told = read(works(workspace, after(facts) + timedelta(days=8)))
        (found,) = (one for one in told["features"] if one["name"] == "iv_rank")
        assert found["grade"] == "B"
        assert Claim.objects.filter(subject="feature:iv_rank").count() == 1

    def test_trades_that_say_otherwise_since_do_not_raise_it(self, workspace):
        facts = invent(workspace, 200, slope=0.9)
        works(workspace, facts[120].known_at)
        self.over(workspace, after(facts))
        later = invent(workspace, 100, slope=0.0, first=200, seed=3)
        works(workspace, after(later))
        assert Claim.objects.filter(subject="feature:iv_rank").count() == 1

    def test_later_trades_that_say_it_again_do(self, workspace):
        facts = invent(workspace, 200, slope=0.9)
        works(workspace, facts[120].known_at)
        self.over(workspace, after(facts))
        later = invent(workspace, 150, slope=0.9, first=200, seed=3)
        works(workspace, after(later))
        first, second = Claim.objects.filter(subject="feature:iv_rank").order_by("raised_at")
        assert (first.state, second.state) == ("faded", "raised")
        # On those since, and not on all.
        assert second.n_at_raising == 150
        assert second.raised_at == after(later)
