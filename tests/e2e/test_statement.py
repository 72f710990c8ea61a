"""From an empty installation to a statement in the book, undone, and imported again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import SAMPLES, amount

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]
ACTIVITY = SAMPLES / "activity.xml"


def test_a_newcomer_signs_up_drops_a_statement_and_writes_about_a_trade(visit):
    alice = visit()
    page = alice.open("/")
    expect(page).to_have_url(re.compile("/account/signup/$"))
    expect(page.locator("body")).to_contain_text("you will administer this installation")
    alice.sign_up("alice", enter="/")
    expect(alice.heading("Start with a statement")).to_be_visible()

    alice.drop(ACTIVITY)
    expect(alice.heading("to import")).to_be_visible()
    expect(page.locator("#content")).to_contain_text("U7000001")
    page.get_by_role("button", name="Import it").click()
    expect(alice.heading("in the book")).to_be_visible()

    page.get_by_role("link", name="Its trades").click()
    closed = page.locator("#trades tbody tr", has_not=page.locator(".badge--accent"))
    closed.filter(has_text="ACME").first.locator("a.row-link").click()
    lines = page.locator("tr[id^=fill-] .c-value .money").all_inner_texts()
    assert len(lines) >= 1
    assert sum(map(amount, lines)) == amount(alice.headline())
    assert amount(page.locator("#sum").inner_text()) == amount(alice.headline())

    annotate(page)
    alice.open("/?period=all")
    told = {one["currency"]: one for one in alice.api("performance")["results"]}
    assert amount(alice.headline()) == round(amount(told["USD"]["pnl"]), 2)


def annotate(page):
    page.get_by_label("New note").fill("Sold into **strength**.")
    page.get_by_role("button", name="Save the note").click()
    expect(page.locator("#notes strong")).to_have_text("strength")
    page.get_by_label("Tag", exact=True).fill("breakout")
    page.get_by_role("button", name="Tag", exact=True).click()
    expect(page.locator("#tags .pill")).to_have_text("breakout")
    page.reload()
    expect(page.locator("#notes strong")).to_have_text("strength")
    expect(page.locator("#tags .pill")).to_have_text("breakout")


def test_a_statement_counts_once_and_can_be_undone_and_imported_again(visit):
    bob = visit()
    bob.sign_up("bob")
    bob.bring_in(ACTIVITY)
    bob.open("/?period=all")
    figure, page = bob.headline(), bob.page

    bob.upload(ACTIVITY)
    expect(bob.heading("Nothing new in this file")).to_be_visible()

    page.goto("/imports")
    page.locator("#import-history .row-link", has_text="activity.xml").last.click()
    page.get_by_text("Undo", exact=False).first.click()
    page.locator(".confirm form button[type=submit]").click()
    expect(page.locator("#content")).to_contain_text("This import was undone")
    assert bob.api("trades")["results"] == bob.api("executions")["results"] == []

    page.get_by_role("button", name="Import the file again").click()
    again = page.get_by_role("button", name="Import it").or_(bob.heading("in the book"))
    expect(again).to_be_visible()
    if page.get_by_role("button", name="Import it").is_visible():
        page.get_by_role("button", name="Import it").click()
    expect(bob.heading("in the book")).to_be_visible()
    bob.open("/?period=all")
    assert bob.headline() == figure


def test_what_is_no_statement_is_answered_with_a_sentence_and_not_kept(visit, tmp_path):
    carol = visit()
    carol.sign_up("carol")
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear broker, please send me my statement.\n")

    carol.upload(letter)

    content = carol.page.locator("#content")
    expect(content.locator(".message--error")).to_contain_text("No reader recognises “letter.txt”")
    expect(carol.heading("No file yet")).to_be_visible()
    assert carol.api("executions")["results"] == carol.api("accounts")["results"] == []
