"""Rows that were copied come in like a file: a reader that knows them first, else the page of columns."""

from __future__ import annotations

import html

import pytest
from django_scopes import scope

from accounts.roles import Role
from journal import tasks
from journal.models import ImportBatch, ImportState
from tests import people
from tests.doors import ROUND_TRIP

pytestmark = pytest.mark.django_db

COPIED = (
    "Date\tSymbol\tSide\tQty\tPrice\n2027-03-01\tQXA\tBuy\t10\t20\n2027-03-02\tQXA\tSell\t10\t22\n"
)


@pytest.fixture
def who():
    return people.everybody(bob_as=Role.VIEWER)


@pytest.fixture
def alice(who):
    return people.browser(who.alice)


def latest(who) -> ImportBatch | None:
    with scope(workspace=who.workspace):
        return ImportBatch.objects.select_related("file").order_by("-pk").first()


def test_copied_rows_are_kept_as_they_are_and_asked_about(who, alice):
    answer = alice.post("/imports/paste", {"rows": COPIED})
    batch = latest(who)
    assert (answer.status_code, answer.url) == (303, f"/imports/{batch.pk}/columns")
    assert batch.file.name.startswith("pasted-")
    # Browsers send \r\n for each line of a text area.
    assert batch.file.size_bytes in (len(COPIED), len(COPIED) + COPIED.count("\n"))
    page = html.unescape(alice.get(answer.url).content.decode())
    assert "QXA" in page


def test_what_a_reader_knows_goes_to_that_reader(who, alice):
    answer = alice.post("/imports/paste", {"rows": ROUND_TRIP})
    batch = latest(who)
    assert (batch.format, answer.url) == ("ibkr_flex", f"/imports/{batch.pk}")
    tasks.preview_import(batch.pk)
    assert latest(who).state == ImportState.PREVIEWED


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("", "Paste some rows first"),
        ("   ", "The file holds nothing"),
        ("Dear broker, please", "No reader recognises"),
        ("<html><body>Sign in", "a web page"),
    ],
)
def test_what_is_no_table_is_refused_with_the_rows_still_there(who, alice, rows, words):
    answer = alice.post("/imports/paste", {"rows": rows})
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert words in page
    assert rows in page
    assert latest(who) is None


def test_a_viewer_may_not_paste(who):
    assert people.browser(who.bob).post("/imports/paste", {"rows": COPIED}).status_code == 403


def test_the_address_that_a_form_is_sent_to_is_no_empty_page(alice):
    answer = alice.get("/imports/paste")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "only takes what a form sends" in answer.content.decode()
