"""A trade that no file tells: entered in one form, in the book a moment later, and undone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]


def test_a_whole_trade_is_entered_found_again_and_undone(visit):
    paula = visit()
    paula.sign_up("paula")
    page = paula.open("/imports")
    page.get_by_role("link", name="Enter a trade").click()
    expect(page.get_by_label("Strike")).to_be_hidden()
    expect(page.get_by_label("Price of the exit")).to_be_hidden()
    page.get_by_text("A whole trade").click()
    expect(page.get_by_label("Price of the exit")).to_be_visible()
    page.get_by_label("Name of the new account").fill("My wallet")
    page.get_by_label("Symbol").fill("QXA")
    page.locator("#id_currency").fill("USD")
    page.get_by_label("Quantity").fill("10")
    page.get_by_label("Price", exact=True).fill("20,50")
    page.get_by_label("Time", exact=True).fill("2026-06-02T09:30:00")
    page.get_by_label("Zone of the time").fill("America/New_York")
    page.get_by_label("Price of the exit").fill("22.50")
    page.get_by_label("Time of the exit").fill("2026-06-03T11:00:00")
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
