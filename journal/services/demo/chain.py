"""The chain of the demo: what its scanner proposed, who decided what, the plans, and the trades of its bot."""

from __future__ import annotations

from journal.services.demo.chain_decisions import Desk, decide_shares, decide_spread
from journal.services.demo.chain_options import Leg, Spread, list_spreads
from journal.services.demo.chain_prices import store_prices
from journal.services.demo.chain_records import (
    SCANNER,
    SPREADS,
    recommend_shares,
    recommend_spread,
    trade_shares,
    trade_spread,
)
from journal.services.demo.chain_shares import Idea, list_ideas, run
from journal.services.demo.contracts import Contracts
from journal.services.demo.story import Story
from journal.services.prices.replaying import replay_ignored
from journal.services.recommendations.rules import change_rules

_HOURS_OF_A_LINK = 72


class Chain(Story):
    def tell(self) -> bool:
        if not super().tell():
            return False
        # From here on time stands still: what waits on the demo's last day waits for whoever looks at it.
        change_rules(self.workspace_id, ignored_after_hours=None, link_hours=_HOURS_OF_A_LINK)
        store_prices(self.workspace_id, self.market, now=self.ends_at)
        replay_ignored()
        return True

    def write(self) -> None:
        contracts = Contracts(self.market)
        desk = Desk(self.workspace_id, self.market, self.dice, self.account, self.user)
        for idea in list_ideas(self.market, self.dice):
            self._write_idea(desk, contracts, idea)
        for spread in list_spreads(self.market, contracts, self.dice):
            self._write_spread(desk, spread)

    def _write_idea(self, desk: Desk, contracts: Contracts, idea: Idea) -> None:
        name = self.name(SCANNER, idea.number) if idea.fate.is_proposed else ""
        plan = self.name("plan", idea.number) if idea.fate.is_planned else ""
        if name:
            said = recommend_shares(idea, self.market, name, self.dice)
            self.proposals.append((said["at"], said))
        course = run(self.market, self.dice, idea) if idea.fate.is_traded else None
        self.steps += decide_shares(desk, idea, course, name, plan)
        if course is not None:
            names = {"plan_id": plan, "recommendation_id": name} if name else {}
            tape = self.tape(f"s{idea.number:02}", names)
            contract = contracts.of(idea.product, self.market.days[idea.made.session])
            trade_shares(tape, idea, course, Leg(contract, idea.sign, course.price))

    def _write_spread(self, desk: Desk, spread: Spread) -> None:
        fate = spread.shape.fate
        name = self.name(SPREADS, spread.number) if fate.is_proposed else ""
        if name:
            said = recommend_spread(spread, self.market, name, self.dice)
            self.proposals.append((said["at"], said))
            self.steps += decide_spread(desk, spread, name)
        if fate.is_traded:
            names = {"recommendation_id": name} if name else {}
            trade_spread(self.tape(f"c{spread.number:02}", names), spread)
