"""Orders over the union of both sides: what is at work, what ended early, what was filled beyond, what nobody knows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from journal.domain.values import ZERO
from reconciliation.domain.classes import DivergenceClass as Kind
from reconciliation.domain.findings import Finding, figures
from reconciliation.domain.records import FillLine, OrderLine


def compare_orders(
    ours: Iterable[OrderLine], theirs: Iterable[OrderLine], *, before: datetime
) -> list[Finding]:
    """`before`: what was placed or changed later on either side may be on its way, and is compared the next time."""
    one, other = _by_id(ours), _by_id(theirs)
    findings: list[Finding] = []
    seen: set[tuple[str, str]] = set()
    for line in (*other.values(), *one.values()):
        book, broker = _find(one, line), _find(other, line)
        both = (book.key if book else "", broker.key if broker else "")
        if both not in seen and all(side.at < before for side in (book, broker) if side):
            findings += _compare(book, broker)
        seen.add(both)
    return findings


def overfilled_by(
    ours: Iterable[OrderLine], fills: Iterable[FillLine], *, known: Iterable[OrderLine]
) -> list[tuple[OrderLine, OrderLine]]:
    """Orders of ours of which the broker's fills come to more than was ordered, with what its fills say of them. Of
    what it tells as an order (`known`) that word counts. Less than was ordered says nothing: fills may be to come."""
    named = {id_ for line in known for id_ in _ids(line)}
    filled: dict[str, dict[str, FillLine]] = defaultdict(dict)
    for fill in fills:
        if fill.order_id and not fill.reverses:
            filled[fill.order_id][fill.key] = fill
    found = []
    for line in ours:
        own = list(filled.get(line.order_id, {}).values())
        total = sum((fill.quantity for fill in own if fill.side is line.side), ZERO)
        if total > line.quantity > 0 and named.isdisjoint(_ids(line)):
            told = line._replace(
                filled_quantity=total, is_over=True, at=max(fill.at for fill in own),
                evidence=tuple(word for fill in own for word in fill.evidence),
            )  # fmt: skip
            found.append((line, told))
    return found


def _by_id(lines: Iterable[OrderLine]) -> dict[str, OrderLine]:
    """The latest word on each order."""
    found: dict[str, OrderLine] = {}
    for line in sorted(lines, key=lambda line: (line.at, line.key)):
        found.update(dict.fromkeys(_ids(line), line))
    return found


def _ids(line: OrderLine) -> list[str]:
    """The broker's and the sender's may be the same word and mean two orders."""
    ids = (("b", line.order_id), ("c", line.client_order_id))
    return [f"{kind}:{id_}" for kind, id_ in ids if id_]


def _find(lines: Mapping[str, OrderLine], wanted: OrderLine) -> OrderLine | None:
    return next((lines[id_] for id_ in _ids(wanted) if id_ in lines), None)


def _compare(book: OrderLine | None, broker: OrderLine | None) -> Iterable[Finding]:
    if broker is None:
        if book is not None and book.is_uncertain:
            yield _finding(Kind.UNKNOWN_ORDER_OUTCOME, book, book, None)
        elif book is not None and not book.is_over:
            yield _finding(Kind.PHANTOM, book, book, None)
        return
    if broker.filled_quantity > broker.quantity > 0 or (
        book is not None and book.filled_quantity > broker.quantity > 0
    ):
        yield _finding(Kind.OVERFILL, broker, book, broker)
    elif _ended_early(broker) and (book is None or not _knows(book, broker)):
        if book is not None:
            yield _finding(Kind.PARTIAL_FILL, broker, book, broker)
    elif book is None and not broker.is_over:
        yield _finding(Kind.MISSING_IN_JOURNAL, broker, None, broker)


def _ended_early(line: OrderLine) -> bool:
    return line.is_over and 0 < line.filled_quantity < line.quantity


def _knows(book: OrderLine, broker: OrderLine) -> bool:
    return book.is_over and book.filled_quantity == broker.filled_quantity


def _finding(
    kind: Kind, about: OrderLine, book: OrderLine | None, broker: OrderLine | None
) -> Finding:
    evidence = (*(book.evidence if book else ()), *(broker.evidence if broker else ()))
    return Finding(
        kind, f"order:{about.key}", about.instrument_id, about.symbol, _told(book), _told(broker), evidence
    )  # fmt: skip


def _told(line: OrderLine | None) -> dict[str, str]:
    if line is None:
        return {}
    state = "over" if line.is_over else "working"
    return figures(
        symbol=line.symbol, side=str(line.side), quantity=line.quantity, filled_quantity=line.filled_quantity,
        state="unknown" if line.is_uncertain else state, order_id=line.order_id, client_order_id=line.client_order_id,
    )  # fmt: skip
