"""Fills and trades entered by hand: the form, what comes of it, and the statement that comes later."""

from __future__ import annotations

import html
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django_scopes import scope

from accounts.roles import Role
from journal import tasks
from journal.models import (
    BrokerAccount,
    Execution,
    ExecutionReport,
    ImportBatch,
    ImportState,
    Instrument,
    OpenLot,
    Source,
    Trade,
)
from journal.selectors.joined_fills import keys_of
from journal.services.stored_files import open_stored
from tests import people
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.doors import import_now, undo

pytestmark = pytest.mark.django_db

FILL = {
    "whole": "fill", "account": "", "account_number": "By hand", "symbol": "QXA", "kind": "stock", "currency": "USD",
    "side": "buy", "quantity": "10", "price": "20.50", "at": "2026-06-02T09:30", "zone": "America/New_York", "fee": "1",
    "note": "as planned",
}  # fmt: skip
TRADE = {
    **FILL,
    "whole": "trade",
    "exit_price": "22.50",
    "exit_at": "2026-06-03T11:00",
    "exit_fee": "1",
}


@pytest.fixture
def who():
    return people.everybody(bob_as=Role.VIEWER)


@pytest.fixture
def alice(who):
    return people.browser(who.alice)


def latest(who) -> ImportBatch:
    with scope(workspace=who.workspace):
        return ImportBatch.objects.select_related("file").order_by("-pk").first()


def entered(who, client, said, **more) -> ImportBatch:
    answer = client.post("/entries/new", {**said, "enter": "yes", **more})
    assert answer.status_code == 303, html.unescape(answer.content.decode())
    batch = latest(who)
    assert answer.url == f"/imports/{batch.pk}"
    tasks.run_import(batch.pk)
    batch = latest(who)
    assert batch.state == ImportState.DONE, batch.error_message
    return batch


def fills(who):
    with scope(workspace=who.workspace):
        return list(
            Execution.objects.select_related("report", "instrument", "account").order_by(
                "executed_at"
            )
        )


def test_a_fill_is_evidence_of_its_own_with_a_new_account(who, alice):
    batch = entered(who, alice, FILL)
    assert (batch.file.name, batch.reported_by, batch.source) == (
        "Bought 10 QXA at 20.5",
        Source.MANUAL,
        "manual",
    )
    (fill,) = fills(who)
    assert (fill.account.broker, fill.account.broker_id, fill.account.base_currency) == (
        "manual",
        "By hand",
        "USD",
    )
    assert (fill.account.zone, fill.quantity, fill.price, fill.fee) == (
        "America/New_York",
        10,
        Decimal("20.5"),
        1,
    )
    assert fill.executed_at == datetime(2026, 6, 2, 13, 30, tzinfo=UTC)
    assert (fill.report.source, fill.report.authority, fill.report.raw["notes"]) == (
        Source.MANUAL,
        22,
        "as planned",
    )
    with open_stored(batch.file) as stream:
        assert json.load(stream)["fillbook_entry"] == 1


def test_a_whole_trade_is_entered_in_one_form(who, alice):
    entered(who, alice, TRADE)
    with scope(workspace=who.workspace):
        booked = Trade.objects.get()
    assert (booked.net_pnl, booked.fees) == (18, 2)
    assert booked.closed_at == datetime(2026, 6, 3, 15, tzinfo=UTC)


def test_an_entry_is_undone_like_any_import_and_can_be_made_again(who, alice):
    batch = entered(who, alice, TRADE)
    undo(who.workspace, batch)
    assert fills(who) == []
    alice.post(f"/imports/{batch.pk}/again")
    again = latest(who)
    assert again.reported_by == Source.MANUAL
    tasks.preview_import(again.pk)
    alice.post(f"/imports/{again.pk}/confirm")
    tasks.run_import(again.pk)
    assert len(fills(who)) == 2


def test_a_second_entry_that_says_the_same_is_a_second_fill(who, alice):
    entered(who, alice, FILL)
    entered(who, alice, FILL)
    assert len(fills(who)) == 2
    with scope(workspace=who.workspace):
        assert BrokerAccount.objects.count() == 1
        assert OpenLot.objects.count() == 2


