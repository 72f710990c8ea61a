"""Several files report one fill, and do not say the same of it: what each leaves open, and who was the last to speak."""

from __future__ import annotations

from decimal import Decimal as D
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django_scopes import scope
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.errors import Rejected
from journal.models import BrokerAccount, DataIssue, Execution
from journal.services import imports
from journal.services.verification import verify_account
from tests import people
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.doors import assert_one_book_in_any_order, book_of, import_now, receive, rows_of, undo
from tests.effort import examples


@pytest.fixture
def workspace(db):
    workspace = people.alice().workspace
    with scope(workspace=workspace.pk):
        yield workspace
        for account in BrokerAccount.objects.all():
            assert verify_account(account) == []


def costs() -> tuple[D, D, str]:
    booked = Execution.objects.get()
    return booked.fee, booked.tax, booked.fee_currency


# -- what a file does not state

COSTS = {"ibCommission": "-1.5", "taxes": "-0.25", "ibCommissionCurrency": "EUR"}
SILENT = dict.fromkeys(COSTS, "")


@pytest.mark.parametrize("silent_last", [True, False])
def test_a_file_without_costs_does_not_take_back_those_of_another(workspace, silent_last):
    files = [statement(trade(**COSTS)), statement(trade(**SILENT))]
    for content in files if silent_last else reversed(files):
        import_now(workspace, content)
    assert costs() == (D("1.5"), D("0.25"), "EUR")


@pytest.mark.parametrize("left_out", sorted(COSTS))
def test_each_of_the_columns_is_filled_from_another_file(workspace, left_out):
    import_now(workspace, statement(trade(**COSTS)))
    import_now(workspace, statement(trade(**COSTS | {left_out: ""})))
    assert costs() == (D("1.5"), D("0.25"), "EUR")


def test_a_commission_brings_its_own_currency(workspace):
    import_now(workspace, statement(trade(**COSTS)))
    import_now(workspace, statement(trade(ibCommission="", ibCommissionCurrency="USD")))
    assert costs() == (D("1.5"), D("0.25"), "EUR")


def test_costs_that_are_stated_as_nothing_later_are_nothing(workspace):
    import_now(workspace, said("20260701;023546", trade(**COSTS)))
    nothing = {"ibCommission": "0", "taxes": "0"}
    import_now(workspace, said("20260702;023546", trade(**COSTS | nothing)))
    assert costs() == (0, 0, "EUR")


def test_where_no_file_states_costs_there_are_none_and_the_import_says_so(workspace):
    batch = import_now(workspace, statement(trade(**SILENT)))
    assert costs() == (0, 0, "USD")
    (issue,) = DataIssue.objects.filter(batch=batch)
    assert (issue.code, issue.severity) == ("commission_missing", "warning")


def test_files_with_and_without_costs_make_the_same_book_in_any_order(db):
    sold = {"transactionID": "101", "quantity": "-10", "buySell": "SELL", "tradePrice": "12"}
    assert_one_book_in_any_order(
        [
            statement(trade(**COSTS), trade(**sold)),
            statement(trade(**COSTS | {"taxes": ""}), trade(**sold | SILENT)),
            statement(trade(**SILENT), trade(**sold | {"taxes": "-3"})),
        ]
    )


# -- who spoke last


def said(made: str, *rows: str, to: str = "20260630") -> str:
    """A statement of June that was made at that time, "" for not saying."""
    text = statement(*rows)
    return text.replace("20260701;023546", made).replace('toDate="20260630"', f'toDate="{to}"')


def priced(price: str, **more: str) -> str:
    return trade(tradePrice=price, **more)


FIRST = said("20260701;023546", priced("10"))
SECOND = said("20260702;023546", priced("11", ibCommission="-2"))
THIRD = said("20260703;023546", priced("10"))


@pytest.mark.parametrize("files", [(FIRST, SECOND), (SECOND, FIRST), (FIRST, SECOND, FIRST)])
def test_an_old_file_does_not_undo_what_a_newer_one_corrects(workspace, files):
    for content in files:
        import_now(workspace, content)
    booked = Execution.objects.get()
    assert (booked.price, booked.fee) == (11, 2)
    (issue,) = DataIssue.objects.filter(batch=None)
    assert (issue.code, issue.execution_id) == ("report_differs", booked.pk)
    assert "buy 10 at 10, then buy 10 at 11" in issue.message


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (said("", priced("10")), said("", priced("11"), to="20260731")),
        (said("20260701;023546", priced("10")), said("", priced("11"), to="20260731")),
        (said("", priced("10")), said("20260701;023546", priced("11"))),
    ],
    ids=["two periods", "a period after a moment", "a moment after a period"],
)
def test_a_statement_that_does_not_say_when_it_was_made_spoke_at_the_end_of_its_period(
    db, earlier, later
):
    for number, files in enumerate([(earlier, later), (later, earlier)]):
        workspace = people.owner(f"p{number}@example.org", workspace_name=f"P{number}").workspace
        with scope(workspace=workspace.pk):
            for content in files:
                import_now(workspace, content)
            assert Execution.objects.get().price == 11


