"""The worth of every account, kept from reading to reading, guarded or not.

Rows are locked in the order of their accounts, so two workers that bring readings of the same accounts go one after
the other: the second finds its reading known. When the book comes to know of a deposit or withdrawal that earlier
readings held already, the account is gone through again from its first reading.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F, Subquery
from django.db.models.functions import Coalesce

from journal.domain.values import ZERO
from reconciliation.domain.guards.limits import Sample
from reconciliation.domain.guards.watching import Account, Heard, Part, book, hear, retrace
from reconciliation.domain.nav import Doubt, Flow, Worth
from reconciliation.models import AccountWorth, PositionSnapshot
from reconciliation.selectors.flows import Flows, flows_since
from reconciliation.selectors.sterling import Rates
from reconciliation.services.guards.explained import may_have_moved
from reconciliation.services.guards.seen import Seen

_COLUMNS = (
    "currency", "is_known", "at", "equity", "balance", "units", "unit", "unit_peak", "money_peak", "is_wiped", "flows",
    "told", "began_at", "heard_at", "doubts", "doubted_at", "doubted", "tried_at", "quotes",
)  # fmt: skip
_NO_FLOWS = Flows()


Traced = tuple[Sequence[Sample], Sequence[Flow]]


class Hearing(NamedTuple):
    """What a reading did to what is known of an account. `is_heard`: the broker answered, later than before.
    `late` is money of flows that earlier readings held already; `retraced` is the account's history where it was gone
    through again for them, and `before` the account without this reading."""

    seen: Seen
    account: Account
    is_heard: bool
    doubt: Doubt | None = None
    is_flawed: bool = False
    late: Decimal = ZERO
    retraced: Traced | None = None
    before: Part = Part(ZERO, ZERO, ZERO)


def worths_of(account_ids: Collection[int]) -> dict[int, Worth]:
    """Of each account that was ever read."""
    rows = AccountWorth.objects.filter(account_id__in=account_ids, equity__isnull=False)
    return {row.account_id: worth for row in rows if (worth := account_of(row).worth) is not None}


def hear_all(
    workspace_id: int, rows: Mapping[int, AccountWorth], seen: Sequence[Seen]
) -> dict[int, Hearing]:
    """Takes the readings into the worths of their accounts, one of each, whose rows are locked."""
    seen = [_in_kept_currency(workspace_id, one, rows[one.account_id]) for one in seen]
    known = {account_id: account_of(row) for account_id, row in rows.items()}
    flows = _flows_of(workspace_id, known, seen)
    heard = {
        one.account_id: _hear(one, known[one.account_id], flows.get(one.account_id, _NO_FLOWS))
        for one in seen
    }
    _store(rows, heard)
    return heard


def account_of(row: AccountWorth) -> Account:
    worth = None
    if row.equity is not None and row.at is not None:
        worth = Worth(
            row.at, row.equity, row.units, row.unit, row.unit_peak, row.money_peak, row.is_wiped
        )
    return Account(
        worth,
        row.balance,
        row.flows,
        row.told,
        row.began_at,
        row.heard_at,
        row.doubts,
        row.doubted_at,
        row.doubted,
    )


def history_of(account_id: int) -> list[Sample]:
    """What was read of an account so far and believed, oldest first; in the currency that its worth is kept in."""
    kept_in = AccountWorth.objects.filter(account_id=account_id).values("currency")[:1]
    rows = PositionSnapshot.objects.filter(account_id=account_id, equity__isnull=False)
    rows = rows.filter(currency=Coalesce(Subquery(kept_in), F("currency")))
    rows = rows.exclude(snapshot__is_doubted=True)
    rows = rows.annotate(at=Coalesce("snapshot__as_of", "created_at")).order_by("at", "pk")
    return [
        Sample(at, equity, equity if balance is None else balance)
        for at, equity, balance in rows.values_list("at", "equity", "balance")
        if equity is not None
    ]


def lock_worths(workspace_id: int, seen: Sequence[Seen]) -> dict[int, AccountWorth]:
    """In a transaction of the caller, in the order of the accounts. Those that are read for the first time are made."""
    wanted = {one.account_id: one for one in seen}
    rows = _lock(wanted)
    if len(rows) < len(wanted):
        missing = [
            AccountWorth(workspace_id=workspace_id, account_id=account_id, currency=wanted[account_id].currency)
            for account_id in sorted(wanted.keys() - rows.keys())
        ]  # fmt: skip
        AccountWorth.objects.bulk_create(missing, ignore_conflicts=True)
        rows = _lock(wanted)
    return rows


def _lock(account_ids: Collection[int]) -> dict[int, AccountWorth]:
    rows = AccountWorth.objects.filter(account_id__in=account_ids).order_by("account_id")
    return {row.account_id: row for row in rows.select_for_update()}


def _in_kept_currency(workspace_id: int, seen: Seen, row: AccountWorth) -> Seen:
    """A broker may come to tell of an account in another currency, and a statement in another than the broker: the same
    money is no other figure. Without a rate the figures are no basis for anything."""
    if row.equity is None or seen.equity is None or seen.currency == row.currency:
        return seen
    rates = Rates(workspace_id, [row.currency, seen.currency], seen.at.date())
    rate = rates.rate(seen.currency, row.currency)
    if rate is None:
        return seen._replace(currency=row.currency, prices_ok=False)
    return seen._replace(
        currency=row.currency,
        equity=seen.equity * rate,
        balance=None if seen.balance is None else seen.balance * rate,
        flows=tuple(Flow(flow.at, flow.amount * rate) for flow in seen.flows),
    )


def _flows_of(
    workspace_id: int, known: Mapping[int, Account], seen: Sequence[Seen]
) -> dict[int, Flows]:
    since = {
        account_id: account.began_at
        for account_id, account in known.items()
        if account.began_at is not None
    }
    return flows_since(workspace_id, since, {one.account_id: one.currency for one in seen})


def _hear(seen: Seen, account: Account, booked: Flows) -> Hearing:
    is_new = account.heard_at is None or seen.at > account.heard_at
    if seen.equity is None or not is_new:
        return Hearing(seen, account, is_heard=False)
    if not (seen.prices_ok and booked.is_whole):
        return Hearing(seen, account, is_heard=True, is_flawed=True, before=part_of(account))
    account, late, retraced = _caught_up(seen, account, booked)
    since = account.worth.at if account.worth else seen.at
    fresh = [flow for flow in booked.known if since < flow.at <= seen.at]
    balance = seen.equity if seen.balance is None else seen.balance
    moved = may_have_moved(seen, account, fresh or seen.flows)
    heard = Heard(seen.at, seen.equity, balance, fresh, moved, seen.flows)
    after, doubt = hear(account, heard)
    return Hearing(seen, after, True, doubt, False, late, retraced, part_of(account))


def _caught_up(
    seen: Seen, account: Account, booked: Flows
) -> tuple[Account, Decimal, Traced | None]:
    """With what the book has come to know, or to know better, of the time before the reading that is known."""
    if account.worth is None:
        return account, ZERO, None
    until = account.worth.at
    earlier = [flow for flow in booked.known if flow.at <= until]
    changed = sum((flow.amount for flow in earlier), ZERO) - account.flows
    if not changed:
        return account, ZERO, None
    account, late = book(account, changed)
    if not late:
        return account, ZERO, None
    samples = [one for one in history_of(seen.account_id) if one.at <= until]
    again = retrace(samples, earlier)
    if again is None or again.at != until:
        # The history does not reach as far: what is known stays, and the guards move their marks.
        return account, late, None
    return account._replace(worth=again), late, (samples, earlier)


def part_of(account: Account) -> Part:
    """What it brings to a guard of its own."""
    equity = account.worth.equity if account.worth else ZERO
    return Part(account.flows + account.told, equity, account.balance)


def _store(rows: Mapping[int, AccountWorth], heard: Mapping[int, Hearing]) -> None:
    for account_id, hearing in heard.items():
        _put(rows[account_id], hearing)
    AccountWorth.objects.bulk_create(
        [rows[account_id] for account_id in sorted(heard)],
        update_conflicts=True,
        unique_fields=["account_id"],
        update_fields=_COLUMNS,
    )


def _put(row: AccountWorth, hearing: Hearing) -> None:
    account, worth = hearing.account, hearing.account.worth
    if hearing.is_heard or hearing.seen.equity is None:
        row.is_known = hearing.is_heard and not hearing.is_flawed and hearing.doubt is None
        row.tried_at = hearing.seen.at
    if worth is None:
        return
    row.currency = hearing.seen.currency
    row.at, row.equity, row.balance = worth.at, worth.equity, account.balance
    row.units, row.unit, row.unit_peak = worth.units, worth.unit, worth.unit_peak
    row.money_peak, row.is_wiped = worth.money_peak, worth.is_wiped
    row.flows, row.told = account.flows, account.told
    row.began_at, row.heard_at = account.began_at, account.heard_at
    row.doubts, row.doubted_at, row.doubted = account.doubts, account.doubted_at, account.doubted
