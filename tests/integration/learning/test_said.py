"""What the rest of the learner had said by a moment, in the words of a report: of then, and never of later."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from learning.domain.parameters.codec import state_as_json
from learning.domain.parameters.policy import Move, State, Verdict
from learning.domain.words.bans import banned_in
from learning.domain.words.numbers import MINUS, NARROW
from learning.models import (
    Claim,
    ClaimEvent,
    ExposureReading,
    LearningRun,
    ParameterVersion,
    RunKind,
)
from learning.selectors import said
from learning.selectors.earnings import earnings_of
from learning.services.exposing import expose
from tests.integration.learning import test_exposing as exposed
from tests.integration.learning.test_candidates import propose

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 15, 6, tzinfo=UTC)
DAY = timedelta(days=1)


def claim(workspace, subject, state, at, **more) -> Claim:
    row = Claim.objects.create(
        workspace=workspace, subject=subject, outcome="R", direction=1, effect=0.1, raised_at=at, n_at_raising=80,
        state=state, since=at, looked_at=at, told_at=at, sentence=f"Higher {subject} has gone with better results.",
        grade=more.pop("grade", "B"), **more,
    )  # fmt: skip
    event(row, state, at, 0 if state == "raised" else 1)
    return row


def event(
    row, state, at, looks, words="Confirmed: it held on trades that closed after it was raised"
):
    ClaimEvent.objects.create(
        workspace_id=row.workspace_id, claim=row, at=at, state=state, looks=looks, new=60, words=words
    )  # fmt: skip


class TestClaims:
    def test_what_changed_since_the_newest_first(self, workspace):
        claim(workspace, "iv_rank", "raised", NOW - 5 * DAY)
        claim(workspace, "dte", "confirmed", NOW - 2 * DAY, grade="A")
        claim(workspace, "delta", "faded", NOW - 20 * DAY)
        told = said.claims_since(workspace.pk, NOW - 7 * DAY, NOW)
        assert [one.sentence.split(":")[0] for one in told] == ["Confirmed", "Being confirmed"]
        assert [one.is_confirmed for one in told] == [True, False]

    def test_a_look_that_decided_nothing_is_no_change(self, workspace):
        row = claim(workspace, "iv_rank", "raised", NOW - 30 * DAY)
        event(row, "raised", NOW - DAY, 1)
        assert said.claims_since(workspace.pk, NOW - 7 * DAY, NOW) == ()

    def test_of_a_claim_that_was_told_otherwise_since_only_its_life_is_told(self, workspace):
        row = claim(workspace, "feature:iv_rank", "confirmed", NOW - DAY, grade="A")
        Claim.objects.filter(pk=row.pk).update(told_at=NOW + DAY, sentence="Something of later.")
        (told,) = said.claims_since(workspace.pk, NOW - 7 * DAY, NOW)
        assert (
            told.sentence
            == "Higher IV rank. Confirmed: it held on trades that closed after it was raised."
        )
        assert not told.is_confirmed


def move(verdict, made=None, **more) -> Move:
    told = {
        "parameter": "iv_rank_min", "before": 30.0, "after": 35.0, "at": 1_780_000_000, "version": 2,
        "verdict": Verdict(verdict), "made": made, "judged": None if made is None else 60,
        "settled_at": None if made is None else 1_781_000_000,
    }  # fmt: skip
    return Move(**{**told, **more})


def result(changed, *moves, target=35.0, **more):
    figure = {"value": 1.2, "n": 200, "unit": "R", "ci": [0.2, 2.2, 0.9], "reason": None}
    pbo = {**figure, "unit": "probability", "value": 0.14, "ci": None}
    one = {
        "holdout": figure, "grade": "B", "pbo": pbo, "deflated_sharpe": {**pbo, "value": None},
        "current": 35.0, "target": target, "n": 200,
    }  # fmt: skip
    state = state_as_json(State({"iv_rank_min": 35.0}, 2, moves))
    return {"changed": changed, "evidence": {"iv_rank_min": one}, "state": state, "matured": 45, **more}  # fmt: skip


def plain(lines) -> list[str]:
    texts = [getattr(one, "sentence", one).replace(NARROW, " ") for one in lines]
    assert [banned_in(text) for text in texts if banned_in(text)] == []
    return texts


def version(workspace, kept, *, number, **more) -> None:
    ParameterVersion.objects.create(
        workspace=workspace, number=number, policy="evidence", cause="evidence", effective={}, state={}, as_of=kept.as_of,
        run=kept, **more,
    )  # fmt: skip


class TestProposals:
    def test_a_step_with_its_benefit_on_weeks_that_did_not_choose_it(self):
        told = plain(said.proposals_of(result({"iv_rank_min": [30.0, 35.0]}, move("pending"))))
        assert told == [
            (
                "Moved: iv rank min from 30 to 35. +1.20 R (+0.20 … +2.20) per 100 recommendations on weeks that did "
                "not choose it, n 200. Grade B."
            )
        ]

    def test_a_notch_is_not_said_to_be_worth_what_all_of_the_way_is(self):
        told = plain(
            said.proposals_of(result({"iv_rank_min": [30.0, 35.0]}, move("pending"), target=50.0))
        )
        assert told == [
            (
                "Moved: iv rank min from 30 to 35, a notch towards 50. All the way there is worth +1.20 R "
                "(+0.20 … +2.20) per 100 recommendations on weeks that did not choose it, n 200. Grade B."
            )
        ]

    def test_a_step_that_was_taken_back_is_no_step(self):
        undone = result({"iv_rank_min": [35.0, 30.0]}, move("reverted", -1.5))
        assert plain(said.proposals_of(undone)) == [
            (
                f"Taken back: iv rank min from 35 to 30. The step to 35 made {MINUS}1.50 R on 60 later "
                "recommendations, and what made less than nothing is undone."
            )
        ]

    def test_a_step_to_where_an_older_one_was_taken_back_to_is_a_step(self):
        down = move("pending", before=35.0, after=30.0)
        told = plain(
            said.proposals_of(
                result({"iv_rank_min": [35.0, 30.0]}, move("reverted", -1.5), down, target=30.0)
            )
        )
        assert told[0].startswith("Moved: iv rank min from 35 to 30.")

    def test_steps_of_all_nights_since_the_report_before(self, workspace):
        """Of three nights: one before that report, one that moved, one that took nothing back and moved nothing."""
        for days, changed in ((9, [20.0, 25.0]), (6, [30.0, 35.0]), (0, None)):
            told = result({} if changed is None else {"iv_rank_min": changed}, move("pending"))
            kept = run(workspace, NOW - days * DAY, told)
            if changed is not None:
                version(workspace, kept, number=10 - days)

        def since(moment, by=NOW):
            newest = said.results_by(workspace.pk, [RunKind.PARAMETERS], by)
            told = newest.get(RunKind.PARAMETERS)
            return plain(said.proposals_since(workspace.pk, moment, by, told))

        lines = since(NOW - 7 * DAY)
        assert [one[:37] for one in lines] == ["Moved: iv rank min from 30 to 35. +1."]
        assert since(NOW - 5 * DAY) == [
            "No setting was moved: 45 recommendations with an outcome give no sure reason to."
        ]
        assert since(NOW - 7 * DAY, NOW - 7 * DAY) != lines

    def test_what_waits_for_somebody_was_not_moved(self, workspace):
        told = result({"iv_rank_min": [30.0, 35.0]}, move("pending"))
        kept = run(workspace, NOW, told)
        version(workspace, kept, number=None, changed={"iv_rank_min": {"from": 30, "to": 35}})
        (line,) = plain(said.proposals_since(workspace.pk, NOW - DAY, NOW, told))
        assert line.startswith(
            "Proposed, for somebody to approve: iv rank min from 30 to 35. +1.20 R"
        )

    def test_none_and_nothing_yet(self):
        assert said.proposals_of(None) == ()
        assert plain(said.proposals_of(result({}))) == [
            "No setting was moved: 45 recommendations with an outcome give no sure reason to."
        ]


class TestNotes:
    def test_overfitting_of_each_rule_where_it_is_known(self):
        assert plain(said.rules_note(result({}))) == [
            "Iv rank min at 35: backtest overfitting (PBO) 14 %, n 200."
        ]
        assert said.rules_note(None) == ()

    def test_a_change_of_results(self):
        told = {
            "n": 90,
            "least": 40,
            "looked_at": 80,
            "next_look": 120,
            "is_alarm": False,
            "since": None,
        }
        assert plain(said.regime_note(told)) == [
            "No change for the worse that luck would not make (looked at after 80 trades, next after 120)."
        ]
        worse = said.regime_note({**told, "is_alarm": True, "since": "2026-05-12"})
        assert "since about 2026-05-12" in plain(worse)[0]
        assert said.regime_note({**told, "n": 12}) == said.regime_note(None) == ()

    def test_the_model_of_win_probability(self):
        told = {"n": 300, "needs": 100, "candidate": "ridge 1", "is_deployed": True}
        assert "(ridge 1, n 300) is used." in plain(said.calibration_note(told))[0]
        assert "is not used" in plain(said.calibration_note({**told, "is_deployed": False}))[0]
        assert "100 would do" in plain(said.calibration_note({**told, "reason": {}}))[0]
        assert said.calibration_note(None) == ()


def run(workspace, as_of, told, kind=RunKind.PARAMETERS):
    return LearningRun.objects.create(
        workspace=workspace, kind=kind, as_of=as_of, data_version="x", config_hash=f"{as_of:%j}", seed=1,
        result=json.dumps(told), sha256="x", made_at=NOW,
    )  # fmt: skip


def test_the_newest_run_by_then(workspace):
    run(workspace, NOW - 8 * DAY, {"n": 1})
    run(workspace, NOW - DAY, {"n": 2})
    run(workspace, NOW + DAY, {"n": 3})
    run(workspace, NOW, {"n": 4}, RunKind.REGIME)
    kinds = [RunKind.PARAMETERS, RunKind.REGIME, RunKind.PROBABILITY]
    assert said.results_by(workspace.pk, kinds, NOW) == {"parameters": {"n": 2}, "regime": {"n": 4}}
    assert said.results_by(workspace.pk, kinds, NOW - 9 * DAY) == {}


def test_moves_stand_as_they_stood_then(workspace):
    for number, (as_of, moves) in enumerate(
        [(NOW - 9 * DAY, (move("pending"),)), (NOW + DAY, (move("kept", 0.4),))], 1
    ):
        ParameterVersion.objects.create(
            workspace=workspace, number=number, policy="evidence", cause="evidence", effective={}, as_of=as_of,
            state=state_as_json(State({"iv_rank_min": 35.0}, 2, moves)),
        )  # fmt: skip
    assert [one.verdict for one in said.moves_by(workspace.pk, NOW)] == ["pending"]
    assert [one.verdict for one in said.moves_by(workspace.pk, NOW + 2 * DAY)] == ["kept"]
    assert said.moves_by(workspace.pk, NOW - 10 * DAY) == ()


class TestExposure:
    def test_how_open_trades_stood_on_the_day(self, owner, workspace):
        account = exposed.captures.account_of(workspace)
        # Two calls sold for 5 each: 1,000 at the most, of which 600 are made at 2.
        exposed.hold(owner, **exposed.OPTION, quantity="2", price="5", side="sell")
        exposed.hold(owner, record_id="shares", symbol="BETA", quantity="10", price="100")
        exposed.days(workspace, "ACME", last=100, seed=2)
        exposed.value(account, exposed.OPTION["symbol"], "2", "-2")
        exposed.value(account, "BETA", "93", "10")
        reading = expose(workspace.pk, exposed.NOW)
        stood = sorted(said.standing_by(reading, "USD").values())
        assert [(Decimal(profit), share) for profit, share in stood] == [
            (Decimal("-70.00"), None),
            (Decimal("600.00"), pytest.approx(0.6)),
        ]
        (line,) = plain(said.exposure_note(reading, "USD"))
        assert line.startswith("At 20:00 UTC on 10 Jun: delta ")
        assert said.standing_by(reading, "EUR") == said.standing_by(None, "USD") == {}

    def test_what_has_no_price_has_no_standing(self, owner, workspace):
        exposed.hold(owner, quantity="10", price="100")
        assert said.standing_by(expose(workspace.pk, exposed.NOW), "USD") == {}

    def test_only_a_look_of_these_days_counts(self, workspace):
        ExposureReading.objects.create(
            workspace=workspace, on=NOW.date() - 2 * DAY, taken_at=NOW - 2 * DAY, positions=0, result={"books": []}
        )  # fmt: skip
        assert said.exposure_by(workspace.pk, NOW) is not None
        assert said.exposure_by(workspace.pk, NOW + 2 * DAY) is None
        assert said.exposure_by(workspace.pk, NOW - 3 * DAY) is None
        assert "are not known: no prices" in plain(said.exposure_note(None, "USD"))[0]


class TestEarnings:
    @pytest.mark.parametrize(
        ("features", "day"),
        [
            ({"earnings_on": "2026-06-18"}, "2026-06-18"),
            ({"earnings_date": {"value": "2026-06-18T20:00:00Z"}}, "2026-06-18"),
            ({"days_to_earnings": "20"}, "2026-06-21"),
            ({"earnings_in_days": {"value": "16", "as_of": "2026-05-31T12:00:00Z"}}, "2026-06-16"),
            ({"earnings_on": "2026-06-02"}, None),  # over by now
            ({"earnings_on": "soon"}, None),
            ({"iv_rank": "60"}, None),
        ],
    )
    def test_as_a_scanner_stated_it(self, owner, workspace, features, day):
        # As history: of before the workspace was there.
        propose(owner, "a", features=features)
        found = earnings_of(workspace.pk, {"SYM0", "OTHER"}, NOW)
        assert {name: one.isoformat() for name, one in found.items()} == (
            {"SYM0": day} if day else {}
        )
