"""Large batches are booked in a process beside the import: the same book, and no query in there."""

from __future__ import annotations

import pytest
from django.db import connection

from journal.services.booking import rebook
from tests import people
from tests.brokers.ibkr_flex.flex import SAMPLES
from tests.brokers.reading import CORPUS
from tests.doors import book_of, import_now

FILES = sorted([*SAMPLES.glob("*.xml"), *(CORPUS / "ibkr_flex").glob("*.xml")])


@pytest.mark.django_db
def test_a_process_books_what_a_thread_books(monkeypatch):
    in_thread, in_process = people.alice().workspace, people.charlie().workspace
    for path in FILES:
        import_now(in_thread, path.read_bytes())
    monkeypatch.setattr(rebook, "_PROCESS_FROM_FILLS", 0)
    for path in FILES:
        import_now(in_process, path.read_bytes())
    assert book_of(in_process) == book_of(in_thread)
    assert any(book_of(in_process).values())


@pytest.mark.django_db
@pytest.mark.parametrize("fills", [0, 10**9], ids=["process", "thread"])
def test_booking_that_asks_the_database_is_a_bug_and_keeps_nothing(monkeypatch, fills):
    def curious(*_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    monkeypatch.setattr(rebook, "_PROCESS_FROM_FILLS", fills)
    monkeypatch.setattr(rebook, "_compose", curious)
    workspace = people.alice().workspace
    with pytest.raises(RuntimeError, match="Booking is pure"):
        import_now(workspace, (SAMPLES / "options.xml").read_bytes())
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
