"""The book is what the files say together, whatever order they come in, and however many at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest
from django.db import connection
from django_scopes import scope
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journal import tasks
from journal.models import ImportState, Instrument, Trade
from journal.services import imports
from tests import people
from tests.brokers.ibkr_flex.flex import element, statement, trade
from tests.doors import book_of, import_now, receive
from tests.effort import examples
from tests.unit.journal.corpus import ROOT

CORPUS = ROOT / "../shared/data/ibkr_flex"


def month(*fills: tuple[int, str, str]) -> str:
    """A statement with fills of the form (number, signed quantity, price); its number is its minute."""
    return statement(
        *(
            trade(
                transactionID=str(1000 + number),
                tradeID=str(number),
                dateTime=f"20260602;{9 + number // 60:02d}{number % 60:02d}00",
                quantity=quantity,
                tradePrice=price,
                buySell="SELL" if quantity.startswith("-") else "BUY",
            )
            for number, quantity, price in fills
        )
    )


FILES = (
    month((31, "10", "10"), (32, "-4", "11")),
    month((32, "-4", "11"), (33, "-6", "12"), (34, "-5", "13")),
    month((35, "5", "9"), (36, "3", "8"), (33, "-6", "12")),
)


@pytest.mark.django_db
def test_three_overlapping_files_make_the_same_book_in_every_order():
    books = []
    for number, order in enumerate(permutations(FILES)):
        workspace = people.owner(f"p{number}@example.org", workspace_name=f"P{number}").workspace
        for content in order:
            assert import_now(workspace, content).state == ImportState.DONE
        books.append(book_of(workspace))
    assert len(books[0]["executions"]) == 6
    assert all(book == books[0] for book in books)


@pytest.mark.django_db
@settings(max_examples=examples(8), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_cutting_a_history_into_files_at_random_makes_the_same_book(data):
    fills = [(n, str((-1) ** n * (1 + n % 3)), str(10 + n % 5)) for n in range(12)]
    whole = people.owner("whole@example.org", workspace_name="Whole").workspace
    if not book_of(whole)["executions"]:
        import_now(whole, month(*fills))
    sizes = data.draw(st.lists(st.integers(1, 12), min_size=1, max_size=4))
    parts = [fills[max(0, 6 - size) : size] for size in sizes] + [fills[size:] for size in sizes]
    parts = [part for part in parts if part]
    missing = [fill for fill in fills if not any(fill in part for part in parts)]
    order = data.draw(st.permutations([*parts, *([missing] if missing else [])]))
    name = f"cut-{abs(hash(str(order)))}"
    cut = people.owner(f"{name}@example.org", workspace_name=name).workspace
    for part in order:
        import_now(cut, month(*part))
    assert book_of(cut) == book_of(whole)


@pytest.mark.django_db
def test_the_files_of_other_projects_make_the_same_book_backwards():
    files = sorted(CORPUS.glob("pp_*.xml"))
    if not files:
        pytest.skip("The corpus of Flex files is not at hand: set FILLBOOK_CORPUS.")
    forth = people.alice().workspace
    back = people.charlie().workspace
    for path in files:
        import_now(forth, path.read_bytes(), name=path.name)
    for path in reversed(files):
        import_now(back, path.read_bytes(), name=path.name)
    ours, theirs = book_of(forth), book_of(back)
    for kind, rows in ours.items():
        assert rows == theirs[kind], kind
    assert ours["trades"]


@pytest.mark.django_db(transaction=True)
def test_two_files_at_once_on_one_account_are_safe():
    workspace = people.alice().workspace
    batches = [receive(workspace, content) for content in (*FILES, FILES[0])]
    with scope(workspace=workspace):
        for batch in batches:
            imports.confirm_import(batch)

    def work(batch_id: int) -> None:
        try:
            tasks.run_import(batch_id)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        # Every task is delivered twice, as a broker may do.
        list(pool.map(work, [batch.pk for batch in batches] * 2))
    with scope(workspace=workspace):
        for batch in batches:
            batch.refresh_from_db()
    assert {batch.state for batch in batches} == {ImportState.DONE}
    assert sum(batch.result["accounts"][0]["executions"]["new"] for batch in batches) == 6
    alone = people.charlie().workspace
    for content in FILES:
        import_now(alone, content)
    assert book_of(workspace) == book_of(alone)


DIVIDEND = statement(
    element(
        "CashTransaction",
        {
            "accountId": "U7000001", "currency": "USD", "fxRateToBase": "1", "assetCategory": "STK",
            "symbol": "ACME", "conid": "7001", "dateTime": "20260520;202000", "amount": "7",
            "type": "Dividends", "transactionID": "900", "description": "ACME CASH DIVIDEND",
        },
    ),
    section="CashTransactions",
)  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("dividend_first", [True, False])
def test_a_dividend_in_another_currency_does_not_decide_what_the_shares_trade_in(dividend_first):
    workspace = people.alice().workspace
    bought = statement(trade(currency="EUR", fxRateToBase="1.1"))
    files = [DIVIDEND, bought] if dividend_first else [bought, DIVIDEND]
    for content in files:
        assert import_now(workspace, content).state == ImportState.DONE
    with scope(workspace=workspace):
        assert [one.key for one in Instrument.objects.all()] == ["stock|ACME|EUR"]
        assert Trade.objects.get().currency == "EUR"
    assert len(book_of(workspace)["cash"]) == 1
