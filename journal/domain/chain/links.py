"""Which plan a trade belongs to, from what its orders and fills name and what people said.

A person's word comes first, in both directions. Then what the opening of the trade names: the plan's id, an order that
goes by it, a recommendation that just one plan follows. What only closed or protected the trade counts where its
opening names nothing. The result follows from the sets of what is named, not from the order in which they came.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class LinkBy(StrEnum):
    """How a trade was linked to its plan."""

    PERSON = "person"
    PLAN_ID = "plan_id"
    CLIENT_ORDER_ID = "client_order_id"
    RECOMMENDATION = "recommendation"


_STRENGTH = {one: place for place, one in enumerate(LinkBy)}


class Naming(NamedTuple):
    """A fill or order of a trade that names something. `opens`: it opened the trade, or added to it."""

    opens: bool
    at: datetime
    plan_id: str = ""
    recommendation_id: str = ""
    client_order_id: str = ""


class Known(NamedTuple):
    """Plans that the trade may belong to: their keys by the id that they go by, and by recommendation; and back."""

    by_plan_id: Mapping[str, int]
    by_recommendation: Mapping[str, Collection[int]]
    plan_ids: Mapping[int, str]
    recommendation_of: Mapping[int, str]


class Link(NamedTuple):
    """`plan` is None for an unplanned trade; `others` are named as well."""

    plan: int | None
    by: LinkBy | None
    others: tuple[int, ...]
    recommendation_id: str


def link_trade(
    named: Iterable[Naming],
    known: Known,
    *,
    confirmed: Collection[int] = (),
    refused: Collection[int] = (),
) -> Link:
    """`confirmed` and `refused` are keys of plans, what was said first before the rest."""
    named = list(named)
    opening = [one for one in named if one.opens]
    ways: dict[int, tuple[int, datetime, str]] = {}
    for group in (opening, named):
        ways = _plans_of(group, known, refused)
        if ways:
            break
    ranked = sorted(ways, key=ways.__getitem__)
    said = [plan for plan in dict.fromkeys(confirmed) if plan not in refused]
    plans = list(dict.fromkeys([*said, *ranked]))
    plan = plans[0] if plans else None
    by = None
    if plan is not None:
        by = LinkBy.PERSON if plan in said else _by(ways[plan][0])
    return Link(plan, by, tuple(sorted(plans[1:])), _recommendation(opening, named, plan, known))


def _plans_of(
    named: Iterable[Naming], known: Known, refused: Collection[int]
) -> dict[int, tuple[int, datetime, str]]:
    """By plan the strongest way in which it is named, and when first."""
    ways: dict[int, tuple[int, datetime, str]] = {}
    for one in named:
        for plan, by in _named(one, known):
            way = (_STRENGTH[by], one.at, known.plan_ids[plan])
            if plan not in refused:
                ways[plan] = min(ways.get(plan, way), way)
    return ways


def _named(one: Naming, known: Known) -> Iterable[tuple[int, LinkBy]]:
    if one.plan_id in known.by_plan_id:
        yield known.by_plan_id[one.plan_id], LinkBy.PLAN_ID
    if one.client_order_id in known.by_plan_id:
        yield known.by_plan_id[one.client_order_id], LinkBy.CLIENT_ORDER_ID
    follow = known.by_recommendation.get(one.recommendation_id, ())
    if len(follow) == 1:
        yield next(iter(follow)), LinkBy.RECOMMENDATION


def _by(strength: int) -> LinkBy:
    return next(one for one, place in _STRENGTH.items() if place == strength)


def _recommendation(
    opening: Iterable[Naming], named: Iterable[Naming], plan: int | None, known: Known
) -> str:
    """The one that is named first, by the opening before anything else; else the plan's own."""
    for group in (opening, named):
        ids = [(one.at, one.recommendation_id) for one in group if one.recommendation_id]
        if ids:
            return min(ids)[1]
    return known.recommendation_of.get(plan, "") if plan is not None else ""
