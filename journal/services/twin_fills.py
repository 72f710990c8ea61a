"""Fills that one source gives an id and another does not: the same fill, when all that both say is the same.

A row without any id (an activity statement's, say) is the fill that another file states under an id, if account,
contract, side, quantity, price and the very second are the same. Equal rows are counted, never merged: the second of
two is the second such fill that is known, or a new one. Rows of one import are never joined this way. An import that
is read again finds its own rows under the keys under which it wrote them, also when what it was joined to is undone.
What a person enters by hand at a whole minute is any such fill of that minute, and only one of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from common.sql import fetch
from journal.brokers.base import HAND_AUTHORITY, ORDER_AUTHORITY
from journal.domain.identity import known_id
from journal.reading.lines import ExecutionLine, Said, said

# How the keys of fills without an id begin (journal.domain.identity.value_key).
BY_VALUE = "v:"
# The last moment of a minute after its first.
_MINUTE = timedelta(seconds=59, microseconds=999_999)

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
    # What was entered by hand of it (event keys): one fill is entered once.
    hand_events: set[str] = field(default_factory=set)

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
    by_hand = {values for values, words in wanted.values() if words.authority == HAND_AUTHORITY}
    known = _candidates(account_id, batch_id, {values for values, _ in wanted.values()}, by_hand)
    found = {}
    claimed: dict[str, datetime] = {}
    for key, (values, words) in wanted.items():
        at = words.executed_at
        others = [
            one
            for one in known.get(values, ())
            if one.key != key and claimed.get(one.key, at) == at
        ]
        twin = (
            _nameless_twin(lines_by_key[key], words, others)
            if _is_nameless(key)
            else _named_twin(words, others)
        )
        if twin is not None:
            found[key] = (twin.key, values)
            if twin.hand_events:
                claimed[twin.key] = at
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
    if words.authority == HAND_AUTHORITY:
        fitting = [one for one in fitting if not one.hand_events - {line.event_key}]
    if ordinal > len(fitting):
        return None
    twin = fitting[ordinal - 1]
    if words.authority == HAND_AUTHORITY:
        twin.hand_events.add(line.event_key)
    return twin


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
    account_id: int, batch_id: int, wanted: Collection[Values], by_hand: Collection[Values]
) -> dict[Values, list[Candidate]]:
    windows = _windows(account_id, wanted, by_hand)
    columns = [list(column) for column in zip(*windows, strict=True)]
    rows = fetch(
        "SELECT r.instrument_id, r.report, r.side, r.quantity, r.price, wanted.at, r.fill_key, "
        "r.broker_id, r.exec_id, r.trade_id, r.event_key, r.batch_id <> %s, r.authority = %s, wanted.only_hand "
        "FROM (SELECT DISTINCT * FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], "
        "%s::boolean[])) AS wanted (instrument_id, at, since, until, only_hand) "
        "JOIN journal_executionreport r ON r.account_id = %s "
        "AND r.instrument_id = wanted.instrument_id AND r.executed_at BETWEEN wanted.since AND wanted.until "
        "JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL "
        "WHERE r.authority > %s AND (NOT wanted.only_hand OR r.authority = %s)",
        [batch_id, HAND_AUTHORITY, *columns, account_id, ORDER_AUTHORITY, HAND_AUTHORITY],
    )
    spoken = _spoken_of(account_id, {row[6] for row in rows if row[-1]})
    found: dict[Values, dict[str, Candidate]] = defaultdict(dict)
    for (
        *values,
        key,
        broker_id,
        exec_id,
        trade_id,
        event_key,
        is_of_others,
        is_hand,
        only_hand,
    ) in rows:
        if only_hand and spoken.get(key, set()) - {values[-1]}:
            # It is another fill of that minute.
            continue
        one = found[tuple(values)].setdefault(key, Candidate(key))
        own_id = known_id(broker_id) or known_id(exec_id)
        one.ids |= {own_id} - {""}
        if not (is_of_others or own_id):
            one.own_events.add(event_key)
        if is_hand:
            one.hand_events.add(event_key)
        one.trade_ids |= {known_id(trade_id)} - {""}
        one.is_of_others |= is_of_others
    return {
        values: sorted(by_key.values(), key=lambda one: one.order)
        for values, by_key in found.items()
    }


def _windows(
    account_id: int, wanted: Collection[Values], by_hand: Collection[Values]
) -> list[tuple[int, datetime, datetime, datetime, bool]]:
    """Contract and moment of what is looked for, from when until when, and whether only among entries by hand."""
    has_entries = bool(
        fetch(
            "SELECT 1 FROM journal_importbatch b JOIN journal_brokeraccount a ON a.workspace_id = b.workspace_id "
            "WHERE a.id = %s AND b.reported_by = 'manual' AND b.withdrawn_at IS NULL LIMIT 1",
            [account_id],
        )
    )
    windows = []
    for values in wanted:
        instrument_id, at = values[0], values[-1]
        minute = at.replace(second=0, microsecond=0)
        until = minute + _MINUTE if values in by_hand and at == minute else at
        windows.append((instrument_id, at, at, until, False))
        if has_entries and at != minute:
            windows.append((instrument_id, at, minute, minute, True))
    return windows


def _spoken_of(account_id: int, keys: Collection[str]) -> dict[str, set[datetime]]:
    """When the fills of these keys were, as others than a person say."""
    found: dict[str, set[datetime]] = defaultdict(set)
    if keys:
        rows = fetch(
            "SELECT r.fill_key, r.executed_at FROM journal_executionreport r "
            "JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL "
            "WHERE r.account_id = %s AND r.fill_key = ANY(%s) AND r.authority <> %s",
            [account_id, list(keys), HAND_AUTHORITY],
        )
        for key, at in rows:
            found[key].add(at)
    return found
