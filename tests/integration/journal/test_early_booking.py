"""Booking instruments while the rest of the file is read changes nothing of the book, nor of what is told of it."""

from __future__ import annotations

import random

import pytest

from journal.reading import chunks
from journal.services import early_booking, executions_in, kept_reports
from journal.services.booking.rebook import Rebooking
from tests import people
from tests.brokers.ibkr_flex.flex import SAMPLES, statement, trade
from tests.brokers.reading import CORPUS
from tests.doors import book_of, import_now

FILES = sorted([*SAMPLES.glob("*.xml"), *(CORPUS / "ibkr_flex").glob("*.xml")])


@pytest.fixture
def eager(monkeypatch):
    """Books as early as it can: after every few rows. Gives the sizes of the steps."""
    steps = []
    book_early = Rebooking.book_early

    def noting(self, instrument_ids):
        steps.append(len(instrument_ids))
        book_early(self, instrument_ids)

    def begin():
        monkeypatch.setattr(Rebooking, "book_early", noting)
        monkeypatch.setattr(chunks, "CHUNK_RECORDS", 2)
        monkeypatch.setattr(executions_in, "CHUNK_ROWS", 2)
        monkeypatch.setattr(kept_reports, "SETTLED_AFTER", 1)
        monkeypatch.setattr(early_booking, "_REPORTS_MIN", 1)
        return steps

    return begin


def said(batch):
    """What the import told, without the ids."""
    result = dict(batch.result)
    return {
        **result,
        "accounts": [{**account, "id": 0} for account in result["accounts"]],
    }


@pytest.mark.django_db
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_makes_the_same_book_and_the_same_report(path, eager):
    at_the_end, early = people.alice().workspace, people.charlie().workspace
    expected = import_now(at_the_end, path.read_bytes())
    eager()
    batch = import_now(early, path.read_bytes())
    assert book_of(early) == book_of(at_the_end)
    assert said(batch) == said(expected)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(8))
def test_instruments_that_come_again_are_booked_again(seed, eager):
    chance = random.Random(seed)
    rows = []
    for number in range(60):
        symbol = chance.choice(("AAA", "BBB", "CCC")) if number % 7 else chance.choice("DEF")
        signed = chance.choice((-20, -10, 10, 10, 20))
        rows.append(
            trade(
                transactionID=str(1_000 + number),
                tradeID=str(number),
                symbol=symbol,
                conid=str(sum(map(ord, symbol))),
                dateTime=f"20260602;{9 + chance.randrange(6):02d}{chance.randrange(60):02d}00",
                quantity=str(signed),
                buySell="BUY" if signed > 0 else "SELL",
                tradePrice=str(chance.randint(90, 110)),
            )
        )
    rows.sort(key=lambda row: chance.random() if seed % 2 else row.split('symbol="')[1])
    at_the_end, early = people.alice().workspace, people.charlie().workspace
    expected = import_now(at_the_end, statement(*rows))
    steps = eager()
    batch = import_now(early, statement(*rows))
    assert steps
    assert book_of(early) == book_of(at_the_end)
    assert said(batch) == said(expected)
