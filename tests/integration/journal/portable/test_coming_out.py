"""A workspace goes into a file and comes out as another one: the same book, the same figures."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.files.storage import default_storage
from django_scopes import scope

from journal import tasks
from journal.domain.bars import Bar
from journal.models import (
    AccountTermsReport,
    BrokerAccount,
    ConfirmedLink,
    Correction,
    DataIssue,
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
from journal.services.accounts import change_account
from journal.services.portable.writing import write_archive
from journal.services.prices.storing import SeriesName, store_bars
from journal.services.verification import verify_account
from learning.models import (
    Claim,
    ClaimEvent,
    LearningSettings,
    ParameterAnswer,
    ParameterVersion,
    SymbolChange,
)
from learning.services.asking import ask
from tests import people
from tests.brokers.reading import SAMPLES
from tests.doors import book_of, import_now, undo
from tests.integration.journal.portable.archives import (
    NOW,
    by_sql,
    figures_of,
    learnt_of,
    read,
    rows_of,
    written,
)

pytestmark = pytest.mark.django_db


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
