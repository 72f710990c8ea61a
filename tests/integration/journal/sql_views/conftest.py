from __future__ import annotations

import pytest
from django_scopes import scope

from journal.services.reporting import grant_role
from tests import people
from tests.brokers.ibkr_flex.flex import statement
from tests.captures import account_of, book, bot, fill, order
from tests.doors import import_now
from tests.integration.journal.sql_views.asking import ROLE
from tests.web.journal.books import fills, import_small
from tests.web.reconciliation.whole import one_of_each


@pytest.fixture
def who():
    """Alice has statements, a bot's bracket and an account that a bot made; Charlie has a book of his own."""
    who = people.everybody()
    import_small(who.workspace)
    lost = fills(("20260710;093001", "LOST", "-5", "10"), start=90, openCloseIndicator="C")
    import_now(who.workspace, statement(*lost))
    account = account_of(who.workspace)
    with scope(workspace=who.workspace):
        one_of_each(account)
    client = bot(who.alice)
    a_bracket(client)
    what_was_proposed(client)
    a_spread(client)
    book(who.workspace)
    strange = fills(("20260602;093001", "STRANGE", "1", "1"), ("20260603;093001", "STRANGE", "-1", "5"))  # fmt: skip
    import_now(who.charlie.workspace, statement(*strange, account="U9"))
    return who


def a_bracket(client) -> None:
    client.post("/api/orders/batch", {"orders": [
        order(order_id="77", role="entry", symbol="ROBO", side="buy", quantity="10", limit_price="25.50",
              recommendation_id="rec-1"),
        order(status="filled", filled_quantity="10", average_price="25.5", at="2026-06-02T13:30:01Z"),
        order(client_order_id="my-2", parent_id="my-1", role="stop_loss", symbol="ROBO", side="sell", quantity="10",
              stop_price="24", at="2026-06-02T13:30:02Z"),
        order(client_order_id="my-2", status="modified", stop_price="24.5", at="2026-06-02T13:31:00Z"),
        order(client_order_id="my-2", status="modified", stop_price="25", at="2026-06-02T13:32:00Z"),
    ]})  # fmt: skip
    client.post("/api/executions", fill(symbol="ROBO", exec_id="x-1", order_id="77", fee="1"))


def what_was_proposed(client) -> None:
    told = {
        "record_id": "rec-1", "symbol": "ROBO", "side": "buy", "probability": "0.6", "features": {"iv_rank": "68.5"},
        "scanner": "breakouts",
    }  # fmt: skip
    late = {"record_id": "rec-2", "symbol": "LATE"}
    client.post("/api/recommendations", told)
    client.post("/api/recommendations/batch", {"recommendations": [late]})
    ends = "2026-06-03T00:00:00Z"
    client.post("/api/plans", {"plan_id": "over", "symbol": "LATE", "expires_at": ends})


def a_spread(client) -> None:
    plan = {"plan_id": "spread", "symbol": "OPTX", "side": "sell", "expires_at": "2026-06-03T00:00:00Z"}  # fmt: skip
    client.post("/api/plans", plan)
    legs = [
        fill(
            symbol=f"OPTX  260717P{strike}", underlying="OPTX", asset_class="option", right="put", strike=strike,
            expiry_on="2026-07-17", multiplier="100", side=side, quantity="2", price=price, exec_id=strike,
            plan_id="spread",
        )
        for strike, side, price in (("00100", "sell", "3"), ("00095", "buy", "1"))
    ]  # fmt: skip
    client.post("/api/executions/batch", {"executions": legs})


@pytest.fixture
def reader(who):
    with scope(workspace=who.workspace):
        grant_role(who.workspace.pk, ROLE)
    return ROLE
