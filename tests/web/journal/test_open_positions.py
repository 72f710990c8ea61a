"""Open positions on the dashboard, through the switches."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django_scopes import scope

from journal.models import BrokerAccount, Execution, ImportBatch, Trade
from journal.selectors.positions import list_positions
from journal.services import withdrawal
from tests import people
from tests.brokers.ibkr_flex.flex import element, statement, trade
from tests.doors import import_now

pytestmark = pytest.mark.django_db

# Ten at 10.00 EUR, marked at 12.50 EUR, in an account in USD.
BOUGHT = {"currency": "EUR", "ibCommissionCurrency": "EUR", "fxRateToBase": "1.5"}
MARKED = {
    "currency": "EUR",
    "assetCategory": "STK",
    "symbol": "ACME",
    "conid": "7001",
    "multiplier": "1",
    "position": "10",
    "markPrice": "12.5",
    "reportDate": "20260630",
    "levelOfDetail": "SUMMARY",
}


@pytest.fixture
def who():
    return people.everybody()


def hold(who, **changes: str) -> None:
    import_now(who.workspace, statement(trade(**BOUGHT)))
    mark = element("OpenPosition", MARKED | changes)
    import_now(who.workspace, statement(mark, section="OpenPositions"))


def state_rate(who, source: str, target: str, day: str, rate: str) -> None:
    row = element(
        "ConversionRate",
        {"fromCurrency": source, "toCurrency": target, "reportDate": day, "rate": rate},
    )
    import_now(who.workspace, statement(row, section="ConversionRates"))


def shown(who, unit: str) -> tuple[str, str]:
    """What stands in the column Unrealised, and the title of it."""
    page = people.browser(who.alice).get("/", {"unit": unit}).content.decode()
    row = re.search(r"Open positions.*?<tbody data-rows><tr>(.*?)</tr>", page, re.DOTALL)[1]
    cell = re.search(r'c-value">(.*?)</td>', row)[1]
    title = re.search(r'title="([^"]*)"', cell)
    return " ".join(re.sub(r"<[^>]+>", " ", cell).split()), title[1] if title else ""


def converted(who) -> Decimal | None:
    with scope(workspace=who.workspace):
        return list_positions(who.workspace.pk)[0].unrealized_base


@pytest.mark.parametrize(
    ("unit", "text"),
    [("currency", "+25.00 EUR"), ("base", "+27.50 USD"), ("percent", "+25.0%")],
)
def test_the_switch_says_in_which_unit(who, unit, text):
    hold(who, fxRateToBase="1.1")
    state_rate(who, "EUR", "USD", "20260630", "9")
    assert shown(who, unit) == (text, "")


@pytest.mark.parametrize(
    ("rates", "base"),
    [
        ([("EUR", "USD", "20260630", "1.2")], "30"),
        ([("EUR", "USD", "20260629", "1.3"), ("EUR", "USD", "20260628", "9")], "32.5"),
        ([("USD", "EUR", "20260630", "0.8")], "31.25"),
        ([("USD", "EUR", "20260630", "0.8"), ("EUR", "USD", "20260625", "1.2")], "30"),
        ([("EUR", "USD", "20260620", "1.2")], "30"),
    ],
    ids=[
        "of the day",
        "the latest before",
        "the other way round",
        "straight first",
        "ten days old",
    ],
)
def test_without_a_rate_of_its_own_the_rates_of_the_account_convert(who, rates, base):
    for rate in rates:
        state_rate(who, *rate)
    hold(who)
    assert converted(who) == Decimal(base)


@pytest.mark.parametrize(
    "rates",
    [[], [("EUR", "USD", "20260619", "1.2")], [("EUR", "USD", "20260701", "1.2")], [("GBP", "USD", "20260630", "1.2")]],
    ids=["none", "too old", "later", "of another currency"],
)  # fmt: skip
def test_without_any_rate_it_is_not_known_in_base_and_says_why(who, rates):
    for rate in rates:
        state_rate(who, *rate)
    hold(who)
    why = "No conversion rate from EUR to USD on the day of its mark"
    assert shown(who, "base") == ("–", why)
    assert shown(who, "currency")[0] == "+25.00 EUR"
    assert shown(who, "percent")[0] == "+25.0%"


def test_a_rate_that_was_withdrawn_converts_nothing(who):
    hold(who)
    state_rate(who, "EUR", "USD", "20260630", "1.2")
    assert converted(who) == Decimal(30)
    with scope(workspace=who.workspace):
        withdrawal.withdraw_import(ImportBatch.objects.latest("pk"))
    assert converted(who) is None


@pytest.mark.parametrize("unit", ["currency", "base", "percent"])
def test_a_position_without_a_mark_has_a_dash_in_every_unit(who, unit):
    hold(who, markPrice="")
    assert shown(who, unit) == ("–", "No statement marks this position")


def test_what_is_traded_in_the_base_currency_needs_no_rate(who):
    import_now(who.workspace, statement(trade()))
    mark = element("OpenPosition", MARKED | {"currency": "USD"})
    import_now(who.workspace, statement(mark, section="OpenPositions"))
    assert shown(who, "base") == ("+25.00 USD", "")


# -- what only the broker lists


LONG_HELD = MARKED | {"currency": "USD", "symbol": "BOLT", "conid": "7099", "costBasisMoney": "103"}


def listed(who):
    with scope(workspace=who.workspace):
        return list_positions(who.workspace.pk)


def state(who, *rows: dict[str, str]):
    elements = [element("OpenPosition", row) for row in rows]
    return import_now(who.workspace, statement(*elements, section="OpenPositions"))


def test_what_never_moved_is_shown_as_the_broker_states_it(who):
    lot = {"levelOfDetail": "LOT", "openDateTime": "20190312;101500", "position": "4"}
    state(who, LONG_HELD, LONG_HELD | lot, LONG_HELD | lot | {"openDateTime": "20200101;101500"})
    (one,) = listed(who)
    assert (one.symbol, one.side, one.signed_quantity, one.is_stated) == ("BOLT", "long", 10, True)
    assert (one.cost, one.mark_price, one.unrealized_pnl) == (103, Decimal("12.5"), 22)
    assert f"{one.opened_at:%Y-%m-%d}" == "2019-03-12"
    assert shown(who, "currency") == ("+22.00 USD", "")
    with scope(workspace=who.workspace):
        assert not Trade.objects.exists()
        assert not Execution.objects.exists()


def test_a_short_option_that_never_moved(who):
    option = {
        "assetCategory": "OPT",
        "multiplier": "100",
        "position": "-2",
        "markPrice": "0.5",
        "costBasisMoney": "-240",
    }
    state(who, LONG_HELD | option | {"putCall": "P", "strike": "50", "expiry": "20261218"})  # fmt: skip
    (one,) = listed(who)
    assert (one.side, one.average_price, one.cost, one.unrealized_pnl) == (
        "short", Decimal("1.2"), 240, 140,
    )  # fmt: skip


def test_without_a_stated_cost_or_mark_they_are_unknown(who):
    state(who, LONG_HELD | {"costBasisMoney": "", "markPrice": ""})
    (one,) = listed(who)
    assert (one.cost, one.average_price, one.unrealized_pnl, one.opened_at) == (None,) * 4


def test_only_the_latest_day_of_the_account_counts(who):
    other = {"symbol": "CORE", "conid": "7098"}
    state(who, LONG_HELD, LONG_HELD | other)
    newest = state(who, LONG_HELD | {"reportDate": "20260731", "markPrice": "13"})
    assert [(one.symbol, one.unrealized_pnl) for one in listed(who)] == [("BOLT", 27)]
    with scope(workspace=who.workspace):
        withdrawal.withdraw_import(newest)
    assert [one.symbol for one in listed(who)] == ["BOLT", "CORE"]


def test_what_files_of_one_day_differ_about_is_not_shown(who):
    state(who, LONG_HELD)
    state(who, LONG_HELD | {"position": "11"})
    assert listed(who) == []


def test_a_file_that_moves_it_makes_a_trade_of_it(who):
    stated = state(who, LONG_HELD)
    moved = trade(symbol="BOLT", conid="7099", quantity="10", tradePrice="10")
    bought = import_now(who.workspace, statement(moved))
    (one,) = listed(who)
    assert not one.is_stated
    assert (one.signed_quantity, one.cost) == (10, 100)
    with scope(workspace=who.workspace):
        withdrawal.withdraw_import(bought)
        assert [one.is_stated for one in list_positions(who.workspace.pk)] == [True]
        withdrawal.withdraw_import(stated)
        assert list_positions(who.workspace.pk) == []


def test_what_was_sold_for_good_is_not_held(who):
    state(who, LONG_HELD)
    rows = [
        trade(symbol="BOLT", conid="7099", quantity="10", dateTime="20260105;100000"),
        trade(symbol="BOLT", conid="7099", quantity="-10", buySell="SELL", transactionID="2",
              dateTime="20260706;100000"),
    ]  # fmt: skip
    import_now(who.workspace, statement(*rows))
    assert listed(who) == []


def test_positions_of_another_workspace_are_not_shown(who):
    state(who, LONG_HELD)
    with scope(workspace=who.charlie.workspace):
        assert list_positions(who.charlie.workspace.pk) == []


def test_the_api_says_that_only_the_broker_knows_it(who):
    state(who, LONG_HELD)
    (row,) = people.browser(who.alice).get("/api/positions").json()["results"]
    assert (row["is_stated"], row["trade"], row["opened_at"]) == (True, None, None)
    assert (row["cost"], row["unrealized_pnl"]) == ("103", "22")


def test_the_pages_lead_to_no_trade_of_it(who):
    state(who, LONG_HELD)
    browser = people.browser(who.alice)
    with scope(workspace=who.workspace):
        account = BrokerAccount.objects.get()
    for address in ("/", f"/accounts/{account.pk}"):
        page = browser.get(address).content.decode()
        assert "stated by the broker" in page
        assert "/trades/None" not in page
