"""What TWS says over its socket, in the book: through every interruption, each fill once and every move of a stop."""

from __future__ import annotations

import contextlib
from decimal import Decimal

import pytest
from django.db import connection as database
from django_scopes import scope

from journal.models import CapturedRecord, Execution, Instrument, Order
from journal.selectors.orders import fills_of, list_history, orders_of_trade
from journal.services.pulls.connections import disconnect, pause_connection, unpause_connection
from journal.services.tws.client import READS
from journal.services.tws.connecting import TakenAway
from journal.services.tws.inbox import Inbox
from journal.services.verification import verify_account
from tests import captures, people
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.doors import import_now
from tests.listening import ACME, PUSHED_ONLY, bracket, fill_of, listening, standing_of, until
from tests.simulators import tws as wire
from tests.simulators.tws import Tws

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def workspace():
    return people.alice().workspace


@pytest.fixture
def tws():
    with Tws() as running:
        yield running


def count(workspace, kind="execution") -> int:
    with scope(workspace=workspace):
        return CapturedRecord.objects.filter(kind=kind).count()


def heard(workspace, fills: int, orders: int = 0) -> None:
    """Waits until so many records have come."""
    until(lambda: (count(workspace), count(workspace, "order")) >= (fills, orders))


def is_well(connection) -> bool:
    return standing_of(connection).state == "ok"


def booked(workspace) -> list[Execution]:
    captures.book(workspace)
    with scope(workspace=workspace):
        executions = list(Execution.objects.select_related("account", "report").order_by("id"))
        for account in {one.account for one in executions}:
            assert verify_account(account) == []
    return executions


def orders(workspace) -> dict[str, Order]:
    captures.book(workspace)
    with scope(workspace=workspace):
        return {one.order_id: one for one in Order.objects.all()}


def test_a_bracket_is_an_entry_with_its_stop_and_its_target(workspace, tws):
    with listening(workspace, tws, rhythm=PUSHED_ONLY) as connection:
        until(lambda: is_well(connection))
        entry, stop, target = map(tws.place, bracket())
        tws.fill(fill_of(entry, cost="1.05"))
        tws.change(entry, status="Filled", filled="100", average="25.49")
        tws.change(stop, held="trigger")
        tws.change(stop, aux="24.5")
        tws.change(stop, aux="24")
        tws.change(stop, status="Submitted", held="")
        tws.fill(fill_of(stop, price="23.98", cost="1.06"))
        tws.change(stop, status="Filled", filled="100", average="23.98")
        tws.change(target, status="Cancelled")
        heard(workspace, 4, 10)
    bought, sold = booked(workspace)
    assert (bought.fee, sold.fee) == (Decimal("1.05"), Decimal("1.06"))
    found = orders(workspace)
    said = {number: (one.role, one.status, one.parent_id) for number, one in found.items()}
    assert said == {
        "5001": ("entry", "filled", ""),
        "5002": ("stop_loss", "filled", "5001"),
        "5003": ("take_profit", "cancelled", "5001"),
    }
    with scope(workspace=workspace):
        assert [one.pk for one in fills_of(found["5002"])] == [sold.pk]
        lives = [(one.status, one.stop_price) for one in list_history(found["5002"])]
    assert lives == [
        ("placed", 24), ("modified", Decimal("24.5")), ("modified", 24), ("triggered", None), ("filled", None),
    ]  # fmt: skip


def test_nothing_but_questions_is_ever_sent(workspace, tws):
    tws.place(bracket()[0])
    with listening(workspace, tws) as connection:
        until(lambda: is_well(connection))
        until(lambda: len(tws.requests) > 20)
    assert {int(one[0]) for one in tws.requests} == READS


