"""Orders on pages: the list, one order with its whole life, and what stood behind a trade."""

from __future__ import annotations

import re

import pytest
from django_scopes import scope

from journal.models import ImportBatch, Order, Trade
from tests import people
from tests.brokers.ibkr_flex.flex import statement
from tests.captures import ACCOUNT, account_of, book, bot, fill, order
from tests.doors import import_now, undo
from tests.web.journal.books import fills
from tests.web.journal.test_dashboard import words

pytestmark = pytest.mark.django_db

ORDERS_QUERIES = 15
ORDER_QUERIES = 22
TRADE_QUERIES = 43


def at(clock: str) -> str:
    return f"2026-06-02T{clock}Z"


def bracket(
    number: int = 1, *, symbol: str = "ACME", source: str = "chat"
) -> list[dict[str, object]]:
    """An entry, its stop that is moved twice and then hit, and its target that the stop cancels."""
    key = f"b{number}"
    more = {"symbol": symbol, "quantity": "10", "source": source}
    exits = {**more, "side": "sell", "parent_id": key, "group_id": f"oca-{key}"}
    return [
        order(client_order_id=key, order_id=f"77{number}", role="entry", side="buy", order_type="limit", limit_price="25.50",
              plan_id="plan-9", recommendation_id="rec-1", at=at("13:30:00"), **more),
        order(client_order_id=f"{key}-sl", role="stop_loss", order_type="stop", stop_price="24", at=at("13:30:02"), **exits),
        order(client_order_id=f"{key}-tp", role="take_profit", order_type="limit", limit_price="28", at=at("13:30:02"), **exits),
        order(client_order_id=key, status="filled", filled_quantity="10", average_price="25.49", at=at("13:30:01")),
        order(client_order_id=f"{key}-sl", status="modified", stop_price="24.50", at=at("13:40:00")),
        order(client_order_id=f"{key}-sl", status="modified", stop_price="25", at=at("13:50:00")),
        order(client_order_id=f"{key}-sl", status="filled", filled_quantity="10", average_price="24.98", at=at("14:00:00")),
        order(client_order_id=f"{key}-tp", status="cancelled", reason="The other leg was filled", at=at("14:00:01")),
    ]  # fmt: skip


def fills_of(number: int = 1, *, symbol: str = "ACME") -> list[dict[str, object]]:
    # The exit names its order by its sender's id alone.
    return [
        fill(symbol=symbol, exec_id=f"x{number}-1", order_id=f"77{number}", price="25.49", source="chat", fee="1"),
        fill(symbol=symbol, exec_id=f"x{number}-2", client_order_id=f"b{number}-sl", side="sell", price="24.98",
             executed_at=at("14:00:00"), fee="1"),
    ]  # fmt: skip


def report(who, orders, executions=()) -> None:
    client = bot(who.alice)
    for kind, rows in (("orders", orders), ("executions", executions)):
        if rows:
            answer = client.post(f"/api/{kind}/batch", {kind: list(rows)}).json()
            assert {one["status"] for one in answer["results"]} == {"created"}, answer
    book(who.workspace)


@pytest.fixture
def who():
    who = people.everybody()
    account_of(who.workspace)
    return who


@pytest.fixture
def alice(who):
    return people.browser(who.alice)


def get(workspace, client_order_id: str) -> Order:
    with scope(workspace=workspace):
        return Order.objects.get(client_order_id=client_order_id)


def listed(response) -> list[int]:
    assert response.status_code == 200
    page = response.content.decode()
    return [int(id_) for id_ in re.findall(r'row-link" href="/orders/(\d+)"', page)]


def names(workspace, response) -> set[str]:
    with scope(workspace=workspace):
        return set(Order.objects.filter(pk__in=listed(response)).values_list("client_order_id", flat=True))  # fmt: skip


def test_without_orders_one_is_told_how_a_bot_reports(alice):
    page = words(alice.get("/orders"))
    assert "No orders yet" in page
    assert "capture:write" in page
    assert "http://testserver/api/orders" in page
    assert 'href="/settings/tokens"' in alice.get("/orders").content.decode()


