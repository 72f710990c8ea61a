"""Big Flex statements that are the same for the same arguments.

    python -m benchmarks.flex_file OUT.xml --executions 100000

Every execution has all of the usual attributes. Instruments are traded in round trips with partial fills,
first in, first out; `cost` and `fifoPnlRealized` are what the broker would state. About one round trip in
twenty of an instrument's last ones stays open and appears under Open Positions.
"""

from __future__ import annotations

import argparse
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import IO, NamedTuple
from xml.sax.saxutils import quoteattr

FIRST_DAY = date(2019, 1, 2)
SESSION_OPENS = time(9, 30)
SESSION_SECONDS = 23_400
ZERO = Decimal(0)
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Contract:
    number: int
    category: str
    symbol: str
    description: str
    currency: str
    fx_rate: str
    multiplier: int
    price: Decimal
    tick: Decimal
    lot: int
    fee_per_unit: Decimal
    fee_least: Decimal
    exchange: str
    details: str  # attributes that are the same in all its rows


@dataclass(slots=True)
class Book:
    """What one account holds of one contract, as the broker keeps it."""

    lots: deque[tuple[int, Decimal]] = field(
        default_factory=deque
    )  # signed quantity, basis per unit
    quantity: int = 0

    def apply(self, signed: int, money: Decimal) -> tuple[Decimal, Decimal]:
        """(cost, realised P&L) of a fill; `money` is what it pays or receives, fees included."""
        self.quantity += signed
        if not self.lots or (self.lots[0][0] > 0) is (signed > 0):
            self.lots.append((signed, -money / signed))
            return -money, ZERO
        basis, left = ZERO, -signed
        while left:
            held, unit = self.lots.popleft()
            taken = held if abs(held) <= abs(left) else left
            basis += unit * taken
            left -= taken
            if held != taken:
                self.lots.appendleft((held - taken, unit))
        return -basis, money - basis


class Numbers:
    """Ids that a broker would give: unique and rising."""

    def __init__(self) -> None:
        self.transaction = 20_000_000_000
        self.trade = 5_000_000_000
        self.order = 2_000_000_000
        self.execution = 0x60000000


@dataclass(slots=True)
class Run:
    chance: random.Random
    days: int
    numbers: Numbers = field(default_factory=Numbers)


class Fill(NamedTuple):
    signed: int
    price: Decimal
    at: datetime


def write_flex(
    path: Path | str,
    *,
    executions: int,
    accounts: int = 1,
    seed: int = 0,
    symbols: int = 200,
    days: int = 1300,
) -> None:
    """Write an Activity statement with exactly so many executions, over so many sessions."""
    chance = random.Random(seed)
    contracts = [make_contract(number, chance, days) for number in range(max(1, symbols))]
    run = Run(chance, days)
    with Path(path).open("w", encoding="utf-8") as out:
        out.write('<FlexQueryResponse queryName="Benchmark" type="AF">\n')
        out.write(f'<FlexStatements count="{accounts}">\n')
        for index in range(accounts):
            share = executions // accounts + (index < executions % accounts)
            _write_statement(out, f"U{7_000_001 + index}", share, contracts, run)
        out.write("</FlexStatements>\n</FlexQueryResponse>\n")


def _write_statement(
    out: IO[str], account: str, executions: int, contracts: list[Contract], run: Run
) -> None:
    last = session(run.days - 1, run.days)
    out.write(
        f'<FlexStatement accountId="{account}" fromDate="{FIRST_DAY:%Y%m%d}" toDate="{last:%Y%m%d}" '
        f'period="" whenGenerated="{last:%Y%m%d};203000">\n'
        f'<AccountInformation accountId="{account}" acctAlias="Benchmark" currency="USD" />\n<Trades>\n'
    )
    books = []
    for index, contract in enumerate(contracts):
        share = executions // len(contracts) + (index < executions % len(contracts))
        book = Book()
        out.writelines(_trades(account, contract, book, share, run))
        books.append(book)
    out.write("</Trades>\n<OpenPositions>\n")
    for contract, book in zip(contracts, books, strict=True):
        if book.quantity:
            out.write(_open_position(account, contract, book, last))
    out.write(
        "</OpenPositions>\n<CashTransactions>\n"
        f'<CashTransaction accountId="{account}" currency="USD" fxRateToBase="1" '
        f'description="CASH RECEIPTS / ELECTRONIC FUND TRANSFERS" dateTime="{FIRST_DAY:%Y%m%d}" '
        f'amount="250000" type="Deposits/Withdrawals" transactionID="{run.numbers.transaction}" '
        f'reportDate="{FIRST_DAY:%Y%m%d}" levelOfDetail="DETAIL" />\n'
        "</CashTransactions>\n</FlexStatement>\n"
    )
    run.numbers.transaction += 1


