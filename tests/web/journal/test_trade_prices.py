"""What a trade's page says of prices while it was open."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django_scopes import scope

from journal.domain.bars import Bar
from journal.models import Trade
from journal.services.prices.storing import SeriesName, store_bars
from tests import captures, people
from tests.web.journal.test_dashboard import words

pytestmark = pytest.mark.django_db

START = datetime(2026, 6, 2, 13, 30, tzinfo=UTC)


@pytest.fixture
def alice():
    return people.alice()


def at(minutes: float) -> str:
    return (START + timedelta(minutes=minutes)).isoformat()


def send(membership, kind: str, *records) -> None:
    answer = captures.bot(membership).post(f"/api/{kind}/batch", list(records), format="json")
    assert {one["status"] for one in answer.json()["results"]} == {"created"}, answer.json()


def trade_with_a_stop(membership) -> Trade:
    """10 at 25.50; its stop at 25.00 is moved to 25.60; sold at 26.00."""
    workspace = membership.workspace
    captures.account_of(workspace)
    stop = {
        "client_order_id": "s",
        "parent_id": "e",
        "role": "stop_loss",
        "side": "sell",
        "symbol": "ACME",
    }
    send(
        membership,
        "orders",
        captures.order(
            record_id="o1", client_order_id="e", side="buy", symbol="ACME", role="entry", at=at(0)
        ),
        captures.order(record_id="o2", **stop, stop_price="25.00", at=at(0.2)),
        captures.order(record_id="o3", **stop, stop_price="25.60", status="modified", at=at(6)),
    )
    send(
        membership,
        "executions",
        captures.fill(record_id="f1", client_order_id="e", executed_at=at(0.5)),
        captures.fill(
            record_id="f2", client_order_id="x", side="sell", price="26", executed_at=at(9.5)
        ),
    )
    captures.book(workspace)
    with scope(workspace=workspace):
        return Trade.objects.get()


def store(membership, count: int = 12) -> None:
    bars = []
    for number in range(-12, count):
        opened = START + timedelta(minutes=number)
        low, high = Decimal("25.4"), Decimal("26.1")
        if number == 3:
            low = Decimal("25.2")
        if number == 7:
            high = Decimal("27.5")
        bars.append(
            Bar(opened, opened + timedelta(minutes=1), Decimal("25.5"), high, low, Decimal(26))
        )
    with scope(workspace=membership.workspace):
        name = SeriesName("ACME", 60, "test", "America/New_York")
        store_bars(membership.workspace_id, name, bars, now=START + timedelta(days=1))


def test_without_prices_the_page_says_nothing_of_them(alice):
    trade = trade_with_a_stop(alice)
    assert (
        "While it was open" not in people.browser(alice).get(f"/trades/{trade.pk}").content.decode()
    )


def test_excursions_risk_and_chart(alice):
    trade = trade_with_a_stop(alice)
    store(alice)
    page = people.browser(alice).get(f"/trades/{trade.pk}")
    text = words(page)
    assert "MAE −3.00 USD" in text
    assert "MFE +20.00 USD" in text
    assert "−0.60R" in text
    assert "+4.00R" in text
    assert "Risked 5.00 USD by the first stop order at 25.00" in text
    assert "Kept 25.0%" in text
    html = page.content.decode()
    figure = json.loads(
        re.search(r'id="chart-prices"[^>]*>(.*?)</script>', html, re.DOTALL).group(1)
    )
    by_role = {trace["meta"]["role"]: trace for trace in figure["data"]}
    assert by_role["stop"]["y"] == [25.0, 25.6, 25.6]
    assert (by_role["in"]["y"], by_role["out"]["y"]) == ([25.5], [26.0])
    assert len(by_role["line"]["y"]) == 24
    assert [note["y"] for note in figure["layout"]["annotations"]] == [25.2, 27.5]
    # The same for whoever reads rather than looks.
    card = html.split('id="prices-card"')[1].split("</section>")[0]
    assert "The same as a table" in card
    assert card.count("<tr>") == 1 + 24
    assert '<td class="n">27.50</td>' in card


def test_bars_that_do_not_reach_are_drawn_and_the_figure_is_unknown(alice):
    trade = trade_with_a_stop(alice)
    store(alice, count=-2)
    text = words(people.browser(alice).get(f"/trades/{trade.pk}"))
    assert "there are no bars of that time" in text
    assert "MAE – not known" in text
