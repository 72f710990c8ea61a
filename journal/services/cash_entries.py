"""Movements of cash that a person enters by hand: written down as a document and imported, as fills are
(`journal.services.entries`), so they are evidence with a reason and are undone by undoing the import."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import uuid4

from django.utils import timezone

from common.errors import Rejected
from journal.brokers.base import CashKind
from journal.brokers.manual_entry.adapter import KIND, VERSION
from journal.domain.identity import digest
from journal.models import BrokerAccount, ImportBatch
from journal.services.entries import SLUG
from journal.services.imports import ImportRequest, receive_file
from journal.services.reasons import check_reason


class Movement(StrEnum):
    """What people call a movement of cash."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    FEE = "fee"
    DIVIDEND = "dividend"
    INTEREST = "interest"
    TAX = "tax"
    OTHER = "other"


_KINDS = {
    Movement.DEPOSIT: CashKind.DEPOSIT, Movement.WITHDRAWAL: CashKind.WITHDRAWAL, Movement.FEE: CashKind.FEE,
    Movement.DIVIDEND: CashKind.DIVIDEND, Movement.TAX: CashKind.TAX, Movement.OTHER: CashKind.OTHER,
}  # fmt: skip
_REASON_MAX = 500
_FIRST_YEAR = 1970


@dataclass(frozen=True, kw_only=True)
class CashEntry:
    """`amount` is positive when it reaches the account; `occurred_at` is aware. `form_id`: of the form that was filled
    in; the same words sent from it twice are one entry."""

    account: BrokerAccount
    movement: Movement
    amount: Decimal
    currency: str
    occurred_at: datetime
    reason: str
    form_id: str = ""
    # By which door it came, as of fills.
    source: str = "manual"


def kind_of(movement: Movement, amount: Decimal) -> CashKind:
    """Raises Rejected where money of that kind cannot go that way: a deposit that leaves would hide a loss."""
    wrong = {Movement.DEPOSIT: amount < 0, Movement.WITHDRAWAL: amount > 0}
    if wrong.get(movement):
        words = (
            "A deposit reaches the account."
            if movement is Movement.DEPOSIT
            else "A withdrawal leaves the account."
        )
        words += " Choose what it was otherwise."
        raise Rejected("cash_direction", words, {"movement": [words]})
    if movement is Movement.INTEREST:
        return CashKind.INTEREST_RECEIVED if amount > 0 else CashKind.INTEREST_PAID
    return _KINDS[movement]


def enter_cash(workspace_id: int, entry: CashEntry, *, user_id: int | None) -> ImportBatch:
    """A batch with the entry, to be confirmed or looked at like any other. Raises Rejected."""
    reason = check_reason(entry.reason)[:_REASON_MAX]
    if not entry.amount:
        raise Rejected("cash_nothing", "Say how much moved.", {"amount": ["Say how much moved."]})
    if entry.occurred_at.year < _FIRST_YEAR or entry.occurred_at > timezone.now():
        words = "Write a time at which it can have been."
        raise Rejected("cash_time", words, {"occurred_at": [words]})
    said = {
        "kind": str(kind_of(entry.movement, entry.amount)),
        "amount": f"{entry.amount:f}",
        "currency": entry.currency,
        "occurred_at": entry.occurred_at.isoformat(),
        "notes": " ".join(reason.split()),
    }
    record_id = (
        digest(entry.form_id, json.dumps(said, sort_keys=True)) if entry.form_id else uuid4().hex
    )
    account = entry.account
    document = {
        KIND: VERSION,
        "entered_at": timezone.now().isoformat(),
        "zone": account.zone,
        "account": {
            "broker": account.broker,
            "number": account.broker_id,
            "currency": account.base_currency,
        },
        "cash": [{"record_id": record_id, **said}],
    }
    return receive_file(
        workspace_id,
        io.BytesIO(json.dumps(document, indent=1, ensure_ascii=False).encode()),
        name=title_of(entry),
        request=ImportRequest(format=SLUG, account=account, source=entry.source, user_id=user_id),
    )


def title_of(entry: CashEntry) -> str:
    """What the entry is called among the imports."""
    return f"{entry.movement.capitalize()} of {entry.amount:+f} {entry.currency}"[:255]
