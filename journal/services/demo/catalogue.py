"""What the demo's trader trades, and where. Names and levels look like the market's; every price is invented."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from journal.domain.values import LotMethod


class Product(NamedTuple):
    """`opens` and `closes` are minutes after midnight in New York, inside the venue's hours all year round."""

    symbol: str
    name: str
    category: str  # as Flex says it
    currency: str
    price: float
    volatility: float  # a year
    tick: Decimal
    exchange: str
    opens: int
    closes: int
    multiplier: int = 1
    dividend_yield: float = 0.0


class DemoAccount(NamedTuple):
    number: str  # what follows the demo's own prefix
    name: str
    currency: str
    zone: str
    lot_method: LotMethod
    deposit: int


_NEW_YORK = (575, 950)
_EUROPE = (270, 620)
_NIGHT_AND_DAY = (60, 1420)

# symbol, name, price, volatility, dividend yield
_US_STOCKS = """
AAPL|APPLE INC|176|.27|.005
MSFT|MICROSOFT CORP|372|.24|.008
NVDA|NVIDIA CORP|880|.44|.001
KO|COCA-COLA CO/THE|58|.14|.031
JNJ|JOHNSON & JOHNSON|154|.16|.03
AMD|ADVANCED MICRO DEVICES|142|.46|0
TSLA|TESLA INC|238|.52|0
META|META PLATFORMS INC-CLASS A|348|.36|.004
AMZN|AMAZON.COM INC|151|.31|0
GOOGL|ALPHABET INC-CL A|139|.29|.005
NFLX|NETFLIX INC|476|.37|0
PLTR|PALANTIR TECHNOLOGIES INC-A|18|.6|0
COIN|COINBASE GLOBAL INC -CLASS A|128|.78|0
SHOP|SHOPIFY INC - CLASS A|66|.5|0
UBER|UBER TECHNOLOGIES INC|58|.36|0
BA|BOEING CO/THE|212|.33|0
DIS|WALT DISNEY CO/THE|93|.27|.008
JPM|JPMORGAN CHASE & CO|166|.2|.027
XOM|EXXON MOBIL CORP|104|.23|.036
CAT|CATERPILLAR INC|284|.27|.018
MU|MICRON TECHNOLOGY INC|82|.43|.005
SOFI|SOFI TECHNOLOGIES INC|8.6|.66|0
RIVN|RIVIAN AUTOMOTIVE INC-A|17|.7|0
INTC|INTEL CORP|43|.38|.011
SPY|SPDR S&P 500 ETF TRUST|462|.16|0
QQQ|INVESCO QQQ TRUST SERIES 1|398|.21|0
IWM|ISHARES RUSSELL 2000 ETF|192|.23|0
GLD|SPDR GOLD SHARES|188|.15|0
"""
_EURO_STOCKS = """
SAP|SAP SE|148|.25|.015
ASML|ASML HOLDING NV|668|.34|.01
SIE|SIEMENS AG-REG|162|.26|.028
MC|LVMH MOET HENNESSY LOUIS VUI|735|.27|.017
AIR|AIRBUS SE|138|.27|.013
BAS|BASF SE|46|.26|.065
ALV|ALLIANZ SE-REG|238|.18|.049
"""
_LONDON_STOCKS = """
SHEL|SHELL PLC|25.8|.22|.038
ULVR|UNILEVER PLC|38.6|.16|.037
AZN|ASTRAZENECA PLC|106|.22|.022
RR.|ROLLS-ROYCE HOLDINGS PLC|3.02|.42|0
BARC|BARCLAYS PLC|1.52|.33|.052
GSK|GSK PLC|14.6|.2|.04
"""


def _stocks(table: str, currency: str, exchange: str, hours: tuple[int, int]) -> list[Product]:
    rows = (line.split("|") for line in table.strip().splitlines())
    tick = Decimal("0.005") if currency == "GBP" else Decimal("0.01")
    return [
        Product(symbol, name, "STK", currency, float(price), float(volatility), tick, exchange,
                *hours, dividend_yield=float(dividend))
        for symbol, name, price, volatility, dividend in rows
    ]  # fmt: skip


def _future(  # noqa: PLR0913, PLR0917
    symbol: str, name: str, currency: str, price: float, volatility: float, tick: str,
    multiplier: int, exchange: str, hours: tuple[int, int],
) -> Product:  # fmt: skip
    return Product(
        symbol, name, "FUT", currency, price, volatility, Decimal(tick), exchange, *hours,
        multiplier=multiplier,
    )  # fmt: skip


def _pair(symbol: str, price: float, tick: str = "0.00005") -> Product:
    return Product(
        symbol, symbol, "CASH", symbol[4:], price, 0.08, Decimal(tick), "IDEALFX", *_NIGHT_AND_DAY
    )


def _coin(symbol: str, name: str, price: float, volatility: float) -> Product:
    return Product(
        symbol, name, "CRYPTO", "USD", price, volatility, Decimal("0.01"), "PAXOS", *_NIGHT_AND_DAY
    )


PRODUCTS = {
    product.symbol: product
    for product in (
        *_stocks(_US_STOCKS, "USD", "NASDAQ", _NEW_YORK),
        *_stocks(_EURO_STOCKS, "EUR", "IBIS", _EUROPE),
        *_stocks(_LONDON_STOCKS, "GBP", "LSE", _EUROPE),
        _future("ES", "E-MINI S&P 500", "USD", 4620, 0.16, "0.25", 50, "CME", (240, 990)),
        _future(
            "MNQ", "MICRO E-MINI NASDAQ-100", "USD", 15_900, 0.21, "0.25", 2, "CME", (240, 990)
        ),
        _future("CL", "LIGHT SWEET CRUDE OIL", "USD", 74, 0.34, "0.01", 1000, "NYMEX", (240, 860)),
        _future("GC", "GOLD", "USD", 2010, 0.15, "0.1", 100, "COMEX", (240, 800)),
        _future("FDXM", "MINI-DAX", "EUR", 16_400, 0.17, "1", 5, "EUREX", _EUROPE),
        _pair("EUR.USD", 1.085),
        _pair("GBP.USD", 1.262),
        _pair("AUD.USD", 0.662),
        _pair("USD.JPY", 146.2, "0.005"),
        _coin("BTC", "BITCOIN", 38_500, 0.55),
        _coin("ETH", "ETHEREUM", 2_080, 0.65),
        _coin("SOL", "SOLANA", 61, 0.85),
        _coin("LTC", "LITECOIN", 71, 0.6),
    )
}

TRADING = DemoAccount("1", "Trading", "USD", "America/New_York", LotMethod.FIFO, 150_000)
EUROPA = DemoAccount("2", "Europa", "EUR", "Europe/Berlin", LotMethod.LIFO, 80_000)
LONDON = DemoAccount("3", "London ISA", "GBP", "Europe/London", LotMethod.AVERAGE, 40_000)
COINS = DemoAccount("4", "Crypto", "USD", "UTC", LotMethod.HIFO, 25_000)
ACCOUNTS = (TRADING, EUROPA, LONDON, COINS)

SPLIT_SYMBOL, SPLIT_RATIO = "NVDA", 10
