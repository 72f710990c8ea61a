"""Which reports of several sources are the same fill, though no id says so.

A source may give a fill the broker's booking id, the execution's id, or none. Reports that are equal in contract, side,
quantity and price are one fill where they can be: their ids and times do not contradict. Of equal reports as many are
joined as can be, one of each source, in the order of time, and of the ways to do so the one with the least distance in
time is taken.

Invariants (proven beside this module's other tests):

* Two booking ids are two fills, and so are two rows of one import, and two rows of one source without an id that say
  the same: of a source and of an import at most one row belongs to a fill.
* Rows of one source are the same only at the same instant; those of others at most `APART` seconds apart.
* What a program or a person tells twice are two fills. What a person enters at a whole minute is any fill of it.
* The result follows from the set of reports: not from their order, nor from what was joined before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from journal.domain.identity import known_id

# How keys of fills begin, by what the source states (journal.domain.identity.fill_key, value_key).
BY_BOOKING, BY_EXECUTION, BY_VALUE = "b:", "x:", "v:"
# Between whole seconds: a broker's file may leave fractions out, and a program's clock may be off.
APART = 2
# The last second of a minute after its first.
_MINUTE = timedelta(seconds=59)
_NONE = timedelta()


class Mention(NamedTuple):
    """One report. All that are asked about together are equal in contract, kind of report, side, quantity and price."""

    key: str
    source: str
    batch_id: int
    at: datetime
    exec_id: str = ""
    trade_id: str = ""
    # By a program or a person, not by the broker; by a person's hand.
    is_told: bool = False
    by_hand: bool = False

    @property
    def until(self) -> datetime:
        """The last moment that it may mean."""
        is_minute = self.by_hand and self.at.second == self.at.microsecond == 0
        return self.at + _MINUTE if is_minute else self.at


Span = tuple[datetime, datetime]


class _Node:
    """All reports under one key; what is joined to it comes into it."""

    __slots__ = (
        "at", "batches", "by_hand", "digests", "exec_ids", "key", "keys", "moments", "told_by", "trade_ids", "until",
    )  # fmt: skip

    def __init__(self, first: Mention) -> None:
        self.key = first.key
        self.keys = [first.key]
        self.at, self.until = first.at, first.until
        self.by_hand = first.by_hand
        self.told_by: set[str] = set()
        self.batches: set[int] = set()
        self.exec_ids: set[str] = set()
        self.trade_ids: set[str] = set()
        # By source when it says that the fill happened.
        self.moments: defaultdict[str, set[Span]] = defaultdict(set)
        self.digests = {digest_of(first.key)}

    def hear(self, mention: Mention) -> None:
        self.batches.add(mention.batch_id)
        self.exec_ids |= {known_id(mention.exec_id)} - {""}
        self.trade_ids |= {known_id(mention.trade_id)} - {""}
        self.moments[mention.source].add((mention.at, mention.until))
        self.at, self.until = min((self.at, self.until), (mention.at, mention.until))
        if mention.is_told:
            self.told_by.add(mention.source)

    def take(self, other: _Node) -> None:
        self.keys += other.keys
        self.batches |= other.batches
        self.exec_ids |= other.exec_ids
        self.trade_ids |= other.trade_ids
        self.digests |= other.digests
        self.told_by |= other.told_by
        for source, moments in other.moments.items():
            self.moments[source] |= moments

    @property
    def place(self) -> tuple[datetime, int, int, str]:
        """In the order of time, and of equals in that of their numbers."""
        return self.at, ordinal_of(self.key), len(self.key), self.key

    def may_be(self, other: _Node) -> bool:
        """`other` is not joined to anything yet."""
        return not self.differs_from(other) and self._is_near(other)

    def differs_from(self, other: _Node) -> bool:
        """By what is known of both, whenever they were."""
        return not (
            self.batches.isdisjoint(other.batches)
            and self.digests.isdisjoint(other.digests)
            and self.told_by.isdisjoint(other.told_by)
        ) or self._contradicts(other)

    def _contradicts(self, other: _Node) -> bool:
        kind = other.key[:2]
        if kind != BY_VALUE and any(key.startswith(kind) for key in self.keys):
            return True
        named = kind == BY_EXECUTION and self.exec_ids and self.exec_ids.isdisjoint(other.exec_ids)
        traded = self.trade_ids and other.trade_ids
        return bool(named or (traded and self.trade_ids.isdisjoint(other.trade_ids)))

    def _is_near(self, other: _Node) -> bool:
        near = (
            not moments.isdisjoint(stated)
            if source == its
            else _apart(moments, stated) <= (0 if other.at != other.until else APART)
            for source, moments in self.moments.items()
            for its, stated in other.moments.items()
        )
        # Somebody who remembers the minute need not agree with every clock.
        return any(near) if other.by_hand else all(near)


def digest_of(key: str) -> str:
    """What a key without an id says, without which of its equals it is."""
    return key.rpartition(":")[0] if key.startswith(BY_VALUE) else key


def ordinal_of(key: str) -> int:
    return int(key.rpartition(":")[2]) if key.startswith(BY_VALUE) else 0


def _apart(some: Iterable[Span], others: Iterable[Span]) -> float:
    """Whole seconds between the nearest moments of both."""
    return min(_between(one, other) for one in some for other in others)


def _between(one: Span, other: Span) -> float:
    return max(0.0, _seconds(one[1], other[0]), _seconds(other[1], one[0]))


def _seconds(one: datetime, other: datetime) -> float:
    """From one to the other, in whole seconds of the clock."""
    return (other.replace(microsecond=0) - one.replace(microsecond=0)).total_seconds()


def find_twins(mentions: Iterable[Mention]) -> list[list[str]]:
    """Keys that are one fill, of two keys and more each. Ids are compared before values."""
    nodes: dict[str, _Node] = {}
    for mention in mentions:
        nodes.setdefault(mention.key, _Node(mention)).hear(mention)
    fills: list[_Node] = []
    for layer in _layers(sorted(nodes.values(), key=lambda node: node.place)):
        left = _join_by_id(fills, layer)
        joined = {id(node): fill for fill, node in _align(fills, left)}
        for node in left:
            if id(node) in joined:
                joined[id(node)].take(node)
        fills += [node for node in left if id(node) not in joined]
        fills.sort(key=lambda node: node.place)
    return sorted(
        sorted(fill.keys, key=lambda key: (key[:2], key)) for fill in fills if fill.keys[1:]
    )


def _layers(nodes: Sequence[_Node]) -> Iterator[list[_Node]]:
    """Nodes of one layer are different fills. Those with ids come first, those by hand last."""
    named = [
        [node for node in nodes if node.key.startswith(kind)] for kind in (BY_BOOKING, BY_EXECUTION)
    ]
    yield from filter(None, named)
    # One source may have several ways to write what has no id: then each of them is a layer.
    written: defaultdict[tuple[str, datetime], list[_Way]] = defaultdict(list)
    layers: defaultdict[tuple[bool, int, str], list[_Node]] = defaultdict(list)
    for node in sorted(nodes, key=lambda node: node.place):
        if node.key.startswith(BY_VALUE):
            source = min(node.moments)
            number = _way_of(node, written[source, node.at])
            layers[node.by_hand, number, source].append(node)
    for _, layer in sorted(layers.items()):
        yield layer


# Different fills of one source and instant: one node of each digest.
_Way = dict[str, _Node]


def _way_of(node: _Node, ways: list[_Way]) -> int:
    """Which of the ways the node is written in: the first of whose fills it is none."""
    (digest,) = node.digests
    for number, way in enumerate(ways):
        if digest in way or all(map(node.differs_from, way.values())):
            way.setdefault(digest, node)
            return number
    ways.append({digest: node})
    return len(ways) - 1


def _join_by_id(fills: Sequence[_Node], layer: Sequence[_Node]) -> list[_Node]:
    """Join what has an id in common; the rest."""
    by_execution: dict[str, _Node] = {}
    by_trade: defaultdict[str, list[_Node]] = defaultdict(list)
    for fill in fills:
        for exec_id in fill.exec_ids:
            by_execution.setdefault(exec_id, fill)
        for trade_id in fill.trade_ids:
            by_trade[trade_id].append(fill)
    left = []
    for node in layer:
        found = [by_execution[one] for one in sorted(node.exec_ids) if one in by_execution]
        for trade_id in sorted(node.trade_ids):
            found += [fill for fill in by_trade.get(trade_id, ()) if fill.may_be(node)]
        if found:
            found[0].take(node)
        else:
            left.append(node)
    return left


def _align(fills: Sequence[_Node], layer: Sequence[_Node]) -> Iterator[tuple[_Node, _Node]]:
    """As many pairs as can be, none of which cross, with the least distance in time. Both are in order."""
    for some, others in _neighbourhoods(fills, layer):
        yield from _best(some, others)


def _neighbourhoods(
    fills: Sequence[_Node], layer: Sequence[_Node]
) -> Iterator[tuple[list[_Node], list[_Node]]]:
    """Cut where nothing happens for longer than reports of one fill may be apart."""
    both = [(node, True) for node in fills] + [(node, False) for node in layer]
    some: list[_Node] = []
    others: list[_Node] = []
    last: datetime | None = None
    for node, is_fill in sorted(both, key=lambda one: one[0].place):
        if last is not None and _seconds(last, node.at) > 2 * APART:
            if some and others:
                yield some, others
            some, others, last = [], [], None
        (some if is_fill else others).append(node)
        last = node.until if last is None else max(last, node.until)
    if some and others:
        yield some, others


def _best(some: Sequence[_Node], others: Sequence[_Node]) -> list[tuple[_Node, _Node]]:
    """`best[i][j]`: how many of the first i and j can be pairs, and how far apart these are, as a negative."""
    best = [[(0, 0.0)] * (len(others) + 1) for _ in range(len(some) + 1)]
    for i, fill in enumerate(some, 1):
        for j, node in enumerate(others, 1):
            found = max(best[i - 1][j], best[i][j - 1])
            spans = (fill.at, fill.until), (node.at, node.until)
            if _between(*spans) <= 2 * APART and fill.may_be(node):
                count, distance = best[i - 1][j - 1]
                apart = max(spans[0][0] - spans[1][1], spans[1][0] - spans[0][1], _NONE)
                found = max(found, (count + 1, distance - apart.total_seconds()))
            best[i][j] = found
    chosen = []
    i, j = len(some), len(others)
    while i and j:
        if best[i][j] == best[i - 1][j]:
            i -= 1
        elif best[i][j] == best[i][j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            chosen.append((some[i], others[j]))
    return chosen
