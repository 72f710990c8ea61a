"""Several files report one fill, and do not say the same of it: what each leaves open, and who was the last to speak."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from django_scopes import scope

from journal.models import BrokerAccount, DataIssue, Execution
from journal.services.verification import verify_account
from tests import people
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.doors import assert_one_book_in_any_order, import_now


@pytest.fixture
def workspace(db):
    workspace = people.alice().workspace
    with scope(workspace=workspace.pk):
        yield workspace
        for account in BrokerAccount.objects.all():
            assert verify_account(account) == []


def costs() -> tuple[D, D, str]:
    booked = Execution.objects.get()
    return booked.fee, booked.tax, booked.fee_currency


# -- what a file does not state

COSTS = {"ibCommission": "-1.5", "taxes": "-0.25", "ibCommissionCurrency": "EUR"}
SILENT = dict.fromkeys(COSTS, "")


@pytest.mark.parametrize("silent_last", [True, False])
def test_a_file_without_costs_does_not_take_back_those_of_another(workspace, silent_last):
    files = [statement(trade(**COSTS)), statement(trade(**SILENT))]
    for content in files if silent_last else reversed(files):
        import_now(workspace, content)
    assert costs() == (D("1.5"), D("0.25"), "EUR")


@pytest.mark.parametrize("left_out", sorted(COSTS))
def test_each_of_the_columns_is_filled_from_another_file(workspace, left_out):
    import_now(workspace, statement(trade(**COSTS)))
    import_now(workspace, statement(trade(**COSTS | {left_out: ""})))
    assert costs() == (D("1.5"), D("0.25"), "EUR")


def test_a_commission_brings_its_own_currency(workspace):
    import_now(workspace, statement(trade(**COSTS)))
    import_now(workspace, statement(trade(ibCommission="", ibCommissionCurrency="USD")))
    assert costs() == (D("1.5"), D("0.25"), "EUR")


def test_costs_that_are_stated_as_nothing_later_are_nothing(workspace):
    import_now(workspace, statement(trade(**COSTS)))
    import_now(workspace, statement(trade(**COSTS | {"ibCommission": "0", "taxes": "0"})))
    assert costs() == (0, 0, "EUR")


def test_where_no_file_states_costs_there_are_none_and_the_import_says_so(workspace):
    batch = import_now(workspace, statement(trade(**SILENT)))
    assert costs() == (0, 0, "USD")
    (issue,) = DataIssue.objects.filter(batch=batch)
    assert (issue.code, issue.severity) == ("commission_missing", "warning")


def test_files_with_and_without_costs_make_the_same_book_in_any_order(db):
    sold = {"transactionID": "101", "quantity": "-10", "buySell": "SELL", "tradePrice": "12"}
    assert_one_book_in_any_order(
        [
            statement(trade(**COSTS), trade(**sold)),
            statement(trade(**COSTS | {"taxes": ""}), trade(**sold | SILENT)),
            statement(trade(**SILENT), trade(**sold | {"taxes": "-3"})),
        ]
    )
