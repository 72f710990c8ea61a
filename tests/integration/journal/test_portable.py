"""A workspace goes into a file and comes out as another one: the same book, the same figures, and nothing secret."""

from __future__ import annotations

import io
import json
import re
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.models import Workspace
from accounts.roles import Role
from common.errors import Conflict
from common.sql import fetch
from journal import tasks
from journal.brokers.fetchers import get_fetcher
from journal.domain.bars import Bar
from journal.models import (
    AccountTermsReport,
    BrokerAccount,
    CapturedRecord,
    ConfirmedLink,
    Correction,
    DataIssue,
    Execution,
    ExecutionReport,
    ImportBatch,
    IssueDismissal,
    Order,
    Plan,
    PriceBar,
    Recommendation,
    StatementFile,
    Trade,
    TradeNote,
    TradeTag,
)
from journal.selectors.performance import Slice, Unit, View
from journal.selectors.summaries import build_performance
from journal.services.accounts import change_account
from journal.services.annotations import add_note, tag_trade
from journal.services.corrections import correct_fill
from journal.services.issues import dismiss_issue
from journal.services.portable import writing
from journal.services.portable.archive import MANIFEST, ArchiveUnusable, row_file
from journal.services.portable.reading import read_archive
from journal.services.portable.tables import left, moved
from journal.services.portable.writing import columns_of, write_archive
from journal.services.prices.storing import SeriesName, store_bars
from journal.services.pulls.connections import create_connection
from journal.services.verification import verify_account
from learning.models import (
    Claim,
    ClaimEvent,
    LearningSettings,
    ParameterAnswer,
    ParameterVersion,
    SymbolChange,
)
from learning.services import measuring, symbols, versions
from learning.services.asking import ask
from tests import people
from tests.brokers.ibkr_flex.flex import statement
from tests.brokers.reading import SAMPLES
from tests.captures import ACCOUNT, account_of, book, bot, fill, order
from tests.doors import book_of, import_now, undo
from tests.web.journal.books import fills, import_small
from tests.web.learning import whole
from tests.web.reconciliation.whole import one_of_each

pytestmark = pytest.mark.django_db
SECRET = "Sesame-4711"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def who():
    """Alice's book has statements, one that was undone, a bot's orders, plans and proposals, and what people said."""
    who = people.everybody(bob_as=Role.TRADER)
    workspace = who.workspace
    import_small(workspace)
    lost = fills(("20260710;093001", "LOST", "-5", "10"), start=90, openCloseIndicator="C")
    import_now(workspace, statement(*lost))
    undone = fills(("20260711;093001", "UNDONE", "5", "10"), start=95)
    undo(workspace, import_now(workspace, statement(*undone)))
    a_bot(who)
    book(workspace)
    with scope(workspace=workspace):
        said_by_people(who)
        learnt(who)
        one_of_each(BrokerAccount.objects.first())
        secrets_of(who)
    return who


def a_bot(who) -> None:
    account_of(who.workspace)
    client = bot(who.alice)
    client.post("/api/orders/batch", {"orders": [
        order(order_id="77", role="entry", symbol="ROBO", side="buy", quantity="10", limit_price="25.50",
              recommendation_id="rec-1"),
        order(status="filled", filled_quantity="10", average_price="25.5", at="2026-06-02T13:30:01Z"),
    ]})  # fmt: skip
    client.post("/api/executions", fill(symbol="ROBO", exec_id="x-1", order_id="77", fee="1.10"))
    client.post(
        "/api/recommendations",
        {"record_id": "rec-1", "symbol": "ROBO", "side": "buy", "probability": "0.60", "features": {"iv_rank": "68.50"}},
    )  # fmt: skip
    client.post("/api/plans", {"plan_id": "later", "symbol": "LATE", "account": ACCOUNT, "stop_price": "9.50"})  # fmt: skip


