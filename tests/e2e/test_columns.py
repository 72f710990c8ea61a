"""A table that nobody knows, from the drop to the trades; and the next one by itself."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

HEADER = "When;Paper;Way;Units;Rate;Costs"
MARCH = f"{HEADER}\n01.03.2027 10:00;QXA;Kauf;10;20,00;1,00\n02.03.2027 11:00;QXA;Verkauf;10;22,00;1,00\n"
APRIL = f"{HEADER}\n01.04.2027 10:00;QXA;Kauf;10;20,00;1,00\n02.04.2027 11:00;QXA;Verkauf;10;25,00;1,00\n"


def test_a_table_that_nobody_knows_is_mapped_once(visit, tmp_path):
    nina = visit()
    nina.sign_up("nina")
    march, april = tmp_path / "march.csv", tmp_path / "april.csv"
    march.write_text(MARCH)
    april.write_text(APRIL)

    nina.upload(march)
    page = nina.page
    expect(nina.heading("Which column is which?")).to_be_visible()
    expect(nina.heading("still open")).to_be_visible()
    # Each change is tried at once.
    page.get_by_label("Currency of the prices").fill("eur")
    page.get_by_label("Currency of the prices").press("Tab")
    expect(page.locator("#trial")).to_contain_text("+18.00")
    page.get_by_label("Rate").select_option("")
    expect(page.locator("#trial")).to_contain_text("as soon as", ignore_case=True)
    page.get_by_label("Rate").select_option("price")
    expect(page.locator("#trial")).to_contain_text("+18.00")
    page.get_by_label("Zone of its times").fill("Europe/Berlin")
    page.get_by_label("Zone of its times").press("Tab")
    page.get_by_label("Number of the new account").fill("At my bank")
    page.get_by_label("Number of the new account").press("Tab")
    expect(nina.heading("Everything the book needs is said")).to_be_visible()
    page.get_by_role("button", name="Read the file like this").click()
    page.get_by_role("button", name="Import it").click()
    expect(nina.heading("in the book")).to_be_visible()

    nina.upload(april)
    expect(page.locator("#content")).to_contain_text("As you said with an earlier table")
    page.get_by_role("button", name="Import it").click()
    expect(nina.heading("in the book")).to_be_visible()
    trades = nina.api("trades")["results"]
    assert sorted(float(one["net_pnl"]) for one in trades) == [18, 48]


def test_a_table_is_mapped_without_scripts(visit, tmp_path):
    olga = visit()
    olga.sign_up("olga")
    state = olga.context.storage_state()
    plain = visit(java_script_enabled=False, storage_state=state)
    page = plain.open("/imports")
    page.locator("summary", has_text="Paste rows").click()
    page.get_by_label("Rows with their header").fill(MARCH.replace(";", "\t"))
    page.get_by_role("button", name="Read the rows").click()
    expect(page).to_have_url(re.compile("/columns$"))
    page.get_by_label("Currency of the prices").fill("EUR")
    page.get_by_label("Zone of its times").fill("Europe/Berlin")
    page.get_by_role("button", name="Look again").click()
    expect(page.locator("#trial")).to_contain_text("+18.00")
    page.get_by_role("button", name="Read the file like this").click()
    expect(page.locator("#content")).to_contain_text("Choose the account that the table is of")
    page.get_by_label("Number of the new account").fill("4711")
    page.get_by_role("button", name="Read the file like this").click()
    expect(page).to_have_url(re.compile(r"/imports/\d+$"))
