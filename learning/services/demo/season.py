"""What the season's scanner looks at: underlyings with a rank of implied volatility that wanders, and options priced by
it. What is implied at a high rank is more than what then happens, and less at a low one: that is what can be learnt."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from random import Random

from journal.services.demo.catalogue import Product
from journal.services.demo.contracts import Contracts
from journal.services.demo.market import Market, noise

SESSIONS = 150
_HOURS = (575, 950)
_PULL = 0.06  # of the way back to the middle, a session
_MIDDLE, _STEP = 46.0, 8.5

# symbol, name, price, volatility, how much of it is implied where the rank is in the middle
_PREMIUM = """
DIA|SPDR DOW JONES INDUSTRIAL AVERAGE|388|.15|1.12
TLT|ISHARES 20+ YEAR TREASURY BOND|94|.16|1.12
XLE|ENERGY SELECT SECTOR SPDR|88|.24|1.12
XLF|FINANCIAL SELECT SECTOR SPDR|41|.19|1.12
XLK|TECHNOLOGY SELECT SECTOR SPDR|205|.23|1.12
SMH|VANECK SEMICONDUCTOR|228|.34|1.12
EEM|ISHARES MSCI EMERGING MARKETS|43|.19|1.12
XBI|SPDR S&P BIOTECH|91|.33|.8
SLV|ISHARES SILVER TRUST|28|.29|1.12
EFA|ISHARES MSCI EAFE|79|.16|1.12
XLU|UTILITIES SELECT SECTOR SPDR|68|.17|1.12
KRE|SPDR S&P REGIONAL BANKING|52|.3|1.12
ARKK|ARK INNOVATION|47|.42|1.12
XOP|SPDR S&P OIL & GAS EXPLORATION|146|.32|1.12
"""
_SWINGS = """
CRM|SALESFORCE INC|268|.33|1
ORCL|ORACLE CORP|139|.32|1
PYPL|PAYPAL HOLDINGS INC|66|.37|1
ABNB|AIRBNB INC-CLASS A|131|.39|1
CRWD|CROWDSTRIKE HOLDINGS INC|292|.45|1
PANW|PALO ALTO NETWORKS INC|318|.37|1
DDOG|DATADOG INC-CLASS A|118|.46|1
SNOW|SNOWFLAKE INC|127|.5|1
"""


def _read(table: str) -> dict[str, tuple[Product, float]]:
    found = {}
    for line in table.strip().splitlines():
        symbol, name, price, volatility, implied = line.split("|")
        product = Product(
            symbol, name, "STK", "USD", float(price), float(volatility), Decimal("0.01"), "ARCA", *_HOURS
        )  # fmt: skip
        found[symbol] = product, float(implied)
    return found


_ALL = _read(_PREMIUM) | _read(_SWINGS)
PRODUCTS: Mapping[str, Product] = {symbol: product for symbol, (product, _) in _ALL.items()}
PREMIUM = tuple(_read(_PREMIUM))
SWINGS = tuple(_read(_SWINGS))
IMPLIED: Mapping[str, float] = {symbol: implied for symbol, (_, implied) in _ALL.items()}


class Season(Market):
    """Its sessions up to `until`; `iv_rank` of an underlying runs from 1 to 99."""

    def __init__(self, dice: Random, until: date, sessions: int = SESSIONS) -> None:
        super().__init__(dice, until, sessions, PRODUCTS)
        self._ranks = {symbol: _wander(dice, len(self.days)) for symbol in PREMIUM}

    def iv_rank(self, symbol: str, index: int) -> float:
        return self._ranks[symbol][index]


def _wander(dice: Random, count: int) -> list[float]:
    at = dice.uniform(15, 85)
    found = []
    for _ in range(count):
        at += (_MIDDLE - at) * _PULL + noise(dice) * _STEP
        at = min(99.0, max(1.0, at))
        found.append(round(at, 1))
    return found


class Quotes(Contracts):
    """Options at what their underlying's rank makes of its volatility."""

    def __init__(self, season: Season) -> None:
        super().__init__(season)
        self._season = season

    def implied(self, product: Product, index: int) -> float:
        rank = self._season.iv_rank(product.symbol, index) if product.symbol in PREMIUM else _MIDDLE
        return product.volatility * IMPLIED[product.symbol] * (0.66 + 0.95 * rank / 100)
