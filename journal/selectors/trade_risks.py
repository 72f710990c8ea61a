"""What a trade risked: the one figure that R is counted in, on its cards and for programs.

Of one contract: what the plan's stop would have lost; without one, what the first stop order would have; without any,
what an option can lose. Of several legs: the most that they can lose; where they do not limit it, what the plan's stop
would have lost, if the plan names the price of all of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from journal.domain.chain.against_plan import Risked
from journal.domain.chain.stops import StopOrder
from journal.domain.exact import divide
from journal.domain.structures.risk import RiskBasis
from journal.domain.structures.values import SENTENCES, Unknown
from journal.domain.values import AssetClass
from journal.models import Trade
from journal.selectors.excursions import initial_risk
from journal.selectors.lives import read_lives
from journal.selectors.trade_paths import NoPath, path_of

OPTIONS = (AssetClass.OPTION, AssetClass.FUTURE_OPTION, AssetClass.WARRANT)
NO_STOP = "Neither a plan nor a stop order says what was risked."
WORDS: Mapping[RiskBasis, str] = {
    RiskBasis.MAXIMUM_LOSS: "the most that it could lose",
    RiskBasis.FALL_TO_ZERO: "if the underlying had become worthless",
    RiskBasis.PLANNED_STOP: "by the planned stop",
    RiskBasis.FIRST_STOP: "by the first stop order",
}


@dataclass(frozen=True, slots=True)
class TradeRisk:
    """Money in the trade's currency, or None and why. `stop` is where the first stop order stood, where it is that."""

    amount: Decimal | None
    basis: RiskBasis | None = None
    reason: str = ""
    stop: Decimal | None = None

    @property
    def words(self) -> str:
        return WORDS[self.basis] if self.basis is not None else ""

    def multiple(self, money: Decimal) -> Decimal | None:
        """So much money in R."""
        return divide(money, self.amount) if self.amount else None


def risk_of_trade(
    trade: Trade, stops: Sequence[StopOrder], by_plan: Risked | None = None
) -> TradeRisk:
    """`by_plan` is what the stop of its plan would have lost, None where it has no plan."""
    planned = by_plan.amount if by_plan is not None else None
    if trade.leg_count == 1:
        if planned is not None:
            return TradeRisk(planned, RiskBasis.PLANNED_STOP)
        first = _by_first_stop(trade, stops)
        if first is not None or trade.asset_class not in OPTIONS:
            why = by_plan.reason if by_plan is not None else NO_STOP
            return first or TradeRisk(None, reason=why)
    life = read_lives([trade.pk], {} if planned is None else {trade.pk: planned}).get(trade.pk)
    if life is None:
        return TradeRisk(None, reason=NO_STOP)
    amount, basis, reason = life.risk
    if reason is Unknown.RISK_UNDEFINED and by_plan is not None:
        return TradeRisk(None, reason=by_plan.reason)
    return TradeRisk(amount, basis, SENTENCES[reason] if reason is not None else "")


def _by_first_stop(trade: Trade, stops: Sequence[StopOrder]) -> TradeRisk | None:
    prices = [one.prices[0] for one in stops if one.prices]
    if not prices:
        return None
    at, price = min(prices)
    try:
        found = initial_risk(path_of(trade), price, at)
    except NoPath:
        return None
    return None if found is None else TradeRisk(found.money, RiskBasis.FIRST_STOP, "", found.stop)
