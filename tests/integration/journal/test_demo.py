"""The demo is a true book, the same for the same seed, and holds something of everything."""

import re
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from django_scopes import scope

from accounts.models import Membership, User, Workspace
from journal.models import (
    BrokerAccount,
    CashReport,
    ConversionRate,
    CorporateActionReport,
    DataIssue,
    Execution,
    ExecutionReport,
    OpenLot,
    Structure,
    Trade,
    TradeNote,
    TradeTag,
)
from journal.selectors.positions import list_positions
from journal.services.demo.market import is_session
from journal.services.demo.seeding import DemoRequest, write_statements
from journal.services.verification import verify_account
from tests import people
from tests.effort import EXHAUSTIVE

pytestmark = pytest.mark.django_db

UNTIL = date(2026, 10, 30)
# What the book says, in the order of time and without our own ids.
BOOK = """
    SELECT a.broker_id, t.symbol, t.opened_at, t.closed_at, t.direction, t.quantity, t.gross_pnl,
           t.net_pnl, t.net_base, t.fees, t.result
    FROM journal_trade t JOIN journal_brokeraccount a ON a.id = t.account_id
    WHERE t.workspace_id = %s ORDER BY 1, 2, 3, 4, 6, 8
"""


def seed(name: str = "Demo", **options: object) -> Workspace:
    call_command(
        "seed_demo",
        workspace=name,
        until=UNTIL,
        statements_only=True,
        stdout=StringIO(),
        **options,
    )
    return Workspace.objects.get(name=name)


def book_of(workspace: Workspace) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(BOOK, [workspace.pk])
        return cursor.fetchall()


def statements(seed: int, executions: int) -> list[tuple[str, bytes]]:
    request = DemoRequest(seed, executions, UNTIL)
    return [(name, file.read()) for name, file in write_statements(request, prefix="U4")]


@pytest.mark.parametrize(
    ("number", "executions"),
    [(1, 50), (2, 400), (3, 1_500), pytest.param(4, 4_000, marks=EXHAUSTIVE)],
)
def test_the_book_of_the_demo_is_true(number, executions):
    workspace = seed(seed=number, executions=executions)
    with scope(workspace=workspace.pk):
        accounts = list(BrokerAccount.objects.all())
        assert len(accounts) == 4
        assert [finding for one in accounts for finding in verify_account(one)] == []
        assert ExecutionReport.objects.count() == executions


def test_the_same_seed_writes_the_same_bytes():
    assert statements(7, 800) == statements(7, 800)


def test_another_seed_is_another_trader():
    assert statements(7, 300) != statements(8, 300)


def test_the_same_seed_gives_the_same_figures():
    one, other = seed("One", seed=5, executions=600), seed("Other", seed=5, executions=600)
    assert book_of(one) == book_of(other) != []


def test_seeding_again_adds_nothing():
    workspace = seed(seed=5, executions=300)
    before = book_of(workspace)
    with scope(workspace=workspace.pk):
        notes = TradeNote.objects.count()
    assert seed(seed=5, executions=300) == workspace
    with scope(workspace=workspace.pk):
        assert (book_of(workspace), TradeNote.objects.count()) == (before, notes)
        assert ExecutionReport.objects.count() == 300


def test_two_demos_in_one_workspace_are_different_accounts():
    workspace = seed(seed=1, executions=60)
    seed(seed=2, executions=60)
    with scope(workspace=workspace.pk):
        assert BrokerAccount.objects.count() == 8
        assert ExecutionReport.objects.count() == 120


def test_there_is_something_of_everything():
    workspace = seed(seed=1, executions=2_000)
    with scope(workspace=workspace.pk):
        assert {"stock", "option", "future", "forex", "crypto"} <= _all(Trade, "asset_class")
        assert {"USD", "EUR", "GBP"} <= _all(Trade, "currency")
        assert _all(BrokerAccount, "base_currency") == {"USD", "EUR", "GBP"}
        assert _all(BrokerAccount, "lot_method") == {"fifo", "lifo", "hifo", "average"}
        assert {"assignment", "expiry", "corporate_action"} <= _all(Execution, "kind")
        assert {
            "dividend",
            "withholding_tax",
            "interest_received",
            "deposit",
            "withdrawal",
            "fee",
        } <= _all(CashReport, "kind")
        assert _all(Trade, "result") == {"win", "loss", "unknown", ""} | _all(Trade, "result") & {
            "flat"
        }
        assert Execution.objects.filter(fee__lt=0).exists(), "rebates"
        assert Execution.objects.filter(tax__gt=0).exists(), "stamp duty"
        assert CorporateActionReport.objects.get().ratio == Decimal(10)
        assert ConversionRate.objects.exists()
        assert TradeNote.objects.exists()
        assert TradeTag.objects.exists()
        assert {"vertical", "iron_condor", "cash_secured_put"} <= _all(Structure, "kind")