# -- contracts -------------------------------------------------------------------------------------


def make_contract(number: int, chance: random.Random, days: int) -> Contract:
    """Of every twenty: fourteen stocks, three options, two futures, one currency pair."""
    place = number % 20
    if place < 14:
        return _stock(number, chance)
    if place < 17:
        return _option(number, chance, days)
    return _future(number, chance, days) if place < 19 else _pair(number)


def _letters(number: int) -> str:
    letters = ""
    for _ in range(4):
        number, rest = divmod(number, 26)
        letters += chr(ord("A") + rest)
    return letters


def _stock(number: int, chance: random.Random) -> Contract:
    symbol = f"Q{_letters(number)}"
    name = f"{symbol} HOLDINGS {'& CO' if number % 30 == 3 else 'INC'}"
    is_euro = number % 10 == 7
    isin = f"US{number:09d}7"
    return Contract(
        number, "STK", symbol, name, "EUR" if is_euro else "USD",
        "1.0834" if is_euro else "1", 1, Decimal(chance.randint(800, 40_000)) * CENT, CENT,
        chance.choice((10, 50, 100)), Decimal("0.0035"), Decimal("0.35"),
        "IBIS" if is_euro else chance.choice(("NYSE", "NASDAQ", "ARCA")),
        _details(number, cusip=isin[2:11], isin=isin, figi=f"BBG{number:09d}"),
    )  # fmt: skip


def _option(number: int, chance: random.Random, days: int) -> Contract:
    root = f"Q{_letters(number)}"
    expiry, strike = session(days + 20, days), chance.randint(20, 400)
    right = chance.choice("CP")
    symbol = f"{root:<6}{expiry:%y%m%d}{right}{strike * 1000:08d}"
    return Contract(
        number, "OPT", symbol, f"{root} {expiry:%d%b%y} {strike}.0 {right}".upper(), "USD", "1", 100,
        Decimal(chance.randint(40, 1500)) * CENT, CENT, chance.choice((1, 2, 5)), Decimal("0.65"),
        Decimal("1.0"), "CBOE",
        _details(number, underlying=root, strike=str(strike), expiry=f"{expiry:%Y%m%d}", right=right),
    )  # fmt: skip


def _future(number: int, chance: random.Random, days: int) -> Contract:
    root, expiry = f"Z{_letters(number)[:2]}", session(days + 40, days)
    return Contract(
        number, "FUT", f"{root}H{expiry:%y}", f"{root} {expiry:%d%b%y}".upper(), "USD", "1",
        chance.choice((5, 20, 50)), Decimal(chance.randint(1_000, 18_000)) / 4, Decimal("0.25"), 1,
        Decimal("0.85"), Decimal("0.85"), "CME",
        _details(number, underlying=root, expiry=f"{expiry:%Y%m%d}"),
    )  # fmt: skip


