"""What a fetcher downloads becomes a file and an import, before the next one is asked for."""

from __future__ import annotations

import io
from datetime import datetime

from django.db import transaction

from journal.brokers.fetching import Document, Fetcher, Window
from journal.models import BrokerAccount, ImportBatch, ImportState, Pull, PullDocument
from journal.selectors.coverage import WHOLE
from journal.services.imports import ImportRequest, confirm_import, measure, receive_file
from journal.services.pulls.clock import SYSTEM, Clock
from journal.services.pulls.unchanged import hold_unchanged
from journal.services.pulls.unlearning import forget_whole_before

_KNOWN = (ImportState.QUEUED, ImportState.RUNNING, ImportState.DONE)


class Intake:
    """The documents of one call of `Fetcher.fetch`, and what time they hold."""

    def __init__(
        self, pull: Pull, fetcher: Fetcher, window: Window, *, clock: Clock = SYSTEM
    ) -> None:
        self._pull = pull
        self._clock = clock
        self._connection = pull.connection
        self._broker = fetcher.broker
        self._window = window
        self._allowed = set(pull.connection.account_numbers)
        # Accounts that the broker told of and that the connection is not to fill.
        self.left_out: set[str] = set()
        # By account: what was given last, and documents that say nothing of their time until one does.
        self._until: dict[str, datetime | None] = {}
        self._pending: dict[str, list[int]] = {}

    @transaction.atomic
    def take(self, document: Document) -> None:
        """Kept whatever happens next; a worker imports it."""
        account = document.account_id
        if self._allowed and account and account not in self._allowed:
            self.left_out.add(account)
            return
        hold_unchanged(self._connection)
        if account and not self._is_known(account):
            forget_whole_before(self._pull)
        batch, is_repeat = self._import(document) if document.content else (None, False)
        row = PullDocument.objects.create(
            workspace_id=self._pull.workspace_id,
            pull=self._pull,
            batch=batch,
            account_number=account,
            is_repeat=is_repeat,
        )
        self._pending.setdefault(account, []).append(row.pk)
        if document.complete_until is None:
            self._until.setdefault(account, None)
            return
        since = document.since or self._until.get(account) or self._window.since
        # Nobody knows the future, whatever the broker's clock or ours says.
        until = min(document.complete_until, self._clock.now())
        self._hold(account, since, until)
        self._until[account] = max(filter(None, (self._until.get(account), until)))

    @transaction.atomic
    def end(self) -> None:
        """The broker has no more of the window: so all of it is held, as far as the documents go."""
        ends = list(self._until.values())
        if not ends or any(until is None for until in ends):
            return
        hold_unchanged(self._connection)
        until = min(self._window.until, *(until for until in ends if until is not None))
        for account in list(self._pending):
            self._hold(account, self._window.since, until)
        if self._window.since < until:
            PullDocument.objects.create(
                workspace_id=self._pull.workspace_id,
                pull=self._pull,
                account_number=WHOLE,
                since=self._window.since,
                until=until,
            )

    def _is_known(self, account: str) -> bool:
        return PullDocument.objects.filter(
            pull__connection=self._connection, account_number=account
        ).exists()

    def _hold(self, account: str, since: datetime, until: datetime) -> None:
        rows = PullDocument.objects.filter(pk__in=self._pending.pop(account, []))
        if since < until:
            rows.update(since=since, until=until)

    def _import(self, document: Document) -> tuple[ImportBatch, bool]:
        stream = io.BytesIO(document.content)
        request = self._request(document)
        known = self._known(measure(stream)[0], request)
        if known is not None:
            return known, True
        batch = receive_file(self._pull.workspace_id, stream, name=document.name, request=request)
        confirm_import(batch)
        return batch, False

    def _request(self, document: Document) -> ImportRequest:
        number = document.account_id
        account = BrokerAccount.objects.filter(
            broker=self._broker, broker_id=number
        ).first() if number else None  # fmt: skip
        return ImportRequest(
            format=document.format,
            account=account,
            account_number=number,
            source="pull",
            connection_id=self._connection.pk,
            user_id=self._pull.asked_by_id,
        )

    def _known(self, sha256: str, request: ImportRequest) -> ImportBatch | None:
        """An import of the same bytes that counts or will count, if it was one of the same account."""
        batches = ImportBatch.objects.filter(
            file__sha256=sha256, format=request.format, state__in=_KNOWN
        )
        for batch in batches.select_related("account").order_by("-pk"):
            if batch.expected_number in ("", request.account_number):
                return batch
        return None
