"""A bot reports, a person looks: orders, the trade behind them, what came of which source, and an undo."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import amount

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

BOT = {"account": "BOT-1", "broker": "paper", "symbol": "ACME", "currency": "USD", "quantity": "10"}
STOP = {**BOT, "client_order_id": "m-sl", "parent_id": "m-1", "role": "stop_loss", "side": "sell"}
ORDERS = [
    {**BOT, "client_order_id": "m-1", "role": "entry", "side": "buy", "status": "filled", "filled_quantity": "10",
     "average_price": "20", "at": "2026-06-02T14:00:00Z"},
    {**STOP, "status": "placed", "stop_price": "19", "at": "2026-06-02T14:00:01Z"},
    {**STOP, "status": "modified", "stop_price": "21", "at": "2026-06-02T15:00:00Z"},
    {**STOP, "status": "filled", "filled_quantity": "10", "average_price": "21", "at": "2026-06-02T16:00:00Z"},
]  # fmt: skip
FILLS = [
    {**BOT, "client_order_id": "m-1", "side": "buy", "price": "20", "fee": "1", "executed_at": "2026-06-02T14:00:00Z",
     "exec_id": "1"},
    {**BOT, "client_order_id": "m-sl", "side": "sell", "price": "21", "fee": "1", "executed_at": "2026-06-02T16:00:00Z",
     "exec_id": "2"},
]  # fmt: skip


def tell(visitor, kind: str, rows) -> None:
    # As a page of ours would: signed in, with the token against forged requests.
    cookies = {one["name"]: one["value"] for one in visitor.context.cookies()}
    token = next(value for name, value in cookies.items() if "csrf" in name)
    answer = visitor.context.request.post(
        f"/api/{kind}/batch",
        data={kind: rows},
        headers={"X-CSRFToken": token, "Referer": f"{visitor.base}/"},
    )
    assert answer.ok, answer.text()
    assert all(one["status"] == "created" for one in answer.json()["results"]), answer.text()


def trade(visitor) -> None:
    """What waits is told on the page of imports, which follows by itself."""
    tell(visitor, "orders", ORDERS)
    tell(visitor, "executions", FILLS)
    page = visitor.open("/imports")
    expect(page.locator("#history-card")).not_to_contain_text("to be booked")
    expect(page.locator("#import-history tbody tr")).to_have_count(1)


def test_a_bot_s_orders_lead_from_their_list_to_their_trade_and_its_source(visit):
    hal = visit()
    hal.sign_up("hal")
    page = hal.open("/orders")
    expect(hal.heading("No orders yet")).to_be_visible()
    trade(hal)
    page = hal.open("/orders")
    rows = page.locator("#orders tbody tr")
    expect(rows).to_have_count(2)
    page.get_by_role("link", name="ACME").first.click()
    expect(page.locator(".life__step")).to_have_count(3)
    expect(page.locator(".life")).to_contain_text("19.00 → 21.00")
    expect(page.locator("body")).to_contain_text("Protects")
    page.get_by_role("link", name="To the trade").click()
    expect(page.locator("#orders-card tbody tr")).to_have_count(2)
    assert amount(page.locator(".figure--lead .figure__value").inner_text()) == 8

    page = hal.open("/?period=all")
    row = page.locator("#sources tbody tr")
    expect(row).to_have_count(1)
    assert amount(row.locator(".c-value").inner_text()) == 8
    assert amount(hal.headline()) == 8
    row.get_by_role("link").click()
    expect(page).to_have_url(re.compile("source=bot"))


def test_what_a_bot_reported_is_undone_and_brought_back(visit):
    ian = visit()
    ian.sign_up("ian")
    trade(ian)
    page = ian.page
    page.locator("#import-history a.row-link").click()
    page.locator(".confirm summary").click()
    page.get_by_role("button", name="Undo them").click()
    expect(page.locator("#import")).to_contain_text("is kept as evidence")
    page.goto("/orders")
    expect(ian.heading("No orders yet")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Bring its records back").click()
    expect(page.locator("#import-history tbody tr")).to_have_count(2)
    expect(page.locator("#history-card")).not_to_contain_text("to be booked")
    page = ian.open("/orders")
    expect(page.locator("#orders tbody tr")).to_have_count(2)


def test_orders_fit_a_phone(visit):
    ida = visit(viewport={"width": 390, "height": 844}, has_touch=True)
    ida.sign_up("ida")
    trade(ida)
    page = ida.open("/orders")
    expect(page.locator("#orders tbody tr").first).to_contain_text("Sell 10 stop 21.00")
    first = page.locator("#orders a.row-link").first.get_attribute("href")
    batch = ida.open("/imports").locator("#import-history a.row-link").get_attribute("href")
    for address in (
        "/orders",
        "/orders?text=nobody",
        first,
        batch,
        "/?period=all",
        "/trades?source=bot",
    ):
        page = ida.open(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
