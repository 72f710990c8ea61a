"""What happens in the book, to apps above. Sent within the transaction that did it: whoever listens writes with it, or
leaves work for later by `common.queue.enqueue`, and is quick about it."""

from __future__ import annotations

from collections.abc import Collection

from django.dispatch import Signal

# With `workspace_id`, `account_id`, `trades`: ids of those that may be others now, gone ones included; None: all.
book_changed = Signal()
# With `workspace_id`, once nothing is left of an account in the book.
account_erased = Signal()

# Beyond so many it is quicker to look at all of the account.
_TRADES_MAX = 2_000


def tell_changed(workspace_id: int, account_id: int, trades: Collection[int] | None) -> None:
    """Trades that were booked anew, or of which something else is known or said now."""
    if trades is not None and not trades:
        return
    told = None if trades is None or len(trades) > _TRADES_MAX else sorted(trades)
    book_changed.send(None, workspace_id=workspace_id, account_id=account_id, trades=told)
