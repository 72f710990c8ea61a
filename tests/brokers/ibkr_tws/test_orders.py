"""Orders of the API as captured moments of their lives."""

from __future__ import annotations

from datetime import timedelta

import pytest
from ib_async import ComboLeg, Contract
from ib_async.util import UNSET_DOUBLE

from journal.brokers.base import OrderStatus
from journal.brokers.capture.executions import Desk
from journal.brokers.capture.orders import FIELDS, read_order
from journal.brokers.ibkr_tws.orders import Orders, named
from tests.brokers.ibkr_tws.api import ACCOUNT, NOW, order, state, status, stock, stop


class Told:
    """Orders, and everything that they have said, a second after the other."""

    def __init__(self, **options) -> None:
        self.orders = Orders(source="bot", **options)
        self.records = []
        self.now = NOW

    def open(self, about, word="Submitted", contract=None, **values):
        return self._keep(self.orders.opened, contract or stock(), about, state(word, **values))

    def status(self, about, word="Submitted", **values):
        return self._keep(self.orders.changed, status(about, word, **values))

    def both(self, about, word="Submitted", **values):
        return [*self.open(about, word), *self.status(about, word, **values)]

    def completed(self, about, word, words="", at="20260602 09:35:00 America/New_York"):
        return self._keep(
            self.orders.completed,
            stock(),
            about,
            state(word, completedStatus=words, completedTime=at),
        )

    def error(self, about, code, words):
        return self._keep(self.orders.troubled, about, code, words)

    def _keep(self, say, *what):
        self.now += timedelta(seconds=1)
        records = say(*what, at=self.now)
        for one in records:
            assert one.keys() <= FIELDS
            read_order(one, Desk(ACCOUNT, "ibkr", "USD", self.now))
        self.records += records
        return records

    def again(self) -> Told:
        """Another process, which knows what was stored and nothing else."""
        other = Told()
        said = {}
        for one in self.records:
            said.setdefault(named(one)[0], []).append(one)
        other.orders.recall(said, self.now)
        other.now = self.now
        return other


@pytest.fixture
def told():
    return Told()


def statuses(records):
    return [one["status"] for one in records]


def test_an_order_is_placed_once_however_often_it_is_told(told):
    first = told.both(order())
    assert statuses(first) == ["placed"]
    assert first[0].items() >= {
        "symbol": "ACME", "instrument_id": "4711", "order_id": "5001", "side": "buy", "quantity": "100",
        "order_type": "limit", "limit_price": "25.5", "time_in_force": "GTC", "account": ACCOUNT, "broker": "ibkr",
    }.items()  # fmt: skip
    assert "stop_price" not in first[0]
    assert told.both(order()) == []
    assert told.both(order(), "PreSubmitted") == []


def test_every_move_of_a_stop_is_kept_also_back_to_where_it_was(told):
    told.both(stop(), "PreSubmitted")
    for price in (24.5, 24.0, 24.0, 24.75):
        told.both(stop(auxPrice=price), "PreSubmitted")
    assert statuses(told.records) == ["placed", "modified", "modified", "modified"]
    assert [one["stop_price"] for one in told.records] == ["24", "24.5", "24", "24.75"]
    assert len({one["record_id"] for one in told.records}) == 4


def test_a_trailing_stop_moves_with_its_price(told):
    trail = {"orderType": "TRAIL", "auxPrice": 1.0}
    told.both(stop(**trail, trailStopPrice=24.0), "PreSubmitted")
    moved = told.both(stop(**trail, trailStopPrice=24.4), "PreSubmitted")
    assert [(one["status"], one["stop_price"]) for one in moved] == [("modified", "24.4")]


def test_a_market_order_has_no_prices(told):
    (said,) = told.both(order(orderType="MKT", lmtPrice=0.0, auxPrice=UNSET_DOUBLE))
    assert said["order_type"] == "market"
    assert not {"limit_price", "stop_price"} & said.keys()


def test_partial_fills_and_the_last_one(told):
    told.both(order())
    told.status(order(), filled=40.0, average=25.4)
    told.status(order(), filled=40.0, average=25.4)
    told.status(order(), filled=70.0, average=25.45)
    told.status(order(), "Filled", filled=100.0, average=25.47)
    told.status(order(), "Filled", filled=100.0, average=25.47)
    assert statuses(told.records) == ["placed", "partially_filled", "partially_filled", "filled"]
    assert told.records[-1].items() >= {"filled_quantity": "100", "average_price": "25.47"}.items()


