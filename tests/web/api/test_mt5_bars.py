"""Bars that a bridge pushes: signed, by the server's clock, all or none."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
from django_scopes import scope

from accounts.scopes import Scope
from journal.models import PriceBar, PriceSeries
from journal.services.bridges.connecting import connect_bridge
from journal.services.pulls.connections import disconnect
from tests import people

pytestmark = pytest.mark.django_db

ROW = [1_780_408_800, 1.1, 1.102, 1.099, 1.1, 7]


@pytest.fixture
def bridge():
    alice = people.alice()
    with scope(workspace=alice.workspace):
        connection, secret = connect_bridge(
            alice.workspace_id, user_id=None, zone="MetaTrader/EET_with_US_daylight_saving"
        )
        yield people.bot(alice, Scope.CAPTURE_WRITE), connection, secret


def push(bridge, *, secret="", **changes):
    client, connection, known = bridge
    part = {"symbol": "EURUSD", "seconds": 60, "rows": [ROW], **changes}
    body = json.dumps(
        {
            "connection": str(connection.pk),
            "account": {"login": 7, "server": "Demo"},
            "bars": [part],
        }
    )
    signed = hmac.new((secret or known).encode(), body.encode(), hashlib.sha256).hexdigest()
    return client.post(
        "/api/mt5/bars",
        body,
        content_type="application/json",
        HTTP_X_FILLBOOK_SIGNATURE=f"sha256={signed}",
    )


def test_times_are_those_of_the_server_s_clock(bridge):
    assert push(bridge).json() == {"added": 1}
    assert push(bridge).json() == {"added": 0}
    bar = PriceBar.objects.get()
    # 14:00 on the wall of a server three hours ahead.
    assert bar.opened_at == datetime(2026, 6, 2, 11, 0, tzinfo=UTC)
    assert (str(bar.high), PriceSeries.objects.get().source) == ("1.102", "mt5 Demo")


def test_another_signature_is_refused(bridge):
    assert push(bridge, secret="wrong").status_code == 403
    assert not PriceSeries.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"symbol": ""},
        {"symbol": 7},
        {"seconds": 0},
        {"seconds": 604_800},
        {"rows": None},
        {"rows": [[1, 2]]},
        {"rows": [ROW, [ROW[0] + 60, 1.1, 1.0, 1.2, 1.1, 7]]},
        {"rows": [[ROW[0], 1, "x", 1, 1]]},
        {"rows": [[10**30, 1, 1, 1, 1]]},
    ],
)
def test_what_is_no_bar_is_refused_and_nothing_kept(bridge, change):
    answer = push(bridge, **change)
    assert (answer.status_code, answer.json()["code"]) == (422, "push_unreadable")
    assert not PriceBar.objects.exists()


def test_a_connection_that_was_taken_away_takes_nothing(bridge):
    disconnect(bridge[1])
    assert push(bridge).json()["code"] == "disconnected"
    assert not PriceBar.objects.exists()
