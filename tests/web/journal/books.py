"""Books for tests of pages: imported from statements like any other."""

from __future__ import annotations

from accounts.models import Workspace
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.doors import import_now


def fills(*rows: tuple[str, str, str, str], start: int = 1, **changes: str) -> list[str]:
    """(time, symbol, signed quantity, price), numbered from `start`."""
    return [
        trade(
            transactionID=str(number),
            tradeID=str(number),
            dateTime=moment,
            symbol=symbol,
            conid=str(int.from_bytes(symbol.encode()) % 10**9),
            quantity=quantity,
            tradePrice=price,
            buySell="SELL" if quantity.startswith("-") else "BUY",
            **changes,
        )
        for number, (moment, symbol, quantity, price) in enumerate(rows, start)
    ]


# A win of 18.00 and a loss of 12.00 net in June, a part of a position in July, one short that is open.
SMALL = (
    ("20260602;093001", "ACME", "10", "10"),
    ("20260602;100000", "ACME", "-10", "12"),
    ("20260603;093000", "BOLT", "-5", "20"),
    ("20260605;110000", "BOLT", "5", "22"),
    ("20260701;093000", "ACME", "10", "10"),
    ("20260702;093000", "ACME", "-4", "11"),
    ("20260703;093000", "CORE", "-3", "50"),
)


def import_small(workspace: Workspace) -> None:
    import_now(workspace, statement(*fills(*SMALL)))


def import_many(workspace: Workspace, count: int, *, start: int = 1) -> None:
    """`count` round trips, several in the same second, one in four still open."""
    rows = []
    for index in range(count):
        symbol = ("ACME", "BOLT", "CORE", "DUNE", "ECHO")[index % 5] + str(index // 5 % 7)
        if index % 4 == 0:
            symbol = f"OPEN{index % 3}{index}"
        day = f"2026{1 + index % 9:02d}{1 + index % 27:02d}"
        rows.append((f"{day};0930{index % 3:02d}", symbol, "10", str(10 + index % 4)))
        if index % 4:
            rows.append((f"{day};1000{index % 2:02d}", symbol, "-10", str(10 + index % 7)))
    import_now(workspace, statement(*fills(*rows, start=start)))
