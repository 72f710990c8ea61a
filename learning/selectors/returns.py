"""Daily or weekly returns of accounts, open positions at their marks, as they were known at some moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from journal.models import BrokerAccount
from journal.selectors.worths import MovedMoney, list_flows, list_worths
from learning.domain.figures import Reason
from learning.domain.returns import Account, Returns, returns_of


def read_returns(
    workspace_id: int,
    as_of: datetime,
    *,
    account_ids: Sequence[int] | None = None,
    currency: str | None = None,
) -> Returns:
    """Of the accounts together, those of one currency. Absent with its reason where equity was not read often enough,
    or where nobody knows what was paid in and out."""
    accounts = BrokerAccount.objects.filter(workspace_id=workspace_id)
    if account_ids is not None:
        accounts = accounts.filter(pk__in=account_ids)
    if currency is not None:
        accounts = accounts.filter(base_currency=currency)
    found = read_accounts(workspace_id, as_of, dict(accounts.values_list("pk", "base_currency")))
    return Returns.absent(found) if isinstance(found, Reason) else returns_of(list(found.values()))


def read_accounts(
    workspace_id: int, as_of: datetime, currencies: Mapping[int, str]
) -> dict[int, Account] | Reason:
    """Worths and flows of these accounts (with their currencies), or why nobody can tell."""
    worths = list_worths(workspace_id, list(currencies), as_of)
    flows = list_flows(workspace_id, list(currencies), as_of)
    if flows is None or not any(worths.values()):
        return Reason.NO_PATH
    if any(one.amount is None for id_ in worths for one in flows.get(id_, ())):
        return Reason.NO_PATH
    return {
        id_: Account(
            {
                day: float(one.equity)
                for day, one in worths[id_].items()
                # An account that changed its currency has worths of both: the present one counts.
                if one.currency == currencies[id_]
            },
            _by_day(flows.get(id_, ())),
        )
        for id_ in currencies
    }


def _by_day(flows: Sequence[MovedMoney]) -> dict[date, float]:
    found: dict[date, float] = defaultdict(float)
    for one in flows:
        found[one.on] += float(one.amount or 0)
    return dict(found)
