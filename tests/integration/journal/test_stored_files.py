"""Stored bytes that are gone, damaged or could not be written: a sentence, and nothing half done."""

from __future__ import annotations

import errno
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django_scopes import scope

from common.errors import Conflict, Rejected, Unavailable
from journal import tasks
from journal.models import ImportBatch, ImportState, StatementFile
from journal.services import imports, stored_files, withdrawal
from tests import people
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.doors import ROUND_TRIP, book_of, import_now, receive, rows_of, undo

pytestmark = pytest.mark.django_db

REPEATED = ROUND_TRIP + "<!-- the same, exported again -->"
OTHER = statement(trade(transactionID="9", symbol="OTHER", conid="9"))


@pytest.fixture
def workspace():
    return people.alice().workspace


def lose(batch: ImportBatch) -> None:
    default_storage.delete(batch.file.stored_as)


def spoil(batch: ImportBatch, content: bytes) -> None:
    with Path(default_storage.path(batch.file.stored_as)).open("r+b") as file:
        file.write(content)


def shorten(batch: ImportBatch) -> None:
    with Path(default_storage.path(batch.file.stored_as)).open("r+b") as file:
        file.truncate(100)


@pytest.fixture
def nothing_is_fresh(monkeypatch):
    monkeypatch.setattr(stored_files, "_FRESH", timedelta(0))


# --- The import itself ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", [tasks.preview_import, tasks.run_import])
def test_an_import_whose_bytes_are_gone_fails_with_a_sentence(workspace, task):
    batch = receive(workspace, ROUND_TRIP, name="june.xml")
    lose(batch)
    with scope(workspace=workspace):
        if task is tasks.run_import:
            imports.confirm_import(batch)
        task(batch.pk)
        batch.refresh_from_db()
    assert (batch.state, batch.error_code) == (ImportState.FAILED, "stored_file_missing")
    assert "june.xml" in batch.error_message
    assert "Upload the same file again" in batch.error_message
    assert rows_of(workspace) == 0


def test_bytes_that_are_not_what_was_handed_in_are_not_imported(workspace, nothing_is_fresh):
    batch = receive(workspace, ROUND_TRIP)
    spoil(batch, b"<FlexQueryResponsE")
    with scope(workspace=workspace):
        tasks.preview_import(batch.pk)
        batch.refresh_from_db()
    assert (batch.state, batch.error_code) == (ImportState.FAILED, "stored_file_damaged")


def test_a_file_that_was_cut_in_the_storage_is_not_taken_for_half_a_download(workspace):
    batch = receive(workspace, ROUND_TRIP)
    shorten(batch)
    with scope(workspace=workspace):
        tasks.preview_import(batch.pk)
        batch.refresh_from_db()
    assert (batch.state, batch.error_code) == (ImportState.FAILED, "stored_file_damaged")


@pytest.mark.parametrize("harm", [lose, shorten, lambda batch: spoil(batch, b"<FlexQueryResponsE")])
def test_handing_the_file_in_again_puts_it_back(workspace, harm, nothing_is_fresh):
    first = import_now(workspace, ROUND_TRIP)
    harm(first)
    receive(workspace, ROUND_TRIP)
    with scope(workspace=workspace):
        assert StatementFile.objects.count() == 1
        again = imports.import_again(first, user_id=None)
        tasks.preview_import(again.pk)
        again.refresh_from_db()
    assert again.state == ImportState.PREVIEWED
    with default_storage.open(first.file.stored_as) as stored:
        assert stored.read() == ROUND_TRIP.encode()


# --- Undo ----------------------------------------------------------------------------------------------------


def test_an_undo_that_needs_a_lost_file_says_which_and_leaves_the_book(workspace):
    first = import_now(workspace, ROUND_TRIP, name="june.xml")
    second = import_now(workspace, REPEATED, name="july.xml")
    before, rows = book_of(workspace), rows_of(workspace)
    lose(second)
    undo(workspace, first)
    assert (first.state, first.error_code) == (ImportState.DONE, "undo_failed")
    for words in ("Nothing was undone", "july.xml", f"number {second.pk}", "Upload that same file"):
        assert words in first.error_message
    assert first.withdrawn_at is None
    assert (book_of(workspace), rows_of(workspace)) == (before, rows)
    with scope(workspace=workspace):
        second.refresh_from_db()
        assert second.result["accounts"][0]["executions"]["new"] == 0


def test_an_undo_works_once_the_lost_file_is_back(workspace):
    first = import_now(workspace, ROUND_TRIP)
    second = import_now(workspace, REPEATED)
    before = book_of(workspace)
    lose(second)
    undo(workspace, first)
    receive(workspace, REPEATED)
    undo(workspace, first)
    assert (first.state, first.error_code, first.error_message) == (ImportState.WITHDRAWN, "", "")
    assert book_of(workspace) == before


def test_an_undo_works_once_the_other_import_is_undone(workspace):
    first = import_now(workspace, ROUND_TRIP)
    second = import_now(workspace, REPEATED)
    lose(second)
    undo(workspace, first)
    undo(workspace, second)
    undo(workspace, first)
    assert (first.state, second.state) == (ImportState.WITHDRAWN, ImportState.WITHDRAWN)
    assert not any(book_of(workspace).values())


