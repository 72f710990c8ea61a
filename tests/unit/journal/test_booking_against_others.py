"""The book against the published expectations of three other engines, differences of convention named."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal as D

import pytest

from journal.domain.values import AssetClass, Fill, LotMethod, Side, Split
from tests.unit.journal.corpus import expectations
from tests.unit.journal.scenarios import at, booked, contract, total_net

# -- LEAN's trade builder, grouped from flat to flat

# LEAN charges the whole fee of a fill through zero to the trade that it closes; ours shares it by quantity. So fees
# are compared per trade only where no fill belongs to two trades, and in sum always.


def lean_events(case: dict, factor: D | None) -> list:
    """With a factor, what follows the split point is in new units, as in LEAN's own tests."""
    events, divided = [], False
    for event in case["events"]:
        if "split_point" in event and factor is not None:
            divided = True
            events.append(Split("split", 1, events[-1].executed_at, 9, D(1), per=factor))
        elif "fill" in event:
            scale = factor if divided else D(1)
            events.append(
                Fill(
                    id=int(event["fill"]),
                    instrument_id=1,
                    executed_at=at(int(event["minute"])),
                    sequence=0,
                    side=Side(event["side"].lower()),
                    quantity=abs(event["qty"]) / scale,
                    price=event["price"] * scale,
                    fee=event["fee"],
                )
            )
    return events


@pytest.mark.parametrize("factor", [None, D("0.5"), D("0.333")], ids=str)
@pytest.mark.parametrize("method", [LotMethod.FIFO, LotMethod.LIFO])
@pytest.mark.parametrize("number", range(8))
def test_flat_to_flat_trades_are_those_of_lean(number, method, factor):
    cases = expectations("lean_trade_builder.json")["cases"]
    case = cases[number]
    expected = case["expected"][f"FlatToFlat/{method.name}"]
    closed = [leg for leg in booked(lean_events(case, factor), method).legs if leg.closed_at]
    assert len(closed) == len(expected)
    shared = {id_ for leg in closed for id_ in leg.execution_ids[-1:]} & {leg.id for leg in closed}
    for leg, trade in zip(closed, expected, strict=True):
        assert leg.direction == trade["direction"].lower()
        assert (leg.opened_at, leg.closed_at) == (
            at(int(trade["entry_minute"])),
            at(int(trade["exit_minute"])),
        )
        assert leg.execution_ids == trade["fill_ids"]
        assert round(leg.gross_pnl, 10) == trade["pnl"]
        if factor is None:
            assert leg.opened_quantity == trade["qty"]
            assert leg.average_open == trade["entry_price"]
            assert leg.average_close == trade["exit_price"]
        if not shared & set(leg.execution_ids):
            assert leg.fees == trade["fees"]
    assert sum(leg.fees for leg in closed) == sum(trade["fees"] for trade in expected)


# -- nautilus: average cost, linear and inverse


def nautilus_fills(case: dict) -> list[Fill]:
    return [
        Fill(number, 1, at(number), 0, Side(side.lower()), quantity, price, *fee)
        for number, (side, quantity, price, *fee) in enumerate(case["fills"], start=1)
    ]


def nautilus_cases(*keys: str) -> list[dict]:
    cases = expectations("nautilus_position.json")["cases"]
    return [case for case in cases if all(key in case for key in keys)]


def realised_as_nautilus_counts(booking) -> D:
    """Nautilus realises a fee when it is paid; the book keeps an opening fee with its lot until that closes."""
    return total_net(booking) - sum(lot.fee for lot in booking.lots)


def test_closed_positions_are_those_of_nautilus():
    cases = nautilus_cases("fills", "realized_pnl")
    assert cases
    for case in cases:
        booking = booked(nautilus_fills(case), LotMethod.AVERAGE)
        (leg,) = booking.legs
        assert total_net(booking) == case["realized_pnl"], case["name"]
        assert (leg.average_open, leg.average_close) == (case["avg_open"], case["avg_close"])


def test_a_position_opened_anew_starts_from_nothing_as_in_nautilus():
    (case,) = nautilus_cases("after_reopen")
    booking = booked(nautilus_fills(case), LotMethod.AVERAGE)
    after, leg = case["after_reopen"], booking.legs[-1]
    assert (leg.net_pnl, leg.average_open) == (after["realized_pnl"], after["avg_open"])
    assert sum(lot.signed_quantity for lot in booking.lots) == after["qty"]
    gain = (D("1.0003") - leg.average_open) * after["qty"]
    assert gain == after["unrealized_at_mark_1.0003"]