def said_by_people(who) -> None:
    held = Trade.objects.get(symbol="ACME", closed_at__isnull=False)
    add_note(held, text="Waited too long.", author_id=who.alice.user_id)
    tag_trade(held, name="late", author_id=who.bob.user_id)
    fill_of = Execution.objects.filter(leg__trade=Trade.objects.get(symbol="BOLT")).first()
    correct_fill(fill_of, kind="amend", changes={"fee": "2.125"}, reason="Rebate", author_id=who.alice.user_id)  # fmt: skip
    for issue in DataIssue.objects.all():
        dismiss_issue(issue, reason="Known", author_id=who.alice.user_id)


def learnt(who) -> None:
    versions.change_settings(who.alice, start={"iv_rank_min": 40})
    ask(who.workspace.pk, "token:1", "scanner")
    whole.a_claim(who.workspace.pk, "ACME")
    symbols.put(who.alice, "ACME", "reduced", reason="Too wild")


def secrets_of(who) -> None:
    create_connection(
        who.workspace.pk, get_fetcher("ibkr_flex"), {"token": SECRET, "query_id": "1"}, user_id=None
    )


def written(who) -> io.BytesIO:
    stream = io.BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive, scope(workspace=who.workspace):
        write_archive(who.workspace, archive, now=NOW)
    return stream


def read(stream: io.BytesIO, owner) -> Workspace:
    with ZipFile(stream) as archive:
        return read_archive(archive, owner=owner)


def figures_of(workspace: Workspace) -> list:
    with scope(workspace=workspace):
        return [
            (one.currency, one.summary, one.equity if hasattr(one, "equity") else None)
            for one in build_performance(Slice(workspace.pk), View(Unit.CURRENCY))
        ]


def by_sql(workspace: Workspace) -> list:
    """The figures of the views, without our own numbers."""
    rows = fetch("SELECT to_jsonb(p) - 'workspace_id' - 'workspace' - 'account_id' FROM trading.performance_metrics p WHERE workspace_id = %s ORDER BY account, currency", [workspace.pk])  # fmt: skip
    return [row for (row,) in rows]


def learnt_of(workspace: Workspace) -> list:
    with scope(workspace=workspace):
        measuring.measure_all(workspace.pk)
    rows = fetch("SELECT part, currency, metric, value, n, low, high, reason FROM trading.metrics WHERE workspace_id = %s AND part <> 'account' ORDER BY part, key, currency, metric", [workspace.pk])  # fmt: skip
    return list(rows)


def test_every_table_says_whether_it_moves():
    """A new one that is in neither list fails here."""
    owned = {
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        for columns in [columns_of(model)]
        # Of the audit trail nothing moves: it tells what happened in one place.
        if {"workspace_id", "account_id"} & set(columns) and "pgh_id" not in columns
    }
    moving = [one.name for one in moved()]
    assert len(moving) == len(set(moving))
    assert not set(moving) & set(left())
    assert owned <= {*moving, *left()}
    for one in moved():
        assert {*one.cleared, *one.people, *one.instead} <= set(columns_of(one.model)), one.name


def test_what_moves_refers_only_to_what_moves_before_it():
    known = {"accounts.Workspace", "accounts.User"}
    for one in moved():
        for field in one.model._meta.concrete_fields:
            if field.is_relation and not field.null and not field.primary_key:
                label = field.related_model._meta.label
                assert label in known or label == one.name, f"{one.name}.{field.name}"
        known.add(one.name)


def test_no_table_with_something_encrypted_moves():
    for one in moved():
        for field in one.model._meta.concrete_fields:
            named = f"{type(field).__name__} {field.name}".lower()
            assert not re.search(r"encrypt|secret|credential|password|token_?digest", named), named


