"""What bots report and what statements say later: the same fills, once, in any order."""

from __future__ import annotations

from itertools import permutations

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from common.sql import fetch
from journal.filters import TradeFilter
from journal.models import (
    BrokerAccount,
    CapturedKind,
    CapturedRecord,
    DataIssue,
    Execution,
    ExecutionReport,
    ImportBatch,
    Order,
    Trade,
)
from journal.selectors.orders import fills_of, orders_of_trade
from journal.services.captures.receiving import Sender, receive_records
from journal.services.erasure import ask_erasure, erase_account
from journal.services.orders import rebuild_orders
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.captures import account_of, book, fill, order
from tests.doors import import_now, undo

pytestmark = pytest.mark.usefixtures("every_book_holds")

ACCOUNT = "U7000001"
STATED = statement(
    trade(
        transactionID="1", ibExecID="0001.01", dateTime="20260602;093001", quantity="10", tradePrice="10",
        symbol="ACME", conid="7001", ibCommission="-1.10",
    ),
    trade(
        transactionID="2", ibExecID="0001.02", dateTime="20260602;100000", quantity="-10", tradePrice="12",
        buySell="SELL", symbol="ACME", conid="7001", ibCommission="-1.20",
    ),
)  # fmt: skip


@pytest.fixture
def account(workspace):
    return account_of(workspace, ACCOUNT)


@pytest.fixture
def sender(workspace, account):
    return Sender(workspace_id=workspace.pk, user_id=None)


def report(sender, *records, kind=CapturedKind.EXECUTION):
    receipts = receive_records(sender, kind, [{"account": ACCOUNT, **one} for one in records])
    assert [one.message for one in receipts if not one.is_taken] == []
    return receipts


BOUGHT = fill(
    account=ACCOUNT,
    price="10",
    exec_id="0001.01",
    executed_at="2026-06-02T13:30:01Z",
    source="chat",
)
SOLD = fill(
    account=ACCOUNT, side="sell", price="12", exec_id="0001.02", executed_at="2026-06-02T14:00:00Z", source="chat"
)  # fmt: skip


def figures():
    return [
        (one.side, one.quantity, one.price, one.fee, one.source, one.net_pnl)
        for one in Execution.objects.order_by("executed_at")
    ]


@pytest.mark.parametrize("order", list(permutations(["bought", "sold", "statement"])))
def test_bot_and_statement_tell_of_the_same_fills(workspace, sender, order):
    for step in order:
        if step == "statement":
            import_now(workspace, STATED)
        else:
            report(sender, {"bought": BOUGHT, "sold": SOLD}[step])
            book(workspace)
    fees = [one.fee for one in Execution.objects.order_by("executed_at")]
    assert [str(fee) for fee in fees] == ["1.10", "1.20"]
    assert {one.source for one in Execution.objects.all()} == {"chat"}
    (closed,) = Trade.objects.all()
    assert (str(closed.net_pnl), closed.source) == ("17.70", "chat")


def test_an_undone_statement_leaves_what_the_bot_said(workspace, sender):
    report(sender, BOUGHT, SOLD)
    book(workspace)
    before = figures()
    batch = import_now(workspace, STATED)
    assert figures() != before
    undo(workspace, batch)
    assert figures() == before


def test_an_undone_capture_leaves_what_the_statement_said(workspace, sender):
    import_now(workspace, STATED)
    before = figures()
    report(sender, BOUGHT, SOLD)
    book(workspace)
    assert figures() != before  # by whom it was done
    undo(workspace, ImportBatch.objects.get(format="capture"))
    assert figures() == before


def test_a_bot_that_saw_another_price_is_told_and_the_statement_counts(workspace, sender):
    report(sender, {**BOUGHT, "price": "10.01"}, SOLD)
    book(workspace)
    import_now(workspace, STATED)
    assert [str(one.price) for one in Execution.objects.order_by("executed_at")] == ["10", "12"]
    assert DataIssue.objects.filter(code="sources_differ").count() == 1


