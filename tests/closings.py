"""A paper account with positions, a guard that has fired on it, and workers that can be killed at every step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal as D
from typing import Any
from unittest import mock
from uuid import uuid4

from accounts.models import Workspace
from journal.brokers.paper.fetcher import Paper
from journal.domain.values import Side
from journal.models import BrokerAccount, Connection
from journal.services.paper import trading
from journal.services.pulls.connections import create_connection
from journal.services.pulls.credentials import seal
from reconciliation.domain.closing import Phase
from reconciliation.models import (
    ChangeState,
    CloseIntent,
    CloseStep,
    FiringOutcome,
    Guard,
    GuardFiring,
    GuardKind,
    GuardVersion,
    Tally,
)
from reconciliation.services import telling
from reconciliation.services.closing import working
from reconciliation.services.closing.beginning import begin_closing
from reconciliation.services.closing.taking import Hold
from tests.simulators.link import Clock

NOON = "2026-11-18T15:00:00+00:00"
MINUTE = timedelta(seconds=60)


class Killed(BaseException):
    """The worker is gone, in the middle of whatever it did."""


def fire(workspace: Workspace, account: BrokerAccount | None, at: datetime, **more: Any) -> GuardFiring:  # fmt: skip
    guard = Guard.objects.create(
        workspace=workspace, account=account, kind=GuardKind.LIMIT, name="Daily loss", created_at=at
    )
    version = GuardVersion.objects.create(
        workspace=workspace, account=account, guard=guard, number=1, values={}, state=ChangeState.APPLIED, asked_at=at
    )  # fmt: skip
    guard.version = version
    guard.save()
    return GuardFiring.objects.create(
        workspace=workspace, guard=guard, account=account, version=version, fired_at=at,
        outcome=FiringOutcome.CLOSING, **more,
    )  # fmt: skip


@dataclass
class Told:
    """What `tell` was asked, instead of people; what was rolled back was not told."""

    said: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, topic: str, **said: Any) -> bool:
        kept = Tally.objects.create(name="told", label=uuid4().hex)
        self.said.append({"topic": topic, "kept": kept.pk, **said})
        return True

    @property
    def news(self) -> list[dict[str, Any]]:
        kept = set(Tally.objects.filter(name="told").values_list("pk", flat=True))
        return [one for one in self.said if one["kept"] in kept]

    def of(self, event: str) -> list[dict[str, Any]]:
        return [one for one in self.news if one["event"] == event]


@contextmanager
def told() -> Iterator[Told]:
    heard = Told()
    with mock.patch.object(telling, "tell", heard):
        yield heard


class PaperAccount:
    """Terms as in `journal.brokers.paper.terms`. What is held before anything is wrong with the broker is given as
    (symbol, signed quantity)."""

    def __init__(
        self, workspace: Workspace, held: tuple[tuple[str, int], ...], number: str = "P1", **terms: str
    ) -> None:  # fmt: skip
        self.workspace = workspace
        self.clock = Clock(NOON)
        said = {"account": number, "money": "1000000", "seed": "3"}
        self.connection = create_connection(workspace.pk, Paper(), said, user_id=None)
        self.account = BrokerAccount.objects.create(
            workspace=workspace, broker="paper", broker_id=number, base_currency="USD"
        )
        for count, (symbol, quantity) in enumerate(held):
            self.order(f"open-{count}", symbol, quantity)
        if terms:
            self.conduct(said | terms)

    def conduct(self, terms: dict[str, str]) -> None:
        sealed = seal(Paper(), terms)
        Connection.objects.filter(pk=self.connection.pk).update(
            credentials=sealed.text, credentials_digest=sealed.digest
        )
        self.connection.refresh_from_db()

    def order(self, name: str, symbol: str, quantity: int, **more: Any) -> None:
        side = Side.BUY if quantity > 0 else Side.SELL
        wish = trading.Wish(name, symbol, side, D(abs(quantity)), **more)
        assert trading.place_order(self.connection, wish, clock=self.clock) is not None

    def ledger(self) -> Any:
        with trading._ledger(self.connection, self.clock) as ledger:
            return ledger

    def held(self) -> dict[str, D]:
        trading.come_back(self.connection, clock=self.clock)
        seen = trading.look(self.connection, clock=self.clock)
        return {one.instrument.symbol: one.signed_quantity for one in seen.holdings}

    def fire(self, **more: Any) -> GuardFiring:
        return fire(self.workspace, self.account, self.clock.now(), **more)

    def begin(self, firing: GuardFiring | None = None) -> CloseIntent:
        (root,) = begin_closing(firing or self.fire(), [self.account.pk], now=self.clock.now())
        return root


def drive(root: CloseIntent, clock: Clock) -> int:
    """As the schedule does it: each second, by whatever worker there is. Says how often one was killed."""
    begun, kills = clock.now(), 0
    while clock.now() - begun < 3 * MINUTE:
        try:
            at = working.work(root.pk, clock=clock)
        except Killed:
            kills += 1
            at = clock.now() + timedelta(seconds=1)
        if at is None:
            root.refresh_from_db()
            return kills
        wait = (at - clock.now()).total_seconds()
        clock.advance(min(max(wait, 0.1), 1.0))
    raise AssertionError("three minutes, and neither flat nor a person's")


class Reaper:
    """Kills the worker at the `at`-th thing that it does: before and after each store, and each question."""

    def __init__(self, at: int) -> None:
        self._left = at
        self.has_killed = False

    def pass_by(self) -> None:
        if self._left == 0 and not self.has_killed:
            self.has_killed = True
            raise Killed
        self._left -= 1

    @contextmanager
    def at_work(self) -> Iterator[None]:
        storing, opening = Hold.storing, working.open_desk

        @contextmanager
        def store(hold: Hold) -> Iterator[CloseIntent]:
            self.pass_by()
            with storing(hold) as row:
                yield row
                # Nothing of the transaction stays.
                self.pass_by()
            self.pass_by()

        @contextmanager
        def open_desk(*arguments: Any, **more: Any) -> Iterator[Any]:
            with opening(*arguments, **more) as desk:
                yield _Watched(desk, self)

        with (
            mock.patch.object(Hold, "storing", store),
            mock.patch.object(working, "open_desk", open_desk),
        ):
            yield


class _Watched:
    def __init__(self, desk: Any, reaper: Reaper) -> None:
        self._desk, self._reaper = desk, reaper

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._desk, name)

        def call(*arguments: Any) -> Any:
            self._reaper.pass_by()
            answer = method(*arguments)
            self._reaper.pass_by()
            return answer

        return call


def orders_sent(root: CloseIntent) -> int:
    return CloseStep.objects.filter(intent__root=root, action="send").count()


def phases(root: CloseIntent) -> dict[str, str]:
    rows = CloseIntent.objects.filter(root=root)
    return {one.symbol: Phase(one.phase).value for one in rows}