def test_the_same_book_and_the_same_figures_come_out(who):
    new = read(written(who), who.alice.user)
    assert new.pk != who.workspace.pk
    assert (new.name, new.base_currency) == (who.workspace.name, who.workspace.base_currency)
    before, after = book_of(who.workspace), book_of(new)
    assert before["trades"]
    assert after == before
    assert figures_of(new) == figures_of(who.workspace)
    assert by_sql(new) == by_sql(who.workspace)
    assert learnt_of(new) == learnt_of(who.workspace)
    with scope(workspace=new):
        for account in BrokerAccount.objects.all():
            assert not list(verify_account(account)), account


def test_what_statements_say_of_an_account_and_what_was_chosen_moves_too():
    alice = people.alice()
    for name in ("hedging.html", "netting.xlsx"):
        import_now(alice.workspace, (SAMPLES / "mt5_report/samples" / name).read_bytes())
    with scope(workspace=alice.workspace):
        one = BrokerAccount.objects.get(is_hedging=True)
        change_account(one, lot_method="fifo", reason="As agreed.")
        tasks.rebook_account(one.pk)
    stream = io.BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive, scope(workspace=alice.workspace):
        write_archive(alice.workspace, archive, now=NOW)
    new = read(stream, alice.user)
    assert book_of(new) == book_of(alice.workspace)
    with scope(workspace=new):
        assert AccountTermsReport.objects.count() == 2
        hedging = BrokerAccount.objects.get(is_hedging=True)
        batch = AccountTermsReport.objects.get(account=hedging).batch
        assert (hedging.chosen, hedging.lot_method) == (["lot_method"], "fifo")
    # What it says is known as the word of that import.
    undo(new, batch)
    with scope(workspace=new):
        hedging.refresh_from_db()
        assert (hedging.is_hedging, hedging.lot_method) == (False, "fifo")


def rows_of(workspace: Workspace) -> dict[str, int]:
    found = {}
    with scopes_disabled():
        for one in moved():
            rows = one.model._base_manager.filter(workspace_id=workspace.pk)
            found[one.name] = rows.count()
        for name in (
            "Execution",
            "Trade",
            "Leg",
            "Order",
            "TradeChain",
            "Structure",
            "RecommendationStanding",
        ):
            found[name] = apps.get_model("journal", name)._base_manager.filter(workspace_id=workspace.pk).count()  # fmt: skip
    return found


def test_every_table_has_as_many_rows_and_derived_ones_too(who):
    new = read(written(who), who.alice.user)
    before = rows_of(who.workspace)
    assert rows_of(new) == before
    for name in (
        "ExecutionReport",
        "OrderReport",
        "CapturedRecord",
        "Plan",
        "Recommendation",
        "IssueDismissal",
    ):
        assert before[f"journal.{name}"], name
    assert before["reconciliation.Snapshot"]


def test_what_people_said_is_where_it_was_and_theirs(who):
    new = read(written(who), who.alice.user)
    with scope(workspace=new):
        held = Trade.objects.get(symbol="ACME", closed_at__isnull=False)
        note, tag = TradeNote.objects.get(), TradeTag.objects.get()
        assert (note.trade_id, note.text, note.author_id) == (held.pk, "Waited too long.", who.alice.user_id)  # fmt: skip
        assert (tag.trade_id, tag.tag.name, tag.author_id) == (held.pk, "late", who.bob.user_id)
        correction = Correction.objects.get()
        assert correction.trade_id == Trade.objects.get(symbol="BOLT").pk
        # What was dismissed stays so, though fingerprints are of other numbers now.
        open_issues = DataIssue.objects.exclude(
            fingerprint__in=IssueDismissal.objects.values("fingerprint")
        )
        assert DataIssue.objects.exists()
        assert not open_issues.exists()
        assert ImportBatch.objects.exclude(withdrawn_at=None).count() == 1
        assert Plan.objects.get().stop_price == Decimal("9.50")
        assert str(Plan.objects.get().stop_price) == "9.50"
        assert not ConfirmedLink.objects.exists()
        assert Order.objects.get().recommendation_id == "rec-1"
        assert Recommendation.objects.get().standing.status == "executed"
    # The old one has all of its own still.
    with scope(workspace=who.workspace):
        assert TradeNote.objects.get().pk != note.pk


