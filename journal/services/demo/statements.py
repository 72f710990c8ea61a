"""The demo as Flex statements: what the broker would have written of those days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import IO
from xml.sax.saxutils import quoteattr

from journal.services.demo.catalogue import ACCOUNTS, DemoAccount
from journal.services.demo.contracts import Contract, Contracts
from journal.services.demo.ledger import Cash, Fill, Ledger, SplitRow
from journal.services.demo.market import Market, is_session


class StatementWriter:
    """Collects what a ledger brings and writes it as one file for all accounts.

    `prefix` starts the account numbers and `first_id` the broker's own: both are a demo's own, so that two
    demos in one workspace are different accounts.
    """

    def __init__(self, market: Market, contracts: Contracts, *, prefix: str, first_id: int) -> None:
        self._market = market
        self._contracts = contracts
        self._prefix = prefix
        self._id = first_id
        self._heads: dict[tuple[DemoAccount, int], tuple[str, str]] = {}
        self._first_session = 0
        self._rows: dict[str, dict[DemoAccount, list[str]]] = {}
        self._clear()

    def account_id(self, account: DemoAccount) -> str:
        return f"{self._prefix}{account.number}"

    def collect(self, ledger: Ledger, index: int) -> None:
        """Take what the session brought."""
        for fill in ledger.fills:
            self._rows["Trades"][fill.account].append(self._trade(fill))
        for split in ledger.splits:
            self._rows["CorporateActions"][split.account].append(self._split(split, index))
        for cash in ledger.cash:
            self._rows["CashTransactions"][cash.account].append(self._cash(cash, index))
        for rows in (ledger.fills, ledger.splits, ledger.cash):
            rows.clear()

    def add_unreadable(self, fill: Fill) -> None:
        """A row as exports sometimes have it: a fill that does not say how much."""
        text = self._trade(fill).replace(f'quantity="{fill.quantity}"', 'quantity="--"')
        self._rows["Trades"][fill.account].append(text)

    def write(self, out: IO[str], ledger: Ledger, index: int) -> str:
        """The statement up to session `index`; returns its name."""
        first, last = self._market.days[self._first_session], self._market.days[index]
        for account, holding in ledger.holdings():
            if holding.contract.category != "CASH":
                row = self._position(account, holding.contract, holding.quantity, index)
                self._rows["OpenPositions"][account].append(row)
        out.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<FlexQueryResponse queryName="Fillbook demo" type="AF">\n'
            f'<FlexStatements count="{len(ACCOUNTS)}">\n'
        )
        for account in ACCOUNTS:
            out.writelines(self._statement(account, first, last, index))
        out.write("</FlexStatements>\n</FlexQueryResponse>\n")
        self._first_session = index + 1
        self._clear()
        return f"demo {first:%Y-%m-%d} to {last:%Y-%m-%d}.xml"

    def _clear(self) -> None:
        sections = ("Trades", "CorporateActions", "CashTransactions", "OpenPositions")
        self._rows = {section: defaultdict(list) for section in sections}

    def _statement(
        self, account: DemoAccount, first: date, last: date, index: int
    ) -> Iterator[str]:
        number = self.account_id(account)
        yield (
            f'<FlexStatement accountId="{number}" fromDate="{first:%Y%m%d}" toDate="{last:%Y%m%d}" '
            f'period="" whenGenerated="{last:%Y%m%d};203000">\n<AccountInformation '
            f'accountId="{number}" acctAlias="{account.name}" currency="{account.currency}" />\n'
        )
        for section, rows in self._rows.items():
            yield f"<{section}>\n"
            yield from rows[account]
            yield f"</{section}>\n"
        yield "<ConversionRates>\n"
        yield from self._rates(account, index)
        yield "</ConversionRates>\n</FlexStatement>\n"

    def _rates(self, account: DemoAccount, index: int) -> Iterable[str]:
        for session in range(self._first_session, index + 1):
            day = self._market.days[session]
            for currency in ("USD", "EUR", "GBP", "JPY"):
                if currency != account.currency:
                    rate = self._market.rate(currency, account.currency, session)
                    yield (
                        f'<ConversionRate reportDate="{day:%Y%m%d}" fromCurrency="{currency}" '
                        f'toCurrency="{account.currency}" rate="{rate}" />\n'
                    )

    def _next_id(self) -> int:
        self._id += 1
        return self._id

    def _head(self, account: DemoAccount, contract: Contract, text: str = "") -> str:
        """The attributes that all rows of a contract share; `text` where a row describes an event instead."""
        key = (account, contract.number)
        halves = self._heads.get(key)
        if halves is None:
            halves = self._heads[key] = self._halves(account, contract)
        return f"{halves[0]}{quoteattr(text or contract.description)}{halves[1]}"

    def _halves(self, account: DemoAccount, contract: Contract) -> tuple[str, str]:
        c, product = contract, contract.product
        underlying = "" if c.category in {"STK", "CASH", "CRYPTO"} else product.symbol
        before = (
            f'accountId="{self.account_id(account)}" currency="{product.currency}" '
            f'assetCategory="{c.category}" symbol="{c.symbol}" description='
        )
        after = (
            f' conid="{c.number}" underlyingSymbol="{underlying}" listingExchange="{product.exchange}" '
            f'multiplier="{c.multiplier}" strike="{"" if c.strike is None else c.strike}" '
            f'expiry="{f"{c.expiry:%Y%m%d}" if c.expiry else ""}" putCall="{c.right}"'
        )
        return before, after

    def _rate(self, account: DemoAccount, currency: str, index: int) -> Decimal:
        return self._market.rate(currency, account.currency, index)

    def _trade(self, fill: Fill) -> str:
        number, contract, day = self._next_id(), fill.contract, fill.at.date()
        money = fill.quantity * fill.price * contract.multiplier
        is_booked = fill.notes in {"A", "Ex", "Ep"}
        rate = self._rate(fill.account, contract.product.currency, fill.session)
        return (
            f'<Trade {self._head(fill.account, contract)} fxRateToBase="{rate}" '
            f'tradeID="{number % 10**9}" reportDate="{day:%Y%m%d}" dateTime="{fill.at:%Y%m%d;%H%M%S}" '
            f'settleDateTarget="{_settles(day):%Y%m%d}" '
            f'transactionType="{"BookTrade" if is_booked else "ExchTrade"}" '
            f'exchange="{"--" if is_booked else contract.product.exchange}" quantity="{fill.quantity}" '
            f'tradePrice="{fill.price}" proceeds="{-money}" taxes="{-fill.charge.tax}" '
            f'ibCommission="{-fill.charge.fee}" ibCommissionCurrency="{fill.charge.currency}" '
            f'openCloseIndicator="{fill.effect}" notes="{fill.notes}" '
            f'buySell="{"BUY" if fill.quantity > 0 else "SELL"}" transactionID="{number}" '
            f'ibOrderID="{self._id_of_order(fill)}" ibExecID="{"" if is_booked else f"{number:x}.01"}" '
            f'orderType="{"" if is_booked else "LMT"}" levelOfDetail="EXECUTION" />\n'
        )

    def _id_of_order(self, fill: Fill) -> int:
        return 3_000_000_000 + fill.order

    def _split(self, split: SplitRow, index: int) -> str:
        text = f"{split.contract.symbol} SPLIT {split.ratio} FOR 1"
        eve = split.on - timedelta(days=1)
        return (
            f"<CorporateAction {self._head(split.account, split.contract, text)} "
            f'fxRateToBase="{self._rate(split.account, split.contract.product.currency, index)}" '
            f'type="FS" reportDate="{split.on:%Y%m%d}" '
            f'dateTime="{eve:%Y%m%d};202500" quantity="{split.quantity}" proceeds="0" value="0" '
            f'transactionID="{self._next_id()}" />\n'
        )

    def _cash(self, cash: Cash, index: int) -> str:
        head = (
            self._head(cash.account, cash.contract, cash.text)
            if cash.contract
            else f'accountId="{self.account_id(cash.account)}" currency="{cash.currency}" '
            f"description={quoteattr(cash.text)}"
        )
        return (
            f'<CashTransaction {head} fxRateToBase="{self._rate(cash.account, cash.currency, index)}" '
            f'dateTime="{cash.on:%Y%m%d}" reportDate="{cash.on:%Y%m%d}" amount="{cash.amount}" '
            f'type="{cash.kind}" transactionID="{self._next_id()}" levelOfDetail="DETAIL" />\n'
        )

    def _position(
        self, account: DemoAccount, contract: Contract, quantity: Decimal, index: int
    ) -> str:
        mark = self._contracts.mark(contract, index)
        return (
            f"<OpenPosition {self._head(account, contract)} "
            f'fxRateToBase="{self._rate(account, contract.product.currency, index)}" '
            f'reportDate="{self._market.days[index]:%Y%m%d}" position="{quantity}" markPrice="{mark}" '
            f'positionValue="{mark * quantity * contract.multiplier}" side="{"Long" if quantity > 0 else "Short"}" '
            'levelOfDetail="SUMMARY" />\n'
        )


def _settles(day: date) -> date:
    day += timedelta(days=1)
    while not is_session(day):
        day += timedelta(days=1)
    return day
