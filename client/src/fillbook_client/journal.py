"""The journal as a trading program sees it."""

from __future__ import annotations

import atexit
import logging
import os
import time
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Callable, NamedTuple

from fillbook_client.asking import Asking
from fillbook_client.delivery import Delivery, TradingLocked
from fillbook_client.missed import execution_of
from fillbook_client.records import Number, moment, now, number, write_record
from fillbook_client.scanner import ScannerNames
from fillbook_client.spool import Refused, Spool
from fillbook_client.wire import Wire

logger = logging.getLogger("fillbook")

_NUMBERS = (
    "quantity", "price", "fee", "limit_price", "stop_price", "filled_quantity", "average_price", "multiplier", "strike",
    "entry_price", "entry_price_to", "target_price",
)  # fmt: skip
# Where nothing was reported yet, a backfill begins so long ago.
_UNKNOWN_PAST = timedelta(days=7)
_MOMENTS = ("executed_at", "ordered_at", "at", "expires_at")


class Status(NamedTuple):
    """Counts of records: still in the spool, delivered and refused by this process; and what is wrong, if anything."""

    waiting: int
    delivered: int
    refused: int
    trouble: str


class Journal(ScannerNames, Asking):
    """Reports to a Fillbook journal. Nothing here blocks or raises into the program that calls it.

    Every call writes one record to a spool on this machine and returns its id; a thread delivers in the background, in
    order, and goes on until it works. A record that makes no sense is logged and kept with the refused ones.

    `url` and `token` default to FILLBOOK_URL and FILLBOOK_TOKEN; without them, or with `local_only` (or
    FILLBOOK_LOCAL_ONLY=1), records stay in the spool until a program comes that delivers. `account`, `broker` and
    `source` are said of every record that does not say otherwise; together with its broker an account is made that the
    journal does not know.

    `on_locked` is called, from the thread that delivers, for each order that is refused because trading is locked.
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        account: str | None = None,
        broker: str | None = None,
        source: str = "bot",
        spool: str | Path | None = None,
        local_only: bool | None = None,
        timeout: float = 10.0,
        on_locked: Callable[[TradingLocked], object] | None = None,
    ) -> None:
        self._on_locked = on_locked
        self.account = account
        self.broker = broker
        self.source = source
        self._spool = Spool(Path(spool or os.environ.get("FILLBOOK_SPOOL") or _default_spool()))
        self._url = url or os.environ.get("FILLBOOK_URL", "")
        self._token = token or os.environ.get("FILLBOOK_TOKEN", "")
        if local_only is None:
            local_only = os.environ.get("FILLBOOK_LOCAL_ONLY", "") not in ("", "0", "no", "false")
        self.local_only = local_only or not (self._url and self._token)
        self._timeout = timeout
        self._delivery: Delivery | None = None
        self._process = 0
        self._start()
        atexit.register(self.close, 2.0)

    # -- what happened -------------------------------------------------------------------------------

    def execution(
        self,
        symbol: str,
        side: str,
        quantity: Number,
        price: Number,
        *,
        executed_at: Any = None,
        exec_id: str | None = None,
        **more: Any,
    ) -> str:
        """A fill. `exec_id` is the broker's id of it, by which the journal recognises it in statements later."""
        fields = {
            "symbol": symbol,
            "side": side,
            "quantity": quantity,
            "price": price,
            "exec_id": exec_id,
            **more,
        }
        fields["executed_at"] = now() if executed_at is None else executed_at
        return self._record("execution", fields)

    def order(self, client_order_id: str, status: str, *, at: Any = None, **more: Any) -> str:
        """One moment in the life of an order: placed, modified, partially_filled, filled, cancelled, rejected…"""
        fields = {"client_order_id": client_order_id, "status": status, **more}
        return self._record("order", {**fields, "at": now() if at is None else at})

    def recommend(self, symbol: str, *, strategy: str = "", at: Any = None, **more: Any) -> str:
        """What a scanner, bot or assistant proposed. The id that comes back is what a later order may refer to."""
        fields = {"symbol": symbol, "strategy": strategy, **more}
        return self._record("recommendation", {**fields, "at": now() if at is None else at})

    def plan(
        self, symbol: str, side: str | None = None, *, plan_id: str | None = None, **more: Any
    ) -> str:
        """What is meant before it is done: entry_price, stop_price, target_price, quantity, conditions, expires_at…
        The id that comes back is the `plan_id` by which orders and fills refer to it."""
        return self._record(
            "plan", {"symbol": symbol, "side": side, "plan_id": plan_id, **more}, name="plan_id"
        )

    def backfill(
        self,
        fetch: Callable[[datetime], Iterable[Any]],
        *,
        since: datetime | None = None,
        overlap: timedelta = timedelta(hours=24),
        **more: Any,
    ) -> int:
        """Report again what the broker has: for what a bot that was dead has missed. Says how many fills there were.

        `fetch(since)` gives the broker's own fills from then on: ccxt's unified trades, ib_async's fills, or mappings
        with the fields of `execution`. What was reported before is known by its `exec_id` and counts once. Without
        `since` it is the last fill that this spool has seen, and `overlap` before it. Unlike everything else here it
        waits for the broker, and what `fetch` raises is logged: call it before the bot begins to trade.
        """
        try:
            begin = since or _moment_of(self._spool.last_fill()) - overlap
            count = 0
            for fill in fetch(begin):
                self.execution(**{**more, **execution_of(fill)})
                count += 1
        except Exception:
            logger.exception("The broker's fills could not be reported again.")
            return -1
        return count

    # -- how it goes ---------------------------------------------------------------------------------

    def status(self) -> Status:
        delivery = self._delivery
        try:
            waiting = self._spool.count()
        except Exception as error:
            done = (delivery.delivered, delivery.refused) if delivery else (0, 0)
            return Status(self._spool.in_memory, *done, f"The spool cannot be read: {error}")
        if delivery is None:
            return Status(waiting, 0, 0, "")
        return Status(waiting, delivery.delivered, delivery.refused, delivery.trouble)

    def list_refused(self) -> list[Refused]:
        """What the journal will not take, and why. `retry_refused` sends it again."""
        try:
            return self._spool.list_refused()
        except Exception:
            logger.exception("What was refused cannot be read.")
            return []

    def retry_refused(self) -> int:
        try:
            count = self._spool.retry_refused()
            self._wake()
        except Exception:
            logger.exception("What was refused cannot be sent again.")
            return 0
        return count

    def flush(self, timeout: float = 30.0) -> bool:
        """Wait until nothing waits any more; False when that took too long. For the end of a script, not for a bot."""
        deadline = time.monotonic() + timeout
        if self._delivery is not None:
            self._delivery.hurry()
        while self._waits():
            if self._delivery is None or time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def close(self, timeout: float = 5.0) -> None:
        """Stop delivering. What still waits is delivered by the next program that uses the spool."""
        delivery, self._delivery = self._delivery, None
        if delivery is not None and self._process == os.getpid():
            delivery.stop(timeout)
        self._spool.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- inside --------------------------------------------------------------------------------------

    def _record(self, kind: str, fields: dict[str, Any], *, name: str = "record_id") -> str:
        """`name` is what the journal calls the id of such a record."""
        record_id = uuid.uuid4().hex
        defaults = {"account": self.account, "broker": self.broker, "source": self.source}
        try:
            said = {name: value for name, value in fields.items() if value is not None}
            record_id = str(said.get(name, record_id))
            fields = {**defaults, **said, name: record_id}
            self._spool.add(kind, record_id, write_record(_exact(fields)))
            self._wake()
        except Exception:
            # Whatever it is, the program that trades must not hear of it.
            logger.exception("A %s could not be recorded: %r", kind, fields)
        return record_id

    def _waits(self) -> bool:
        try:
            return bool(self._spool.count())
        except Exception:
            # Unreadable: what is in it cannot be known, only what is in memory.
            return bool(self._spool.in_memory)

    def _wake(self) -> None:
        if self._process != os.getpid():
            self._start()  # after a fork there are no threads
        if self._delivery is not None:
            self._delivery.wake()

    def _start(self) -> None:
        self._process = os.getpid()
        self._delivery = None
        if not self.local_only:
            try:
                wire = Wire(self._url, self._token, timeout=self._timeout)
                self._delivery = Delivery(self._spool, wire, self._on_locked)
            except Exception:
                logger.exception("Nothing is delivered; records stay in %s.", self._spool.path)


def _exact(fields: dict[str, Any]) -> dict[str, Any]:
    """Numbers and moments as the journal reads them. One that cannot be read is sent as it is: the journal says so."""
    for names, write in ((_NUMBERS, number), (_MOMENTS, moment)):
        for name in names:
            value = fields.get(name)
            if value is not None:
                try:
                    fields[name] = write(value)
                except (ArithmeticError, ValueError, TypeError, OSError):
                    fields[name] = str(value)
    return fields


def _moment_of(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return datetime.now(timezone.utc) - _UNKNOWN_PAST
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def _default_spool() -> Path:
    base = os.environ.get("XDG_STATE_HOME") or os.path.join(
        os.path.expanduser("~"), ".local", "state"
    )
    return Path(base) / "fillbook" / "spool.sqlite3"
