"""A believable workspace of any size: invented statements, imported like anybody's.

The same request gives the same files and the same figures. A session's trades are made and written before the
next one's, and files are cut at a size, so memory does not grow with the number of executions.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from io import TextIOWrapper
from random import Random
from tempfile import TemporaryFile
from typing import IO

from accounts.models import User
from journal.models import BrokerAccount
from journal.services import imports
from journal.services.accounts import create_account
from journal.services.demo.annotating import annotate
from journal.services.demo.catalogue import ACCOUNTS
from journal.services.demo.chain import Chain
from journal.services.demo.market import Market
from journal.services.demo.parts import tell_parts
from journal.services.demo.statements import StatementWriter
from journal.services.demo.trader import Trader

EXECUTIONS_LEAST, EXECUTIONS_MOST = 50, 5_000_000
_FILE_EXECUTIONS = 50_000
_SESSIONS_LEAST, _SESSIONS_MOST = 30, 1_260
_EXECUTIONS_A_SESSION = 4
_BROKER = "ibkr"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class DemoRequest:
    """`until` is the last day. More executions are a longer history up to five years, then busier days.

    `has_chain`: with what was proposed, decided and planned, and a bot's trades beside those executions.
    `has_brokers`: with what apps above add (`journal.services.demo.parts`), up to now and in accounts of its own.
    """

    seed: int
    executions: int
    until: date
    has_chain: bool = True
    has_brokers: bool = False

    @property
    def digest(self) -> int:
        """Tells demos apart: account numbers and ids follow from it."""
        return zlib.crc32(f"{self.seed}:{self.executions}:{self.until}".encode()) % 900_000

    @property
    def sessions(self) -> int:
        wanted = self.executions // _EXECUTIONS_A_SESSION
        return max(_SESSIONS_LEAST, min(_SESSIONS_MOST, wanted))


def seed_workspace(
    workspace_id: int, *, request: DemoRequest, author_id: int | None, say: Say
) -> int:
    """Returns how many executions were new: none where the same demo is already there."""
    prefix = f"U{4_000_000 + request.digest}"
    _open_accounts(workspace_id, prefix)
    new = 0
    for name, file in write_statements(request, prefix=prefix):
        batch = imports.receive_file(
            workspace_id,
            file,
            name=name,
            request=imports.ImportRequest(source="demo", user_id=author_id),
        )
        imports.confirm_import(batch)
        result = imports.run_import(batch) or {}
        new += _count_new(result)
        say(f"{name}: {new:,} of {request.executions:,} executions")
    if request.has_chain:
        say("Recommendations, plans and prices")
        _tell_chain(workspace_id, prefix, request, author_id)
    annotate(workspace_id, dice=_dice(request, "notes"), author_id=author_id)
    if request.has_brokers:
        say("Brokers that say otherwise, and guards")
        tell_parts(workspace_id, f"{request.digest:06}", sessions=request.sessions)
    return new


def _tell_chain(
    workspace_id: int, prefix: str, request: DemoRequest, author_id: int | None
) -> None:
    Chain(
        workspace_id,
        Market(_dice(request, "market"), request.until, request.sessions),
        _dice(request, "chain"),
        tag=str(request.digest),
        account=f"{prefix}5",
        user=User.objects.filter(pk=author_id or 0).first(),
    ).tell()


def _open_accounts(workspace_id: int, prefix: str) -> None:
    """The accounts that statements cannot describe in full: how lots are matched, where the day ends."""
    for account in ACCOUNTS:
        number = f"{prefix}{account.number}"
        if BrokerAccount.objects.filter(workspace_id=workspace_id, broker_id=number).exists():
            continue
        create_account(
            workspace_id,
            broker=_BROKER,
            broker_id=number,
            name=account.name,
            base_currency=account.currency,
            zone=account.zone,
            lot_method=account.lot_method,
        )


def _dice(request: DemoRequest, purpose: str) -> Random:
    return Random(f"{purpose} {request.seed}")  # noqa: S311 - the same every time is the point


def _count_new(result: dict[str, object]) -> int:
    accounts = result.get("accounts", [])
    assert isinstance(accounts, list)
    return sum(account["executions"]["new"] for account in accounts)


def write_statements(request: DemoRequest, *, prefix: str) -> Iterator[tuple[str, IO[bytes]]]:
    """Flex files in the order of time, each open for reading until the next one is asked for."""
    dice = _dice(request, "market")
    market = Market(dice, request.until, request.sessions)
    trader = Trader(request.executions, dice, market)
    writer = StatementWriter(
        market, trader.contracts, prefix=prefix, first_id=10**10 + request.digest * 10**7
    )
    written = 0
    for index in trader.days():
        if index == 0:
            writer.add_unreadable(trader.ledger.fills[0])
        writer.collect(trader.ledger, index)
        if _is_end(market, index) or trader.ledger.executed - written >= _FILE_EXECUTIONS:
            written = trader.ledger.executed
            with _written(writer, trader, index) as (name, file):
                yield name, file


def _is_end(market: Market, index: int) -> bool:
    """Of the demo, or of a year: people export a year at a time."""
    day, following = market.days[index : index + 2]
    return index == market.count - 1 or day.year != following.year


@contextmanager
def _written(
    writer: StatementWriter, trader: Trader, index: int
) -> Iterator[tuple[str, IO[bytes]]]:
    with TemporaryFile() as file:
        text = TextIOWrapper(file, encoding="utf-8", write_through=True)
        name = writer.write(text, trader.ledger, index)
        text.detach()
        file.seek(0)
        yield name, file
