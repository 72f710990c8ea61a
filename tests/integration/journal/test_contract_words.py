"""Activity statements of one account, with and without the section that states the contracts' ids: the same evidence."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
from django.apps import apps

from journal.models import Execution, ExecutionReport, Instrument, OpenLot
from journal.models.evidence import Evidence
from tests.brokers import ibkr_activity
from tests.brokers.ibkr_flex.flex import element, trade
from tests.doors import import_now, undo
from tests.integration.journal.test_flex_book import NO_IDS, PUT, action, flex
from tests.integration.journal.test_openings import position

pytestmark = pytest.mark.usefixtures("every_book_holds")

SAMPLE = (Path(ibkr_activity.__file__).parent / "samples" / "full.csv").read_text("utf-8-sig")
BARE = "".join(
    line
    for line in SAMPLE.splitlines(keepends=True)
    if not line.startswith("Financial Instrument Information")
)


def query(**changes: str) -> str:
    """A Flex query without the column of the rows' own ids."""
    put, stock = PUT | changes, {"symbol": "ACME", "conid": "7001"} | changes
    moved = {
        "assetCategory": "STK", "currency": "USD", "dateTime": "20260603;120000", "direction": "IN", "type": "ACATS",
        "quantity": "5", "positionAmount": "50", "transferPrice": "0",
    }  # fmt: skip
    expired = {
        "currency": "USD",
        "date": "20260619",
        "transactionType": "Expiration",
        "quantity": "1",
    }
    paid = {
        "currency": "USD", "assetCategory": "STK", "type": "Dividends", "amount": "5", "dateTime": "20260605;202000",
    }  # fmt: skip
    return flex(
        Trades=[
            trade(dateTime="20260602;093001", **NO_IDS | stock),
            trade(dateTime="20260602;093001", **NO_IDS | stock),
            trade(dateTime="20260602;100000", quantity="-1", buySell="SELL", **NO_IDS | put),
        ],
        Transfers=[element("Transfer", moved | stock)],
        OptionEAE=[element("OptionEAE", put | expired)],
        CashTransactions=[element("CashTransaction", paid | stock)],
        CorporateActions=[action(**changes)],
        OpenPositions=[position("100", **changes)],
    )


PAIRS = {
    "activity statement": {"with ids": SAMPLE, "without": BARE},
    "Flex query": {"with ids": query(), "without": query(conid="")},
}


def evidence() -> dict[str, int]:
    """Rows that count, by kind. Of fills every source's word is kept."""
    kinds = [model for model in apps.get_models() if issubclass(model, Evidence)]
    kinds.remove(ExecutionReport)
    return {
        model.__name__: model.objects.filter(batch__withdrawn_at=None).count() for model in kinds
    }


def booked() -> tuple[list[object], list[object]]:
    fills = Execution.objects.order_by("executed_at", "side", "quantity", "price", "kind")
    lots = OpenLot.objects.order_by("instrument__symbol", "opened_at")
    return (
        list(fills.values_list("instrument__symbol", "kind", "side", "quantity", "price", "net_pnl")),
        list(lots.values_list("instrument__symbol", "signed_quantity", "price")),
    )  # fmt: skip


@pytest.fixture(params=PAIRS.values(), ids=PAIRS)
def files(request):
    return request.param


@pytest.mark.parametrize("order", list(permutations(["with ids", "without"])), ids="-".join)
def test_the_second_file_says_nothing_new(workspace, files, order):
    import_now(workspace, files[order[0]])
    before = evidence(), booked(), Instrument.objects.count()
    for name in (order[1], *order):
        batch = import_now(workspace, files[name])
        assert (evidence(), booked(), Instrument.objects.count()) == before
        (account,) = batch.result["accounts"]
        assert (account["cash"]["new"], account["executions"]["new"]) == (0, 0)


@pytest.mark.parametrize("order", list(permutations(["with ids", "without"])), ids="-".join)
@pytest.mark.parametrize("undone", [0, 1])
def test_after_an_undo_the_other_file_says_it_all(workspace, files, order, undone):
    first = import_now(workspace, files[order[0]])
    before = evidence(), booked()
    batches = [first, import_now(workspace, files[order[1]])]
    undo(workspace, batches[undone])
    assert (evidence(), booked()) == before
    import_now(workspace, files[order[undone]])
    assert (evidence(), booked()) == before