def test_a_bracket_is_tied_to_its_entry(told):
    told.both(order())
    told.both(stop(ocaGroup="g1"), "PreSubmitted")
    told.both(
        stop(orderId=13, permId=5003, orderType="LMT", lmtPrice=28.0, auxPrice=0.0, ocaGroup="g1")
    )
    roles = {one["order_id"]: one["role"] for one in told.records if "role" in one}
    assert roles == {"5001": "entry", "5002": "stop_loss", "5003": "take_profit"}
    children = [one for one in told.records if one["order_id"] != "5001"]
    assert {(one["parent_id"], one["group_id"]) for one in children} == {("5001", "g1")}


def test_children_that_come_before_their_parent_are_tied_when_it_comes(told):
    told.both(stop(), "PreSubmitted")
    records = told.both(order())
    assert {(one["order_id"], one.get("role"), one.get("parent_id")) for one in records} >= {
        ("5001", "entry", None), ("5002", None, "5001"),
    }  # fmt: skip
    # What ties an order to others happened when the order was last heard of, not now.
    tie = next(one for one in records if one["order_id"] == "5002")
    assert tie["at"] == told.records[0]["at"]


def test_a_hedge_protects_nothing(told):
    said = told.both(order(orderId=12, permId=5002, parentId=11, hedgeType="F"))
    assert "role" not in said[0]


def test_a_stop_that_is_triggered_says_so(told):
    told.open(stop(), "PreSubmitted")
    told.status(stop(), "PreSubmitted", held="child,trigger")
    told.status(stop(), "PreSubmitted", held="trigger")
    told.status(stop(), "Submitted", held="")
    told.status(stop(), "Filled", filled=100.0, average=23.9)
    assert statuses(told.records) == ["placed", "triggered", "filled"]


def test_an_order_that_waits_for_the_opening_is_not_triggered_by_it(told):
    told.both(order(), "PreSubmitted")
    assert told.status(order(), "Submitted") == []


@pytest.mark.parametrize("is_first", [True, False])
def test_a_rejection_is_told_with_its_reason_before_or_after_the_status(told, is_first):
    told.both(order())
    words = "Order rejected - reason:The exchange is closed."
    if is_first:
        told.error(11, 201, words)
        told.status(order(), "Cancelled")
    else:
        told.status(order(), "Cancelled")
        told.error(11, 201, words)
    assert told.records[-1]["status"] == "rejected"
    assert told.records[-1]["reason"] == "The exchange is closed."


def test_a_cancel_is_one_and_says_why(told):
    told.both(order())
    told.error(11, 202, "Order Canceled - reason:")
    told.status(order(), "PendingCancel")
    told.status(order(), "Cancelled")
    assert statuses(told.records) == ["placed", "cancelled"]


def test_an_inactive_order_was_rejected_for_what_the_warning_says(told):
    told.open(order(), "Inactive", warningText="Your account has insufficient funds.")
    told.status(order(), "Inactive")
    assert told.records[-1]["status"] == "rejected"
    assert told.records[-1]["reason"] == "Your account has insufficient funds."


def test_warnings_and_errors_of_something_else_end_nothing(told):
    told.both(order())
    told.error(11, 399, "Order Message: your order will not be placed until 09:30:00 US/Eastern")
    told.error(11, 2109, "Outside regular trading hours is ignored")
    assert statuses(told.records) == ["placed"]


def test_an_old_error_is_not_the_next_orders_of_that_number(told):
    told.error(11, 201, "Order rejected - reason:Old.")
    told.now += timedelta(hours=1)
    told.both(order())
    told.status(order(), "Cancelled")
    assert told.records[-1]["status"] == "cancelled"


def test_what_is_over_stays_over(told):
    told.both(order())
    told.status(order(), "Filled", filled=100.0, average=25.0)
    assert told.status(order(), "Cancelled") == []
    assert told.both(order(lmtPrice=26.0)) == []


def test_a_fill_after_a_cancel_counts(told):
    told.both(order())
    told.status(order(), "Cancelled")
    assert statuses(told.status(order(), "Filled", filled=100.0, average=25.0)) == ["filled"]


