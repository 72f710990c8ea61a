"""Captured records: what is understood, and what is said of what is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.brokers.base import POSITION, OrderStatus
from journal.brokers.capture.executions import FIELDS, Desk, read_execution
from journal.brokers.capture.fields import BadRecord, strangers
from journal.brokers.capture.orders import read_order
from journal.brokers.capture.recommendations import read_recommendation
from journal.domain.values import AssetClass, PositionEffect, Right, Side

NOW = datetime(2026, 6, 2, 15, 0, tzinfo=UTC)
DESK = Desk("U1", "ibkr", "EUR", NOW)
FILL = {
    "record_id": "r-1",
    "symbol": "ACME",
    "side": "buy",
    "quantity": "10",
    "price": "25.50",
    "executed_at": "2026-06-02T09:30:01-04:00",
}


def read(**changes):
    return read_execution({**FILL, **changes}, DESK)


def faults_of(**changes):
    with pytest.raises(BadRecord) as refusal:
        read(**changes)
    return refusal.value.fields


def test_a_fill_as_it_is_said():
    row = read(fee="1.25", exec_id="e-1", client_order_id="c-1", position_id="55")
    assert (row.side, row.quantity, row.price) == (Side.BUY, 10, Decimal("25.50"))
    assert row.executed_at == datetime(2026, 6, 2, 13, 30, 1, tzinfo=UTC)
    assert (row.exec_id, row.order_reference, row.trade_id) == ("e-1", "c-1", f"{POSITION}55")
    assert (row.fee, row.tax, row.instrument.currency) == (Decimal("1.25"), None, "EUR")


def test_what_is_not_said_of_the_fee_is_not_zero():
    assert read().fee is None


@pytest.mark.parametrize(
    ("said", "side", "effect"),
    [
        ("BUY", Side.BUY, PositionEffect.UNKNOWN),
        ("sld", Side.SELL, PositionEffect.UNKNOWN),
        ("Sell to Open", Side.SELL, PositionEffect.OPEN),
        ("buy_to_close", Side.BUY, PositionEffect.CLOSE),
    ],
)
def test_sides_as_brokers_spell_them(said, side, effect):
    row = read(side=said)
    assert (row.side, row.effect) == (side, effect)


@pytest.mark.parametrize(
    ("symbol", "asset_class", "named", "currency"),
    [
        ("ACME", AssetClass.STOCK, "ACME", "EUR"),
        ("BTC/USDT", AssetClass.CRYPTO, "BTC", "USDT"),
        ("EUR/USD", AssetClass.FOREX, "EUR/USD", "USD"),
        ("BRK/B", AssetClass.STOCK, "BRK/B", "EUR"),
        ("SPY   270319C00480000", AssetClass.OPTION, "SPY   270319C00480000", "EUR"),
    ],
)
def test_what_a_symbol_alone_says(symbol, asset_class, named, currency):
    found = read(symbol=symbol).instrument
    assert (found.asset_class, found.symbol, found.currency) == (asset_class, named, currency)


def test_an_option_by_its_name_has_its_terms():
    option = read(symbol="SPY270319P00480500", currency="USD").instrument
    assert (option.strike, option.expiry_on, option.right, option.multiplier) == (
        Decimal("480.5"), date(2027, 3, 19), Right.PUT, 100,
    )  # fmt: skip


def test_a_perpetual_by_its_unified_name():
    linear = read_execution(
        {**FILL, "symbol": "BTC/USDT:USDT"}, DESK._replace(broker="bybit")
    ).instrument
    assert (linear.asset_class, linear.currency, linear.multiplier) == (
        AssetClass.FUTURE,
        "USDT",
        1,
    )
    inverse = read(symbol="BTC/USD:BTC", multiplier="100").instrument
    assert (inverse.inverse, inverse.currency, inverse.multiplier) == (True, "BTC", 100)
    assert "multiplier" in faults_of(symbol="BTC/USD:BTC")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "-1"}, "quantity"),
        ({"quantity": "1e400"}, "quantity"),
        ({"quantity": "1" + "0" * 21}, "quantity"),
        ({"price": "0." + "0" * 28 + "1"}, "price"),
        ({"quantity": True}, "quantity"),
        ({"price": "NaN"}, "price"),
        ({"price": "Infinity"}, "price"),
        ({"price": None}, "price"),
        ({"price": ["1"]}, "price"),
        ({"executed_at": "2026-06-02T09:30:01"}, "executed_at"),
        ({"executed_at": 1780407001}, "executed_at"),
        ({"executed_at": "0001-01-01T00:00:00+14:00"}, "executed_at"),
        ({"executed_at": "2026-06-09T09:30:01Z"}, "executed_at"),
        ({"symbol": "A\x00B"}, "symbol"),
        ({"symbol": "A" * 65}, "symbol"),
        ({"symbol": "BTC/THIRTEENCHARS"}, "symbol"),
        ({"symbol": "BTC/THIRTEENCHARS", "exchange": "X"}, "symbol"),
        ({"position_id": "9" * 64}, "position_id"),
        ({"asset_class": "future"}, "multiplier"),
        ({"asset_class": "option"}, "strike"),
        ({"asset_class": "sausage"}, "asset_class"),
        ({"report": "cancel"}, "original_exec_id"),
        ({"is_inverse": "yes"}, "is_inverse"),
        ({"expiry_on": "19.03.2027"}, "expiry_on"),
    ],
)
def test_what_is_wrong_is_said_by_field(changes, field):
    words = faults_of(**changes)
    assert field in words
    assert words[field].endswith((".", "?"))


def test_all_that_is_wrong_is_said_at_once():
    assert set(faults_of(side="up", quantity="x", price="y", executed_at="z")) == {
        "side", "quantity", "price", "executed_at",
    }  # fmt: skip


def test_a_currency_is_never_guessed():
    with pytest.raises(BadRecord) as refusal:
        read_execution(FILL, DESK._replace(base_currency=""))
    assert "currency" in refusal.value.fields


def test_a_field_that_is_not_known_names_the_one_that_was_meant():
    (words,) = strangers({**FILL, "quantitiy": "1"}, FIELDS)
    assert "Did you mean quantity?" in words


def test_a_share_that_is_said_to_be_one_keeps_the_slash_in_its_name():
    share = read(symbol="BAC/PRL", asset_class="stock").instrument
    assert (share.symbol, share.currency) == ("BAC/PRL", "EUR")


def test_an_order_may_leave_out_its_symbol_or_say_null():
    said = {"client_order_id": "c-1", "status": "cancelled"}
    assert read_order({**said, "symbol": None}, DESK) == read_order(said, DESK)._replace(
        raw={**said, "symbol": None}
    )


def test_an_order_without_ids_is_known_by_its_record():
    row = read_order({"record_id": "r-9", "status": "PreSubmitted"}, DESK)
    assert (row.client_order_id, row.status, row.happened_at) == ("r-9", OrderStatus.PLACED, NOW)


def test_a_probability_is_a_share():
    with pytest.raises(BadRecord, match=r"0\.68"):
        read_recommendation({"symbol": "SPY", "probability": 68}, NOW)


def _faults(work: Callable[[], object]) -> dict[str, str]:
    try:
        work()
    except BadRecord as refusal:
        return refusal.fields
    return {}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=80),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    st.dictionaries(st.sampled_from(sorted(FIELDS | {"status", "at", "legs", "features"})), _JSON)
)
def test_whatever_is_sent_is_read_or_refused_in_words(record):
    for work in (
        lambda: read_execution(record, DESK),
        lambda: read_order(record, DESK),
        lambda: read_recommendation(record, NOW),
    ):
        assert all(_faults(work).values())
