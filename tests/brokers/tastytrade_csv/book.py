"""Records straight into the domain's booking, without a database: what the file alone makes of itself."""

from __future__ import annotations

from journal.brokers.base import CorporateActionRow, ExecutionRow
from journal.domain.booking import book
from journal.domain.corporate import ActionRow, understand
from journal.domain.deliveries import OptionEnd, ShareMove, pair_deliveries
from journal.domain.values import ZERO, Contract, ExecutionKind, Fill, LotMethod

DELIVERING = (ExecutionKind.ASSIGNMENT, ExecutionKind.EXERCISE)


def booked(records):
    """The booking, and the instruments by their number in it."""
    numbers = {}
    contracts = {}

    def number(row):
        id_ = numbers.setdefault(row.symbol, len(numbers) + 1)
        contracts[id_] = Contract(id_, row.asset_class, row.currency, row.multiplier)
        return id_

    fills, options, shares, actions = [], [], [], []
    for place, one in enumerate(records, 1):
        if type(one) is ExecutionRow:
            row = one.instrument
            fills.append(
                Fill(
                    place, number(row), one.executed_at, place, one.side, one.quantity, one.price, fee=one.fee,
                    kind=one.kind, effect=one.effect,
                )
            )  # fmt: skip
            if one.kind in DELIVERING and row.right:
                options.append(
                    OptionEnd(
                        place, number(row), row.underlying_symbol, row.right, row.strike, row.multiplier, one.side,
                        one.quantity, one.price, one.executed_at,
                    )
                )  # fmt: skip
            elif one.kind in DELIVERING:
                shares.append(
                    ShareMove(
                        place, number(row), frozenset({row.symbol}), one.side, one.quantity, row.multiplier,
                        one.price, one.executed_at,
                    )
                )  # fmt: skip
        elif type(one) is CorporateActionRow:
            actions.append(
                ActionRow(
                    place, number(one.instrument), one.kind, one.effective_at, place, one.signed_quantity, one.cash,
                    multiplier=one.instrument.multiplier, action_id=one.action_id, description=one.description,
                )
            )  # fmt: skip
    understood = understand(actions, fills)
    pairing = pair_deliveries(options, shares)
    booking = book(
        [*fills, *understood.events],
        contracts=contracts,
        method=LotMethod.FIFO,
        deliveries=pairing.deliveries,
    )
    problems = [*booking.problems, *understood.problems, *pairing.problems]
    return booking, numbers, problems


def open_quantity(booking, id_):
    return sum((lot.signed_quantity for lot in booking.lots if lot.instrument_id == id_), ZERO)


def net_pnl(booking, *ids):
    return sum((one.net_pnl for one in booking.matches if one.instrument_id in ids), ZERO)
