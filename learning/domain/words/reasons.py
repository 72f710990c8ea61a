"""Why there is no number, and what it would take, in the words of a trader."""

from __future__ import annotations

from learning.domain.figures import Reason

_WORDS = {
    Reason.NO_TRADES: "No closed trade to count it from.",
    Reason.NO_LOSERS: "Nothing was lost yet, so what a loss costs is not known.",
    Reason.NO_WINNERS: "Nothing was won yet.",
    Reason.ZERO_VARIANCE: "All results are the same, so there is nothing to set them against.",
    Reason.NO_DRAWDOWN: "It never fell below an earlier high.",
    Reason.EQUITY_NONPOSITIVE: "The account was worth nothing or less in between.",
    Reason.RISK_MISSING: "No risk was fixed at the entry: a stop in the plan or a defined risk gives R.",
    Reason.NOT_MATURED: "Too many of the trades opened then are still open.",
    Reason.NO_PATH: "What the account was worth in between is not known often enough.",
    Reason.NO_QUOTE: "No bid and ask were known at the decision.",
    Reason.NEVER: "It is not above nothing, so no number of trades would show that it is.",
    Reason.OUT_OF_RANGE: "Larger than a number can tell.",
}


def why_absent(reason: str, n: int, least: int | None) -> str:
    """A sentence for a figure without a value."""
    known = Reason(reason)
    if known is Reason.TOO_FEW:
        return f"Can't tell yet: {n:,} of the {least or 2:,} that it takes."
    if known is Reason.TOO_SHORT:
        return f"Too short to tell of a year: {n:,} of the {least or 1:,} periods that it takes."
    return _WORDS[known]
