"""What a reading of an account tells its guards."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from journal.brokers.live import Holding
from reconciliation.domain.nav import Flow


class Seen(NamedTuple):
    """One attempt to read one account, at `at` by the broker's clock. Without `equity` nothing was heard: `at` is then
    when it was tried. Money is in `currency`.

    `flows` are deposits and withdrawals that the broker told of and that are not in the book; those of the book are
    read by `watch` itself. `prices_ok`: the positions are valued at prices that can be trusted, and rates are there.
    `moved`: a fill or a price may explain a change of equity; true also where that cannot be told. `holdings` are what
    the equity is made of, as the `broker` quoted them.
    """

    account_id: int
    snapshot_id: int | None
    at: datetime
    currency: str
    equity: Decimal | None
    balance: Decimal | None
    flows: tuple[Flow, ...] = ()
    prices_ok: bool = True
    moved: bool = True
    broker: str = ""
    holdings: tuple[Holding, ...] = ()
