"""Bots that report over the API, and the book that comes of it."""

from __future__ import annotations

from typing import Any

from django_scopes import scope
from rest_framework.test import APIClient

from accounts.models import Membership, Workspace
from accounts.scopes import Scope
from journal.models import BrokerAccount
from journal.services.captures import booking
from tests import people

ACCOUNT = "U7654321"


def account_of(workspace: Workspace, number: str = ACCOUNT, **more: Any) -> BrokerAccount:
    with scope(workspace=workspace):
        account, _ = BrokerAccount.objects.get_or_create(
            workspace=workspace,
            broker=more.pop("broker", "ibkr"),
            broker_id=number,
            defaults={"base_currency": "USD", **more},
        )
    return account


def bot(membership: Membership, *, account: BrokerAccount | None = None) -> APIClient:
    """A client with a token that may report and read."""
    scopes = (Scope.CAPTURE_WRITE, Scope.JOURNAL_READ)
    return people.bot(membership, *scopes, account_id=account.pk if account else None)


def book(workspace: Workspace) -> None:
    """What the worker does with what waits."""
    with scope(workspace=workspace):
        while booking.book_captured(workspace.pk):
            pass


def fill(**fields: Any) -> dict[str, Any]:
    return {
        "account": ACCOUNT,
        "symbol": "ACME",
        "currency": "USD",
        "side": "buy",
        "quantity": "10",
        "price": "25.50",
        "executed_at": "2026-06-02T13:30:01Z",
        **fields,
    }


def order(**fields: Any) -> dict[str, Any]:
    return {
        "account": ACCOUNT,
        "client_order_id": "my-1",
        "status": "placed",
        "at": "2026-06-02T13:30:00Z",
        **fields,
    }
