"""What a file holds, by kind: the document that our own fetcher writes, what a bot wrote with `json.dump`, or an
exchange's own answer.

    {"fillbook": "ccxt", "exchange": "bybit", "account": "24680", "fetched_at": 1790000000000, "since": …, "until": …,
     "base_currency": "USDT", "markets": {symbol: {"contractSize": "1", …}}, "trades": […], "orders": […],
     "positions": […], "funding": […], "ledger": […], "deposits": […], "withdrawals": […], "settlements": […],
     "balances": […], "rates": [{"from": "BNB", "to": "USDT", "on": "2026-11-20", "rate": "871.2"}]}

Each list is one of ccxt's structures. All but one of them may be missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from journal.brokers.base import UnreadableStatement
from journal.brokers.ccxt_json.answers import is_market_data, read_answer
from journal.brokers.ccxt_json.item import Item, text_in
from journal.brokers.text.json_file import load_json

SECTIONS = (
    "trades", "orders", "positions", "funding", "ledger", "deposits", "withdrawals", "settlements", "balances",
    "rates",
)  # fmt: skip
_REMEDY = "Write it anew with json.dump, and upload it whole."
_ALSO_CALLED = {
    "my_trades": "trades", "myTrades": "trades", "fills": "trades", "funding_history": "funding",
    "fundingHistory": "funding", "transactions": "deposits", "balance": "balances",
}  # fmt: skip
# What a structure must have, and what no other one has. The first that fits.
_KINDS: tuple[tuple[str, set[str], set[str]], ...] = (
    ("orders", {"symbol", "side", "amount"}, {"filled", "remaining", "status"}),
    ("trades", {"symbol", "side", "amount", "price"}, set()),
    ("positions", {"symbol", "contracts"}, {"entryPrice", "side", "notional"}),
    ("funding", {"symbol", "code", "amount"}, set()),
    ("ledger", {"currency", "amount", "direction"}, set()),
    ("deposits", {"currency", "amount", "txid"}, set()),
)  # fmt: skip


@dataclass(slots=True)
class Document:
    exchange: str = ""
    account: str = ""
    head: dict[str, Any] = field(default_factory=dict)
    markets: Mapping[str, Any] = field(default_factory=dict)
    sections: dict[str, list[Item]] = field(default_factory=dict)
    others: list[Item] = field(default_factory=list)
    _count: int = 0

    def of(self, section: str) -> list[Item]:
        return self.sections.get(section, [])

    def add(self, section: str, found: Iterable[object]) -> None:
        for one in found:
            self._count += 1
            item = Item(self._count, section, one if isinstance(one, dict) else {"value": one})
            is_known = isinstance(one, dict) and section in SECTIONS
            (self.sections.setdefault(section, []) if is_known else self.others).append(item)


def read_document(stream: BinaryIO) -> Document:
    """Raises UnreadableStatement: no JSON, or nothing in it that this reader knows."""
    document = Document()
    with suppress(RecursionError):  # nothing of an account lies that deep
        _take(load_json(stream, _REMEDY), document)
    if not document.sections:
        raise UnreadableStatement(
            "no_trades",
            "The file holds no trades, orders, positions or payments of an account in ccxt's structures. Nothing was "
            "imported. Write what exchange.fetch_my_trades() gives with json.dump.",
        )
    return document


def _take(found: object, document: Document) -> None:
    if is_market_data(found):
        raise UnreadableStatement(
            "market_data",
            "The file holds what an exchange tells everybody (prices or funding rates) and nothing of an account, so "
            "there is nothing to import. Save what fetch_my_trades() and fetch_funding_history() give.",
        )
    answer = read_answer(found)
    if answer is not None:
        document.exchange = answer.exchange
        document.add(answer.section, answer.rows)
    elif isinstance(found, list):
        _take_list(found, document)
    elif isinstance(found, dict) and kind_of(found):
        document.add(kind_of(found), [found])
    elif isinstance(found, dict):
        _take_object(found, document)


def _take_list(found: list[Any], document: Document) -> None:
    """Structures of any kinds, or several answers or documents one after the other."""
    for one in found:
        if isinstance(one, str) or one is None or isinstance(one, bool):
            document.add("Not used", [one])
        elif isinstance(one, dict) and (kind := kind_of(one)):
            document.add(kind, [one])
        else:
            _take(one, document)


def _take_object(found: dict[str, Any], document: Document) -> None:
    document.exchange = text_in(found, "exchange", "exchange_id") or document.exchange
    document.account = text_in(found, "account", "uid") or document.account
    markets = found.get("markets")
    if isinstance(markets, dict):
        document.markets = {**document.markets, **markets}
    for name, value in found.items():
        section = _ALSO_CALLED.get(name, name)
        if section in SECTIONS:
            document.add(section, _listed(section, value))
        elif isinstance(value, list) and value:
            _take(value, document)
        elif name == "quotes" or (name != "markets" and not isinstance(value, dict)):
            document.head[name] = value


def _listed(section: str, value: object) -> list[Any]:
    if section == "balances" and isinstance(value, dict):
        total = value.get("total")
        if isinstance(total, dict):
            return [{"currency": name, "total": amount} for name, amount in total.items()]
    return value if isinstance(value, list) else []


def kind_of(found: Mapping[str, Any]) -> str:
    """Which of ccxt's structures it is, "" for none."""
    names = set(found)
    for kind, wanted, some in _KINDS:
        if wanted <= names and (not some or some & names):
            return kind
    return ""
