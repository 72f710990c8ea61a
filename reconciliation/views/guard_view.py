"""A guard as a person reads it: where it stands, how much room is left, what it is set to, what it did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from common.numbers import to_decimal, write_duration, write_money, write_percent, write_quantity
from reconciliation.domain import guard_words as words
from reconciliation.domain.guards.presets import PRESETS
from reconciliation.models import CloseIntent, CloseStep, Guard, GuardFiring, GuardSample
from reconciliation.selectors.guards import currency_of

_ONE = Decimal(1)
# A bar goes beyond the breach, so that one sees by how much.
_SCALE = Decimal("1.15")


@dataclass(frozen=True, slots=True)
class GuardRow:
    """`used` is None where nothing was measured; `room` is money; `marks` are (position on the bar, words)."""

    of: Guard
    name: str
    says: str
    tone: str
    preset: str
    used: Decimal | None
    room: Decimal | None
    room_share: Decimal | None
    currency: str
    sample: GuardSample | None
    marks: Sequence[tuple[str, str]]
    fill: str
    is_floor: bool
    limit_words: str

    @property
    def level(self) -> str:
        """How bad it is, for the bar."""
        if self.used is None:
            return "unknown"
        if self.used >= 1:
            return "breach"
        return "warned" if self.of.state == "warned" else "well"


def guard_row(guard: Guard, sample: GuardSample | None) -> GuardRow:
    name, says = words.STATES.get(guard.state, (guard.state, ""))
    values: Mapping[str, Any] = guard.version.values if guard.version is not None else {}
    used, room = _standing(sample)
    return GuardRow(
        of=guard,
        name=name,
        says=says,
        tone=words.STATE_TONES.get(guard.state, ""),
        preset=preset_name(guard.preset),
        used=used,
        room=room,
        room_share=None if used is None else max(_ONE - used, Decimal(0)),
        currency=guard.account.base_currency if guard.account else currency_of(guard),
        sample=sample,
        marks=[
            (_at(tier), write_percent(tier, 0)) for tier in tiers_of(values)
        ] + [(_at(_ONE), "breach")],
        fill=_at(used or Decimal(0)),
        is_floor=guard.preset.startswith("floor_"),
        limit_words=says_what(guard.kind, values),
    )  # fmt: skip


def preset_name(preset: str) -> str:
    if preset.startswith("floor_"):
        return "The installation's floor"
    known = PRESETS.get(preset)
    return known.name if known is not None else ""


def _standing(sample: GuardSample | None) -> tuple[Decimal | None, Decimal | None]:
    if sample is None or sample.used is None:
        return None, None
    room = None
    if sample.value is not None and sample.floor is not None:
        room = sample.value - sample.floor
    return sample.used, room


def _at(part: Decimal) -> str:
    """Of 100, from the left."""
    return format(max(Decimal(0), min(part, _SCALE)) / _SCALE * 100, ".2f")


def tiers_of(values: Mapping[str, Any]) -> list[Decimal]:
    tiers = values.get("settings", {}).get("tiers", ())
    return [number for tier in tiers if (number := to_decimal(str(tier))) is not None]


def says_what(kind: str, values: Mapping[str, Any]) -> str:
    """What it is about, in a sentence without a full stop."""
    if kind == "limit":
        return _limit_words(values.get("limit", {}))
    if kind == "conduct":
        return _rule_words(values.get("rule", values))
    limits = values.get("limits", values)
    return (
        f"Prices at most {_seconds(limits.get('age'))} old, jumps of at most {limits.get('gap', '–')} times and "
        f"spreads of at most {limits.get('spread', '–')} times what is usual"
    )


def amount_words(limit: Mapping[str, Any]) -> str:
    amount = to_decimal(str(limit.get("amount", "")))
    if amount is None:
        return "–"
    is_money = limit.get("measure") == "money"
    return write_money(amount, "") if is_money else write_percent(amount, 2).replace(".00%", "%")


def _limit_words(limit: Mapping[str, Any]) -> str:
    if not limit:
        return ""
    basis = words.BASES.get(limit.get("measured", ""), "").partition(",")[0]
    reference = words.REFERENCES.get(limit.get("reference", ""), "")
    measure = limit.get("measure")
    of = (
        " of what it began with"
        if measure == "of_initial" and limit.get("reference") != "initial"
        else ""
    )
    return f"{basis.capitalize()} may fall {amount_words(limit)}{of} below {reference}"


def _rule_words(rule: Mapping[str, Any]) -> str:
    watch, number = rule.get("watch", ""), rule.get("number", "")
    where = " in one market" if rule.get("by_symbol") else ""
    least = rule.get("at_least", "0")
    pause, within = _seconds(rule.get("pause")), _seconds(rule.get("within"))
    told = {
        "losses": f"After {number} losses in a row{where} within {within}, nothing new for {pause}",
        "stops": f"After {number} trades stopped out{where} within {within}, nothing new for {pause}",
        "cooldown": f"After every close{where}, nothing new for {pause}",
        "trades": f"At most {number} trades a day",
        "positions": f"At most {number} positions at once",
        "low_profit": f"No market that brought less than {least} in {number} trades within {within}",
    }
    return told.get(watch, "")


def _seconds(value: Any) -> str:
    number = to_decimal(str(value)) if value is not None else None
    return "–" if number is None else write_duration(float(number))


def settings_of(kind: str, values: Mapping[str, Any], currency: str) -> list[tuple[str, str]]:
    """Everything that it is set to, by name."""
    if kind != "limit":
        inner = values.get("rule") or values.get("limits") or values
        return [
            (name.replace("_", " ").capitalize(), _plain(name, value))
            for name, value in inner.items()
        ]
    limit, settings = values.get("limit", {}), values.get("settings", {})
    day = values.get("day", {})
    rows = [
        ("Measured", words.BASES.get(limit.get("measured", ""), "–")),
        ("Counted from", words.REFERENCES.get(limit.get("reference", ""), "–")),
        ("May be lost", f"{amount_words(limit)} ({words.MEASURES.get(limit.get('measure', ''), '–')})"),
        ("Deposits and withdrawals", words.FLOWS.get(limit.get("flow_rule", ""), "–")),
        ("Warns at", ", ".join(write_percent(tier, 0) for tier in tiers_of(values)) or "never"),
        ("Fires", (f"after {settings.get('confirmations', '–')} readings over {_seconds(settings.get('confirm_for'))}, "
                  f"at once at {settings.get('hard', '–')} times the allowance")),
        ("On a breach", "closes all positions and locks" if values.get("closes") else "locks, and closes nothing"),
        ("Locks for", words.SCOPES.get(values.get("scope", ""), "–")),
        ("When nothing is heard", (f"after {_seconds(settings.get('silence'))}: "
                                  f"{words.BLINDNESS.get(settings.get('blindness', ''), '–')}")),
    ]  # fmt: skip
    if limit.get("locks_at") is not None:
        rows.insert(
            4, ("Floor stops rising at", f"the beginning and {write_quantity(limit['locks_at'])}")
        )
    if day:
        minutes = int(day.get("rollover_minutes") or 0)
        rows.append(
            (
                "Its day begins",
                f"{minutes // 60:02d}:{minutes % 60:02d} in {day.get('zone', 'UTC')}",
            )
        )
    if values.get("initial") is not None:
        rows.append(("Began with", write_money(values["initial"], currency)))
    return rows


def _plain(name: str, value: Any) -> str:
    if value is None:
        return "–"
    if name in ("within", "pause", "age"):
        return _seconds(value)
    if name == "watch":
        return words.WATCHES.get(str(value), str(value))
    return (
        {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    )


@dataclass(frozen=True, slots=True)
class Closing:
    """One position that was closed, or is being closed. `ticket` is what is left for a person, in exact numbers."""

    of: CloseIntent
    name: str
    tone: str
    steps: Sequence[tuple[CloseStep, str, str]]
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
    steps = [
        (step, words.ACTIONS.get(step.action, step.action.capitalize()), _heard(step.heard))
        for step in intent.steps.all()
    ]
    return Closing(intent, name, tone, steps, _ticket(intent))


def _heard(heard: Mapping[str, Any]) -> str:
    """What was heard, in the order in which it was kept."""
    return ", ".join(
        f"{name.replace('_', ' ')} {value}"
        for name, value in heard.items()
        if value not in (None, "", [], {})
    )


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
