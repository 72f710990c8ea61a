"""What would be done about a difference: one proposal for each, and which of them need nobody.

Nothing here changes a book. A remedy that a rule may carry out alone changes no figure of it: the evidence is there
already, and what is written down is why the two sides differed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from reconciliation.domain.classes import STANDARDS
from reconciliation.domain.classes import DivergenceClass as Kind

# A fee that is off by more is looked at by a person.
FEE_BY_RULE = Decimal(5)


class Act(StrEnum):
    """What carrying a remedy out does to the book."""

    NOTHING = "nothing"
    ADJUST = "adjust"
    AMEND = "amend"
    EXCLUDE = "exclude"
    INCLUDE = "include"
    MAP = "map"
    CASH = "cash"


class Remedy(NamedTuple):
    """`code` is how the difference is then said to have ended (`reconciliation.models.Resolution`), `words` say what
    would be done. `by_rule`: without a person."""

    code: str
    act: Act
    words: str
    by_rule: bool = False


class Difference(NamedTuple):
    kind: Kind
    key: str
    expected: Mapping[str, str]
    actual: Mapping[str, str]

    @property
    def is_booked(self) -> bool:
        """The book counts it by the broker's figures already."""
        return self.expected.get("booked") == "yes"

    @property
    def about(self) -> str:
        return self.key.partition(":")[0]


_BOOKED = {
    Kind.MISSING_IN_JOURNAL: ("imported", "Nobody here reported this fill: it is booked as the broker told it."),
    Kind.MANUAL_CLOSE: ("closed_by", "Closed by hand at the broker: the exit is booked, with who made it."),
    Kind.STOP_TARGET_FILL: ("closed_by", "A stop or target was filled: the exit is booked with that reason."),
    Kind.FORCED_CLOSE: ("closed_by", "The broker closed it by force: the exit is booked with that reason."),
    Kind.CANCEL_CORRECT: ("reversed", "The broker took a fill back or stated it anew: the book follows."),
    Kind.FEE: ("broker_right", "The fee that the broker states counts."),
    Kind.FX: ("broker_right", "The rate that the broker states counts."),
    Kind.PRICE: ("broker_right", "The broker’s price counts; what was reported here is kept beside it."),
    Kind.QUANTITY: ("broker_right", "The broker’s quantity counts; what was reported here is kept beside it."),
    Kind.SIDE: ("broker_right", "The broker’s side counts; what was reported here is kept beside it."),
}  # fmt: skip
_CLOSED_BY = {"by_hand": "broker_ui", "stop": "stop", "target": "target", "forced": "broker"}


def remedy_for(one: Difference) -> Remedy | None:
    """None: a person has to find out what it is."""
    if one.is_booked and one.kind in _BOOKED:
        code, words = _BOOKED[one.kind]
        return Remedy(
            code, Act.NOTHING, words, STANDARDS[one.kind].by_rule and not _is_large_fee(one)
        )
    if one.about in _BY_SUBJECT:
        return _BY_SUBJECT[one.about](one)
    if one.kind is Kind.SCHEMA:
        return Remedy(
            "book_right", Act.NOTHING, "The words are known now, or mean nothing to the book."
        )
    return None


def closed_by(one: Difference) -> str:
    """Who made a close, "" where it is none."""
    return _CLOSED_BY.get(one.actual.get("cause", ""), "")


def _of_fill(one: Difference) -> Remedy | None:
    if one.kind in (Kind.PHANTOM, Kind.DUPLICATE_FILL) and not one.actual:
        return Remedy(
            "reversed", Act.EXCLUDE, "Leave the fill out of the book: the broker does not know it."
        )
    if not one.expected and one.actual:
        return Remedy(
            "imported", Act.INCLUDE, "Count the fill that was left out: the broker has it."
        )
    if one.kind in (Kind.PRICE, Kind.FEE, Kind.QUANTITY, Kind.SIDE):
        return Remedy("broker_right", Act.AMEND, "Book the fill with the broker’s figures.")
    return None


def _of_position(one: Difference) -> Remedy | None:
    if one.kind is Kind.SLTP_MODIFIED:
        return Remedy(
            "step_added",
            Act.NOTHING,
            "Stop or target were moved at the broker: the change is noted.",
            True,
        )
    if one.kind is Kind.INSTRUMENT_MAP:
        return Remedy("mapped", Act.MAP, "Say which market of the book the broker means.")
    if one.kind is Kind.PRICE:
        return Remedy(
            "book_right", Act.NOTHING, "Leave it: the two count their averages differently."
        )
    quantities = [Decimal(side.get("quantity", "0")) for side in (one.expected, one.actual)]
    if one.kind is Kind.PROTECTION_MISSING or quantities[0] == quantities[1]:
        return None
    moved = f"{quantities[1] - quantities[0]:+f}".replace("-", "\N{MINUS SIGN}")
    return Remedy(
        "adjusted", Act.ADJUST, f"Enter {moved} as an adjustment, so that the book has what the broker has."
    )  # fmt: skip


def _of_cash(one: Difference) -> Remedy | None:
    moved = unexplained(one.actual)
    if not moved:
        return None
    what = f"{moved:+f} {one.actual.get('currency', '')}"
    words = f"Enter {what} as what it was, so that the book has what the broker has."
    return Remedy("adjusted", Act.CASH, words)


def unexplained(actual: Mapping[str, str]) -> Decimal:
    """By how much the broker's cash is more than the book's."""
    return Decimal(actual.get("unexplained", "0"))


def _of_order(one: Difference) -> Remedy | None:
    if one.kind is Kind.MISSING_IN_JOURNAL:
        return Remedy(
            "imported",
            Act.NOTHING,
            "An order that nobody here reported: it is kept as the broker listed it.",
            True,
        )
    if one.kind is Kind.PARTIAL_FILL:
        return Remedy(
            "broker_right", Act.NOTHING, "What was filled is booked; the rest was not.", True
        )
    if one.kind is Kind.PHANTOM:
        return Remedy("broker_right", Act.NOTHING, "The order is no longer at work.")
    return None


_BY_SUBJECT: Mapping[str, Callable[[Difference], Remedy | None]] = {
    "fill": _of_fill,
    "position": _of_position,
    "order": _of_order,
    "cash": _of_cash,
}


def _is_large_fee(one: Difference) -> bool:
    if one.kind is not Kind.FEE:
        return False
    fees = [Decimal(side.get("fee", "0")) for side in (one.expected, one.actual)]
    return abs(fees[0] - fees[1]) > FEE_BY_RULE
