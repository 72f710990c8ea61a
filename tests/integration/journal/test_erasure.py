"""Erasing an account leaves nothing of it, and everything of the others."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection
from django_scopes import scope, scopes_disabled
from rest_framework.test import APIClient

from accounts.models import ApiToken
from accounts.roles import Role
from accounts.scopes import Scope
from common.errors import Conflict
from journal.models import (
    BrokerAccount,
    DataIssue,
    Execution,
    ImportBatch,
    ImportState,
    Instrument,
    Trade,
)
from journal.services.annotations import add_note, tag_trade
from journal.services.corrections import correct_fill
from journal.services.erasure import erase_account
from journal.services.issues import dismiss_issue
from tests import people
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.doors import book_of, import_now, rows_of

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
        return erase_account(account, reason=reason, author_id=None)


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
        erase_account(account, reason="Sold the firm", author_id=who.alice.user_id)
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
    assert f"{GONE} is erased" in done.content.decode()
    assert rows_with_account(account.pk) == {}


def test_an_owner_s_token_erases_over_the_api(who):
    import_now(who.workspace, FILE)
    account = account_of(who.workspace)
    url = f"/api/accounts/{account.pk}"
    assert people.bot(who.bob).delete(url, {"confirm": GONE}).json()["code"] == "owner_only"
    reader: APIClient = people.bot(who.alice, Scope.JOURNAL_READ)
    assert reader.delete(url, {"confirm": GONE}).json()["code"] == "scope_missing"
    bot = people.bot(who.alice, Scope.JOURNAL_WRITE)
    assert people.bot(who.charlie).delete(url, {"confirm": GONE}).status_code == 404
    assert set(bot.delete(url).json()["fields"]) == {"confirm"}
    assert bot.delete(url, {"confirm": "U1"}).json()["code"] == "erasure_not_confirmed"
    assert rows_with_account(account.pk)
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    first = bot.delete(url, {"confirm": GONE}, headers=headers)
    again = bot.delete(url, {"confirm": GONE}, headers=headers)
    assert (first.status_code, again.status_code) == (204, 204)
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
