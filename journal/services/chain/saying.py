"""What people say of a trade's place in the chain: that it carried out a plan, that it did not, and why it was closed.

Said once it holds through every re-booking, until it is said otherwise; the audit trail keeps who said what.
"""

from __future__ import annotations

from django.db import transaction

from common.errors import Rejected
from common.words import tidy
from journal.domain.chain.close_reason import CloseReason
from journal.models import (
    BrokerAccount,
    CloseReasonNote,
    ConfirmedLink,
    LinkVerdict,
    Plan,
    Trade,
)
from journal.services.annotations import anchor_of
from journal.services.chain.refresh import refresh_chain
from journal.services.locks import lock_book
from journal.services.reasons import check_reason


@transaction.atomic
def confirm_link(trade: Trade, plan: Plan, *, author_id: int | None, reason: str = "") -> None:
    """The trade carried out this plan, whatever its orders name. Another one that was confirmed before is not it."""
    _require_reach(trade, plan)
    account = _lock(trade)
    others = ConfirmedLink.objects.filter(trade_id=trade.pk, verdict=LinkVerdict.CONFIRMED)
    others.exclude(plan=plan).delete()
    _say(trade, plan, LinkVerdict.CONFIRMED, author_id, reason)
    refresh_chain(account, [trade.pk])


@transaction.atomic
def refuse_link(trade: Trade, plan: Plan, *, author_id: int | None, reason: str = "") -> None:
    """The trade did not: it is not proposed again, and an order that names the plan does not link it."""
    account = _lock(trade)
    _say(trade, plan, LinkVerdict.REFUSED, author_id, reason)
    refresh_chain(account, [trade.pk])


@transaction.atomic
def forget_link(trade: Trade, plan: Plan) -> None:
    """As if nobody had said anything: orders and fills decide again."""
    account = _lock(trade)
    ConfirmedLink.objects.filter(trade_id=trade.pk, plan=plan).delete()
    refresh_chain(account, [trade.pk])


@transaction.atomic
def correct_close_reason(
    trade: Trade, *, close_reason: str, reason: str, author_id: int | None
) -> None:
    """Raises Rejected with `fields`. Empty `close_reason` takes an earlier correction back, and needs no reason."""
    account = _lock(trade)
    if not close_reason:
        CloseReasonNote.objects.filter(trade_id=trade.pk).delete()
        refresh_chain(account, [trade.pk])
        return
    if close_reason not in list(CloseReason):
        words = f"must be one of: {', '.join(CloseReason)}."
        raise Rejected("invalid", f"close_reason {words}", {"close_reason": [words]})
    if trade.closed_at is None:
        raise Rejected("trade_open", "This trade is open: there is no reason of its end yet.")
    said = {"close_reason": close_reason, "reason": check_reason(reason)}
    CloseReasonNote.objects.update_or_create(
        account_id=trade.account_id,
        fill_key=anchor_of(trade.pk).fill_key,
        defaults={**said, "trade_id": trade.pk, "author_id": author_id},
        create_defaults={
            **said,
            "workspace_id": trade.workspace_id,
            "trade_id": trade.pk,
            "author_id": author_id,
        },
    )
    refresh_chain(account, [trade.pk])


def _require_reach(trade: Trade, plan: Plan) -> None:
    if plan.account_id not in (None, trade.account_id):
        raise Rejected("plan_of_account", "This plan is for another account.")


def _lock(trade: Trade) -> BrokerAccount:
    lock_book(trade.account_id)
    # It may have been booked anew meanwhile.
    trade.refresh_from_db()
    return BrokerAccount.objects.get(pk=trade.account_id)


def _say(
    trade: Trade, plan: Plan, verdict: LinkVerdict, author_id: int | None, reason: str
) -> None:
    said = {"verdict": verdict, "reason": tidy(reason)[:2_000], "author_id": author_id}
    ConfirmedLink.objects.update_or_create(
        account_id=trade.account_id,
        fill_key=anchor_of(trade.pk).fill_key,
        plan=plan,
        defaults={**said, "trade_id": trade.pk},
        create_defaults={**said, "trade_id": trade.pk, "workspace_id": trade.workspace_id},
    )
