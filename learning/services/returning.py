"""Figures over time: Sharpe, Sortino, Calmar, Ulcer and their like, of what accounts were worth from day to day.

They move with every day and not with every close, so they are counted beside `measuring`: soon after it, and every
night. All of a series is counted anew, for a deposit that is told of late changes what lies before; nothing is written
where nothing changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from django.db import transaction

from journal.models import BrokerAccount
from learning.domain.figures import Figure, Reason
from learning.domain.metrics import METRICS, RunningReturns, Space, time_metrics
from learning.domain.metrics.running import STATE_VERSION
from learning.domain.metrics.sharpe import worthless
from learning.domain.returns import Account, Returns, contributions, returns_of
from learning.models import Part, ReturnBasis, ReturnPoint, ReturnState, TradeFact
from learning.selectors.returns import read_accounts
from learning.selectors.trials import Ledger, ledger_of
from learning.services.locks import lock_measuring
from learning.services.parts import Known, PartKey

Accounts = dict[int, Account] | Reason
_AT_ONCE = 2_000


class Closed(NamedTuple):
    """What one part closed: by day, and since when it was traded."""

    gains: dict[date, float]
    since: date


@transaction.atomic
def measure_returns(workspace_id: int, as_of: datetime) -> int:
    """Of every part that has figures of its trades, and of accounts without any; says how many were written."""
    lock_measuring(workspace_id)
    ledger = ledger_of(workspace_id, as_of)
    held = BrokerAccount.objects.filter(workspace_id=workspace_id).order_by("pk")
    accounts = dict(held.values_list("pk", "base_currency"))
    stored = {
        PartKey(one.part, one.key, one.currency): one
        for one in ReturnState.objects.filter(workspace_id=workspace_id).defer("figures")
    }
    fresh = dict(_series(workspace_id, accounts, as_of))
    gone = [one.pk for key, one in stored.items() if key not in fresh]
    ReturnState.objects.filter(pk__in=gone).delete()
    changed = {
        key: told
        for key, told in fresh.items()
        if key not in stored or stored[key].data_version != _version(*told, ledger)
    }
    _write(workspace_id, changed, ledger, as_of)
    return len(changed)


def _series(
    workspace_id: int, accounts: Mapping[int, str], as_of: datetime
) -> Iterator[tuple[PartKey, tuple[ReturnBasis, Returns]]]:
    for currency in sorted(set(accounts.values())):
        own = {id_: one for id_, one in accounts.items() if one == currency}
        found = read_accounts(workspace_id, as_of, own)
        yield PartKey(Part.ALL, "", currency), (ReturnBasis.MARKED, _marked(found, own))
        for id_ in own:
            yield (
                PartKey(Part.ACCOUNT, str(id_), currency),
                (ReturnBasis.MARKED, _marked(found, [id_])),
            )
        for key, closed in _closed(workspace_id, currency, as_of).items():
            yield key, (ReturnBasis.REALISED, _realised(found, closed))


def _marked(found: Accounts, ids: Sequence[int] | Mapping[int, str]) -> Returns:
    if isinstance(found, Reason):
        return Returns.absent(found)
    return returns_of([found[id_] for id_ in ids])


def _realised(found: Accounts, closed: Closed) -> Returns:
    if isinstance(found, Reason):
        return Returns.absent(found)
    return contributions(closed.gains, list(found.values()), closed.since)


def _closed(workspace_id: int, currency: str, as_of: datetime) -> dict[PartKey, Closed]:
    """Of the parts beside everything and accounts."""
    gains: dict[PartKey, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    since: dict[PartKey, date] = {}
    rows = TradeFact.objects.filter(
        workspace_id=workspace_id, currency=currency, known_at__lte=as_of
    )
    columns = rows.order_by("known_at", "id").values_list(*Known._fields)
    for row in columns.iterator(chunk_size=_AT_ONCE):
        one = Known._make(row)
        for key in one.parts():
            if key.part not in (Part.ALL, Part.ACCOUNT):
                gains[key][one.closed_at.date()] += float(one.pnl)
                opened = one.opened_at.date()
                since[key] = min(since.get(key, opened), opened)
    return {key: Closed(dict(found), since[key]) for key, found in gains.items()}


def _version(basis: ReturnBasis, series: Returns, ledger: Ledger) -> str:
    """Of the returns and, as the deflated Sharpe ratio asks for it, of how much was tried."""
    told = f"{STATE_VERSION}:{basis}:{series.per_year}:{series.reason}:{series.unknown}:{ledger}:".encode()
    return blake2b(
        told + series.days.tobytes() + series.values.tobytes(), digest_size=16
    ).hexdigest()


def _figures(series: Returns, tried: int) -> dict[str, Any]:
    if series.reason is None:
        told = time_metrics(
            series.values, per_year=series.per_year, trials=worthless(tried, len(series.values))
        )
        return {name: one.as_json() for name, one in told.items()}
    return {
        name: Figure.absent(series.reason, 0, one.unit).as_json()
        for name, one in METRICS.items()
        if one.space == Space.TIME
    }


def _write(
    workspace_id: int,
    changed: Mapping[PartKey, tuple[ReturnBasis, Returns]],
    ledger: Ledger,
    as_of: datetime,
) -> None:
    rows = [
        ReturnState(
            workspace_id=workspace_id,
            account_id=int(key.key) if key.part == Part.ACCOUNT else None,
            **key._asdict(),
            basis=basis,
            n=len(series.values),
            per_year=series.per_year,
            unknown=series.unknown,
            figures=_figures(series, ledger.by(as_of.date())),
            data_version=_version(basis, series, ledger),
            as_of=as_of,
        )
        for key, (basis, series) in changed.items()
    ]
    ReturnState.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["workspace", "part", "key", "currency"],
        update_fields=["account", "basis", "n", "per_year", "unknown", "figures", "data_version", "as_of"],
        batch_size=_AT_ONCE,
    )  # fmt: skip
    ReturnPoint.objects.filter(of_id__in=[row.pk for row in rows]).delete()
    points = [
        ReturnPoint(
            workspace_id=workspace_id, account_id=row.account_id, of_id=row.pk, on=on, n=n, values=values
        )
        for row, (basis, series) in zip(rows, changed.values(), strict=True)
        if basis == ReturnBasis.MARKED and series.reason is None
        for on, n, values in _weekly(series, ledger)
    ]  # fmt: skip
    ReturnPoint.objects.bulk_create(points, batch_size=_AT_ONCE)


def _weekly(series: Returns, ledger: Ledger) -> Iterator[tuple[date, int, dict[str, float]]]:
    """The figures as they stood at the end of each week, with what had been tried by then."""
    running = RunningReturns()
    days = [date.fromordinal(int(day)) for day in series.days]
    for place, (day, value) in enumerate(zip(days, series.values, strict=True)):
        running.add(float(value))
        following = days[place + 1] if place + 1 < len(days) else None
        if following is None or following.isocalendar()[:2] != day.isocalendar()[:2]:
            trials = worthless(ledger.by(day), place + 1)
            told = running.figures(per_year=series.per_year, trials=trials)
            values = {name: one.value for name, one in told.items() if one.value is not None}
            yield day, place + 1, values
