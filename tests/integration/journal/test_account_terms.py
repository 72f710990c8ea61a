"""An account is booked as its statements say, or as a person chose: never by what happened to come first."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any

import pytest
from django_scopes import scope
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journal import tasks
from journal.models import (
    AccountTermsReport,
    BrokerAccount,
    Execution,
    ImportBatch,
    LotMatch,
    OpenLot,
)
from journal.services.accounts import change_account, create_account
from journal.services.booking.rebook import rebook_account
from journal.services.verification import verify_account
from tests import people
from tests.brokers.mt5_report.reports import deal, lines_of, page
from tests.captures import book, bot, fill
from tests.doors import book_of, import_now, receive, undo
from tests.effort import examples

NUMBERS = iter(range(10**9))
NUMBER = "700100"


def report(*deals: Any, mode: str = "Hedge", made: str = "2026.03.06 22:10") -> str:
    lines = lines_of(deals, account=f"{NUMBER} (USD, Sample-Live, real, {mode})")
    return page(lines).replace("2026.03.06 22:10", made)


def day(day: str, first: int, *, ahead: str = "1.10100") -> list[list[str]]:
    """A long, a short against it, and the long closed 100 points higher: still short in a hedging account."""
    at = f"2026.{day}"
    first_, second, third = (str(first + step) for step in range(3))
    return [
        deal(f"{at} 10:00:00", first_, "EURUSD", "buy", "in", "1.00", "1.10000", f"1{first_}"),
        deal(f"{at} 10:05:00", second, "EURUSD", "sell", "in", "1.00", "1.10000", f"1{second}"),
        deal(f"{at} 11:00:00", third, "EURUSD", "sell", "out", "1.00", ahead, f"1{third}", "100.00"),
    ]  # fmt: skip


HEDGING = report(*day("03.02", 10))
# Of two months before, and of another mind.
NETTING = report(
    deal("2026.01.12 10:00:00", "1", "GBPUSD", "buy", "in", "2.00", "1.30000", "101"),
    deal("2026.01.13 10:00:00", "2", "GBPUSD", "sell", "out", "1.00", "1.30100", "102", "100.00"),
    deal("2026.01.14 10:00:00", "3", "GBPUSD", "sell", "out", "1.00", "1.30200", "103", "200.00"),
    mode="Netting",
    made="2026.01.30 22:10",
)
LATER_NETTING = NETTING.replace("2026.01.30 22:10", "2026.04.30 22:10")


def entry(*, broker: str = "mt5", zone: str = "Europe/Athens", at: str = "2026-03-03") -> str:
    said = {
        "record_id": "by-hand", "symbol": "ACME", "asset_class": "stock", "currency": "USD", "side": "buy",
        "quantity": "3", "price": "20", "executed_at": f"{at}T10:31:00+00:00",
    }  # fmt: skip
    return json.dumps(
        {
            "fillbook_entry": 1,
            "entered_at": f"{at}T20:00:00+00:00",
            "zone": zone,
            "account": {"broker": broker, "number": NUMBER, "currency": "USD"},
            "fills": [said],
        }
    )


TABLE = (
    "When,What,Way,Units,At\n2026-03-03 00:30:00,QXA,Buy,5,20\n2026-03-03 10:00:00,QXA,Sell,5,21\n"
)
REPORT = fill(record_id="r-1", exec_id="x-1", account=NUMBER, symbol="BOLT")


def mapping(zone: str = "Europe/Berlin") -> dict[str, Any]:
    header = ["When", "What", "Way", "Units", "At"]
    roles = ["date", "symbol", "side", "quantity", "price"]
    return {
        "header": header, "columns": dict(zip(header, roles, strict=True)), "side_from": "column",
        "sides": {"buy": "buy", "sell": "sell"}, "zone": zone, "currency": "USD", "broker": "oddbroker",
        "asset_class": "stock", "point": ".",
    }  # fmt: skip


MAPPED: dict[str, Any] = {"mapping": mapping(), "account_number": NUMBER}


class World:
    """A workspace of its own, in which what came can be undone by name."""

    def __init__(self) -> None:
        name = f"terms{next(NUMBERS)}"
        self.owner = people.owner(f"{name}@example.org", workspace_name=name)
        self.workspace = self.owner.workspace
        self.batches: dict[str, ImportBatch] = {}

    def take(self, name: str, content: str | dict[str, Any], **request: Any) -> None:
        if isinstance(content, str):
            batch = import_now(self.workspace, content, **request)
            assert batch.state == "done", batch.error_message
        else:
            answer = bot(self.owner).post("/api/executions", content)
            assert answer.status_code == 201, answer.content
            book(self.workspace)
            with scope(workspace=self.workspace):
                batch = ImportBatch.objects.get(file=None)
        self.batches[name] = batch

    def undo(self, name: str) -> None:
        undo(self.workspace, self.batches[name])
        assert self.batches[name].withdrawn_at is not None

    @property
    def account(self) -> BrokerAccount:
        with scope(workspace=self.workspace):
            return BrokerAccount.objects.get()

    def terms(self) -> tuple[bool, str, str]:
        account = self.account
        return account.is_hedging, account.lot_method, account.zone

    def told(self) -> dict[str, Any]:
        """The book, and that it is what follows from evidence."""
        with scope(workspace=self.workspace):
            assert verify_account(self.account) == []
        return {"terms": self.terms(), **book_of(self.workspace)}


def world_of(*said: tuple[str, Any]) -> World:
    world = World()
    for name, content in said:
        world.take(name, content)
    return world


EVIDENCE: dict[str, Any] = {
    "entry": entry(),
    "bot": {**REPORT, "broker": "mt5"},
    "netting": NETTING,
    "hedging": HEDGING,
}


@pytest.mark.django_db
@pytest.mark.parametrize("first", ["entry", "bot"])
def test_what_came_before_the_first_statement_does_not_decide_how_it_is_booked(first):
    statement = ("hedging", HEDGING)
    before = (first, EVIDENCE[first])
    usual, other = world_of(statement, before), world_of(before, statement)
    assert usual.terms() == (True, "average", "Europe/Athens")
    assert other.told() == usual.told()
    with scope(workspace=other.workspace):
        lots = OpenLot.objects.filter(instrument__symbol="EURUSD")
        assert [one.signed_quantity for one in lots] == [-1]
        assert [match.closing.fill_key for match in LotMatch.objects.all()] == ["b:12"]


@pytest.mark.django_db
@settings(max_examples=examples(12), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order_and_any_undo_make_the_same_book(data):
    order = data.draw(st.permutations(sorted(EVIDENCE)))
    undone = data.draw(st.none() | st.sampled_from(order))
    world = World()
    when = 0
    if undone is not None:
        when = data.draw(st.integers(order.index(undone) + 1, len(order)))
    for place, name in enumerate(order, 1):
        world.take(name, EVIDENCE[name])
        if undone is not None and place == when:
            world.undo(undone)
    left = [(name, EVIDENCE[name]) for name in sorted(EVIDENCE) if name != undone]
    assert world.told() == world_of(*left).told()


@pytest.mark.django_db
@pytest.mark.parametrize("order", list(permutations(["hedging", "netting"])), ids="-".join)
def test_of_two_statements_the_later_counts_and_its_undo_brings_the_other_back(order):
    said = {"hedging": HEDGING, "netting": LATER_NETTING}
    world = world_of(*((name, said[name]) for name in order))
    assert world.terms() == (False, "average", "Europe/Athens")
    world.undo("netting")
    assert world.told() == world_of(("hedging", HEDGING)).told()
    world.undo("hedging")
    assert world.terms() == (False, "fifo", "Europe/Athens")


@pytest.mark.django_db
@pytest.mark.parametrize("order", list(permutations(["hedging", "netting"])), ids="-".join)
def test_at_the_same_moment_netting_counts(order):
    said = {"hedging": HEDGING, "netting": NETTING.replace("2026.01.30 22:10", "2026.03.06 22:10")}
    assert world_of(*((name, said[name]) for name in order)).terms()[0] is False


@pytest.mark.django_db
def test_a_report_that_does_not_name_its_mode_does_not_take_hedging_back():
    quiet = report(*day("03.02", 10)[:1], mode="demo", made="2026.05.01 10:00")
    assert world_of(("hedging", HEDGING), ("quiet", quiet)).terms()[0] is True


@pytest.mark.django_db
def test_a_statement_that_is_read_twice_is_heard_until_both_are_undone():
    world = world_of(("entry", entry()), ("first", HEDGING), ("second", HEDGING))
    world.undo("first")
    assert world.terms()[0] is True
    world.undo("second")
    assert world.told() == world_of(("entry", entry())).told()


@pytest.mark.django_db
@pytest.mark.parametrize("is_first", [True, False])
def test_what_a_person_chose_no_statement_overrules(is_first):
    world = World()
    with scope(workspace=world.workspace):
        if is_first:
            create_account(
                world.workspace.pk, broker="mt5", broker_id=NUMBER, lot_method="fifo", is_hedging=None
            )  # fmt: skip
        else:
            world.take("before", NETTING)
            change_account(world.account, lot_method="fifo", reason="As agreed.")
    world.take("hedging", HEDGING)
    assert world.terms() == (True, "fifo", "Europe/Athens")
    assert world.account.chosen == ["lot_method"]
    world.undo("hedging")
    assert world.terms() == (False, "fifo", "Europe/Athens")


@pytest.mark.django_db
def test_a_choice_is_taken_back_and_the_statements_count_again():
    world = world_of(("hedging", HEDGING))
    with scope(workspace=world.workspace):
        assert change_account(world.account, is_hedging=False, reason="As agreed.") is True
        assert change_account(world.account, lot_method="average") is False
    assert (world.account.is_hedging, world.account.chosen) == (False, ["is_hedging", "lot_method"])
    with scope(workspace=world.workspace):
        assert change_account(world.account, is_hedging=None, lot_method="", reason="As it was.")
        tasks.rebook_account(world.account.pk)
    assert world.account.chosen == []
    assert world.told() == world_of(("hedging", HEDGING)).told()


@pytest.mark.django_db
def test_who_waited_for_an_import_books_the_account_as_it_is_then():
    world = world_of(("entry", entry()))
    before = world.account
    world.take("hedging", HEDGING)
    with scope(workspace=world.workspace):
        rebook_account(before)
    assert world.told() == world_of(("entry", entry()), ("hedging", HEDGING)).told()


@pytest.mark.django_db
def test_a_preview_leaves_the_account_as_it_is():
    world = world_of(("entry", entry()))
    with scope(workspace=world.workspace):
        batch = receive(world.workspace, HEDGING)
        tasks.preview_import(batch.pk)
        batch.refresh_from_db()
        assert batch.state == "previewed"
        assert not AccountTermsReport.objects.filter(is_hedging=True).exists()
    assert world.terms()[0] is False


@pytest.mark.django_db
@pytest.mark.parametrize("order", list(permutations(["bot", "entry", "table"])), ids="-".join)
def test_the_day_of_an_unknown_broker_is_that_of_its_table_whatever_came_first(order):
    said: dict[str, Any] = {
        "bot": {**REPORT, "broker": "oddbroker"},
        "entry": entry(broker="oddbroker", zone="Asia/Tokyo"),
        "table": TABLE,
    }
    world = World()
    for name in order:
        world.take(name, said[name], **(MAPPED if name == "table" else {}))
    assert world.terms()[2] == "Europe/Berlin"
    with scope(workspace=world.workspace):
        assert verify_account(world.account) == []
        # At half past midnight there it is the day before in UTC.
        fills = Execution.objects.filter(instrument__symbol="QXA")
        assert {f"{one.trading_day}" for one in fills} == {"2026-03-03"}
    world.undo("table")
    assert world.terms()[2] == "Asia/Tokyo"
    world.undo("entry")
    assert world.terms()[2] == "UTC"


@pytest.mark.django_db
def test_a_currency_that_is_learnt_later_is_that_of_what_was_booked_before_too():
    world = World()
    world.take("table", TABLE, **MAPPED)
    assert world.account.base_currency == ""
    world.take("entry", entry(broker="oddbroker"))
    assert world.account.base_currency == "USD"
    world.told()