def test_what_was_learnt_and_is_history_comes_along(who):
    new = read(written(who), who.alice.user)
    with scope(workspace=new):
        assert LearningSettings.objects.get().start == {"iv_rank_min": 40.0}
        newest = ParameterVersion.objects.exclude(number=None).order_by("-number").first()
        assert (newest.effective["half_size"], newest.run_id) == (["ACME"], None)
        assert (Claim.objects.get().subject, ClaimEvent.objects.get().words) == ("symbol:ACME", "Raised")  # fmt: skip
        assert ParameterAnswer.objects.get(version__number=1).asker == "before:token:1"
        assert SymbolChange.objects.get().made_by_id == who.alice.user_id
        assert newest.number == ask(new.pk, "token:9", "scanner").told["version"]


def test_files_are_kept_byte_for_byte_and_the_same_one_is_no_news(who):
    new = read(written(who), who.alice.user)
    with scope(workspace=who.workspace):
        old = {one.sha256: one.stored_as for one in StatementFile.objects.all()}
    with scope(workspace=new):
        files = {one.sha256: one.stored_as for one in StatementFile.objects.all()}
    assert files.keys() == old.keys()
    for sha256, name in files.items():
        assert name != old[sha256]
        with default_storage.open(name) as kept, default_storage.open(old[sha256]) as first:
            content = first.read()
            assert kept.read() == content
        again = import_now(new, content)
        told = [one["executions"]["new"] for one in again.result["accounts"]]
        if again.withdrawn_at is None and "UNDONE" not in content.decode():
            assert set(told) == {0}


def test_nothing_secret_is_in_it(who):
    stream = written(who)
    with scopes_disabled():
        tokens = [one.digest for one in apps.get_model("accounts", "ApiToken").objects.all()]
        hashes = list(apps.get_model("accounts", "User").objects.values_list("password", flat=True))
    with ZipFile(stream) as archive:
        whole_of_it = b"".join(archive.read(name) for name in archive.namelist()).decode()
        told = json.loads(archive.read(MANIFEST))
    for secret in (SECRET, *tokens, *hashes):
        assert secret not in whole_of_it
    assert told["left"]["journal.Connection"].startswith("holds or stands for a secret")
    assert "Charlie" not in whole_of_it


def test_an_archive_goes_to_an_installation_where_nobody_else_is_known(who):
    stream = written(who)
    stranger = people.person("dora@example.org")
    with scopes_disabled():
        who.bob.user.emailaddress_set.all().delete()
        who.bob.user.email = "robert@example.org"
        who.bob.user.save()
    new = read(stream, stranger)
    with scope(workspace=new):
        assert TradeTag.objects.get().author_id is None
        assert [one.user_id for one in new.memberships.all()] == [stranger.pk]


def changed(stream: io.BytesIO, name: str, content: bytes | None) -> io.BytesIO:
    """The same archive with another file of that name, or without it."""
    target = io.BytesIO()
    with ZipFile(stream) as source, ZipFile(target, "w") as archive:
        for one in source.namelist():
            told = content if one == name else source.read(one)
            if told is not None:
                archive.writestr(one, told)
    return target


def test_what_is_damaged_is_refused_whole(who):
    stream = written(who)
    with ZipFile(stream) as archive:
        told = json.loads(archive.read(MANIFEST))
        rows = archive.read(row_file("journal.ExecutionReport"))
        kept = next(name for name in archive.namelist() if name.startswith("files/"))
    older = {**told, "format": 99}
    other = json.loads(json.dumps(told))
    other["tables"][0]["columns"].append("colour")
    bad = [
        (MANIFEST, None),
        (MANIFEST, b"{"),
        (MANIFEST, json.dumps(older).encode()),
        (MANIFEST, json.dumps(other).encode()),
        (row_file("journal.ExecutionReport"), rows.replace(b'"price":10', b'"price":11')),
        (row_file("journal.ExecutionReport"), rows.split(b"\n", 1)[1]),
        (row_file("journal.ExecutionReport"), None),
        (row_file("journal.Instrument"), b""),
        (kept, b"something else"),
    ]
    with scopes_disabled():
        before = Workspace.objects.count(), ExecutionReport.objects.count(), CapturedRecord.objects.count()  # fmt: skip
    for name, content in bad:
        with pytest.raises(ArchiveUnusable):
            read(changed(stream, name, content), who.alice.user)
    with scopes_disabled():
        assert before == (Workspace.objects.count(), ExecutionReport.objects.count(), CapturedRecord.objects.count())  # fmt: skip


