"""What Alice has, one of each thing that a route can name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django_scopes import scope

from accounts.roles import Role
from accounts.scopes import Scope
from accounts.services.assistants import let_in, register_program
from accounts.services.invitations import invite
from journal.brokers.fetchers import get_fetcher
from journal.models import (
    BrokerAccount,
    DataIssue,
    DecisionLink,
    Execution,
    ExecutionReport,
    ImportBatch,
    Instrument,
    Order,
    Plan,
    Recommendation,
    Trade,
    WebhookDelivery,
)
from journal.services.alerts.channels import create_channel, write_test
from journal.services.annotations import add_note, tag_trade
from journal.services.bridges.connecting import connect_bridge
from journal.services.corrections import correct_fill
from journal.services.prices.storing import SeriesName, store_bars
from journal.services.pulls.asking import ask_pull
from journal.services.pulls.connections import create_connection
from journal.services.recommendations.links import make_link
from journal.services.webhooks.endpoints import create_endpoint
from journal.services.webhooks.endpoints import write_test as write_webhook_test
from tests import people
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.captures import book, order
from tests.doors import import_now
from tests.web.learning.whole import learnt
from tests.web.reconciliation import rows as reconciled
from tests.web.reconciliation.whole import one_of_each

SECRET = "ZSECRET"
ACCOUNT = "U7654321"
# What the API has under `pk`, by what pages call it.
SAME = {
    "connections": "connection_id", "pulls": "pull_id", "accounts": "account_id", "executions": "execution_id",
    "orders": "order_id", "recommendations": "reference", "trades": "trade_id", "notes": "note_id", "plans": "plan_id",
    "prices": "series_id", "imports": "batch_id", "alerts": "alert_id", "webhooks": "endpoint_id",
}  # fmt: skip


@dataclass(frozen=True)
class Numbers:
    """What Alice has, by the name that a route gives it. `pk` in the API means what the route is about."""

    named: dict[str, Any]
    api: dict[str, Any]

    def of(self, address: str, name: str) -> Any:
        source, key = (self.api, api_kind(address)) if name == "pk" else (self.named, name)
        assert key in source, f"/{address}: add a number of Alice's for “{key}” here"
        return source[key]


def api_kind(address: str) -> str:
    if address.startswith("api/trades/import"):
        return "imports"
    parts = address.split("/")
    if parts[1] == "learning" and parts[2] != "runs":
        return parts[2]
    return parts[2] if parts[1] == "reconciliation" or parts[2] == "changes" else parts[1]


def reconciled_numbers(account: BrokerAccount) -> dict[str, int]:
    heard = reconciled.snapshot(account)
    reconciled.position(heard, SECRET)
    reconciled.entry(account, symbol=SECRET, message=SECRET)
    differs = reconciled.divergence(account, symbol=SECRET, evidence=[SECRET])
    guard, version, lock = reconciled.guard(account, SECRET)
    return {
        "snapshot_id": heard.pk,
        "divergence_id": differs.pk,
        "guard_id": guard.pk,
        "version_id": version.pk,
        "lock_id": lock.pk,
    }


def a_delivery(membership) -> WebhookDelivery:
    endpoint, _ = create_endpoint(
        membership, address="https://1.1.1.1/x", name=SECRET, events=["guard.fired"]
    )
    return write_webhook_test(endpoint)


def reported(who) -> ImportBatch:
    """A statement, an order, a proposal and a plan."""
    file = statement(
        trade(symbol=SECRET, transactionID="1"),
        trade(symbol=SECRET, transactionID="2", quantity="ten"),
        account=ACCOUNT,
    )
    batch = import_now(who.workspace, file, name=f"{SECRET}.xml")
    client = people.bot(who.alice)
    client.post("/api/orders", order(account=ACCOUNT, symbol=SECRET, client_order_id=SECRET))
    proposal = {"account": ACCOUNT, "symbol": SECRET, "record_id": "rec-1", "reason": SECRET}
    client.post("/api/recommendations", proposal)
    client.post("/api/plans", {"account": ACCOUNT, "symbol": SECRET, "plan_id": SECRET})
    book(who.workspace)
    return batch


def let_in_numbers(who) -> dict[str, Any]:
    token, _ = people.token(who.alice)
    program = register_program(who.alice.user, name=SECRET, redirect_uri="https://a.example/back")
    assistant = let_in(who.alice, program, [Scope.JOURNAL_READ])
    invitation, secret = invite(who.workspace, email="dora@example.org", role=Role.VIEWER)
    return {
        "token_id": token.pk,
        "assistant_id": assistant.pk,
        "membership_id": who.bob.pk,
        "invitation_id": invitation.pk,
        "workspace_id": who.workspace.pk,
        "token": f"{secret[:-4]}xxxx",
    }


def said_numbers(who) -> dict[str, Any]:
    """What people said of the one trade there is."""
    held, execution = Trade.objects.get(), Execution.objects.get()
    note = add_note(held, text=SECRET, author_id=who.alice.user_id)
    tag = tag_trade(held, name=SECRET, author_id=who.alice.user_id)
    correction = correct_fill(
        execution, kind="amend", changes={"price": "11"}, reason=SECRET, author_id=None
    )
    return {
        "trade_id": held.pk,
        "execution_id": execution.pk,
        "note_id": note.pk,
        "tag_id": tag.pk,
        "correction_id": correction.pk,
    }


def told_numbers(who) -> dict[str, Any]:
    """How people and programs are told, and a link by which somebody decides."""
    channel = create_channel(
        who.alice, kind="service", name=SECRET, address="tgram://123456789:abcdefg_hijklmnop/1/", topics=[]
    )  # fmt: skip
    delivery = a_delivery(who.alice)
    link = make_link(Recommendation.objects.get(), who.alice.user)
    return {
        "channel_id": channel.pk,
        "alert_id": write_test(channel).pk,
        "endpoint_id": delivery.endpoint_id,
        "delivery_id": delivery.pk,
        "link_id": DecisionLink.objects.get().pk,
        "secret": f"{link[:-4]}xxxx",
    }


def fetched_numbers(workspace_id: int) -> dict[str, Any]:
    credentials = {"token": SECRET, "query_id": "1"}
    connection = create_connection(
        workspace_id, get_fetcher("ibkr_flex"), credentials, user_id=None, name=SECRET
    )
    series = store_bars(workspace_id, SeriesName(SECRET, 60, "test"), []).series
    return {
        "connection_id": connection.pk,
        "pull_id": ask_pull(connection).pk,
        "series_id": series.pk,
    }


def numbers_of(who) -> Numbers:
    """One of each thing, made for Alice's workspace."""
    batch, workspace_id = reported(who), who.workspace.pk
    named = let_in_numbers(who)
    with scope(workspace=who.workspace):
        account = BrokerAccount.objects.get()
        bridge, _ = connect_bridge(workspace_id, name=SECRET, user_id=None)
        named |= {
            **said_numbers(who),
            **fetched_numbers(workspace_id),
            **told_numbers(who),
            **reconciled_numbers(account),
            "account_id": account.pk,
            "batch_id": batch.pk,
            "issue_id": DataIssue.objects.filter(batch=batch).first().pk,
            "order_id": Order.objects.get().pk,
            "plan_id": Plan.objects.get().pk,
            "report_id": ExecutionReport.objects.get().pk,
            "reference": Recommendation.objects.get().pk,
        }
        api = {
            **one_of_each(account, SECRET),
            **{kind: named[name] for kind, name in SAME.items()},
            "mt5": bridge.pk,
            "instruments": Instrument.objects.get().pk,
            **learnt(workspace_id, SECRET),
        }
    return Numbers(named | {"claim_id": api["claims"], "period_report_id": api["reports"]}, api)
