"""One account's fills by Flex query, where they have ids, and by activity statement, where they have none."""

from __future__ import annotations

from itertools import permutations

import pytest

from journal.models import CashReport, Execution, ExecutionReport, OpenLot
from tests.brokers.ibkr_flex.flex import element, statement, trade
from tests.doors import import_now, undo

pytestmark = pytest.mark.usefixtures("every_book_holds")

HEAD = (
    "Statement,Header,Field Name,Field Value\nStatement,Data,Title,Activity Statement\n"
    "Account Information,Header,Field Name,Field Value\nAccount Information,Data,Account,U7000001\n"
    "Account Information,Data,Base Currency,USD\n"
    "Trades,Header,DataDiscriminator,Asset Category,Currency,Symbol,Date/Time,Exchange,Quantity,T. Price,C. Price,"
    "Proceeds,Comm/Fee,Basis,Realized P/L,MTM P/L,Code\n"
)
CONTRACTS = (
    "Financial Instrument Information,Header,Asset Category,Symbol,Description,Conid,Security ID,Underlying,"
    "Listing Exch,Multiplier,Type,Code\n"
    "Financial Instrument Information,Data,Stocks,ACME,ACME INC,7001,US0000000001,ACME,NYSE,1,COMMON,\n"
)
BOUGHT = 'Stocks,USD,ACME,"2026-06-02, 09:30:01",NYSE,10,10,10,-100,-1,101,0,0,O'
LATER = 'Stocks,USD,ACME,"2026-06-02, 09:30:02",NYSE,10,10,10,-100,-1,101,0,0,O'
WHEN = {"dateTime": "20260602;093001", "quantity": "10", "tradePrice": "10", "conid": "7001"}


def activity(*lines: str, kind: str = "Trade", contracts: str = CONTRACTS) -> str:
    return HEAD + "".join(f"Trades,Data,{kind},{line}\n" for line in lines) + contracts


def flex(*ids: str, **changes: str) -> str:
    """Equal fills under these ids."""
    return statement(
        *(trade(**WHEN | {"transactionID": one, "tradeID": f"5{one}"} | changes) for one in ids)
    )


@pytest.fixture(params=list(permutations(["flex", "activity"])), ids="-".join)
def files_in_both_orders(request):
    return [*request.param, *request.param]


def held() -> object:
    return sum(lot.signed_quantity for lot in OpenLot.objects.all())


@pytest.mark.parametrize("contracts", [CONTRACTS, ""], ids=["with conid", "without"])
@pytest.mark.parametrize(
    "files", list(permutations(["flex", "activity", "activity with another"], 2))
)
def test_one_fill_in_two_formats_counts_once(workspace, files, contracts):
    texts = {
        "flex": flex("101"),
        "activity": activity(BOUGHT, contracts=contracts),
        "activity with another": activity(BOUGHT, LATER, contracts=contracts),
    }
    for name in [*files, *files]:
        import_now(workspace, texts[name])
    assert held() == (20 if "activity with another" in files else 10)


@pytest.mark.parametrize("order", list(permutations([0, 1, 2])))
def test_equal_fills_are_counted(workspace, order):
    """The activity statement has two of them, and so has the Flex query; later comes a query with a third."""
    files = [activity(BOUGHT, BOUGHT), flex("101", "102"), flex("101", "102", "103")]
    for place in order:
        import_now(workspace, files[place])
    assert held() == 30
    assert Execution.objects.count() == 3


def test_more_rows_than_ids_are_more_fills(workspace):
    import_now(workspace, flex("101"))
    import_now(workspace, activity(BOUGHT, BOUGHT))
    assert held() == 20
    import_now(workspace, flex("101", "102"))
    assert held() == 20


def test_what_is_known_is_not_written_again(workspace):
    import_now(workspace, flex("101"))
    import_now(workspace, activity(BOUGHT))
    reports = ExecutionReport.objects.count()
    import_now(workspace, activity(BOUGHT, LATER))
    assert ExecutionReport.objects.count() == reports + 1


@pytest.mark.parametrize(
    "changes",
    [
        {"dateTime": "20260602;093004"},
        {"tradePrice": "10.01"},
        {"quantity": "11"},
        {"conid": "7009", "symbol": "OTHER"},
        {"quantity": "-10", "buySell": "SELL"},
    ],
)
def test_what_differs_in_anything_is_another_fill(workspace, changes):
    import_now(workspace, flex("101", **changes))
    import_now(workspace, activity(BOUGHT))
    assert Execution.objects.count() == 2


def test_fills_of_one_file_are_never_joined_by_what_they_say(workspace):
    import_now(workspace, flex("101"))
    with_and_without = statement(
        trade(**WHEN | {"transactionID": "201", "tradeID": "5201"}),
        trade(**WHEN | {"transactionID": "", "tradeID": ""}),
    )
    import_now(workspace, with_and_without)
    # Its nameless row is the fill that was known, its named one is new.
    assert held() == 20


def test_the_order_of_an_activity_statement_gives_way_to_the_fills_of_a_query(workspace):
    order = 'Stocks,USD,ACME,"2026-06-02, 09:30:05",-,20,10,10,-200,-2,202,0,0,O'
    for texts in (activity(order, kind="Order"), flex("101", "102")):
        import_now(workspace, texts)
    assert held() == 20


def test_after_an_undo_the_other_file_still_counts(workspace):
    import_now(workspace, activity(BOUGHT))
    batch = import_now(workspace, flex("101"))
    undo(workspace, batch)
    assert held() == 10


