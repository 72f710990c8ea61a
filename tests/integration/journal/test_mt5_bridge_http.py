"""The command beside the terminal, and the server, with HTTP between: as on the day on which somebody sets it up."""

from __future__ import annotations

import sys

import pytest
from django_scopes import scope
from fillbook_client.mt5 import __main__ as command

from accounts.scopes import Scope
from journal.models import Execution, ImportBatch, PriceSeries
from journal.services.bridges.connecting import connect_bridge
from journal.services.imports import run_import
from tests import people
from tests.client.mt5.fake import Clock, FakeMetaTrader5

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_new_user_sets_up_the_bridge_and_finds_the_trade_in_the_book(
    live_server, tmp_path, monkeypatch, capsys
):
    alice = people.alice()
    _, token = people.token(alice, Scope.CAPTURE_WRITE)
    with scope(workspace=alice.workspace):
        connection, secret = connect_bridge(alice.workspace.pk, user_id=None)
    (tmp_path / "fillbook-mt5.ini").write_text(
        f"[fillbook-mt5]\nurl = {live_server.url}\ntoken = {token}\nsecret = {secret}\n"
        f"connection = {connection.pk}\nspool = {tmp_path / 'mt5.sqlite'}\n"
    )
    mt5 = FakeMetaTrader5(Clock())
    mt5.tick()
    opened = mt5.deal()
    mt5.deal(type=1, entry=1, position=opened.position_id, price=1.101, profit=10.0)
    monkeypatch.setitem(sys.modules, "MetaTrader5", mt5)
    monkeypatch.chdir(tmp_path)
    assert command.main(["--once"]) == 0
    assert "Delivered: 1, waiting: 0." in capsys.readouterr().out
    with scope(workspace=alice.workspace):
        series = PriceSeries.objects.get()
        assert (series.symbol, series.seconds, series.source) == ("EURUSD", 60, "mt5 Sample-Demo")
        run_import(ImportBatch.objects.get())
        assert Execution.objects.count() == 2
