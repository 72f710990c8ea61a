"""One account at a broker: what is known of it, and from when to when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Max, Min, QuerySet, Sum
from django_scopes import scopes_disabled

from accounts.bindings import Bindable
from common.errors import NotFound
from common.sql import fetch
from journal.models import (
    BrokerAccount,
    CashBalanceReport,
    CashReport,
    DayRollup,
    ImportBatch,
    ImportState,
    NavReport,
)
from journal.selectors.keyset import Key, Page, read_page

# New Year and Christmas: month and day on which no market trades.
_CLOSED = frozenset({(1, 1), (12, 25)})


@dataclass(frozen=True, slots=True)
class Coverage:
    """What one imported statement said of an account. Days are None where the statement names none."""

    batch_id: int
    file_name: str
    from_on: date | None
    to_on: date | None
    executions: int
    new_executions: int


@dataclass(frozen=True, slots=True)
class Activity:
    """Counted from the daily rollups, never from the executions."""

    executions: int
    first_on: date | None
    last_on: date | None


NO_ACTIVITY = Activity(0, None, None)


def get_account(account_id: int) -> BrokerAccount:
    """Within the open workspace. Raises NotFound for anybody else's."""
    account = BrokerAccount.objects.filter(pk=account_id).first()
    if account is None:
        raise NotFound("account_not_found", "There is no such account in this workspace.")
    return account


def list_accounts() -> QuerySet[BrokerAccount]:
    """Those in use first, archived ones last."""
    return BrokerAccount.objects.order_by("-archived_at", "broker", "broker_id")


def list_bindable(workspace_id: int) -> list[Bindable]:
    """What a token of this workspace can be bound to; asked for by forms and commands, in any scope or none."""
    with scopes_disabled():
        rows = BrokerAccount.objects.filter(workspace_id=workspace_id).order_by("broker_id", "id")
        return [Bindable(*row) for row in rows.values_list("id", "broker_id", "name")]


def activity_by_account() -> dict[int, Activity]:
    rows = DayRollup.objects.values_list("account_id").annotate(
        Sum("executions"), Min("day"), Max("day")
    )
    return {
        account_id: Activity(executions, first, last)
        for account_id, executions, first, last in rows.order_by()
    }


def list_coverage(account: BrokerAccount) -> list[Coverage]:
    """Statements that count, the latest period first. The period is what the file says of this account."""
    rows = fetch(_COVERAGE, {"workspace": account.workspace_id, "number": account.broker_id})
    return [
        Coverage(batch_id, name, _day(start), _day(end), read, new)
        for batch_id, name, start, end, read, new in rows
    ]


_COVERAGE = """
SELECT b.id, f.name, said ->> 'from_on', said ->> 'to_on',
       (said -> 'executions' ->> 'read')::int, (said -> 'executions' ->> 'new')::int
FROM journal_importbatch b JOIN journal_statementfile f ON f.id = b.file_id
CROSS JOIN LATERAL jsonb_array_elements(b.result -> 'accounts') said
WHERE b.workspace_id = %(workspace)s AND b.state = 'done' AND said ->> 'broker_id' = %(number)s
ORDER BY said ->> 'to_on' DESC, b.id DESC LIMIT 200
"""


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def list_gaps(coverage: list[Coverage]) -> list[tuple[date, date]]:
    """Days between the first and the last statement that none of them covers, as (after, before).

    A statement covers trading days: one up to Friday or 31 December and the next from Monday or 2 January leave
    nothing out.
    """
    spans = sorted((one.from_on, one.to_on) for one in coverage if one.from_on and one.to_on)
    gaps: list[tuple[date, date]] = []
    end: date | None = None
    for start, stop in spans:
        if end is not None and _leaves_out(end, start):
            gaps.append((end, start))
        end = stop if end is None else max(end, stop)
    return gaps


def _leaves_out(end: date, start: date) -> bool:
    """Whether markets were open on a day between."""
    days = (end + timedelta(days=ahead) for ahead in range(1, min((start - end).days, 10)))
    return any(day.weekday() < 5 and (day.month, day.day) not in _CLOSED for day in days)


def list_balances(account: BrokerAccount) -> list[CashBalanceReport]:
    """The latest stated balance in each currency; the sum in base currency comes last."""
    balances = CashBalanceReport.objects.filter(account=account, batch__withdrawn_at=None)
    latest = balances.order_by("is_base", "currency", "-reported_on", "-id")
    return list(latest.distinct("is_base", "currency"))


def latest_nav(account: BrokerAccount) -> NavReport | None:
    values = NavReport.objects.filter(account=account, batch__withdrawn_at=None)
    return values.order_by("-reported_on", "-id").first()


def list_cash(account: BrokerAccount, *, limit: int, cursor: str = "") -> Page[CashReport]:
    """Movements that count, newest first."""
    movements = CashReport.objects.filter(account=account, batch__withdrawn_at=None)
    keys = [Key("occurred_at", descending=True), Key("id", descending=True)]
    rows = movements.select_related("instrument")
    return read_page([rows], keys, limit=limit, cursor=cursor)


def sum_cash(account: BrokerAccount) -> list[tuple[str, str, Decimal, int]]:
    """(kind, currency, sum, number) of all movements that count."""
    rows = CashReport.objects.filter(account=account, batch__withdrawn_at=None)
    sums = rows.values_list("kind", "currency").annotate(Sum("amount"), Count("pk"))
    return list(sums.order_by("kind", "currency"))


def count_statements(account: BrokerAccount) -> int:
    done = ImportBatch.objects.filter(state=ImportState.DONE)
    return done.filter(result__accounts__contains=[{"broker_id": account.broker_id}]).count()