def test_the_list_shows_terms_state_and_moves(who, alice):
    report(who, bracket())
    response = alice.get("/orders")
    assert len(listed(response)) == 3
    text = words(response)
    assert "ACME Stop loss Chat Sell 10 stop – 25.00 2× 10 24.98 Filled" in text
    assert "ACME Take profit Chat Sell 10 limit 28.00 – – – Cancelled" in text
    assert "ACME Entry Chat Buy 10 limit 25.50 – 10 25.49 Filled" in text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"symbol": "bolt"}, {"b2", "b2-sl", "b2-tp"}),
        ({"text": "BOLT"}, {"b2", "b2-sl", "b2-tp"}),
        ({"text": "b1-sl"}, {"b1-sl"}),
        ({"text": "772"}, {"b2"}),
        ({"text": "nothing"}, set()),
        ({"role": "take_profit"}, {"b1-tp", "b2-tp"}),
        ({"status": "cancelled"}, {"b1-tp", "b2-tp"}),
        ({"is_open": "true"}, {"late"}),
        ({"is_open": "false", "role": "entry"}, {"b1", "b2"}),
        ({"source": "scanner"}, {"b2", "b2-sl", "b2-tp"}),
        ({"source": "bot"}, {"late"}),
        ({"start": "2026-06-03"}, {"late"}),
        ({"end": "2026-06-02", "role": "entry"}, {"b1", "b2"}),
        ({"start": "2026-06-02", "end": "2026-06-02", "source": "bot"}, set()),
    ],
)
def test_filters_leave_what_fits(who, alice, query, expected):
    late = order(client_order_id="late", symbol="LATE", side="buy", at="2026-06-03T00:00:00Z")
    report(who, [*bracket(1), *bracket(2, symbol="BOLT", source="scanner"), late])
    response = alice.get("/orders", query)
    assert names(who.workspace, response) == expected
    assert response.content.decode().count("Take this filter away") == (
        len(query) - ({"start", "end"} <= query.keys())
    )


def test_the_account_of_the_lens_narrows_the_list(who, alice):
    other = account_of(who.workspace, "U2")
    report(who, [*bracket(), order(client_order_id="else", account="U2", symbol="ELSE")])
    assert len(listed(alice.get("/orders"))) == 4
    assert "U2" in words(alice.get("/orders"))
    assert names(who.workspace, alice.get("/orders", {"accounts": other.pk})) == {"else"}
    assert names(who.workspace, alice.get("/orders")) == {"else"}


def test_pages_walk_every_order_once(who, alice):
    report(who, [order(client_order_id=f"o{n:03}", symbol="ACME", at=at("13:30:00")) for n in range(120)])  # fmt: skip
    page, walked = alice.get("/orders"), []
    while True:
        walked += listed(page)
        following = re.search(r'href="([^"]+)" rel="next"', page.content.decode())
        if following is None:
            break
        page = alice.get(following[1].replace("&amp;", "&"))
    assert len(walked) == len(set(walked)) == 120


def test_an_order_shows_its_life_its_fills_and_what_is_with_it(who, alice):
    proposal = {
        "record_id": "rec-1",
        "symbol": "ACME",
        "strategy": "breakout",
        "account": ACCOUNT,
        "stop_price": "24",
    }
    bot(who.alice).post("/api/recommendations", proposal)
    report(who, bracket(), fills_of())
    stop = get(who.workspace, "b1-sl")
    response = alice.get(f"/orders/{stop.pk}")
    text = words(response)
    assert "Stop 24.00" in text
    assert "Stop 24.00 → 24.50" in text
    assert "Stop 24.50 → 25.00" in text
    assert "terms moved 2 times" in text
    assert "Filled 10 at 24.98" in text
    assert "Buy 10 limit 25.50 Protects Filled" in text
    assert "Sell 10 limit 28.00 One cancels the other Cancelled" in text
    assert re.search(r"2 Jun 2026|02 Jun 2026", text)
    # By its sender's id alone the fill was found.
    assert "Nothing filled it" not in text
    with scope(workspace=who.workspace):
        trade = Trade.objects.get()
    assert f'href="/trades/{trade.pk}"' in response.content.decode()

    entry = words(alice.get(f"/orders/{get(who.workspace, 'b1').pk}"))
    assert "Protected by" in entry
    assert "plan-9" in entry
    assert "ACME breakout" in entry
    target = words(alice.get(f"/orders/{get(who.workspace, 'b1-tp').pk}"))
    assert "The other leg was filled" in target
    assert "Nothing filled it" in target