def _pair(number: int) -> Contract:
    base = ("EUR", "GBP", "AUD", "NZD")[number // 20 % 4]
    return Contract(
        number, "CASH", f"{base}.USD", f"{base}.USD", "USD", "1", 1, Decimal("1.10000"),
        Decimal("0.00005"), 5000, Decimal("0.00002"), Decimal(2), "IDEALFX", _details(number),
    )  # fmt: skip


def _details(  # noqa: PLR0913
    number: int,
    *,
    cusip: str = "",
    isin: str = "",
    figi: str = "",
    underlying: str = "",
    strike: str = "",
    expiry: str = "",
    right: str = "",
) -> str:
    kind = "ISIN" if isin else ""
    underlying_id = str(500_000 + number) if underlying else ""
    return (
        f'conid="{100_000_000 + number}" securityID="{isin}" securityIDType="{kind}" cusip="{cusip}" '
        f'isin="{isin}" figi="{figi}" underlyingConid="{underlying_id}" '
        f'underlyingSymbol="{underlying}" underlyingSecurityID="" underlyingListingExchange="" issuer="" '
        f'issuerCountryCode="US" strike="{strike}" expiry="{expiry}" putCall="{right}" '
        'principalAdjustFactor=""'
    )


# -- executions ------------------------------------------------------------------------------------


def session(index: int, days: int) -> date:
    """The weekday that so many sessions after the first one lie; `days` keeps callers honest about range."""
    if index > days + 60:
        raise ValueError("no such session")
    weeks, rest = divmod(index + FIRST_DAY.weekday(), 5)
    return FIRST_DAY + timedelta(days=7 * weeks + rest - FIRST_DAY.weekday())


def _instant(second: int, days: int) -> datetime:
    index, rest = divmod(second, SESSION_SECONDS)
    return datetime.combine(session(index, days), SESSION_OPENS) + timedelta(seconds=rest)


def plan_trip(count: int, lot: int, chance: random.Random) -> tuple[list[int], list[int]]:
    """Signed quantities of a round trip's opening and closing fills."""
    opening = chance.randint(1, max(1, count // 2))
    closing = count - opening
    pieces = [lot * chance.randint(1, 4) for _ in range(opening)]
    total = sum(pieces)
    sign = 1 if chance.random() < 0.7 else -1
    cuts = (
        sorted(chance.sample(range(1, total), min(closing - 1, total - 1))) if closing > 1 else []
    )
    outs = [after - before for before, after in zip([0, *cuts], [*cuts, total], strict=True)]
    return [sign * piece for piece in pieces], [-sign * piece for piece in outs]


def _trips(executions: int, lot: int, chance: random.Random) -> Iterator[list[int]]:
    left = executions
    while left:
        count = min(left, chance.choice((2, 2, 2, 3, 4, 5, 6, 8)))
        if count == left and (count == 1 or chance.random() < 0.05):
            fills = [lot * chance.randint(1, 4) for _ in range(count)]
        else:
            opens, closes = plan_trip(count, lot, chance)
            fills = opens + closes
        # A small lot cannot be closed in many pieces: the trip is then shorter than planned.
        left -= len(fills)
        yield fills


def _trades(
    account: str, contract: Contract, book: Book, executions: int, run: Run
) -> Iterator[str]:
    chance, days = run.chance, run.days
    trips = list(_trips(executions, contract.lot, chance))
    seconds = days * SESSION_SECONDS
    slot = max(1, seconds // max(1, len(trips)))
    price = contract.price
    for index, fills in enumerate(trips):
        start = min(index * slot, seconds - slot)
        moments = sorted(chance.choices(range(start, start + slot), k=len(fills)))
        for place, (signed, second) in enumerate(zip(fills, moments, strict=True)):
            if not place or (signed > 0) is not (fills[place - 1] > 0):
                run.numbers.order += 1
            steps = int(chance.gauss(0, 12))
            price = max(contract.tick * 20, price + contract.tick * steps)
            yield _trade(account, contract, book, Fill(signed, price, _instant(second, days)), run)


def _trade(account: str, contract: Contract, book: Book, fill: Fill, run: Run) -> str:
    numbers, c = run.numbers, contract
    signed, price, at = fill
    order = numbers.order
    numbers.transaction += 7
    numbers.trade += 3
    numbers.execution += 1
    fee = max(c.fee_least, c.fee_per_unit * abs(signed))
    money = price * signed * c.multiplier
    is_close = book.quantity != 0 and (book.quantity > 0) is not (signed > 0)
    cost, pnl = book.apply(signed, -money - fee)
    net = ZERO if c.category == "CASH" else -money - fee
    day, moment = f"{at:%Y%m%d}", f"{at:%Y%m%d;%H%M%S}"
    settles = f"{session_after(at.date()):%Y%m%d}"
    side, effect, notes = "BUY" if signed > 0 else "SELL", "C" if is_close else "O", "P"
    return (
        f'<Trade accountId="{account}" acctAlias="Benchmark" model="" currency="{c.currency}" '
        f'fxRateToBase="{c.fx_rate}" assetCategory="{c.category}" subCategory="" symbol="{c.symbol}" '
        f"description={quoteattr(c.description)} {c.details} "
        f'listingExchange="{c.exchange}" multiplier="{c.multiplier}" tradeID="{numbers.trade}" '
        f'relatedTradeID="" origTransactionID="0" relatedTransactionID="" rtn="" initialInvestment="" '
        f'positionActionID="" serialNumber="" deliveryType="" commodityType="" fineness="0.0" '
        f'weight="0.0" reportDate="{day}" dateTime="{moment}" tradeDate="{day}" '
        f'settleDateTarget="{settles}" transactionType="ExchTrade" exchange="{c.exchange}" '
        f'quantity="{signed}" tradePrice="{price}" tradeMoney="{money}" proceeds="{-money}" taxes="0" '
        f'ibCommission="{-fee}" ibCommissionCurrency="{c.currency}" netCash="{net}" netCashInBase="" '
        f'closePrice="{price}" openCloseIndicator="{effect}" notes="{notes}" cost="{cost:.8f}" '
        f'fifoPnlRealized="{pnl:.8f}" capitalGainsPnl="" fxPnl="0" mtmPnl="0" origTradePrice="0" '
        f'origTradeDate="" origTradeID="" origOrderID="0" clearingFirmID="" '
        f'transactionID="{numbers.transaction}" buySell="{side}" ibOrderID="{order}" '
        f'ibExecID="0000e0d5.{numbers.execution:08x}.01.01" '
        f'brokerageOrderID="00a5c41d.{order:08x}.{numbers.execution:08x}.0001" orderReference="" '
        f'volatilityOrderLink="" exchOrderId="N/A" extExecID="{numbers.execution:x}" '
        f'orderTime="{moment}" openDateTime="" holdingPeriodDateTime="" whenRealized="" '
        f'whenReopened="" levelOfDetail="EXECUTION" changeInPrice="0" changeInQuantity="0" '
        f'orderType="LMT" traderID="" isAPIOrder="N" accruedInt="0" />\n'
    )


def session_after(day: date) -> date:
    """Two weekdays on: settlement."""
    return day + timedelta(days=4 if day.weekday() >= 3 else 2)


def _open_position(account: str, contract: Contract, book: Book, last: date) -> str:
    cost = sum((quantity * unit for quantity, unit in book.lots), ZERO)
    value = contract.price * book.quantity * contract.multiplier
    return (
        f'<OpenPosition accountId="{account}" currency="{contract.currency}" '
        f'fxRateToBase="{contract.fx_rate}" assetCategory="{contract.category}" symbol="{contract.symbol}" '
        f"description={quoteattr(contract.description)} {contract.details} "
        f'multiplier="{contract.multiplier}" reportDate="{last:%Y%m%d}" position="{book.quantity}" '
        f'markPrice="{contract.price}" positionValue="{value}" costBasisMoney="{cost:.8f}" '
        f'fifoPnlUnrealized="{value - cost:.8f}" levelOfDetail="SUMMARY" openDateTime="" />\n'
    )


def main() -> None:
    options = argparse.ArgumentParser(description="Write a big Flex statement.")
    options.add_argument("path", type=Path)
    options.add_argument("--executions", type=int, default=100_000)
    options.add_argument("--accounts", type=int, default=1)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--symbols", type=int, default=200)
    options.add_argument("--days", type=int, default=1300)
    given = vars(options.parse_args())
    write_flex(given.pop("path"), **given)


if __name__ == "__main__":
    main()
