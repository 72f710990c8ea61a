"""How a history is told: through the doors that scanners, bots and people use, each thing at its own hour.

So the logs tell of those days and not of the day on which the demo was made. It is there as a whole or not at all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.db import transaction

from accounts.models import User
from common.errors import Unavailable
from journal.domain.values import LotMethod
from journal.models import BrokerAccount, CapturedKind, Plan, Recommendation
from journal.services import clock
from journal.services.accounts import create_account
from journal.services.captures.booking import ImportsRunning, book_captured
from journal.services.captures.receiving import Sender, receive_records
from journal.services.chain.refresh import follow_plan
from journal.services.demo.chain_decisions import Step
from journal.services.demo.chain_records import NEW_YORK, Tape
from journal.services.demo.market import Market
from journal.services.recommendations.standing import rebuild_standings

_CLOSES = time(19)


@dataclass(slots=True)
class Story(ABC):
    """`tag` tells two demos of one workspace apart; `account` is the number of the account that it is traded in."""

    workspace_id: int
    market: Market
    dice: Random
    tag: str
    account: str
    user: User | None
    proposals: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    tapes: list[Tape] = field(default_factory=list)
    account_name = "Bot"

    @property
    def ends_at(self) -> datetime:
        return datetime.combine(self.market.days[self.market.count - 1], _CLOSES, NEW_YORK)

    @abstractmethod
    def write(self) -> None:
        """Fills proposals, steps and tapes."""

    def tell(self) -> bool:
        """Whether it was told now: whatever was told before is not told again."""
        self.write()
        if Recommendation.objects.filter(record_id=self.proposals[0][1]["record_id"]).exists():
            return False
        self._open_account()
        with transaction.atomic():
            self._propose()
            for step in sorted(self.steps, key=lambda step: step.at):
                with clock.told_at(step.at):
                    step.do()
            self._trade()
        with clock.told_at(self.ends_at):
            rebuild_standings(self.workspace_id)
        return True

    def name(self, word: str, number: int) -> str:
        return f"{word}-{self.tag}-{number:02}"

    def tape(self, word: str, names: dict[str, str]) -> Tape:
        tape = Tape(self.market, self.dice, self.account, f"bot-{self.tag}-{word}", names)
        self.tapes.append(tape)
        return tape

    def _open_account(self) -> None:
        known = BrokerAccount.objects.filter(workspace_id=self.workspace_id, broker_id=self.account)
        if not known.exists():
            create_account(
                self.workspace_id, broker="ibkr", broker_id=self.account, name=self.account_name, base_currency="USD",
                zone="America/New_York", lot_method=LotMethod.FIFO,
            )  # fmt: skip

    def _propose(self) -> None:
        self.proposals.sort(key=lambda proposal: proposal[0])
        for at, said in self.proposals:
            self._receive(CapturedKind.RECOMMENDATION, [said], at)
        # Before time could say anything of them: that it does later, at its own hour.
        self._book(self.proposals[0][0])

    def _trade(self) -> None:
        for tape in self.tapes:
            at = tape.ends_at + timedelta(seconds=5)
            self._receive(CapturedKind.ORDER, tape.orders, at)
            self._receive(CapturedKind.EXECUTION, tape.fills, at)
        self._book(self.ends_at)
        for plan in Plan.objects.filter(
            follow_asked_at__isnull=False, workspace_id=self.workspace_id
        ):
            follow_plan(plan)

    def _receive(self, kind: CapturedKind, records: Sequence[dict[str, Any]], at: datetime) -> None:
        sender = Sender(self.workspace_id, self.user.pk if self.user else None)
        with clock.told_at(at):
            receipts = receive_records(sender, kind, [_in_json(one) for one in records])
        for one in receipts:
            assert one.is_taken, f"{one.record_id}: {one.message}"

    def _book(self, at: datetime) -> None:
        try:
            with clock.told_at(at):
                while book_captured(self.workspace_id):
                    pass
        except ImportsRunning as error:
            words = "A file is being imported into this workspace. Run it again after that."
            raise Unavailable("imports_running", words) from error


def _in_json(record: dict[str, Any]) -> dict[str, Any]:
    return {name: _word(value) for name, value in record.items()}


def _word(value: Any) -> Any:
    """Numbers as text and times in ISO, as they come over the API."""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
