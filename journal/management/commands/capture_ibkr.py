"""Listen to TWS or IB Gateway, until somebody stops it."""

from __future__ import annotations

import asyncio
import logging
import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_scopes import scope

from common.errors import AppError
from common.queue import enqueue_soon
from journal import tasks
from journal.management.workspaces import workspace_named
from journal.models import ACTORS
from journal.services.tws.connecting import TakenAway, ensure_connection

_BOOKING_DELAY_SECONDS = 0.5
_SOURCES = sorted(one.value for one in ACTORS)


class Command(BaseCommand):
    help = (
        "Capture orders and fills of Interactive Brokers in real time, from TWS or IB Gateway (docs/ibkr-live.md). "
        "It only asks and can place no order. Runs until it is stopped, and reconnects by itself. Exit code 0: it was "
        "stopped; 1: it cannot run, and the last line says why; 2: wrong arguments; 3: its connection was disconnected "
        "on the page, and starting it again makes a new one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", required=True, help="name or slug")
        parser.add_argument("--host", default="127.0.0.1", help="where TWS or Gateway runs")
        parser.add_argument(
            "--port",
            type=int,
            default=4001,
            help="4001 Gateway (default), 7496 TWS; 4002 and 7497 for paper accounts",
        )
        parser.add_argument(
            "--client-id", type=int, default=17, help="best the one that TWS names as master"
        )
        parser.add_argument(
            "--account",
            action="append",
            default=[],
            metavar="NUMBER",
            help="only this account; may be given several times (default: all of the login)",
        )
        parser.add_argument(
            "--source",
            choices=_SOURCES,
            default="bot",
            help="who gives the orders of this login (default: bot)",
        )
        parser.add_argument(
            "--timezone",
            default="",
            metavar="ZONE",
            help="zone that TWS is set to, such as Europe/Berlin (default: America/New_York)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from journal.services.tws.service import Place, Service  # noqa: PLC0415 - needs ib_async
        except ModuleNotFoundError as error:
            package = str(error.name).partition(".")[0]
            if package not in ("ib_async", "eventkit", "nest_asyncio", "numpy"):
                raise
            raise CommandError(
                f"{package} is not installed, which speaks to TWS. Install it with: make ibkr"
            ) from error
        if not 0 < options["port"] < 65_536 or not 0 <= options["client_id"] < 2**31:
            raise CommandError("--port and --client-id must be whole numbers.", returncode=2)
        workspace = workspace_named(options["workspace"])
        with scope(workspace=workspace.pk):
            try:
                connection = ensure_connection(
                    workspace.pk,
                    options["host"],
                    options["port"],
                    options["client_id"],
                    numbers=options["account"],
                    zone=options["timezone"],
                )
            except AppError as error:
                raise CommandError(error.message, returncode=2) from error
        from journal.services.tws.keeping import Keeper  # noqa: PLC0415 - the same

        # ib_async logs every message; what matters of it is said here in plain words.
        logging.getLogger("ib_async").setLevel(logging.CRITICAL)
        place = Place(options["host"], options["port"], options["client_id"], options["timezone"])
        keeper = Keeper(workspace.pk, connection.pk, source=options["source"])

        def wrote() -> None:
            enqueue_soon(tasks.book_captured, workspace.pk, seconds=_BOOKING_DELAY_SECONDS)

        self.stdout.write(
            f"Listening to TWS at {place.host}:{place.port} as client {place.client_id}. Ctrl-C stops."
        )
        try:
            asyncio.run(_run(Service(place, keeper, wrote=wrote)))
        except TakenAway as error:
            raise CommandError(str(error), returncode=3) from error


async def _run(service: Any) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await service.run(stop)