@pytest.mark.parametrize(
    ("name", "rate"),
    [("trading_technologies_example (average-cost)", "0.0001"), ("interleaved_sides", "0.001")],
)
def test_average_cost_is_that_of_nautilus_after_every_fill(name, rate):
    (case,) = [each for each in nautilus_cases("fills_and_state") if each["name"] == name]
    stream = []
    for number, state in enumerate(case["fills_and_state"], start=1):
        side, quantity, price = state["fill"]
        fee = quantity * price * D(rate)
        stream.append(Fill(number, 1, at(number), 0, Side(side.lower()), quantity, price, fee))
        if "qty" not in state:
            continue
        booking = booked(stream, LotMethod.AVERAGE)
        (lot,) = booking.lots
        assert lot.signed_quantity == state["qty"]
        # Theirs is a binary float, printed to some sixteen digits, and its money has eight places.
        assert abs(lot.price - state["avg_open"]) < D("1e-11")
        realised = realised_as_nautilus_counts(booking)
        assert abs(realised - state["realized_pnl_net_of_fees"]) < D("1e-7")


def test_open_positions_are_worth_what_nautilus_says():
    """What closing at the mark would gain is its unrealised P&L; inverse contracts gain in their coin."""
    cases = nautilus_cases("fills", "mark", "unrealized")
    assert cases
    for case in cases:
        stream = nautilus_fills(case)
        first = stream[0]
        closing = Side.SELL if first.side is Side.BUY else Side.BUY
        stream.append(Fill(9, 1, at(9), 0, closing, first.quantity, case["mark"]))
        inverse = "inverse" in case["inst"]
        kind = (contract(asset_class=AssetClass.CRYPTO, inverse=inverse),)
        (match,) = booked(stream, LotMethod.AVERAGE, kind).matches
        assert round(match.gross_pnl, 8) == case["unrealized"], case["name"]


# -- tradetally's engine

# Its percentages relate to a margin or cost basis of its own and are not compared. It books pairs of entry and exit
# as they were entered, ours first in, first out: in these cases that is the same.


def tradetally_fills(case: dict) -> list[Fill]:
    events = []
    is_short = case["input"]["side"] == "short"
    for row in case["input"]["executions"]:
        fee = row.get("commission", D(0)) + row.get("fees", D(0))
        if "action" in row:
            events.append(
                (row["datetime"], row["action"] == "sell", row["quantity"], row["price"], fee)
            )
        else:
            # A row with entry and exit states one fee for both; it goes with the entry.
            events.append((row["entryTime"], is_short, row["quantity"], row["entryPrice"], fee))
            events.append((row["exitTime"], not is_short, row["quantity"], row["exitPrice"], D(0)))
    return [
        Fill(
            number,
            1,
            datetime.fromisoformat(when),
            0,
            Side.SELL if sells else Side.BUY,
            quantity,
            price,
            fee,
        )
        for number, (when, sells, quantity, price, fee) in enumerate(sorted(events), start=1)
    ]


@pytest.mark.parametrize("number", range(8))
def test_profit_is_that_of_tradetally(number):
    case = expectations("tradetally_pnl_engine_cases.json")["pnl_engine_cases"][number]
    given, expected = case["input"], case["expected"]
    multiplier = given.get("contractSize", given.get("pointValue", D(1)))
    booking = booked(tradetally_fills(case), contracts=[contract(multiplier=multiplier)])
    total = expected["aggregate"]
    (leg,) = booking.legs
    assert round(leg.net_pnl, 10) == total["pnl"]
    assert leg.opened_quantity == total["quantity"]
    assert round(leg.average_open, 10) == total["entry_price"]
    assert round(leg.average_close, 10) == total["exit_price"]
    assert leg.fees == total["commission"] + total["fees"]
    realised = [pnl for pnl in expected["realized_pnl"] if pnl is not None]
    assert [round(match.net_pnl, 10) for match in booking.matches] == realised
    gross = [pnl for pnl in expected.get("gross_realized_pnl", []) if pnl is not None]
    assert not gross or [match.gross_pnl for match in booking.matches] == gross
