"""`manage.py capture_ibkr` in this process: the service in a thread of its own, as long as a test wants it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from django_scopes import scope

from accounts.models import Workspace
from journal.models import Connection
from journal.selectors.connections import Standing, standings_of
from journal.services.tws.connecting import ensure_connection
from journal.services.tws.keeping import Keeper
from journal.services.tws.service import Place, Rhythm, Service
from tests.simulators.tws import Contract, Fill, Order, Tws

QUICK = Rhythm(write=0.01, orders=0.1, fills=0.2, first_retry=0.05, longest_retry=0.2, patience=2.0)
# Nothing is asked again while a test lasts: only what is pushed, and what is asked for at the start.
PUSHED_ONLY = Rhythm(
    write=0.01, orders=600, fills=600, first_retry=0.05, longest_retry=0.2, patience=2.0
)
ACME = Contract(4711, "ACME")
# Fills belong to orders that live then.
AT = f"{datetime.now(UTC):%Y%m%d-%H:%M:%S}"


def bracket(**values: Any) -> tuple[Order, Order, Order]:
    """An entry, its stop loss and its take profit."""
    shared = {"contract": ACME, **values}
    entry = Order(11, 5001, limit="25.5", **shared)
    stop = Order(
        12, 5002, action="SELL", kind="STP", aux="24", parent=11, group="5001", status="PreSubmitted", held="child,trigger",
        **shared,
    )  # fmt: skip
    target = Order(
        13,
        5003,
        action="SELL",
        limit="28",
        parent=11,
        group="5001",
        status="PreSubmitted",
        held="child",
        **shared,
    )
    return entry, stop, target


def fill_of(order: Order, place: int = 1, **values: Any) -> Fill:
    said = {
        "quantity": order.quantity,
        "price": "25.49",
        "at": AT,
        "contract": order.contract,
        **values,
    }
    side = "BOT" if order.action == "BUY" else "SLD"
    return Fill(f"0000e0d5.65b8{order.permanent}.{place:02d}.01", order, side=side, **said)


class Running:
    """The service, in a thread with a loop of its own."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._begun = threading.Event()
        self._ended: list[BaseException] = []
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()
        assert self._begun.wait(10)

    def end(self) -> None:
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)
        assert not self._thread.is_alive()
        for error in self._ended:
            raise error

    def _work(self) -> None:
        try:
            asyncio.run(self._run())
        except BaseException as error:
            self._ended.append(error)

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._begun.set()
        await self._service.run(self._stop)


@contextlib.contextmanager
def listening(
    workspace: Workspace, tws: Tws, *, zone: str = "", **options: Any
) -> Iterator[Connection]:
    """Ends as a signal ends the command. Options: numbers, source, wrote, rhythm, inbox."""
    numbers, source = options.pop("numbers", ()), options.pop("source", "bot")
    with scope(workspace=workspace):
        connection = ensure_connection(
            workspace.pk, "127.0.0.1", tws.port, 17, numbers=numbers, zone=zone
        )
    keeper = Keeper(workspace.pk, connection.pk, source=source)
    settled = {"wrote": lambda: None, "rhythm": QUICK, **options}
    running = Running(Service(Place("127.0.0.1", tws.port, 17, zone), keeper, **settled))
    try:
        yield connection
    finally:
        running.end()


def until(holds: Callable[[], Any], *, seconds: float = 10) -> Any:
    """What it gives once that is true."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, "It never came to be."
        time.sleep(0.01)
    return found


def standing_of(connection: Connection) -> Standing:
    """As the page shows it now."""
    with scope(workspace=connection.workspace_id):
        found = Connection.objects.get(pk=connection.pk)
        return standings_of([found], now=timezone.now())[found.pk]
