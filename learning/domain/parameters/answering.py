"""What a scanner is told under each policy, from what is stored: no trade is read for an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from learning.domain.claims.symbols import Standing
from learning.domain.parameters.policy import Policy, State
from learning.domain.parameters.seed import Contrast, Record, SeedRule
from learning.domain.parameters.settings import PARAMETERS, Settings

LISTS = ("blacklist", "favoured", "half_size")


def starting(own: Mapping[str, float]) -> dict[str, float]:
    """The scanner's own settings: what it says, and what is usual where it does not."""
    usual = {name: one.start for name, one in PARAMETERS.items()}
    return {**usual, **{name: float(value) for name, value in own.items() if name in PARAMETERS}}


def seed_as_json(rule: SeedRule, break_even: float | None) -> dict[str, Any]:
    """The simple rules with all that they look at. Averages are money, and therefore text; the rate that breaks even
    stands beside the rate of winners, which says nothing without it."""
    return {
        "trades": rule.trades,
        "win_rate": rule.win_rate,
        "break_even_rate": break_even,
        "iv_rank": _contrast(rule.iv_rank),
        "dte": _contrast(rule.dte),
        "symbols": [_record(one) for one in rule.symbols],
        "close_reasons": [_record(one) for one in rule.close_reasons],
        "strategies": [_record(one) for one in rule.strategies],
        "effective": dict(rule.effective),
        "blacklist": list(rule.blacklist),
        "favoured": list(rule.favoured),
        "recommendations": [
            {"code": code, "classic_text": text} for code, text in rule.recommendations
        ],
    }


def _contrast(one: Contrast) -> dict[str, float | None]:
    return {"winners": one.winners, "losers": one.losers}


def _record(one: Record) -> dict[str, Any]:
    return {
        "name": one.name,
        "trades": one.trades,
        "win_rate": one.win_rate,
        "average_pnl": f"{one.average:.2f}",
    }


def effective_of(
    policy: Policy,
    start: Settings,
    state: State,
    simple: Mapping[str, Any] | None,
    standings: Mapping[str, Standing],
) -> dict[str, Any]:
    """Thresholds by name and the lists of symbols. `simple` is `seed_as_json` of the latest run, None before any."""
    if policy is Policy.OFF:
        return {**start, **{name: [] for name in LISTS}}
    if policy is Policy.SEED:
        told = simple or {}
        return {
            **start,
            **{name: float(value) for name, value in told.get("effective", {}).items()},
            "blacklist": list(told.get("blacklist", [])),
            "favoured": list(told.get("favoured", [])),
            "half_size": [],
        }
    return {
        **start,
        **state.settings,
        "blacklist": _standing(standings, Standing.PAPER_ONLY),
        "favoured": _standing(standings, Standing.FAVOURED),
        "half_size": _standing(standings, Standing.REDUCED),
    }


def _standing(standings: Mapping[str, Standing], wanted: Standing) -> list[str]:
    return sorted(symbol for symbol, standing in standings.items() if standing is wanted)


def changes_between(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """By name what was and what is; a list of symbols is one value."""
    return {
        name: {"from": before.get(name), "to": after.get(name)}
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    }
