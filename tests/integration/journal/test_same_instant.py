"""Fills of one instant without a running number are booked in the order in which their file has them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django_scopes import scope

from journal.models import Trade
from tests import people
from tests.doors import import_now

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bare_reader")]


@pytest.mark.parametrize("first", ["buy", "sell"])
@pytest.mark.parametrize("symbol", ["ACME", "ZETA", "QQQQ", "X"])
def test_what_was_opened_first_is_closed_after(first, symbol):
    second = "sell" if first == "buy" else "buy"
    lines = [
        f"2026-01-05,{symbol},{side},10,{price},USD"
        for side, price in ((first, 100), (second, 101), (first, 100), (second, 102))
    ]
    workspace = people.alice().workspace
    import_now(workspace, "bare\n" + "\n".join(lines) + "\n", account_number="4711")
    with scope(workspace=workspace):
        trades = list(Trade.objects.order_by("id"))
    sign = 1 if first == "buy" else -1
    assert [trade.direction for trade in trades] == [
        "long" if first == "buy" else "short",
    ] * 2
    assert [trade.gross_pnl for trade in trades] == [sign * Decimal(10), sign * Decimal(20)]
