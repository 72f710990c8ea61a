"""Pulls what happened in an account at a crypto exchange: Bybit, Binance and OKX by their own rules, any other one
that ccxt knows by ccxt's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TypeVar

from journal.brokers.base import InstrumentRow
from journal.brokers.ccxt_pull import binance, bybit, okx, unified
from journal.brokers.ccxt_pull.binance_live import BinanceLive
from journal.brokers.ccxt_pull.bybit_live import BybitLive
from journal.brokers.ccxt_pull.candles import candles
from journal.brokers.ccxt_pull.compose import Sections, compose
from journal.brokers.ccxt_pull.live import SETTLES_WITHIN, LiveVenue, take_back
from journal.brokers.ccxt_pull.okx_live import OkxLive
from journal.brokers.ccxt_pull.talk import Row, Talk, windows
from journal.brokers.ccxt_pull.venue import Venue, coins_of, daily_rates
from journal.brokers.fetching import Credential, Document, Link, PullFault, Verdict, Window
from journal.brokers.live import MAY_CLOSE, AccountReading, ClosingOrder
from journal.brokers.pull_faults import half_answer
from journal.brokers.text.currencies import FIAT
from journal.domain.bars import Bar
from journal.domain.fate import Fate, Reply

Result = TypeVar("Result")

_KEY = Credential(
    "api_key",
    "API key",
    "Make one that may only read: no withdrawals, and trading only where guards may close.",
    is_secret=True,
)
_SECRET = Credential("api_secret", "API secret")
_SYMBOLS = Credential(
    "symbols",
    "Markets",
    "Only where the exchange is to be asked for these alone, such as BTC/USDT ETH/USDT:USDT.",
    is_secret=False,
    is_required=False,
)
_BASE = "USDT"


class CryptoExchange:
    """`exchange` is ccxt's name of it, "" where a person names it."""

    broker = "ccxt"
    exchange = ""
    overlap = timedelta(days=2)

    def fetch(self, link: Link, window: Window) -> Iterator[Document]:
        talk, venue = self.connect(link)
        account = venue.account()
        now = link.now()
        end = min(window.until, now)
        today = f"{now:%Y-%m-%d}"
        # What is held is worth a file once a day.
        is_asked = window.until >= now and link.state.get("held_on") != today
        for since, until in windows(window.since, end, venue.span):
            part = Window(since, until)
            is_current = is_asked and until == end
            try:
                sections = venue.collect(part, is_current=is_current)
            except (KeyError, TypeError, ValueError, ArithmeticError):
                # A row without what every row of its kind has.
                raise half_answer(talk.name) from None
            yield self._document(talk, venue, account, part, sections)
            if is_current:
                link.remember(held_on=today)

    def check(self, link: Link) -> str:
        """Raises PullFault."""
        talk, venue = self.connect(link)
        return f"{talk.name} knows the key: it is of account {venue.account()}."

    def exchange_of(self, link: Link) -> str:
        return self.exchange or link.credentials.get("exchange", "").strip().lower()

    def bars(self, link: Link, symbol: str, seconds: int, window: Window) -> Iterator[Bar]:
        """Raises PullFault."""
        talk, _ = self.connect(link)
        return candles(talk, symbol, seconds, window)

    def connect(self, link: Link) -> tuple[Talk, Venue]:
        raise NotImplementedError

    def _document(
        self, talk: Talk, venue: Venue, account: str, part: Window, sections: Sections
    ) -> Document:
        """An empty one says that nothing happened."""
        content = b""
        if sections.happened() or sections.positions or sections.balances:
            quotes = _quotes(talk, sections)
            sections.rates = daily_rates(talk, coins_of(sections), _BASE, part)
            content = compose(talk, account, part, sections, _BASE, quotes)
        name = f"{talk.exchange} {account} {part.since:%Y-%m-%d} to {part.until:%Y-%m-%d}.json"
        return Document(name, "ccxt_json", content, account, venue.complete(part))


def _quotes(talk: Talk, sections: Sections) -> Row:
    """What each coin was last traded for, also in earlier pulls: where it comes or goes without a trade, it is counted
    in that."""
    known = dict(talk.link.state.get("quotes") or {})
    for one in sections.trades:
        base, _, quote = str(one.get("symbol") or "").partition("/")
        if quote and ":" not in quote and base not in FIAT:
            known[base] = quote
    if known != (talk.link.state.get("quotes") or {}):
        talk.link.remember(quotes=known)
    return known


