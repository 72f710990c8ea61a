"""Ledgers of paper accounts in the database: one worker at a time has one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django_scopes import get_scope

from journal.brokers.fetching import Link
from journal.brokers.paper.ledger import Ledger
from journal.brokers.paper.stored import dump, load
from journal.brokers.paper.terms import Terms, open_ledger
from journal.models import PaperLedger


class StoredLedgers:
    """Of the workspace that is in scope: its connections with the same account number are at the same account."""

    @contextmanager
    def keep(self, link: Link, terms: Terms) -> Iterator[Ledger]:
        with transaction.atomic():
            PaperLedger.objects.get_or_create(
                workspace_id=_workspace_id(),
                account_number=terms.account,
                defaults={"state": dump(open_ledger(terms, link.now()))},
            )
            row = PaperLedger.objects.select_for_update().get(account_number=terms.account)
            ledger = load(row.state)
            yield ledger
            row.state = dump(ledger)
            row.save(update_fields=["state", "changed_at"])


def _workspace_id() -> int:
    workspace = get_scope()["workspace"]
    return int(getattr(workspace, "pk", workspace))
