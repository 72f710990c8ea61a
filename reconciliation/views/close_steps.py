"""The steps of a close as a person reads them: what was done, and what was heard, each once however often it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from common.numbers import to_decimal, write_price, write_quantity
from journal.domain.fate import Fate
from reconciliation.domain import guard_words as words
from reconciliation.models import CloseStep

_FATES = {
    Fate.FILLED: "filled",
    Fate.WORKING: "at work",
    Fate.REJECTED: "refused",
    Fate.NEVER: "it never arrived",
    Fate.NOT_FOUND: "not found so far",
    Fate.UNKNOWN: "no clear answer",
}


@dataclass(frozen=True, slots=True)
class StepLine:
    """`times` steps in a row that were alike, from `at` to `until`. `opens_at`: what it waits for."""

    at: datetime
    until: datetime
    times: int
    name: str
    quantity: Decimal | None
    heard: str
    client_id: str
    opens_at: datetime | None


def step_lines(steps: Iterable[CloseStep]) -> list[StepLine]:
    lines = []
    for (action, client_id, quantity, heard, opens), alike in groupby(steps, _likeness):
        some = list(alike)
        lines.append(
            StepLine(
                at=some[0].created_at,
                until=some[-1].created_at,
                times=len(some),
                name=words.ACTIONS.get(action, action.capitalize()),
                quantity=quantity,
                heard=heard,
                client_id=client_id,
                opens_at=datetime.fromisoformat(opens) if opens else None,
            )
        )
    return lines


def _likeness(step: CloseStep) -> tuple[str, str, Decimal | None, str, str]:
    opens = str(step.heard.get("opens_at") or "")
    return step.action, step.client_id, step.quantity, heard_in_words(step.heard), opens


def heard_in_words(heard: Mapping[str, Any]) -> str:
    """Empty where nothing was asked."""
    if heard.get("silence"):
        return "no answer"
    if "is_done" in heard:
        return "none is at work any more" if heard["is_done"] else "some are still at work"
    if "held" in heard:
        held = to_decimal(str(heard["held"]))
        orders = "" if heard.get("is_quiet", True) else ", and orders are at work"
        return f"{write_quantity(held) if held else 'nothing'} held{orders}"
    if "fate" in heard:
        return _reply(heard)
    return ""


def _reply(heard: Mapping[str, Any]) -> str:
    fate = str(heard["fate"])
    said = _FATES[Fate(fate)] if fate in list(Fate) else fate
    filled, price = (
        to_decimal(str(heard[name])) if heard.get(name) is not None else None
        for name in ("filled", "price")
    )
    if filled:
        said += (
            f" {write_quantity(filled)}"
            if fate == Fate.FILLED
            else f", {write_quantity(filled)} filled"
        )
    if price is not None:
        said += f" at {write_price(price)}"
    if heard.get("order_id"):
        said += f", order {heard['order_id']}"
    reason = str(heard.get("reason") or "").rstrip(".")
    return f"{said}: {reason}" if reason else said
