"""When an archive is written, where it is read, and what is refused."""

from __future__ import annotations

import json
import threading
from zipfile import ZipFile

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.models import Workspace
from common.errors import Conflict
from journal.models import (
    BrokerAccount,
    CapturedRecord,
    ExecutionReport,
    ImportBatch,
    Trade,
    TradeTag,
)
from journal.services.annotations import tag_trade
from journal.services.portable import writing
from journal.services.portable.archive import MANIFEST, ArchiveUnusable, row_file
from tests import people
from tests.doors import book_of
from tests.integration.journal.portable.archives import changed, read, written

pytestmark = pytest.mark.django_db


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
