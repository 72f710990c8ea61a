"""What runs by schedule and by command, and what is kept of it."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from functools import partial

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command

from reconciliation import tasks
from reconciliation.models import Divergence, ReconciliationRun, Snapshot, SnapshotPosition
from reconciliation.services import cycle
from reconciliation.services.thinning import thin_lines
from tests.integration.reconciliation.desks import ACME, accounts_of, away, connect

pytestmark = pytest.mark.django_db


@pytest.fixture
def some(workspace, broker, clock, monkeypatch):
    """Three accounts with nothing in them, whose broker answers whoever asks."""
    found = accounts_of(workspace.pk, 3)
    connect(workspace.pk, *[account.broker_id for account in found])
    asks = partial(cycle.run_accounts, opener=broker.open, clock=clock)
    monkeypatch.setattr(cycle, "run_accounts", asks)
    return found


def command(*words):
    """Its exit code and what it printed."""
    out = io.StringIO()
    try:
        call_command("reconcile", *words, stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue()
    return 0, out.getvalue()


@pytest.mark.usefixtures("some")
def test_where_all_agree_the_command_ends_well():
    code, said = command()
    assert code == 0
    assert said.count("0 differ") == 3
    code, said = command("--json")
    told = json.loads(said)
    assert (code, len(told["runs"]), told["open"]) == (0, 3, [])


def test_what_is_open_is_printed_and_told_by_the_code(some, broker):
    broker.holds[some[1].broker_id] = {ACME: "7"}
    command(), command()
    code, said = command()
    assert code == 1
    assert "book" in said
    assert "'quantity': '7'" in said
    code, said = command("--json", "--account", some[1].broker_id)
    (one,) = json.loads(said)["open"]
    assert (code, one["account"], one["actual"]["quantity"]) == (1, some[1].broker_id, "7")
    assert one["id"] == Divergence.objects.get().pk
    # What is open elsewhere is not asked for.
    assert command("--account", some[0].broker_id)[0] == 0


def test_what_was_not_heard_is_told_by_the_code(some, broker):
    broker.trouble[some[0].broker_id] = away()
    code, said = command("--json")
    assert code == 1
    assert json.loads(said)["runs"][0]["error"]["code"] == "broker_unreachable"


@pytest.mark.usefixtures("some")
def test_wrong_words_are_told_by_the_code():
    assert command("--account", "U-nobody")[0] == 2


def test_what_is_due_is_handed_out_in_handfuls(some, monkeypatch):
    handed = []
    monkeypatch.setattr(cycle, "CHUNK", 2)
    monkeypatch.setattr(tasks.reconcile_accounts, "delay", handed.append)
    tasks.reconcile_due()
    assert handed == [[some[0].pk, some[1].pk], [some[2].pk]]


def test_an_account_that_another_worker_is_at_is_left_to_that_one(some):
    key = tasks._key(some[1].pk)
    cache.set(key, 1, 60)
    try:
        tasks.reconcile_accounts([account.pk for account in some])
        runs = ReconciliationRun.objects.values_list("account", flat=True)
        assert sorted(runs) == [some[0].pk, some[2].pk]
        assert cache.get(key)
    finally:
        cache.delete(key)
    # Those that it was at itself are free again.
    tasks.reconcile_account(some[0].pk, asked_by_id=None)
    assert ReconciliationRun.objects.filter(account=some[0]).count() == 2


def test_of_old_days_the_last_lines_stay(some, broker, clock, run):
    account = some[0]
    broker.holds[account.broker_id] = {ACME: "7"}
    for _ in range(3):
        run(account), run(account)
        clock.at += timedelta(days=1)
    newest = clock.at - timedelta(hours=30)
    assert thin_lines(before=newest) == 2
    assert thin_lines(before=newest) == 0
    lines = SnapshotPosition.objects.order_by("pk").values_list("snapshot", flat=True)
    ids = list(Snapshot.objects.order_by("pk").values_list("pk", flat=True))
    assert list(lines) == [ids[1], ids[3], ids[4], ids[5]]
