"""Key figures as cards: the value, its interval, how many trades it is of, and what it is to be held against."""

from __future__ import annotations

from typing import Any

from common.numbers import write_percent
from learning.charts.base import in_words
from learning.charts.text import write_figure
from learning.domain.dictionary import METRICS
from learning.models import MetricState, ReturnState


def lead_cards(state: MetricState, returns: ReturnState | None) -> list[dict[str, Any]]:
    """The first is the one that counts: the mean in R, or in money where no risk was ever fixed."""
    figures = state.figures
    in_r = figures.get("expectancy_r", {}).get("value") is not None
    side = "r" if in_r else "money"
    cards = [
        card(state, f"expectancy_{side}", "Expectancy", note="a trade"),
        card(state, "win_rate", "Win rate", note=_needed(figures)),
        card(state, f"profit_factor_{side}", "Profit factor", note=_floor(figures, side)),
        card(state, f"max_drawdown_{side}", "Largest drawdown", note=_now(figures, side, state.currency)),
        card(state, "sqn", "SQN", note="√n · mean / deviation"),
        card(state, "psr_r", "Mean above 0", note="probability"),
    ]  # fmt: skip
    if returns is not None:
        timed = {name: returns.figures.get(name) for name in ("sharpe", "max_drawdown", "calmar")}
        names = {"sharpe": "Sharpe, a year", "max_drawdown": "Drawdown, equity", "calmar": "Calmar"}
        cards += [
            {"metric": name, "name": names[name], "figure": told, "currency": "", "note": "", "help": _help(name)}
            for name, told in timed.items()
            if told
        ]  # fmt: skip
    return cards


def card(state: MetricState, metric: str, name: str, *, note: str = "") -> dict[str, Any]:
    return {
        "metric": metric,
        "name": name,
        "figure": state.figures.get(metric),
        "currency": state.currency,
        "note": note,
        "help": _help(metric),
    }


def _help(metric: str) -> str:
    known = METRICS.get(metric)
    return f"{known.name}: {known.formula}" if known else ""


def _needed(figures: dict[str, Any]) -> str:
    """No win rate without the rate that breaks even."""
    for name in ("break_even_rate_money", "break_even_rate_r"):
        value = figures.get(name, {}).get("value")
        if value is not None:
            return f"breaks even at {write_percent(value)}"
    return "break-even not known: needs a win and a loss"


def _floor(figures: dict[str, Any], side: str) -> str:
    """What it is above where nothing was lost yet; else it has a value, and an interval."""
    told = figures.get("profit_factor_floor_r") or {}
    is_known = (figures.get(f"profit_factor_{side}") or {}).get("value") is not None
    if is_known or told.get("value") is None:
        return "won / lost"
    return f"above {write_figure(told)}, 90% sure"


def _now(figures: dict[str, Any], side: str, currency: str) -> str:
    told = figures.get(f"drawdown_{side}") or {}
    since = (figures.get("since_peak_" + side) or {}).get("value")
    if not told.get("value"):
        return "at its peak now"
    text = f"now {write_figure(told, currency, metric='drawdown')}"
    return f"{text}, {in_words(int(since), 'trade')} long" if since else text