def test_asked_again_and_again_it_says_the_same_once(workspace, tws):
    entry, stop, _ = map(tws.place, bracket())
    tws.fill(fill_of(entry, cost="1.05"))
    with listening(workspace, tws):
        until(lambda: sum(one[0] == "7" for one in tws.requests) > 5)
        heard(workspace, 2, 4)
    with listening(workspace, tws):
        until(lambda: sum(one[0] == "7" for one in tws.requests) > 10)
        tws.change(stop, aux="24.5")
        heard(workspace, 2, 5)
    assert (count(workspace), count(workspace, "order")) == (2, 5)
    assert len(booked(workspace)) == 1


def test_a_connection_that_breaks_within_a_message_loses_nothing(workspace, tws):
    with listening(workspace, tws, rhythm=PUSHED_ONLY) as connection:
        until(lambda: is_well(connection))
        entry = tws.place(bracket()[0])
        tws.cut_within(lambda fields: fields[0] == "11")
        tws.fill(fill_of(entry, cost="1.05"))
        tws.fill(fill_of(entry, 2, quantity="20", cost="0.5"))
        heard(workspace, 4)
    assert tws.sessions == 2
    assert [one.quantity for one in booked(workspace)] == [100, 20]


def test_what_happens_during_the_nightly_restart_is_there_afterwards(workspace, tws):
    with listening(workspace, tws) as connection:
        entry, stop, target = map(tws.place, bracket())
        heard(workspace, 0, 4)
        tws.stop()
        until(lambda: standing_of(connection).state == "retrying")
        tws.fill(fill_of(entry, cost="1.05"))
        tws.change(entry, status="Filled", filled="100", average="25.49", ended="Filled Size: 100")
        tws.change(stop, aux="24.5")
        tws.change(target, status="Cancelled", ended="Cancelled by Trader")
        tws.start()
        heard(workspace, 2, 7)
        until(lambda: is_well(connection))
    found = orders(workspace)
    assert {number: one.status for number, one in found.items()} == {
        "5001": "filled", "5002": "modified", "5003": "cancelled",
    }  # fmt: skip
    assert found["5003"].reason == "Cancelled by Trader"
    assert len(booked(workspace)) == 1


def test_a_commission_that_comes_to_another_process_is_the_same_fills(workspace, tws):
    entry = tws.place(bracket()[0])
    fill = tws.fill(fill_of(entry))
    with listening(workspace, tws):
        heard(workspace, 1)
    assert booked(workspace)[0].report.fee is None
    with listening(workspace, tws):
        tws.charge(fill, "1.05")
        heard(workspace, 2)
    (execution,) = booked(workspace)
    assert execution.fee == Decimal("1.05")


def test_a_commission_may_come_before_its_fill(workspace, tws):
    with listening(workspace, tws, rhythm=PUSHED_ONLY) as connection:
        until(lambda: is_well(connection))
        fill = fill_of(tws.place(bracket()[0]), cost="1.05")
        tws.tell(wire.commission(fill))
        tws.fill(fill, charge=False)
        heard(workspace, 2)
    assert booked(workspace)[0].fee == Decimal("1.05")


@pytest.mark.parametrize("is_turned", [False, True])
def test_a_corrected_fill_counts_and_the_former_does_not(workspace, tws, is_turned):
    with listening(workspace, tws, rhythm=PUSHED_ONLY) as connection:
        until(lambda: is_well(connection))
        entry = tws.place(bracket()[0])
        first = fill_of(entry)
        if is_turned:
            tws.fills.append(first)
            tws.correct(first, price="25.6", cost="1.05")
            tws.tell(wire.execution(first))
        else:
            tws.correct(tws.fill(first), price="25.6", cost="1.05")
        heard(workspace, 3)
    (execution,) = booked(workspace)
    assert (execution.price, execution.fee) == (Decimal("25.6"), Decimal("1.05"))


