"""What a person corrected of an entry, or of a fill that stands for it."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from django_scopes import scope

from journal.models import Correction, Execution
from journal.services.corrections import correct_fill, withdraw_correction
from tests.doors import undo
from tests.integration.journal.entered_orders.files import (
    ALONE,
    BOOKED,
    ENTRY,
    PIECES,
    book,
    entry,
    take,
)
from tests.integration.journal.test_many_sources import new_workspace


def correct(workspace, found_at: str, **changes: str) -> Correction:
    with scope(workspace=workspace):
        fill = Execution.objects.select_related("report").get(price=Decimal(found_at))
        kind = "amend" if changes else "exclude"
        return correct_fill(fill, kind=kind, changes=changes, reason="typo", author_id=None)


def test_a_corrected_entry_is_compared_as_it_was_corrected(db):
    workspace = new_workspace()
    take(workspace, entry("+12@10.5 10:31"))
    correction = correct(workspace, "10.5", price="10.05", quantity="10")
    assert book(workspace) == ALONE
    stated = take(workspace, PIECES)
    assert book(workspace) == BOOKED
    with scope(workspace=workspace):
        withdraw_correction(correction)
    assert book(workspace) == BOOKED + Counter({("buy", "12", "10.5"): 1})
    undo(workspace, stated)
    correct(workspace, "10.5", price="10.05", quantity="10")
    take(workspace, PIECES)
    assert book(workspace) == BOOKED


def test_an_entry_that_was_moved_to_its_day(db):
    """Typed for another day, corrected before or after the statement comes."""
    typo = entry("+10@10.05 10:31").replace("2026-06-02T10:31", "2026-05-20T10:31")
    moved = {"executed_at": "2026-06-02T10:31:00-04:00"}
    workspace = new_workspace()
    take(workspace, typo)
    take(workspace, PIECES)
    assert book(workspace) == BOOKED + ALONE
    correction = correct(workspace, "10.05", **moved)
    assert book(workspace) == BOOKED
    with scope(workspace=workspace):
        withdraw_correction(correction)
    assert book(workspace) == BOOKED + ALONE
    before = new_workspace()
    take(before, typo)
    correct(before, "10.05", **moved)
    stated = take(before, PIECES)
    assert book(before) == BOOKED
    undo(before, stated)
    assert book(before) == ALONE


def test_an_entry_that_was_left_out_is_nobodys_sum(db):
    workspace = new_workspace()
    take(workspace, entry("+10@10.05 10:31"))
    correct(workspace, "10.05")
    assert book(workspace) == Counter()
    take(workspace, entry("+10@10.05 10:32"))
    take(workspace, PIECES)
    assert book(workspace) == BOOKED


def test_a_correction_of_the_fill_is_the_fills_own(db):
    workspace = new_workspace()
    batch = take(workspace, ENTRY)
    stated = take(workspace, PIECES)
    correction = correct(workspace, "10.04", price="10.03")
    corrected = Counter({("buy", "4", "10.03"): 1, ("buy", "6", "10.057"): 1})
    assert book(workspace) == corrected
    undo(workspace, stated)
    assert book(workspace) == ALONE
    take(workspace, PIECES)
    undo(workspace, batch)
    assert book(workspace) == corrected
    with scope(workspace=workspace):
        withdraw_correction(correction)
    assert book(workspace) == BOOKED
