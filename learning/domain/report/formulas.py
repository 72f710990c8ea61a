"""By which rule each number of a report is made of its material, one line each; the JSON of a report names them."""

from __future__ import annotations

from collections.abc import Mapping

FORMULAS: Mapping[str, str] = {
    "total_r": "Sum of R over trades that closed in the period; R is net result over the risk fixed at entry.",
    "total_money": "Exact sum of net results in the report's currency over trades that closed in the period.",
    "trades": "Trades whose last fill was in the period and known when the report was made.",
    "expectancy_r": "Mean R; over 90 days with the interval over weeks of entry, corrected for skewness (Hall 1992).",
    "win_rate": "Winners over all trades, scratches among them; interval by Wilson.",
    "break_even_rate": "The win rate at which such winners, losers and scratches bring nothing: of money, or, with "
    "trades in other currencies among them, of R over those that have one.",
    "profit_factor_r": "Sum of R of winners over that of losers; interval by the delta method over weeks.",
    "predicted": "5th to 95th percentile of as many trades drawn from the 90 days before, whole weeks weighted at "
    "random (Rubin 1981); the place in it is the share that is lower, ties half.",
    "counts": "5th to 95th percentile of trades per week over the whole weeks of the 90 days before.",
    "drawdown_r": "Highest sum of R over the 90 days so far, the start counted, less the sum now.",
    "open_risk": "Exact sum of the risk fixed at entry over what is open.",
    "adherence": "Mean over trades of the share of known, controllable rules that were kept.",
    "mistake_cost": "Sum of R made less R by plan over trades that broke the rule; a trade that broke several is "
    "shared equally; interval by weights on whole weeks.",
    "count": "A count.",
    "r": "Net result over the risk fixed at entry.",
    "scanner_quality": "Mean R by plan over all recommendations shown whose outcome is known.",
    "picking": "Mean R by plan of what was executed less that of what was ignored in the same week.",
    "management": "Mean of R made less R by plan over what was executed.",
    "advice": "Sum of R that moves of settings made on proposals after them; interval over moves.",
    "share_of_risk": "Open risk of one underlying over that of all.",
    "held_days": "Days from opening to close, or to the end of the period where it is open.",
    "entry_cost": "Mean of side times fill less mid of the quote at the decision, over the risk fixed at entry.",
    "spread_share": "Mean of side times fill less mid over the spread: 0 at the mid, a half where all of it was paid.",
    "of_maximum": "Net result at the price of the day over the most it could make since it was last adjusted.",
    "open_result": "Exact net result if closed at the broker's price of the day, fees so far included.",
    "cagr": "Compounded weekly returns, a year; interval by drawing stretches of weeks again (Politis, Romano 1994).",
    "sharpe": "Mean weekly return over its standard deviation, times the root of 52; interval by its variance.",
    "sortino": "Mean weekly return over its downside deviation, times the root of 52.",
    "max_drawdown": "Largest fall of compounded weekly returns from a peak, the start a peak.",
    "calmar": "Growth a year over the largest fall.",
    "upi": "Growth a year over the root mean square of falls.",
    "psr": "Chance that the true Sharpe ratio is above 0 (Bailey, Lopez de Prado 2012).",
    "dsr": "The same against the best that as many worthless questions as were asked would show (2014).",
}  # fmt: skip
