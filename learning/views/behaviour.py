"""Habits, rules that were kept and broken, decisions beside outcomes, and what fills cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.requests import WorkspaceRequest
from learning.charts import decisions_chart, slippage_chart
from learning.charts.forest import Line, forest
from learning.domain.words.habits import habit_label, rule_label
from learning.models import RunKind
from learning.selectors.runs import latest_result

_QUADRANTS = (
    ("deserved_win", "Good decision, good outcome", "badge--profit"),
    ("unlucky_good_trade", "Good decision, bad outcome", "badge--accent"),
    ("lucky_breach", "Rules broken, good outcome", "badge--warning"),
    ("deserved_loss", "Rules broken, bad outcome", "badge--loss"),
)


@require_safe
def behaviour(request: WorkspaceRequest) -> HttpResponse:
    found = latest_result(RunKind.BEHAVIOUR)
    context: dict[str, Any] = {
        "tab": "behaviour",
        "run": found.run if found else None,
        "told": None,
    }
    if found is not None and found.told["n"]:
        context |= _shown(found.told)
    return render(request, "learning/behaviour.html", context)


def _shown(told: Mapping[str, Any]) -> dict[str, Any]:
    decisions = told["decisions"]
    habits = [{**one, "label": habit_label(one["name"])} for one in told["contrasts"]]
    return {
        "told": told,
        "habits": sorted(habits, key=lambda one: (one["grade"], one["label"])),
        "habit_chart": _habits(habits),
        "decisions": decisions,
        "rules": [{**one, "label": rule_label(one["rule"])} for one in decisions["rules"]],
        "quadrants": [
            {"name": name, "tone": tone, "number": decisions["quadrants"].get(key, 0), "key": key}
            for key, name, tone in _QUADRANTS
        ],
        "quadrant_chart": decisions_chart(decisions, _of_trade) if decisions["points"] else None,
    }


def _habits(habits: list[dict[str, Any]]) -> dict[str, Any] | None:
    lines = [
        Line(
            one["label"],
            one["events"],
            one["grade"],
            value=one["effect"]["value"],
            low=one["effect"]["ci"][0] if one["effect"]["ci"] else None,
            high=one["effect"]["ci"][1] if one["effect"]["ci"] else None,
        )
        for one in habits
        if one["effect"]["unit"] == "R" and one["effect"]["value"] is not None
    ]
    if not lines:
        return None
    sure = [one.name for one in lines if one.grade in ("A", "B")]
    says = "By how much such trades were better or worse than the rest, in R, with a 90% interval. "
    says += (
        f"Standing out: {', '.join(sure)}."
        if sure
        else "None stands out from what luck would show."
    )
    return forest(lines, figure_id="habits-chart", says=says, name="Habit")


def _of_trade(trade_id: int) -> str:
    return reverse("journal:trade", args=[trade_id])


@require_safe
def execution(request: WorkspaceRequest) -> HttpResponse:
    found = latest_result(RunKind.BEHAVIOUR)
    context: dict[str, Any] = {
        "tab": "execution",
        "run": found.run if found else None,
        "told": None,
    }
    if found is not None and found.told["execution"]["n"]:
        told = found.told["execution"]
        context |= {
            "told": told,
            "figures": told["figures"],
            "chart": slippage_chart(told["steps"], told["figures"]["r"], told["figures"]["r"]["n"])
            if len(told["steps"]) > 1
            else None,
            "by_symbol": _by_cost(told["by_symbol"]),
            "by_hour": told["by_hour"],
            "by_spread": told["by_spread"],
            "by_order": [
                {**one, "word": one["word"].replace("_", " ").capitalize()}
                for one in told["by_order"]
            ],
        }
    return render(request, "learning/execution.html", context)


def _by_cost(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The dearest first, after allowing for luck."""
    return sorted(groups, key=lambda one: -one["shrunk"]["value"])[:30]