def test_a_fill_that_a_statement_states_now_still_belongs_to_its_order(who, alice):
    """The bot's report names the order by its own id; the statement, whose figures count, by the broker's."""
    report(who, [order(client_order_id="mine", symbol="ACME", side="buy", quantity="10")], [
        fill(exec_id="0000d514.01", client_order_id="mine", price="10", executed_at="2026-06-02T13:30:01Z"),
    ])  # fmt: skip
    rows = fills(("20260602;093001", "ACME", "10", "10"), ibExecID="0000d514.01", ibOrderID="555")
    import_now(who.workspace, statement(*rows, account=ACCOUNT))
    with scope(workspace=who.workspace):
        trade = Trade.objects.get()
    assert "Nothing filled it" not in words(alice.get(f"/orders/{get(who.workspace, 'mine').pk}"))
    assert "Orders" in words(alice.get(f"/trades/{trade.pk}")).split("Notes")[0]


def test_a_trade_shows_its_orders_with_the_way_of_the_stop(who, alice):
    report(who, [*bracket(1), *bracket(2, symbol="BOLT")], [*fills_of(1), *fills_of(2, symbol="BOLT")])  # fmt: skip
    with scope(workspace=who.workspace):
        trade = Trade.objects.get(symbol="ACME")
    response = alice.get(f"/trades/{trade.pk}")
    text = words(response)
    assert "Entry Chat Buy 10 25.50 – 10 at 25.49" in text
    assert "Stop loss Chat Sell 10 – 24.00 → 24.50 → 25.00 10 at 24.98" in text
    assert "Take profit Chat Sell 10 28.00 – –" in text
    assert len(set(re.findall(r'href="/orders/(\d+)"', response.content.decode()))) == 3
    # By whom each fill came about, beside the words that only a phone shows.
    assert "Buy 10 at 25.49 Chat" in text
    assert "Sell 10 at 24.98 Bot" in text


def test_what_was_undone_ties_no_order_to_a_trade(who, alice):
    import_now(who.workspace, statement(*fills(("20260602;093001", "ACME", "10", "10"), ibExecID="0000d514.01"), account=ACCOUNT))  # fmt: skip
    report(who, [order(client_order_id="mine", symbol="ACME", at="2026-06-02T13:30:00Z")])
    report(who, [], [fill(exec_id="0000d514.01", client_order_id="mine", price="10", executed_at="2026-06-02T13:30:01Z", source="chat")])  # fmt: skip
    with scope(workspace=who.workspace):
        trade = Trade.objects.get()
        told = ImportBatch.objects.get(reported_by="chat")
    assert "orders-card" in alice.get(f"/trades/{trade.pk}").content.decode()
    undo(who.workspace, told)
    assert "orders-card" not in alice.get(f"/trades/{trade.pk}").content.decode()


def test_what_an_import_reported_is_found_when_another_counts_too(who, alice):
    report(who, [], [fill(exec_id="0000d514.01", price="10", executed_at="2026-06-02T13:30:01Z")])
    import_now(who.workspace, statement(*fills(("20260602;093001", "ACME", "10", "10"), ibExecID="0000d514.01"), account=ACCOUNT))  # fmt: skip
    with scope(workspace=who.workspace):
        batches = list(ImportBatch.objects.values_list("pk", flat=True))
        trade = Trade.objects.get()
    assert len(batches) == 2
    for batch in batches:
        assert f"/trades/{trade.pk}" in alice.get("/trades", {"batch": batch}).content.decode()


def test_an_order_of_which_only_an_id_is_known(who, alice):
    report(who, [order(client_order_id="bare", status="cancelled")])
    assert "bare" in words(alice.get("/orders"))
    assert "Nobody stated the quantity" in alice.get("/orders").content.decode()
    assert alice.get(f"/orders/{get(who.workspace, 'bare').pk}").status_code == 200


@pytest.mark.parametrize("query", [{"cursor": "x"}, {"start": "yesterday"}, {"status": "done"}])
def test_what_cannot_be_understood_is_a_sentence(who, alice, query):
    report(who, bracket())
    assert alice.get("/orders", query).status_code in (200, 422)


def test_queries_do_not_grow_with_orders(who, alice, django_assert_max_num_queries):
    rows = [one for number in range(1, 21) for one in bracket(number)]
    report(who, rows, [one for number in range(1, 21) for one in fills_of(number)])
    alice.get("/orders")
    with django_assert_max_num_queries(ORDERS_QUERIES):
        alice.get("/orders")
    with django_assert_max_num_queries(ORDER_QUERIES):
        alice.get(f"/orders/{get(who.workspace, 'b7-sl').pk}")
    with scope(workspace=who.workspace):
        trade = Trade.objects.order_by("pk").first()
    with django_assert_max_num_queries(TRADE_QUERIES):
        alice.get(f"/trades/{trade.pk}")
