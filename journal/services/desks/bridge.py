"""A terminal that only its bridge reaches: read by what it pushed last, told what to do by commands that it fetches."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from journal.brokers.base import InstrumentRow
from journal.brokers.fetching import PullFault, Verdict
from journal.brokers.live import Ability, AccountReading, ClosingOrder
from journal.brokers.metatrader.retcodes import judge
from journal.domain.fate import Fate, Reply
from journal.domain.values import ZERO
from journal.models import BridgeCommand, BridgeSeries, CommandKind, CommandState, Connection
from journal.services.bridges.commands import (
    Wish,
    carried_out,
    give_command,
    polled_at,
    refuse_command,
)
from journal.services.pulls.clock import SYSTEM, Clock
from journal.services.readings import reading_of_series

# What is no older needs no new look. Whoever looks again after a second, to see it twice, is to see it twice.
FRESH = timedelta(seconds=1)
# A bridge asks every second or two what there is to do.
_THERE = timedelta(minutes=1)
_LOOK_SECONDS = 0.25
_NEVER = "The bridge did not fetch it in time, and never will."


class BridgeDesk:
    """`seconds`: how long each call may take. What was not fetched within it is never carried out."""

    def __init__(
        self, connection: Connection, *, seconds: float = 20, clock: Clock = SYSTEM
    ) -> None:
        self._connection = connection
        self._seconds = seconds
        self._clock = clock

    def read(self, account_number: str) -> AccountReading:
        """Raises PullFault (LATER) where what the bridge saw last is too old to be believed."""
        now = self._clock.now()
        series = self._series(account_number)
        if series is not None and self._age(series, now) < FRESH:
            return self._reading(series, None)
        if not self._may(CommandKind.READ):
            raise self._silent(series, now)
        asked = self._give(CommandKind.READ, account_number, {})
        answered = self._wait(asked)
        if answered.state != CommandState.ANSWERED:
            raise self._silent(series, now)
        series = self._series(account_number)
        # The push that the look made may be on its way behind the answer.
        if series is None or series.received_at is None or series.received_at < asked.asked_at:
            raise self._silent(series, now)
        return self._reading(series, answered.fetched_at)

    def send_close(self, account_number: str, order: ClosingOrder) -> Reply:
        if not self._may(CommandKind.CLOSE):
            return self._not_given()
        command = self._give(
            CommandKind.CLOSE,
            account_number,
            {
                "ticket": order.ticket,
                "symbol": order.instrument.symbol,
                "side": order.side.value,
                "volume": f"{order.quantity:f}",
                **marks_of(order.client_id),
            },
            key=order.client_id,
        )
        return self._reply(self._wait(command))

    def find_order(self, account_number: str, client_id: str) -> Reply:
        now = self._clock.now()
        wish = Wish(CommandKind.CLOSE, account_number, marks_of(client_id), client_id)
        # Where none was ever made, none will be: the name is taken now, by one that is over.
        command = give_command(self._connection, wish, lasts=timedelta(), now=now)
        command = refuse_command(command, now=now)
        known = self._reply(command)
        if known.fate is not Fate.UNKNOWN or command.state == CommandState.QUEUED:
            return known
        if not self._may(CommandKind.FIND):
            return Reply(Fate.UNKNOWN, reason="The bridge cannot be asked.")
        body = {"sequence": command.sequence, **command.body}
        found = self._wait(self._give(CommandKind.FIND, account_number, body))
        answer = found.answer or {}
        if found.state != CommandState.ANSWERED or answer.get("outcome") == "unread":
            return Reply(Fate.UNKNOWN, reason="The bridge gave no answer.")
        return _found(answer)

    def cancel_orders(self, account_number: str, instrument: InstrumentRow) -> bool:
        if not self._may(CommandKind.CANCEL):
            return False
        body = {"symbol": instrument.symbol}
        done = self._wait(self._give(CommandKind.CANCEL, account_number, body))
        return done.state == CommandState.ANSWERED and (done.answer or {}).get("left") == 0

    def _give(
        self, kind: CommandKind, account_number: str, body: dict[str, Any], key: str = ""
    ) -> BridgeCommand:
        wish = Wish(kind, account_number, body, key)
        lasts = timedelta(seconds=self._seconds)
        return give_command(self._connection, wish, lasts=lasts, now=self._clock.now())

    def _wait(self, command: BridgeCommand) -> BridgeCommand:
        """As it stands when it is answered or its time is over."""
        waited = 0.0
        while waited < self._seconds:
            command.refresh_from_db()
            if command.state in (CommandState.ANSWERED, CommandState.REFUSED):
                return command
            self._clock.sleep(_LOOK_SECONDS)
            waited += _LOOK_SECONDS
        return refuse_command(command, now=max(self._clock.now(), command.expires_at))

    def _reply(self, command: BridgeCommand) -> Reply:
        if command.state == CommandState.REFUSED:
            return Reply(Fate.NEVER, reason=_NEVER)
        if command.state != CommandState.ANSWERED:
            return Reply(Fate.UNKNOWN, reason="The bridge has fetched it and not answered yet.")
        return reply_of(command.answer or {})

    def _may(self, kind: CommandKind) -> bool:
        self._connection.refresh_from_db(fields=["state"])
        now = self._clock.now()
        is_there = polled_at(self._connection, now) >= now - _THERE
        return is_there and kind in carried_out(self._connection)

    def _not_given(self) -> Reply:
        """Without leave to close only a person goes on; a bridge that is away may come back."""
        if CommandKind.CLOSE in carried_out(self._connection):
            return Reply(Fate.NEVER, reason="The bridge does not ask what there is to do.")
        return Reply(Fate.REJECTED, is_final=True, reason="The bridge is not allowed to close.")

    def _series(self, account_number: str) -> BridgeSeries | None:
        series = BridgeSeries.objects.filter(
            connection=self._connection, account_number=account_number, received_at__isnull=False
        )
        return series.order_by("-received_at").first()

    def _age(self, series: BridgeSeries, now: datetime) -> timedelta:
        """By the earlier of both clocks."""
        assert series.received_at is not None
        return now - min(series.made_at or series.received_at, series.received_at)

    def _reading(self, series: BridgeSeries, looked_at: datetime | None) -> AccountReading:
        reading = reading_of_series(series, not_before=looked_at)
        assert reading is not None
        return reading

    def _silent(self, series: BridgeSeries | None, now: datetime) -> PullFault:
        if series is None:
            return PullFault("no_push", "No bridge has pushed this account yet.", Verdict.LATER)
        seconds = int(self._age(series, now).total_seconds())
        return PullFault(
            "push_stale",
            f"The bridge saw the account {seconds:,} seconds ago, and did not look again when it was asked.",
            Verdict.LATER,
        )


def of_bridge(connection: Connection) -> frozenset[Ability]:
    """What can be done through it besides being pushed to: closing only where whoever runs the bridge allows it."""
    found = {Ability.READ_POSITIONS}
    if CommandKind.CLOSE in carried_out(connection):
        found.add(Ability.CLOSE)
    return frozenset(found)


def marks_of(client_id: str) -> dict[str, Any]:
    """What the order carries at the broker, which has no client ids: a number of ours, and a comment, which brokers may
    overwrite."""
    digest = hashlib.sha256(client_id.encode()).digest()
    word = base64.b32encode(digest[4:14]).decode().lower()
    return {"magic": int.from_bytes(digest[:4]) >> 1 | 1, "comment": f"FB{word}"}


# Of what anybody deals in: a bridge that says more is not believed.
_DIGITS_MAX = 12


def reply_of(answer: dict[str, Any]) -> Reply:
    """What a bridge's answer to a closing command says."""
    filled = _number(answer.get("filled"))
    order_id, reason = str(answer.get("order") or ""), str(answer.get("reason") or "")[:255]
    if answer.get("outcome") == "not_sent":
        is_final = answer.get("is_final") is True
        return Reply(Fate.REJECTED, ZERO, order_id, is_final=is_final, reason=reason)
    retcode = answer.get("retcode")
    if answer.get("outcome") != "sent" or type(retcode) is not int:
        return Reply(Fate.UNKNOWN, filled, order_id, reason=reason)
    return judge(retcode, filled, order_id, reason)


def _found(answer: dict[str, Any]) -> Reply:
    """By the broker's own history. The bridge knows whether it ever began to send."""
    filled, order_id = _number(answer.get("filled")), str(answer.get("order") or "")
    if answer.get("outcome") == "working":
        return Reply(Fate.WORKING, filled, order_id)
    if answer.get("outcome") == "over":
        return Reply(Fate.FILLED if filled else Fate.REJECTED, filled, order_id)
    if answer.get("begun") is False:
        return Reply(Fate.NEVER, reason="The bridge never began to send it, and never will.")
    return Reply(Fate.NOT_FOUND, reason="The terminal's history does not hold it yet.")


def _number(value: Any) -> Decimal:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return ZERO
    is_sane = found.is_finite() and found > 0 and abs(found.adjusted()) <= _DIGITS_MAX
    return found if is_sane else ZERO
