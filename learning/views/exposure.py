"""What is open and what all of it risks together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import WorkspaceRequest, require_writer
from common.htmx import redirect
from common.numbers import write_money, write_percent, write_ratio
from common.queue import enqueue
from learning import tasks
from learning.charts.base import in_words
from learning.charts.exposure import delta_chart
from learning.domain.exposure.worst import worst_of
from learning.selectors.exposure import newest_reading
from learning.views.heat import heat_class

WHY = {
    "no_price": "no price of the last five days",
    "no_volatility": "no volatility: its own price and its underlying’s were not told at about the same time",
    "no_contract": "strike or expiry are not known",
    "no_rate": "no exchange rate to the account’s currency",
    "inverse": "an inverse contract: not linear in its price",
}
_LARGE = 0.4  # a share that one name should not have


@require_safe
def exposure(request: WorkspaceRequest) -> HttpResponse:
    reading = newest_reading()
    result = reading.result if reading is not None else {"books": []}
    context = {
        "tab": "exposure",
        "zone": timezone.get_current_timezone_name(),
        "reading": reading,
        "can_write": request.membership.can_write,
        "index": result.get("index"),
        "interest": result.get("interest"),
        "books": [_book(one, result["index"]) for one in result["books"]],
    }
    return render(request, "learning/exposure.html", context)


@require_POST
def count_again(request: WorkspaceRequest) -> HttpResponse:
    require_writer(request.membership)
    enqueue(tasks.expose, request.membership.workspace_id)
    messages.success(request, "It is being counted again. Look in a moment.")
    return redirect(request, "learning:exposure")


def _book(book: Mapping[str, Any], index: Mapping[str, Any]) -> dict[str, Any]:
    figures = book["figures"]
    is_known = figures["delta"]["value"] is not None
    return {
        "currency": book["currency"],
        "figures": figures,
        "headline": _headline(book, index["name"]),
        "chart": delta_chart(book) if is_known else None,
        "stress": _stress(book),
        "bets": _bets(book),
        "shares": [
            (name, book["concentration"][name], _shares(book["concentration"][name]))
            for name in ("underlying", "expiry", "sector")
        ],
        "positions": [{**one, "unknown": WHY.get(one["why"], "")} for one in book["positions"]],
    }


def _headline(book: Mapping[str, Any], index: str) -> str:
    figures, currency = book["figures"], book["currency"]
    unknown = int(figures["unquoted"]["value"])
    n = len(book["positions"])
    if figures["delta"]["value"] is None:
        return f"{in_words(n, 'open position')}, and nobody has said what any of them is worth in the last five days."
    beta = figures.get("beta_delta", {}).get("value")
    text = f"{in_words(n, 'open position')}. "
    if beta is not None:
        text += f"If {index} falls by 1%, about {write_money(-beta, currency, plus=True)}. "
    worst = worst_of(book["stress"])
    if worst is not None:
        text += f"The worst of the scenarios below: {write_money(worst, currency, plus=True)}. "
    else:
        text += "What the worst of the scenarios would bring can’t be told: not all of them could be valued. "
    if unknown:
        text += f"{unknown} of {n} have no price or volatility and are in none of these figures."
    return text


def _stress(book: Mapping[str, Any]) -> dict[str, Any]:
    """Rows of volatility, columns of moves."""
    changes = {(one["sigmas"], one["points"]): one for one in book["stress"]}
    sigmas = sorted({one["sigmas"] for one in book["stress"]})
    points = sorted({one["points"] for one in book["stress"]}, reverse=True)
    known = [one["change"]["value"] for one in book["stress"] if one["change"]["value"] is not None]
    scale = max(map(abs, known), default=0.0)

    def cell(sigma: float, point: float) -> tuple[float | None, str]:
        value = changes[sigma, point]["change"]["value"]
        return value, heat_class(value, scale)

    return {
        "moves": [f"{write_ratio(one, 0)} σ" if one else "no move" for one in sigmas],
        "rows": [
            (
                "as it is" if not point else f"{write_ratio(point, 0)} points",
                [cell(sigma, point) for sigma in sigmas],
            )
            for point in points
        ],
        "days": book["stress"][0]["days"] if book["stress"] else 5,
        "unknown": max((one["unknown"] for one in book["stress"]), default=0),
    }  # fmt: skip


def _bets(book: Mapping[str, Any]) -> dict[str, Any]:
    bets, currency = book["bets"], book["currency"]
    if bets["why"] is not None:
        return {"says": "", "why": bets["why"], "names": [], "rows": []}
    effective = bets["effective"]["value"]
    n = len(bets["names"])
    says = f"On a usual day all of it moves by about {write_money(bets['deviation']['value'], currency)}; "
    says += f"added up one by one it would be {write_money(bets['alone'], currency)}. "
    if effective is not None:
        says += f"{in_words(n, 'underlying')} {'is' if n == 1 else 'are'} worth {write_ratio(effective, 1)} bets, "
    drawn = write_percent(bets["shrinkage"], 0)
    says += f"by correlations of {in_words(bets['days'], 'common day')}, drawn in by {drawn}."
    return {
        "says": says,
        "why": None,
        "names": bets["names"],
        "rows": [
            (name, [(write_ratio(one, 2), heat_class(one)) for one in row])
            for name, row in zip(bets["names"], bets["matrix"], strict=True)
        ],
        "without": bets["without_bars"] + len(bets["missing"]),
    }


def _shares(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "name": one["name"] or "not known",
            "text": write_percent(one["share"], 0),
            "part": round(100 * one["share"]),
            "is_large": one["share"] > _LARGE and len(told["shares"]) > 1,
        }
        for one in told["shares"][:6]
    ]