def test_a_status_before_its_order_is_kept_for_it(told):
    assert told.status(order(), "Filled", filled=100.0, average=25.0) == []
    assert statuses(told.open(order(), "Filled")) == ["placed", "filled"]


def test_the_status_of_one_hand_made_order_is_not_anothers(told):
    """TWS numbers none of them."""
    told.status(order(orderId=0, clientId=0, permId=1), "Cancelled")
    assert statuses(told.open(order(orderId=0, clientId=0, permId=2))) == ["placed"]


def test_an_order_gets_its_permanent_id_later_and_stays_one(told):
    first = told.open(order(permId=0), "PendingSubmit")
    later = told.both(order())
    assert first[0]["client_order_id"] == later[0]["client_order_id"] == "tws.5.11.20260602"
    assert later[0]["order_id"] == "5001"
    assert statuses(told.records) == ["placed", "placed"]


def test_the_order_of_a_combination_says_which(told):
    bag = Contract(
        secType="BAG", symbol="SPX", comboLegsDescrip="1|-1,2|1", comboLegs=[ComboLeg(conId=1)]
    )
    (said,) = told.open(order(lmtPrice=-1.2), contract=bag)
    assert "symbol" not in said
    assert (said["extra"], said["limit_price"]) == ({"combo": "1|-1,2|1"}, "-1.2")


def test_what_if_orders_and_orders_without_an_account_are_left_out(told):
    assert told.both(order(whatIf=True)) == []
    assert told.both(order(account="")) == []
    assert statuses(Told(account=ACCOUNT).both(order(account=""))) == ["placed"]


def test_another_process_says_nothing_that_was_said(told):
    told.both(order())
    told.both(stop(), "PreSubmitted")
    told.both(stop(auxPrice=24.5), "PreSubmitted")
    told.status(order(), filled=40.0, average=25.4)
    other = told.again()
    other.both(order(), filled=40.0, average=25.4)
    other.both(stop(auxPrice=24.5), "PreSubmitted")
    assert other.records == []


def test_another_process_goes_on_where_the_last_one_stopped(told):
    told.both(stop(), "PreSubmitted")
    told.both(stop(auxPrice=24.5), "PreSubmitted")
    other = told.again()
    moved = other.both(stop(auxPrice=24.0), "PreSubmitted")
    assert statuses(moved) == ["modified"]
    assert moved[0]["record_id"] not in {one["record_id"] for one in told.records}


def test_orders_of_the_day_that_ended_unheard_are_told_from_the_list(told):
    told.both(order())
    done = order(orderId=0, clientId=0, filledQuantity=0.0)
    told.completed(done, "Cancelled", "Cancelled by Trader")
    assert told.records[-1].items() >= {
        "status": "cancelled", "reason": "Cancelled by Trader", "order_id": "5001",
    }.items()  # fmt: skip
    assert told.completed(done, "Cancelled", "Cancelled by Trader") == []


def test_an_ended_order_that_nobody_saw_open_has_its_end_and_its_parent(told):
    told.now = NOW + timedelta(hours=1)
    done = stop(orderId=0, clientId=0, parentId=0, filledQuantity=100.0, parentPermId=5001)
    (said,) = told.completed(done, "Filled", "Filled Size: 100")
    assert said.items() >= {
        "status": "filled", "filled_quantity": "100", "parent_id": "5001", "role": "stop_loss",
        "at": "2026-06-02T09:35:00-04:00",
    }.items()  # fmt: skip
    assert "reason" not in said


def test_a_reference_joins_the_only_order_that_has_it(told):
    told.both(order(orderRef="my-1"))
    told.both(stop(orderRef="my-1"), "PreSubmitted")
    assert told.orders.open_references(told.now) == {(ACCOUNT, "my-1"): f"tws-{ACCOUNT}-5001"}
    (said,) = told.orders.link(f"tws-{ACCOUNT}-5001", "my-1")
    assert (said["client_order_id"], said["order_id"]) == ("my-1", "5001")
    assert OrderStatus(said["status"]) is OrderStatus.PLACED
    assert told.orders.open_references(told.now) == {}


def test_a_reference_that_several_orders_have_joins_none(told):
    told.both(order(orderRef="momentum"))
    told.both(order(orderId=21, permId=6001, orderRef="momentum"))
    assert told.orders.open_references(told.now) == {}
