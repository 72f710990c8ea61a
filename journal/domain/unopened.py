"""The basis of a close that no imported fill opened: the broker's own, or none.

The broker's `stated_pnl` is net of both commissions and its `stated_cost` includes the opening one (so Interactive
Brokers does it: fifoPnlRealized = proceeds + commission - cost). Hence net P&L is the stated figure, the opening fee
counts as part of the cost (open_fee 0), and gross P&L is net P&L plus the closing fee that the book knows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from journal.domain.exact import divide, share
from journal.domain.lots import Parcel
from journal.domain.values import (
    ZERO,
    Contract,
    Direction,
    ExecutionKind,
    Fill,
    Match,
    PositionEffect,
)


def matches_of(matches: list[Match], closing_id: int) -> Iterable[Match]:
    """What the fill that is being booked has closed so far: the end of the list, backwards."""
    for match in reversed(matches):
        if match.closing_id != closing_id:
            return
        yield match


def stated_gross(
    parcel: Parcel, fill: Fill, direction: Direction, known: Iterable[Match]
) -> Decimal | None:
    """Gross P&L of what is left in the parcel. `known` is the part of the fill that had an opening.

    The stated figures are about the whole fill, so the part that the book knows is taken out of them.
    """
    known = list(known)
    if fill.stated_pnl is not None:
        nets = [match.net_pnl for match in known]
        if any(net is None for net in nets):
            return None
        return fill.stated_pnl - sum((net for net in nets if net is not None), ZERO) + parcel.fee
    if fill.stated_cost is None or known or not fill.price_known:
        return None
    # The sign of a stated cost follows the side in some sources and not in others.
    cost = abs(fill.stated_cost)
    return parcel.value - cost if direction is Direction.LONG else cost - parcel.value


def stated_opening(fill: Fill) -> datetime:
    """When the oldest lot was opened, if the broker says so; else the time of the close stands in."""
    return min(
        (lot.opened_at for lot in fill.stated_lots if lot.opened_at is not None),
        default=fill.executed_at,
    )


def states_profit(fill: Fill) -> bool:
    """A stated cost is that of what was closed only where the fill is known to close."""
    closes = fill.effect is PositionEffect.CLOSE or fill.kind is not ExecutionKind.TRADE
    return fill.stated_pnl is not None or (fill.stated_cost is not None and closes)


def _stated_net(fill: Fill, own: list[Match], contract: Contract) -> Decimal | None:
    """Of all that the fill closed; by its cost only where it closed nothing else."""
    if fill.stated_pnl is not None or not own or not states_profit(fill):
        return fill.stated_pnl
    closed = sum((match.quantity for match in own), ZERO)
    if fill.stated_cost is None or closed != fill.quantity:
        return None
    gain = fill.price * closed * contract.multiplier - abs(fill.stated_cost)
    fees = sum((match.close_fee for match in own), ZERO)
    return (gain if own[0].direction is Direction.LONG else -gain) - fees


def state_unknown(
    matches: list[Match], fill: Fill, contract: Contract
) -> list[tuple[Match, Decimal]]:
    """Give what the fill closed at an unknown cost the P&L that the broker states for it, shared by quantity.

    Replaces those matches in the list; returns them, each with the value of its opening.
    """
    own = list(matches_of(matches, fill.id))
    unknown = [match for match in own if match.net_pnl is None]
    if not unknown or contract.inverse or not fill.price_known:
        return []
    net_of_all = _stated_net(fill, own, contract)
    if net_of_all is None:
        return []
    left = net_of_all - sum((match.net_pnl for match in own if match.net_pnl is not None), ZERO)
    units = sum((match.quantity for match in unknown), ZERO)
    stated = []
    for index in range(len(matches) - len(own), len(matches)):
        match = matches[index]
        if match.net_pnl is not None:
            continue
        net = share(left, match.quantity, units)
        left, units = left - net, units - match.quantity
        gross = net + match.open_fee + match.close_fee
        size = match.quantity * contract.multiplier
        value = match.close_price * size + (gross if match.direction is Direction.SHORT else -gross)
        matches[index] = match._replace(
            open_price=divide(value, size), gross_pnl=gross, net_pnl=net
        )
        stated.append((matches[index], value))
    return stated
