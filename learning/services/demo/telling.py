"""The season as it was told: by its scanner, by the person who decided, and by the bot that traded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from accounts.models import Membership
from journal.domain.values import Side
from journal.models import DecidedVia, Recommendation
from journal.services import clock
from journal.services.demo.chain_decisions import Desk, Step, decide_shares
from journal.services.demo.chain_options import Leg, credit_of
from journal.services.demo.chain_prices import store_series
from journal.services.demo.chain_records import (
    NEW_YORK,
    SCANNER,
    SPREADS,
    at_risk,
    moment,
    recommend_shares,
    told_leg,
    trade_combined,
    trade_shares,
)
from journal.services.demo.chain_script import SHARES, Fate
from journal.services.demo.chain_shares import HELD_MOST, When, make_idea, run
from journal.services.demo.story import Story
from journal.services.prices.replaying import replay_ignored
from journal.services.recommendations.deciding import Actor
from journal.services.recommendations.outcomes import report_outcome
from learning.services.demo.premium import IV_RANK_LEAST, Case, Way, delta, list_cases
from learning.services.demo.season import PREMIUM, PRODUCTS, SESSIONS, SWINGS, Quotes, Season

_CENT = Decimal("0.01")
_HALF_SPREAD = Decimal("0.0002")
_SWINGS_A_SESSION = 0.32
_APPROVED = 0.2  # of what is traded; the rest needs nobody
_SCANNER = Actor(DecidedVia.API, "Scanner")
_WORDS = {
    Way.TARGET: ("take_profit", "Half of the profit"),
    Way.STOP: ("stop_loss", "Twice the credit"),
    Way.TIME: ("exit", "21 DTE"),
    Way.HAND: ("exit", "By hand"),
}
_WHY = {
    Fate.IGNORED: ("Was away.", "Enough of this sector."),
    Fate.REJECTED: ("Reports in that time.", "The spread is too wide to get out of.", "Third of this kind this week."),
}  # fmt: skip


def tell(membership: Membership, tag: str, *, sessions: int = SESSIONS) -> bool:
    """Up to the last session that is over. Whether it was told now: what was told before is not told again."""
    until = clock.now().astimezone(NEW_YORK).date() - timedelta(days=1)
    dice = Random(f"season {tag}")  # noqa: S311 - the same every time is the point
    story = SeasonStory(
        membership.workspace_id,
        Season(dice, until, sessions),
        dice,
        tag=f"{tag}s",
        account=f"U{4_000_000 + int(tag)}6",
        user=membership.user,
    )
    return story.tell()


class SeasonStory(Story):
    """`market` is a Season."""

    account_name = "Premium"
    market: Season

    def tell(self) -> bool:
        if not super().tell():
            return False
        for symbol in (*PREMIUM, *SWINGS):
            store_series(
                self.workspace_id, self.market, symbol, PRODUCTS[symbol], 0, now=self.ends_at
            )
        replay_ignored()
        return True

    def write(self) -> None:
        quotes = Quotes(self.market)
        desk = Desk(self.workspace_id, self.market, self.dice, self.account, self.user)
        for case in list_cases(self.market, quotes, self.dice):
            self._write_case(desk, quotes, case)
        self._write_swings(desk, quotes)

    # -- spreads -----------------------------------------------------------------------------------------

    def _write_case(self, desk: Desk, quotes: Quotes, case: Case) -> None:
        spread = case.spread
        name = self.name(SPREADS, spread.number)
        said = self._proposal(quotes, case, name)
        self.proposals.append((said["at"], said))
        if case.fate in _WHY:
            at = said["at"] + timedelta(minutes=self.dice.randint(3, 90))
            self.steps.append(desk.decided(name, case.fate.value, at, _WHY[case.fate]))
        elif said["needs_approval"]:
            at = said["at"] + timedelta(minutes=2)
            self.steps.append(desk.decided(name, "approved", at, ("",)))
        if case.by_rule is not None:
            self.steps.append(_outcome(self.market, case, name))
        if case.fate.is_traded:
            self._write_trade(case, name)

    def _proposal(self, quotes: Quotes, case: Case, name: str) -> dict[str, Any]:
        spread = case.spread
        at = moment(self.market, spread.product, spread.made)
        credit, risk = spread.credit, at_risk(spread.legs) or Decimal(0)
        expiry = min(leg.contract.expiry for leg in spread.legs if leg.contract.expiry)
        features: dict[str, Any] = {
            "iv_rank": {"value": str(case.iv_rank), "as_of": (at - timedelta(seconds=40)).isoformat()},
            "dte": (expiry - at.date()).days,
            "delta": str(delta(self.market, quotes, spread)),
            "credit_width": str((credit / (credit + risk)).quantize(_CENT)),
            "term": self.dice.choice(("contango", "contango", "flat", "backwardation")),
            **_quote(abs(credit), _CENT * 2 * len(spread.legs)),
        }  # fmt: skip
        if case.is_late:
            evening = self.market.iv_rank(spread.product.symbol, spread.made.session + 1)
            known_at = (at + timedelta(hours=8)).isoformat()
            features["evening_iv_rank"] = {"value": str(evening), "as_of": known_at}
        said = {
            "record_id": name, "symbol": spread.product.symbol, "strategy": spread.shape.strategy,
            "quantity": spread.units, "source": "scanner", "at": at, "legs": [told_leg(leg) for leg in spread.legs],
            "probability": f"{min(0.92, 0.62 + self.dice.uniform(-0.05, 0.08)):.2f}", "features": features,
            "expected_profit": (credit * 50 * spread.units).quantize(_CENT),
            "expected_loss": (risk * 100 * spread.units).quantize(_CENT),
            "reason": f"IV rank {case.iv_rank:.0f}: {credit} of credit for {risk} at risk.",
            "scanner": SPREADS, "scanner_version": "2.0",
            "parameters": {"min_iv_rank": str(IV_RANK_LEAST), "profit_taking": "0.5", "last_dte": "21"},
            "pool": "shadow" if case.fate is Fate.SHADOW else "shown",
            "needs_approval": case.fate.is_traded and self.dice.random() < _APPROVED,
        }  # fmt: skip
        if case.fate in {Fate.EXPIRED, Fate.SHADOW}:
            said["expires_at"] = at + timedelta(hours=6)
        return said

    def _write_trade(self, case: Case, name: str) -> None:
        spread = case.spread
        tape = self.tape(f"p{spread.number:03}", {"recommendation_id": name})
        opened = spread.made._replace(part=spread.made.part + 0.05)
        trade_combined(tape, spread, "entry", _worse(spread.legs, self.dice), opened, role="entry")
        if case.done is not None:
            role, why = _WORDS[case.done.way]
            legs = _worse(case.done.legs, self.dice)
            trade_combined(tape, spread, "exit", legs, case.done.when, role=role, reason=why)

    # -- shares ------------------------------------------------------------------------------------------

    def _write_swings(self, desk: Desk, quotes: Quotes) -> None:
        free: dict[str, int] = {}
        span = self.market.count - HELD_MOST - 4
        count = int(self.market.count * _SWINGS_A_SESSION)
        for number in range(1, count + 1):
            session = 1 + (number - 1) * span // count
            symbol = self.dice.choice(
                [one for one in SWINGS if free.get(one, 0) <= session] or SWINGS
            )
            wanted = SHARES[number % len(SHARES)]
            fate = Fate.IGNORED if wanted is Fate.LEFT or free.get(symbol, 0) > session else wanted
            if fate.is_traded:
                free[symbol] = session + HELD_MOST + 2
            made = When(session, self.dice.uniform(0.05, 0.6))
            self._write_swing(desk, quotes, number, symbol, made, fate)

    def _write_swing(
        self, desk: Desk, quotes: Quotes, number: int, symbol: str, made: When, fate: Fate
    ) -> None:
        idea = make_idea(self.market, self.dice, number, PRODUCTS[symbol], made, fate)
        name = self.name(SCANNER, number) if fate.is_proposed else ""
        plan = self.name("plan", number) if fate.is_planned else ""
        if name:
            said = recommend_shares(idea, self.market, name, self.dice)
            said["features"] |= _quote(idea.entry, max(_CENT, idea.entry * _HALF_SPREAD))
            self.proposals.append((said["at"], said))
        course = run(self.market, self.dice, idea) if fate.is_traded else None
        self.steps += decide_shares(desk, idea, course, name, plan)
        if course is not None:
            names = {"plan_id": plan, "recommendation_id": name} if name else {}
            contract = quotes.of(idea.product, self.market.days[made.session])
            trade_shares(
                self.tape(f"s{number:02}", names),
                idea,
                course,
                Leg(contract, idea.sign, course.price),
            )


def _quote(middle: Decimal, half: Decimal) -> dict[str, str]:
    """What an execution is held against."""
    return {
        "bid": str((middle - half).quantize(_CENT)),
        "ask": str((middle + half).quantize(_CENT)),
    }


def _worse(legs: tuple[Leg, ...], dice: Random) -> tuple[Leg, ...]:
    """As they were filled: a cent or two beside the middle, now and then."""
    found = []
    for leg in legs:
        off = _CENT * dice.choice((0, 0, 1, 1, 2))
        price = leg.price + off if leg.side is Side.BUY else max(_CENT, leg.price - off)
        found.append(leg._replace(price=price))
    return tuple(found)


def _outcome(market: Season, case: Case, name: str) -> Step:
    assert case.by_rule is not None
    spread, left = case.spread, case.by_rule
    result = spread.credit + credit_of(left.legs)
    risk = at_risk(spread.legs) or Decimal(1)
    at = moment(market, spread.product, left.when)
    said = {
        "result_per_unit": str(result), "r_multiple": str((result / risk).quantize(Decimal("0.0001"))),
        "entry_price": str(spread.credit), "exit_price": str(-credit_of(left.legs)), "closed_at": at.isoformat(),
        "close_reason": _WORDS[left.way][1].lower(), "mark_quality": "intraday_quote",
    }  # fmt: skip
    return Step(at, _reporting(name, said))


def _reporting(name: str, said: dict[str, Any]) -> Callable[[], object]:
    return lambda: report_outcome(Recommendation.objects.get(record_id=name), said, _SCANNER)
