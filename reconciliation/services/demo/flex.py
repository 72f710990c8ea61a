"""Flex statements as the demo's broker would have written them: rows in sections, of one account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from xml.sax.saxutils import quoteattr
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/New_York")


class Paper(NamedTuple):
    """What is traded, as the broker calls it. `expiry`, `strike` and `right` of options."""

    symbol: str
    number: int
    expiry: date | None = None
    strike: Decimal | None = None
    right: str = ""

    def words(self) -> dict[str, str]:
        said = {
            "currency": "USD", "fxRateToBase": "1", "assetCategory": "STK", "symbol": self.symbol,
            "description": f"{self.symbol} INC", "conid": str(self.number), "multiplier": "1",
        }  # fmt: skip
        if self.expiry is not None:
            said |= {
                "assetCategory": "OPT", "multiplier": "100", "expiry": f"{self.expiry:%Y%m%d}",
                "strike": str(self.strike), "putCall": self.right, "underlyingSymbol": self.symbol.split()[0],
            }  # fmt: skip
        return said


class Statement:
    """One file. Its times are New York's, as all of this broker's."""

    def __init__(self, account: str, name: str, since: datetime, until: datetime) -> None:
        self.account, self.name, self.since, self.until = account, name, since, until
        self._rows: dict[str, list[str]] = defaultdict(list)

    def trade(
        self, id_: str, at: datetime, paper: Paper, quantity: int, price: str, *, fee: str = "1.00", **more: str
    ) -> None:  # fmt: skip
        said = {
            "tradeID": id_, "transactionID": id_, "ibExecID": f"x{id_}", "ibOrderID": f"9{id_}",
            "dateTime": _at(at), "reportDate": _on(at), "quantity": str(quantity),
            "tradePrice": price, "ibCommission": f"-{fee}", "ibCommissionCurrency": "USD", "taxes": "0",
            "orderType": "LMT", "levelOfDetail": "EXECUTION", "buySell": "BUY" if quantity > 0 else "SELL",
            "transactionType": "ExchTrade",
        }  # fmt: skip
        self._add("Trades", "Trade", paper.words(), **(said | more))

    def lot(self, id_: str, at: datetime, paper: Paper, *, quantity: int, pnl: str) -> None:
        """What the broker says a closing brought: of the trade before it."""
        self._add(
            "Trades", "Lot", paper.words(), dateTime=_at(at), quantity=str(quantity), tradePrice="0",
            fifoPnlRealized=pnl, transactionID=id_, buySell="SELL", levelOfDetail="CLOSED_LOT",
        )  # fmt: skip

    def merger(self, id_: str, at: datetime, paper: Paper, quantity: int, price: str) -> None:
        """Bought out for cash."""
        isin = f"US0000000{paper.symbol:0>3}"[:12]
        tail = f"({paper.symbol}, {paper.symbol} INC, {isin})"
        text = f"{paper.symbol}({isin}) MERGED(Acquisition) FOR USD {price} PER SHARE {tail}"
        self._add(
            "CorporateActions", "CorporateAction", paper.words() | {"description": text}, type="TC",
            proceeds=str(-quantity * Decimal(price)),
            reportDate=_on(at), dateTime=_at(at), quantity=str(quantity), value="0",
            transactionID=id_,
        )  # fmt: skip

    def transfer(self, id_: str, at: datetime, paper: Paper, quantity: int, price: str) -> None:
        self._add(
            "Transfers", "Transfer", paper.words(), type="ACATS", direction="IN", transactionID=id_,
            dateTime=_at(at), reportDate=_on(at), quantity=str(quantity), transferPrice=price,
            company="FORMER BROKER",
        )  # fmt: skip

    def cash(self, amount: Decimal, on: date) -> None:
        self._add(
            "CashReport", "CashReportCurrency", {"currency": "USD"}, endingCash=str(amount), toDate=f"{on:%Y%m%d}",
            levelOfDetail="Currency",
        )  # fmt: skip

    def deposit(self, id_: str, at: datetime, amount: Decimal) -> None:
        self._add(
            "CashTransactions", "CashTransaction", {"currency": "USD", "fxRateToBase": "1"}, amount=str(amount),
            dateTime=_on(at), reportDate=_on(at), type="Deposits/Withdrawals", transactionID=id_,
            description="CASH RECEIPTS / ELECTRONIC FUND TRANSFERS", levelOfDetail="DETAIL",
        )  # fmt: skip

    def _add(self, section: str, name: str, words: Mapping[str, str], **more: str) -> None:
        said = {"accountId": self.account, **words, **more}
        told = " ".join(f"{key}={quoteattr(value)}" for key, value in said.items())
        self._rows[section].append(f"<{name} {told} />")

    def content(self) -> bytes:
        """Nothing where nothing happened."""
        if not self._rows:
            return b""
        last = self.until - timedelta(seconds=1)
        sections = "".join(
            f"<{name}>\n{chr(10).join(rows)}\n</{name}>\n" for name, rows in self._rows.items()
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<FlexQueryResponse queryName="Fillbook demo" type="AF">\n<FlexStatements count="1">\n'
            f'<FlexStatement accountId="{self.account}" fromDate="{_on(self.since)}" toDate="{_on(last)}" '
            f'period="" whenGenerated="{_at(self.until)}">\n'
            f'<AccountInformation accountId="{self.account}" currency="USD" />\n'
            f"{sections}</FlexStatement>\n</FlexStatements>\n</FlexQueryResponse>\n"
        ).encode()


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%Y%m%d;%H%M%S}"


def _on(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%Y%m%d}"
