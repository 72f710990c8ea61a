"""From idea to outcome by hand: decide, plan, link, say why, put legs together and apart, let an assistant in."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import expect

from tests.e2e.test_orders import tell

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

IDEA = {
    "record_id": "idea-1", "symbol": "ACME", "side": "buy", "strategy": "breakout", "quantity": "10",
    "entry_price": "25.50", "stop_price": "24.50", "target_price": "28", "source": "scanner", "scanner": "breakouts",
    "features": {"relative_volume": "2.4"}, "reason": "Closed above its range.",
}  # fmt: skip
FILL = {"account": "BOT-1", "broker": "paper", "currency": "USD"}
# RFC 7636, appendix B.
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "color_scheme": "dark"}


def fill(number: int, side: str, price: str, *, seconds: int, **more: str) -> dict[str, str]:
    at = datetime.now(UTC) + timedelta(seconds=seconds)
    row = {**FILL, "symbol": "ACME", "quantity": "10", "side": side, "price": price, "fee": "1"}
    return {**row, "exec_id": f"c-{number}", "executed_at": at.isoformat(), **more}


def booked(visitor, rows: list[dict[str, str]], trades: int) -> list[str]:
    """The addresses of the trades once all are in the book, the latest first."""
    tell(visitor, "executions", rows)
    page = visitor.open("/imports")
    expect(page.locator("#history-card")).not_to_contain_text("to be booked")
    page = visitor.open("/trades?period=all")
    links = page.locator("#trades a.row-link")
    expect(links).to_have_count(trades)
    return [link.get_attribute("href") for link in links.all()]


def approve(visitor) -> None:
    tell(visitor, "recommendations", [IDEA])
    page = visitor.open("/recommendations/idea-1")
    # What came this moment is told by a page that asks again by itself.
    expect(page.locator("h1")).to_have_text("ACME")
    expect(page.locator("body")).to_contain_text("relative volume")
    page.get_by_label("Reason").fill("Clean base.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".life")).to_contain_text("on the page")
    expect(page.locator(".page-head")).to_contain_text("Approved")


def plan(visitor) -> None:
    page = visitor.page
    page.get_by_role("link", name="Plan it").click()
    expect(page.get_by_label(re.compile("^Entry optional"))).to_have_value("25.50")
    expect(page.get_by_label(re.compile("^Recommendation"))).to_have_value("idea-1")
    page.get_by_label(re.compile("^Conditions")).fill("close above 25.40\nvolume above 2")
    page.get_by_role("button", name="Plan it").click()
    expect(page.locator(".conditions li")).to_have_count(2)
    expect(page.locator(".page-head")).to_contain_text("Pending")


def read_on_a_phone(phone, trade) -> None:
    """Two lines have no heads: the first says itself what its figures are, and nothing scrolls within the page."""
    lead = trade.locator("tr[id^=fill-] .c-lead").first
    assert lead.inner_text().split("\n")[0].startswith("Buy 10 at 25.52")
    expect(trade.locator("tr[id^=fill-] .c-note").first).to_have_text(re.compile("1.00"))
    # What unfolds it stands beside what it realised, not on a line of its own under a long symbol.
    cells = (trade.locator(f"tr[id^=fill-] .{one}").first for one in ("c-value", "c-more"))
    value, more = (cell.bounding_box() for cell in cells)
    assert more["y"] < value["y"] + value["height"]
    rows = phone.open("/trades?period=all").locator(".table-wrap")
    expect(rows).to_have_css("max-height", "none")
    tab = phone.open("/settings/workspace").locator(".tabs [aria-current]")
    expect(tab).to_be_in_viewport(ratio=0.9)


def test_an_idea_is_approved_planned_linked_and_told_why_it_ended(visit):
    ruth = visit()
    ruth.sign_up("ruth")
    approve(ruth)
    plan(ruth)
    rows = [fill(1, "buy", "25.52", seconds=-2), fill(2, "sell", "24.48", seconds=-1)]
    (trade,) = booked(ruth, rows, 1)

    page = ruth.open(trade)
    card = page.locator("#plan")
    expect(card).to_contain_text("Unplanned")
    card.get_by_role("button", name="It was this plan").click()
    expect(card).to_contain_text("Plan against execution")
    # 1.04 x 10 lost and two fees, over a planned risk of one a share.
    expect(card).to_contain_text("−1.24R")
    card.get_by_text("Say why it was closed").click()
    card.get_by_label("Closed by").select_option("manual")
    card.get_by_label("How you know").fill("I pressed the button.")
    card.get_by_role("button", name="Say so").click()
    expect(card).to_contain_text("I pressed the button.")
    expect(card).to_contain_text("Manual")

    page = ruth.open("/recommendations/idea-1")
    expect(page.locator(".page-head")).to_contain_text("Executed")
    expect(page.locator("body")).to_contain_text("−12.40")
    page.get_by_role("link", name="To its plan").click()
    expect(page.locator(".figure--lead")).to_contain_text("−12.40")

    phone = visit(**PHONE, storage_state=ruth.context.storage_state())
    for address in ("/recommendations", "/recommendations/idea-1", "/plans", page.url, trade):
        small = phone.open(address)
        assert small.evaluate("document.documentElement.scrollWidth") <= 390, address
    read_on_a_phone(phone, small)


def test_legs_are_joined_by_hand_and_taken_apart_again(visit):
    sara = visit()
    sara.sign_up("sara")
    option = {
        "asset_class": "option",
        "multiplier": "100",
        "expiry_on": "2030-01-18",
        "right": "put",
    }
    rows = [
        fill(1, "sell", "3.10", seconds=-90, symbol="ACME", strike="540", **option),
        fill(2, "buy", "1.20", seconds=-30, symbol="ACME", strike="535", **option),
    ]
    trades = booked(sara, rows, 2)
    page = sara.open(trades[0])
    page.locator("#companions input[type=checkbox]").first.check()
    page.get_by_role("button", name="Join chosen").click()
    expect(page.locator("#legs tbody tr")).to_have_count(2)
    expect(page.locator("#structure")).to_contain_text("put spread")
    page.get_by_text("The same as a table").first.click()
    expect(page.locator("#structure table").first).to_be_visible()
    page.get_by_role("button", name="Split off chosen").click()
    expect(page.locator("#legs")).to_have_count(0)
    expect(sara.open("/trades?period=all").locator("#trades a.row-link")).to_have_count(2)


def test_an_assistant_is_let_in_and_shown_out(visit):
    tess = visit()
    tess.sign_up("tess")
    page = tess.open("/settings/assistants")
    back = f"{tess.base}/nowhere"
    page.get_by_label("Name").fill("Helpful")
    page.get_by_label("Return address").fill(back)
    page.get_by_role("button", name="Register the program").click()
    asked = {
        "response_type": "code", "client_id": page.get_by_label("Client id").input_value(), "redirect_uri": back,
        "scope": "journal:read", "state": "xyz", "code_challenge": CHALLENGE, "code_challenge_method": "S256",
        "resource": f"{tess.base}/mcp",
    }  # fmt: skip
    page = tess.open(f"/oauth/authorize?{urlencode(asked)}")
    expect(tess.heading("Let Helpful in?")).to_be_visible()
    expect(page.locator("form")).to_contain_text("Read accounts, trades")
    page.get_by_role("button", name="Let it in").click()
    expect(page).to_have_url(re.compile("code="))
    assert parse_qs(urlsplit(page.url).query)["state"] == ["xyz"]

    page = tess.open("/settings/assistants")
    page.get_by_role("button", name="Show out Helpful").click()
    expect(page.locator("#content")).to_contain_text("shown out")
