"""What an import keeps in memory for booking is what the database would give back, and small."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django_scopes import scope

from journal.models import BrokerAccount
from journal.selectors.evidence import iter_reports
from journal.services import kept_reports
from journal.services.booking.rebook import Rebooking
from journal.services.verification import verify_account
from tests import people
from tests.brokers.ibkr_flex.flex import SAMPLES, statement, trade
from tests.brokers.reading import CORPUS
from tests.brokers.reading import SAMPLES as BROKERS
from tests.doors import book_of, import_now

FILES = sorted([*SAMPLES.glob("*.xml"), *(CORPUS / "ibkr_flex").glob("*.xml")])
COINS = BROKERS / "revolut_crypto/samples/statement.csv"


def digits(reports):
    """Numbers as written: 41000 equals 4.1E+4, but what is computed from them has other zeros at its end."""
    return {
        instrument_id: [[str(one) for one in report if type(one) is Decimal] for report in listed]
        for instrument_id, listed in reports.items()
    }


@pytest.fixture
def compared(monkeypatch):
    """Counts the reports that were compared on their way into the book."""
    seen = []
    book = Rebooking.book

    def comparing(self, touched, progress):
        account, kept = self.account, self._basis.kept
        if kept is not None:
            everything = dict.fromkeys(kept.counts(account.pk))
            stored = dict(iter_reports(account.pk, everything))
            assert kept.reports(account.pk, everything) == stored
            assert digits(kept.reports(account.pk, everything)) == digits(stored)
            for instrument_id, at in (touched or {}).items():
                some = {instrument_id: at}
                assert kept.reports(account.pk, some) == dict(iter_reports(account.pk, some))
            seen.extend(report for listed in stored.values() for report in listed)
        return book(self, touched, progress)

    monkeypatch.setattr(Rebooking, "book", comparing)
    return seen


@pytest.mark.django_db
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_kept_reports_are_those_of_the_database(path, compared):
    batch = import_now(people.alice().workspace, path.read_bytes())
    fresh = sum(account["executions"]["new"] for account in batch.result["accounts"])
    assert len(compared) == fresh


@pytest.mark.django_db
def test_round_numbers_have_the_digits_that_the_database_gives(compared):
    workspace = people.alice().workspace
    import_now(workspace, COINS.read_bytes(), account_number="X1")
    # 41.00 / 0.001
    assert Decimal("4.1E+4") in {report.price for report in compared}
    with scope(workspace=workspace):
        assert verify_account(BrokerAccount.objects.get()) == []


@pytest.mark.django_db
def test_odd_ids_and_corrections_are_kept_as_they_are_stored(compared):
    rows = (
        trade(transactionID='1\\2"', tradeID="a&#9;b", ibOrderID="{}", notes="P;Ca"),
        trade(transactionID="3", tradeID="7", notes="Ca", origTransactionID="1"),
        trade(transactionID="4", tradeID="8", quantity="-10", buySell="SELL", fxRateToBase=""),
    )
    import_now(people.alice().workspace, statement(*rows))
    assert len(compared) == 3


@pytest.mark.django_db
def test_an_account_with_a_past_is_read_from_the_database(compared):
    workspace = people.alice().workspace
    import_now(workspace, statement(trade(transactionID="1")))
    assert len(compared) == 1
    import_now(workspace, statement(trade(transactionID="2", quantity="-10", buySell="SELL")))
    assert len(compared) == 1


@pytest.mark.django_db
def test_too_many_are_not_kept_and_the_book_is_the_same(compared, monkeypatch):
    rows = [
        trade(transactionID=str(number), quantity=quantity, buySell=side)
        for number, (quantity, side) in enumerate([("10", "BUY"), ("-10", "SELL")] * 3, 1)
    ]
    kept, read = people.alice().workspace, people.charlie().workspace
    import_now(kept, statement(*rows))
    assert len(compared) == 6
    monkeypatch.setattr(kept_reports, "REPORTS_MAX", 4)
    import_now(read, statement(*rows))
    assert len(compared) == 6
    assert book_of(kept) == book_of(read)
