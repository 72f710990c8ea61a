"""Where an option's premium goes when it is exercised or assigned: into the price of what it delivers.

The option closes at its own basis, and the P&L that it gives up is added to the proceeds, or taken off the cost, of
the delivered fills. So no money appears or is lost: the P&L of both instruments together is what it would be without
the shift, once the delivered units are closed too. The premium is what the option cost or brought with its opening
fee, as brokers state it: the assigned option realises nothing, and the delivered shares carry the fee in their price.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from journal.domain.exact import share
from journal.domain.values import ZERO, Contract, Fill, OptionDelivery


class Premiums:
    """Which option fill delivers into which share fills, and what is on its way to them.

    Size is counted in units of the underlying (quantity x multiplier). An option fill delivers no more than its
    own size; where its share fills are smaller (the rest was settled in cash), only that part of it delivers.
    """

    def __init__(
        self,
        deliveries: Iterable[OptionDelivery],
        fills: Mapping[int, Fill],
        contracts: Mapping[int, Contract],
    ) -> None:
        self.incomplete: list[Fill] = []
        self._moved: defaultdict[int, Decimal] = defaultdict(Decimal)
        self._units: defaultdict[int, dict[int, Decimal]] = defaultdict(dict)
        pairs = [pair for delivery in deliveries if (pair := self._pair(delivery, fills))]
        size = {
            fill.id: fill.quantity * contracts[fill.instrument_id].multiplier
            for pair in pairs
            for fill in pair
        }
        claims: defaultdict[int, Decimal] = defaultdict(Decimal)
        for option, delivered in pairs:
            claims[delivered.id] += size[option.id]
        for option, delivered in pairs:
            units = share(size[delivered.id], size[option.id], claims[delivered.id])
            self._units[option.id][delivered.id] = units
        self._size = size

    def _pair(
        self, delivery: OptionDelivery, fills: Mapping[int, Fill]
    ) -> tuple[Fill, Fill] | None:
        option = fills.get(delivery.option_fill_id)
        delivered = fills.get(delivery.share_fill_id)
        if option and delivered and option.quantity > ZERO and delivered.quantity > ZERO:
            return option, delivered
        self.incomplete.extend(fill for fill in (option, delivered) if fill is not None)
        return None

    def quantity_delivered(self, fill: Fill) -> Decimal:
        """How many units of the fill are an option that delivers; zero for all other fills."""
        units = self._units.get(fill.id)
        if not units:
            return ZERO
        size = self._size[fill.id]
        return share(fill.quantity, min(size, sum(units.values(), ZERO)), size)

    def hand_over(self, option: Fill, money: Decimal) -> None:
        """Share `money` among the fills that the option delivers, the last of them taking what is left."""
        units = self._units[option.id]
        left, claimed = money, sum(units.values(), ZERO)
        for delivered_id, claim in units.items():
            part = share(left, claim, claimed)
            self._moved[delivered_id] += part
            left -= part
            claimed -= claim

    def for_fill(self, fill: Fill) -> Decimal:
        return self._moved.get(fill.id, ZERO)