def test_a_fee_that_the_bot_learns_later_counts_from_then_on(workspace, sender):
    report(sender, BOUGHT)
    book(workspace)
    report(sender, {**BOUGHT, "fee": "0.35"})
    book(workspace)
    (known,) = Execution.objects.all()
    assert str(known.fee) == "0.35"
    assert DataIssue.objects.filter(code="report_differs").count() == 0


def test_a_fill_that_the_exchange_took_back_is_gone(workspace, sender):
    report(sender, BOUGHT, SOLD)
    book(workspace)
    bust = {**SOLD, "exec_id": "0001.02x", "report": "cancel", "original_exec_id": "0001.02"}
    report(sender, bust)
    book(workspace)
    assert [one.side for one in Execution.objects.all()] == ["buy"]


def test_one_record_that_cannot_be_booked_holds_up_no_other(workspace, sender):
    report(sender, {**BOUGHT, "record_id": "r-1"}, {**SOLD, "record_id": "r-2"})
    with connection.cursor() as cursor:
        # As if a later version had become stricter than the one that took it in.
        cursor.execute(
            "INSERT INTO journal_capturedrecord (workspace_id, account_id, kind, source, record_id, digest, payload, "
            "received_at) SELECT workspace_id, account_id, kind, source, 'r-3', digest, "
            "replace(payload, 'sell', 'sail'), received_at FROM journal_capturedrecord WHERE record_id = 'r-2'"
        )
    book(workspace)
    assert Execution.objects.count() == 2
    issue = DataIssue.objects.get(code="captured_not_booked")
    assert "r-3" in issue.message
    assert not CapturedRecord.objects.filter(batch=None).exists()


def test_one_record_that_the_database_will_not_hold_holds_up_no_other(workspace, sender):
    report(sender, {**BOUGHT, "record_id": "r-1"}, {**SOLD, "record_id": "r-2"})
    report(sender, {**SOLD, "symbol": "LONG", "exec_id": "9", "record_id": "r-3"})
    with connection.cursor() as cursor:
        # As if a check had been forgotten, and a value were longer than its column.
        cursor.execute(
            "CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'value too long' USING ERRCODE = '22001'; END $$; "
            "CREATE TRIGGER refuse BEFORE INSERT ON journal_instrument FOR EACH ROW "
            "WHEN (NEW.symbol = 'LONG') EXECUTE FUNCTION pg_temp.refuse()"
        )
    book(workspace)
    assert Execution.objects.count() == 2
    assert "r-3" in DataIssue.objects.get(code="captured_not_booked").message
    assert not CapturedRecord.objects.filter(batch=None).exists()


@pytest.mark.parametrize("table", ["journal_instrument", "journal_executionreport"])
def test_a_database_that_is_in_trouble_is_no_fault_of_the_records(workspace, sender, table):
    report(sender, BOUGHT)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'disk full' USING ERRCODE = '53100'; END $$; "
            f"CREATE TRIGGER refuse BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse()"
        )
    with pytest.raises((DatabaseError, psycopg.Error)), transaction.atomic():
        book(workspace)
    assert CapturedRecord.objects.filter(batch=None).exists()


def test_text_that_looks_like_an_escape_is_kept_and_the_null_character_is_not(workspace, sender):
    report(sender, {**BOUGHT, "extra": {"path": r"C:\u0000", "nu\0ll": ["\0", {"x": "a\0b"}]}})
    book(workspace)
    (known,) = ExecutionReport.objects.all()
    assert known.raw["extra"] == {"path": r"C:\u0000", "null": ["", {"x": "ab"}]}


def test_bots_of_two_accounts_may_name_their_fills_alike(workspace, account, sender):
    other = account_of(workspace, "U2")
    said = {name: value for name, value in BOUGHT.items() if name != "account"}
    for one in (account, other):
        (receipt,) = receive_records(
            sender._replace(account_id=one.pk), CapturedKind.EXECUTION, [{**said, "record_id": "1"}]
        )
        # A name is one record's in the whole workspace: the other is told, never taken for the same.
        assert (receipt.status, receipt.code) == (
            ("created", "") if one == account else ("error", "record_id_reused")
        )