class LiveExchange(CryptoExchange):
    """One that can be read and closed at while it is open. The key has to be of the account that is asked for."""

    label = ""
    settles_within = SETTLES_WITHIN

    def live(self, link: Link) -> LiveVenue:
        raise NotImplementedError

    def read_account(self, link: Link, account_id: str) -> AccountReading:
        venue = self.live(link)
        _check_account(venue, account_id)
        return _whole(lambda: venue.read(account_id), self.label)

    def send_close(self, link: Link, account_id: str, order: ClosingOrder) -> Reply:
        venue = self.live(link)
        try:
            _check_account(venue, account_id)
        except PullFault as fault:
            return Reply(Fate.NEVER, reason=fault.message)
        return _whole(lambda: venue.place(order), self.label)

    def find_order(self, link: Link, account_id: str, client_id: str) -> Reply:
        venue = self.live(link)
        return _whole(lambda: venue.find(client_id), self.label)

    def cancel_orders(self, link: Link, account_id: str, instrument: InstrumentRow) -> bool:
        venue = self.live(link)
        _check_account(venue, account_id)
        return _whole(lambda: take_back(venue, instrument), self.label)


def _check_account(venue: LiveVenue, account_id: str) -> None:
    """Raises PullFault."""
    found = venue.account()
    if found != account_id:
        raise PullFault(
            "other_account",
            f"The key is of account {found}, not of {account_id}. Connect that one with a key of its own.",
            Verdict.PERSON,
        )


def _whole(ask: Callable[[], Result], name: str) -> Result:
    """A row without what every row of its kind has is half an answer."""
    try:
        return ask()
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
        raise half_answer(name) from None


class Bybit(LiveExchange):
    slug = broker = "bybit"
    label = "Bybit"
    exchange = "bybit"
    reach: timedelta | None = bybit.REACH
    credentials = (_KEY, _SECRET, Credential(
        "environment", "Environment", is_secret=False, is_required=False,
        choices=(("live", "Live"), ("demo", "Demo trading")),
    ), MAY_CLOSE)  # fmt: skip

    def connect(self, link: Link) -> tuple[Talk, Venue]:
        talk = Talk(link, self.exchange, bybit.RATES, bybit.OPTIONS)
        return talk, bybit.Bybit(talk)

    def live(self, link: Link) -> LiveVenue:
        return BybitLive(Talk(link, self.exchange, bybit.RATES, bybit.OPTIONS))


class Binance(LiveExchange):
    slug = broker = "binance"
    label = "Binance"
    exchange = "binance"
    reach: timedelta | None = binance.REACH
    credentials = (_KEY, _SECRET, _SYMBOLS, MAY_CLOSE)

    def connect(self, link: Link) -> tuple[Talk, Venue]:
        talk = Talk(link, self.exchange, binance.RATES, binance.OPTIONS)
        return talk, binance.Binance(talk, listed_symbols(link))

    def live(self, link: Link) -> LiveVenue:
        talk = Talk(link, self.exchange, binance.RATES, binance.OPTIONS)
        return BinanceLive(talk, listed_symbols(link))


class Okx(LiveExchange):
    slug = broker = "okx"
    label = "OKX"
    exchange = "okx"
    reach: timedelta | None = okx.REACH
    credentials = (
        _KEY,
        _SECRET,
        Credential("passphrase", "Passphrase", "The one that was chosen with the key."),
        Credential(
            "environment", "Environment", is_secret=False, is_required=False,
            choices=(("live", "Live"), ("demo", "Demo trading")),
        ),
        MAY_CLOSE,
    )  # fmt: skip

    def connect(self, link: Link) -> tuple[Talk, Venue]:
        talk = Talk(link, self.exchange, okx.RATES, okx.OPTIONS, okx.CODES)
        return talk, okx.Okx(talk)

    def live(self, link: Link) -> LiveVenue:
        return OkxLive(Talk(link, self.exchange, okx.RATES, okx.OPTIONS, okx.CODES))


class AnyExchange(CryptoExchange):
    slug = "ccxt"
    label = "Another crypto exchange (ccxt)"
    reach: timedelta | None = unified.REACH
    credentials = (
        Credential(
            "exchange",
            "Exchange",
            "As ccxt names it: kucoin, bitget, gate, kraken, coinbase, mexc, bingx, htx, deribit…",
            is_secret=False,
        ),
        Credential(
            "account", "Account", "A name or number of your own for the account.", is_secret=False
        ),
        _KEY,
        _SECRET,
        Credential("passphrase", "Passphrase", "Where the exchange has one.", is_required=False),
        _SYMBOLS,
    )

    def connect(self, link: Link) -> tuple[Talk, Venue]:
        exchange = link.credentials.get("exchange", "").strip().lower()
        talk = Talk(link, exchange, unified.RATES)
        account = link.credentials.get("account", "").strip()
        return talk, unified.Unified(talk, account, listed_symbols(link))


def listed_symbols(link: Link) -> list[str]:
    text = link.credentials.get("symbols", "")
    return [one for one in text.replace(",", " ").upper().split() if one]
