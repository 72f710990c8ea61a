"""Positions over the union of both sides: one that only the book has is as much a difference as one that only the
broker has.

What the fills of the window explain (the broker has fills that the book lacks) is told as those fills, and not once
more as a position.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from journal.domain.exact import divide
from journal.domain.values import ZERO
from reconciliation.domain.classes import DivergenceClass as Kind
from reconciliation.domain.findings import Finding, figures
from reconciliation.domain.records import Action, PositionLine, Terms
from reconciliation.domain.tolerances import Tolerances

# Splits are of small whole numbers: 3:2, 1:25, 50:1.
_RATIO_MAX = 100
_SATURDAY = 5
_NOTHING = PositionLine(None, "", "", ZERO)


class Circumstances(NamedTuple):
    """What else is known: `unbooked` by instrument is what the fills explain, `gross` what they come to, bought and
    sold alike; `actions` are corporate actions and transfers that either side tells of, `today` is the account's
    trading day."""

    terms: Mapping[int, Terms]
    tolerances: Tolerances
    today: date
    unbooked: Mapping[int, Decimal]
    actions: Collection[Action] = ()
    gross: Mapping[int, Decimal] = {}


def compare_positions(
    ours: Iterable[PositionLine], theirs: Iterable[PositionLine], known: Circumstances
) -> list[Finding]:
    """Both complete. Lines of one key are added up: a broker may list lots."""
    one, other = _by_key(ours), _by_key(theirs)
    explained = _explained(one, other, known)
    findings: list[Finding] = []
    for key in sorted(one.keys() | other.keys()):
        book, broker = one.get(key), other.get(key)
        if _id_of(book, broker) in explained:
            continue
        finding = _differs(key, book, broker, known)
        if finding is not None:
            findings.append(finding)
        elif book is not None and broker is not None and broker.signed_quantity:
            findings += _terms_of(key, book, broker, known)
    return findings


def _by_key(lines: Iterable[PositionLine]) -> dict[str, PositionLine]:
    found: dict[str, PositionLine] = {}
    for line in lines:
        before = found.get(line.key)
        found[line.key] = line if before is None else _added(before, line)
    return {key: line for key, line in found.items() if line.signed_quantity}


def _added(one: PositionLine, other: PositionLine) -> PositionLine:
    total = one.signed_quantity + other.signed_quantity
    average = None
    if total and one.average_price is not None and other.average_price is not None:
        spent = (
            one.signed_quantity * one.average_price + other.signed_quantity * other.average_price
        )
        average = divide(spent, total)
    return one._replace(
        signed_quantity=total, average_price=average, evidence=one.evidence + other.evidence
    )


def _id_of(*lines: PositionLine | None) -> int | None:
    return next((line.instrument_id for line in lines if line is not None), None)


def _explained(
    ours: Mapping[str, PositionLine], theirs: Mapping[str, PositionLine], known: Circumstances
) -> set[int | None]:
    """Instruments whose fills account for the whole difference. Tickets of one instrument that differ in opposite
    directions do not make up for each other: fills have to come to as much."""
    apart: defaultdict[int | None, Decimal] = defaultdict(Decimal)
    by_key: defaultdict[tuple[int | None, str], Decimal] = defaultdict(Decimal)
    for sign, lines in ((1, theirs), (-1, ours)):
        for line in lines.values():
            apart[line.instrument_id] += sign * line.signed_quantity
            by_key[line.instrument_id, line.ticket] += sign * line.signed_quantity
    moved: defaultdict[int | None, Decimal] = defaultdict(Decimal)
    for (id_, _), quantity in by_key.items():
        moved[id_] += abs(quantity)
    return {
        id_
        for id_, quantity in apart.items()
        if quantity
        and known.unbooked.get(id_ or 0) == quantity
        and moved[id_] <= max(abs(quantity), known.gross.get(id_ or 0, ZERO))
    }


def _differs(
    key: str, book: PositionLine | None, broker: PositionLine | None, known: Circumstances
) -> Finding | None:
    kind = _kind(book, broker, known)
    if kind is None:
        return None
    said = broker or book or _NOTHING
    return Finding(
        kind, f"position:{key}", said.instrument_id, said.symbol, _told(book), _told(broker),
        (*(book or _NOTHING).evidence, *(broker or _NOTHING).evidence),
    )  # fmt: skip


def _kind(
    book: PositionLine | None, broker: PositionLine | None, known: Circumstances
) -> Kind | None:
    if broker is not None and broker.instrument_id is None:
        return Kind.INSTRUMENT_MAP
    terms = known.terms.get(_id_of(book, broker) or 0)
    held, stated = (line.signed_quantity if line else ZERO for line in (book, broker))
    if held == stated or (terms and _is_same(terms, held, stated, known.tolerances)):
        return None
    if not stated and terms and _has_ended(terms, known.today):
        return Kind.EXPIRY
    return _action_of(_id_of(book, broker), known) or _unexplained(book, broker)


def _unexplained(book: PositionLine | None, broker: PositionLine | None) -> Kind:
    if book is None:
        return Kind.MISSING_IN_JOURNAL
    if broker is None:
        return Kind.PHANTOM
    if (book.signed_quantity > 0) != (broker.signed_quantity > 0):
        return Kind.SIDE
    return Kind.SPLIT if _is_split(book, broker) else Kind.QUANTITY


def _is_same(terms: Terms, held: Decimal, stated: Decimal, tolerances: Tolerances) -> bool:
    """A step apart is the same, but a step is not the same as nothing at all, nor long as short."""
    if (held > 0) != (stated > 0) and held and stated:
        return False
    return tolerances.of(terms.asset_class).same_quantity(terms, held, stated)


def _action_of(instrument_id: int | None, known: Circumstances) -> Kind | None:
    kinds = {action.kind for action in known.actions if action.instrument_id == instrument_id}
    if not kinds:
        return None
    if "transfer" in kinds:
        return Kind.TRANSFER
    return Kind.SPLIT if "split" in kinds else Kind.CORPORATE_ACTION


def _has_ended(terms: Terms, today: date) -> bool:
    """What ended is booked within the business day after it."""
    return terms.expires_on is not None and today > _next_business_day(terms.expires_on)


def _next_business_day(on: date) -> date:
    after = on + timedelta(days=1)
    while after.weekday() >= _SATURDAY:
        after += timedelta(days=1)
    return after


def _is_split(book: PositionLine, broker: PositionLine) -> bool:
    """The quantity is a simple fraction of what it was, and the cost is what it was."""
    if book.average_price is None or broker.average_price is None:
        return False
    ratio = Fraction(broker.signed_quantity) / Fraction(book.signed_quantity)
    if max(ratio.numerator, ratio.denominator) > _RATIO_MAX:
        return False
    costs = [
        line.signed_quantity * line.average_price for line in (book, broker) if line.average_price
    ]
    return len(costs) == 2 and abs(costs[0] - costs[1]) <= abs(costs[0]) / 1_000


def _terms_of(
    key: str, book: PositionLine, broker: PositionLine, known: Circumstances
) -> Iterable[Finding]:
    """Of a position that both have alike: at what, and how it is protected."""
    terms = known.terms.get(book.instrument_id or 0)
    if terms and book.average_price is not None and broker.average_price is not None:
        tolerance = known.tolerances.of(terms.asset_class)
        if not tolerance.same_average(book.average_price, broker.average_price):
            yield _about(Kind.PRICE, key, book, broker)
    if _is_moved(book.stop_price, broker.stop_price) or _is_moved(
        book.target_price, broker.target_price
    ):
        yield _about(Kind.SLTP_MODIFIED, key, book, broker)
    if book.wants_stop and broker.is_protected is False:
        yield _about(Kind.PROTECTION_MISSING, key, book, broker)


def _is_moved(ours: Decimal | None, theirs: Decimal | None) -> bool:
    return ours is not None and theirs is not None and ours != theirs


def _about(kind: Kind, key: str, book: PositionLine, broker: PositionLine) -> Finding:
    return Finding(
        kind, f"position:{key}:{kind}", book.instrument_id, book.symbol, _told(book), _told(broker),
        (*book.evidence, *broker.evidence),
    )  # fmt: skip


def _told(line: PositionLine | None) -> dict[str, str]:
    if line is None:
        return {"quantity": "0"}
    return figures(
        symbol=line.symbol, ticket=line.ticket, quantity=line.signed_quantity, average_price=line.average_price,
        stop_price=line.stop_price, target_price=line.target_price,
    )  # fmt: skip
