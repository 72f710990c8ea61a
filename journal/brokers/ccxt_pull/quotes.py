"""How markets are quoted where something is held. Nothing depends on it: it is asked once, briefly, and what does not
come stays unknown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from journal.brokers.ccxt_pull.talk import Row, Talk, moment
from journal.brokers.ccxt_pull.venue import number
from journal.brokers.live import Holding

# So many markets are asked for one by one, more of them with all others of their kind.
FEW = 2


class Market(NamedTuple):
    """`kind` as the exchange sorts its markets, `id` as it calls this one."""

    kind: str
    id: str


class Ticker(NamedTuple):
    """`size` is what can be traded at bid and ask, the smaller of both, in what the market counts in."""

    bid: Decimal | None = None
    ask: Decimal | None = None
    size: Decimal | None = None
    last: Decimal | None = None
    at: datetime | None = None
    is_halted: bool | None = None


Look = Callable[[str, Sequence[str]], Mapping[str, Ticker]]


def tell_quotes(held: Iterable[tuple[Holding, Market]], look: Look) -> list[Holding]:
    """`look` answers for one kind and some ids of it."""
    pairs = list(held)
    ids: dict[str, set[str]] = defaultdict(set)
    for _, market in pairs:
        ids[market.kind].add(market.id)
    told = {kind: look(kind, sorted(some)) for kind, some in ids.items()}
    return [_quoted(one, told[market.kind].get(market.id)) for one, market in pairs]


def rows_told(
    talk: Talk,
    method: str,
    ids: Sequence[str],
    asked: Callable[[str], Row],
    whole: Row,
    rows_of: Callable[[Any], Any],
) -> list[Row]:
    """What the exchange tells of some markets: `asked` of one, `whole` of all."""
    params = [asked(id_) for id_ in ids] if len(ids) <= FEW else [whole]
    found: list[Row] = []
    for one in params:
        answer = talk.glance(method, one)
        rows = rows_of(answer) if answer is not None else None
        if isinstance(rows, list):
            found += [row for row in rows if isinstance(row, dict)]
    return found


def ticker(
    bid: object, ask: object, sizes: tuple[object, object], last: object = None, at: object = None
) -> Ticker:
    """As stated; nothing and 0 are no price."""
    least = min(number(sizes[0]), number(sizes[1]))
    is_said = all(one not in (None, "") for one in sizes)
    return Ticker(
        number(bid) or None, number(ask) or None, least if is_said else None, number(last) or None, _moment(at)
    )  # fmt: skip


def _quoted(holding: Holding, told: Ticker | None) -> Holding:
    if told is None:
        return holding
    return holding._replace(
        bid=told.bid,
        ask=told.ask,
        size=told.size,
        price=holding.price if holding.price is not None else told.last,
        price_at=told.at or holding.price_at,
        is_halted=told.is_halted,
    )


def _moment(stated: object) -> datetime | None:
    try:
        return moment(stated) if stated else None
    except (ValueError, TypeError, OverflowError):
        return None