def test_it_can_be_looked_at_before_it_is_entered(who, alice):
    answer = alice.post("/entries/new", {**TRADE, "preview": "yes"})
    batch = latest(who)
    assert answer.url == f"/imports/{batch.pk}"
    tasks.preview_import(batch.pk)
    page = html.unescape(alice.get(answer.url).content.decode())
    assert "2 new rows" in page
    assert "+18.00" in page
    assert fills(who) == []


def test_another_entry_for_the_same_account_is_a_click_away(who, alice):
    answer = alice.post("/entries/new", {**FILL, "another": "yes"})
    batch = latest(who)
    assert answer.url == f"/entries/new?account={batch.account_id}"
    page = html.unescape(alice.get(answer.url).content.decode())
    assert "Bought 10 QXA at 20.5: entered" in page
    assert f'value="{batch.account_id}" selected' in page


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"kind": "option", "expiry_on": "2026-09-18", "strike": "50", "right": "put"},
         ("option", "QXA   260918P00050000", 100, "QXA")),
        ({"kind": "future", "symbol": "ES 09-26"}, ("future", "ESU26", 50, "ES")),
        ({"kind": "future", "symbol": "ZZZU6", "multiplier": "12.5"}, ("future", "ZZZU26", Decimal("12.5"), "ZZZ")),
        ({"kind": "crypto", "symbol": "BTC/USD", "currency": ""}, ("crypto", "BTC", 1, "")),
        ({"kind": "forex", "symbol": "EUR/USD", "currency": ""}, ("forex", None, 1, "")),
    ],
)  # fmt: skip
def test_new_contracts(who, alice, said, expected):
    entered(who, alice, FILL, **said)
    contract = fills(who)[0].instrument
    kind, symbol, multiplier, underlying = expected
    assert (contract.asset_class, contract.multiplier, contract.underlying_symbol) == (
        kind,
        multiplier,
        underlying,
    )
    assert symbol in (None, contract.symbol)
    assert contract.currency == "USD"


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"account_number": ""}, "account_number", "Choose an account"),
        ({"symbol": ""}, "symbol", "required"),
        ({"currency": ""}, "currency", "in which currency"),
        ({"currency": "$"}, "currency", "such as USD"),
        ({"quantity": "0"}, "quantity", "how much was dealt"),
        ({"quantity": "-3"}, "quantity", "without a minus"),
        ({"quantity": "ten"}, "quantity", "Write a number"),
        ({"price": "1,234"}, "price", "two ways"),
        ({"at": "2031-01-01T10:00"}, "at", "has not come yet"),
        ({"at": "2026-03-08T02:30"}, "at", "did not exist"),
        ({"zone": "Moon/Base"}, "zone", "not a time zone"),
        ({"kind": "option"}, "strike", "needs this"),
        ({"kind": "future", "symbol": "ZZZU6"}, "multiplier", "one point"),
        ({"kind": "forex", "symbol": "EURUSD"}, "symbol", "both currencies"),
        ({"whole": "trade"}, "exit_price", "needs this"),
        (
            {"whole": "trade", "exit_price": "1", "exit_at": "2026-06-01T09:00"},
            "exit_at",
            "before the entry",
        ),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(who, alice, change, field, words):
    answer = alice.post("/entries/new", {**FILL, "enter": "yes", **change})
    assert answer.status_code == 422
    assert any(words in one for one in answer.context["form"].errors[field]), answer.context[
        "form"
    ].errors
    assert latest(who) is None


def test_numbers_are_read_as_people_write_them(who, alice):
    entered(who, alice, FILL, quantity="1.234,5", price="20,5")
    (fill,) = fills(who)
    assert (fill.quantity, fill.price) == (Decimal("1234.5"), Decimal("20.5"))


# --- Known contracts ---------------------------------------------------------------------------------------------

ONE = trade(
    transactionID="1", tradeID="11", ibExecID="a.1", symbol="QXA", conid="55", dateTime="20260602;093017", quantity="10",
    tradePrice="20.5", buySell="BUY",
)  # fmt: skip


def ibkr(who) -> BrokerAccount:
    with scope(workspace=who.workspace):
        return BrokerAccount.objects.get(broker="ibkr")


