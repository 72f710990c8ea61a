"""What accounts hold, as it comes by itself: with a bridge's push, or in a statement that was imported.

The book does not compare it. Apps above do, and say so when they are ready (`offer_listener`); edges hand readings up
once what came with them is booked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Max
from django.utils import timezone

from journal.brokers.base import InstrumentRow
from journal.brokers.live import AccountReading, Holding
from journal.brokers.mt5_deals.account import read_account
from journal.domain.exact import divide
from journal.domain.values import AssetClass, Right
from journal.models import (
    BridgeSeries,
    BrokerAccount,
    CashBalanceReport,
    Connection,
    ImportBatch,
    ImportState,
    Instrument,
    NavReport,
    PositionReport,
)

BROKER_OF_BRIDGES = "mt5"
# What an older statement says of positions has nothing to do with what is held now.
OLDEST = timedelta(days=10)


class Heard(StrEnum):
    PUSHED = "pushed"
    STATEMENT = "statement"


class HandedUp(NamedTuple):
    account: BrokerAccount
    connection: Connection | None
    reading: AccountReading
    heard: Heard


Listener = Callable[[HandedUp], None]
_listeners: list[Listener] = []


def offer_listener(listener: Listener) -> None:
    """Called once, when the app that listens is ready. It is called inside the scope of the account's workspace."""
    if listener not in _listeners:
        _listeners.append(listener)


def is_anybody_listening() -> bool:
    return bool(_listeners)


def hand_up(readings: Iterator[HandedUp]) -> int:
    """How many there were."""
    count = 0
    for one in readings:
        count += 1
        for listener in _listeners:
            listener(one)
    return count


def readings_of_series(series: BridgeSeries) -> Iterator[HandedUp]:
    """What a bridge's latest push says; nothing before its account is in the book."""
    account = BrokerAccount.objects.filter(
        broker=BROKER_OF_BRIDGES, broker_id=series.account_number
    ).first()
    reading = reading_of_series(series)
    if account is not None and reading is not None:
        yield HandedUp(account, series.connection, reading, Heard.PUSHED)


def reading_of_series(
    series: BridgeSeries, *, not_before: datetime | None = None
) -> AccountReading | None:
    """None before the first push. Of the moment at which the bridge looked, by the earlier of both clocks, or after
    `not_before`, where it is known to have looked since then."""
    if series.made_at is None or series.received_at is None:
        return None
    as_of = min(series.made_at, series.received_at)
    if not_before is not None:
        as_of = max(as_of, not_before)
    return read_account(series.snapshot, series.account_number, ZoneInfo(series.zone), as_of)


def readings_of_batch(batch: ImportBatch, *, now: datetime | None = None) -> Iterator[HandedUp]:
    """What an import that is booked says of its accounts: the day that its positions are of, where that is not long
    past and no later one is known. A part for positions with nothing in it says that none was held; without that
    part it says nothing."""
    if batch.state != ImportState.DONE or batch.withdrawn_at is not None:
        return
    if batch.connection is not None and batch.connection.is_pushed:
        series = BridgeSeries.objects.filter(connection=batch.connection).order_by("-received_at")
        for one in series[:1]:
            yield from readings_of_series(one)
        return
    now = now or timezone.now()
    stated = PositionReport.objects.filter(batch=batch, is_lot=False, reported_on__isnull=False)
    latest = stated.order_by().values("account").annotate(day=Max("reported_on"))
    days: dict[int, date] = {row["account"]: row["day"] for row in latest}
    for id_, said in _stated_empty(batch).items():
        if "positions" in said:
            days[id_] = max(days.get(id_, said["positions"]), said["positions"])
    for account in BrokerAccount.objects.filter(pk__in=days).order_by("pk"):
        day = days[account.pk]
        end = datetime.combine(day + timedelta(days=1), time(), tzinfo=ZoneInfo(account.zone))
        as_of = min(end, batch.created_at)
        if now - as_of <= OLDEST and not _is_later_known(account, day):
            positions = stated.filter(account=account, reported_on=day).select_related("instrument")
            reading = _statement(batch, account, day, list(positions), as_of)
            yield HandedUp(account, batch.connection, reading, Heard.STATEMENT)


def _stated_empty(batch: ImportBatch) -> dict[int, dict[str, date]]:
    """By account the parts of which a statement says that nothing is held, with the day at whose end that was."""
    said: dict[str, dict[str, str]] = (batch.result or {}).get("stated_empty") or {}
    return {
        int(id_): {part: date.fromisoformat(day) for part, day in parts.items()}
        for id_, parts in said.items()
    }


def _is_later_known(account: BrokerAccount, day: date) -> bool:
    """Whether a statement that counts says what was held, or that nothing was, after that day."""
    held = PositionReport.objects.filter(
        account=account, is_lot=False, reported_on__gt=day, batch__withdrawn_at=None
    )
    if held.exists():
        return True
    # What is of a later day was made later.
    others = ImportBatch.objects.filter(
        withdrawn_at=None, state=ImportState.DONE, created_at__date__gte=day,
        result__stated_empty__has_key=f"{account.pk}",
    )  # fmt: skip
    empty = (_stated_empty(one)[account.pk] for one in others)
    return any(said.get("positions", day) > day for said in empty)


def _statement(
    batch: ImportBatch,
    account: BrokerAccount,
    day: date,
    positions: list[PositionReport],
    as_of: datetime,
) -> AccountReading:
    """Orders at work are in no statement. Cash in no currency is none where the statement has a part for it."""
    own = {"account": account, "batch": batch, "reported_on": day}
    balances = CashBalanceReport.objects.filter(**own, is_base=False, ending_cash__isnull=False)
    cash = {one.currency: one.ending_cash for one in balances if one.ending_cash is not None}
    is_told = bool(cash) or _stated_empty(batch).get(account.pk, {}).get("cash") == day
    net = NavReport.objects.filter(**own).order_by("-pk").first()
    return AccountReading(
        account_id=account.broker_id,
        as_of=as_of,
        currency=account.base_currency,
        holdings=tuple(_holding(one, as_of) for one in positions),
        orders=(),
        equity=net.total if net is not None else None,
        balance=None,
        cash=cash if is_told else None,
        lacking=("orders",),
    )


def _holding(stated: PositionReport, as_of: datetime) -> Holding:
    units = stated.signed_quantity * stated.instrument.multiplier
    average = abs(divide(stated.cost, units)) if stated.cost is not None and units else None
    return Holding(
        _row(stated.instrument), "", stated.signed_quantity, average, stated.mark_price,
        as_of if stated.mark_price is not None else None, stated.unrealized_pnl,
    )  # fmt: skip


def _row(one: Instrument) -> InstrumentRow:
    return InstrumentRow(
        broker_id="",
        asset_class=AssetClass(one.asset_class),
        symbol=one.symbol,
        currency=one.currency,
        multiplier=one.multiplier,
        expiry_on=one.expiry_on,
        strike=one.strike,
        right=Right(one.right) if one.right else None,
        exchange=one.exchange,
        isin=one.isin,
        inverse=one.is_inverse,
    )
