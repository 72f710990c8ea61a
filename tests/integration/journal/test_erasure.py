"""Erasing an account leaves nothing of it, and everything of the others."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from celery.signals import before_task_publish
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django_scopes import scope, scopes_disabled
from rest_framework.test import APIClient

from accounts.models import ApiToken
from accounts.roles import Role
from accounts.scopes import Scope
from common.errors import Conflict
from journal import tasks
from journal.models import (
    BrokerAccount,
    DataIssue,
    Execution,
    FileRemoval,
    ImportBatch,
    ImportState,
    Instrument,
    Trade,
)
from journal.services import imports
from journal.services.annotations import add_note, tag_trade
from journal.services.corrections import correct_fill
from journal.services.erasure import ask_erasure, erase_account
from journal.services.issues import dismiss_issue
from tests import people
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.doors import book_of, import_now, receive, rows_of, undo

pytestmark = pytest.mark.django_db(transaction=True)

GONE, KEPT = "U7654321", "U7000002"
FILE = statement(
    trade(transactionID="1", symbol="GONE", conid="11"),
    trade(transactionID="2", symbol="GONE", conid="11", quantity="ten"),
    account=GONE,
)
BOTH = FILE.replace("</FlexStatements>", "").replace("</FlexQueryResponse>", "") + (
    statement(
        trade(transactionID="71", symbol="KEPT", conid="71"),
        trade(transactionID="72", symbol="KEPT", conid="71", quantity="ten"),
        account=KEPT,
    ).split("<FlexStatements", 1)[1].split(">", 1)[1]
)  # fmt: skip


@pytest.fixture
def who():
    return people.everybody(bob_as=Role.TRADER)


def account_of(workspace, number: str = GONE) -> BrokerAccount:
    with scope(workspace=workspace):
        return BrokerAccount.objects.get(broker_id=number)


def annotate(who, account: BrokerAccount) -> None:
    with scope(workspace=who.workspace):
        held = Trade.objects.get(account=account)
        add_note(held, text="SECRET", author_id=who.alice.user_id)
        tag_trade(held, name="late", author_id=who.alice.user_id)
        fill = Execution.objects.get(account=account)
        correct_fill(fill, kind="amend", changes={"price": "11"}, reason="SECRET", author_id=None)
        for issue in DataIssue.objects.filter(account=account):
            dismiss_issue(issue, reason="SECRET", author_id=who.alice.user_id)


def erase(workspace, number: str = GONE, reason: str = "") -> Any:
    account = account_of(workspace, number)
    with scope(workspace=workspace):
        ask_erasure(account, confirm=number, reason=reason, author_id=None)
        return erase_account(account)


def rows_with_account(account_id: int) -> dict[str, int]:
    """How many rows each table has whose `account` is this one."""
    found = {}
    with scopes_disabled():
        for model in apps.get_models():
            names = {field.attname for field in model._meta.concrete_fields}
            if "account_id" in names and model not in TOKENS:
                count = model._base_manager.filter(account_id=account_id).count()
                found |= {model.__name__: count} if count else {}
    return found


TOKENS = {ApiToken, apps.get_model("accounts", "ApiTokenEvent")}


def tables_that_say(text: str) -> set[str]:
    """Every table of the journal in which any column of any row holds the text."""
    found = set()
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if model._meta.app_label == "journal" and not model._meta.proxy:
                table = model._meta.db_table
                cursor.execute(
                    f'SELECT count(*) FROM "{table}" t WHERE strpos(t::text, %s) > 0', [text]
                )
                found |= {table} if cursor.fetchone()[0] else set()
    return found


def test_nothing_of_the_account_is_left_in_any_table(who):
    import_now(who.workspace, FILE, name="mine.xml")
    account = account_of(who.workspace)
    annotate(who, account)
    held = rows_with_account(account.pk)
    assert {"ExecutionReport", "Execution", "Trade", "Leg", "DayRollup", "DataIssue"} <= set(held)
    assert {"TradeNote", "TradeNoteEvent", "TradeTag", "Correction", "CorrectionEvent"} <= set(held)
    assert tables_that_say(GONE)
    erase(who.workspace)
    assert rows_with_account(account.pk) == {}
    assert tables_that_say(GONE) == set()
    assert tables_that_say("SECRET") == set()
    assert tables_that_say("mine.xml") == set()
    with scope(workspace=who.workspace):
        assert not Instrument.objects.exists()


def test_the_files_go_when_the_transaction_is_over(who):
    batch = import_now(who.workspace, FILE)
    name = batch.file.stored_as
    assert default_storage.exists(name)
    erased = erase(who.workspace)
    assert not default_storage.exists(name)
    assert (erased.imports, erased.files, erased.shared_files) == (1, 1, 0)


def test_other_accounts_are_untouched(who):
    import_now(who.workspace, BOTH)
    import_now(who.charlie.workspace, FILE)
    kept = account_of(who.workspace, KEPT)
    before = rows_with_account(kept.pk)
    others = book_of(who.charlie.workspace), rows_of(who.charlie.workspace)
    erased = erase(who.workspace)
    assert erased.shared_files == 1
    assert rows_with_account(kept.pk) == before
    assert (book_of(who.charlie.workspace), rows_of(who.charlie.workspace)) == others
    with scope(workspace=who.workspace):
        batch = ImportBatch.objects.select_related("file").get()
        assert [one["broker_id"] for one in batch.result["accounts"]] == [KEPT]
        assert {one["account"] for one in batch.result["problems"]} <= {KEPT, ""}
        assert default_storage.exists(batch.file.stored_as)
        assert list(Instrument.objects.values_list("symbol", flat=True)) == ["KEPT"]


def test_the_same_file_can_be_imported_again(who):
    import_now(who.workspace, FILE)
    before = book_of(who.workspace)
    erase(who.workspace)
    batch = import_now(who.workspace, FILE)
    assert batch.state == ImportState.DONE
    assert batch.result["accounts"][0]["executions"] == {"read": 1, "new": 1, "duplicate": 0}
    assert book_of(who.workspace) == before


def test_an_account_is_not_erased_while_it_is_being_imported(who):
    batch = import_now(who.workspace, FILE)
    with scope(workspace=who.workspace):
        ImportBatch.objects.filter(pk=batch.pk).update(state=ImportState.WITHDRAWING)
    before = rows_of(who.workspace)
    with pytest.raises(Conflict):
        erase(who.workspace)
    assert rows_of(who.workspace) == before


def test_evidence_is_protected_again_afterwards(who):
    import_now(who.workspace, FILE)
    erase(who.workspace)
    import_now(who.workspace, FILE)
    with scope(workspace=who.workspace), pytest.raises(Exception, match="pgtrigger: Cannot"):
        Execution.objects.get().report.delete()


def test_the_audit_trail_keeps_who_and_why_and_no_data(who):
    import_now(who.workspace, FILE)
    account = account_of(who.workspace)
    with scope(workspace=who.workspace):
        ask_erasure(account, confirm=GONE, reason="Sold the firm", author_id=who.alice.user_id)
    tasks.erase_account(account.pk)
    trail = apps.get_model("journal", "BrokerAccountEvent")
    entry = trail.objects.get()
    assert (entry.pgh_label, entry.broker_id, entry.name) == ("erase", "", "")
    assert entry.pgh_context.metadata["reason"] == "Sold the firm"
    assert entry.pgh_context.metadata["user"] == who.alice.user_id


def test_tokens_of_the_account_stop_working(who):
    import_now(who.workspace, FILE)
    bot = people.bot(who.alice, account_id=account_of(who.workspace).pk)
    assert bot.get("/api/accounts").status_code == 200
    erase(who.workspace)
    assert bot.get("/api/accounts").status_code == 401


def test_an_owner_erases_on_the_page_by_typing_the_number(who):
    import_now(who.workspace, FILE)
    account = account_of(who.workspace)
    url = f"/accounts/{account.pk}/erase"
    alice = people.browser(who.alice)
    assert f'action="{url}"' in alice.get(f"/accounts/{account.pk}").content.decode()
    refused = alice.post(url, {"confirm": "U1"}, follow=True)
    assert f"Type the number of the account, {GONE}" in refused.content.decode()
    assert rows_with_account(account.pk)
    assert people.browser(who.bob).post(url, {"confirm": GONE}).status_code == 403
    assert url not in people.browser(who.bob).get(f"/accounts/{account.pk}").content.decode()
    assert people.browser(who.charlie).post(url, {"confirm": GONE}).status_code == 404
    assert rows_with_account(account.pk)
    done = alice.post(url, {"confirm": GONE, "reason": "Closed"}, follow=True)
    assert done.redirect_chain[0][0] == "/accounts"
    assert f"{GONE} is being erased" in done.content.decode()
    assert 'hx-select="#accounts"' in done.content.decode()
    again = alice.post(url, {"confirm": GONE}, follow=True).content.decode()
    assert "is being erased already" in again
    assert f'action="{url}"' not in again
    assert rows_with_account(account.pk)
    tasks.erase_account(account.pk)
    tasks.erase_account(account.pk)
    assert rows_with_account(account.pk) == {}
    left = alice.get("/accounts").content.decode()
    assert GONE not in left
    assert "hx-select" not in left
    assert alice.get(f"/accounts/{account.pk}").status_code == 404


def test_an_owner_s_token_erases_over_the_api(who):
    import_now(who.workspace, FILE)
    account = account_of(who.workspace)
    url = f"/api/accounts/{account.pk}"
    assert people.bot(who.bob).delete(url, {"confirm": GONE}).json()["code"] == "owner_only"
    reader: APIClient = people.bot(who.alice, Scope.JOURNAL_READ)
    assert reader.delete(url, {"confirm": GONE}).json()["code"] == "scope_missing"
    bot = people.bot(who.alice, Scope.JOURNAL_WRITE, Scope.JOURNAL_READ)
    assert people.bot(who.charlie).delete(url, {"confirm": GONE}).status_code == 404
    assert set(bot.delete(url).json()["fields"]) == {"confirm"}
    assert bot.delete(url, {"confirm": "U1"}).json()["code"] == "erasure_not_confirmed"
    assert rows_with_account(account.pk)
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    first = bot.delete(url, {"confirm": GONE}, headers=headers)
    again = bot.delete(url, {"confirm": GONE}, headers=headers)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["erasure_asked_at"] == bot.get(url).json()["erasure_asked_at"] is not None
    twice = bot.delete(url, {"confirm": GONE})
    assert (twice.status_code, twice.json()["code"]) == (409, "erasure_under_way")
    tasks.erase_account(account.pk)
    assert bot.get(url).status_code == 404
    assert rows_with_account(account.pk) == {}


def test_a_table_names_its_account_account():
    """So that erasing finds it: a new table that calls it otherwise fails here."""
    names = {
        field.name
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is BrokerAccount and not field.name.startswith("pgh_")
    }
    assert names == {"account"}


def test_nobody_s_wish_erases_nothing(who):
    import_now(who.workspace, FILE)
    account = account_of(who.workspace)
    tasks.erase_account(account.pk)
    assert rows_with_account(account.pk)


def die_while_erasing(account: BrokerAccount) -> None:
    with transaction.atomic():
        erase_account(account)
        raise KeyboardInterrupt


def test_a_worker_that_dies_has_erased_nothing_and_the_next_one_does_it(who):
    batch = import_now(who.workspace, FILE)
    account = account_of(who.workspace)
    before = rows_of(who.workspace)
    with scope(workspace=who.workspace):
        ask_erasure(account, confirm=GONE, reason="Closed", author_id=who.alice.user_id)
        with pytest.raises(KeyboardInterrupt):
            die_while_erasing(account)
        account.refresh_from_db()
        asked = account.erasure_asked_at
        BrokerAccount.objects.update(erasure_asked_at=asked.replace(year=asked.year - 1))
    assert rows_of(who.workspace) == before
    assert default_storage.exists(batch.file.stored_as)
    assert ("journal.tasks.erase_account", (account.pk,)) in sent_by(tasks.resume_imports)
    tasks.erase_account(account.pk)
    assert rows_with_account(account.pk) == {}
    entry = apps.get_model("journal", "BrokerAccountEvent").objects.get()
    assert entry.pgh_context.metadata["reason"] == "Closed"


def test_an_import_that_is_under_way_is_waited_for(who):
    batch = import_now(who.workspace, FILE)
    account = account_of(who.workspace)
    with scope(workspace=who.workspace):
        ask_erasure(account, confirm=GONE, reason="", author_id=None)
        ImportBatch.objects.update(state=ImportState.WITHDRAWING)
    tasks.erase_account(account.pk)
    assert account_of(who.workspace).erasure_asked_at is not None
    tasks.withdraw_import(batch.pk)
    tasks.erase_account(account.pk)
    assert rows_with_account(account.pk) == {}


def test_what_is_handed_in_meanwhile_is_refused_and_not_erased_unseen(who):
    import_now(who.workspace, FILE)
    account = account_of(who.workspace)
    with scope(workspace=who.workspace):
        ask_erasure(account, confirm=GONE, reason="", author_id=None)
    meanwhile = import_now(who.workspace, FILE)
    assert (meanwhile.state, meanwhile.error_code) == (ImportState.FAILED, "account_being_erased")
    tasks.erase_account(account.pk)
    assert import_now(who.workspace, FILE).state == ImportState.DONE


def test_undoing_an_import_is_not_held_up_by_an_account_that_is_being_erased(who):
    first = import_now(who.workspace, FILE)
    import_now(who.workspace, FILE)
    account = account_of(who.workspace)
    with scope(workspace=who.workspace):
        ask_erasure(account, confirm=GONE, reason="", author_id=None)
    undo(who.workspace, first)
    assert first.state == ImportState.WITHDRAWN


def test_bytes_that_a_crash_left_behind_are_removed_later_unless_they_came_again(who):
    batch = import_now(who.workspace, FILE)
    left = default_storage.save("statements/left", ContentFile(b"left"))
    with scope(workspace=who.workspace):
        for name in (left, batch.file.stored_as):
            FileRemoval.objects.create(workspace=who.workspace, stored_as=name)
        FileRemoval.objects.update(created_at=datetime(2026, 1, 1, tzinfo=UTC))
    tasks.resume_imports()
    assert not default_storage.exists(left)
    assert default_storage.exists(batch.file.stored_as)
    with scope(workspace=who.workspace):
        assert not FileRemoval.objects.exists()


def sent_by(work) -> list[tuple[str, Any]]:
    sent: list[tuple[str, Any]] = []

    def note(sender=None, body=None, **_):
        sent.append((sender, body[0]))

    before_task_publish.connect(note)
    try:
        work()
    finally:
        before_task_publish.disconnect(note)
    return sent


def numbers(workspace) -> list[str]:
    with scope(workspace=workspace):
        return list(BrokerAccount.objects.order_by("broker_id").values_list("broker_id", flat=True))


def notices(batch: ImportBatch) -> list[str]:
    return [one["code"] for one in batch.result["problems"] if one["code"] == "account_erased"]


def test_importing_a_kept_file_again_does_not_bring_the_account_back(who):
    batch = import_now(who.workspace, BOTH)
    erase(who.workspace)
    undo(who.workspace, batch)
    with scope(workspace=who.workspace):
        again = imports.import_again(batch, user_id=None)
        imports.preview_import(again)
        imports.confirm_import(again)
        tasks.run_import(again.pk)
        again.refresh_from_db()
        assert Trade.objects.get().symbol == "KEPT"
    assert (again.state, numbers(who.workspace)) == (ImportState.DONE, [KEPT])
    assert notices(again) == ["account_erased"]
    assert tables_that_say(GONE) == set()


def test_handing_the_file_in_anew_does(who):
    batch = import_now(who.workspace, BOTH)
    before = book_of(who.workspace)
    erase(who.workspace)
    undo(who.workspace, batch)
    anew = import_now(who.workspace, BOTH)
    assert (notices(anew), numbers(who.workspace)) == ([], [KEPT, GONE])
    assert book_of(who.workspace) == before


def test_undoing_another_file_reads_a_later_one_again_without_the_account(who):
    first = import_now(who.workspace, BOTH)
    second = import_now(who.workspace, BOTH + " ")
    erase(who.workspace)
    undo(who.workspace, first)
    assert numbers(who.workspace) == [KEPT]
    with scope(workspace=who.workspace):
        assert Trade.objects.get().symbol == "KEPT"
        second.refresh_from_db()
    assert [one["broker_id"] for one in second.result["accounts"]] == [KEPT]


def test_a_preview_that_is_confirmed_later_does_not_bring_the_account_back(who):
    import_now(who.workspace, BOTH)
    waiting = receive(who.workspace, BOTH)
    with scope(workspace=who.workspace):
        imports.preview_import(waiting)
    erase(who.workspace)
    with scope(workspace=who.workspace):
        imports.confirm_import(waiting)
        tasks.run_import(waiting.pk)
    assert numbers(who.workspace) == [KEPT]


def test_names_that_only_the_erased_account_knew_are_forgotten(who):
    old = statement(trade(transactionID="1", symbol="FB", conid="11"), account=KEPT)
    new = trade(transactionID="2", symbol="META", conid="11", dateTime="20260605;100000")
    import_now(who.workspace, old)
    import_now(who.workspace, statement(new, account=GONE))
    erase(who.workspace)
    with scope(workspace=who.workspace):
        assert Trade.objects.get().symbol == Instrument.objects.get().symbol == "FB"
