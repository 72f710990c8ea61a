"""What different hands write for one market."""

from __future__ import annotations


def name_key(symbol: str) -> str:
    """What names of one market have in common: "EUR/USD", "EUR.USD" and "EURUSD" are one."""
    return "".join(one for one in symbol.upper() if one.isalnum())


def same_name(one: str, other: str) -> bool:
    return name_key(one) == name_key(other)