def test_an_undo_needs_no_file_that_repeats_nothing_and_not_its_own(workspace):
    first = import_now(workspace, ROUND_TRIP)
    second = import_now(workspace, OTHER)
    lose(first)
    lose(second)
    undo(workspace, first)
    assert first.state == ImportState.WITHDRAWN
    assert len(book_of(workspace)["executions"]) == 1


@pytest.mark.parametrize(
    "harm", [shorten, lambda batch: spoil(batch, b"<FlexQueryResponsE")], ids=["cut", "changed"]
)
def test_an_undo_that_needs_a_damaged_file_says_so(workspace, harm, nothing_is_fresh):
    first = import_now(workspace, ROUND_TRIP)
    second = import_now(workspace, REPEATED, name="july.xml")
    before = book_of(workspace)
    harm(second)
    undo(workspace, first)
    assert (first.state, first.error_code) == (ImportState.DONE, "undo_failed")
    assert "july.xml" in first.error_message
    assert "damaged" in first.error_message
    assert book_of(workspace) == before


def test_an_undo_that_needs_a_file_that_no_reader_takes_any_more_says_so(workspace, monkeypatch):
    first = import_now(workspace, ROUND_TRIP)
    import_now(workspace, REPEATED, name="july.xml")
    before = book_of(workspace)
    monkeypatch.setattr("journal.brokers.ibkr_flex.stream.DEPTH_MAX", 1)
    undo(workspace, first)
    assert (first.state, first.error_code) == (ImportState.DONE, "undo_failed")
    assert "nested more than 1 deep" in first.error_message
    assert book_of(workspace) == before


def test_an_undo_that_is_interrupted_again_and_again_is_given_up_with_a_sentence(
    workspace, monkeypatch
):
    first = import_now(workspace, ROUND_TRIP)
    before = book_of(workspace)

    def killed(*_arguments, **_named):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(withdrawal, "rebook_account", killed)
    with scope(workspace=workspace):
        imports.ask_undo(first)
    for _ in range(imports.ATTEMPTS_MAX):
        with pytest.raises(OSError, match="Input"):
            tasks.withdraw_import(first.pk)
    tasks.withdraw_import(first.pk)
    with scope(workspace=workspace):
        first.refresh_from_db()
    assert (first.state, first.error_code) == (ImportState.DONE, "undo_gave_up")
    assert "undo it once more" in first.error_message
    assert book_of(workspace) == before
    monkeypatch.undo()
    undo(workspace, first)
    assert (first.state, first.error_code) == (ImportState.WITHDRAWN, "")


def test_an_undo_in_work_is_not_begun_by_a_second_worker(workspace, monkeypatch):
    first = import_now(workspace, ROUND_TRIP)
    monkeypatch.setattr(withdrawal, "is_import_running", lambda _: True)
    with scope(workspace=workspace):
        imports.ask_undo(first)
        with pytest.raises(Conflict):
            withdrawal.withdraw_import(first)
        first.refresh_from_db()
    assert (first.state, first.attempts) == (ImportState.WITHDRAWING, 0)


# --- Storing -------------------------------------------------------------------------------------------------


@pytest.fixture
def full_disk(monkeypatch):
    """Takes a little, then nothing more."""

    def save(name: str, _content: object) -> None:
        path = Path(default_storage.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"<Flex")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(default_storage, "_save", save)


def test_a_full_disk_is_said_and_leaves_nothing(workspace, full_disk, monkeypatch):
    with pytest.raises(Unavailable) as refusal:
        receive(workspace, ROUND_TRIP)
    assert refusal.value.code == "file_not_stored"
    assert "No space left on device" in refusal.value.message
    with scope(workspace=workspace):
        assert not ImportBatch.objects.exists()
        assert not StatementFile.objects.exists()
    assert stored_in(workspace) == []
    monkeypatch.undo()
    assert import_now(workspace, ROUND_TRIP).state == ImportState.DONE


def test_a_lost_file_that_cannot_be_put_back_stays_lost(workspace, request):
    batch = receive(workspace, ROUND_TRIP)
    lose(batch)
    request.getfixturevalue("full_disk")
    with pytest.raises(Unavailable):
        receive(workspace, ROUND_TRIP)
    assert not default_storage.exists(batch.file.stored_as)


def test_the_same_content_that_comes_in_twice_at_once_is_kept_once(workspace, monkeypatch):
    store = stored_files._store

    def overtaken(name, stream):
        monkeypatch.setattr(stored_files, "_store", store)
        receive(workspace, ROUND_TRIP)
        return store(name, stream)

    monkeypatch.setattr(stored_files, "_store", overtaken)
    batch = import_now(workspace, ROUND_TRIP)
    assert batch.state == ImportState.DONE
    assert stored_in(workspace) == [Path(batch.file.stored_as).name]


def stored_in(workspace) -> list[str]:
    folder = f"statements/{workspace.pk}"
    return default_storage.listdir(folder)[1] if default_storage.exists(folder) else []


def test_a_rejected_undo_reaches_its_caller(workspace):
    first = import_now(workspace, ROUND_TRIP)
    second = import_now(workspace, REPEATED)
    lose(second)
    with scope(workspace=workspace), pytest.raises(Rejected, match="Nothing was undone"):
        withdrawal.withdraw_import(first)
