"""The page on which a person says what the columns of a table are, and what comes of it."""

from __future__ import annotations

import html
from decimal import Decimal
from pathlib import Path

import pytest
from django_scopes import scope

from accounts.roles import Role
from journal import tasks
from journal.models import BrokerAccount, ColumnMapping, Execution, ImportBatch, ImportState, Trade
from tests import people
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.doors import drop, import_now, undo

pytestmark = pytest.mark.django_db

SAMPLES = Path(__file__).parents[2] / "brokers" / "generic_table" / "samples"
TABLE = (
    "When,Paper,Way,Units,Rate,Costs\n"
    "2027-03-01 10:00:00,QXA,Buy,10,20,1\n"
    "2027-03-02 11:00:00,QXA,Sell,10,22,1\n"
    "2027-03-02 12:00:00,QXA,Dividend,,,\n"
)
ANSWERS = {
    "role-0": "date", "role-1": "symbol", "role-2": "side", "role-3": "quantity", "role-4": "price", "role-5": "fee",
    "side_from": "column", "side:buy": "buy", "side:sell": "sell", "side:dividend": "skip", "fee_sign": "positive",
    "currency": "usd", "zone": "America/New_York", "shape": "fills", "has_header": "yes", "asset_class": "stock", "point": ".",
}  # fmt: skip
WHOSE = {"account": "", "account_number": "4711", "broker": "oddbroker"}


@pytest.fixture
def who():
    return people.everybody(bob_as=Role.VIEWER)


@pytest.fixture
def alice(who):
    return people.browser(who.alice)


def latest(who) -> ImportBatch:
    with scope(workspace=who.workspace):
        return ImportBatch.objects.order_by("-pk").first()


def dropped(who, client, content=TABLE, name="mine.csv", **fields) -> ImportBatch:
    answer = drop(client, content, name, **fields)
    batch = latest(who)
    assert (answer.status_code, answer.url) == (303, f"/imports/{batch.pk}/columns"), answer.content
    return batch


def shown(answer) -> str:
    return html.unescape(answer.content.decode())


def said(who, client, batch, **more) -> ImportBatch:
    answer = client.post(
        f"/imports/{batch.pk}/columns", {**ANSWERS, **WHOSE, "save": "yes", **more}
    )
    assert (answer.status_code, answer.url) == (303, f"/imports/{batch.pk}"), shown(answer)
    tasks.preview_import(batch.pk)
    return latest(who)


def confirmed(client, batch) -> None:
    client.post(f"/imports/{batch.pk}/confirm")
    tasks.run_import(batch.pk)


def test_an_unknown_table_is_asked_about_previewed_and_booked(who, alice):
    batch = dropped(who, alice)
    page = shown(alice.get(f"/imports/{batch.pk}/columns"))
    for words in ("Which column is which?", "Paper", "Way", "2027-03-01 10:00:00", "still open"):
        assert words in page
    batch = said(who, alice, batch)
    assert (batch.state, batch.mapping["broker"]) == (ImportState.PREVIEWED, "oddbroker")
    preview = shown(alice.get(f"/imports/{batch.pk}"))
    for words in ("2 new rows", "4711", "As you said", "Paper"):
        assert words in preview
    assert "+18.00" in preview
    confirmed(alice, batch)
    with scope(workspace=who.workspace):
        account = BrokerAccount.objects.get()
        assert (account.broker, account.broker_id, account.zone) == (
            "oddbroker",
            "4711",
            "America/New_York",
        )
        assert Trade.objects.get().net_pnl == Decimal(18)
        assert {one.report.authority for one in Execution.objects.select_related("report")} == {35}


def test_the_next_table_with_the_same_columns_is_read_by_itself_and_says_so(who, alice):
    confirmed(alice, said(who, alice, dropped(who, alice)))
    more = TABLE + "2027-03-03 11:00:00,QXA,Buy,5,21,1\n"
    answer = drop(alice, more, "april.csv")
    batch = latest(who)
    assert answer.url == f"/imports/{batch.pk}"
    assert (batch.mapping_is_recalled, batch.account.broker_id) == (True, "4711")
    tasks.preview_import(batch.pk)
    page = shown(alice.get(f"/imports/{batch.pk}"))
    assert "1 new row" in page
    assert "As you said with an earlier table" in page
    assert f"/imports/{batch.pk}/columns" in page


def test_another_account_with_the_same_columns_asks_whose_it_is(who, alice):
    confirmed(alice, said(who, alice, dropped(who, alice)))
    other = TABLE.replace("QXA", "VORN")
    drop(alice, other, "other.csv")
    confirmed(alice, said(who, alice, latest(who), account_number="4712"))
    drop(alice, other.replace("VORN", "ACME"), "third.csv")
    batch = latest(who)
    assert (batch.mapping_is_recalled, batch.account) == (True, None)
    tasks.preview_import(batch.pk)
    assert latest(who).error_code == "account_needed"


def test_accounts_that_read_the_same_columns_otherwise_are_not_mixed_up(who, alice):
    confirmed(alice, said(who, alice, dropped(who, alice)))
    drop(alice, TABLE.replace("QXA", "VORN"), "other.csv")
    confirmed(alice, said(who, alice, latest(who), account_number="4712", zone="Europe/Berlin"))
    drop(alice, TABLE.replace("QXA", "ACME"), "third.csv")
    assert latest(who).mapping is None
    with scope(workspace=who.workspace):
        own = BrokerAccount.objects.get(broker_id="4712")
    drop(alice, TABLE.replace("QXA", "ACME"), "fourth.csv", account=own.pk)
    assert latest(who).mapping["zone"] == "Europe/Berlin"


