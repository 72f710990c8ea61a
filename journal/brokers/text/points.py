"""What one contract of a product is worth per point, as the profits of a file tell.

A stated profit is the money that moved, so it comes before any list: the list's value is taken where most profits
follow from it, else the roundest number from which most of them follow. Nobody's value is 1 because nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Context, Decimal
from typing import NamedTuple

from journal.domain.values import ZERO

_CENT = Decimal("0.01")
# Points are worth round numbers: with more digits any profit would follow from some number.
_DIGITS_MAX = 4
_FACTS_MAX = 500
# So many of the largest moves are asked for a number.
_WITNESSES = 20


class Fact(NamedTuple):
    """`units`: points that the price moved in the trader's favour × contracts. `costs` are positive."""

    profit: Decimal
    units: Decimal
    costs: Decimal

    def net(self, value: Decimal) -> Decimal | None:
        """The profit after costs, whichever of the two is stated; None where neither follows from the price."""
        gross = value * self.units
        if abs(self.profit + self.costs - gross) <= _CENT:
            return self.profit
        return self.profit - self.costs if abs(self.profit - gross) <= _CENT else None


class Points:
    """Of one file. The value of a product does not change once it was asked for."""

    def __init__(self) -> None:
        self._facts: dict[str, list[Fact]] = {}
        self._decided: dict[str, Decimal] = {}

    def learn(self, root: str, fact: Fact) -> None:
        facts = self._facts.setdefault(root, [])
        if len(facts) < _FACTS_MAX:
            facts.append(fact)

    def value(self, root: str, listed: Decimal | None) -> Decimal | None:
        """None where neither the list nor the file knows."""
        found = self._decided.get(root)
        if found is None:
            found = _value(self._facts.get(root, []), listed)
            if found is not None:
                self._decided[root] = found
        return found


def _value(facts: Sequence[Fact], listed: Decimal | None) -> Decimal | None:
    moved = [one for one in facts if one.units]
    if listed is not None and (
        _most_follow(moved, listed) or len({one.units for one in moved}) == 1
    ):
        # One move alone may be a slip of the file.
        return listed
    for candidate in _candidates(moved):
        if _most_follow(moved, candidate):
            return candidate
    return listed


def _most_follow(facts: Sequence[Fact], value: Decimal) -> bool:
    return 2 * sum(one.net(value) is not None for one in facts) >= len(facts)


def _candidates(facts: Sequence[Fact]) -> Iterator[Decimal]:
    """Round numbers first."""
    witnesses = sorted(facts, key=lambda one: -abs(one.units))[:_WITNESSES]
    for digits in range(1, _DIGITS_MAX + 1):
        for one in witnesses:
            for profit in (one.profit, one.profit + one.costs):
                ratio = profit / one.units
                value = Context(prec=digits).create_decimal(ratio)
                if ratio > ZERO and one.net(value) is not None:
                    yield Decimal(f"{value:f}")
