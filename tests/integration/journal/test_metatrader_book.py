"""MetaTrader's files into the book: each deal at the profit that the broker states."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.db.models import Sum
from django_scopes import scope

from journal.models import (
    BrokerAccount,
    CashReport,
    DataIssue,
    Execution,
    ImportBatch,
    LotMatch,
    OpenLot,
)
from journal.services.accounts import change_account
from journal.services.verification import verify_account
from tests.brokers.mt5_report.reports import deal, lines_of, money, page
from tests.brokers.reading import SAMPLES, corpus_folder
from tests.doors import import_now, undo
from tests.people import alice

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    return alice().workspace


def sample(path: str) -> bytes:
    return (SAMPLES / path).read_bytes()


def net_by_deal(*, gross: bool = False) -> dict[str, Decimal]:
    """In the account's currency, to the cent, by the closing deal."""
    found: dict[str, Decimal] = {}
    for match in LotMatch.objects.select_related("closing"):
        money = match.gross_pnl * match.close_fx_rate if gross else match.net_base
        key = match.closing.fill_key.removeprefix("b:")
        found[key] = found.get(key, Decimal(0)) + money
    return {key: round(value, 2) for key, value in found.items()}


def test_a_hedging_report_books_each_position_apart(workspace):
    assert import_now(workspace, sample("mt5_report/samples/hedging.html")).state == "done"
    with scope(workspace=workspace):
        account = BrokerAccount.objects.get()
        assert (account.broker, account.broker_id, account.is_hedging) == ("mt5", "700100", True)
        assert (account.base_currency, account.lot_method) == ("USD", "average")
        assert {key: str(value) for key, value in net_by_deal().items()} == {
            "9005": "5.00", "9006": "0.00", "9007": "48.20", "9008": "-32.25", "9010": "32.84",
            "9012": "21.69", "9014": "21.70", "9016": "105.00",
        }  # fmt: skip
        assert not OpenLot.objects.exists()
        assert not DataIssue.objects.exclude(
            code__in=["contract_unknown", "quoted_in_points"]
        ).exists()
        assert verify_account(account) == []


def test_a_netting_report_books_at_the_average(workspace):
    assert import_now(workspace, sample("mt5_report/samples/netting.xlsx")).state == "done"
    with scope(workspace=workspace):
        account = BrokerAccount.objects.get()
        assert (account.is_hedging, account.lot_method) == (False, "average")
        assert {key: str(value) for key, value in net_by_deal().items()} == {
            "8004": "194.00", "8005": "-106.00", "8006": "47.00",
        }  # fmt: skip
        # All that came in, less all that was paid, is the balance of the report.
        total = CashReport.objects.aggregate(all=Sum("amount"))["all"] + sum(net_by_deal().values())
        assert total == Decimal("5135.00")
        assert verify_account(account) == []


def test_a_person_may_book_an_account_otherwise_and_a_later_file_keeps_it(workspace):
    import_now(workspace, sample("mt5_report/samples/netting.xlsx"))
    with scope(workspace=workspace):
        change_account(BrokerAccount.objects.get(), lot_method="fifo", reason="As agreed.")
    later = lines_of(
        [money("2026.03.09 10:00:00", "8100", "balance", "5.00")],
        account="700200 (USD, Sample-Live, real, Netting)",
    )
    import_now(workspace, page(later))
    with scope(workspace=workspace):
        assert BrokerAccount.objects.get().lot_method == "fifo"


def test_an_mt4_statement_and_the_next_one(workspace):
    text = sample("mt4_statement/samples/statement.htm").decode()
    import_now(workspace, text)
    with scope(workspace=workspace):
        account = BrokerAccount.objects.get()
        assert net_by_deal() == {"10021": Decimal("98.50"), "10031": Decimal("133.78")}
        assert [lot.signed_quantity for lot in OpenLot.objects.all()] == [Decimal("-0.6")]
        assert verify_account(account) == []
        count = Execution.objects.count()
    import_now(workspace, text.replace("22:10", "22:11"))
    with scope(workspace=workspace):
        assert Execution.objects.count() == count


