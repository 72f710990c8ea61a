"""Flex statements for tests, from the attributes that a test is about."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import quoteattr

SAMPLES = Path(__file__).parent / "samples"

TRADE = {
    "currency": "USD",
    "fxRateToBase": "1",
    "assetCategory": "STK",
    "symbol": "ACME",
    "conid": "7001",
    "multiplier": "1",
    "tradeID": "1",
    "dateTime": "20260602;093001",
    "quantity": "10",
    "tradePrice": "10",
    "ibCommission": "-1",
    "ibCommissionCurrency": "USD",
    "transactionID": "100",
    "buySell": "BUY",
    "levelOfDetail": "EXECUTION",
}


def element(name: str, attributes: dict[str, str]) -> str:
    stated = " ".join(f"{key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name} {stated} />"


def trade(name: str = "Trade", **changes: str) -> str:
    return element(name, TRADE | changes)


def statement(*rows: str, section: str = "Trades", account: str = "U7000001") -> str:
    body = "\n".join(rows)
    return (
        '<FlexQueryResponse queryName="Test" type="AF">\n<FlexStatements count="1">\n'
        f'<FlexStatement accountId="{account}" fromDate="20260601" toDate="20260630" '
        f'whenGenerated="20260701;023546">\n<AccountInformation accountId="{account}" currency="USD" />\n'
        f"<{section}>\n{body}\n</{section}>\n</FlexStatement>\n</FlexStatements>\n</FlexQueryResponse>\n"
    )
