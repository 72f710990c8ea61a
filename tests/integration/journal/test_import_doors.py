"""Files in, through the code that the worker runs, on PostgreSQL."""

from __future__ import annotations

import pytest
from django_scopes import scope, scopes_disabled

from common.errors import Conflict, Rejected, TooLarge
from journal import tasks
from journal.models import BrokerAccount, DataIssue, ImportBatch, ImportState, StatementFile
from journal.services import imports
from tests import people
from tests.brokers.ibkr_flex.flex import SAMPLES, statement, trade
from tests.doors import ROUND_TRIP, as_bytes, book_of, import_now, receive, rows_of, undo

pytestmark = pytest.mark.django_db

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(
        f'<!ENTITY lol{n} "{f"&lol{n - 1 if n > 1 else str()};" * 10}">' for n in range(1, 10)
    )
    + "]><FlexQueryResponse>&lol9;</FlexQueryResponse>"
)
HALF = ROUND_TRIP[: len(ROUND_TRIP) // 2]
REFUSED = {
    "half a file": (HALF, "truncated", "Download it again"),
    "a billion laughs": (BOMB, "hostile_xml", "Nothing was imported"),
    "a statement saved as text": (
        '"ClientAccountID","CurrencyPrimary","Symbol"\n"U1","USD","ACME"\n',
        "flex_text",
        "Format to XML",
    ),
    "another XML": ("<FlexQueryResponse><html/></FlexQueryResponse>", None, None),
}


@pytest.fixture
def workspace():
    return people.alice().workspace


@pytest.mark.parametrize("name", [name for name, (_, code, _) in REFUSED.items() if code])
def test_a_file_that_is_no_statement_fails_with_a_sentence_and_keeps_nothing(workspace, name):
    content, code, advice = REFUSED[name]
    batch = receive(workspace, content)
    tasks.preview_import(batch.pk)
    with scope(workspace=workspace):
        batch.refresh_from_db()
    assert (batch.state, batch.error_code) == (ImportState.FAILED, code)
    assert advice in batch.error_message
    assert rows_of(workspace) == 0


@pytest.mark.parametrize("name", [name for name, (_, code, _) in REFUSED.items() if code])
def test_a_refused_file_that_was_confirmed_unseen_keeps_nothing_either(workspace, name):
    content, code, _ = REFUSED[name]
    batch = import_now(workspace, content)
    assert (batch.state, batch.error_code) == (ImportState.FAILED, code)
    assert rows_of(workspace) == 0


def test_what_no_reader_knows_is_refused_at_the_door(workspace):
    with pytest.raises(Rejected) as refusal:
        receive(workspace, "once upon a time", name="tale.txt")
    assert refusal.value.code == "format_not_recognised"
    assert "tale.txt" in refusal.value.message
    with pytest.raises(Rejected) as refusal:
        receive(workspace, b"")
    assert refusal.value.code == "file_empty"
    with scope(workspace=workspace):
        assert not ImportBatch.objects.exists()
        assert not StatementFile.objects.exists()


def test_a_file_over_the_limit_is_refused(workspace, settings):
    settings.STATEMENT_SIZE_MAX_BYTES = 1024
    with pytest.raises(TooLarge) as refusal:
        receive(workspace, ROUND_TRIP + " " * 1024)
    assert "shorter period" in refusal.value.message


def test_a_zone_that_does_not_exist_is_refused(workspace):
    with pytest.raises(Rejected) as refusal:
        receive(workspace, ROUND_TRIP, zone="Mars/Olympus")
    assert refusal.value.code == "zone_unknown"


def test_a_file_of_another_account_is_refused_and_can_be_read_again(workspace):
    import_now(workspace, statement(trade(), account="U7000005"))
    with scope(workspace=workspace):
        other = BrokerAccount.objects.get(broker_id="U7000005")
    before = rows_of(workspace)
    batch = receive(workspace, ROUND_TRIP, account=other)
    tasks.preview_import(batch.pk)
    with scope(workspace=workspace):
        batch.refresh_from_db()
        assert batch.error_code == "wrong_account"
        assert "U7000001" in batch.error_message
        assert rows_of(workspace) == before
        imports.ask_again(batch, imports.Expectation())
        tasks.preview_import(batch.pk)
        batch.refresh_from_db()
        assert batch.state == ImportState.PREVIEWED


def test_a_statement_of_a_stranger_s_account_makes_an_account_of_ones_own(workspace):
    stranger = people.charlie().workspace
    import_now(stranger, ROUND_TRIP)
    theirs = book_of(stranger)
    import_now(workspace, ROUND_TRIP)
    assert book_of(stranger) == theirs
    with scopes_disabled():
        owners = BrokerAccount.objects.filter(broker_id="U7000001").values_list(
            "workspace", flat=True
        )
        assert sorted(owners) == sorted([stranger.pk, workspace.pk])


def test_rows_that_cannot_be_understood_are_problems_and_the_others_are_imported(workspace):
    batch = import_now(workspace, (SAMPLES / "troubled.xml").read_bytes())
    assert batch.state == ImportState.DONE
    with scope(workspace=workspace):
        issues = DataIssue.objects.filter(batch=batch)
        errors = issues.filter(severity="error")
        assert errors.exists()
        assert all(issue.row and issue.raw for issue in errors)
        assert "NUMB" in {issue.raw.get("symbol") for issue in errors}
    assert book_of(workspace)["executions"]
    assert batch.result["problem_count"] == len(batch.result["problems"])


def test_a_preview_keeps_nothing_and_says_what_would_come(workspace):
    batch = receive(workspace, ROUND_TRIP)
    tasks.preview_import(batch.pk)
    with scope(workspace=workspace):
        batch.refresh_from_db()
    assert rows_of(workspace) == 0
    said = batch.preview["accounts"][0]
    assert (said["is_new"], said["zone"]) == (True, "America/New_York")
    assert said["executions"] == {"read": 2, "new": 2, "duplicate": 0}
    assert said["first_executions"][0]["executed_at"] == "2026-06-02T13:30:01+00:00"
    assert batch.preview["trades"] == {"opened": 1, "closed": 1}
    assert batch.preview["realized_pnl"] == {"USD": "18"}


def test_a_preview_reads_times_in_the_zone_that_was_asked_for(workspace):
    batch = receive(workspace, ROUND_TRIP, zone="Europe/Berlin")
    tasks.preview_import(batch.pk)
    with scope(workspace=workspace):
        batch.refresh_from_db()
    first = batch.preview["accounts"][0]["first_executions"][0]
    assert first["executed_at"] == "2026-06-02T07:30:01+00:00"


def test_importing_twice_adds_nothing(workspace):
    import_now(workspace, ROUND_TRIP)
    before, rows = book_of(workspace), rows_of(workspace)
    again = import_now(workspace, ROUND_TRIP)
    assert again.state == ImportState.DONE
    assert again.result["accounts"][0]["executions"] == {"read": 2, "new": 0, "duplicate": 2}
    assert (book_of(workspace), rows_of(workspace)) == (before, rows)


def test_undo_empties_the_book_and_importing_again_brings_the_same_book(workspace):
    batch = import_now(workspace, (SAMPLES / "activity.xml").read_bytes())
    before = book_of(workspace)
    assert before["executions"]
    undo(workspace, batch)
    assert batch.state == ImportState.WITHDRAWN
    assert not any(book_of(workspace).values())
    with scope(workspace=workspace):
        assert not DataIssue.objects.exists()
    import_now(workspace, (SAMPLES / "activity.xml").read_bytes())
    assert book_of(workspace) == before


def test_undoing_one_of_two_overlapping_files_leaves_what_the_other_says(workspace):
    second = statement(
        trade(transactionID="2", dateTime="20260602;100000", quantity="-10", tradePrice="12", buySell="SELL"),
        trade(transactionID="3", dateTime="20260603;100000", quantity="5", tradePrice="9"),
    )  # fmt: skip
    import_now(workspace, second)
    alone = book_of(workspace)
    batch = import_now(workspace, ROUND_TRIP)
    undo(workspace, batch)
    assert book_of(workspace) == alone


def test_what_a_later_file_repeated_stays_when_the_first_is_undone(workspace):
    first = import_now(workspace, ROUND_TRIP)
    before = book_of(workspace)
    second = import_now(workspace, ROUND_TRIP + "<!-- the same, exported again -->")
    assert second.result["accounts"][0]["executions"]["new"] == 0
    undo(workspace, first)
    assert book_of(workspace) == before
    with scope(workspace=workspace):
        second.refresh_from_db()
    assert second.result["accounts"][0]["executions"] == {"read": 2, "new": 2, "duplicate": 0}
    undo(workspace, second)
    assert not any(book_of(workspace).values())


def test_undo_is_only_for_what_was_imported(workspace):
    batch = receive(workspace, ROUND_TRIP)
    with scope(workspace=workspace), pytest.raises(Conflict):
        imports.ask_undo(batch)


def test_undoing_twice_changes_nothing(workspace):
    batch = import_now(workspace, ROUND_TRIP)
    undo(workspace, batch)
    at = batch.withdrawn_at
    undo(workspace, batch)
    assert batch.withdrawn_at == at


def test_confirming_while_the_preview_is_read_is_not_forgotten(workspace):
    batch = receive(workspace, ROUND_TRIP)
    with scope(workspace=workspace):
        ImportBatch.objects.filter(pk=batch.pk).update(state=ImportState.PREVIEWING)
        imports.confirm_import(batch)
    tasks.preview_import(batch.pk)
    tasks.run_import(batch.pk)
    with scope(workspace=workspace):
        batch.refresh_from_db()
    assert batch.state == ImportState.DONE


def test_a_task_that_is_delivered_twice_imports_once(workspace):
    batch = import_now(workspace, ROUND_TRIP)
    before, rows = book_of(workspace), rows_of(workspace)
    tasks.run_import(batch.pk)
    tasks.preview_import(batch.pk)
    assert (book_of(workspace), rows_of(workspace)) == (before, rows)


def test_previewing_many_times_is_not_counted_as_failing(workspace):
    batch = receive(workspace, ROUND_TRIP)
    for zone in ("", "UTC", "Europe/Berlin", "Asia/Tokyo", "America/Chicago", "Europe/London"):
        with scope(workspace=workspace):
            imports.ask_again(batch, imports.Expectation(zone=zone))
        tasks.preview_import(batch.pk)
    with scope(workspace=workspace):
        batch.refresh_from_db()
    assert (batch.state, batch.attempts) == (ImportState.PREVIEWED, 0)


def test_the_same_content_is_kept_once(workspace):
    receive(workspace, ROUND_TRIP, name="one.xml")
    receive(workspace, ROUND_TRIP, name="two.xml")
    with scope(workspace=workspace):
        assert StatementFile.objects.count() == 1
        assert StatementFile.objects.get().size_bytes == len(as_bytes(ROUND_TRIP))
