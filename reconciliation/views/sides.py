"""A difference, ready to be written: both sides line by line, what it means, where its evidence is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common.numbers import to_decimal
from common.templatetags import figures
from journal.services.cash_entries import Movement
from reconciliation.domain.classes import Severity
from reconciliation.domain.life import State
from reconciliation.domain.remedies import Act, unexplained
from reconciliation.domain.words import FIELDS, Words, field_name, words_of
from reconciliation.models import Divergence
from reconciliation.selectors.divergences import symbols_of, trades_of_fills

_PRICES = {"price", "average_price", "stop_price", "target_price", "fx_rate"}
_MONEY = {"fee": "fee_currency", "cash": "currency", "realized": "currency", "unexplained": "currency"}  # fmt: skip
_QUANTITIES = {"quantity", "filled_quantity", "fills", "patience_seconds", "minutes_off", "times"}
# What only says of which line it is, and stands in the heading.
_NAMES = {"symbol", "currency", "fee_currency"}
_ORDER = {name: number for number, name in enumerate(FIELDS)}
# Facts that one side alone can state are no difference in themselves.
_BESIDE = {"ticket", "order_id", "client_order_id", "cause", "reverses", "unexplained", "fills"}

SEVERITY_TONES = {
    Severity.CRITICAL: "badge--error",
    Severity.ERROR: "badge--error",
    Severity.WARNING: "badge--warning",
    Severity.INFO: "",
}
STATE_TONES = {
    State.OPEN: "badge--warning",
    State.INVESTIGATING: "badge--accent",
    State.PROPOSED: "badge--accent",
    State.APPROVED: "badge--accent",
    State.RESOLVED: "badge--profit",
    State.SELF_CLEARED: "badge--profit",
}
STATE_NAMES = {
    State.SEEN: "Seen",
    State.OPEN: "Open",
    State.INVESTIGATING: "Being looked into",
    State.PROPOSED: "Proposed",
    State.APPROVED: "Approved",
    State.RESOLVED: "Resolved",
    State.ACCEPTED: "Accepted",
    State.VOID: "No difference",
    State.SELF_CLEARED: "Cleared by itself",
}
# What the button says, by how the difference is said to have ended.
_SETTLES = {
    "imported": "Take it over",
    "adjusted": "Adjust the book",
    "broker_right": "Take the broker’s figure",
    "book_right": "Keep the book’s figure",
    "reversed": "Take it back",
    "closed_by": "Book the close",
    "step_added": "Note the change",
}
_THINGS = ("fill:", "position:", "order:")
_EVIDENCE = re.compile(r"([a-z_]+)[:#](\d{1,18})")


@dataclass(frozen=True, slots=True)
class SideLine:
    name: str
    expected: SafeString
    actual: SafeString
    differs: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """A row behind one of the sides; `url` is empty where the row has no page."""

    words: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class DivergenceRow:
    of: Divergence
    words: Words
    lines: Sequence[SideLine]
    proofs: Sequence[Proof]
    url: str
    tone: str
    state_name: str
    state_tone: str
    about: str
    market: str = ""

    @property
    def proposal(self) -> str:
        """What would be done about it, in words."""
        if self.market:
            return f"The broker’s {self.about} is {self.market} in the book."
        return str(self.of.proposal.get("words", ""))

    @property
    def lacks(self) -> str:
        """Which side has nothing at all of a fill, position or order."""
        if not self.of.key.startswith(_THINGS) or bool(self.of.expected) == bool(self.of.actual):
            return ""
        return "broker" if self.of.expected else "book"

    @property
    def settle_label(self) -> str:
        return _SETTLES.get(str(self.of.proposal.get("code", "")), "Do what is proposed")

    @property
    def wants_price(self) -> bool:
        """An adjustment has a price that a person may state."""
        return bool(self.of.proposal.get("act") == Act.ADJUST)

    @property
    def wants_movement(self) -> bool:
        """Somebody has to say what the money was."""
        return bool(self.of.proposal.get("act") == Act.CASH)

    @property
    def movements(self) -> Sequence[tuple[str, str]]:
        """What it can have been."""
        moved = unexplained(self.of.actual)
        impossible = Movement.WITHDRAWAL if moved > 0 else Movement.DEPOSIT
        return [(str(one), one.capitalize()) for one in Movement if one is not impossible]

    @property
    def wants_market(self) -> bool:
        """Somebody has to say which market of the book is meant."""
        return bool(self.of.proposal.get("code") == "mapped")


def divergence_rows(rows: Iterable[Divergence]) -> list[DivergenceRow]:
    rows = list(rows)
    trades = trades_of_fills({id_ for row in rows for id_ in _ids(row.evidence, "execution")})
    chosen = {id_ for row in rows if isinstance(id_ := row.proposal.get("instrument"), int)}
    markets = symbols_of(chosen)
    return [_row(row, trades, markets) for row in rows]


def _row(row: Divergence, trades: Mapping[int, int], markets: Mapping[int, str]) -> DivergenceRow:
    state = State(row.state)
    return DivergenceRow(
        of=row,
        words=words_of(row.kind, row.key),
        lines=side_lines(row.expected, row.actual, row.account.zone),
        proofs=proofs_of(row.evidence, trades),
        url=reverse("reconciliation:divergence", args=[row.pk]),
        tone=SEVERITY_TONES[Severity(row.severity)],
        state_name=STATE_NAMES[state],
        state_tone=STATE_TONES.get(state, ""),
        about=row.symbol,
        market=markets.get(row.proposal.get("instrument", 0), ""),
    )


def side_lines(
    expected: Mapping[str, Any], actual: Mapping[str, Any], zone: str = ""
) -> list[SideLine]:
    """In a fixed order. What one side does not say is a dash, and counts as a difference unless it need not say it."""
    named = sorted(
        {*expected, *actual} - _NAMES, key=lambda name: (_ORDER.get(name, len(_ORDER)), name)
    )
    lines = [
        SideLine(
            name=field_name(name),
            expected=_cell(name, expected, zone),
            actual=_cell(name, actual, zone),
            differs=_differs(name, expected, actual),
        )
        for name in named
    ]
    symbols = {str(side["symbol"]) for side in (expected, actual) if side.get("symbol")}
    if len(symbols) > 1:
        ours, theirs = (_cell("symbol", side, zone) for side in (expected, actual))
        lines.insert(0, SideLine(field_name("symbol"), ours, theirs, differs=True))
    return lines


def _differs(name: str, expected: Mapping[str, Any], actual: Mapping[str, Any]) -> bool:
    one, other = expected.get(name), actual.get(name)
    if one is None or other is None:
        # Where a side has nothing at all, its whole line is missing, not this figure of it.
        return bool(expected) and bool(actual) and name == "quantity"
    if name in _BESIDE:
        return False
    numbers = to_decimal(str(one)), to_decimal(str(other))
    return numbers[0] != numbers[1] if None not in numbers else str(one) != str(other)


def _cell(name: str, side: Mapping[str, Any], zone: str) -> SafeString:
    value = side.get(name)
    if value is None or value == "":
        return figures.unknown("This side does not say" if side else "This side has nothing of it")
    text = str(value)
    number = to_decimal(text)
    if name in _MONEY and number is not None:
        return figures.money(number, str(side.get(_MONEY[name], "")), signed=name == "unexplained")
    if name in _PRICES and number is not None:
        return figures.price(number, most=6)
    if name in _QUANTITIES and number is not None:
        return figures.quantity(number)
    return _moment(text, zone) or format_html("{}", text.replace("_", " "))


def _moment(text: str, zone: str) -> SafeString | None:
    try:
        at: datetime | None = parse_datetime(text) if "T" in text else None
        on = None if at is not None else parse_date(text)
    except ValueError:
        return None
    if at is not None and at.tzinfo is not None:
        return figures.moment(at, zone or None, seconds=True)
    return figures.day(on) if on is not None else None


def _ids(evidence: Sequence[str], kind: str) -> list[int]:
    found = (_EVIDENCE.fullmatch(one) for one in evidence)
    return [int(one[2]) for one in found if one is not None and one[1] == kind]


_PAGES = {
    "report": ("Evidence", "journal:evidence"),
    "execution_report": ("Evidence", "journal:evidence"),
    "order": ("Order", "journal:order"),
    "trade": ("Trade", "journal:trade"),
    "import": ("Import", "journal:import"),
    "batch": ("Import", "journal:import"),
    "account": ("Account", "journal:account"),
    "connection": ("Connection", "journal:connection"),
    "plan": ("Plan", "journal:plan"),
    "snapshot": ("Broker's answer", "reconciliation:snapshot"),
    "divergence": ("Difference", "reconciliation:divergence"),
    "guard": ("Guard", "reconciliation:guard"),
}


def proofs_of(evidence: Sequence[str], trades: Mapping[int, int]) -> list[Proof]:
    return [_proof(one, trades) for one in evidence]


def _proof(text: str, trades: Mapping[int, int]) -> Proof:
    named = _EVIDENCE.fullmatch(text)
    if named is None:
        return Proof(text)
    kind, id_ = named[1], int(named[2])
    if kind in ("execution", "fill"):
        trade = trades.get(id_)
        address = f"{reverse('journal:trade', args=[trade])}#fill-{id_}" if trade else ""
        return Proof(f"Fill {id_}", address)
    if kind not in _PAGES:
        return Proof(text)
    word, page = _PAGES[kind]
    return Proof(f"{word} {id_}", reverse(page, args=[id_]))
