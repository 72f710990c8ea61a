"""What works: winners against losers by every feature and group, and whether results have changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import WorkspaceRequest
from learning.charts.forest import Line, forest
from learning.charts.lives import change_chart
from learning.domain.seconds import day_of
from learning.domain.words.numbers import signed
from learning.domain.words.regime import regime_sentence
from learning.domain.words.subjects import OUTCOMES, dimension_label, feature_label, group_label
from learning.models import RunKind
from learning.selectors.claims import standing_claims
from learning.selectors.runs import latest_result
from learning.selectors.states import names_of
from learning.selectors.trials import tried
from learning.services.trials import note_slice

_FIRST = ("symbol", "strategy", "structure", "close_reason", "held", "account")
# So many groups without R stand below the others.
_WITHOUT_MOST = 4
_LEAKS = {
    "too_good": "it tells winners from losers better than anything known at the entry could",
    "tells_by_absence": "whether it is known at all tells winners from losers",
    "stated_later": "it was stated as of a moment after the opening",
    "changed": "it said something else when the trade was open",
}


@require_safe
def what_works(request: WorkspaceRequest) -> HttpResponse:
    found = latest_result(RunKind.WHAT_WORKS)
    context: dict[str, Any] = {"tab": "works", "run": found.run if found else None, "told": None}
    if found is not None and found.told["sample"]["n"]:
        context |= _shown(request, found.told)
    context["regime"] = _regime()
    return render(request, "learning/what_works.html", context)


def _shown(request: WorkspaceRequest, told: dict[str, Any]) -> dict[str, Any]:
    breakdowns = _in_order([one for one in told["breakdowns"] if one["groups"]])
    asked = request.GET.get("by", "")
    if asked and any(one["name"] == asked for one in breakdowns):
        note_slice(request.workspace.pk, f"what works by {asked}", timezone.now())
    shown = next((one for one in breakdowns if one["name"] == asked), None) or _first(breakdowns)
    _name_accounts(breakdowns)
    _put_claims(told["features"], breakdowns)
    return {
        "told": told,
        "features": told["features"],
        "feature_chart": _feature_chart(told["features"]),
        "leaks": [{**one, "name": feature_label(one["feature"]), "why": _LEAKS[one["leak"]]} for one in told["leaks"]],
        "kinds": [
            {
                "label": one["label"],
                "url": f"{request.path}?{urlencode({'by': one['name']})}#groups",
                "current": shown is not None and one["name"] == shown["name"],
                "number": len(one["groups"]),
            }
            for one in breakdowns
        ],
        "shown": shown,
        "is_outcome": shown is not None and shown["name"] in OUTCOMES,
        "is_afterwards": shown is not None and shown["name"] in told["afterwards"],
        **_folded(_rows(shown) if shown else []),
        "group_chart": _group_chart(shown) if shown else None,
        "tried": tried(request.workspace.pk),
        "crossed": _crossed(told["crossing"]),
        "counts_from": _day(told["counts_from"]),
    }  # fmt: skip


def _in_order(breakdowns: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    place = {name: at for at, name in enumerate(_FIRST)}
    return sorted(breakdowns, key=lambda one: (place.get(one["name"], len(place)), one["label"]))


def _first(breakdowns: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The first that has something to compare."""
    several = (one for one in breakdowns if len(one["groups"]) > 1)
    return next(several, breakdowns[0] if breakdowns else None)


def _put_claims(features: Sequence[dict[str, Any]], breakdowns: Sequence[dict[str, Any]]) -> None:
    """What a claim says of a finding goes before what the run alone says."""
    standing = standing_claims()
    lines = [(f"feature:{one['name']}", one) for one in features]
    lines += [
        (f"{each['name']}:{one['word']}", one) for each in breakdowns for one in each["groups"]
    ]
    for subject, one in lines:
        if claim := standing.get(subject):
            one |= {"grade": claim.grade, "sentence": claim.sentence, "claim": claim.pk}


