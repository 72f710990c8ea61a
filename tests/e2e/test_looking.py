"""Looking at a book: filters, pages, switches, themes, a phone, and a browser without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import SAMPLES, amount, statement

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

PAGES = (
    "/",
    "/?period=all",
    "/calendar",
    "/calendar?year=2026&month=6",
    "/trades?period=all",
    "/orders",
    "/imports",
    "/accounts",
    "/accounts/new",
    "/issues",
    "/corrections",
    "/settings",
    "/settings/security",
    "/settings/workspace",
    "/settings/tokens",
    "/settings/alerts",
    "/settings/webhooks",
    "/settings/members",
    "/workspaces/new",
    "/account/email/",
    "/account/password/change/",
    "/account/2fa/",
    "/account/2fa/totp/activate/",
    "/account/2fa/webauthn/add/",
    "/account/sessions/",
    "/api/docs",
    "/nowhere",
)
FIRST_OF = {
    "trade": ("/trades?period=all", "#trades a.row-link"),
    "import": ("/imports", "#import-history a.row-link"),
    "account": ("/accounts", "#content a[href^='/accounts/']:not([href$='new'])"),
}


def find_pages(visitor) -> list[str]:
    found = []
    for list_page, link in FIRST_OF.values():
        page = visitor.open(list_page)
        found.append(page.locator(link).first.get_attribute("href"))
    return [*PAGES, *found]


def test_a_list_is_filtered_and_paged_by_keyboard_and_seen_gross_or_net(visit, tmp_path):
    dora = visit()
    dora.sign_up("dora")
    dora.bring_in(statement(tmp_path, trades=60))
    page = dora.open("/trades?period=all")
    rows = page.locator("#trades tbody tr")
    expect(rows).to_have_count(50)
    first = rows.first.inner_text()

    page.keyboard.press("n")
    expect(rows).to_have_count(10)
    page.keyboard.press("p")
    expect(rows.first).to_have_text(re.compile(re.escape(first.split()[0])))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('tr').rowIndex") == 2
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/trades/\d+$"))

    dora.open("/trades?period=all")
    page.keyboard.press("/")
    page.keyboard.type("S017")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    expect(page).to_have_url(re.compile("text=S017"))
    assert amount(rows.first.locator(".c-value").inner_text()) == 9

    page.get_by_role("link", name="Gross", exact=True).click()
    expect(rows.first.locator(".c-value")).to_contain_text("+10.00")
    page.get_by_role("link", name="%", exact=True).click()
    expect(rows.first.locator(".c-value")).to_contain_text("%")
    expect(rows).to_have_count(1)


def test_every_page_fits_a_phone_in_the_dark(visit):
    erin = visit(color_scheme="dark", viewport={"width": 390, "height": 844}, has_touch=True)
    erin.sign_up("erin")
    erin.bring_in(SAMPLES / "activity.xml")
    wide = {}
    for address in find_pages(erin):
        page = erin.open(address)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 390:
            wide[address] = width
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert max(map(int, re.findall(r"\d+", dark)[:3])) < 80, f"{address} is not dark: {dark}"
    assert wide == {}


def test_between_phone_and_desk_the_result_is_in_sight_and_the_switches_are_in_reach(visit):
    ivy = visit(viewport={"width": 800, "height": 900})
    ivy.sign_up("ivy")
    ivy.bring_in(SAMPLES / "activity.xml")
    page = ivy.open("/trades?period=all")
    expect(page.locator("#trades thead th").last).to_be_in_viewport(ratio=1)
    page.get_by_label("View and person").click()
    gross = page.locator("#topbar").get_by_role("link", name="Gross", exact=True)
    expect(gross).to_have_count(1)
    gross.click()
    expect(page.locator(".page-head__note")).to_contain_text("Gross")


def test_numbers_are_written_as_the_reader_is_used_to(visit):
    fritz = visit(locale="de-DE")
    fritz.sign_up("fritz")
    fritz.bring_in(SAMPLES / "activity.xml")
    page = fritz.open("/?period=all")
    expect(page.locator(".figure--lead .figure__value")).to_have_text(re.compile(r"\d,\d\d"))
    page.goto("/settings")
    page.get_by_label("Numbers").select_option("en-GB")
    page.get_by_role("button", name="Save").click()
    page.goto("/?period=all")
    expect(page.locator(".figure--lead .figure__value")).to_have_text(re.compile(r"\d\.\d\d"))


def test_without_scripts_one_signs_in_imports_and_reads(visit):
    grace = visit()
    grace.sign_up("grace")
    plain = visit(java_script_enabled=False)
    page = plain.open("/")
    plain.sign_in("grace@example.org")
    plain.upload(SAMPLES / "activity.xml")
    confirm = page.get_by_role("button", name="Import it")
    result = plain.heading("in the book")
    for what in (confirm, result):
        # What a script would ask for every second, a person without one asks for by reloading.
        while not what.is_visible():
            expect(page.locator("#import")).not_to_contain_text("Nothing was imported")
            page.reload()
        if what is confirm:
            confirm.click()
    page.goto("/trades?period=all")
    expect(page.locator("#trades tbody tr", has_text="ACME")).not_to_have_count(0)
    page.goto("/?period=all")
    expect(page.locator(".figure--lead .figure__value")).to_contain_text("USD")
