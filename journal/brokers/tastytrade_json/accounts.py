"""The accounts that a grant may read."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from journal.brokers.pull_faults import half_answer
from journal.brokers.tastytrade_json import faults
from journal.brokers.tastytrade_json.lists import items_of
from journal.brokers.tastytrade_json.session import Session


class Account(NamedTuple):
    number: str
    nickname: str
    opened_at: datetime | None


def list_accounts(session: Session, wanted: str) -> list[Account]:
    """All of them, or the one that is wanted. Raises PullFault."""
    accounts = [_account(item) for item in items_of(session.get("/customers/me/accounts"))]
    if not wanted:
        return accounts
    chosen = [one for one in accounts if one.number.upper() == wanted.upper()]
    if not chosen:
        raise faults.account_unknown(wanted, [one.number for one in accounts])
    return chosen


def instant(text: Any) -> datetime | None:
    """None for whatever is no moment with an offset."""
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo else None


def _account(item: dict[str, Any]) -> Account:
    stated = item.get("account")
    number = stated.get("account-number") if isinstance(stated, dict) else None
    if not isinstance(stated, dict) or not isinstance(number, str) or not number.isalnum():
        raise half_answer(faults.NAME)
    return Account(number, str(stated.get("nickname") or ""), instant(stated.get("opened-at")))