@pytest.mark.parametrize("undone", [None, 0, 1])
@pytest.mark.parametrize("first", ["package", "report"])
def test_report_and_package_speak_of_the_same_fills(workspace, first, undone):
    deals = [
        deal("2026.03.02 10:00:00", "1", "EURUSD", "buy", "in", "1.00", "1.10000", "11"),
        deal("2026.03.02 10:00:00", "2", "EURUSD", "sell", "in", "1.00", "1.10000", "12"),
        deal(
            "2026.03.02 11:00:00", "3", "EURUSD", "sell", "out", "1.00", "1.10100", "13", "100.00"
        ),
    ]
    listed = [
        "2026.03.02 10:00:00",
        "11",
        "EURUSD",
        "buy",
        "1.00",
        "1.10000",
        "",
        "",
        "2026.03.02 11:00:00",
        "1.10100",
        "0.00",
        "0.00",
        "100.00",
    ]
    same = [
        {
            "ticket": int(row[1]), "order": int(row[7]), "time": at, "time_msc": at * 1000, "magic": 7,
            "type": int(row[3] == "sell"), "entry": int(row[4] == "out"), "position_id": position, "volume": 1.0,
            "price": float(row[6]), "commission": 0.0, "swap": 0.0, "fee": 0.0, "profit": float(row[11]),
            "symbol": "EURUSD", "comment": "",
        }
        for row, position, at in zip(deals, (11, 12, 11), (1772445600, 1772445600, 1772449200), strict=True)
    ]  # fmt: skip
    package = {"account": {"login": 700100, "currency": "USD", "margin_mode": 2}, "deals": same}
    files = [json.dumps(package), page(lines_of(deals, [listed]))]
    ordered = files if first == "package" else files[::-1]
    batches = [import_now(workspace, content) for content in ordered]
    if undone is not None:
        undo(workspace, batches[undone])
    with scope(workspace=workspace):
        assert Execution.objects.count() == 3
        assert net_by_deal() == {"3": Decimal(100)}
        assert [lot.signed_quantity for lot in OpenLot.objects.all()] == [-1]
        assert not DataIssue.objects.exists()


def test_an_undone_report_leaves_nothing_and_comes_back(workspace):
    batch = import_now(workspace, sample("mt5_report/samples/hedging.html"))
    undo(workspace, batch)
    with scope(workspace=workspace):
        assert not LotMatch.objects.exists()
    import_now(workspace, sample("mt5_report/samples/hedging.html"))
    with scope(workspace=workspace):
        assert len(net_by_deal()) == 8
        assert ImportBatch.objects.count() == 2


def test_the_corpus_report_is_booked_to_the_cent(workspace):
    import_now(workspace, (corpus_folder("mt5") / "report_history.xlsx").read_bytes())
    with scope(workspace=workspace):
        stated = {"269001200": "-23.50", "269002860": "50.71", "269003038": "3.64"}
        assert net_by_deal(gross=True) == {key: Decimal(value) for key, value in stated.items()}
        assert sum(net_by_deal().values()) == Decimal("30.85")
        cash = CashReport.objects.aggregate(all=Sum("amount"))["all"]
        assert cash + sum(net_by_deal().values()) == Decimal("3030.85")
        assert not DataIssue.objects.exists()
        assert verify_account(BrokerAccount.objects.get()) == []


def test_the_corpus_deals_are_booked_to_the_cent(workspace):
    data = json.loads((corpus_folder("mt5") / "history_deals_get.json").read_text())
    import_now(
        workspace, json.dumps({"account": {"login": 1, "currency": "USD"}, "deals": data["deals"]})
    )
    with scope(workspace=workspace):
        stated = {
            str(one["ticket"]): round(Decimal(str(one["profit"])), 2)
            for one in data["deals"]
            if one["entry"] == 1
        }
        assert net_by_deal() == stated
        (lot,) = OpenLot.objects.all()
        assert (lot.instrument.symbol, lot.signed_quantity) == ("USDCHF", Decimal("-0.01"))


def test_a_shorter_report_does_not_forget_which_position_was_closed(workspace):
    deals = [
        deal(
            "2026.03.02 10:00:00",
            "1",
            "EURUSD",
            "buy",
            "in",
            "1.00",
            "1.10000",
            "11",
            commission="-1.00",
        ),
        deal(
            "2026.03.02 11:00:00", "3", "EURUSD", "sell", "out", "1.00", "1.10100", "13", "100.00"
        ),
    ]
    import_now(workspace, page(lines_of(deals)))
    # It states another net profit, because it does not know what opening cost, and so is a report of its own.
    import_now(workspace, page(lines_of(deals[1:])))
    with scope(workspace=workspace):
        assert net_by_deal() == {"3": Decimal(99)}
        assert not OpenLot.objects.exists()
