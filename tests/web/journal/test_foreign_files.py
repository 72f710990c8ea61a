"""What is no statement, at every door: the same sentence for whoever hands it in, and nothing is kept."""

from __future__ import annotations

import gzip
import html
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django_scopes import scope

from journal import tasks
from journal.models import ImportBatch, ImportState, StatementFile
from tests import people
from tests.doors import ROUND_TRIP, drop, rows_of

pytestmark = pytest.mark.django_db

# By name: the file, the code and words of the refusal, and whether the doors refuse it before they keep it.
FILES = {
    "nothing.xml": (b"", "file_empty", "The file is empty", True),
    "blank.xml": (b" \n\n", "empty_file", "The file holds nothing", True),
    "june.xml.gz": (gzip.compress(ROUND_TRIP.encode()), "packed_file", "Unpack it", True),
    "login.html": (b"<!DOCTYPE html><html><body>Sign in", "web_page", "a web page", True),
    "report.pdf": (b"%PDF-1.7\n1 0 obj", "document_file", "a PDF document", True),
    "trades.json": (b'{"trades": []}', "document_file", "JSON", True),
    "chart.png": (b"\x89PNG\r\n\x1a\n", "document_file", "a picture", True),
    "feed.xml": (b"<rss><channel/></rss>", "not_flex", "not a Flex statement", True),
    "flex.csv": (b'"ClientAccountID","Symbol"\n"U1","ACME"\n', "flex_text", "Format to XML", False),
    "half.xml": (ROUND_TRIP[:700].encode(), "truncated", "half a file", False),
}  # fmt: skip
each = pytest.mark.parametrize("name", FILES)


@pytest.fixture
def who():
    return people.everybody()


def assert_nothing_came_of_it(who, *, is_refused_at_once: bool) -> None:
    assert rows_of(who.workspace) == 0
    with scope(workspace=who.workspace):
        assert StatementFile.objects.exists() != is_refused_at_once
        assert set(ImportBatch.objects.values_list("state", flat=True)) <= {ImportState.FAILED}


@each
def test_the_command(who, name, tmp_path):
    data, _, words, at_once = FILES[name]
    (tmp_path / name).write_bytes(data)
    arguments = ("import_statement", str(tmp_path / name), "--workspace", "Alice’s journal")
    for more in ((), ("--dry-run",), ("--format", "ibkr_flex")):
        with pytest.raises(CommandError, match=words) as refusal:
            call_command(*arguments, *more, stdout=StringIO())
        assert name in str(refusal.value)
    assert_nothing_came_of_it(who, is_refused_at_once=at_once)


@each
def test_the_page(who, name):
    data, _, words, at_once = FILES[name]
    answer = drop(people.browser(who.alice), data, name)
    if not at_once:
        with scope(workspace=who.workspace):
            batch = ImportBatch.objects.get()
        tasks.preview_import(batch.pk)
        answer = people.browser(who.alice).get(f"/imports/{batch.pk}")
    assert answer.status_code == (422 if at_once else 200)
    assert words in html.unescape(answer.content.decode())
    assert_nothing_came_of_it(who, is_refused_at_once=at_once)


@pytest.mark.parametrize("door", ["csv", "flex"])
@each
def test_the_api(who, name, door):
    data, code, words, at_once = FILES[name]
    bot = people.bot(who.alice)
    body = {"file": SimpleUploadedFile(name, data)}
    answer = bot.post(f"/api/trades/import/{door}", body, format="multipart")
    assert answer.status_code == (422 if at_once else 202)
    said = answer.json()
    if not at_once:
        tasks.run_import(said["id"])
        said = bot.get(f"/api/trades/import/status/{said['id']}").json()["error"]
    assert said["code"] == code
    assert words in said["message"]
    assert_nothing_came_of_it(who, is_refused_at_once=at_once)


def test_of_several_files_each_refusal_names_its_file(who):
    alice = people.browser(who.alice)
    files = [
        SimpleUploadedFile(name, data)
        for name, data in (
            ("june.xml", ROUND_TRIP.encode()),
            ("a.pdf", b"%PDF-1.7"),
            ("b.json", b"{}"),
        )
    ]
    alice.post("/imports", {"file": files, "account": "", "zone": ""})
    shown = html.unescape(alice.get("/imports").content.decode())
    assert "a.pdf: The file is a PDF document" in shown
    assert "b.json: The file is JSON" in shown
    assert "1 file is being read" in shown
    none_of_them = alice.post("/imports", {"file": files[1:], "account": "", "zone": ""})
    assert none_of_them.status_code == 422


def test_text_that_another_reader_might_read_is_kept_when_a_reader_was_named(who):
    bot = people.bot(who.alice)
    body = {"file": SimpleUploadedFile("trades.csv", b"Date,Symbol,Quantity\n2026-06-02,ACME,1\n")}
    answer = bot.post("/api/trades/import/flex", body, format="multipart")
    assert answer.status_code == 202
    tasks.run_import(answer.json()["id"])
    said = bot.get(f"/api/trades/import/status/{answer.json()['id']}").json()
    assert (said["state"], said["error"]["code"]) == ("failed", "not_xml")
    assert rows_of(who.workspace) == 0


@pytest.mark.parametrize("order", [1, -1])
def test_an_empty_file_among_others_does_not_hold_them_up(who, order):
    alice = people.browser(who.alice)
    pair = (("june.xml", ROUND_TRIP.encode()), ("nothing.xml", b""))
    files = [SimpleUploadedFile(name, data) for name, data in pair[::order]]
    answer = alice.post("/imports", {"file": files, "account": "", "zone": ""})
    assert answer.status_code == 303
    assert "nothing.xml: The file is empty" in alice.get("/imports").content.decode()
    with scope(workspace=who.workspace):
        assert ImportBatch.objects.get().file.name == "june.xml"


def test_a_file_that_is_not_sent_as_a_form_field_is_told_how_to(who):
    bot = people.bot(who.alice)
    address = "/api/trades/import/flex"
    bare = bot.post(address, ROUND_TRIP, content_type="application/xml")
    assert (bare.status_code, bare.json()["code"]) == (415, "unsupported_media_type")
    assert "curl -F file=@" in bare.json()["message"]
    for body in ({}, {"file": ROUND_TRIP}):
        answer = bot.post(address, body, format="multipart")
        assert answer.status_code == 422
        assert "curl -F file=@" in answer.json()["fields"]["file"][0]
