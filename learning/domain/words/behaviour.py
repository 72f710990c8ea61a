"""What is said of habits and of rules: with their numbers, and as what goes along, never as what brings about."""

from __future__ import annotations

from learning.domain.claims.behaviour import Contrast
from learning.domain.claims.grades import Grade, likelihood
from learning.domain.figures import Figure, Interval, Unit
from learning.domain.words.habits import HABITS, rule_label
from learning.domain.words.numbers import NARROW, counted, in_r, interval_in_r, percent, signed


def tell_contrast(found: Contrast) -> str:
    """{habit}: {can't tell | how much}. {n} against {m}. {effect}. {word} ({p} %). Grade {g}: {why}."""
    subject, rest = HABITS.get(found.name, (found.name.replace("_", " ").capitalize(), "others"))
    counts = f"{counted(found.events, 'event')} against {found.baseline:,} ({rest})."
    if found.lacking or found.effect.value is None:
        least = found.lacking.get("smaller_arm", 0)
        needed = f" It would take {least:,} more of the rarer kind." if least else ""
        return f"{subject}: can't tell yet. {counts}{needed} Grade {Grade.D}: too little to go by."
    if found.grade is Grade.D:
        parts = [f"{subject}: no difference we can see.", counts, _effect(found.effect)]
    else:
        verb = "has gone with" if found.grade is Grade.B else "may go with"
        parts = [f"{subject} {verb} {_kind(found.effect)}.", counts, _effect(found.effect)]
    if found.visible.value is not None and found.grade is Grade.D:
        parts.append(f"So many could have shown a gap of about {_size(found.visible)} and more.")
    if found.likely.value is not None:
        word = likelihood(found.likely.value).capitalize()
        parts.append(f"{word} ({percent(found.likely.value)}).")
    return " ".join([*parts, f"Grade {found.grade}: {_why(found)}."])


def _why(found: Contrast) -> str:
    if found.grade is Grade.B:
        return "it stands out among all the habits that were named beforehand"
    return "seen in hindsight only" if found.grade is Grade.C else "no test of this run raised it"


def _kind(effect: Figure) -> str:
    is_more = (effect.value or 0.0) > 0
    return {
        Unit.R: "better results" if is_more else "worse results",
        Unit.RATIO: "larger size" if is_more else "smaller size",
        Unit.DAYS: "longer holding" if is_more else "shorter holding",
        Unit.FRACTION: "more of them executed" if is_more else "fewer of them executed",
    }.get(effect.unit, "a difference")


def _effect(effect: Figure) -> str:
    told = _amount(effect.value or 0.0, effect.unit)
    if effect.ci is None:
        return f"{told}."
    return f"{told} ({_interval(effect.ci, effect.unit)}, {percent(effect.ci.level)} interval)."


def _amount(value: float, unit: Unit) -> str:
    if unit is Unit.R:
        return f"{in_r(value)} per trade"
    if unit is Unit.DAYS:
        return f"{signed(value, 1)} days"
    if unit is Unit.FRACTION:
        return f"{signed(value * 100, 0)} points"
    return f"{signed(value)} in log size"


def _size(figure: Figure) -> str:
    value = abs(figure.value or 0.0)
    return {
        Unit.R: f"{value:.2f}{NARROW}R",
        Unit.DAYS: f"{value:.1f} days",
        Unit.FRACTION: f"{value * 100:.0f} points",
    }.get(figure.unit, f"{value:.2f} in log size")


def _interval(ci: Interval, unit: Unit) -> str:
    if unit is Unit.FRACTION:
        return f"{signed(ci.low * 100, 0)} … {signed(ci.high * 100, 0)}"
    return interval_in_r(ci)


def tell_rule(rule: str, kept: int, broken: int, cost: Figure | None) -> str:
    """How often it was kept, and what its breaches came to against the plan. A lucky breach is still one."""
    name = rule_label(rule)
    if not broken:
        return f"{name}: kept {counted(kept, 'time')}, never broken."
    told = f"{name}: broken {broken:,} of {counted(kept + broken, 'time')}."
    if cost is None or cost.value is None:
        return f"{told} What the plans would have made is not known."
    ci = f" ({interval_in_r(cost.ci)}, {percent(cost.ci.level)} interval)" if cost.ci else ""
    if cost.value > 0:
        return f"{told} These came to {in_r(cost.value)}{ci} more than their plans, which is luck and still a breach."
    return f"{told} These came to {in_r(cost.value)}{ci} against their plans."
