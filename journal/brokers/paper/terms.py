"""What a person chooses for a paper account: what it begins with, its markets, and how its broker behaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from journal.brokers.fetching import Credential, PullFault, Verdict
from journal.brokers.paper.ledger import Conduct, Ledger, PaperFlow
from journal.brokers.paper.prices import Market

USUAL_MARKETS = "ACME 100, BETA 42, DELTA 260, OMEGA 17.5, ZETA 580"
_TICK = Decimal("0.01")
# A day's standard deviation of about one percent, in hundredths of a tick and a second, for each tick of the price.
_RESTLESS = Decimal("0.0034")
_MARKETS_MAX = 50
_ACCOUNT_MAX = 32
_MONEY_MAX = Decimal(10) ** 12
_HUNDRED = 100


def _open(name: str, label: str, help: str, *, is_required: bool = False) -> Credential:
    return Credential(name, label, help, is_secret=False, is_required=is_required)


CREDENTIALS = (
    _open("account", "Account", "A number as you like: PAPER-1. The same again is the same account.", is_required=True),
    _open("money", "Money at the start", "Empty: 100000."),
    _open("currency", "Currency", "Empty: USD."),
    _open("markets", "Markets", f"Names and first prices. Empty: {USUAL_MARKETS}."),
    _open("seed", "Seed", "A whole number. The same one makes the same prices again. Empty: 1."),
    _open("fee", "Fee for a fill", "Empty: 0.5."),
    _open("latency", "Seconds until a fill", "At most so many. Empty: none."),
    _open("in_parts", "Orders filled in two parts, %", "Empty: none."),
    _open("refuses", "Orders refused, %", "Empty: none."),
    _open("goes_missing", "Orders without an answer, %", "Half of them arrive all the same. Empty: none."),
)  # fmt: skip


class Terms(NamedTuple):
    account: str
    money: Decimal
    currency: str
    markets: Mapping[str, Market]
    seed: int
    conduct: Conduct


def read_terms(said: Mapping[str, str]) -> Terms:
    """Raises PullFault (PERSON) with what is wrong."""
    account = said.get("account", "").strip()
    if not account or len(account) > _ACCOUNT_MAX or not account.isprintable():
        raise _fault("Account", f"write up to {_ACCOUNT_MAX} letters and digits")
    currency = (said.get("currency") or "USD").strip().upper()
    if len(currency) != 3 or not currency.isalpha():
        raise _fault("Currency", "write three letters, as USD")
    conduct = Conduct(
        latency=float(_number(said, "latency", "0", Decimal(600))),
        fee=_number(said, "fee", "0.5", Decimal(1_000)),
        in_parts=_chance(said, "in_parts"),
        refuses=_chance(said, "refuses"),
        goes_missing=_chance(said, "goes_missing"),
    )
    return Terms(
        account=account,
        money=_number(said, "money", "100000", _MONEY_MAX),
        currency=currency,
        markets=_markets(said.get("markets") or USUAL_MARKETS),
        seed=int(_number(said, "seed", "1", Decimal(2**31), is_whole=True)),
        conduct=conduct,
    )


def open_ledger(terms: Terms, at: datetime) -> Ledger:
    """As it begins: with the money and nothing else."""
    ledger = Ledger(terms.currency, terms.money, seed=terms.seed, opened_at=at, at=at)
    if terms.money:
        ledger.flows.append(PaperFlow("C1", terms.money, at, "Money at the start"))
    return ledger


def enter_markets(terms: Terms, ledger: Ledger, at: datetime) -> None:
    """Each has its first price when it is first named, and stays: somebody may hold it."""
    for symbol, market in terms.markets.items():
        if symbol not in ledger.markets:
            ledger.markets[symbol] = market._replace(since=at)


def _markets(text: str) -> dict[str, Market]:
    """ACME 100, BETA 42."""
    found = {}
    for part in text.split(","):
        symbol, _, price = part.strip().rpartition(" ")
        symbol = symbol.strip().upper()
        worth = _decimal(price)
        if not symbol.isalnum() or len(symbol) > 12 or worth is None or not 1 <= worth <= 10**6:
            raise _fault("Markets", f"write names with their first prices, as {USUAL_MARKETS}")
        start = int(worth / _TICK)
        found[symbol] = Market(
            symbol, start, _TICK, per_second=max(1, int(start * _RESTLESS)), spread=2
        )
    if len(found) > _MARKETS_MAX:
        raise _fault("Markets", f"name {_MARKETS_MAX} at most")
    return found


def _chance(said: Mapping[str, str], name: str) -> float:
    return float(_number(said, name, "0", Decimal(_HUNDRED)) / _HUNDRED)


def _number(
    said: Mapping[str, str], name: str, usual: str, most: Decimal, *, is_whole: bool = False
) -> Decimal:
    value = _decimal(said.get(name, "").strip() or usual)
    if value is None or not 0 <= value <= most or (is_whole and value % 1):
        label = next(one.label for one in CREDENTIALS if one.name == name)
        raise _fault(label, f"write a {'whole ' if is_whole else ''}number from 0 to {most}")
    return value


def _decimal(text: str) -> Decimal | None:
    read: Callable[[str], Decimal] = Decimal
    try:
        value = read(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _fault(label: str, words: str) -> PullFault:
    return PullFault("paper_terms", f"{label}: {words}.", Verdict.PERSON)