def test_a_known_contract_is_found_while_typing_and_chosen(who, alice):
    import_now(
        who.workspace, statement(trade(symbol="QXA", conid="55", dateTime="20260501;100000"))
    )
    with scope(workspace=who.workspace):
        contract = Instrument.objects.get()
    found = html.unescape(alice.get("/entries/contracts", {"symbol": "qx"}).content.decode())
    assert f'value="{contract.pk}"' in found
    assert f'value="{contract.pk}"' in html.unescape(
        alice.post("/entries/new", {**FILL, "look": "yes", "symbol": "qxa"}).content.decode()
    )
    entered(
        who, alice, FILL, account=ibkr(who).pk, instrument=contract.pk, symbol="qx", currency=""
    )
    assert {one.instrument_id for one in fills(who)} == {contract.pk}


def test_a_strangers_contract_cannot_be_chosen(who, alice):
    import_now(who.workspace, statement(trade(symbol="QXA", conid="55")))
    with scope(workspace=who.workspace):
        contract = Instrument.objects.get()
    stranger = people.browser(who.charlie)
    assert (
        stranger.post(
            "/entries/new", {**FILL, "enter": "yes", "instrument": contract.pk}
        ).status_code
        == 404
    )
    assert (
        str(contract.pk)
        not in stranger.get("/entries/contracts", {"symbol": "QXA"}).content.decode()
    )


# --- The statement that states the same --------------------------------------------------------------------------


def account_of(who) -> int:
    import_now(
        who.workspace,
        statement(trade(symbol="VORN", conid="56", transactionID="9", dateTime="20260501;100000")),
    )
    return ibkr(who).pk


@pytest.mark.parametrize("statement_first", [True, False])
def test_what_a_statement_states_too_is_the_same_fill_once(who, alice, statement_first):
    """Remembered to the minute; the statement has it at 09:30:17."""
    account = account_of(who)
    said = {**FILL, "account": account, "fee": ""}
    if statement_first:
        import_now(who.workspace, statement(ONE))
    batch = entered(who, alice, said)
    if not statement_first:
        import_now(who.workspace, statement(ONE))
    own = [one for one in fills(who) if one.instrument.symbol == "QXA"]
    assert len(own) == 1
    assert own[0].executed_at == datetime(2026, 6, 2, 13, 30, 17, tzinfo=UTC)
    assert own[0].report.source == Source.STATEMENT
    with scope(workspace=who.workspace):
        keys = keys_of(own[0].account_id, [own[0].fill_key])
        assert ExecutionReport.objects.filter(fill_key__in=list(keys)).count() == 2
    undo(who.workspace, batch)
    assert len([one for one in fills(who) if one.instrument.symbol == "QXA"]) == 1


def test_two_fills_of_one_minute_are_not_both_the_one_that_was_entered(who, alice):
    account = account_of(who)
    entered(who, alice, FILL, account=account)
    other = (
        ONE.replace('transactionID="1"', 'transactionID="2"')
        .replace("093017", "093044")
        .replace("a.1", "a.2")
    )
    other = other.replace('tradeID="11"', 'tradeID="12"')
    import_now(who.workspace, statement(ONE, other))
    assert len([one for one in fills(who) if one.instrument.symbol == "QXA"]) == 2


def test_two_entries_are_two_of_the_statements_fills(who, alice):
    account = account_of(who)
    other = (
        ONE.replace('transactionID="1"', 'transactionID="2"')
        .replace("093017", "093044")
        .replace("a.1", "a.2")
    )
    other = other.replace('tradeID="11"', 'tradeID="12"')
    import_now(who.workspace, statement(ONE, other))
    entered(who, alice, FILL, account=account)
    entered(who, alice, FILL, account=account)
    assert len([one for one in fills(who) if one.instrument.symbol == "QXA"]) == 2
    entered(who, alice, FILL, account=account)
    assert len([one for one in fills(who) if one.instrument.symbol == "QXA"]) == 3


def test_another_minute_is_the_same_fill_and_another_price_or_day_another_one(who, alice):
    account = account_of(who)
    entered(who, alice, FILL, account=account, at="2026-06-02T09:31")
    entered(who, alice, FILL, account=account, price="20.4")
    entered(who, alice, FILL, account=account, at="2026-06-03T09:31")
    import_now(who.workspace, statement(ONE))
    assert len([one for one in fills(who) if one.instrument.symbol == "QXA"]) == 3


def test_a_viewer_may_not_enter(who):
    bob = people.browser(who.bob)
    assert bob.get("/entries/new").status_code == 403
    assert bob.post("/entries/new", {**FILL, "enter": "yes"}).status_code == 403