def test_it_waits_for_imports_and_erasures(who):
    with scope(workspace=who.workspace):
        batch = ImportBatch.objects.first()
        ImportBatch.objects.filter(pk=batch.pk).update(state="running")
    with pytest.raises(Conflict, match="import is under way"):
        written(who)
    with scope(workspace=who.workspace):
        ImportBatch.objects.filter(pk=batch.pk).update(state="done")
        BrokerAccount.objects.filter(pk=BrokerAccount.objects.first().pk).update(erasure_asked_at=timezone.now())  # fmt: skip
    with pytest.raises(Conflict, match="being erased"):
        written(who)


def test_the_commands(who, tmp_path, capsys):
    target = tmp_path / "mine.zip"
    call_command("export_workspace", who.workspace.slug, str(target))
    assert "rows and" in capsys.readouterr().out
    assert target.stat().st_mode & 0o077 == 0
    assert [one.name for one in tmp_path.iterdir()] == ["mine.zip"]
    with pytest.raises(CommandError, match="there already"):
        call_command("export_workspace", who.workspace.slug, str(target))
    with pytest.raises(CommandError, match="Nobody here"):
        call_command("import_workspace", str(target), owner="nobody@example.org")
    call_command("import_workspace", str(target), owner="Charlie@example.org", name="Taken over")
    assert "Taken over (taken-over)" in capsys.readouterr().out
    assert book_of(Workspace.objects.get(slug="taken-over")) == book_of(who.workspace)
    (tmp_path / "no.zip").write_bytes(b"PK no")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_workspace", str(tmp_path / "no.zip"), owner="alice@example.org")


def test_bars_of_prices_move_too(who):
    first = datetime(2026, 6, 2, 14, tzinfo=UTC)
    with scope(workspace=who.workspace):
        minutes = [first + timedelta(minutes=n) for n in range(5)]
        prices = [Decimal(one) for one in ("10.10", "10.50", "9.90", "10.00")]
        bars = [Bar(one, one + timedelta(minutes=1), *prices) for one in minutes]
        store_bars(who.workspace.pk, SeriesName("ACME", 60, "test"), bars)
    new = read(written(who), who.alice.user)
    with scope(workspace=new):
        assert PriceBar.objects.count() == 5
        assert str(PriceBar.objects.order_by("opened_at").first().open) == "10.10"


def in_another_connection(work) -> None:
    def run():
        work()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


@pytest.mark.django_db(transaction=True)
def test_it_is_of_one_moment_whatever_is_written_meanwhile(who, monkeypatch):
    """A tag that is made while tables are written one after the other is in all of them or in none."""
    table = writing._table

    def late() -> None:
        with scope(workspace=who.workspace):
            tag_trade(Trade.objects.get(symbol="BOLT"), name="later", author_id=who.alice.user_id)

    def busy(archive, one, workspace_id):
        if one.name == "journal.TradeTag":
            in_another_connection(late)
        return table(archive, one, workspace_id)

    monkeypatch.setattr(writing, "_table", busy)
    new = read(written(who), who.alice.user)
    with scope(workspace=who.workspace):
        assert TradeTag.objects.count() == 2
    with scope(workspace=new):
        assert TradeTag.objects.get().tag.name == "late"
