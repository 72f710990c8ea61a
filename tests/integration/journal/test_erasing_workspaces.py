"""A workspace is erased: nothing of it is left in any table nor in the storage, and everything of others is."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django_scopes import scope, scopes_disabled

from accounts.models import Workspace
from common.errors import Conflict, Rejected
from journal.models import BrokerAccount, FileRemoval, ImportBatch, StatementFile, Trade
from journal.services import erasing_workspaces
from journal.services.annotations import add_note, tag_trade
from journal.services.erasing_workspaces import erase_workspace, owned_models
from tests import people
from tests.brokers.ibkr_flex.flex import statement
from tests.captures import account_of, book, bot, fill, order
from tests.doors import book_of, import_now
from tests.web.journal.books import fills, import_small
from tests.web.learning import whole
from tests.web.reconciliation.whole import one_of_each

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "Sesame4711"


def fill_with_everything(member) -> None:
    import_small(member.workspace)
    import_now(member.workspace, statement(*fills(("20260710;093001", SECRET, "-5", "10"), start=90)))  # fmt: skip
    account_of(member.workspace)
    client = bot(member)
    client.post("/api/orders", order(symbol=SECRET))
    client.post("/api/executions", fill(symbol=SECRET, exec_id="x-1"))
    client.post("/api/recommendations", {"record_id": SECRET, "symbol": SECRET})
    client.post("/api/plans", {"plan_id": SECRET, "symbol": SECRET})
    book(member.workspace)
    with scope(workspace=member.workspace):
        held = Trade.objects.order_by("pk").first()
        add_note(held, text=SECRET, author_id=member.user_id)
        tag_trade(held, name=SECRET, author_id=member.user_id)
        one_of_each(BrokerAccount.objects.first())
        whole.learnt(member.workspace_id, SECRET)


@pytest.fixture
def who():
    who = people.everybody()
    fill_with_everything(who.alice)
    import_small(who.charlie.workspace)
    return who


def rows_of(workspace_id: int) -> dict[str, int]:
    """Of every table that names a workspace or an account of it, the audit trail included."""
    found = {}
    with scopes_disabled(), connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            columns = {field.column for field in model._meta.concrete_fields}
            if "workspace_id" in columns:
                cursor.execute(f'SELECT count(*) FROM "{model._meta.db_table}" WHERE workspace_id = %s', [workspace_id])  # fmt: skip
                count = cursor.fetchone()[0]
                found |= {model._meta.label: count} if count else {}
    return found


def tables_that_say(text: str) -> set[str]:
    """Every table of all in which any column of any row holds it."""
    found = set()
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if model._meta.proxy or not model._meta.managed:
                continue
            table = model._meta.db_table
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE strpos(t::text, %s) > 0', [text])  # fmt: skip
            found |= {table} if cursor.fetchone()[0] else set()
    return found


def test_a_table_of_an_account_is_a_table_of_a_workspace():
    """So that erasing finds it: a new one that only names its account fails here."""
    owned = set(owned_models())
    for model in apps.get_models(include_auto_created=True):
        columns = {field.column for field in model._meta.concrete_fields}
        assert "account_id" not in columns or model in owned, model
    apart = {model.__name__ for model in erasing_workspaces.trails_without_workspace()}
    assert apart == {
        "UserEvent", "WorkspaceEvent", "ImportBatchStateErrorCodeCreatedByWithdrawnAtEvent",
    }  # fmt: skip


def test_nothing_of_it_is_left_in_any_table_nor_in_the_storage(who):
    workspace = who.workspace
    before = rows_of(workspace.pk)
    for name in (
        "journal.ExecutionReport",
        "journal.TradeNoteEvent",
        "reconciliation.Guard",
        "learning.Prediction",
    ):
        assert before[name], name
    with scope(workspace=workspace):
        names = list(StatementFile.objects.values_list("stored_as", flat=True))
        batches = list(ImportBatch.objects.values_list("pk", flat=True))
    assert names
    others = rows_of(who.charlie.workspace_id), book_of(who.charlie.workspace)
    counts = erase_workspace(workspace, confirm=workspace.slug, reason="Moved on")
    assert counts["journal.ExecutionReport"] == before["journal.ExecutionReport"]
    assert rows_of(workspace.pk) == {}
    assert tables_that_say(SECRET) == set()
    assert tables_that_say("Alice’s journal") == set()
    assert not any(default_storage.exists(name) for name in names)
    trail = apps.get_model("journal", "ImportBatchStateErrorCodeCreatedByWithdrawnAtEvent")
    assert not trail.objects.filter(pgh_obj_id__in=batches).exists()
    assert (rows_of(who.charlie.workspace_id), book_of(who.charlie.workspace)) == others


def test_one_entry_says_that_it_was_and_why_it_went(who):
    workspace = who.workspace
    key = workspace.pk
    erase_workspace(workspace, confirm=workspace.slug, reason="Moved on")
    trail = apps.get_model("accounts", "WorkspaceEvent")
    entry = trail.objects.get(pgh_obj_id=key)
    assert (entry.name, entry.slug) == ("", "")
    assert entry.pgh_context.metadata["reason"] == "Moved on"


def test_its_people_stay_and_see_it_no_more(who):
    browser = people.browser(who.alice)
    assert browser.get("/trades").status_code == 200
    token = people.bot(who.alice)
    erase_workspace(who.workspace, confirm=who.workspace.slug, reason="")
    assert browser.get("/trades").status_code in (302, 303)
    assert token.get("/api/trades").status_code == 401
    assert people.person("alice@example.org").is_active


def test_evidence_is_protected_again_afterwards(who):
    erase_workspace(who.workspace, confirm=who.workspace.slug, reason="")
    with (
        scope(workspace=who.charlie.workspace),
        pytest.raises(Exception, match="pgtrigger: Cannot"),
    ):
        StatementFile.objects.update(name="other")


def test_what_was_interrupted_goes_on(who, monkeypatch):
    workspace = who.workspace

    def pulled(_removal):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(erasing_workspaces, "remove_file", pulled)
        with pytest.raises(KeyboardInterrupt):
            erase_workspace(workspace, confirm=workspace.slug, reason="")
    left = rows_of(workspace.pk)
    assert set(left) == {"accounts.Membership", "accounts.MembershipEvent", "journal.FileRemoval"} & set(left)  # fmt: skip
    with scope(workspace=workspace):
        names = list(FileRemoval.objects.values_list("stored_as", flat=True))
    assert all(default_storage.exists(name) for name in names)
    erase_workspace(workspace, confirm=workspace.slug, reason="")
    assert rows_of(workspace.pk) == {}
    assert not any(default_storage.exists(name) for name in names)


def test_a_slip_and_an_import_that_is_under_way_erase_nothing(who):
    before = rows_of(who.workspace.pk)
    with pytest.raises(Rejected):
        erase_workspace(who.workspace, confirm="yes", reason="")
    with scope(workspace=who.workspace):
        ImportBatch.objects.filter(pk=ImportBatch.objects.first().pk).update(state="running")
        with pytest.raises(Conflict):
            erase_workspace(who.workspace, confirm=who.workspace.slug, reason="")
        ImportBatch.objects.filter(state="running").update(state="done")
    after = rows_of(who.workspace.pk)
    assert {name for name in before if before[name] > after.get(name, 0)} == set()


def test_by_the_command(who, capsys):
    slug = who.workspace.slug
    with pytest.raises(CommandError, match="Type"):
        call_command("erase_workspace", slug, confirm="no")
    call_command("erase_workspace", slug, confirm=slug, reason="Done")
    assert "are gone" in capsys.readouterr().out
    assert not Workspace.objects.filter(slug=slug).exists()
