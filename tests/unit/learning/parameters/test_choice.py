import numpy as np
import pytest
from scipy import stats

from benchmarks.learning.proposals import proposals, threshold_world
from benchmarks.learning.worlds import generator
from learning.domain.figures import Reason
from learning.domain.parameters.benefit import benefit, cross_fitted, folds_in_time
from learning.domain.parameters.choice import Standing, choose
from learning.domain.parameters.evidence import deflated_difference
from learning.domain.parameters.luck import adjusted, luck_of_best
from learning.domain.parameters.paired import Paired, design_effect, pair
from learning.domain.parameters.settings import PARAMETERS
from learning.domain.parameters.surface import HEIGHTS, kernels, per_hundred, surface_of

FLOOR = PARAMETERS["iv_rank_min"]


def paired_of(world, now: float = 30.0) -> Paired:
    return pair(world, FLOOR, {"iv_rank_min": now}, {"iv_rank_min": FLOOR})


def test_the_surface_is_the_closed_form_posterior():
    """Against the posterior written out with the joint covariance of one height and length at a time."""
    paired = paired_of(threshold_world("strong", 80, generator("surface")))
    surface = surface_of(paired)
    covariance = kernels(len(FLOOR.grid) + 1, 0.15)
    rows = np.eye(len(FLOOR.grid) + 1)[paired.cell]
    noise = np.var(paired.r, ddof=1)
    noise *= design_effect(paired.r, paired.week)
    joint = rows @ covariance[-1] @ rows.T + noise * np.eye(len(paired))
    mean = covariance[-1] @ rows.T @ np.linalg.solve(joint, paired.r)
    assert surface.means[-1] == pytest.approx(mean, abs=1e-9)
    evidence = [
        stats.multivariate_normal(cov=rows @ one @ rows.T + noise * np.eye(len(paired))).logpdf(
            paired.r
        )
        for one in covariance
    ]
    weights = np.exp(evidence - np.max(evidence))
    assert surface.weights == pytest.approx(weights / weights.sum(), abs=1e-8)
    assert len(covariance) == 3 * len(HEIGHTS)


def test_the_value_of_a_surface_is_that_of_draws_from_it():
    paired = paired_of(threshold_world("step", 500, generator("draws")))
    surface = surface_of(paired)
    amounts = per_hundred(paired, (50.0,))
    mean, deviation, better = surface.value(amounts)
    rng = generator("draws of it")
    which = rng.choice(len(surface.weights), 20_000, p=surface.weights)
    drawn = np.array(
        [
            rng.normal(
                surface.means[one] @ amounts[0],
                np.sqrt(amounts[0] @ surface.covariances[one] @ amounts[0]),
            )
            for one in which
        ]
    )
    assert mean[0] == pytest.approx(drawn.mean(), abs=4 * deviation[0] / 140)
    assert deviation[0] == pytest.approx(drawn.std(), rel=0.03)
    assert better[0] == pytest.approx((drawn > 0).mean(), abs=0.015)


def test_luck_is_uniform_for_one_setting_that_changes_nothing_true():
    levels = []
    for number in range(200):
        rng = generator("max-T", number)
        levels.append(adjusted(rng.normal(size=(40, 1)), rng, 200)[0])
    assert stats.kstest(levels, "uniform").pvalue > 0.01


def test_luck_of_the_best_of_many_is_not_that_of_one():
    rng = generator("many")
    best_of_19, alone = [], []
    for _ in range(100):
        totals = rng.normal(size=(40, 19))
        p = adjusted(totals, rng, 200)
        best_of_19.append(p.min() < 0.05)
        best = totals[:, [int(np.argmax(totals.sum(axis=0)))]]
        alone.append(adjusted(best, rng, 200)[0] < 0.05)
    assert np.mean(best_of_19) <= 0.13
    assert np.mean(alone) > 0.4


def test_luck_is_certain_where_nothing_changes_or_all_is_of_one_week():
    world = threshold_world("step", 60, generator("luck"))
    paired = paired_of(world)
    high = paired.where(paired.cell > 15)
    assert luck_of_best(high, (20.0, 45.0), generator("l"))[0] == 1.0
    one_week = paired.where(paired.week == 0)
    assert (luck_of_best(one_week, (0.0, 60.0), generator("l")) == 1.0).all()


