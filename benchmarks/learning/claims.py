"""L1 to L6, L12, L14 and L20: what is claimed of groups, features, slices and changes, where the truth is known."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy import special, stats

from benchmarks.learning.worlds import Effort, generator, premium_spreads
from benchmarks.results import Result, at_least, at_most
from learning.domain.claims import life, luck, ranks, regime, symbols
from learning.domain.claims.clustered import mean_of, slope_of
from learning.domain.claims.features import signals_of_features as tested
from learning.domain.claims.hierarchy import group_means
from learning.domain.seconds import DAY, WEEK
from learning.domain.trades import EPOCH_MONDAY, Trades

SYMBOLS, FEATURES, A_WEEK = 25, 12, 5
GOOD, BAD = 0.70, 0.55
BREAK_EVEN = 0.60 / 0.925
"""Win rate at which a credit spread of `premium_spreads` earns nothing."""
OF_GOOD, OF_BAD = 0.925 * GOOD - 0.60, 0.925 * BAD - 0.60


def told(what: str, measured: str) -> Result:
    """A figure beside the goals: what the simple rule does in the same world."""
    return Result(what, "", measured, None)


def weeks_of(n: int) -> np.ndarray:
    return np.arange(n) // A_WEEK


# L1 to L3: symbols


def symbol_world(rng, n, losing):
    """Trades spread unevenly over 25 symbols, of which `losing` win 55 % and the others 70 %."""
    shares = rng.dirichlet(np.full(SYMBOLS, 2.0))
    rates = np.full(SYMBOLS, GOOD)
    rates[rng.permutation(SYMBOLS)[:losing]] = BAD
    codes = rng.choice(SYMBOLS, n, p=shares)
    wins = rng.random(n) < rates[codes]
    return shares, rates, codes, wins, premium_spreads(rng, wins)


def on_paper(codes, r) -> np.ndarray:
    decisions = symbols.decide_all(r, codes, weeks_of(len(r)), {})
    papers = [
        code for code, one in decisions.items() if one.standing is symbols.Standing.PAPER_ONLY
    ]
    return np.isin(np.arange(SYMBOLS), papers)


def blacklisted(codes, wins) -> np.ndarray:
    """The simple rule: two trades and more, fewer than half of them won."""
    counts, won = np.bincount(codes, minlength=SYMBOLS), np.bincount(codes, wins, SYMBOLS)
    return (counts >= 2) & (won < counts / 2)


def l1(effort: Effort) -> Iterable[Result]:
    for n in (50, 100, 200, 500):
        rng, times = generator("L1", n), effort.repetitions(400)
        ours = simple = 0
        for _ in range(times):
            _, _, codes, wins, r = symbol_world(rng, n, 0)
            ours += on_paper(codes, r).any()
            simple += blacklisted(codes, wins).any()
        yield told(f"L1 simple rule blacklists a good symbol, n {n}", f"{simple / times:.3g}")
        yield at_most(f"L1 any good symbol paper-only, n {n}", round(ours / times, 4), 0.05)


def l2(effort: Effort) -> Iterable[Result]:
    floors = {1000: 0.12, 5000: 0.60}
    for n, least in floors.items():
        rng, times = generator("L2", n), effort.repetitions(400)
        false = found = regret = simple = 0.0
        for _ in range(times):
            shares, rates, codes, wins, r = symbol_world(rng, n, 5)
            ours, bad = on_paper(codes, r), rates == BAD
            false += (ours & ~bad).sum() / max(1, ours.sum())
            found += (ours & bad).sum() / 5
            regret += missed(shares, bad, ours)
            simple += missed(shares, bad, blacklisted(codes, wins))
        yield at_most(f"L2 false share of paper-only, n {n}", round(false / times, 4), 0.05)
        yield at_least(f"L2 losing symbols found, n {n}", round(found / times, 4), least)
        if n == 5000:
            yield told(f"L2 regret of the simple rule, R per 100, n {n}", f"{simple / times:.3g}")
            yield at_most(f"L2 regret, R per 100, n {n}", round(regret / times, 3), 0.45)


def missed(shares, bad, avoided) -> float:
    """R per 100 trades that knowing the truth would have earned more: losers traded, winners not."""
    return float(100 * (shares * np.where(bad, -OF_BAD * ~avoided, OF_GOOD * avoided)).sum())


def l3(effort: Effort) -> Iterable[Result]:
    for name, losing in (("no", 0), ("5", 5)):
        rng, squares = generator("L3", losing), np.zeros(2)
        for _ in range(effort.repetitions(400)):
            _, rates, codes, _, r = symbol_world(rng, 200, losing)
            groups = group_means(r, codes, weeks_of(200))
            truth = np.where(rates == BAD, OF_BAD, OF_GOOD)[groups.codes]
            squares += (
                np.mean((groups.posterior.mean - truth) ** 2),
                np.mean((groups.raw - truth) ** 2),
            )
        ratio = float(np.sqrt(squares[0] / squares[1]))
        yield at_most(f"L3 RMSE shrunk / raw, {name} losing symbols, n 200", round(ratio, 3), 0.50)


# L4 to L6: features


def feature_world(rng, n, *, strength=0.0, real=0, alike=0.0):
    """12 standard-normal features with pairwise correlation `alike`; the first `real` move the odds by `strength`."""
    common = rng.standard_normal((n, 1))
    x = np.sqrt(alike) * common + np.sqrt(1 - alike) * rng.standard_normal((n, FEATURES))
    slopes = np.where(np.arange(FEATURES) < real, strength, 0.0)
    spread = slopes @ slopes * (1 - alike) + alike * slopes.sum() ** 2
    level = special.logit(GOOD) * np.sqrt(1 + np.pi * spread / 8)
    wins = rng.random(n) < special.expit(level + x @ slopes)
    return x, np.where(wins, 1, -1), premium_spreads(rng, wins)


def named(x) -> dict[str, np.ndarray]:
    return {str(at): x[:, at] for at in range(FEATURES)}


def raised_at_once(x, result, r) -> np.ndarray:
    signals = tested(named(x), result, r, weeks_of(len(r)))
    return np.array([str(at) in signals and signals[str(at)].is_raised for at in range(FEATURES)])


def l4(effort: Effort) -> Iterable[Result]:
    for n in (50, 100, 200, 500):
        rng, times = generator("L4", n), effort.repetitions(1000)
        ours = naive = 0
        for _ in range(times):
            x, result, r = feature_world(rng, n, alike=0.3)
            ours += raised_at_once(x, result, r).any()
            naive += (ranks.winners_against_losers(x, result, weeks_of(n)).p < 0.05).any()
        yield told(f"L4 any p < .05, n {n}", f"{naive / times:.3g}")
        yield at_most(f"L4 any null feature raised, n {n}", round(ours / times, 4), 0.12)


def lived(rng, total=500, *, strength=0.0, real=0, alike=0.0) -> tuple[np.ndarray, bool]:
    """Which features were ever CONFIRMED in `total` trades with a look every week, and whether a latch on BH spoke."""
    x, result, r = feature_world(rng, total, strength=strength, real=real, alike=alike)
    trades = as_trades(result, r)
    claims: dict[int, life.Claim] = {}
    confirmed, latched = np.zeros(FEATURES, dtype=bool), False
    for n in range(40, total + 1, A_WEEK):
        as_of = int(trades.known_at[n - 1])
        for at, claim in claims.items():
            if len(trades) and n - claim.n_at_raising >= (claim.looks + 1) * claim.block:
                claims[at] = life.advance(claim, trades, x[:, at], as_of)
                confirmed[at] |= claims[at].state is life.State.CONFIRMED
        for name, signal in tested(named(x[:n]), result[:n], r[:n], weeks_of(n)).items():
            latched |= signal.is_raised and int(name) >= real
            if signal.is_raised and (int(name) not in claims or claims[int(name)].state.is_over):
                outcome = signal.outcome
                claims[int(name)] = life.raise_claim(
                    f"feature:{name}", outcome, signal.z[outcome], 0.0, n, as_of
                )
    return confirmed, latched


def as_trades(result, r) -> Trades:
    """Trades opened and closed in the order given, five a week."""
    at = EPOCH_MONDAY + weeks_of(len(r)) * WEEK + np.arange(len(r)) % A_WEEK * DAY
    numbers = np.arange(len(r))
    return Trades(numbers, at, at + 3600, at + 3600, r * 100, r, result, weeks_of(len(r)))


def l5(effort: Effort) -> Iterable[Result]:
    rng, times = generator("L5"), effort.repetitions(400)
    worlds = [lived(rng, alike=0.3) for _ in range(times)]
    latch = np.mean([latched for _, latched in worlds])
    ours = np.mean([confirmed.any() for confirmed, _ in worlds])
    yield told("L5 any raised in weekly looks to 500 null trades", f"{latch:.3g}")
    yield at_most(
        "L5 any confirmed in weekly looks to 500 null trades", round(float(ours), 4), 0.06
    )


def l6(effort: Effort) -> Iterable[Result]:
    goals = {
        0.35: (".59", 0.30, 0.80, 0.35),
        0.5: (".62", 0.60, 0.95, 0.70),
        0.8: (".67", 0.95, 0.99, 0.95),
    }
    for strength, (area, at_200, at_500, at_last) in goals.items():
        for n, least in ((200, at_200), (500, at_500)):
            rng, times = generator("L6", strength, n), effort.repetitions(1000)
            found = [
                raised_at_once(*feature_world(rng, n, strength=strength, real=3))[:3].mean()
                for _ in range(times)
            ]
            yield at_least(f"L6 raised, AUC {area}, n {n}", round(float(np.mean(found)), 3), least)
        rng, times = generator("L6 life", strength), effort.repetitions(200)
        lives = [lived(rng, strength=strength, real=2)[0] for _ in range(times)]
        held = float(np.mean([one[:2].mean() for one in lives]))
        false = float(np.mean([one[2:].any() for one in lives]))
        yield at_least(f"L6 confirmed by 500, AUC {area}", round(held, 3), at_last)
        yield told(f"L6 any false confirmed beside them, AUC {area}", f"{false:.3g}")


# L12: slices


def l12(effort: Effort) -> Iterable[Result]:
    for n in (50, 100, 200, 500):
        yield from dropping(effort, n)


def dropping(effort: Effort, n: int) -> Iterable[Result]:
    rng, times = generator("L12", n), effort.repetitions(400)
    raw, adjusted, covered = [], [], 0
    for _ in range(times):
        r = premium_spreads(rng, rng.random(n) < GOOD)
        reports = {str(at): rng.integers(0, 5, n) for at in range(8)}
        slices = luck.Slices.of(reports)
        chosen = luck.worst_dropped(r[None, :], slices.member, 2).buckets[0]
        drops = [(str(slices.of_report[at]), int(slices.codes[at])) for at in chosen]
        gain = luck.gain_of_dropping(r, reports, drops, weeks_of(n), rng)
        raw.append(gain.raw)
        adjusted.append(gain.adjusted)
        lines = luck.luck_lines(r, reports, weeks_of(n), rng).values()
        covered += all((line.means <= line.high).all() for line in lines)
    yield told(f"L12 raw gain of dropping two buckets, n {n}", f"{np.mean(raw):+.3f} R")
    yield at_most(
        f"L12 |mean adjusted gain|, n {n}", round(abs(float(np.mean(adjusted))), 4), 0.02, " R"
    )
    yield at_least(f"L12 luck line covers the best, n {n}", round(covered / times, 3), 0.90)


# L14: weeks that share their luck


def shocked(rng, n, correlation=0.4):
    """Break-even spreads whose luck is shared within the week: latent normal, that correlation."""
    week = rng.standard_normal(n // A_WEEK)[weeks_of(n)]
    latent = np.sqrt(correlation) * week + np.sqrt(1 - correlation) * rng.standard_normal(n)
    wins = latent < special.ndtri(BREAK_EVEN)
    return np.where(wins, 1, -1), premium_spreads(rng, wins)


def l14(effort: Effort) -> Iterable[Result]:
    for n in (100, 200, 500):
        rng, times = generator("L14", n), effort.repetitions(4000)
        counts = dict.fromkeys(("naive", "mean", "slope", "own rank", "week's rank"), 0)
        for _ in range(times):
            result, r = shocked(rng, n)
            of_week = rng.standard_normal(n // A_WEEK)[weeks_of(n)]
            x = np.stack([rng.standard_normal(n), of_week], axis=1)
            by_rank = ranks.winners_against_losers(x, result, weeks_of(n)).p < 0.05
            counts["naive"] += stats.ttest_1samp(r, 0).pvalue < 0.05
            counts["mean"] += mean_of(r, weeks_of(n)).p < 0.05
            counts["slope"] += slope_of(r, of_week, weeks_of(n)).p < 0.05
            counts["own rank"] += by_rank[0]
            counts["week's rank"] += by_rank[1]
        yield told(f"L14 size of a plain t-test, n {n}", f"{counts.pop('naive') / times:.3g}")
        for name, count in counts.items():
            yield at_most(f"L14 size of a 5 % test, {name}, n {n}", round(count / times, 4), 0.07)


# L20: regimes


def alarm(rng, rates) -> regime.Split | None:
    """The first alarm of looks every 40 trades, at the trade that raised it."""
    wins = (rng.random(len(rates)) < rates).astype(float)
    for n in range(regime.EVERY, len(rates) + 1, regime.EVERY):
        split = regime.steepest_fall(wins[:n], weeks_of(n), rng)
        if split is not None and split.is_alarm():
            return n, split
    return None


def l20(effort: Effort) -> Iterable[Result]:
    rng, times = generator("L20", 0), effort.repetitions(600)
    false = sum(alarm(rng, np.full(600, GOOD)) is not None for _ in range(times)) / times
    yield at_most("L20 false alarms in 600 trades", round(false, 4), 0.05)
    for drop, least in ((0.20, 0.60), (0.30, 0.95)):
        rng, times = generator("L20", drop), effort.repetitions(400)
        rates = np.where(np.arange(600) < 300, GOOD, GOOD - drop)
        alarms = [one for one in (alarm(rng, rates) for _ in range(times)) if one is not None]
        errors = [abs(split.first - 300) for n, split in alarms if 300 < n <= 500]
        yield at_least(
            f"L20 found in 200 trades, -{drop:.0%}", round(len(errors) / times, 3), least
        )
        yield at_most(f"L20 median error of place, -{drop:.0%}", float(np.median(errors)), 15)


BENCHES = {
    "L1": l1,
    "L2": l2,
    "L3": l3,
    "L4": l4,
    "L5": l5,
    "L6": l6,
    "L12": l12,
    "L14": l14,
    "L20": l20,
}
