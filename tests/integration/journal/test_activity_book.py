"""Activity statements into the book: positions and profits as the broker states them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from journal.models import BrokerAccount, DataIssue, Execution, OpenLot
from tests.brokers import ibkr_activity
from tests.brokers.reading import corpus_folder
from tests.doors import import_now

pytestmark = pytest.mark.usefixtures("every_book_holds")

SAMPLES = Path(ibkr_activity.__file__).parent / "samples"


def closed() -> dict[str, Decimal]:
    profits: dict[str, Decimal] = {}
    for row in Execution.objects.select_related("instrument"):
        if row.net_pnl:
            symbol = row.instrument.symbol
            profits[symbol] = profits.get(symbol, Decimal(0)) + row.net_pnl
    return profits


def book_codes() -> set[str]:
    return set(DataIssue.objects.filter(batch=None).values_list("code", flat=True))


def test_the_sample_is_booked_at_the_stated_profits(workspace):
    import_now(workspace, (SAMPLES / "full.csv").read_bytes(), name="full.csv")
    account = BrokerAccount.objects.get()
    assert (account.broker_id, account.base_currency) == ("U7000042", "EUR")
    assert closed() == {
        "ACME": Decimal("198.56"),
        "ACME  260116P00022500": Decimal("118.05"),
        "MESH6": Decimal("100.01"),
    }
    held: dict[str, Decimal] = {}
    for lot in OpenLot.objects.select_related("instrument"):
        held[lot.instrument.symbol] = held.get(lot.instrument.symbol, 0) + lot.signed_quantity
    assert (held["ACME"], held["SMPL 4 5/8 09/15/30"], held["EUR.USD"]) == (60, 2000, -1000)
    # Cancelled.
    assert "CANC" not in held
    assert "profit_differs" not in book_codes()


@pytest.mark.parametrize(
    ("name", "profits"),
    [
        ("data_numbers_within_quotes", {"NOK": Decimal("551.6290753")}),
        ("data_warrants", {"GH8MB6": Decimal("-12.46")}),
    ],
)
def test_what_others_wrote_is_booked_at_the_profit_of_its_rows(workspace, name, profits):
    data = (corpus_folder("ibkr_activity_csv") / f"{name}.csv").read_bytes()
    import_now(workspace, data, name=f"{name}.csv", account_number="U12345")
    assert closed() == profits
    assert "profit_differs" not in book_codes()


def test_two_equal_trades_of_one_file_are_two_and_stay_two(workspace):
    for _ in range(2):
        import_now(workspace, (SAMPLES / "full.csv").read_bytes(), name="full.csv")
    bought = Execution.objects.filter(instrument__symbol="ACME", side="buy")
    assert bought.count() == 2
