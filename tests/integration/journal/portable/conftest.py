from __future__ import annotations

import pytest
from django_scopes import scope

from accounts.roles import Role
from journal.brokers.fetchers import get_fetcher
from journal.models import BrokerAccount, DataIssue, Execution, Trade
from journal.services.annotations import add_note, tag_trade
from journal.services.corrections import correct_fill
from journal.services.issues import dismiss_issue
from journal.services.pulls.connections import create_connection
from learning.services import symbols, versions
from learning.services.asking import ask
from tests import people
from tests.brokers.ibkr_flex.flex import statement
from tests.captures import ACCOUNT, account_of, book, bot, fill, order
from tests.doors import import_now, undo
from tests.integration.journal.portable.archives import SECRET
from tests.web.journal.books import fills, import_small
from tests.web.learning import whole
from tests.web.reconciliation.whole import one_of_each


@pytest.fixture
def who():
    """Alice's book has statements, one that was undone, a bot's orders, plans and proposals, and what people said."""
    who = people.everybody(bob_as=Role.TRADER)
    workspace = who.workspace
    import_small(workspace)
    lost = fills(("20260710;093001", "LOST", "-5", "10"), start=90, openCloseIndicator="C")
    import_now(workspace, statement(*lost))
    undone = fills(("20260711;093001", "UNDONE", "5", "10"), start=95)
    undo(workspace, import_now(workspace, statement(*undone)))
    a_bot(who)
    book(workspace)
    with scope(workspace=workspace):
        said_by_people(who)
        learnt(who)
        one_of_each(BrokerAccount.objects.first())
        secrets_of(who)
    return who


def a_bot(who) -> None:
    account_of(who.workspace)
    client = bot(who.alice)
    client.post("/api/orders/batch", {"orders": [
        order(order_id="77", role="entry", symbol="ROBO", side="buy", quantity="10", limit_price="25.50",
              recommendation_id="rec-1"),
        order(status="filled", filled_quantity="10", average_price="25.5", at="2026-06-02T13:30:01Z"),
    ]})  # fmt: skip
    client.post("/api/executions", fill(symbol="ROBO", exec_id="x-1", order_id="77", fee="1.10"))
    client.post(
        "/api/recommendations",
        {"record_id": "rec-1", "symbol": "ROBO", "side": "buy", "probability": "0.60", "features": {"iv_rank": "68.50"}},
    )  # fmt: skip
    client.post("/api/plans", {"plan_id": "later", "symbol": "LATE", "account": ACCOUNT, "stop_price": "9.50"})  # fmt: skip


def said_by_people(who) -> None:
    held = Trade.objects.get(symbol="ACME", closed_at__isnull=False)
    add_note(held, text="Waited too long.", author_id=who.alice.user_id)
    tag_trade(held, name="late", author_id=who.bob.user_id)
    fill_of = Execution.objects.filter(leg__trade=Trade.objects.get(symbol="BOLT")).first()
    correct_fill(fill_of, kind="amend", changes={"fee": "2.125"}, reason="Rebate", author_id=who.alice.user_id)  # fmt: skip
    for issue in DataIssue.objects.all():
        dismiss_issue(issue, reason="Known", author_id=who.alice.user_id)


def learnt(who) -> None:
    versions.change_settings(who.alice, start={"iv_rank_min": 40})
    ask(who.workspace.pk, "token:1", "scanner")
    whole.a_claim(who.workspace.pk, "ACME")
    symbols.put(who.alice, "ACME", "reduced", reason="Too wild")


def secrets_of(who) -> None:
    create_connection(
        who.workspace.pk, get_fetcher("ibkr_flex"), {"token": SECRET, "query_id": "1"}, user_id=None
    )
