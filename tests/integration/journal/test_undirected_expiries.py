"""Options whose expiration does not say whether they were long or short close what is open, in any order of files."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from django_scopes import scope

from journal.models import (
    BrokerAccount,
    DataIssue,
    Execution,
    Instrument,
    OpenLot,
    OptionEventReport,
    Trade,
)
from journal.services.verification import verify_account
from tests import people
from tests.brokers.reading import SAMPLES
from tests.doors import assert_one_book_in_any_order, import_now

pytestmark = pytest.mark.django_db

HEADER = (SAMPLES / "tastytrade_csv/samples/today.csv").read_text().split("\n", 1)[0]
PAGES = Path(SAMPLES / "tastytrade_json/samples/pages.json").read_text()
CONTRACT = "ELMS  250321C00030000,Equity Option"
PARTS = "100,ELMS,ELMS,3/21/25,30,CALL,,USD"


def csv(*lines):
    return "\n".join([HEADER, *lines]) + "\n"


def expired(quantity):
    return (
        f"2025-03-21T22:00:00+0100,Receive Deliver,Expiration,,{CONTRACT},Removal of option due to expiration,0.00,"
        f"{quantity},0.00,--,0.00,{PARTS}"
    )


def opened(action, quantity, value):
    return (
        f"2025-03-12T15:31:08+0100,Trade,{action},{action.upper().replace(' ', '_')},{CONTRACT},{action} @ 0.45,"
        f"{value},{quantity},45.00,0.00,-0.13,{PARTS}"
    )


@pytest.fixture
def workspace():
    return people.alice().workspace


def import_files(workspace, *files):
    for content in files:
        import_now(workspace, content, account_number="5WX00001")


def sides(workspace):
    with scope(workspace=workspace):
        found = Execution.objects.filter(kind="expiry")
        return list(found.values_list("side", "quantity", "price"))


def issue_codes(workspace):
    with scope(workspace=workspace):
        codes = DataIssue.objects.filter(batch=None).values_list("code", flat=True)
        return sorted(codes)


@pytest.mark.parametrize("earlier_first", [True, False])
@pytest.mark.parametrize(
    ("action", "value", "side", "net"),
    [("Buy to Open", "-90.00", "sell", "-90.13"), ("Sell to Open", "90.00", "buy", "89.87")],
)
def test_it_closes_what_another_file_opened(workspace, earlier_first, action, value, side, net):
    files = [csv(opened(action, 2, value)), csv(expired(2))]
    import_files(workspace, *(files if earlier_first else files[::-1]))
    assert sides(workspace) == [(side, Decimal(2), Decimal(0))]
    assert issue_codes(workspace) == []
    with scope(workspace=workspace):
        assert not OpenLot.objects.exists()
        assert [one.net_pnl for one in Trade.objects.all()] == [Decimal(net)]
        assert verify_account(BrokerAccount.objects.get()) == []


def test_what_finds_nothing_open_is_told_and_not_booked(workspace):
    import_files(workspace, csv(expired(2)))
    assert sides(workspace) == []
    assert issue_codes(workspace) == ["expiry_without_position"]
    with scope(workspace=workspace):
        assert not OptionEventReport.objects.get().is_directed
        assert verify_account(BrokerAccount.objects.get()) == []


def test_no_more_ends_than_was_open(workspace):
    import_files(workspace, csv(opened("Sell to Open", 1, "45.00")), csv(expired(3)))
    assert sides(workspace) == [("buy", Decimal(1), Decimal(0))]
    assert issue_codes(workspace) == ["expiry_without_position"]
    with scope(workspace=workspace):
        assert not OpenLot.objects.exists()
        message = DataIssue.objects.get(code="expiry_without_position").message
    assert message.startswith("2 of this contract expired on 2025-03-21.")


def test_two_expirations_of_a_day_share_what_was_open(workspace):
    import_files(workspace, csv(opened("Buy to Open", 5, "-225.00")), csv(expired(2), expired(3)))
    assert sorted(sides(workspace)) == [("sell", Decimal(2), 0), ("sell", Decimal(3), 0)]
    assert issue_codes(workspace) == []


def test_a_file_that_tells_the_direction_takes_its_place(workspace):
    whole = csv(expired(2), opened("Buy to Open", 2, "-90.00"))
    import_files(workspace, csv(expired(2)), whole, csv(expired(2)))
    assert sides(workspace) == [("sell", Decimal(2), Decimal(0))]
    with scope(workspace=workspace):
        assert OptionEventReport.objects.count() == 1
        assert not OpenLot.objects.exists()


@pytest.mark.django_db
def test_pages_of_the_api_make_one_book_in_any_order():
    newer, older = json.loads(PAGES)
    assert_one_book_in_any_order([json.dumps(newer), json.dumps(older), PAGES])


def test_the_same_export_twice_brings_nothing_and_byte_identical_rows_stay_two(workspace):
    text = (SAMPLES / "tastytrade_csv/samples/today.csv").read_text()
    first = import_now(workspace, text, account_number="5WX00001")
    again = import_now(workspace, text + "\n", account_number="5WX00001")
    counts = again.result["accounts"][0]["executions"]
    assert (counts["new"], counts["duplicate"]) == (0, counts["read"])
    assert first.result["accounts"][0]["executions"]["new"] == counts["read"]
    with scope(workspace=workspace):
        put = Instrument.objects.get(symbol="BIRC  250417P00040000")
        assert Execution.objects.filter(instrument=put).count() == 2
        assert verify_account(BrokerAccount.objects.get()) == []
