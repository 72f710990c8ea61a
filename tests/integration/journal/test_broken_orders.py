"""Reports that speak of fills at other times: no late file may cut them apart."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import Sum
from django_scopes import scope

from journal.brokers.base import ReportKind
from journal.models import DataIssue, Execution, OpenLot
from journal.services.verification import verify_account
from tests.integration.journal.rows import START, account_of, fill, import_rows
from tests.people import alice


@pytest.fixture
def account(db):
    workspace = alice().workspace
    with scope(workspace=workspace.pk):
        yield account_of(workspace.pk)


def booked():
    return sorted(Execution.objects.values_list("fill_key", flat=True))


def test_an_order_that_closed_gives_way_to_fills_after_its_time(account):
    order = {"exec_id": "", "order_id": "7", "authority": 20}
    import_rows(account, [fill(1, 100, "10"), fill(2, -100, "12", broker_id="order:7", **order)])
    parts = [fill(3, -60, "12", order_id="7"), fill(4, -40, "12", order_id="7")]
    import_rows(account, parts)
    assert booked() == ["b:10001", "b:10003", "b:10004"]
    assert not OpenLot.objects.exists()
    assert verify_account(account) == []


def test_a_correction_stays_found_when_later_fills_arrive(account):
    correction = fill(
        2, 100, "10.5", report=ReportKind.CORRECT, exec_id="", original_ids=("10001",)
    )
    import_rows(account, [fill(1, 100, "10"), correction])
    import_rows(account, [fill(5, -100, "11")])
    assert booked() == ["b:10002", "b:10005"]
    assert not DataIssue.objects.filter(code="correct_without_original").exists()
    assert verify_account(account) == []


def test_a_cancel_dated_before_its_fill_holds_when_later_fills_arrive(account):
    cancel = fill(
        2, 100, "10", report=ReportKind.CANCEL, exec_id="", original_ids=("10003",), minutes=-60
    )
    import_rows(account, [fill(1, 50, "9", minutes=-120), fill(4, -50, "9", minutes=-90)])
    import_rows(account, [cancel, fill(3, 100, "10")])
    import_rows(account, [fill(5, 10, "11")])
    assert booked() == ["b:10001", "b:10004", "b:10005"]
    assert verify_account(account) == []


def test_a_fill_that_was_read_again_in_another_zone_is_booked_once(account):
    hours = timedelta(hours=5)
    import_rows(account, [fill(1, 100, "10"), fill(2, -100, "11")])
    again = [fill(1, 100, "10"), fill(2, -100, "11")]
    import_rows(account, [one._replace(executed_at=one.executed_at - hours) for one in again])
    import_rows(account, [fill(3, 10, "12", executed_at=START - timedelta(hours=1))])
    assert booked() == ["b:10001", "b:10002", "b:10003"]
    assert OpenLot.objects.get().signed_quantity == 10
    assert verify_account(account) == []


ORDER = {"exec_id": "", "authority": 20}
DAY = 24 * 60


def test_one_day_of_an_order_does_not_give_way_to_fills_of_another_day(account):
    """An order that is good till cancelled has a row for each day on which some of it was filled."""
    first = fill(1, 60, "10", broker_id="order:7:1", order_id="7", **ORDER)
    import_rows(account, [first])
    import_rows(account, [fill(2, 40, "10", order_id="7", minutes=DAY)])
    assert booked() == ["b:10002", "b:order:7:1"]
    assert OpenLot.objects.aggregate(held=Sum("signed_quantity")) == {"held": 100}
    import_rows(account, [fill(3, 60, "10", order_id="7", minutes=1)])
    assert booked() == ["b:10002", "b:10003"]
    assert verify_account(account) == []


def test_an_order_of_several_days_gives_way_to_all_of_its_fills(account):
    whole = fill(1, 100, "10", broker_id="order:7:1", order_id="7", **ORDER)
    parts = [fill(2, 60, "10", order_id="7"), fill(3, 40, "10", order_id="7", minutes=DAY)]
    import_rows(account, [whole])
    import_rows(account, parts)
    assert booked() == ["b:10002", "b:10003"]


def test_an_order_without_an_id_stays_where_no_fill_can_be_its_own(account):
    """Another day, another side, another quantity, another price."""
    order = fill(1, 100, "10", broker_id="o1", order_id="", **ORDER)
    nameless = {"order_id": ""}
    others = [
        fill(2, 100, "10", minutes=2 * DAY, **nameless),
        fill(3, -100, "10", **nameless),
        fill(4, 70, "10", **nameless),
        fill(5, 100, "12", **nameless),
    ]
    import_rows(account, [order])
    import_rows(account, others)
    assert "b:o1" in booked()
    assert OpenLot.objects.aggregate(held=Sum("signed_quantity")) == {"held": 270}
    assert verify_account(account) == []


def test_an_order_without_an_id_gives_way_to_fills_that_add_up_to_it(account):
    orders = [
        fill(1, 100, "10.2", broker_id="o1", order_id="", **ORDER),
        fill(2, 50, "11", broker_id="o2", order_id="", **ORDER),
    ]
    import_rows(account, orders)
    import_rows(account, [fill(3, 60, "10", order_id=""), fill(4, 40, "10.5", order_id="")])
    assert booked() == ["b:10003", "b:10004", "b:o2"]
    import_rows(account, [fill(5, 50, "11", order_id="9")])
    assert booked() == ["b:10003", "b:10004", "b:10005"]
    assert verify_account(account) == []
