"""Pages of the probability model, of sizes and of exits: drawn from what the newest runs left behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import WorkspaceRequest
from common.numbers import write_percent, write_ratio
from learning.charts.base import in_r, in_words
from learning.charts.exits import excursion_chart
from learning.charts.reliability import reliability_chart
from learning.charts.sizes import fan_chart, posterior_chart
from learning.domain.words.subjects import feature_label
from learning.models import ProbabilityModel, RunKind
from learning.selectors.probability import newest_models, standing_model
from learning.selectors.results import newest_result
from learning.views.heat import heat_class

_RUNGS = {
    "base_rate": "the base rate",
    "calibrated_pop": "the scanner’s own probability, calibrated",
    "ridge": "ridge logistic regression",
    "boosted": "boosted trees",
    "blend": "a mixture",
}
_WITHOUT = {
    "several_instruments": "of several instruments: no bars say what a spread was worth at one moment",
    "no_prices": "without price bars that cover it",
    "not_over": "too young: a path goes on for as long as the trade was held",
    "odd_prices": "whose bars do not fit its prices, or changed by a split",
}
_DRAWDOWNS = ("drawdown_median", "drawdown_95", "below_start", "ruin")


def _page(kind: RunKind, tab: str) -> dict[str, Any]:
    found = newest_result(kind)
    return {
        "tab": tab,
        "zone": timezone.get_current_timezone_name(),
        "run": None if found is None else found.run,
        "told": None if found is None else found.told,
    }


@require_safe
def model(request: WorkspaceRequest) -> HttpResponse:
    context = _page(RunKind.PROBABILITY, "model")
    told = context["told"]
    if told is None or not told["n"]:
        return render(request, "learning/model.html", {**context, "told": None})
    standing = standing_model(request.membership.workspace_id, timezone.now())
    context |= {
        "standing": standing,
        "headline": _model_words(told, standing),
        "rung": _RUNGS.get(told["rung"], told["rung"]),
        "weights": _weights(told["weights"]),
        "features": [feature_label(one) for one in told["names"]],
        "gain": None if told["gain"]["value"] is None else write_ratio(told["gain"]["value"], 3),
        "models": [(one, _RUNGS.get(one.rung, one.rung)) for one in newest_models(12)],
        "short_of": max(0, told["needs"] - told["n"]),
    }
    if told["reliability"]["bins"]:
        context["chart"] = reliability_chart(
            told["reliability"],
            figure_id="reliability",
            who="what the model told",
            beside=told["pop"],
        )
    elif told["pop"]["bins"]:
        context["pop"] = reliability_chart(
            told["pop"], figure_id="pop", who="what the scanner told"
        )
    if told["told"]["bins"]:
        context["live"] = reliability_chart(
            told["told"], figure_id="live", who="what was written down"
        )
    return render(request, "learning/model.html", context)


def _model_words(told: Mapping[str, Any], standing: ProbabilityModel | None) -> str:
    if told["n"] < told["needs"]:
        least = in_words(told["needs"], "outcome")
        return (
            f"Can’t tell yet: {in_words(told['n'], 'proposal')} of {least} that a model takes. Until then the base "
            "rate is told."
        )
    if standing is None:
        return "No model stands: the last one has expired. The next run makes another."
    skill = told["skill"]["value"]
    if told["is_deployed"]:
        return (
            f"In use: {_RUNGS.get(told['rung'], told['rung'])}. Walking forward through "
            f"{in_words(told['n'], 'proposal')} it was better than the base rate (Brier skill "
            f"{write_percent(skill, plus=True)})."
        )
    return (
        f"Nothing beats the base rate over {in_words(told['n'], 'proposal')}, so the base rate is what is told. "
        "That is the usual answer, and better than a model that only looks as if it knew."
    )


def _weights(weights: list[dict[str, Any]]) -> list[dict[str, Any]]:
    largest = max((abs(one["weight"]) for one in weights), default=0) or 1
    return [
        {
            "name": feature_label(one["name"]),
            "text": write_ratio(one["weight"], 2),
            "share": round(100 * abs(one["weight"]) / largest),
            "is_up": one["weight"] >= 0,
        }
        for one in weights
    ]


@require_safe
def sizing(request: WorkspaceRequest) -> HttpResponse:
    context = _page(RunKind.SIZING, "sizing")
    told = context["told"]
    if told is None:
        return render(request, "learning/sizing.html", context)
    context |= {"headline": _size_words(told), "is_measured": "fan" in told}
    if "fan" in told:
        context |= {
            "fan": fan_chart(told),
            "posterior": posterior_chart(told),
            "outlooks": [_outlook(one, told) for one in told["outlooks"]],
            "surface": _surface(told["surface"]),
            "place": _place_words(told["place"]),
        }
    return render(request, "learning/sizing.html", context)


def _size_words(told: Mapping[str, Any]) -> str:
    advised, needs = told["recommended"], told["needs"]
    if advised["value"] is None:
        return (
            f"Can’t tell yet. A size takes {needs['trades']} trades with R and {needs['losers']} losers; there are "
            f"{in_words(told['n'], 'trade')} and {in_words(told['losers'], 'loser')}. Below is what would follow if "
            "the expectancy were known: nothing in it was measured."
        )
    if not advised["value"]:
        return (
            f"No size is supported by these results: over {in_words(told['n'], 'trade')} too many of the systems that "
            "would have shown them lose. Trading on is research, and worth research’s money."
        )
    share = write_percent(advised["value"], 2)
    text = f"At most {share} of the equity at risk per trade, by {in_words(told['n'], 'trade')}."
    if advised["value"] >= told["cap"]:
        text += " That is the cap of this installation; the results alone would allow more."
    usual = told["usual"]["value"]
    if usual is not None:
        word = "more than" if usual > advised["value"] else "within"
        text += f" You usually risk {write_percent(usual, 2)}: {word} that."
    return text


def _outlook(one: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    marks = []
    if told["usual"]["value"] is not None and abs(one["fraction"] - told["usual"]["value"]) < 1e-6:
        marks.append("yours")
    if told["recommended"]["value"] and abs(one["fraction"] - told["recommended"]["value"]) < 1e-6:
        marks.append("advised")
    return {
        "size": write_percent(one["fraction"], 2),
        "marks": marks,
        "figures": [one["figures"][name] for name in _DRAWDOWNS],
        "recovery": one["figures"]["recovery_median"],
    }


def _surface(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "sizes": [write_percent(one, 2 if one < 0.01 else 0) for one in told["sizes"]],
        "rows": [
            (in_r(edge), [(write_percent(one, 0), heat_class(-one)) for one in row])
            for edge, row in zip(told["edges"], told["ruin"], strict=True)
        ],
    }


def _place_words(place: Mapping[str, Any]) -> str:
    if place["value"] is None:
        return ""
    share = place["value"]
    word = "an ordinary stretch"
    if not 0.1 <= share <= 0.9:
        word = "an unusually good stretch" if share > 0.9 else "an unusually poor stretch"
    return (
        f"Your newest 20 trades did better than {write_percent(share, 0)} of what the {place['n']} before them made "
        f"one expect: {word}."
    )


@require_safe
def exits(request: WorkspaceRequest) -> HttpResponse:
    context = _page(RunKind.EXITS, "exits")
    told = context["told"]
    if told is not None:
        context |= {
            "groups": [_group(one) for one in told["groups"]],
            "without": [
                (number, _WITHOUT.get(why, why)) for why, number in sorted(told["without"].items())
            ],
        }
    return render(request, "learning/exits.html", context)


def _group(one: Mapping[str, Any]) -> dict[str, Any]:
    def address(trade_id: int) -> str:
        return reverse("journal:trade", args=[trade_id])

    return {
        **one,
        "headline": _exit_words(one),
        "chart": excursion_chart(one, address, figure_id=f"excursions-{one['resolution']}"),
        "ranked": [
            {
                "words": rule_words(rule),
                "gain": rule["gain"],
                "luck": write_percent(rule["luck"], 0),
            }
            for rule in one["rules"][:8]
        ],
    }


def rule_words(rule: Mapping[str, Any]) -> str:
    parts = []
    if rule["stop"]:
        parts.append(f"stop at −{write_ratio(rule['stop'], 1)}R")
    if rule["target"]:
        parts.append(f"target at {write_ratio(rule['target'], 1)}R")
    if rule["days"]:
        parts.append(f"out after {in_words(rule['days'], 'day')}")
    return ", ".join(parts)


def _exit_words(one: Mapping[str, Any]) -> str:
    shown = one["shown"]
    if one["best"] is None:
        return (
            f"Can’t tell yet: {in_words(one['n'], 'trade')} with a path over {in_words(one['weeks'], 'week')}; it "
            "takes 40 over 8 weeks before anything is said of exits."
        )
    if one["recommended"] is None:
        best = one["rules"][0]
        return (
            f"No other exit is surely better than yours. The best of {in_words(one['tried'], 'rule')} "
            f"({rule_words(best)}) looks {in_r(best['gain']['value'])} a trade better in hindsight, but the best of so "
            f"many looks that good by luck {write_percent(best['luck'], 0)} of the time."
        )
    return (
        f"{rule_words(one['recommended']).capitalize()} would have been better: {in_r(shown['value'])} a trade on "
        f"weeks that did not choose it, over {in_words(shown['n'], 'trade')}."
    )
