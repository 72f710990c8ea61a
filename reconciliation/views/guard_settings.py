"""What a guard is set to, in words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from common.numbers import to_decimal, write_duration, write_money, write_percent, write_quantity
from reconciliation.domain import guard_words as words


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