def test_an_account_is_the_same_whatever_space_is_around_its_number(workspace, account, sender):
    (receipt,) = receive_records(
        sender, CapturedKind.EXECUTION, [{**BOUGHT, "account": f" {ACCOUNT} ", "broker": "ibkr"}]
    )
    assert receipt.is_taken
    assert CapturedRecord.objects.get().account == account


def test_what_was_captured_cannot_be_changed_nor_deleted(workspace, sender):
    report(sender, BOUGHT)
    for change in (
        lambda: CapturedRecord.objects.update(payload="{}"),
        lambda: CapturedRecord.objects.all().delete(),
    ):
        with pytest.raises(Exception, match="annot"), transaction.atomic():
            change()


def test_what_comes_for_an_account_while_it_is_erased_goes_with_it(workspace, account, sender):
    report(sender, BOUGHT)
    other = account_of(workspace, "U2")
    report(sender, {**BOUGHT, "account": "U2"})
    with connection.cursor() as cursor:
        # As after an erasure that was over before this record was committed.
        cursor.execute("DELETE FROM journal_brokeraccount WHERE id = %s", [account.pk])
    book(workspace)
    assert [one.account_id for one in Execution.objects.all()] == [other.pk]
    assert CapturedRecord.objects.count() == 1


def test_the_largest_and_smallest_numbers_that_are_taken_are_booked_to_the_last_digit(
    workspace, sender
):
    large, small = "9" * 21, "0." + "0" * 27 + "1"
    terms = [("buy", large, small), ("sell", large, large), ("buy", small, large), ("sell", small, small)]  # fmt: skip
    for number, (side, quantity, price) in enumerate(terms):
        said = {"side": side, "quantity": quantity, "price": price, "exec_id": str(number)}
        report(sender, {**BOUGHT, **said})
    book(workspace)
    assert Execution.objects.count() == 4


def test_two_equal_fills_without_ids_are_two_with_their_statement(workspace, sender):
    """Before it, after it, and once more after an undo of what the bot said."""
    stated = statement(
        trade(
            transactionID="1", ibExecID="0001.01", dateTime="20260602;093001", quantity="10", tradePrice="10",
            symbol="ACME", conid="7001",
        ),
        trade(
            transactionID="2", ibExecID="0001.02", dateTime="20260602;093001", quantity="10", tradePrice="10",
            symbol="ACME", conid="7001",
        ),
    )  # fmt: skip
    twice = [{**BOUGHT, "exec_id": ""}] * 2
    report(sender, *twice)
    book(workspace)
    assert Execution.objects.count() == 2
    import_now(workspace, stated)
    assert Execution.objects.count() == 2
    undo(workspace, ImportBatch.objects.get(format="capture"))
    assert Execution.objects.count() == 2
    report(sender, *twice)
    book(workspace)
    assert Execution.objects.count() == 2


def test_an_erased_account_takes_along_what_bots_reported_of_it(workspace, account, sender):
    other = account_of(workspace, "U2")
    report(sender, BOUGHT)
    report(sender, {**BOUGHT, "account": "U2"})
    report(sender, order(account=ACCOUNT, source="chat"), kind=CapturedKind.ORDER)
    book(workspace)
    undo(workspace, ImportBatch.objects.get(account=account))
    report(sender, {**SOLD, "record_id": "r-2"})
    book(workspace)
    ask_erasure(account, confirm=ACCOUNT, reason="Closed.", author_id=None)
    erased = erase_account(account)
    assert (erased.imports, erased.shared_files) == (2, 0)
    assert list(BrokerAccount.objects.all()) == [other]
    assert [one.account_id for one in ImportBatch.objects.all()] == [other.pk]
    assert [one.account_id for one in CapturedRecord.objects.all()] == [other.pk]
    assert not Order.objects.exists()