@pytest.mark.parametrize("contracts", [CONTRACTS, ""], ids=["with conid", "without"])
def test_after_an_undo_of_what_it_was_joined_to_the_other_file_counts_once(workspace, contracts):
    batch = import_now(workspace, flex("101", "102"))
    statement_made = activity(BOUGHT, BOUGHT, LATER, contracts=contracts)
    import_now(workspace, statement_made)
    undo(workspace, batch)
    assert held() == 30
    import_now(workspace, statement_made)
    import_now(workspace, flex("101", "102"))
    assert held() == 30


ACTIONS = (
    "Corporate Actions,Header,Asset Category,Currency,Report Date,Date/Time,Description,Quantity,Proceeds,Value,"
    "Realized P/L,Code\n"
    'Corporate Actions,Data,Stocks,USD,2026-06-11,"2026-06-10, 20:25:00","ACME(US0000000001) Split 4 for 1 '
    '(ACME, ACME INC, US0000000001)",30,0,0,0,\n'
)
SPLIT = {
    "currency": "USD", "assetCategory": "STK", "symbol": "ACME", "conid": "7001", "isin": "US0000000001",
    "dateTime": "20260610;202500", "reportDate": "20260611", "quantity": "30", "proceeds": "0", "type": "FS",
    "transactionID": "900", "actionID": "77",
    "description": "ACME(US0000000001) SPLIT 4 FOR 1 (ACME, ACME INC, US0000000001)",
}  # fmt: skip
DIVIDENDS = (
    "Dividends,Header,Currency,Date,Description,Amount\n"
    "Dividends,Data,USD,2026-06-05,ACME(US0000000001) Cash Dividend USD 0.50 per Share (Ordinary Dividend),5\n"
)
DIVIDEND = {
    "currency": "USD", "assetCategory": "STK", "symbol": "ACME", "conid": "7001", "type": "Dividends", "amount": "5",
    "dateTime": "20260605;202000", "reportDate": "20260608", "settleDate": "20260605", "transactionID": "901",
}  # fmt: skip


def test_a_split_in_two_formats_happens_once(workspace, files_in_both_orders):
    files = {
        "flex": flex("101").replace(
            "</Trades>",
            f"</Trades><CorporateActions>{element('CorporateAction', SPLIT)}</CorporateActions>",
        ),
        "activity": activity(BOUGHT) + ACTIONS,
    }
    for name in files_in_both_orders:
        import_now(workspace, files[name])
    assert held() == 40


def test_a_payment_in_two_formats_is_one(workspace, files_in_both_orders):
    files = {
        "flex": statement(element("CashTransaction", DIVIDEND), section="CashTransactions"),
        "activity": activity(BOUGHT) + DIVIDENDS,
    }
    for name in files_in_both_orders:
        import_now(workspace, files[name])
    assert CashReport.objects.count() == 1


def test_equal_payments_are_counted(workspace):
    twice = DIVIDENDS + DIVIDENDS.splitlines()[1] + "\n"
    import_now(
        workspace, statement(element("CashTransaction", DIVIDEND), section="CashTransactions")
    )
    import_now(workspace, activity(BOUGHT) + twice)
    assert CashReport.objects.count() == 2


def test_after_an_undo_the_other_file_s_payment_counts(workspace):
    batch = import_now(workspace, activity(BOUGHT) + DIVIDENDS)
    import_now(
        workspace, statement(element("CashTransaction", DIVIDEND), section="CashTransactions")
    )
    undo(workspace, batch)
    assert CashReport.objects.filter(batch__withdrawn_at=None).count() == 1


def test_a_trade_that_was_cancelled_and_booked_anew_is_one_in_two_formats(
    workspace, files_in_both_orders
):
    anew = BOUGHT.replace("-1,101", "-2,102")
    cancelled = BOUGHT.replace("NYSE,10,10,10,-100,-1,101", "NYSE,-10,10,10,100,1,-101")[:-1] + "Ca"
    taken_back = {
        "transactionID": "102", "tradeID": "5102", "transactionType": "TradeCancel", "buySell": "BUY (Ca.)",
        "quantity": "-10", "notes": "Ca", "origTradeID": "5101", "ibCommission": "1",
    }  # fmt: skip
    files = {
        "flex": statement(
            trade(**WHEN | {"transactionID": "101", "tradeID": "5101"}),
            trade(**WHEN | taken_back),
            trade(**WHEN | {"transactionID": "103", "tradeID": "5103", "ibCommission": "-2"}),
        ),
        "activity": activity(BOUGHT, cancelled, anew),
    }
    for name in files_in_both_orders:
        import_now(workspace, files[name])
    assert held() == 10


def unnamed(day: int, fee: int) -> str:
    """A statement that was made on this day of June and does not say whose it is."""
    bought = BOUGHT.replace("-100,-1,101", f"-100,-{fee},{100 + fee}")
    made = f'Statement,Data,WhenGenerated,"2026-06-{day:02}, 10:00:00 EDT"\n'
    nameless = HEAD.replace("Account Information,Data,Account,U7000001\n", made)
    return activity(bought).replace(HEAD, nameless)


@pytest.mark.parametrize("order", list(permutations([0, 1, 2])))
def test_what_was_said_last_counts_in_files_that_name_no_account_too(workspace, order):
    files = [unnamed(5, fee=1), unnamed(12, fee=2), unnamed(20, fee=1)]
    for place in order:
        import_now(workspace, files[place], account_number="U7000001")
    assert Execution.objects.get().fee == 1
