"""The statement parser of freqtrade's JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from journal.brokers.base import ParseOptions, Record, UnreadableStatement
from journal.brokers.freqtrade.records import Source, records_of
from journal.brokers.freqtrade.remarks import several
from journal.brokers.freqtrade.values import BotOrder, BotTrade, plain
from journal.brokers.text.decoding import sight
from journal.brokers.text.json_file import load_json

_BACKTEST = (b'"strategy"', b'"trades"', b'"open_rate"', b'"stake_amount"', b'"fee_open"')
_TRADES = (b'"trade_id"', b'"pair"', b'"open_rate"', b'"stake_amount"', b'"exchange"')
_REMEDY = "Export it again, and upload it whole."


class FreqtradeJson:
    slug = "freqtrade_json"
    broker = "freqtrade"
    label = "freqtrade backtest or trades (JSON)"
    default_zone = "UTC"

    def recognises(self, head: bytes, name: str) -> bool:
        start = sight(head)
        return start.startswith((b"{", b"[")) and any(
            all(mark in start for mark in marks) for marks in (_BACKTEST, _TRADES)
        )

    def parse(self, stream: BinaryIO, options: ParseOptions) -> Iterator[Record]:
        return records_of(_source(load_json(stream, _REMEDY)))


def _source(found: object) -> Source:
    """Raises UnreadableStatement."""
    around: Mapping[str, Any] = found if isinstance(found, dict) else {"trades": found}
    strategies = around.get("strategy")
    if isinstance(strategies, dict) and strategies:
        if len(strategies) > 1:
            raise several("strategies", sorted(strategies))
        name, result = next(iter(strategies.items()))
        trades = _trades(result.get("trades") if isinstance(result, dict) else None)
        stake = str(result.get("stake_currency") or "") if isinstance(result, dict) else ""
        for one in trades:
            one.raw.setdefault("strategy", name)
            if stake:
                one.raw.setdefault("stake_currency", stake)
        return Source(trades, simulated=f"a backtest of {name[:60]}", is_backtest=True)
    return Source(_trades(around.get("trades")))


def _trades(listed: object) -> list[BotTrade]:
    if not isinstance(listed, list) or not any(_is_trade(one) for one in listed):
        raise UnreadableStatement(
            "no_trades",
            "The file holds no trades of freqtrade. Nothing was imported. Export them with “freqtrade show-trades "
            "--print-json”, or upload the bot's database.",
        )
    trades = []
    count = 0
    for one in listed:
        if not isinstance(one, dict):
            continue
        count += 1
        trade = BotTrade(count, plain(one))
        orders = one.get("orders")
        for order in orders if isinstance(orders, list) else ():
            if isinstance(order, dict):
                count += 1
                trade.orders.append(BotOrder(count, plain(order)))
        trades.append(trade)
    return trades


def _is_trade(one: object) -> bool:
    return isinstance(one, dict) and {"pair", "open_rate", "amount"} <= set(one)
