"""What nobody types and somebody sends: entries, pastes and mappings that must be answered, not fallen over."""

from __future__ import annotations

import pytest
from django_scopes import scope

from accounts.roles import Role
from journal import tasks
from journal.models import Execution, ImportBatch, ImportState
from tests import people
from tests.doors import drop
from tests.web.journal.test_columns import ANSWERS, TABLE, WHOSE
from tests.web.journal.test_entries import FILL, TRADE

pytestmark = pytest.mark.django_db


@pytest.fixture
def who():
    return people.everybody(bob_as=Role.VIEWER)


@pytest.fixture
def alice(who):
    return people.browser(who.alice)


def latest(who) -> ImportBatch:
    with scope(workspace=who.workspace):
        return ImportBatch.objects.order_by("-pk").first()


@pytest.mark.parametrize(
    "changes",
    [
        {"at": "0001-01-01T00:00", "zone": "Asia/Tokyo"},
        {"at": "9999-12-31T23:59", "zone": "America/New_York"},
        {"zone": "America"},
        {"quantity": "1e99"},
        {"quantity": "1e-99"},
        {"price": "1" * 40},
        {"price": "0." + "1" * 40},
        {"fee": "1e40"},
        {"instrument": "9" * 5000},
        {"account": "9" * 5000},
        {"currency": "U\x1bD"},
        {"symbol": "Q\u2028A\u202e"},
        {"kind": "option", "strike": "1e60", "right": "call", "expiry_on": "2026-12-18"},
        {"kind": "future", "multiplier": "1e60"},
        {"kind": "crypto", "symbol": "/USD"},
        {"kind": "forex", "symbol": "/"},
    ],
)
def test_an_entry_that_cannot_be_is_refused_and_not_half_made(changes, who, alice):
    answer = alice.post("/entries/new", {**FILL, **changes, "enter": "yes"})
    assert answer.status_code in (303, 404, 422), answer
    if answer.status_code == 303:
        batch = latest(who)
        tasks.run_import(batch.pk)
        batch.refresh_from_db()
        assert batch.state in (ImportState.DONE, ImportState.FAILED)
        page = alice.get(f"/imports/{batch.pk}")
        assert page.status_code == 200
        assert alice.get("/trades").status_code == 200


def test_a_button_that_is_pressed_twice_enters_once(who, alice):
    page = alice.get("/entries/new").context["form"]
    sent = {**TRADE, "enter": "yes", "form_id": page["form_id"].value()}
    for _ in range(2):
        assert alice.post("/entries/new", sent).status_code == 303
        tasks.run_import(latest(who).pk)
    with scope(workspace=who.workspace):
        assert Execution.objects.count() == 2
    # Another one from the same page says something else, and so is another.
    alice.post("/entries/new", {**sent, "price": "20.75"})
    tasks.run_import(latest(who).pk)
    # And who opens the form anew means a second fill, even where it is the same.
    again = alice.get("/entries/new").context["form"]["form_id"].value()
    alice.post("/entries/new", {**sent, "form_id": again})
    tasks.run_import(latest(who).pk)
    with scope(workspace=who.workspace):
        assert Execution.objects.count() == 6


@pytest.mark.parametrize("form_id", ["", "x" * 500, "../../etc", "\u202e"])
def test_a_form_without_a_usable_id_enters_all_the_same(form_id, who, alice):
    answer = alice.post("/entries/new", {**FILL, "form_id": form_id, "enter": "yes"})
    assert answer.status_code == 303
    tasks.run_import(latest(who).pk)
    with scope(workspace=who.workspace):
        assert Execution.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"zone": "Nowhere/Land"},
        {"zone": "../../../etc/passwd"},
        {"zone": "/etc/localtime"},
        {"zone": "x" * 64},
        {"zone": "America"},
        {"multiplier": "1e999999"},
        {"multiplier": "1e60"},
        {"points:ES": "NaN"},
        {"currency": "\u202e"},
        {"sheet": "no such sheet"},
        {"role-0": "nonsense"},
        {"role-99": "date"},
        {"asset_class": "nonsense"},
        {"account": "99999999999999999999"},
        {"account": "x"},
        {"broker": "no slug at all"},
    ],
)
def test_answers_about_columns_that_cannot_be_are_told(changes, who, alice):
    drop(alice, TABLE, "mine.csv")
    at = f"/imports/{latest(who).pk}/columns"
    looked = alice.post(at, {**ANSWERS, **WHOSE, **changes})
    assert looked.status_code in (200, 422)
    saved = alice.post(at, {**ANSWERS, **WHOSE, **changes, "save": "yes"})
    assert saved.status_code in (303, 422)
    batch = latest(who)
    if saved.status_code == 303:
        tasks.preview_import(batch.pk)
        batch.refresh_from_db()
        assert batch.state in (ImportState.PREVIEWED, ImportState.FAILED)
        assert alice.get(f"/imports/{batch.pk}").status_code == 200


def test_a_zone_that_does_not_exist_is_named_where_it_was_typed(who, alice):
    drop(alice, TABLE, "mine.csv")
    at = f"/imports/{latest(who).pk}/columns"
    answer = alice.post(at, {**ANSWERS, **WHOSE, "zone": "Nowhere/Land", "save": "yes"})
    assert answer.status_code == 422
    assert "Nowhere/Land" in answer.content.decode()


@pytest.mark.parametrize("rows", ["ü" * 4_900_000, "a\tb\n" * 1_300_000])
def test_a_paste_that_is_too_long_says_so(rows, who, alice):
    answer = alice.post("/imports/paste", {"rows": rows})
    assert answer.status_code in (400, 413, 422)
    words = answer.content.decode()
    assert "file" in words or "characters" in words, words[:500]


@pytest.mark.parametrize("rows", ["x", "\t\t\t", "\ufeff", "a\u2028b\tc\n", '"' * 1000, "=cmd|' /C calc'!A0\t1\n"])  # fmt: skip
def test_a_paste_of_nothing_is_told(rows, who, alice):
    answer = alice.post("/imports/paste", {"rows": rows})
    assert answer.status_code in (303, 422)
