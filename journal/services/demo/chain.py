"""The chain of the demo: what its scanner proposed, who decided what, the plans, and the trades of its bot.

All of it goes through the doors that scanners, bots and people use, each at its own hour: so the logs tell of those
days and not of the day on which the demo was made. It is there as a whole or not at all.
"""

from __future__ import annotations

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
from journal.services.demo.chain_decisions import Desk, Step, decide_shares, decide_spread
from journal.services.demo.chain_options import Leg, Spread, list_spreads
from journal.services.demo.chain_prices import store_prices
from journal.services.demo.chain_records import (
    NEW_YORK,
    SCANNER,
    SPREADS,
    Tape,
    recommend_shares,
    recommend_spread,
    trade_shares,
    trade_spread,
)
from journal.services.demo.chain_shares import Idea, list_ideas, run
from journal.services.demo.contracts import Contracts
from journal.services.demo.market import Market
from journal.services.prices.replaying import replay_ignored
from journal.services.recommendations.rules import change_rules
from journal.services.recommendations.standing import rebuild_standings

_HOURS_OF_A_LINK = 72
_CLOSES = time(19)


@dataclass(slots=True)
class Chain:
    """`tag` tells two demos of one workspace apart; `account` is the number of the bot's own account."""

    workspace_id: int
    market: Market
    dice: Random
    tag: str
    account: str
    user: User | None
    proposals: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    tapes: list[Tape] = field(default_factory=list)

    @property
    def ends_at(self) -> datetime:
        return datetime.combine(self.market.days[self.market.count - 1], _CLOSES, NEW_YORK)

    def tell(self) -> None:
        """Whatever was told before is not told again."""
        self._write()
        if Recommendation.objects.filter(record_id=self.proposals[0][1]["record_id"]).exists():
            return
        self._open_account()
        with transaction.atomic():
            self._propose()
            for step in sorted(self.steps, key=lambda step: step.at):
                with clock.told_at(step.at):
                    step.do()
            self._trade()
        with clock.told_at(self.ends_at):
            rebuild_standings(self.workspace_id)
        # From here on time stands still: what waits on the demo's last day waits for whoever looks at it.
        change_rules(self.workspace_id, ignored_after_hours=None, link_hours=_HOURS_OF_A_LINK)
        store_prices(self.workspace_id, self.market, now=self.ends_at)
        replay_ignored()

    # -- what there is to tell ---------------------------------------------------------------------------

    def _write(self) -> None:
        contracts = Contracts(self.market)
        desk = Desk(self.workspace_id, self.market, self.dice, self.account, self.user)
        for idea in list_ideas(self.market, self.dice):
            self._write_idea(desk, contracts, idea)
        for spread in list_spreads(self.market, contracts, self.dice):
            self._write_spread(desk, spread)

    def _write_idea(self, desk: Desk, contracts: Contracts, idea: Idea) -> None:
        name = self._name(SCANNER, idea.number) if idea.fate.is_proposed else ""
        plan = self._name("plan", idea.number) if idea.fate.is_planned else ""
        if name:
            said = recommend_shares(idea, self.market, name, self.dice)
            self.proposals.append((said["at"], said))
        course = run(self.market, self.dice, idea) if idea.fate.is_traded else None
        self.steps += decide_shares(desk, idea, course, name, plan)
        if course is not None:
            names = {"plan_id": plan, "recommendation_id": name} if name else {}
            tape = self._tape(f"s{idea.number:02}", names)
            contract = contracts.of(idea.product, self.market.days[idea.made.session])
            trade_shares(tape, idea, course, Leg(contract, idea.sign, course.price))

    def _write_spread(self, desk: Desk, spread: Spread) -> None:
        fate = spread.shape.fate
        name = self._name(SPREADS, spread.number) if fate.is_proposed else ""
        if name:
            said = recommend_spread(spread, self.market, name, self.dice)
            self.proposals.append((said["at"], said))
            self.steps += decide_spread(desk, spread, name)
        if fate.is_traded:
            names = {"recommendation_id": name} if name else {}
            trade_spread(self._tape(f"c{spread.number:02}", names), spread)

    def _name(self, word: str, number: int) -> str:
        return f"{word}-{self.tag}-{number:02}"

    def _tape(self, word: str, names: dict[str, str]) -> Tape:
        tape = Tape(self.market, self.dice, self.account, f"bot-{self.tag}-{word}", names)
        self.tapes.append(tape)
        return tape

    # -- telling it --------------------------------------------------------------------------------------

    def _open_account(self) -> None:
        known = BrokerAccount.objects.filter(workspace_id=self.workspace_id, broker_id=self.account)
        if not known.exists():
            create_account(
                self.workspace_id, broker="ibkr", broker_id=self.account, name="Bot", base_currency="USD",
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
