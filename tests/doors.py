"""Statements through the doors, and the book that comes of them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import permutations
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_scopes import scope

from accounts.models import Workspace
from journal import tasks
from journal.models import (
    BrokerAccount,
    CashReport,
    Execution,
    ImportBatch,
    LotMatch,
    OpenLot,
    Trade,
)
from journal.models.evidence import Evidence
from journal.services import imports
from journal.services.verification import verify_account
from tests import people
from tests.brokers.ibkr_flex.flex import statement, trade

ROUND_TRIP = statement(
    trade(transactionID="1", dateTime="20260602;093001", quantity="10", tradePrice="10"),
    trade(
        transactionID="2",
        dateTime="20260602;100000",
        quantity="-10",
        tradePrice="12",
        buySell="SELL",
    ),
)


def as_bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


def receive(workspace: Workspace, content: str | bytes, **request: Any) -> ImportBatch:
    name = request.pop("name", "statement.xml")
    with scope(workspace=workspace):
        return imports.receive_file(
            workspace.pk,
            io.BytesIO(as_bytes(content)),
            name=name,
            request=imports.ImportRequest(**request),
        )


def import_now(workspace: Workspace, content: str | bytes, **request: Any) -> ImportBatch:
    """Through the very functions that the worker runs."""
    batch = receive(workspace, content, **request)
    with scope(workspace=workspace):
        imports.confirm_import(batch)
        tasks.run_import(batch.pk)
        batch.refresh_from_db()
    return batch


def undo(workspace: Workspace, batch: ImportBatch) -> None:
    with scope(workspace=workspace):
        imports.ask_undo(batch)
        tasks.withdraw_import(batch.pk)
        batch.refresh_from_db()


def drop(client: Client, content: str | bytes, name: str = "statement.xml", **fields: Any) -> Any:
    """The upload form as a browser sends it."""
    file = SimpleUploadedFile(name, as_bytes(content))
    return client.post("/imports", {"file": file, "account": "", "zone": "", **fields})


def book_of(workspace: Workspace) -> dict[str, list[Any]]:
    """Everything that was booked, named by fills instead of by our own numbers."""
    with scope(workspace=workspace):
        keys = dict(Execution.objects.values_list("pk", "fill_key"))
        accounts = dict(BrokerAccount.objects.values_list("pk", "broker_id"))
        return {
            "executions": sorted(
                (accounts[account], *row)
                for account, *row in Execution.objects.values_list(
                    "account_id", "fill_key", "side", "quantity", "price", "executed_at", "trading_day",
                    "fee", "tax", "instrument__key", "kind",
                )
            ),
            "matches": sorted(
                (keys.get(closing), keys.get(opening, ""), *map(str, row))
                for closing, opening, *row in LotMatch.objects.values_list(
                    "closing_id", "opening_id", "ordinal", "quantity", "gross_pnl", "net_pnl", "net_base",
                )
            ),
            "lots": sorted(
                (keys.get(opening, ""), *map(str, row))
                for opening, *row in OpenLot.objects.values_list(
                    "opening_id", "signed_quantity", "price", "fee"
                )
            ),
            "trades": sorted(
                (keys[id_], *map(str, row))
                for id_, *row in Trade.objects.values_list(
                    "pk", "symbol", "opened_at", "closed_at", "gross_pnl", "net_pnl", "fees",
                    "execution_count",
                )
            ),
            "cash": sorted(
                map(str, CashReport.objects.filter(batch__withdrawn_at=None).values_list("event_key", "amount"))
            ),
        }  # fmt: skip


def assert_one_book_in_any_order(files: Sequence[str]) -> None:
    """Each order in a workspace of its own, with one account; every book follows from its evidence."""
    books = []
    for number, order in enumerate(permutations(files)):
        workspace = people.owner(f"p{number}@example.org", workspace_name=f"P{number}").workspace
        for content in order:
            import_now(workspace, content)
        books.append(book_of(workspace))
        with scope(workspace=workspace):
            assert verify_account(BrokerAccount.objects.get()) == []
    assert all(book == books[0] for book in books)


def rows_of(workspace: Workspace) -> int:
    """Evidence and accounts, withdrawn rows included."""
    with scope(workspace=workspace):
        evidence = [model for model in apps.get_models() if issubclass(model, Evidence)]
        return sum(model.objects.count() for model in evidence) + BrokerAccount.objects.count()
