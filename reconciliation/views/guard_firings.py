"""A firing as a person reads it: on which figures, what was closed step by step, and what is left for a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.numbers import to_decimal, write_money, write_percent, write_quantity
from reconciliation.domain import guard_words as words
from reconciliation.models import CloseIntent, GuardFiring, GuardSample
from reconciliation.views.close_steps import StepLine, step_lines


@dataclass(frozen=True, slots=True)
class Closing:
    """One position that was closed, or is being closed. `ticket` is what is left for a person, in exact numbers."""

    of: CloseIntent
    name: str
    tone: str
    steps: Sequence[StepLine]
    ticket: str


@dataclass(frozen=True, slots=True)
class FiringRow:
    of: GuardFiring
    figures: Sequence[tuple[str, str]]
    closings: Sequence[Closing]
    samples: Sequence[GuardSample]
    tone: str


_OUTCOMES = {
    "closing": "badge--accent",
    "flat": "badge--profit",
    "partial": "badge--error",
    "failed": "badge--error",
    "blocked": "badge--warning",
}
_FIGURES = {
    "value": "Measured",
    "reference": "Counted from",
    "allowance": "May be lost",
    "floor": "Floor",
    "room": "Room left",
    "used": "Used",
}


def firing_row(firing: GuardFiring, samples: Sequence[GuardSample], currency: str) -> FiringRow:
    return FiringRow(
        of=firing,
        figures=list(_figures(firing.figures, currency)),
        closings=[closing_row(one) for one in firing.intents.all()],
        samples=samples,
        tone=_OUTCOMES.get(firing.outcome, ""),
    )


def _figures(figures: Mapping[str, Any], currency: str) -> Iterable[tuple[str, str]]:
    order = list(_FIGURES)
    for name in sorted(
        figures, key=lambda one: (order.index(one) if one in order else len(order), one)
    ):
        value = figures[name]
        number = to_decimal(str(value))
        label = _FIGURES.get(name, name.replace("_", " ").capitalize())
        if number is None:
            yield label, str(value)
        elif name == "used" or name.endswith("percent"):
            yield label, write_percent(number if name == "used" else number / 100, 2)
        else:
            yield label, write_money(number, currency)


def closing_row(intent: CloseIntent) -> Closing:
    name, tone = words.PHASES.get(intent.phase, (intent.phase, ""))
    return Closing(intent, name, tone, step_lines(intent.steps.all()), _ticket(intent))


def _ticket(intent: CloseIntent) -> str:
    """Exact numbers for somebody who closes by hand; empty where nothing is left to do."""
    if intent.phase != "escalated":
        return ""
    if not intent.symbol:
        return f"look at {intent.account} at the broker: what is still open there, and which orders are at work."
    inner = intent.memory.get("intent", intent.memory)
    held = to_decimal(str(inner.get("held"))) if inner.get("held") is not None else None
    if held == 0:
        return f"{intent.symbol}: nothing was held when it was last read. Look whether it stays so."
    known = held if held is not None else intent.started_quantity
    side = "Sell" if known > 0 else "Buy"
    of = f", ticket {intent.ticket}" if intent.ticket else ""
    when = (
        "held when it was last read"
        if held is not None
        else "held when the guard fired; what is held now is not known"
    )
    text = f"{side} {write_quantity(abs(known))} {intent.symbol}{of}: {write_quantity(known, plus=True)} {when}."
    if inner.get("is_settled") is False:
        order = f"{intent.key}-{inner.get('attempt', '')}"
        sent = write_quantity(inner.get("sent"))
        text += f" Nobody knows what became of the order {order} for {sent}: look for it first."
    if intent.why:
        text += f" Why: {words.WHYS.get(intent.why, intent.why)}."
    return text
