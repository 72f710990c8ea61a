"""What differs between book and broker: seen on the board, looked into, proposed by one and approved by another, and
gone from the book with its reason. All of it by keyboard."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.test_orders import tell

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

# What a bot says that it bought, and the paper broker never sold.
CLAIM = {
    "account": "PAPER-1", "broker": "paper", "currency": "USD", "symbol": "ACME", "quantity": "7", "side": "buy",
    "price": "20", "exec_id": "never-1",
}  # fmt: skip
REASON = "The bot counted an order that was refused."
# Two complete comparisons have to see it, and brokers are asked at most every quarter of a minute.
WIDE_ENOUGH_SECONDS, PAUSE_SECONDS = 120, 16
TABS_MAX = 150


def press(place: Locator, key: str = "Enter") -> None:
    """As somebody without a mouse gets there: Tab by Tab."""
    page = place.page
    expect(place).to_be_visible()
    for _ in range(TABS_MAX):
        if place.evaluate("element => element === document.activeElement"):
            page.keyboard.press(key)
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"The keyboard does not reach {place}.")


def connect_paper(visitor) -> None:
    page = visitor.open("/connections/new?broker=paper")
    page.get_by_label("Account", exact=True).fill("PAPER-1")
    page.get_by_role("button", name="Connect").click()
    expect(page.locator("#content")).to_contain_text("PAPER-1")


def claim(visitor) -> None:
    at = datetime.now(UTC) - timedelta(minutes=30)
    tell(visitor, "executions", [{**CLAIM, "executed_at": at.isoformat()}])
    page = visitor.open("/imports")
    expect(page.locator("#history-card")).not_to_contain_text("to be booked")


def want_two(visitor) -> None:
    page = visitor.open("/settings")
    press(page.get_by_role("link", name="Reconciliation", exact=True))
    press(page.get_by_label("Two people have to agree"), "Space")
    press(page.get_by_role("button", name="Save"))
    expect(page.locator("body")).to_contain_text("It counts from now on")


def compare_until_told(visitor) -> Locator:
    page = visitor.open("/reconciliation")
    begun = time.monotonic()
    row = page.locator(".break", has_text="ACME")
    while not row.first.is_visible() and time.monotonic() - begun < WIDE_ENOUGH_SECONDS:
        press(page.get_by_role("button", name="Compare now").first)
        expect(page.locator("body")).to_contain_text(re.compile("are being asked|seconds ago"))
        page.wait_for_timeout(PAUSE_SECONDS * 1000)
        page.reload()
    expect(row).to_have_count(1)
    return row


def filter_by_htmx(visitor) -> None:
    """The list follows the choice, and the address with it; nothing is loaded anew."""
    page = visitor.open("/reconciliation")
    page.evaluate("window.isSamePage = true")
    page.locator("select[name=severity]").select_option("info")
    expect(visitor.heading("No difference fits")).to_be_visible()
    expect(page).to_have_url(re.compile("severity=info"))
    assert page.evaluate("window.isSamePage")
    press(page.locator(".pill", has_text="Info"))
    expect(page.locator(".break")).to_have_count(1)


def look_at(row: Locator) -> None:
    """Both sides line by line, what differs, why, since when, and what to do."""
    sides = row.locator("table.sides")
    expect(sides.locator("thead")).to_contain_text(re.compile(r"Book\s*Broker\s*does not have it"))
    quantity = sides.locator("tr", has_text="Quantity")
    expect(quantity.locator("td")).to_have_text(["7", "–"])
    expect(row).to_contain_text("The book has a fill that the broker does not know.")
    expect(row.locator(".break__since")).to_contain_text(
        re.compile(rf"PAPER-1 · since \d\d \w+ {datetime.now(UTC):%Y} \d\d:\d\d")
    )
    expect(row).to_contain_text("Proposal: ")


def propose(row: Locator) -> str:
    """The address of the difference, which waits for somebody else then."""
    page = row.page
    press(row.locator("h3 a"))
    press(page.get_by_role("button", name="Look into it"))
    expect(page.locator(".page-head")).to_contain_text("Being looked into")
    press(page.locator("details.menu summary.btn--primary"))
    press(page.locator("details[open] input[name=reason]"), "a")
    page.keyboard.press("Backspace")
    page.keyboard.type(REASON)
    page.keyboard.press("Enter")
    expect(page.locator(".page-head")).to_contain_text("Proposed")
    expect(page.locator("#content")).to_contain_text("somebody else has to approve")
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    return page.url


def second_person(visit, owner, name: str):
    page = owner.open("/settings/members")
    page.get_by_label("E-mail").fill(f"{name}@example.org")
    page.locator("select[name=role]").last.select_option("trader")
    page.get_by_role("button", name="Invite").click()
    link = page.get_by_label("The link").input_value()
    other = visit()
    other.sign_up(name)
    other.open(link).get_by_role("button", name="Join the workspace").click()
    return other


def test_a_difference_goes_from_the_board_to_two_people_and_is_gone(visit):
    vera = visit()
    vera.sign_up("vera")
    connect_paper(vera)
    claim(vera)
    assert vera.open("/trades").locator("#content").get_by_text("ACME").count()
    want_two(vera)
    row = compare_until_told(vera)
    filter_by_htmx(vera)
    look_at(row)
    address = propose(row)

    walt = second_person(visit, vera, "walt")
    page = walt.open(address)
    press(page.get_by_role("button", name="Approve"))
    expect(page.locator(".page-head")).to_contain_text("Resolved")
    life = page.locator(".life")
    for name in ("vera@", "walt@", REASON):
        expect(life).to_contain_text(name)

    # The book has changed, and says why and by whom; what was told of the fill is kept.
    page = walt.open("/trades")
    expect(page.locator("#content").get_by_text("ACME")).to_have_count(0)
    page = walt.open("/corrections")
    expect(page.locator("#content")).to_contain_text(REASON)
    page = walt.open("/reconciliation")
    expect(page.locator(".break")).to_have_count(0)

    phone = visit(
        viewport={"width": 390, "height": 844}, storage_state=vera.context.storage_state()
    )
    for path in (
        *("/reconciliation", address, "/reconciliation/live", "/reconciliation/rules", "/guards"),
        *("/reconciliation/snapshots", "/reconciliation/log"),
    ):
        small = phone.open(path)
        assert small.evaluate("document.documentElement.scrollWidth") <= 390, path
