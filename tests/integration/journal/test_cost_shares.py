"""A spin-off with a stated share of cost: the old shares keep the rest, to the cent."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from django.apps import apps

from common.errors import Rejected
from journal.models import BrokerAccount, Correction, DataIssue, Execution, Leg, OpenLot
from journal.services.booking.rebook import rebook_account
from journal.services.corrections import withdraw_correction
from journal.services.cost_shares import state_cost_share
from journal.services.verification import verify_account
from tests.brokers.ibkr_flex.flex import element, statement, trade
from tests.doors import book_of, import_now, undo

MAMA = {"symbol": "MAMA", "conid": "1", "isin": "US0070080001"}
BOUGHT = statement(
    trade(**MAMA, transactionID="1", tradeID="1", quantity="100", tradePrice="10.01", ibCommission="0")
)  # fmt: skip
SPUN = statement(
    element(
        "CorporateAction",
        {
            "assetCategory": "STK", "symbol": "BABY", "conid": "2", "isin": "US0070080002", "currency": "USD",
            "fxRateToBase": "1", "quantity": "20", "amount": "0", "proceeds": "0", "value": "300",
            "dateTime": "20260610;202500", "reportDate": "20260611", "type": "SO", "transactionID": "900",
            "description": "MAMA(US0070080001) SPINOFF 1 FOR 5 (BABY, BABY INC, US0070080002)",
            "actionDescription": "MAMA(US0070080001) SPINOFF 1 FOR 5 (BABY, BABY INC, US0070080002)",
        },
    ),
    section="CorporateActions",
)  # fmt: skip


@pytest.fixture(autouse=True)
def every_book_holds(workspace):
    yield
    for account in BrokerAccount.objects.all():
        assert verify_account(account) == []
        assert rebook_account(account).legs == 0


def entry() -> Execution:
    return Execution.objects.get(kind="corporate_action")


def costs() -> dict[str, D]:
    return {leg.instrument.symbol: leg.cost for leg in Leg.objects.select_related("instrument")}


def lots() -> list[tuple[str, D, D]]:
    rows = OpenLot.objects.order_by("instrument__symbol")
    return list(rows.values_list("instrument__symbol", "signed_quantity", "price"))


def codes() -> set[str]:
    return set(DataIssue.objects.filter(batch=None).values_list("code", flat=True))


def state(percent: object = "20", reason: str = "Form 8937.") -> Correction:
    return state_cost_share(entry(), percent=percent, reason=reason, author_id=None)


@pytest.mark.parametrize("files", [(BOUGHT, SPUN), (SPUN, BOUGHT)])
def test_a_fifth_of_the_cost_goes_over(workspace, files):
    for file in files:
        import_now(workspace, file)
    assert costs() == {"MAMA": D(1001), "BABY": 0}
    assert codes() == {"spin_off_allocation_unknown"}
    state("20")
    assert costs() == {"MAMA": D("800.80"), "BABY": D("200.20")}
    assert lots() == [("BABY", 20, D("10.01")), ("MAMA", 100, D("8.008"))]
    assert codes() == set()


@pytest.mark.parametrize(
    ("percent", "old", "new"),
    [("0", "1001", "0"), ("100", "0", "1001"), (" 14.35 %", "857.3565", "143.6435")],
)
def test_any_share_adds_up_to_the_cost(workspace, percent, old, new):
    import_now(workspace, BOUGHT)
    import_now(workspace, SPUN)
    state(percent)
    assert costs() == {"MAMA": D(old), "BABY": D(new)}
    assert codes() == set()


def test_withdrawing_it_brings_the_issue_and_the_cost_back(workspace):
    import_now(workspace, BOUGHT)
    import_now(workspace, SPUN)
    before = book_of(workspace)
    correction = state()
    withdraw_correction(correction)
    withdraw_correction(correction)
    assert book_of(workspace) == before
    assert codes() == {"spin_off_allocation_unknown"}


def test_another_share_takes_the_place_of_the_first_and_the_trail_keeps_both(workspace):
    import_now(workspace, BOUGHT)
    import_now(workspace, SPUN)
    first = state("20")
    assert state("20") == first
    state("30", reason="The company corrected it.")
    assert costs()["BABY"] == D("300.30")
    assert Correction.objects.filter(withdrawn_at=None).count() == 1
    trail = apps.get_model("journal", "CorrectionEvent").objects
    assert {"Form 8937.", "The company corrected it."} <= set(
        trail.values_list("reason", flat=True)
    )


def test_it_survives_an_undone_and_repeated_import(workspace):
    import_now(workspace, BOUGHT)
    spun = import_now(workspace, SPUN)
    state()
    undo(workspace, spun)
    assert costs() == {"MAMA": D(1001)}
    import_now(workspace, SPUN)
    assert costs() == {"MAMA": D("800.80"), "BABY": D("200.20")}


def test_what_was_sold_since_has_its_profit_by_it(workspace):
    import_now(workspace, BOUGHT)
    import_now(workspace, SPUN)
    sale = trade(
        symbol="BABY", conid="2", transactionID="5", dateTime="20260612;100000", quantity="-20",
        buySell="SELL", tradePrice="11.01", ibCommission="0",
    )  # fmt: skip
    import_now(workspace, statement(sale))
    state()
    assert Leg.objects.get(instrument__symbol="BABY").gross_pnl == D(20)


@pytest.mark.parametrize("percent", ["", "-1", "100.01", "a fifth", "NaN", "1e-40", None])
def test_a_share_that_cannot_be_is_refused(workspace, percent):
    import_now(workspace, BOUGHT)
    import_now(workspace, SPUN)
    with pytest.raises(Rejected) as refused:
        state(percent)
    assert "percent" in refused.value.fields
    assert not Correction.objects.exists()


def test_it_needs_a_reason(workspace):
    import_now(workspace, BOUGHT)
    import_now(workspace, SPUN)
    with pytest.raises(Rejected):
        state("20", reason=" ")


def test_without_old_shares_there_is_no_cost_to_share(workspace):
    import_now(workspace, SPUN)
    with pytest.raises(Rejected, match="does not hold the old shares"):
        state()
    assert not Correction.objects.exists()
    assert codes() == {"spin_off_allocation_unknown"}
