"""Files that do not say whose they are: a person says it, before anything is written."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django_scopes import scope

from journal import tasks
from journal.models import BrokerAccount, Execution, ImportState
from journal.services import imports
from tests import people
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.doors import import_now, receive, rows_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bare_reader")]

FILLS = "bare\n05/01/2026 15:30,ACME,buy,10,100,USD\n06/01/2026 15:30,ACME,sell,10,101,USD\n"


@pytest.fixture
def alice():
    return people.alice()


@pytest.fixture
def workspace(alice):
    return alice.workspace


def previewed(batch):
    tasks.preview_import(batch.pk)
    with scope(workspace=batch.workspace_id):
        batch.refresh_from_db()
    return batch


def asked_again(batch, **expected):
    with scope(workspace=batch.workspace_id):
        imports.ask_again(batch, imports.Expectation(**expected))
    return previewed(batch)


def executed(workspace):
    with scope(workspace=workspace):
        return [
            (one.account.broker_id, one.executed_at)
            for one in Execution.objects.select_related("account").order_by("executed_at")
        ]


def test_without_an_account_nothing_is_imported_and_the_sentence_says_what_to_do(workspace):
    batch = previewed(receive(workspace, FILLS, day_first=True))
    assert (batch.state, batch.error_code) == (ImportState.FAILED, "account_needed")
    assert "type a number for a new one" in batch.error_message
    assert rows_of(workspace) == 0


def test_a_new_account_is_named_after_the_first_look(workspace):
    batch = previewed(receive(workspace, FILLS, day_first=True))
    batch = asked_again(batch, account_number=" 4711 ", day_first=True)
    assert batch.state == ImportState.PREVIEWED
    (shown,) = batch.preview["accounts"]
    assert (shown["broker_id"], shown["is_new"], shown["zone"]) == ("4711", True, "Europe/Berlin")
    assert shown["executions"] == {"read": 2, "new": 2, "duplicate": 0}
    with scope(workspace=workspace):
        assert not BrokerAccount.objects.exists()
        imports.confirm_import(batch)
    tasks.run_import(batch.pk)
    with scope(workspace=workspace):
        account = BrokerAccount.objects.get()
    assert (account.broker, account.broker_id) == ("barebroker", "4711")
    assert executed(workspace) == [
        ("4711", datetime(2026, 1, 5, 14, 30, tzinfo=UTC)),
        ("4711", datetime(2026, 1, 6, 14, 30, tzinfo=UTC)),
    ]


def test_the_same_file_for_the_chosen_account_brings_nothing_new(workspace):
    import_now(workspace, FILLS, account_number="4711", day_first=True)
    with scope(workspace=workspace):
        account = BrokerAccount.objects.get()
    again = import_now(workspace, FILLS, account=account, day_first=True)
    assert again.state == ImportState.DONE
    assert again.result["accounts"][0]["executions"] == {"read": 2, "new": 0, "duplicate": 2}


def test_times_are_those_of_the_chosen_account_unless_the_import_says_otherwise(workspace):
    import_now(workspace, FILLS, account_number="4711", day_first=True)
    with scope(workspace=workspace):
        account = BrokerAccount.objects.get()
        account.statement_zone = "UTC"
        account.save()
    batch = previewed(receive(workspace, FILLS + "\n", account=account, day_first=True))
    assert batch.preview["accounts"][0]["zone"] == "UTC"
    batch = asked_again(batch, account=account, zone="Asia/Tokyo", day_first=True)
    assert batch.preview["accounts"][0]["zone"] == "Asia/Tokyo"


def test_the_order_of_day_and_month_is_what_the_person_said(workspace):
    import_now(workspace, FILLS, account_number="4711", day_first=False)
    assert [at.date().isoformat() for _, at in executed(workspace)] == ["2026-05-01", "2026-06-01"]


def test_an_account_of_another_broker_is_refused(workspace):
    import_now(workspace, statement(trade()))
    with scope(workspace=workspace):
        ibkr = BrokerAccount.objects.get()
    batch = previewed(receive(workspace, FILLS, account=ibkr, day_first=True))
    assert (batch.state, batch.error_code) == (ImportState.FAILED, "wrong_broker")
    assert "Bare fills" in batch.error_message


def test_a_number_that_the_file_contradicts_is_refused(workspace):
    batch = import_now(workspace, statement(trade()), account_number="4711")
    assert (batch.state, batch.error_code) == (ImportState.FAILED, "wrong_account")


def test_the_reader_can_be_changed_after_the_first_look(workspace):
    batch = previewed(receive(workspace, FILLS, format="ibkr_flex"))
    assert batch.state == ImportState.FAILED
    batch = asked_again(batch, format="bare", account_number="4711", day_first=True)
    assert (batch.state, batch.format) == (ImportState.PREVIEWED, "bare")


def test_an_import_again_expects_what_the_first_one_did(workspace):
    first = import_now(workspace, FILLS, account_number="4711", day_first=False)
    with scope(workspace=workspace):
        again = imports.import_again(first, user_id=None)
    assert (again.account_number, again.day_first) == ("4711", False)


def test_a_script_says_it_in_the_command(workspace, tmp_path):
    path = tmp_path / "fills.csv"
    path.write_text(FILLS)
    wanted = ["--new-account", "4711", "--dates", "day-first", "--workspace", workspace.name]
    call_command("import_statement", str(path), *wanted, stdout=io.StringIO())
    assert [number for number, _ in executed(workspace)] == ["4711", "4711"]


def test_a_script_is_told_which_flags_say_it(workspace, tmp_path):
    path = tmp_path / "fills.csv"
    path.write_text(FILLS)
    for more in ([], ["--dry-run"]):
        wanted = ["--dates", "day-first", "--workspace", workspace.name, *more]
        with pytest.raises(CommandError) as caught:
            call_command("import_statement", str(path), *wanted, stdout=io.StringIO())
        assert "--account NUMBER" in str(caught.value)
        assert "--new-account NUMBER" in str(caught.value)
        assert "hoose the account" not in str(caught.value)


def test_a_bot_says_it_with_the_upload(alice, workspace):
    bot = people.bot(alice)
    body = {
        "file": SimpleUploadedFile("fills.csv", FILLS.encode()),
        "new_account": "4711",
        "day_first": "true",
    }
    answer = bot.post("/api/trades/import/csv", body, format="multipart")
    assert answer.status_code == 202
    tasks.run_import(answer.json()["id"])
    assert [number for number, _ in executed(workspace)] == ["4711", "4711"]


def test_a_person_is_asked_on_the_page_and_answers_there(alice, workspace):
    batch = previewed(receive(workspace, FILLS, day_first=True))
    browser = people.browser(alice)
    page = browser.get(f"/imports/{batch.pk}").content.decode()
    assert "Whose file is this?" in page
    browser.post(f"/imports/{batch.pk}/check", {"account_number": "4711", "day_first": "True"})
    assert previewed(batch).state == ImportState.PREVIEWED
