"""Booking runs beside the database, in a thread, and must not use it."""

from __future__ import annotations

from contextlib import closing

import pytest
from django.db import connection

from journal.services.booking import rebook
from tests import people
from tests.brokers.ibkr_flex.flex import SAMPLES
from tests.doors import import_now


@pytest.mark.django_db
def test_booking_that_asks_the_database_is_a_bug_and_keeps_nothing(monkeypatch):
    def curious(*_: object) -> None:
        with closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    monkeypatch.setattr(rebook, "_compose", curious)
    workspace = people.alice().workspace
    with pytest.raises(RuntimeError, match="Booking is pure"):
        import_now(workspace, (SAMPLES / "options.xml").read_bytes())
