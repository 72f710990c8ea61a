"""What brokers' tables become in the book: files without ids and times, newest first."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django_scopes import scope

from journal.models import DataIssue, Execution, ImportState, Trade
from tests import people
from tests.brokers.etoro.statements import ACTIVITY
from tests.doors import book_of, import_now

SAMPLES = Path(__file__).parents[2] / "brokers"
SCHWAB = (SAMPLES / "schwab/samples/options_and_actions.csv").read_text()

pytestmark = pytest.mark.django_db


def trades(workspace, symbol):
    with scope(workspace=workspace):
        found = (
            Trade.objects.filter(legs__instrument__symbol=symbol).distinct().order_by("opened_at")
        )
        return [(one.direction, one.net_pnl) for one in found]


def test_a_day_trade_of_a_file_without_times_is_long():
    workspace = people.alice().workspace
    assert import_now(workspace, SCHWAB, account_number="S-1").state == ImportState.DONE
    # (12.50 - 12.00) x 40 less 0.01
    assert trades(workspace, "MIRL")[-1] == ("long", Decimal("19.99"))
    assert trades(workspace, "VORN 01/21/2028 1,250.00 C") == [("long", Decimal("248.68"))]
    # Sold for 80.00 less 1.32, and expired
    assert trades(workspace, "QXA 12/10/2027 70.00 C") == [("short", Decimal("78.68"))]


def test_exports_that_overlap_are_the_same_book_in_every_order():
    header, *rows = SCHWAB.splitlines(keepends=True)
    older, newer = header + "".join(rows[6:]), header + "".join(rows[:12])
    books = []
    for number, order in enumerate([(SCHWAB,), (older, newer), (newer, older), (SCHWAB, older)]):
        workspace = people.owner(f"p{number}@example.org", workspace_name=f"P{number}").workspace
        for content in order:
            import_now(workspace, content, account_number="S-1")
        books.append(book_of(workspace))
    assert books[0]["executions"]
    assert all(book == books[0] for book in books)


def test_a_kraken_fill_that_both_exports_state_counts_once():
    workspace = people.alice().workspace
    for name in ("trades", "ledgers"):
        content = (SAMPLES / f"kraken/samples/{name}.csv").read_text()
        import_now(workspace, content, account_number="K-1")
    with scope(workspace=workspace):
        fills = Execution.objects.filter(instrument__symbol="BTC", kind="trade")
        assert [(one.quantity, one.price) for one in fills] == [
            (Decimal("0.5"), Decimal("42000.5"))
        ]


def test_positions_of_xtb_make_the_profits_that_it_states():
    """The index in points at 17.123 a point, less swap and rollover; the share less both commissions."""
    workspace = people.alice().workspace
    content = (SAMPLES / "xtb/samples/before_2025.xlsx").read_bytes()
    for _ in range(2):
        assert import_now(workspace, content, name="report.xlsx").state == ImportState.DONE
    with scope(workspace=workspace):
        found = Trade.objects.exclude(closed_at=None)
        made = {one.symbol: round(sum(leg.net_base for leg in one.legs.all()), 2) for one in found}
        assert made == {
            "DE40": Decimal(250), "US100": Decimal("170.28"), "SAP.DE": Decimal(37),
        }  # fmt: skip
        assert not DataIssue.objects.filter(code="profit_differs").exists()


def test_positions_of_etoro_make_the_profits_that_it_states():
    """A CSV knows no shorts and no leverage; the workbook that comes later sets the same positions right."""
    workspace = people.alice().workspace
    content = (SAMPLES / "etoro/samples/account_statement.xlsx").read_bytes()
    table = "\n".join(",".join(row) for row in ACTIVITY) + "\n"
    import_now(workspace, table, name="activity.csv", account_number="E-1")
    import_now(workspace, content, name="statement.xlsx", account_number="E-1")
    with scope(workspace=workspace):
        found = Trade.objects.exclude(closed_at=None)
        assert {(one.symbol, one.direction, one.net_pnl) for one in found} == {
            ("QXA", "long", Decimal(60)),
            ("NSDQ100/USD", "short", Decimal(15)),
            ("EUR/USD", "long", Decimal(-6)),
        }
        assert Execution.objects.count() == 7
