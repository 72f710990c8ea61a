"""What a statement says of positions is held against the book once the statement is booked."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django_scopes import scope

from journal import tasks
from journal.models import BrokerAccount, ImportBatch
from journal.services import imports
from journal.services.readings import Heard, readings_of_batch
from reconciliation.domain.classes import DivergenceClass as Kind
from reconciliation.models import Divergence, ReconciliationRun, Snapshot
from tests.brokers.ibkr_flex.flex import element, trade

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 7, 2, 10, tzinfo=UTC)


def statement(
    position: str,
    day: str = "20260630",
    *,
    has_part: bool = True,
    has_cash: bool = True,
    **more: str,
) -> bytes:
    """Without a position the part for them is empty, or not there."""
    held = element(
        "OpenPosition",
        {
            "accountId": "U7000001", "currency": "USD", "fxRateToBase": "1", "assetCategory": "STK", "symbol": "ACME",
            "conid": "7001", "isin": "US0000000001", "multiplier": "1", "reportDate": day, "position": position,
            "markPrice": "11", "costBasisMoney": "100", "fifoPnlUnrealized": "10", "levelOfDetail": "SUMMARY", **more,
        },
    )  # fmt: skip
    bought = trade(transactionID="1", quantity="10", tradePrice="10", dateTime="20260630;100000")
    positions = f"<OpenPositions>{held if position else ''}</OpenPositions>"
    cash = (
        '<CashReportCurrency accountId="U7000001" currency="USD" endingCash="900" '
        f'toDate="{day}" levelOfDetail="Currency" />'
    )
    return (
        '<FlexQueryResponse queryName="Test" type="AF"><FlexStatements count="1">'
        f'<FlexStatement accountId="U7000001" fromDate="{day}" toDate="{day}">'
        '<AccountInformation accountId="U7000001" currency="USD" />'
        f"<Trades>{bought if day == '20260630' else ''}</Trades>{positions if has_part else ''}"
        f"<CashReport>{cash if has_cash else ''}</CashReport>"
        '<EquitySummaryInBase><EquitySummaryByReportDateInBase accountId="U7000001" '
        f'reportDate="{day}" total="1010" /></EquitySummaryInBase>'
        "</FlexStatement></FlexStatements></FlexQueryResponse>"
    ).encode()


def book(workspace, data: bytes) -> ImportBatch:
    batch = imports.receive_file(
        workspace.pk, io.BytesIO(data), name="flex.xml", request=imports.ImportRequest()
    )
    imports.confirm_import(batch)
    with time_machine.travel(NIGHT, tick=False):
        tasks.run_import(batch.pk)
    return ImportBatch.objects.get(pk=batch.pk)


@pytest.fixture(autouse=True)
def at_night():
    with time_machine.travel(NIGHT, tick=False):
        yield


def test_a_statement_tells_what_was_held_on_its_own_day(workspace):
    (told,) = readings_of_batch(book(workspace, statement("10")))
    assert (told.heard, told.connection) == (Heard.STATEMENT, None)
    reading = told.reading
    # The end of that day in the account's zone, not when it was imported.
    assert reading.as_of <= datetime(2026, 7, 1, 4, tzinfo=UTC)
    assert reading.as_of.astimezone(UTC).date() in (date(2026, 6, 30), date(2026, 7, 1))
    (held,) = reading.holdings
    assert (held.instrument.symbol, held.signed_quantity, held.average_price) == ("ACME", 10, 10)
    assert (reading.equity, reading.cash, reading.currency) == (1010, {"USD": Decimal(900)}, "USD")
    assert reading.lacking == ("orders",)


def test_a_statement_without_a_part_for_positions_says_nothing_of_them(workspace):
    assert list(readings_of_batch(book(workspace, statement("", has_part=False)))) == []


@pytest.mark.parametrize("has_cash", [True, False])
def test_a_statement_whose_part_for_positions_is_empty_says_flat_as_of_its_day(workspace, has_cash):
    (told,) = readings_of_batch(book(workspace, statement("", has_cash=has_cash)))
    reading = told.reading
    assert (reading.holdings, reading.lacking, reading.account_id) == ((), ("orders",), "U7000001")
    assert reading.as_of.astimezone(UTC).date() in (date(2026, 6, 30), date(2026, 7, 1))
    # Of cash that is stated to be in no currency there is none; without the part for it, nobody knows.
    assert (reading.cash, reading.equity) == ({"USD": Decimal(900)} if has_cash else {}, 1010)


def test_flat_of_a_later_day_is_not_taken_back_by_an_earlier_statement(workspace):
    assert len(list(readings_of_batch(book(workspace, statement("", day="20260701"))))) == 1
    assert list(readings_of_batch(book(workspace, statement("10", day="20260630")))) == []


def test_an_old_statement_and_one_that_a_later_one_follows_say_nothing(workspace):
    first = book(workspace, statement("10"))
    assert list(readings_of_batch(first, now=NIGHT + timedelta(days=30))) == []
    second = book(workspace, statement("10", day="20260701", description="next"))
    assert list(readings_of_batch(first)) == []
    assert len(list(readings_of_batch(second))) == 1


def test_one_that_was_undone_says_nothing(workspace):
    batch = book(workspace, statement("10"))
    batch.withdrawn_at = NIGHT
    assert list(readings_of_batch(batch)) == []


def test_it_is_held_against_the_book(workspace):
    book(workspace, statement("10"))
    batch = book(workspace, statement("-10", day="20260701"))
    tasks.hand_up_import(batch.pk)
    with scope(workspace=workspace.pk):
        account = BrokerAccount.objects.get()
        snapshots = Snapshot.objects.filter(account=account)
        assert {one.heard for one in snapshots} == {"statement"}
        assert ReconciliationRun.objects.filter(source="statement").exists()
        runs = [(one.outcome, one.skipped) for one in ReconciliationRun.objects.all()]
        assert Kind.SIDE in {one.kind for one in Divergence.objects.all()}, runs
