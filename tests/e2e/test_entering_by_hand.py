"""A trade that no file tells: entered in one form, in the book a moment later, and undone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

ENTRY = {
    "Name of the new account": "My wallet",
    "Symbol": "QXA",
    "Quantity": "10",
    "Price": "20,50",
    "Time": "2026-06-02T09:30:00",
    "Zone of the time": "America/New_York",
    "Price of the exit": "22.50",
    "Time of the exit": "2026-06-03T11:00:00",
}


def test_a_whole_trade_is_entered_found_again_and_undone(visit):
    paula = visit()
    paula.sign_up("paula")
    page = paula.open("/imports")
    page.get_by_role("link", name="Enter a trade").click()
    expect(page.get_by_label("Strike")).to_be_hidden()
    expect(page.get_by_label("Price of the exit")).to_be_hidden()
    page.get_by_text("A whole trade").click()
    expect(page.get_by_label("Price of the exit")).to_be_visible()
    for label, text in ENTRY.items():
        page.get_by_label(re.compile(rf"^{label}(\s*optional)?\s*$")).fill(text)
    page.locator("#id_currency").fill("USD")
    page.get_by_role("button", name="Enter it", exact=True).click()
    expect(paula.heading("in the book")).to_be_visible()
    (trade,) = paula.api("trades")["results"]
    assert float(trade["net_pnl"]) == 20

    # What is known is found while its symbol is typed.
    page.goto("/entries/new")
    page.get_by_label("Symbol").press_sequentially("qx")
    page.get_by_role("radio", name=re.compile("QXA")).check()
    expect(page.locator("#id_currency")).to_be_hidden()
    page.goto("/imports")
    page.get_by_role("link", name=re.compile("Bought 10 QXA")).click()
    page.locator("summary", has_text="Undo").click()
    page.get_by_role("button", name="Undo the import").click()
    expect(page.locator("#content")).to_contain_text("was undone")
    assert paula.api("trades")["results"] == []
