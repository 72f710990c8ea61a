"""How fills are recognised: what is the same fill, and which report of it counts.

Invariants:

* A fill reported several times, by one source or by many, counts once.
* The more authoritative report wins, among equals what was said last. A difference is a problem, never silent.
* Rows without an id are told apart by counting: the second of two equal rows is a second fill, and reading the same
  rows again gives the same keys.
* The result does not depend on the order of the reports.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from decimal import Decimal
from enum import StrEnum
from hashlib import blake2b, sha1
from typing import NamedTuple

from journal.domain.values import Problem, Severity, Side

KEY_LENGTH = 96
# As many as a 64-bit number surely holds.
_BIGINT_DIGITS = 18
# What sources write where they have no id.
NO_ID = frozenset({"", "-", "--", "---", "0", "n/a", "na", "none", "null", "nan"})


# A `trade_id` that begins so is the ticket of the position that the fill belongs to. A hedging account books each
# ticket as a position of its own.
POSITION = "position:"


def known_id(text: str) -> str:
    """The id, or "" where the source only says that it has none."""
    text = text.strip()
    return "" if text.lower() in NO_ID else text


def fill_key(*, broker_id: str = "", exec_id: str = "") -> str:
    """The key of a fill by its ids, the most stable one first; "" when it has none."""
    for letter, text in (("b", known_id(broker_id)), ("x", known_id(exec_id))):
        if text:
            return f"{letter}:{text}"[:KEY_LENGTH]
    return ""


def value_key(values: Iterable[object], ordinal: int) -> str:
    """The key of a fill that has no id: what it says, and how many of its like came before it in its source.

    Numbers that are equal give the same key however they are written (1.50 and 1.5).
    """
    text = "\x1f".join(_plain(value) for value in values)
    return f"v:{sha1(text.encode(), usedforsecurity=False).hexdigest()}:{ordinal}"


def running_number(*identifiers: str) -> int | None:
    """The first of the identifiers that is a number: brokers count bookings, so it orders fills of one instant."""
    for identifier in identifiers:
        if identifier.isdecimal() and len(identifier) <= _BIGINT_DIGITS:
            return int(identifier)
    return None


def digest(*parts: object) -> str:
    """A short stable name for values. Same parts in, same name out, in every process and version."""
    text = "\x1f".join(map(str, parts))
    return blake2b(text.encode(), digest_size=12).hexdigest()


def _plain(value: object) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


class Ordinals:
    """Counts how many equal values a source has given so far. One per source and account."""

    def __init__(self) -> None:
        self._seen: Counter[Hashable] = Counter()

    def next(self, value: Hashable) -> int:
        self._seen[value] += 1
        return self._seen[value]


class ReportType(StrEnum):
    FILL = "fill"
    CANCEL = "cancel"
    CORRECT = "correct"


class FillReport(NamedTuple):
    """One source's word on one fill. `key` is what reports of the same fill share.

    `order` grows with the time at which the source spoke. `ids` are all ids by which a cancel or a correction may call
    this fill, `original_ids` those by which this cancel or correction calls another.
    """

    id: int
    key: str
    order: int
    authority: int
    type: ReportType
    instrument_id: int
    side: Side
    quantity: Decimal
    price: Decimal
    ids: tuple[str, ...] = ()
    original_ids: tuple[str, ...] = ()


class Effective(NamedTuple):
    """`chosen`: fill key to the report that counts. `cancelled`: fill key to the cancel that names it.

    `replaced`: fill key to the key of the correction that took its place. `problems`: each with the key of the fill.
    """

    chosen: dict[str, FillReport]
    cancelled: dict[str, FillReport]
    replaced: dict[str, str]
    problems: list[tuple[str, Problem]]


def choose_effective(reports: Iterable[FillReport]) -> Effective:
    """Which report of each fill counts, of one account. Cancelled and corrected fills have none."""
    ordered = sorted(reports, key=lambda report: (report.authority, report.order, report.id))
    by_key: dict[str, list[FillReport]] = defaultdict(list)
    for report in ordered:
        if report.type is not ReportType.CANCEL:
            by_key[report.key].append(report)
    result = Effective({}, {}, {}, [])
    for key, same in by_key.items():
        result.chosen[key] = same[-1]
        result.problems.extend((key, problem) for problem in _differences(same))
    names = _names(by_key)
    for report in _withdrawals(ordered):
        _withdraw(report, names, result)
    return result


def _withdrawals(ordered: Iterable[FillReport]) -> list[FillReport]:
    """Cancels and corrections. Cancels without any id come last, for what is left, and count once per key: where
    another source reports the same cancel with ids, that one knows better."""
    named, nameless = [], {}
    for report in ordered:
        if report.type is ReportType.CORRECT or (
            report.type is ReportType.CANCEL and _names_something(report)
        ):
            named.append(report)
        elif report.type is ReportType.CANCEL:
            nameless[report.key] = report
    keys = {report.key for report in named}
    return [*named, *(report for key, report in nameless.items() if key not in keys)]


def _names_something(report: FillReport) -> bool:
    return any(map(known_id, (*report.ids, *report.original_ids)))


def _names(by_key: dict[str, list[FillReport]]) -> dict[str, list[FillReport]]:
    """Every id to the reports that it may mean, the newest last."""
    names: dict[str, list[FillReport]] = defaultdict(list)
    for same in by_key.values():
        for report in same:
            for name in {known_id(text) for text in report.ids} - {""}:
                names[name].append(report)
    return names


def _withdraw(report: FillReport, names: dict[str, list[FillReport]], result: Effective) -> None:
    key = _meant_by(report, names) or _twin_of(report, names, result)
    if key is None:
        result.problems.append((report.key, _not_found(report)))
    elif report.type is ReportType.CANCEL:
        result.cancelled[key] = report
        result.chosen.pop(key, None)
    elif key != report.key:
        result.replaced[key] = report.key
        result.chosen.pop(key, None)


def _meant_by(report: FillReport, names: dict[str, list[FillReport]]) -> str | None:
    """An id may be a trade id here and a transaction id there: the instrument and the side must fit too."""
    for name in report.original_ids:
        fitting = [
            other
            for other in names.get(known_id(name), ())
            if other.instrument_id == report.instrument_id and other.id != report.id
        ]
        fitting.sort(
            key=lambda other: (other.side is report.side, other.quantity == report.quantity)
        )
        if fitting:
            return fitting[-1].key
    return None


def _twin_of(
    report: FillReport, names: dict[str, list[FillReport]], result: Effective
) -> str | None:
    """A cancel that names no fill takes back one of its own order that is the same in everything else; one that has
    no id at all (the source has none), any that is the same."""
    if report.type is not ReportType.CANCEL or any(map(known_id, report.original_ids)):
        return None
    fields = (report.instrument_id, report.side, report.quantity, report.price)
    for name in filter(None, map(known_id, report.ids)):
        for other in reversed(names.get(name, ())):
            same = (other.instrument_id, other.side, other.quantity, other.price) == fields
            if same and other.key in result.chosen:
                return other.key
    if _names_something(report):
        return None
    equal = (
        key
        for key, other in result.chosen.items()
        if other.type is ReportType.FILL
        and (other.instrument_id, other.side, other.quantity, other.price) == fields
    )
    return min(equal, default=None)


def _differences(same: list[FillReport]) -> Iterable[Problem]:
    """Where reports of one fill differ in side, quantity or price. `same` is sorted, the chosen one last."""
    chosen = same[-1]
    for other in same[:-1]:
        if (other.side, other.quantity, other.price) == (
            chosen.side,
            chosen.quantity,
            chosen.price,
        ):
            continue
        if other.authority == chosen.authority:
            yield _problem(
                Severity.WARNING,
                "report_differs",
                f"This fill was reported twice with different figures ({_said(other)}, then {_said(chosen)}). "
                "What was said last counts.",
                chosen,
            )
        else:
            yield _problem(
                Severity.INFO,
                "sources_differ",
                f"Two sources differ about this fill: {_said(other)} and {_said(chosen)}. "
                "The more authoritative one counts.",
                chosen,
            )


def _not_found(report: FillReport) -> Problem:
    what = "cancels" if report.type is ReportType.CANCEL else "corrects"
    return _problem(
        Severity.WARNING,
        f"{report.type.value}_without_original",
        f"This row {what} a fill that was not imported. If the fill is in an earlier statement, import that too.",
        report,
    )


def _said(report: FillReport) -> str:
    return f"{report.side.value} {_plain(report.quantity)} at {_plain(report.price)}"


def _problem(severity: Severity, code: str, message: str, report: FillReport) -> Problem:
    return Problem(severity, code, message, instrument_id=report.instrument_id)