def test_the_legs_of_a_combination_are_fills_and_its_own_row_is_none(workspace, tws):
    legs = [
        wire.Contract(
            90 + n, "SPX", "OPT", f"SPXW  260619P0{strike}000", "20260619", str(strike), "P", "100"
        )
        for n, strike in enumerate((5000, 4950))
    ]
    bag = wire.Contract(28812380, "SPX", "BAG", legs=((90, 1, "SELL"), (91, 1, "BUY")))
    order = wire.Order(21, 7001, bag, quantity="2", limit="-1.2")
    with listening(workspace, tws) as connection:
        until(lambda: is_well(connection))
        tws.place(order)
        tws.fill(fill_of(order))
        for n, (leg, side) in enumerate(zip(legs, ("SLD", "BOT"), strict=True), 2):
            fill = fill_of(order, n, quantity="2", price=str(20 - 2 * n), contract=leg, cost="2.1")
            fill.side = side
            tws.fill(fill)
        tws.change(order, status="Filled", filled="2", average="-1.2")
        heard(workspace, 4, 2)
    executions = booked(workspace)
    with scope(workspace=workspace):
        assert {(one.side, one.instrument.strike) for one in executions} == {
            ("sell", 5000),
            ("buy", 4950),
        }
        assert len(fills_of(orders(workspace)["7001"])) == 2


@contextlib.contextmanager
def no_database():
    """As while it restarts: all sessions but this one are gone, and nobody gets another."""
    name = database.settings_dict["NAME"]
    with database.cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT 1')
        try:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            yield
        finally:
            cursor.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT -1')


def test_while_the_database_is_away_everything_waits_in_memory(workspace, tws):
    with listening(workspace, tws, rhythm=PUSHED_ONLY) as connection:
        until(lambda: is_well(connection))
        with no_database():
            entry, stop, _ = map(tws.place, bracket())
            tws.fill(fill_of(entry, cost="1.05"))
            tws.change(stop, aux="24.5")
            tws.change(stop, aux="24.7")
            assert count(workspace) == 0
        heard(workspace, 2, 6)
        until(lambda: is_well(connection))
    assert tws.sessions == 1
    assert len(booked(workspace)) == 1
    assert orders(workspace)["5002"].changes == 2


def test_more_than_memory_holds_is_asked_for_again(workspace, tws):
    with listening(workspace, tws, rhythm=PUSHED_ONLY, inbox=Inbox(20)) as connection:
        until(lambda: is_well(connection))
        with no_database():
            entry = tws.place(bracket()[0])
            for n in range(1, 30):
                tws.fill(fill_of(entry, n, quantity="1", cost="0.1"))
        until(lambda: count(workspace) == 58)
        until(lambda: is_well(connection))
    assert len(booked(workspace)) == 29


def test_without_being_the_master_fills_come_by_asking(workspace, tws):
    tws.is_master = False
    with listening(workspace, tws) as connection:
        until(lambda: is_well(connection))
        entry, stop, _ = map(tws.place, bracket())
        tws.fill(fill_of(entry, cost="1.05"))
        heard(workspace, 2, 4)
        tws.change(stop, aux="24.5")
        heard(workspace, 2, 5)
    assert len(booked(workspace)) == 1
    assert orders(workspace)["5002"].stop_price == Decimal("24.5")


def test_tws_in_read_only_mode_tells_fills_and_says_what_it_keeps(workspace, tws):
    tws.is_read_only = True
    with listening(workspace, tws, rhythm=PUSHED_ONLY) as connection:
        tws.is_master = False
        tws.fill(fill_of(bracket()[0], cost="1.05"))
        tws.hang_up()
        heard(workspace, 2)
        until(lambda: is_well(connection))
        with scope(workspace=workspace):
            assert "read-only" in connection.pulls.get().note
    assert count(workspace, "order") == 0