def test_of_files_without_any_date_the_last_to_come_counts(workspace):
    for price in ("10", "11"):
        import_now(workspace, said("", priced(price), to=""))
    assert Execution.objects.get().price == 11


def test_two_statements_in_one_file_count_by_when_they_were_made(workspace):
    one, other = (text.split("<FlexStatement ", 1)[1] for text in (FIRST, SECOND))
    body = "<FlexStatement " + other.split("</FlexStatements>")[0] + "<FlexStatement " + one
    head = FIRST.split("<FlexStatement ")[0].replace('count="1"', 'count="2"')
    assert import_now(workspace, head + body).state == "done"
    assert Execution.objects.get().price == 11


def test_files_that_differ_make_the_same_book_in_any_order(db):
    assert_one_book_in_any_order([FIRST, SECOND, said("20260702;023546", priced("12"))])


def test_what_is_said_again_later_counts_again_in_any_order(db):
    assert_one_book_in_any_order([FIRST, SECOND, THIRD])


def test_a_newer_file_that_cannot_be_read_again_is_named(workspace):
    import_now(workspace, FIRST)
    newer = import_now(workspace, THIRD, name="newer.xml")
    default_storage.delete(newer.file.stored_as)
    refused = receive(workspace, SECOND)
    imports.confirm_import(refused)
    with pytest.raises(Rejected, match=r"newer\.xml.*gone from the file storage"):
        imports.run_import(refused)
    refused.refresh_from_db()
    assert (refused.state, refused.error_code) == ("failed", "newer_file_unusable")
    assert Execution.objects.get().price == 10
    import_now(workspace, THIRD)
    again = import_now(workspace, SECOND)
    assert (again.state, Execution.objects.get().price) == ("done", 10)


def test_a_confirm_that_comes_again_after_its_statement_adds_no_row(workspace):
    confirm = statement(
        trade("TradeConfirm", transactionID="", execID="E1"), section="TradeConfirms"
    )
    import_now(workspace, statement(trade(ibExecID="E1")))
    import_now(workspace, confirm)
    rows = rows_of(workspace)
    import_now(workspace, confirm)
    assert rows_of(workspace) == rows
    assert Execution.objects.count() == 1


# -- property: statements of any kind, in any order, some of them undone

VARIANTS = [
    {"tradePrice": "10"},
    {"tradePrice": "11"},
    {"tradePrice": "10", **SILENT},
    {"tradePrice": "10", "ibCommission": "-3", "fifoPnlRealized": "5"},
    {"tradePrice": "10", "ibCommission": "0", "cost": "7"},
]
WORDS = st.tuples(*[st.one_of(st.none(), st.sampled_from(VARIANTS))] * 2).filter(any)
STATEMENTS = st.lists(st.tuples(st.integers(1, 4), WORDS), min_size=2, max_size=6)


def made_of(day: int, words: tuple[dict[str, str] | None, ...]) -> str:
    rows = [
        trade(transactionID=str(number), dateTime=f"20260602;09300{number}", **row)
        for number, row in enumerate(words, 1)
        if row is not None
    ]
    return said(f"2026070{day};023546", *rows)


@pytest.mark.django_db
@settings(
    max_examples=examples(8),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(drawn=STATEMENTS, data=st.data())
def test_statements_that_differ_make_one_book_in_any_order(drawn, data):
    files = list(dict.fromkeys(made_of(*one) for one in drawn))
    undone = data.draw(st.sets(st.sampled_from(files), max_size=len(files) - 1))
    kept = [content for content in files if content not in undone]
    books = []
    for order, taken_back in ((kept, ()), (data.draw(st.permutations(files)), undone)):
        name = uuid4().hex
        workspace = people.owner(f"{name}@example.org", workspace_name=name).workspace
        batches = {content: import_now(workspace, content) for content in order}
        for content in taken_back:
            undo(workspace, batches[content])
        with scope(workspace=workspace.pk):
            told = DataIssue.objects.filter(batch=None).values_list("code", "message")
            books.append((book_of(workspace), sorted(told)))
            assert verify_account(BrokerAccount.objects.get()) == []
    assert books[0] == books[1]
