"""Which two rows are one corporate action: "Close 6 USO" and "Open 6 USO1".

The money of both is the cost that goes over, once in and once out, so it cancels out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from journal.brokers.base import CorporateActionRow, InstrumentRow
from journal.brokers.tastytrade.fills import quantity_of
from journal.brokers.tastytrade.kinds import ACTIONS, Move, sub_kind_of
from journal.brokers.tastytrade.row import Transaction
from journal.brokers.text.notices import Notices
from journal.domain.values import PositionEffect, Side


class Half(NamedTuple):
    one: Transaction
    instrument: InstrumentRow
    move: Move


def read_actions(halves: Sequence[Half], notices: Notices) -> list[CorporateActionRow]:
    """In the order of the rows. `halves` are the rows of about one moment."""
    ids: dict[int, str] = {}
    given: Counter[str] = Counter()
    opens = [half for half in halves if half.move.effect is PositionEffect.OPEN]
    for close in halves:
        if close.move.effect is not PositionEffect.CLOSE:
            continue
        match = max(
            (each for each in opens if _belongs(close, each)),
            key=lambda each: _likeness(close, each),
            default=None,
        )
        if match is None:
            continue
        opens.remove(match)
        name = _name(close, match)
        given[name] += 1
        ids[close.one.row] = ids[match.one.row] = f"{name}:{given[name]}"
    for half in halves:
        if half.one.row not in ids:
            notices.add(half.one.account_id, half.one.row, "pair_incomplete", sub_kind_of(half.one))
    return [_action(half, ids.get(half.one.row, "")) for half in halves]


def _belongs(close: Half, opening: Half) -> bool:
    one, other = close.one, opening.one
    return (
        one.account_id == other.account_id
        and sub_kind_of(one) == sub_kind_of(other)
        and close.move.side is not opening.move.side
        and close.instrument.asset_class is opening.instrument.asset_class
        and close.instrument.right is opening.instrument.right
    )


def _likeness(close: Half, opening: Half) -> tuple[bool, bool, bool, bool]:
    one, other = close.one, opening.one
    return (
        (one.value or 0) + (other.value or 0) == 0,
        close.instrument.expiry_on == opening.instrument.expiry_on,
        close.instrument.strike == opening.instrument.strike,
        one.quantity == other.quantity,
    )


def _name(close: Half, opening: Half) -> str:
    """The same in every file that has these rows."""
    texts = (
        close.one.id, opening.one.id, sub_kind_of(close.one), opening.one.at.isoformat(), close.instrument.symbol,
        opening.instrument.symbol, close.one.quantity, opening.one.quantity, close.one.value,
    )  # fmt: skip
    return f"pair:{sha256('|'.join(map(str, texts)).encode()).hexdigest()[:24]}"


def _action(half: Half, action_id: str) -> CorporateActionRow:
    one = half.one
    quantity = quantity_of(one)
    return CorporateActionRow(
        row=one.row,
        account_id=one.account_id,
        raw=one.raw,
        broker_id=one.id,
        action_id=action_id,
        kind=ACTIONS[sub_kind_of(one)],
        code="",
        instrument=half.instrument,
        signed_quantity=quantity if half.move.side is Side.BUY else -quantity,
        cash=one.money,
        value=None,
        stated_pnl=None,
        effective_at=one.at,
        reported_on=None,
        fx_rate=None,
        description=one.description,
        ratio=None,
        other_isin="",
        other_symbol="",
    )
