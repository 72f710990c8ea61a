"""Which broker adapters there are. One line each; a package from outside adds its own as an entry point.

An outsider's `pyproject.toml`:

    [project.entry-points."fillbook.statement_parsers"]
    my_broker = "my_package.adapter:MyBroker"
"""

from __future__ import annotations

import io
from collections import deque
from functools import cache
from importlib import import_module

from journal.brokers.base import ParseOptions, StatementParser, UnreadableStatement

ENTRY_POINT_GROUP = "fillbook.statement_parsers"

ADAPTERS = {
    "manual_entry": "journal.brokers.manual_entry.adapter:ManualEntry",
    "generic_table": "journal.brokers.generic_table.adapter:GenericTable",
    "ibkr_flex": "journal.brokers.ibkr_flex.adapter:IbkrFlex",
    "ibkr_flex_csv": "journal.brokers.ibkr_flex_csv.adapter:IbkrFlexCsv",
    "mt5_report": "journal.brokers.mt5_report.adapter:Mt5Report",
    "mt5_deals": "journal.brokers.mt5_deals.adapter:Mt5Deals",
    "paper": "journal.brokers.paper.adapter:PaperReader",
    "mt4_statement": "journal.brokers.mt4_statement.adapter:Mt4Statement",
    "tastytrade_csv": "journal.brokers.tastytrade_csv.adapter:TastytradeCsv",
    "tastytrade_json": "journal.brokers.tastytrade_json.adapter:TastytradeJson",
    "freqtrade_json": "journal.brokers.freqtrade_json.adapter:FreqtradeJson",
    "freqtrade_db": "journal.brokers.freqtrade_db.adapter:FreqtradeDb",
    "ccxt_json": "journal.brokers.ccxt_json.adapter:CcxtJson",
    "ibkr_activity": "journal.brokers.ibkr_activity.adapter:IbkrActivity",
    "schwab": "journal.brokers.schwab.adapter:Schwab",
    "trading212": "journal.brokers.trading212.adapter:Trading212",
    "coinbase": "journal.brokers.coinbase.adapter:Coinbase",
    "etoro": "journal.brokers.etoro.adapter:Etoro",
    "degiro": "journal.brokers.degiro.adapter:Degiro",
    "robinhood": "journal.brokers.robinhood.adapter:Robinhood",
    "webull": "journal.brokers.webull.adapter:Webull",
    "kraken": "journal.brokers.kraken.adapter:Kraken",
    "avanza": "journal.brokers.avanza.adapter:Avanza",
    "swissquote": "journal.brokers.swissquote.adapter:Swissquote",
    "topstepx": "journal.brokers.topstepx.adapter:TopstepX",
    "revolut_invest": "journal.brokers.revolut_invest.adapter:RevolutInvest",
    "revolut_crypto": "journal.brokers.revolut_crypto.adapter:RevolutCrypto",
    "bux": "journal.brokers.bux.adapter:Bux",
    "directa": "journal.brokers.directa.adapter:Directa",
    "tradovate": "journal.brokers.tradovate.adapter:Tradovate",
    "ninjatrader": "journal.brokers.ninjatrader.adapter:NinjaTrader",
    "xtb": "journal.brokers.xtb.adapter:Xtb",
    "tradezero": "journal.brokers.tradezero.adapter:TradeZero",
    "etrade": "journal.brokers.etrade.adapter:Etrade",
    "fidelity": "journal.brokers.fidelity.adapter:Fidelity",
    "thinkorswim": "journal.brokers.thinkorswim.adapter:Thinkorswim",
}
# Asked last, also after those of other packages: it takes any table that nobody knows.
LAST = "generic_table"

# What a reader says of a file that is not its own: worth telling only to who chose that reader.
_NOT_THEIRS = frozenset(
    {
        "header_missing", "mapping_needed", "market_data", "no_deals", "no_json", "no_orders", "not_entry",
        "no_page", "no_table", "no_trades", "no_workbook", "not_activity", "other_format",
    }
)  # fmt: skip


class UnknownFormat(LookupError):
    """No adapter has this slug."""


def list_slugs() -> list[str]:
    """Our own adapters first, in the order of their lines above; then those of other packages, by name; then LAST."""
    return sorted(_paths(), key=LAST.__eq__)


def list_formats() -> list[tuple[str, str]]:
    """Slug and label of every adapter, in the order of `list_slugs`."""
    return [(slug, get_parser(slug).label) for slug in list_slugs()]


def get_parser(slug: str) -> StatementParser:
    """The adapter of this slug. Raises UnknownFormat."""
    # Ours first: looking through what else is installed takes longer than reading a small statement.
    if slug in ADAPTERS:
        return _load(ADAPTERS[slug])
    try:
        path = _paths()[slug]
    except KeyError:
        known = ", ".join(list_slugs())
        raise UnknownFormat(f"There is no statement format {slug!r}; known are: {known}.") from None
    return _load(path)


def zone_of_broker(broker: str, otherwise: str = "UTC") -> str:
    """Where its trading day is, as its first adapter has it; `otherwise` for brokers that none reads."""
    parsers = (get_parser(slug) for slug in list_slugs())
    return next((one.default_zone for one in parsers if one.broker == broker), otherwise)


def detect(head: bytes, name: str) -> StatementParser | None:
    """The first adapter that recognises a file by its first 64 KiB. One that knows the file wins over one that takes
    any table."""
    for slug in list_slugs():
        parser = get_parser(slug)
        if parser.recognises(head, name):
            return parser
    return None


def explain(head: bytes, *, is_whole: bool, slug: str = "") -> UnreadableStatement | None:
    """Why no adapter (or not that of the slug) recognises a file that starts like this, if one can say more than that
    it does not: an empty file, a web page, a packed file, XML that was made to do harm.

    `is_whole` says that `head` is all of the file: only then it can be told that its end is missing.
    """
    for one in [slug] if slug else list_slugs():
        try:
            deque(get_parser(one).parse(io.BytesIO(head), ParseOptions()), maxlen=0)
        except UnreadableStatement as refusal:
            is_cut = refusal.code == "truncated" and not is_whole
            if not is_cut and (slug or refusal.code not in _NOT_THEIRS):
                return refusal
    return None


@cache
def _paths() -> dict[str, str]:
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow to import, and seldom needed

    others = sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda point: point.name)
    # Ours win: a package that is installed by accident must not take over a format.
    return ADAPTERS | {point.name: point.value for point in others if point.name not in ADAPTERS}


@cache
def _load(path: str) -> StatementParser:
    module, _, name = path.partition(":")
    parser = getattr(import_module(module), name)()
    if not isinstance(parser, StatementParser):
        raise TypeError(
            f"{path} is not a StatementParser: it lacks a part of journal.brokers.base."
        )
    return parser
