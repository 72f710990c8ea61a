"""How differences come to their ends by themselves: by an import, or because the broker says otherwise; and who is told."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from journal.brokers.base import OrderRole, OrderRow, OrderStatus
from journal.brokers.live import Holding
from journal.domain.identity import POSITION
from journal.domain.values import Side
from journal.models import ImportBatch, Source
from journal.services.orders import rebuild_orders
from journal.services.withdrawal import withdraw_import
from reconciliation.domain.classes import DivergenceClass as Kind
from reconciliation.domain.life import OVER, State
from reconciliation.models import Divergence, ReconciliationRules, RunOutcome
from reconciliation.services import comparing, resolving, running
from tests.integration.journal.rows import fill, import_rows
from tests.integration.reconciliation.desks import ACME, BOLT, NOW, accounts_of, connect, cover
from tests.people import alice

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(workspace, broker):
    """It holds 100 ACME, bought two days before; the history of the broker is known."""
    account = accounts_of(workspace.pk, 1)[0]
    import_rows(account, [fill(1, 100, "10", account_id=account.broker_id)])
    ImportBatch.objects.update(created_at=NOW - timedelta(days=1))
    connection = connect(workspace.pk, account.broker_id)
    cover(connection, account.broker_id, NOW - timedelta(days=30), NOW + timedelta(days=1))
    broker.holds[account.broker_id] = {ACME: "100"}
    return account


@pytest.fixture
def news(monkeypatch):
    """What was told, by subject and by what programs call it."""
    told = []
    for module in (running, resolving):
        monkeypatch.setattr(module, "tell_all", told.extend)
    return told


def late(account, number=2, quantity=-40):
    """A fill that the broker reports long after it happened."""
    row = fill(
        number, quantity, "9", account_id=account.broker_id, executed_at=NOW - timedelta(hours=60)
    )
    import_rows(account, [row])
    return ImportBatch.objects.latest("pk")


def test_what_an_import_brought_did_not_go_by_itself(account, broker, run, news):
    broker.holds[account.broker_id] = {ACME: "60"}
    run(account), run(account)
    told = Divergence.objects.get(state=State.OPEN)
    batch = late(account)
    run(account), run(account)
    told.refresh_from_db()
    assert (told.state, told.resolution) == (State.RESOLVED, "imported")
    assert f"import:{batch.pk}" in told.evidence
    last = told.steps.last()
    assert (last.to_state, last.facts["import"]) == (State.RESOLVED, batch.pk)
    assert str(batch.pk) in last.reason
    assert news[-1].data["resolution"] == "imported"
    # Undone, it is told anew.
    withdraw_import(batch)
    run(account), run(account)
    assert Divergence.objects.filter(state=State.OPEN).count() == 1


def test_what_the_broker_took_back_went_by_itself(account, broker, run):
    broker.holds[account.broker_id] = {ACME: "60"}
    run(account), run(account)
    broker.holds[account.broker_id] = {ACME: "100"}
    # Of another market: it explains nothing.
    import_rows(account, [fill(7, 5, "3", account_id=account.broker_id, instrument=BOLT)])
    broker.holds[account.broker_id][BOLT] = "5"
    run(account), run(account)
    told = Divergence.objects.get(kind=Kind.QUANTITY)
    assert (told.state, told.resolution) == (State.SELF_CLEARED, "cleared")


def test_programs_hear_of_an_end_only_where_they_heard_of_a_beginning(account, broker, run, news):
    moved_stop(account, broker)
    run(account)
    settled = Divergence.objects.get(kind=Kind.SLTP_MODIFIED)
    assert settled.state == State.RESOLVED
    assert settled.pk not in [one.data["id"] for one in news]


def test_what_no_rule_settles_any_more_is_told(workspace, account, broker, run, news):
    ReconciliationRules.objects.create(workspace=workspace, resolves_by_rule=False)
    moved_stop(account, broker)
    run(account), run(account)
    waiting = Divergence.objects.get(kind=Kind.SLTP_MODIFIED)
    assert waiting.state == State.OPEN
    resolving.settle(waiting, alice(), reason="Moved by me")
    assert [one.event for one in news if one.data["id"] == waiting.pk] == [
        "divergence.opened",
        "divergence.resolved",
    ]


def test_a_run_that_fails_is_told_once_and_when_it_works_again(
    account, broker, run, news, monkeypatch
):
    works = comparing.compare

    def breaks(*args):
        raise ArithmeticError("odd")

    run(account)
    monkeypatch.setattr(comparing, "compare", breaks)
    assert [run(account)[0].outcome for _ in range(2)] == [RunOutcome.FAILED] * 2
    broker.changes[account.broker_id] = {"lacking": ("positions",)}
    assert run(account)[0].outcome == RunOutcome.UNKNOWN
    broker.changes.clear()
    run(account)
    (failed,) = [one for one in news if "cannot be compared" in one.subject]
    assert "ArithmeticError" in failed.lines[0]
    assert failed.urgent
    monkeypatch.setattr(comparing, "compare", works)
    run(account), run(account)
    assert len([one for one in news if "compared again" in one.subject]) == 1
    monkeypatch.setattr(comparing, "compare", breaks)
    run(account)
    keys = [one.key for one in news if "compared" in one.subject]
    assert len(keys) == len(set(keys)) == 3


def stopped(account, broker, quantity: str, stop: str) -> None:
    line = Holding(ACME, "", Decimal(quantity), None, Decimal(11), stop_price=Decimal(stop))
    broker.changes[account.broker_id] = {"holdings": (line,)}


def moved_stop(account, broker):
    order(
        account,
        "s-1",
        100,
        OrderStatus.PLACED,
        0,
        role=OrderRole.STOP_LOSS,
        side=Side.SELL,
        stop_price=Decimal(9),
    )
    stopped(account, broker, "100", "8")


def test_a_moved_stop_is_not_told_again_for_another_quantity(account, broker, run):
    moved_stop(account, broker)
    run(account)
    told = Divergence.objects.get(kind=Kind.SLTP_MODIFIED)
    assert told.state == State.RESOLVED
    import_rows(account, [fill(3, 10, "10", account_id=account.broker_id)])
    stopped(account, broker, "110", "8")
    run(account), run(account)
    assert Divergence.objects.filter(kind=Kind.SLTP_MODIFIED).count() == 1
    stopped(account, broker, "110", "7")
    run(account), run(account)
    assert Divergence.objects.filter(kind=Kind.SLTP_MODIFIED).count() == 2


def order(
    account, name, quantity, status, filled, *, by=Source.BOT, hours=3, side=Side.BUY, **more
):
    values = dict.fromkeys(OrderRow._fields)
    words = {
        "row": 1, "account_id": account.broker_id, "raw": {}, "broker_id": "", "instrument": ACME, "client_order_id": "",
        "order_id": name, "parent_id": "", "group_id": "", "role": OrderRole.ENTRY, "side": side, "order_type": "LMT",
        "time_in_force": "", "quantity": Decimal(quantity), "status": status, "filled_quantity": Decimal(filled),
        "fee_currency": "", "reason": "", "position_id": "", "plan_id": "", "recommendation_id": "", "strategy": "",
        "happened_at": NOW - timedelta(hours=hours),
    }  # fmt: skip
    row = OrderRow(**{**values, **{k: v for k, v in (words | more).items() if k in values}})
    import_rows(account, [row])
    ImportBatch.objects.filter(pk=ImportBatch.objects.latest("pk").pk).update(reported_by=by)
    rebuild_orders(account)


def sold(account, *quantities, hours=2):
    rows = [
        fill(20 + place, -quantity, "9", account_id=account.broker_id, order_id="o-1",
             executed_at=NOW - timedelta(hours=hours, minutes=-place))
        for place, quantity in enumerate(quantities)
    ]  # fmt: skip
    import_rows(account, rows)


def orders_told(account, broker, run, held):
    broker.holds[account.broker_id] = {ACME: held}
    run(account), run(account)
    return list(Divergence.objects.filter(key__startswith="order:").values_list("kind", "actual"))


def test_more_filled_than_ordered_though_the_broker_lists_the_order_no_more(account, broker, run):
    order(account, "o-1", 40, OrderStatus.FILLED, 40, side=Side.SELL)
    sold(account, 40, 20)
    ((kind, actual),) = orders_told(account, broker, run, "40")
    assert (kind, actual["filled_quantity"], actual["quantity"]) == (Kind.OVERFILL, "60", "40")


def test_an_order_that_ended_in_part_though_the_broker_lists_it_no_more(account, broker, run):
    order(account, "o-1", 40, OrderStatus.FILLED, 40, side=Side.SELL)
    order(account, "o-1", 40, OrderStatus.CANCELLED, 25, side=Side.SELL, by=Source.BROKER_API, hours=2)  # fmt: skip
    sold(account, 25)
    ((kind, actual),) = orders_told(account, broker, run, "75")
    assert (kind, actual["filled_quantity"]) == (Kind.PARTIAL_FILL, "25")


def test_an_order_that_was_filled_as_ordered_differs_in_nothing(account, broker, run):
    order(account, "o-1", 40, OrderStatus.FILLED, 40, side=Side.SELL)
    order(account, "o-1", 40, OrderStatus.FILLED, 40, side=Side.SELL, by=Source.BROKER_API, hours=2)
    sold(account, 25, 15)
    assert orders_told(account, broker, run, "60") == []


# --- Tickets of hedging accounts ----------------------------------------------------------------------------------


@pytest.fixture
def hedging(account):
    account.is_hedging = True
    account.save(update_fields=["is_hedging"])
    return account


def ticket(account, number, quantity, name):
    row = fill(
        number, quantity, "10", account_id=account.broker_id, instrument=BOLT, trade_id=f"{POSITION}{name}"
    )  # fmt: skip
    import_rows(account, [row])
    ImportBatch.objects.update(created_at=NOW - timedelta(days=1))


def holds(account, broker, **tickets):
    lines = [
        Holding(BOLT, name, Decimal(quantity), None, Decimal(11))
        for name, quantity in tickets.items()
    ]
    stock = Holding(ACME, "", Decimal(100), None, Decimal(11))
    broker.changes[account.broker_id] = {"holdings": (stock, *lines)}


def differing(account, run):
    run(account), run(account)
    rows = Divergence.objects.exclude(state__in=OVER).exclude(state=State.SEEN)
    return sorted(
        (one.kind, one.actual.get("ticket") or one.expected.get("ticket"))
        for one in rows.filter(symbol="BOLT")
    )


def test_a_long_and_a_short_ticket_are_not_nothing(hedging, broker, run):
    ticket(hedging, 2, 5, "t0"), ticket(hedging, 3, -5, "t0")
    holds(hedging, broker, t1="5", t2="-5")
    assert differing(hedging, run) == [(Kind.MISSING_IN_JOURNAL, "t1"), (Kind.MISSING_IN_JOURNAL, "t2")]  # fmt: skip


def test_a_long_and_a_short_ticket_that_the_broker_has_not_are_told(hedging, broker, run):
    ticket(hedging, 2, 5, "t1"), ticket(hedging, 3, -5, "t2")
    holds(hedging, broker)
    assert differing(hedging, run) == [(Kind.PHANTOM, "t1"), (Kind.PHANTOM, "t2")]


def test_each_ticket_is_held_against_its_own(hedging, broker, run):
    ticket(hedging, 2, 5, "t1"), ticket(hedging, 3, -3, "t2")
    holds(hedging, broker, t1="5", t2="-3")
    assert differing(hedging, run) == []
    # Together they are what they were.
    holds(hedging, broker, t1="6", t2="-4")
    assert differing(hedging, run) == [(Kind.QUANTITY, "t1"), (Kind.QUANTITY, "t2")]
    holds(hedging, broker, t1="-3", t2="5")
    assert (Kind.SIDE, "t1") in differing(hedging, run)
