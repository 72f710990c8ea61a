"""How each symbol stands: a reversible decision on a posterior of trades and, for those on paper, paper outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from learning.domain.claims.hierarchy import Groups, group_means
from learning.domain.claims.regime import weights_since
from learning.domain.claims.symbols import (
    PAPER_OUTCOMES,
    Decision,
    Evidence,
    Standing,
    decide,
    evidence_of,
)
from learning.domain.figures import Figure, Interval, Unit
from learning.domain.parameters.candidates import NEVER
from learning.domain.seconds import moment_of, second_within
from learning.domain.trades import Flags, Floats, Ints
from learning.models import LearningRun, SymbolChange, SymbolStanding
from learning.selectors.symbols import last_changes, spells_on_paper
from learning.services.context import Context, Reads
from learning.services.locks import lock_symbols
from learning.services.running import read
from learning.services.steps.base import Step

FORMULAS = 3
LEVEL = 0.90


class Outcomes(NamedTuple):
    """Rows of all symbols, with money first; `symbol` and `strategy` are codes, -1 for unknown."""

    symbols: tuple[str, ...]
    r: Floats
    symbol: Ints
    strategy: Ints
    week: Ints
    result: Ints
    known_at: Ints
    on_paper: Flags


def config(context: Context) -> Mapping[str, Any]:
    """Where each symbol stood before this moment, since when, whether a person put it there, when it was on paper, and
    since when trades count fully."""
    told: Mapping[str, Any] = context.once("symbols", lambda: _config(context))
    return told


def _config(context: Context) -> Mapping[str, Any]:
    was = {
        one.symbol: {
            "standing": one.after,
            "n_then": one.n,
            "since": second_within(one.at),
            "by_person": one.made_by_id is not None or bool(one.reason),
        }
        for one in last_changes(context.workspace_id, before=context.as_of)
    }
    spells = spells_on_paper(context.workspace_id, before=context.as_of)
    return {
        "was": was,
        "on_paper": {
            symbol: [
                [second_within(since), None if until is None else second_within(until)]
                for since, until in own
            ]
            for symbol, own in spells.items()
        },
        "counts_from": context.once("counts_from", lambda: context.counts_from),
        "formulas": FORMULAS,
    }


def compute(context: Context, _rng: np.random.Generator) -> Any:
    given = config(context)
    was = given["was"]
    rows = outcomes_of(context, given["on_paper"])
    groups = group_means(
        rows.r,
        rows.symbol,
        rows.week,
        strata=np.where(rows.strategy < 0, -1, rows.strategy),
        weights=weights_since(rows.known_at, given["counts_from"]),
    )
    if groups is None:
        return {"symbols": {}, "typical": None, "n": len(rows.r)}
    told = evidence_of(groups, rows.symbol, rows.week)
    seen = _seen(groups)
    return {
        "symbols": {
            rows.symbols[code]: _symbol(seen[code], code, rows, told[code], was)
            for code in map(int, groups.codes)
        },
        "typical": groups.posterior.centre,
        "n": len(rows.r),
    }


def outcomes_of(context: Context, spells: Mapping[str, Any]) -> Outcomes:
    """R of closed trades, and of what symbols would have made while they were on paper."""
    trades, proposals = context.trades, context.candidates
    own = np.isfinite(trades.r) & (trades.groups["symbol"] >= 0)
    paper = _on_paper(context, spells)
    names = [trades.words["symbol"][code] for code in trades.groups["symbol"][own]]
    names += [proposals.words["symbol"][code] for code in proposals.groups["symbol"][paper]]
    symbols = tuple(sorted(set(names)))
    place = {name: code for code, name in enumerate(symbols)}
    strategies = _same_words(
        (trades.groups["strategy"][own], trades.words["strategy"]),
        (proposals.groups["strategy"][paper], proposals.words["strategy"]),
    )
    count = int(own.sum())
    return Outcomes(
        symbols,
        np.concatenate([trades.r[own], proposals.r_plan[paper]]),
        np.array([place[name] for name in names], dtype=np.int64),
        strategies,
        np.concatenate([trades.week[own], proposals.week[paper]]),
        np.concatenate([trades.result[own], proposals.result[paper]]),
        np.concatenate([trades.known_at[own], proposals.known_at[paper]]),
        np.arange(len(names)) >= count,
    )


def _on_paper(context: Context, spells: Mapping[str, Any]) -> Flags:
    """Matured proposals that were not followed, made while their symbol was on paper. They stay evidence when it has
    come back: else what sent it there would send it there again the next night."""
    proposals = context.candidates
    codes = proposals.groups["symbol"]
    wanted = np.zeros(len(proposals), np.bool_)
    for code, word in enumerate(proposals.words["symbol"]):
        for since, until in spells.get(word, ()):
            during = (proposals.opened >= since) & (proposals.opened < (until or NEVER))
            wanted |= (codes == code) & during
    rows: Flags = wanted & proposals.matured & ~proposals.executed
    return rows


def _same_words(*columns: tuple[Ints, tuple[str, ...]]) -> Ints:
    """Codes of several columns in one list of words."""
    known = sorted({word for _, words in columns for word in words})
    place = {word: code for code, word in enumerate(known)}
    moved = [
        np.array([place[words[code]] if code >= 0 else -1 for code in codes], dtype=np.int64)
        for codes, words in columns
    ]
    return np.concatenate(moved)


class _Seen(NamedTuple):
    """Of one symbol: the mean R as it was, and after allowing for luck."""

    raw: float
    mean: Figure


def _seen(groups: Groups) -> dict[int, _Seen]:
    """By code; intervals are those of the breakdown by symbol, of the posterior as it is."""
    posterior = groups.posterior
    tail = (1 - LEVEL) / 2
    low, high = posterior.quantile(tail), posterior.quantile(1 - tail)
    return {
        int(code): _Seen(
            float(groups.raw[at]),
            Figure(
                float(posterior.mean[at]), int(groups.counts[at]), Unit.R,
                Interval(float(low[at]), float(high[at]), LEVEL),
            ),
        )
        for at, code in enumerate(groups.codes)
    }  # fmt: skip


def _symbol(
    seen: _Seen,
    code: int,
    rows: Outcomes,
    evidence: Evidence,
    was: Mapping[str, Any],
) -> dict[str, Any]:
    stood = was.get(rows.symbols[code])
    decision = (
        Decision() if stood is None else Decision(Standing(stood["standing"]), stood["n_then"])
    )
    held = (
        stood is not None and stood["by_person"] and evidence.n - decision.n_then < PAPER_OUTCOMES
    )
    now = decision if held else decide(evidence, decision)
    mine = rows.symbol == code
    return {
        "standing": now.standing.value,
        "n_then": now.n_then,
        "n": evidence.n,
        "on_paper": int(rows.on_paper[mine].sum()),
        "won": int((rows.result[mine] > 0).sum()),
        "lost": int((rows.result[mine] < 0).sum()),
        "weeks": evidence.weeks,
        "raw": seen.raw,
        "mean": seen.mean.as_json(),
        "below_zero": evidence.below_zero,
        "above_typical": evidence.above_typical,
        "held_by_person": held,
    }


def apply(context: Context, run: LearningRun) -> None:
    """Standings as of this run, and a change for each symbol that moved; nothing where a later run was here before."""
    lock_symbols(context.workspace_id)
    told: Mapping[str, Any] = read(run)["symbols"]
    was = config(context)["was"]
    later = SymbolChange.objects.filter(
        workspace_id=context.workspace_id, at__gte=context.as_of
    ).exclude(run=run)
    rows = SymbolStanding.objects.filter(workspace_id=context.workspace_id)
    if later.exists() or rows.filter(as_of__gt=context.as_of).exists():
        return
    done = set(SymbolChange.objects.filter(run=run).values_list("symbol", flat=True))
    SymbolChange.objects.bulk_create(
        _change(context, run, symbol, was.get(symbol, {}).get("standing", Standing.NORMAL), one)
        for symbol, one in sorted(told.items())
        if symbol not in done
        and one["standing"] != was.get(symbol, {}).get("standing", Standing.NORMAL)
    )
    SymbolStanding.objects.bulk_create(
        [_standing(context, run, symbol, one, was.get(symbol)) for symbol, one in told.items()],
        update_conflicts=True,
        unique_fields=["workspace", "symbol"],
        update_fields=["standing", "since", "as_of", "n", "evidence", "run"],
    )


def _change(
    context: Context, run: LearningRun, symbol: str, before: str, one: Mapping[str, Any]
) -> SymbolChange:
    return SymbolChange(
        workspace_id=context.workspace_id,
        symbol=symbol,
        before=before,
        after=one["standing"],
        at=context.as_of,
        n=one["n"],
        evidence=dict(one),
        run=run,
    )


def _standing(
    context: Context,
    run: LearningRun,
    symbol: str,
    one: Mapping[str, Any],
    stood: Mapping[str, Any] | None,
) -> SymbolStanding:
    same = stood is not None and stood["standing"] == one["standing"]
    since = moment_of(stood["since"]) if same and stood is not None else context.as_of
    return SymbolStanding(
        workspace_id=context.workspace_id,
        symbol=symbol,
        standing=one["standing"],
        since=since,
        as_of=context.as_of,
        n=one["n"],
        evidence=dict(one),
        run=run,
    )


STEP = Step(compute, apply, (Reads.TRADES, Reads.CANDIDATES), config)
