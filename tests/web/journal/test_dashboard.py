"""The dashboard says what the selectors say, through the lens that is chosen."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from django_scopes import scope

from common.numbers import write_money
from journal.models import BrokerAccount
from journal.selectors.performance import Basis, Slice, Unit, View
from journal.selectors.summaries import build_performance
from tests import people
from tests.brokers.ibkr_flex.flex import statement
from tests.doors import import_now
from tests.web.journal.books import fills, import_many, import_small

pytestmark = pytest.mark.django_db

DASHBOARD_QUERIES = 19


@pytest.fixture
def who():
    return people.everybody()


@pytest.fixture
def alice(who):
    return people.browser(who.alice)


def words(response) -> str:
    """The text of the page without its marks."""
    assert response.status_code == 200
    text = re.sub(r"<script.*?</script>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def shown(amount: Decimal, currency: str) -> str:
    return write_money(amount, currency, plus=True)


def test_a_newcomer_is_told_the_one_thing_to_do(who, alice):
    page = alice.get("/").content.decode()
    assert "Import a statement" in page
    assert 'href="/imports"' in page


@pytest.mark.parametrize(
    ("address", "name"), [("/", "Dashboard"), ("/calendar", "Calendar"), ("/trades", "Trades")]
)
def test_an_empty_page_is_named_as_its_entry_in_the_navigation(alice, address, name):
    page = alice.get(address).content.decode()
    assert f"<title>{name} " in page
    assert f"<h1>{name}</h1>" in page


def test_a_viewer_of_an_empty_workspace_is_offered_nothing_to_do(who):
    page = people.browser(who.bob).get("/").content.decode()
    assert "Import a statement" not in page


def test_the_figures_are_those_of_the_selectors(who, alice):
    import_small(who.workspace)
    page = words(alice.get("/"))
    with scope(workspace=who.workspace):
        one = build_performance(Slice(who.workspace.pk), View())[0]
    assert one.pnl == Decimal("8.6")
    assert f"Net P&L {shown(one.pnl, 'USD')}" in page
    assert "Win rate 50.0% breaks even at 40.0%" in page
    assert f"Profit factor {one.summary.profit_factor:.2f}" in page
    assert f"Max drawdown {shown(one.drawdown.amount, 'USD')}" in page
    assert "Fees 7.00 USD 7 fills" in page


@pytest.mark.parametrize("basis", Basis)
@pytest.mark.parametrize("unit", Unit)
def test_every_switch_changes_the_figures_and_is_named(who, alice, unit, basis):
    import_small(who.workspace)
    page = words(alice.get("/", {"unit": unit, "basis": basis}))
    with scope(workspace=who.workspace):
        one = build_performance(Slice(who.workspace.pk), View(unit, basis))[0]
    value, currency = one.pnl, "USD"
    if unit is Unit.PERCENT:
        value, currency = one.return_on_cost, "%"
    name = basis.value.capitalize()
    assert f"{name} P&L {shown(value, currency)}" in page
    assert f"{name}, " in page


def test_the_lens_is_kept_from_page_to_page(who, alice):
    import_small(who.workspace)
    alice.get("/", {"unit": "currency", "basis": "gross"})
    assert "Gross, as traded" in words(alice.get("/"))
    assert "Gross, as traded" in words(alice.get("/calendar"))
    assert "Gross, as traded" in words(alice.get("/trades"))


def test_what_the_address_says_badly_changes_nothing(who, alice):
    import_small(who.workspace)
    query = {"unit": "rubles", "basis": "", "period": "custom", "from": "2026-02-31", "to": "x"}
    assert "All time · Net, base currency" in words(alice.get("/", query))


def test_a_period_narrows_every_figure(who, alice):
    import_small(who.workspace)
    query = {"period": "custom", "from": "2026-06-30", "to": "2026-06-01"}
    page = words(alice.get("/", query))
    with scope(workspace=who.workspace):
        june = Slice(who.workspace.pk, start=date(2026, 6, 1), end=date(2026, 6, 30))
        one = build_performance(june, View())[0]
    assert f"Net P&L {shown(one.pnl, 'USD')}" in page
    assert "01 Jun 2026 – 30 Jun 2026" in page
    alice.get("/", {"period": "custom", "from": "2019-01-01", "to": "2019-12-31"})
    assert "Nothing was traded here" in words(alice.get("/"))


def test_an_account_is_chosen_and_somebody_elses_is_not_there(who, alice):
    import_small(who.workspace)
    other = fills(("20260602;093001", "ACME", "1", "1"), ("20260602;093002", "ACME", "-1", "9"))
    import_now(who.workspace, statement(*other, account="U7000002"))
    import_small(who.charlie.workspace)
    with scope(workspace=who.workspace):
        second = BrokerAccount.objects.get(broker_id="U7000002")
    with scope(workspace=who.charlie.workspace):
        strange = BrokerAccount.objects.get()
    assert f"Net P&L {shown(Decimal(6), 'USD')}" in words(
        alice.get("/", {"accounts": str(second.pk)})
    )
    assert alice.get("/", {"accounts": str(strange.pk)}).status_code == 404
    assert f"Net P&L {shown(Decimal(6), 'USD')}" in words(alice.get("/"))


def test_one_currency_is_in_focus_and_the_others_are_links(who, alice):
    import_small(who.workspace)
    euros = fills(
        ("20260602;093001", "EURO", "10", "10"),
        ("20260602;100000", "EURO", "-10", "11"),
        start=50,
        currency="EUR",
        ibCommissionCurrency="EUR",
        fxRateToBase="1.1",
    )
    import_now(who.workspace, statement(*euros))
    page = alice.get("/", {"unit": "currency"})
    assert f"Net P&L {shown(Decimal('8.6'), 'USD')}" in words(page)
    assert "currency=EUR" in page.content.decode()
    assert f"Net P&L {shown(Decimal(8), 'EUR')}" in words(alice.get("/", {"currency": "EUR"}))


def test_the_months_add_up_to_the_year(who, alice):
    import_small(who.workspace)
    page = words(alice.get("/"))
    assert "June +6" in page
    assert "July +3" in page


def test_open_positions_show_a_dash_without_a_mark(who, alice):
    import_small(who.workspace)
    page = alice.get("/").content.decode()
    assert "No statement marks this position" in page
    assert "2 positions" in words(alice.get("/"))


def test_a_point_of_the_curve_leads_to_its_day(who, alice):
    import_small(who.workspace)
    page = alice.get("/").content.decode()
    equity = json.loads(re.search(r'<script id="equity"[^>]*>(.*?)</script>', page)[1])["data"][0]
    assert "2026-06-05" in equity["x"]
    assert equity["meta"]["address"] == "/trades?start={x}&end={x}"


def test_the_number_of_queries_is_that_of_a_small_book(who, alice, django_assert_max_num_queries):
    import_many(who.workspace, 120)
    alice.get("/")
    with django_assert_max_num_queries(DASHBOARD_QUERIES):
        alice.get("/")