def test_an_assignment_hands_its_premium_to_the_shares():
    workspace = seed(seed=1, executions=2_000)
    with scope(workspace=workspace.pk):
        ended = Execution.objects.filter(kind="assignment", instrument__asset_class="option")
        assert ended.exists()
        assert {one.net_pnl for one in ended} == {Decimal(0)}


def test_open_positions_are_what_the_broker_states_and_have_marks():
    workspace = seed(seed=3, executions=2_000)
    with scope(workspace=workspace.pk):
        positions = [one for one in list_positions(workspace.pk) if one.asset_class != "forex"]
        assert OpenLot.objects.exists()
        assert len(positions) >= 5
        for one in positions:
            assert one.mark_price, one.symbol
            assert one.broker_quantity == one.signed_quantity, one.symbol


def test_what_is_wrong_with_the_data_is_said():
    workspace = seed(seed=1, executions=200)
    with scope(workspace=workspace.pk):
        assert _all(DataIssue, "code") >= {"opening_unknown", "no_quantity"}


def test_trades_happen_on_business_days_and_never_in_the_future():
    workspace = seed(seed=2, executions=500)
    with scope(workspace=workspace.pk):
        moments = ExecutionReport.objects.values_list("executed_at", flat=True)
        zone = timezone.zoneinfo.ZoneInfo("America/New_York")
        days = {at.astimezone(zone).date() for at in moments}
    assert all(map(is_session, days))
    assert max(days) == UNTIL


def test_the_trader_wins_and_loses():
    workspace = seed(seed=1, executions=2_000)
    with scope(workspace=workspace.pk):
        wins = Trade.objects.filter(result="win").count()
        losses = Trade.objects.filter(result="loss").count()
    assert 0.4 < wins / (wins + losses) < 0.65


def test_a_day_to_come_is_refused():
    with pytest.raises(CommandError, match="still to come"):
        call_command("seed_demo", until=timezone.localdate().replace(year=2999), stdout=StringIO())


def test_the_person_who_is_made_can_sign_in(client):
    said = StringIO()
    call_command("seed_demo", "--statements-only", executions=50, until=UNTIL, stdout=said)
    found = re.search(r"Sign in as (\S+) with password (\S+)\.\n", said.getvalue())
    assert found, said.getvalue()
    user = User.objects.get(email=found[1])
    assert user.check_password(found[2])
    assert Membership.objects.get(user=user).is_owner


def test_a_run_that_was_cut_short_tells_a_password_again():
    for _ in range(2):
        said = StringIO()
        call_command("seed_demo", "--statements-only", executions=50, until=UNTIL, stdout=said)
        password = re.search(r"with password (\S+)\.\n", said.getvalue())[1]
        assert User.objects.get(email="demo@fillbook.local").check_password(password)


def test_the_password_of_somebody_who_signed_in_stays():
    seed(executions=50)
    User.objects.update(last_login=timezone.now())
    said = StringIO()
    call_command("seed_demo", "--statements-only", executions=50, until=UNTIL, stdout=said)
    assert "with the password you have" in said.getvalue()


def test_the_password_may_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("FILLBOOK_PASSWORD", "four horses in a row")
    said = StringIO()
    call_command(
        "seed_demo",
        "--statements-only",
        executions=50,
        until=UNTIL,
        email="Me@Example.org",
        stdout=said,
    )
    assert User.objects.get(email="me@example.org").check_password("four horses in a row")
    assert "four horses" not in said.getvalue()


def test_a_workspace_that_is_there_is_filled_and_nobody_is_added():
    alice = people.alice()
    seed(alice.workspace.name, executions=50)
    assert list(Membership.objects.filter(workspace=alice.workspace)) == [alice]


def _all(model, name) -> set[object]:
    return set(model.objects.order_by().values_list(name, flat=True).distinct())
