"""ccxt's own parsers and our reader of saved answers understand the same of an exchange's rows."""

from __future__ import annotations

import json

import pytest

from journal.brokers.base import ExecutionRow, PositionRow
from journal.brokers.ccxt_pull.talk import Talk
from tests.brokers.ccxt_pull.pulling import connect, new_clock
from tests.brokers.reading import SAMPLES, corpus_folder, of, parse
from tests.simulators.binance import Binance
from tests.simulators.bybit import Bybit

WORLDS = {"bybit": Bybit, "binance": Binance}
OPTIONS = {"fetchMarkets": {"types": ["spot", "linear"]}, "fetchMargins": False}


@pytest.fixture
def talk(exchange):
    clock = new_clock()
    with WORLDS[exchange](clock) as broker:
        if exchange == "binance":
            broker.pairs += ["BNBBTC", "LTCBTC"]
        link = connect(clock, broker, exchange)
        talk = Talk(link, exchange, (), OPTIONS)
        talk.load_markets()
        yield talk
        link.close()


def essence(records):
    return [
        one._replace(raw={}, notes=(), order_type="", ordered_at=None, row=0)
        for one in of(ExecutionRow, records)
    ]


def through_ccxt(talk, method, rows, kinds, section):
    structures = [
        getattr(talk.ccxt, method)(row, talk.market(row["symbol"], *kinds)) for row in rows
    ]
    document = {"fillbook": "ccxt", "exchange": talk.exchange, section: structures}
    return parse(json.dumps(document), "ccxt_json")


@pytest.mark.parametrize(
    ("exchange", "path", "kinds"),
    [
        ("bybit", "bybit/_http_get_executions.json", ("swap",)),
        ("binance", "binance/http_json_account_trades_response.json", ("spot",)),
    ],
)
def test_recorded_fills(talk, exchange, path, kinds):
    data = (corpus_folder("crypto") / path).read_bytes()
    found = json.loads(data)
    rows = found["result"]["list"] if isinstance(found, dict) else found
    ours = essence(parse(data, "ccxt_json"))
    assert ours
    assert essence(through_ccxt(talk, "parse_trade", rows, kinds, "trades")) == ours


@pytest.mark.parametrize(
    ("exchange", "path", "method"),
    [
        ("bybit", "bybit/_http_get_positions.json", "parse_position"),
        ("binance", "binance/http_json_position_risk.json", "parse_position_risk"),
    ],
)
def test_recorded_positions(talk, exchange, path, method):
    data = (corpus_folder("crypto") / path).read_bytes()
    found = json.loads(data)
    rows = found["result"]["list"] if isinstance(found, dict) else found
    rows = [
        one for one in rows if one["symbol"] != "SOLUSDT"
    ]  # not open, and no market of the simulator
    theirs = of(PositionRow, through_ccxt(talk, method, rows, ("swap",), "positions"))
    ours = of(PositionRow, parse(data, "ccxt_json"))
    assert [(one.instrument, one.signed_quantity, one.mark_price) for one in theirs] == [
        (one.instrument, one.signed_quantity, one.mark_price) for one in ours
    ]


@pytest.mark.parametrize("exchange", ["binance"])
def test_invented_fills(talk, exchange):
    data = (SAMPLES / "ccxt_json/samples/binance_user_trades.json").read_bytes()
    theirs = through_ccxt(talk, "parse_trade", json.loads(data), ("swap",), "trades")
    assert essence(theirs) == essence(parse(data, "ccxt_json"))
