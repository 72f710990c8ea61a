"""Fills that one source gives an id and another does not: the same fill, when all that both say is the same.

A row without any id (an activity statement's, say) is the fill that another file states under an id, if account,
contract, side, quantity, price and the very second are the same. Equal rows are counted, never merged: the second of
two is the second such fill that is known, or a new one. Rows of one import are never joined this way. An import that
is read again finds its own rows under the keys under which it wrote them, also when what it was joined to is undone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from common.sql import fetch
from journal.brokers.base import ORDER_AUTHORITY
from journal.domain.identity import known_id
from journal.reading.lines import ExecutionLine, Said, said

# How the keys of fills without an id begin (journal.domain.identity.value_key).
BY_VALUE = "v:"

Values = tuple[Any, ...]


@dataclass(slots=True)
class Candidate:
    """A fill that is known (or a cancel, or a correction), with all ids under which it was reported."""

    key: str
    ids: set[str] = field(default_factory=set)
    trade_ids: set[str] = field(default_factory=set)
    is_of_others: bool = False  # Whether another import than this one reports it.
    # What this import itself has said of it in rows without an id (event keys): it was joined to the fill before.
    own_events: set[str] = field(default_factory=set)

    @property
    def order(self) -> tuple[str, int, str]:
        digest, ordinal = _ordinal(self.key)
        return digest, ordinal, self.key


def find_twins(
    account_id: int,
    batch_id: int,
    lines: Iterable[ExecutionLine],
    resolve: Callable[[ExecutionLine], int],
) -> dict[str, tuple[str, Values]]:
    """Key of a line to the key of the fill that it is, and what both say. `lines` are not known by any id."""
    wanted: dict[str, tuple[Values, Said]] = {}
    lines_by_key = {line.key: line for line in lines}
    for line in lines_by_key.values():
        words = said(line)
        # Orders and parts of fills have rules of their own (journal.domain.orders, journal.domain.parts).
        if words.authority > ORDER_AUTHORITY:
            values = (
                resolve(line),
                line.report,
                words.side,
                words.quantity,
                words.price,
                words.executed_at,
            )
            wanted[line.key] = (values, words)
    if not wanted:
        return {}
    known = _candidates(account_id, batch_id, {values for values, _ in wanted.values()})
    found = {}
    for key, (values, words) in wanted.items():
        others = [one for one in known.get(values, ()) if one.key != key]
        twin = (
            _nameless_twin(lines_by_key[key], words, others)
            if _is_nameless(key)
            else _named_twin(words, others)
        )
        if twin is not None:
            found[key] = (twin.key, values)
    return found


def _nameless_twin(
    line: ExecutionLine, words: Said, others: Sequence[Candidate]
) -> Candidate | None:
    """The first of equal rows is the first of the fills that other sources know, the second the second."""
    digest, ordinal = _ordinal(line.key)
    fitting = [
        one
        for one in others
        if (one.is_of_others or line.event_key in one.own_events)
        and _ordinal(one.key)[0] != digest
        and _may_be(one.trade_ids, words.trade_id)
    ]
    return fitting[ordinal - 1] if ordinal <= len(fitting) else None


def _named_twin(words: Said, others: Sequence[Candidate]) -> Candidate | None:
    """A fill that nobody has given another id yet; the one that has this id already comes before all."""
    own = known_id(words.broker_id) or known_id(words.exec_id)
    fitting = [
        one
        for one in others
        if _is_nameless(one.key)
        and one.is_of_others
        and _may_be(one.ids, own)
        and _may_be(one.trade_ids, words.trade_id)
    ]
    if not fitting:
        return None
    twin = min(fitting, key=lambda one: (own not in one.ids, one.order))
    twin.ids.add(own)
    return twin


def _may_be(known: Collection[str], own: str) -> bool:
    """Ids do not contradict: one of both states none, or they are the same."""
    return not known or not known_id(own) or own in known


def _is_nameless(key: str) -> bool:
    return key.startswith(BY_VALUE)


def _ordinal(key: str) -> tuple[str, int]:
    """What a nameless key says, and which of its equals it is; a named key is one of a kind."""
    if not _is_nameless(key):
        return key, 1
    digest, _, ordinal = key.rpartition(":")
    return digest, int(ordinal)


def _candidates(
    account_id: int, batch_id: int, wanted: Collection[Values]
) -> dict[Values, list[Candidate]]:
    rows = fetch(
        "SELECT r.instrument_id, r.report, r.side, r.quantity, r.price, r.executed_at, r.fill_key, "
        "r.broker_id, r.exec_id, r.trade_id, r.event_key, r.batch_id <> %s "
        "FROM (SELECT DISTINCT * FROM unnest(%s::bigint[], %s::timestamptz[])) AS wanted (instrument_id, executed_at) "
        "JOIN journal_executionreport r ON r.account_id = %s "
        "AND r.instrument_id = wanted.instrument_id AND r.executed_at = wanted.executed_at "
        "JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL "
        "WHERE r.authority > %s",
        [
            batch_id, [one[0] for one in wanted], [one[-1] for one in wanted], account_id,
            ORDER_AUTHORITY,
        ],
    )  # fmt: skip
    found: dict[Values, dict[str, Candidate]] = defaultdict(dict)
    for *values, key, broker_id, exec_id, trade_id, event_key, is_of_others in rows:
        one = found[tuple(values)].setdefault(key, Candidate(key))
        own_id = known_id(broker_id) or known_id(exec_id)
        one.ids |= {own_id} - {""}
        if not (is_of_others or own_id):
            one.own_events.add(event_key)
        one.trade_ids |= {known_id(trade_id)} - {""}
        one.is_of_others |= is_of_others
    return {
        values: sorted(by_key.values(), key=lambda one: one.order)
        for values, by_key in found.items()
    }