def _crossed(told: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Both sides, with what each is called."""
    if told is None:
        return []
    sides = ((told["first"], told["of_first"]), (told["second"], told["of_second"]))
    return [
        {
            "label": dimension_label(name),
            "rows": [{**one, "label": group_label(name, one["word"])} for one in rows],
        }
        for name, rows in sides
    ]


def _day(seconds: int | None) -> date | None:
    return None if seconds is None else day_of(seconds)


def _name_accounts(breakdowns: Sequence[dict[str, Any]]) -> None:
    for breakdown in breakdowns:
        if breakdown["name"] != "account":
            continue
        names = names_of("account", [one["word"] for one in breakdown["groups"]])
        for one in breakdown["groups"]:
            name = names.get(one["word"], one["label"])
            one["sentence"] = one["sentence"].replace(one["label"], name, 1)
            one["label"] = name


def _feature_chart(features: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    lines = [
        Line(
            _capital(feature_label(one["name"])),
            one["effect"]["n"],
            one["grade"],
            value=one["effect"]["value"],
            low=one["effect"]["ci"][0] if one["effect"]["ci"] else None,
            high=one["effect"]["ci"][1] if one["effect"]["ci"] else None,
        )
        for one in features
        if one["effect"]["value"] is not None
    ]
    if not lines:
        return None
    sure = [one for one in lines if one.grade in ("A", "B")]
    says = (
        "Each dot is by how much a trade was better, in R, where the feature was higher (from a quarter to three "
        "quarters of its range), with a 90% interval. "
    )
    says += (
        f"{len(sure)} of {len(lines)} stand out: {', '.join(one.name for one in sure[:4])}."
        if sure
        else f"None of the {len(lines)} stands out from what luck would show."
    )
    return forest(lines, figure_id="features-chart", says=says, name="Feature")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _group_chart(breakdown: Mapping[str, Any]) -> dict[str, Any] | None:
    line = breakdown["luck_line"]
    luck = (
        {}
        if line is None
        else {code: (low, high) for code, low, high in zip(line["codes"], line["low"], line["high"], strict=True)}
    )  # fmt: skip
    lines = [
        Line(
            one["label"],
            one["sample"]["n"],
            one["grade"],
            raw=one["mean"]["value"],
            value=one["shrunk"]["value"],
            low=one["shrunk"]["ci"][0] if one["shrunk"]["ci"] else None,
            high=one["shrunk"]["ci"][1] if one["shrunk"]["ci"] else None,
            luck_low=luck.get(one["code"], (None, None))[0],
            luck_high=luck.get(one["code"], (None, None))[1],
        )
        for one in breakdown["groups"]
    ]
    if not any(one.raw is not None for one in lines):
        return None
    return forest(lines, figure_id="groups-chart", says=_says(lines), name=breakdown["label"])


def _says(lines: Sequence[Line]) -> str:
    judged = [one for one in lines if one.luck_low is not None]
    if len(judged) < 2:
        return (
            "Hollow: as it was seen; filled: after allowing for luck, with its 90% interval. A luck line takes two "
            "groups with five trades with R each."
        )
    out = [one.name for one in judged if one.stands_out]
    told = (
        "Hollow: as it was seen; filled: after allowing for luck, with its 90% interval. "
        "The grey band is the luck line: where the best and the worst of so many groups lie by luck alone. "
    )
    if not out:
        return f"{told}None reaches beyond it."
    return f"{told}Beyond it: {', '.join(out[:4])}{f' and {len(out) - 4} more' if len(out) > 4 else ''}."


def _rows(breakdown: Mapping[str, Any]) -> list[dict[str, Any]]:
    line = breakdown["luck_line"]
    spans = [] if line is None else zip(line["codes"], line["low"], line["high"], strict=True)
    luck = {code: f"{signed(low)} … {signed(high)}" for code, low, high in spans}
    return [{**one, "by_luck": luck.get(one["code"], "")} for one in breakdown["groups"]]


def _folded(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Groups without any R say little beside the others: where they are many, they are there to be opened."""
    told = [one for one in rows if one["mean"]["value"] is not None]
    without = [one for one in rows if one["mean"]["value"] is None]
    if not told or len(without) <= _WITHOUT_MOST:
        return {"rows": rows, "without": []}
    return {"rows": told, "without": without}


def _regime() -> dict[str, Any] | None:
    found = latest_result(RunKind.REGIME)
    if found is None:
        return None
    told = found.told
    return {**told, "says": regime_sentence(told), "chart": _change(told), "as_of": found.run.as_of}


def _change(told: Mapping[str, Any]) -> dict[str, Any] | None:
    if len(told["series"]) < 2:
        return None
    since = told["since"] if told["is_alarm"] else None
    return change_chart(told["series"], since=since, unit=told["unit"], says=regime_sentence(told))
