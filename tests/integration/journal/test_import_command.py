"""`manage.py import_statement`: what a script gets to read."""

from __future__ import annotations

import json
import subprocess
from io import StringIO

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django_scopes import scope

from journal import tasks
from journal.models import ImportBatch, StatementFile
from journal.reading import reader
from journal.services import imports
from tests import people
from tests.brokers.ibkr_flex.flex import SAMPLES, statement, trade
from tests.doors import ROUND_TRIP, book_of, rows_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    return people.alice().workspace


@pytest.fixture
def june(tmp_path):
    path = tmp_path / "june.xml"
    path.write_text(ROUND_TRIP)
    return path


def run(*arguments: object) -> str:
    out = StringIO()
    call_command(
        "import_statement", *map(str, arguments), "--workspace", "Alice’s journal", stdout=out
    )
    return out.getvalue()


def test_json_is_exactly_what_is_promised(workspace, june):
    said = json.loads(run(june, "--json"))
    assert said == {
        "format": "ibkr_flex",
        "sha256": said["sha256"],
        "accounts": [
            {
                "broker_id": "U7000001",
                "executions": {"read": 2, "new": 2, "duplicate": 0},
                "cash": {"read": 0, "new": 0, "duplicate": 0},
                "corporate_actions": {"read": 0, "new": 0, "duplicate": 0},
                "positions": 0,
            }
        ],
        "problems": [],
        "trades": {"opened": 1, "closed": 1},
        "realized_pnl": {"USD": "18"},
    }
    assert len(said["sha256"]) == 64


def test_problems_in_json_have_four_keys(workspace):
    said = json.loads(run(SAMPLES / "troubled.xml", "--json"))
    assert said["problems"]
    for problem in said["problems"]:
        assert list(problem) == ["severity", "code", "row", "message"]


def test_importing_again_says_that_all_is_known(workspace, june):
    run(june)
    said = json.loads(run(june, "--json"))
    assert said["accounts"][0]["executions"] == {"read": 2, "new": 0, "duplicate": 2}
    assert said["trades"] == {"opened": 0, "closed": 0}
    assert said["realized_pnl"] == {}


def test_a_dry_run_says_the_same_and_writes_nothing(workspace, june):
    said = json.loads(run(june, "--json", "--dry-run"))
    assert rows_of(workspace) == 0
    with scope(workspace=workspace):
        assert not ImportBatch.objects.exists()
        assert not StatementFile.objects.exists()
    assert not default_storage.exists(f"statements/{workspace.pk}/{said['sha256']}")
    assert json.loads(run(june, "--json")) == said


def test_for_people_it_writes_sentences(workspace, june):
    said = run(june)
    assert "2 new executions of 2" in said
    assert "1 opened, 1 closed" in said
    assert "18 USD" in said


def test_a_refused_file_ends_with_its_sentence_and_the_others_are_imported(
    workspace, june, tmp_path
):
    half = tmp_path / "half.xml"
    half.write_text(ROUND_TRIP[:400])
    missing = tmp_path / "missing.xml"
    with pytest.raises(CommandError) as refusal:
        run(half, missing, june)
    lines = str(refusal.value).splitlines()
    assert lines[0].startswith(f"{half}: This is half a file")
    assert lines[1] == f"{missing}: No such file or directory."
    assert refusal.value.returncode == 1
    assert len(book_of(workspace)["executions"]) == 2


@pytest.fixture
def killed_reader(monkeypatch):
    class Killed(subprocess.Popen):
        def __init__(self, *arguments, **named):
            super().__init__(*arguments, **named)
            self.kill()

    monkeypatch.setattr(reader, "PROCESS_FROM_BYTES", 0)
    monkeypatch.setattr(reader.subprocess, "Popen", Killed)


def test_a_reader_that_is_killed_ends_with_a_sentence(workspace, june, killed_reader):
    for arguments, remedy in (((), "tries again by itself"), (("--dry-run",), "Try again")):
        with pytest.raises(
            CommandError, match=f"june.xml: .*ran out of memory.*Nothing was kept.*{remedy}"
        ):
            run(june, *arguments)


def test_a_reader_that_is_killed_every_time_is_given_up_with_what_to_do(
    workspace, june, killed_reader, monkeypatch
):
    with pytest.raises(CommandError):
        run(june)
    with scope(workspace=workspace):
        batch = ImportBatch.objects.get()
    for _ in range(imports.ATTEMPTS_MAX - 1):
        with pytest.raises(reader.ReaderStopped):
            tasks.run_import(batch.pk)
    with scope(workspace=workspace):
        batch.refresh_from_db()
    assert (batch.state, batch.error_message) == ("running", "")
    tasks.run_import(batch.pk)
    with scope(workspace=workspace):
        batch.refresh_from_db()
    assert (batch.state, batch.error_code) == ("failed", "import_gave_up")
    for words in ("killed 5 times", "ran out of memory", "shorter period", "more memory"):
        assert words in batch.error_message
    assert rows_of(workspace) == 0
    monkeypatch.undo()
    with scope(workspace=workspace):
        imports.ask_again(batch, imports.Expectation())
        tasks.preview_import(batch.pk)
        batch.refresh_from_db()
    assert (batch.state, batch.error_code) == ("previewed", "")


def test_a_worker_that_ends_every_time_is_given_up_and_not_taken_for_a_killed_reader(
    workspace, june, monkeypatch
):
    with scope(workspace=workspace), june.open("rb") as stream:
        batch = imports.receive_file(
            workspace.pk, stream, name="june.xml", request=imports.ImportRequest()
        )
        imports.confirm_import(batch)
        ImportBatch.objects.filter(pk=batch.pk).update(
            state="running", attempts=imports.ATTEMPTS_MAX
        )
    tasks.run_import(batch.pk)
    with scope(workspace=workspace):
        batch.refresh_from_db()
    assert (batch.state, batch.error_code) == ("failed", "import_gave_up")
    assert "interrupted 5 times" in batch.error_message


def test_an_unknown_account_or_workspace_is_named(workspace, june):
    with pytest.raises(CommandError, match="There is no account U404"):
        run(june, "--account", "U404")
    with pytest.raises(CommandError, match="There is no workspace “Nowhere”"):
        call_command("import_statement", str(june), "--workspace", "Nowhere")


def test_a_file_of_another_account_is_refused(workspace, june, tmp_path):
    run(june)
    other = tmp_path / "other.xml"
    other.write_text(statement(trade(), account="U7000005"))
    with pytest.raises(CommandError, match="speaks of account U7000005, but U7000001 was chosen"):
        run(other, "--account", "U7000001")


def test_a_zone_is_taken(workspace, june):
    run(june, "--timezone", "Europe/Berlin")
    moments = [row[5].isoformat() for row in book_of(workspace)["executions"]]
    assert moments == ["2026-06-02T07:30:01+00:00", "2026-06-02T08:00:00+00:00"]
