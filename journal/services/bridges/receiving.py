"""A push becomes an import, and says how far the account is complete. Safe to be sent again."""

from __future__ import annotations

import hashlib
import io
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from common.errors import Conflict, Forbidden
from journal.brokers.metatrader.clock import Clock, ClockCheck
from journal.domain.sequences import Series, ask, distrust, take
from journal.models import BridgePush, BridgeSeries, BrokerAccount, Connection, ImportBatch
from journal.services.bridges.coverage import begin, extend
from journal.services.bridges.header import Header, read_header
from journal.services.bridges.judging import ZONE, judge
from journal.services.erased import number_hash
from journal.services.imports import ImportRequest, confirm_import, receive_file

BROKER = "mt5"
FORMAT = "mt5_deals"
# The bridge says every minute that it is there.
_NEXT = timedelta(minutes=5)
# Pushes without deals are known again for so long.
_REMEMBERED = 2_000


class Receipt(NamedTuple):
    """`status` taken or known. `resend_from`: seconds of the server's clock from which all deals are wanted again."""

    status: str
    sequence: int
    resend_from: int | None = None
    batch_id: int | None = None


@transaction.atomic
def take_push(
    connection_id: int, body: bytes, *, now: datetime | None = None, account_id: int | None = None
) -> Receipt:
    """`body` was signed. `account_id`: of the only account that the sender may push.

    Raises Rejected for what is no push, Forbidden and Conflict where this one must not be taken.
    """
    now = now or timezone.now()
    connection = Connection.objects.select_for_update().get(pk=connection_id)
    header = read_header(body)
    _check_welcome(connection, header, account_id)
    series, _ = BridgeSeries.objects.get_or_create(
        workspace_id=connection.workspace_id,
        connection=connection,
        bridge=header.bridge,
        account_number=header.account_number,
        server=header.server,
        defaults={"zone": connection.zone},
    )
    sha256 = hashlib.sha256(body).hexdigest()
    if (known := series.pushes.filter(sequence=header.push.sequence).first()) is not None:
        return _known(known, sha256)
    check = header.snapshot.check(ZoneInfo(connection.zone))
    before = _trusted(connection, series, check)
    after, resend_from = ask(take(before, header.push))
    batch = _import(connection, header, body) if header.brings_deals else None
    if batch is not None:
        begin(connection, header, batch, now=now)
    elif check.clock is not Clock.CONTRADICTS and not after.missing:
        extend(connection, header, before.complete_until, after.complete_until)
    _save(series, connection.zone, after, header, now)
    BridgePush.objects.create(
        workspace_id=connection.workspace_id, series=series, sequence=header.push.sequence, sha256=sha256,
        batch=batch, received_at=now,
    )  # fmt: skip
    judge(connection, series, header, check, now=now)
    connection.account_numbers = [header.account_number]
    connection.next_at = now + _NEXT
    connection.save()
    return Receipt("taken", header.push.sequence, resend_from, batch.pk if batch else None)


def _check_welcome(connection: Connection, header: Header, account_id: int | None) -> None:
    number = header.account_number
    if connection.disconnected_at is not None:
        raise Conflict(
            "disconnected", "This connection was taken away. Make a new one for the bridge."
        )
    if connection.paused_at is not None:
        raise Conflict(
            "paused", "This connection is paused. The bridge keeps what it has until it goes on."
        )
    if number_hash(BROKER, number) in connection.erased:
        raise Conflict(
            "account_erased",
            f"The account {number} was erased. Make a new connection for the bridge if it is to come back.",
        )
    if connection.account_numbers and number not in connection.account_numbers:
        raise Conflict(
            "other_account",
            f"This connection is for the account {connection.account_numbers[0]}, and the terminal is signed in to "
            f"{number}. Sign in to the former, or make another connection.",
        )
    if account_id is not None:
        account = BrokerAccount.objects.get(pk=account_id)
        if (account.broker, account.broker_id) != (BROKER, number):
            raise Forbidden(
                "token_bound", f"This token is bound to {account}, and cannot push {number}."
            )


def _known(known: BridgePush, sha256: str) -> Receipt:
    if known.sha256 != sha256:
        raise Conflict(
            "sequence_reused",
            f"Push {known.sequence} came before with another content. The bridge's memory is older than the journal's: "
            "it starts over by itself.",
        )
    return Receipt("known", known.sequence, batch_id=known.batch_id)


def _trusted(connection: Connection, series: BridgeSeries, check: ClockCheck) -> Series:
    """What came in another zone than the one that holds now, or under a clock that was wrong, has to come again."""
    state = _state_of(series)
    is_put_right = connection.error_code == ZONE and check.clock is Clock.AGREES
    is_new = not series.highest
    return (
        distrust(state)
        if not is_new and (series.zone != connection.zone or is_put_right)
        else state
    )


def _import(connection: Connection, header: Header, body: bytes) -> ImportBatch:
    number = header.account_number
    account = BrokerAccount.objects.filter(broker=BROKER, broker_id=number).first()
    batch = receive_file(
        connection.workspace_id,
        io.BytesIO(body),
        name=f"MetaTrader 5 {number} push {header.push.sequence}.json",
        request=ImportRequest(
            format=FORMAT,
            account=account,
            account_number=number,
            zone=connection.zone,
            source="bridge",
            connection_id=connection.pk,
        ),
    )
    confirm_import(batch)
    return batch


def _state_of(series: BridgeSeries) -> Series:
    missing = tuple((first, last) for first, last in series.missing)
    return Series(series.highest, missing, series.complete_until, series.claimed, series.asked_at)


def _save(series: BridgeSeries, zone: str, state: Series, header: Header, now: datetime) -> None:
    is_latest = header.push.sequence == state.highest
    series.zone = zone
    series.highest, series.missing = state.highest, [list(one) for one in state.missing]
    series.complete_until, series.claimed = state.complete_until, state.claimed
    series.asked_at, series.received_at = state.asked_at, now
    if is_latest:
        series.snapshot, series.made_at = header.state, header.snapshot.made_at
    series.save()
    old = series.pushes.filter(batch=None, sequence__lt=state.highest - _REMEMBERED)
    old.delete()