def test_an_order_of_the_bots_own_name_is_the_bots_order(workspace, tws):
    with scope(workspace=workspace):
        account = captures.account_of(workspace)
    client = captures.bot(people.alice(), account=account)
    with listening(workspace, tws):
        entry = tws.place(bracket(reference="my-1")[0])
        heard(workspace, 0, 1)
        said = {
            "client_order_id": "my-1",
            "status": "placed",
            "strategy": "momentum",
            "role": "entry",
        }
        assert client.post("/api/orders", said, format="json").status_code == 201
        captures.book(workspace)
        tws.fill(fill_of(entry, cost="1.05"))
        heard(workspace, 2, 3)
    (found,) = orders(workspace).values()
    assert (found.client_order_id, found.order_id, found.strategy) == ("my-1", "5001", "momentum")
    with scope(workspace=workspace):
        assert len(fills_of(found)) == 1


def test_what_a_bot_has_reported_too_is_the_same_fill(workspace, tws):
    with scope(workspace=workspace):
        account = captures.account_of(workspace)
    client = captures.bot(people.alice(), account=account)
    entry = tws.place(bracket()[0])
    fill = tws.fill(fill_of(entry, cost="1.05"))
    own = captures.fill(
        exec_id=fill.id, quantity="100", price="25.49", instrument_id="4711", asset_class="stock"
    )
    assert client.post("/api/executions", own, format="json").status_code == 201
    with listening(workspace, tws):
        heard(workspace, 3)
    (execution,) = booked(workspace)
    assert execution.fee == Decimal("1.05")


@pytest.mark.parametrize("is_first", [True, False])
def test_what_the_statement_says_too_is_the_same_fill_with_its_figures(workspace, tws, is_first):
    entry = tws.place(bracket()[0])
    fill = tws.fill(fill_of(entry, at="20260602 09:30:01 America/New_York", cost="1.05"))
    row = trade(
        conid="4711", ibExecID=fill.id, ibOrderID="5001", transactionID="88", quantity="100", tradePrice="25.49",
        ibCommission="-1.051234", dateTime="20260602;093001",
    )  # fmt: skip
    stated = statement(row, account="U7654321")
    if is_first:
        import_now(workspace, stated)
    with listening(workspace, tws):
        heard(workspace, 2, 1)
    captures.book(workspace)
    if not is_first:
        import_now(workspace, stated)
    (execution,) = booked(workspace)
    assert (execution.fee, execution.source, execution.order_id) == (
        Decimal("1.051234"),
        "bot",
        "5001",
    )
    with scope(workspace=workspace):
        assert Instrument.objects.count() == 1
        assert [one.order_id for one in orders_of_trade(execution.leg.trade_id)] == ["5001"]


def test_only_the_accounts_that_are_wanted_come_in(workspace, tws):
    tws.accounts = ["U1", "U2"]
    with listening(workspace, tws, numbers=["U2"]):
        for number, permanent in (("U1", 5001), ("U2", 6001)):
            order = tws.place(wire.Order(permanent - 4990, permanent, ACME, account=number))
            tws.fill(fill_of(order, cost="1"))
        heard(workspace, 2, 1)
    assert [one.account.broker_id for one in booked(workspace)] == ["U2"]


def test_who_gave_the_orders_is_kept(workspace, tws):
    tws.fill(fill_of(bracket()[0], cost="1"))
    with listening(workspace, tws, source="manual"):
        heard(workspace, 2)
    assert booked(workspace)[0].source == "manual"


def test_a_paused_connection_waits(workspace, tws):
    with listening(workspace, tws) as connection:
        until(lambda: is_well(connection))
        with scope(workspace=workspace):
            pause_connection(connection)
        until(lambda: not tws.listeners)
        tws.fill(fill_of(bracket()[0], cost="1"))
        assert (count(workspace), standing_of(connection).state) == (0, "paused")
        with scope(workspace=workspace):
            unpause_connection(connection)
        heard(workspace, 2)


def test_a_connection_that_was_taken_away_ends_the_service(workspace, tws):
    running = listening(workspace, tws)
    connection = running.__enter__()
    until(lambda: is_well(connection))
    with scope(workspace=workspace):
        disconnect(connection)
    until(lambda: not tws.listeners)
    with pytest.raises(TakenAway):
        running.__exit__(None, None, None)
