"""What a bot's trades teach: told at once, put in a report and in a symbol's standing, and asked for by a scanner."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.e2e.test_chain import booked

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

TRADES = 24
REASON = "It gaps at every news of its rival."
REPORT_SECONDS = 90
FILL = {"account": "BOT-1", "broker": "paper", "currency": "USD", "quantity": "10"}


def round_trips() -> list[dict[str, str]]:
    """Two of three won, one each day up to yesterday."""
    rows = []
    for number in range(TRADES):
        symbol = ("ACME", "BETA")[number % 2]
        opened = datetime.now(UTC) - timedelta(days=TRADES - number, hours=2)
        closed, price = opened + timedelta(hours=1), "97" if number % 3 == 0 else "102"
        for side, at, paid in (("buy", opened, "100"), ("sell", closed, price)):
            name = f"{side}-{number}"
            rows.append({**FILL, "symbol": symbol, "side": side, "price": paid, "exec_id": name, "executed_at": at.isoformat()})  # fmt: skip
    return rows


def wait_for_figures(visitor) -> None:
    """A worker measures what was closed, and the page is there to be loaded again."""
    page, begun = visitor.open("/learning"), time.monotonic()
    while "Profit factor" not in page.locator("main").inner_text():
        assert time.monotonic() - begun < REPORT_SECONDS
        page.wait_for_timeout(1_000)
        page.reload()
    expect(page.locator(".page-head")).to_contain_text(f"{TRADES} closed trades")
    # Eight lost of 24: a win rate alone says nothing, so what breaks even stands beside it.
    expect(page.locator("main")).to_contain_text(re.compile(r"66[.,]7%[\s\S]*breaks even at 60"))


def make_report(visitor) -> None:
    page, begun = visitor.open("/learning/reports"), time.monotonic()
    page.get_by_role("button", name="The last 7 days now").click()
    expect(page.locator("body")).to_contain_text("The report is being made")
    link = page.locator("main a.row-link")
    while not link.count():
        assert time.monotonic() - begun < REPORT_SECONDS
        page.wait_for_timeout(1_000)
        page.reload()
    link.first.click()
    for title in ("Scoreboard", "One focus", "Risk next week"):
        expect(visitor.heading(title)).to_be_visible()
    printed = visitor.context.request.get(f"{page.url}.pdf")
    assert printed.ok
    assert printed.body().startswith(b"%PDF-")


def put_to_paper(visitor) -> None:
    page = visitor.open("/learning/symbols/ACME")
    page.get_by_text("Put it to another standing").click()
    page.get_by_label("Put it to").select_option(label="Paper only")
    page.get_by_label("Why").fill(REASON)
    page.get_by_role("button", name="Put it there").click()
    expect(page.locator("main")).to_contain_text(REASON)
    expect(page.locator(".page-head")).to_contain_text("Paper only")


def test_what_was_traded_is_learnt_from(visit):
    lea = visit()
    lea.sign_up("lea")
    page = lea.open("/learning")
    expect(lea.heading("Nothing to learn from yet")).to_be_visible()
    booked(lea, round_trips(), TRADES)
    wait_for_figures(lea)
    make_report(lea)
    put_to_paper(lea)
    told = lea.context.request.get("/api/learning/parameters").json()
    assert "ACME" in told["effective"]["blacklist"]
    record = lea.context.request.get("/api/learning/symbols/ACME").json()
    assert (record["standing"], record["size"]) == ("paper_only", 0)
    page = lea.open("/learning/parameters")
    expect(page.locator("main")).to_contain_text("Symbols to leave")