def test_changes_are_tried_without_keeping_anything(who, alice):
    batch = dropped(who, alice)
    answer = alice.post(
        f"/imports/{batch.pk}/columns", {**ANSWERS, **WHOSE}, headers={"HX-Request": "true"}
    )
    page = shown(answer)
    assert answer.status_code == 200
    assert "<html" not in page
    for words in (
        "Everything the book needs is said",
        "2 fills",
        "1 row</span> left out",
        "+18.00",
        "01 Mar 2027 10:00:00",
        "15:00",
    ):
        assert words in page, words
    assert latest(who).mapping is None
    with scope(workspace=who.workspace):
        assert not BrokerAccount.objects.exists()


def test_without_script_a_button_looks_again(who, alice):
    batch = dropped(who, alice)
    page = shown(alice.post(f"/imports/{batch.pk}/columns", {**ANSWERS, **WHOSE, "look": "yes"}))
    assert "<html" in page
    assert "+18.00" in page
    assert latest(who).mapping is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"role-4": ""}, "Choose the column with the price"),
        ({"side_from": ""}, "Say where it stands whether a row was bought or sold"),
        ({"side:buy": "skip", "side:sell": "skip"}, "Say which of its words mean bought"),
        ({"fee_sign": ""}, "Say how a fee that costs is written"),
        ({"currency": ""}, "Choose the column with the currency"),
        ({"zone": ""}, "Say in which time zone"),
        ({"role-5": "price"}, "Two columns are said to hold"),
        ({"account_number": ""}, "Choose the account that the table is of"),
    ],
)
def test_what_is_missing_is_said_in_plain_words_and_nothing_is_saved(who, alice, change, words):
    batch = dropped(who, alice)
    answer = alice.post(
        f"/imports/{batch.pk}/columns", {**ANSWERS, **WHOSE, "save": "yes", **change}
    )
    assert answer.status_code == 422
    assert words in shown(answer)
    assert latest(who).mapping is None


def test_dates_that_can_be_read_in_two_ways_are_asked(who, alice):
    batch = dropped(who, alice, TABLE.replace("2027-03-0", "03/0").replace(" 1", "/2027 1"))
    answer = alice.post(f"/imports/{batch.pk}/columns", {**ANSWERS, **WHOSE, "save": "yes"})
    assert "3rd of April or the 4th of March" in shown(answer)
    batch = said(who, alice, batch, dates="month")
    assert batch.preview["accounts"][0]["first_executions"][0]["executed_at"].startswith(
        "2027-03-01"
    )


def test_a_table_of_an_account_of_any_broker(who, alice):
    import_now(who.workspace, statement(trade(), account="U7000001"))
    with scope(workspace=who.workspace):
        ibkr = BrokerAccount.objects.get()
    batch = said(who, alice, dropped(who, alice), account=ibkr.pk, account_number="", broker="")
    assert batch.state == ImportState.PREVIEWED, batch.error_message
    confirmed(alice, batch)
    with scope(workspace=who.workspace):
        assert Execution.objects.filter(account=ibkr).count() == 3
        assert BrokerAccount.objects.count() == 1


def test_an_undo_takes_the_rows_back_and_the_mapping_stays(who, alice):
    batch = said(who, alice, dropped(who, alice))
    confirmed(alice, batch)
    undo(who.workspace, latest(who))
    with scope(workspace=who.workspace):
        assert not Execution.objects.exists()
        assert ColumnMapping.objects.count() == 1
    answer = alice.post(f"/imports/{batch.pk}/again")
    again = latest(who)
    assert answer.url == f"/imports/{again.pk}"
    tasks.preview_import(again.pk)
    assert latest(who).state == ImportState.PREVIEWED


def test_other_expectations_leave_the_columns_as_they_are(who, alice):
    batch = said(who, alice, dropped(who, alice))
    alice.post(f"/imports/{batch.pk}/check", {"account_number": "4799", "zone": "Asia/Tokyo"})
    tasks.preview_import(batch.pk)
    batch = latest(who)
    assert batch.state == ImportState.PREVIEWED
    assert batch.preview["accounts"][0]["zone"] == "Asia/Tokyo"


def test_a_known_file_can_be_mapped_by_who_wants_to(who, alice):
    path = min((Path(__file__).parents[2] / "brokers/schwab/samples").iterdir())
    drop(alice, path.read_bytes(), path.name)
    batch = latest(who)
    assert batch.format == "schwab"
    alice.post(f"/imports/{batch.pk}/check", {"format": "generic_table"})
    tasks.preview_import(batch.pk)
    batch = latest(who)
    assert (batch.format, batch.error_code) == ("generic_table", "mapping_needed")
    assert "Choose the columns" in shown(alice.get(f"/imports/{batch.pk}"))
    assert alice.get(f"/imports/{batch.pk}/columns").status_code == 200


def test_what_was_imported_is_not_mapped_any_more(who, alice):
    batch = said(who, alice, dropped(who, alice))
    confirmed(alice, batch)
    answer = alice.get(f"/imports/{batch.pk}/columns")
    assert (answer.status_code, answer.url) == (303, f"/imports/{batch.pk}")


def test_a_viewer_may_not_map(who, alice):
    batch = dropped(who, alice)
    bob = people.browser(who.bob)
    assert bob.get(f"/imports/{batch.pk}/columns").status_code == 403
    assert bob.post(f"/imports/{batch.pk}/columns", ANSWERS).status_code == 403


@pytest.mark.parametrize("path", sorted(SAMPLES.iterdir()), ids=lambda path: path.name)
def test_every_sample_can_be_looked_at(who, alice, path):
    batch = dropped(who, alice, path.read_bytes(), path.name)
    assert alice.get(f"/imports/{batch.pk}/columns").status_code == 200
