"""Which brokers can be asked by themselves. One line each; a package from outside adds its own as an entry point.

An outsider's `pyproject.toml`:

    [project.entry-points."fillbook.fetchers"]
    my_broker = "my_package.fetcher:MyBroker"
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from journal.brokers.fetching import Fetcher

ENTRY_POINT_GROUP = "fillbook.fetchers"

FETCHERS = {
    "ibkr_flex": "journal.brokers.ibkr_flex_web.fetcher:IbkrFlexWeb",
    "tastytrade": "journal.brokers.tastytrade_json.fetcher:Tastytrade",
    "bybit": "journal.brokers.ccxt_pull.fetcher:Bybit",
    "binance": "journal.brokers.ccxt_pull.fetcher:Binance",
    "okx": "journal.brokers.ccxt_pull.fetcher:Okx",
    "ccxt": "journal.brokers.ccxt_pull.fetcher:AnyExchange",
    "paper": "journal.brokers.paper.fetcher:Paper",
}


class UnknownFetcher(LookupError):
    """No fetcher has this slug."""


def list_fetchers() -> list[Fetcher]:
    """Our own first, in the order of their lines above; then those of other packages, by name."""
    return [get_fetcher(slug) for slug in _paths()]


def get_fetcher(slug: str) -> Fetcher:
    """The fetcher of this slug. Raises UnknownFetcher."""
    try:
        return _load(_paths()[slug])
    except KeyError:
        known = ", ".join(_paths())
        raise UnknownFetcher(f"There is no fetcher {slug!r}; known are: {known}.") from None


@cache
def _paths() -> dict[str, str]:
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow to import, and seldom needed

    others = sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda point: point.name)
    # Ours win: a package that is installed by accident must not be given somebody's credentials.
    return FETCHERS | {point.name: point.value for point in others if point.name not in FETCHERS}


@cache
def _load(path: str) -> Fetcher:
    module, _, name = path.partition(":")
    fetcher = getattr(import_module(module), name)()
    if not isinstance(fetcher, Fetcher):
        raise TypeError(f"{path} is not a Fetcher: it lacks a part of journal.brokers.fetching.")
    return fetcher