def test_a_step_is_found_and_a_good_setting_is_left():
    found = choose(paired_of(threshold_world("step", 5_000, generator("found", 2))), generator("c"))
    assert found.standing is Standing.MOVE
    assert 45 <= found.threshold <= 55
    left = choose(paired_of(threshold_world("strong", 5_000, generator("left"))), generator("c"))
    assert left.threshold == 30.0 or left.standing is not Standing.MOVE


@pytest.mark.parametrize("count", [0, 1, 2, 49])
def test_few_proposals_do_not_tell(count):
    choice = choose(paired_of(threshold_world("step", count, generator("few"))), generator("c"))
    assert choice.standing is Standing.CANNOT_TELL
    assert choice.threshold == 30.0
    assert np.isfinite(choice.curve.mean).all()


def test_looser_needs_outcomes_of_what_was_filtered_out():
    world = threshold_world("flat", 2_000, generator("looser", 1))
    assert choose(paired_of(world), generator("c")).threshold < 30
    shown = world.where(~world.shadow)
    choice = choose(paired_of(shown), generator("c"))
    assert choice.threshold >= 30
    looser = np.array([one < 30 for one in choice.curve.thresholds])
    assert not choice.curve.allowed[looser].any()


def test_no_feature_is_no_answer():
    world = threshold_world("step", 200, generator("none"))
    blind = proposals(generator("b"), np.full(200, np.nan), world.r_plan)
    choice = choose(paired_of(blind), generator("c"))
    assert choice.standing is Standing.CANNOT_TELL
    assert benefit(paired_of(blind), np.zeros(0)).reason is Reason.NOT_MATURED


def test_all_winners_alike_give_finite_numbers():
    winners = proposals(generator("w"), generator("w").uniform(0, 100, 100), np.full(100, 0.3))
    choice = choose(paired_of(winners), generator("c"))
    assert np.isfinite(choice.curve.mean).all()
    assert np.isfinite(choice.curve.luck).all()


def test_same_inputs_give_the_same_bytes():
    world = threshold_world("mild", 400, generator("same"))
    one, other = (choose(paired_of(world), generator("dice")).curve for _ in range(2))
    assert one.mean.tobytes() == other.mean.tobytes()
    assert one.luck.tobytes() == other.luck.tobytes()


def test_folds_share_no_moment_with_what_teaches_them():
    paired = paired_of(threshold_world("flat", 400, generator("folds")))
    folds = folds_in_time(paired.opened, paired.closed, paired.week)
    assert sum(fold.judged.sum() for fold in folds) == 400
    assert len(folds) == 8
    for fold in folds:
        begins, ends = paired.opened[fold.judged].min(), paired.closed[fold.judged].max()
        apart = (paired.closed < begins) | (paired.opened > ends + 7 * 86_400)
        assert apart[fold.taught].all()
        assert fold.taught.sum() > 200
        assert set(paired.week[fold.judged]).isdisjoint(paired.week[fold.taught])


def test_folds_of_one_moment_teach_nothing():
    world = threshold_world("step", 100, generator("one"))
    paired = paired_of(world)
    whole = type(paired)(
        paired.parameter,
        paired.current,
        paired.cell,
        paired.r,
        paired.week,
        np.zeros(100, np.int64),
        np.full(100, 10**12),
        paired.shadow,
        100,
    )
    assert (cross_fitted(whole, generator("c")) == 0).all()


def test_the_benefit_is_per_hundred_and_has_weeks_in_its_interval():
    paired = paired_of(threshold_world("step", 1_000, generator("benefit")))
    made = paired.differences(50.0)
    figure = benefit(paired, made)
    assert figure.value == pytest.approx(made.sum() / 10)
    assert figure.ci.low < figure.value < figure.ci.high


def test_the_more_settings_were_tried_the_less_a_good_one_proves():
    weekly = np.random.default_rng(5).normal(0.0, 1.0, (60, 19))
    weekly[:, 4] += 0.35
    own, more = (deflated_difference(weekly, 4, tried).value for tried in (0, 95))
    assert more < own
    assert deflated_difference(weekly, 4, 12).value == own


def test_a_setting_that_differs_in_no_week_is_not_said_to_lack_weeks():
    weekly = np.zeros((30, 3))
    weekly[:, 0] = np.random.default_rng(1).normal(size=30)
    assert deflated_difference(weekly, 1).reason is Reason.ZERO_VARIANCE
    assert deflated_difference(weekly[:5], 0).reason is Reason.TOO_FEW