def test_a_day_of_a_bot_is_one_import(workspace, sender):
    for number in range(3):
        report(sender, {**BOUGHT, "exec_id": f"e-{number}"})
        book(workspace)
    (batch,) = ImportBatch.objects.all()
    assert (batch.format, batch.reported_by, batch.file) == ("capture", "chat", None)
    assert ExecutionReport.objects.filter(batch=batch, source="chat").count() == 3


def test_an_option_is_the_same_contract_however_its_name_is_spelled(workspace, sender):
    for number, symbol in enumerate(
        ("SPY   270319C00480000", "SPY270319C00480000", "SPY 03/19/2027 480.00 C")
    ):
        report(sender, {**BOUGHT, "symbol": symbol, "exec_id": f"e-{number}"})
        book(workspace)
    assert len({one.instrument_id for one in Execution.objects.all()}) == 1
    assert Trade.objects.get().quantity == 30


def test_orders_are_what_was_reported_of_them(workspace, account, sender):
    kind = CapturedKind.ORDER
    placed = order(account=ACCOUNT, symbol="ACME", side="buy", quantity="10", limit_price="25")
    report(sender, placed, kind=kind)
    book(workspace)
    first = Order.objects.get()
    # The broker's id comes with a report that has both; later ones have it alone.
    report(sender, {"client_order_id": "my-1", "order_id": "77", "status": "live"}, kind=kind)
    report(sender, {"order_id": "77", "status": "canceled", "reason": "By the user"}, kind=kind)
    book(workspace)
    (known,) = Order.objects.all()
    assert known.pk == first.pk
    assert (known.status, known.reason, known.quantity) == ("cancelled", "By the user", 10)
    before = list(Order.objects.values())
    rebuild_orders(account)
    assert list(Order.objects.values()) == before
    undo(workspace, ImportBatch.objects.get())
    assert not Order.objects.exists()


@pytest.mark.parametrize("statement_first", [True, False])
def test_a_fill_that_only_its_words_join_is_found_by_the_bot_s_order(
    workspace, sender, statement_first
):
    """The bot knew its own id of the order, and no id of the execution. Its clock is two seconds late."""
    said = {**BOUGHT, "executed_at": "2026-06-02T13:30:03.5Z", "client_order_id": "my-1"}
    del said["exec_id"]
    steps = [
        lambda: import_now(workspace, STATED),
        lambda: (
            report(sender, said),
            report(
                sender,
                order(account=ACCOUNT, symbol="ACME", side="buy", quantity="10"),
                kind=CapturedKind.ORDER,
            ),
            book(workspace),
        ),
    ]
    for step in steps if statement_first else steps[::-1]:
        step()
    bought, _ = Execution.objects.order_by("executed_at")
    assert (str(bought.fee), bought.broker_id, bought.source) == ("1.10", "1", "chat")
    known = Order.objects.get()
    assert [one.pk for one in fills_of(known)] == [bought.pk]
    (closed,) = Trade.objects.all()
    assert [one.pk for one in orders_of_trade(closed.pk)] == [known.pk]
    assert fetch("SELECT trade_id FROM monitoring.orders") == [(closed.pk,)]
    for batch in ImportBatch.objects.exclude(reported_by="bot"):
        assert TradeFilter({"batch": batch.pk}, queryset=Trade.objects.all()).qs.count() == 1


def test_a_record_of_another_workspace_cannot_be_written_over(workspace, sender):
    report(sender, {**BOUGHT, "record_id": "r-1"})
    with pytest.raises(IntegrityError), transaction.atomic():
        CapturedRecord.objects.create(
            workspace=workspace, kind="execution", source="bot", record_id="r-1", digest="", payload="{}",
            received_at=CapturedRecord.objects.get().received_at,
        )  # fmt: skip
