"""Habits and rules by their names. No heavy library, for pages read them."""

from __future__ import annotations

from collections.abc import Mapping

HABITS: Mapping[str, tuple[str, str]] = {
    "size_after_loss": ("Size after a loss", "after a win"),
    "result_after_loss": ("Trades opened after a loss", "after a win"),
    "hurried_after_loss": ("Trades opened in a hurry after a loss", "others"),
    "beyond_usual_day": ("Trades beyond the usual number of a day", "others"),
    "later_in_day": ("Second and later trades of a day", "first ones"),
    "weekday": ("The weekday that stands out most", "the others"),
    "hour": ("The hour that stands out most", "the others"),
    "losers_held_longer": ("Losers closed by hand", "winners closed by hand"),
    "executed_after_loss": ("Recommendations that came after a loss", "after a win"),
}
"""What each contrast holds against what."""

RULES: Mapping[str, str] = {
    "side": "Direction of the plan",
    "written_first": "Plan before the order",
    "in_time": "Entry while the plan is valid",
    "size": "No larger than planned",
    "stop_not_widened": "Stop never moved away",
    "exit_at_stop": "Closed at the stop, not beyond",
    "exit_as_planned": "Closed where the plan said",
    "iv_rank_floor": "IV rank at its floor or above",
    "dte_window": "Days to expiry as asked for",
    "day_limit": "Closed by the planned day",
    "no_unplanned_add": "Nothing added unplanned",
}


def habit_label(name: str) -> str:
    return HABITS.get(name, (name.replace("_", " ").capitalize(), ""))[0]


def rule_label(rule: str) -> str:
    return RULES.get(rule, rule.replace("_", " ").capitalize())
