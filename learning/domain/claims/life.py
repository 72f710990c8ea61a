"""A claim is noticed on some trades and has to hold on others: raised → confirmed | faded | retired → weakened.

Raised by a family of tests with direction and date frozen; from then on only trades closed later count, looked at three
times (60, 120 and 180 new trades; blocks of max(30, n/4) where fewer had been seen), one-sided at .05/3 each. Confirmed
claims are re-tested every quarter on the newest 120. With weekly looks for 500 trades a latch on BH says something
false to more than half of those who have nothing to find; this says it to one in thirty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

from learning.domain.claims.ranks import winners_against_losers, with_outcome
from learning.domain.seconds import DAY
from learning.domain.trades import Floats, Ints, Trades

LOOKS = 3
LEVEL = 0.05
BLOCK = 60
LEAST_BLOCK = 30
DAYS = 180
QUARTER = 91
RETEST = 120


class State(StrEnum):
    RAISED = "raised"
    CONFIRMED = "confirmed"
    WEAKENED = "weakened"
    FADED = "faded"
    RETIRED = "retired"

    @property
    def is_over(self) -> bool:
        """The same thing may be raised anew, on the trades since."""
        return self in (State.FADED, State.RETIRED)


class Outcome(StrEnum):
    WON = "won"
    """Winners against losers."""
    R = "r"


@dataclass(frozen=True, slots=True)
class Claim:
    """`subject`: what it is about (`feature:iv_rank`, `symbol:SPY`); `direction` +1: better where higher, or with it.

    `effect` is what was seen when it was raised, in R; moments are seconds since 1970; `p` is that of the last look.
    """

    subject: str
    outcome: Outcome
    direction: int
    effect: float
    raised_at: int
    n_at_raising: int
    state: State = State.RAISED
    looks: int = 0
    looked_at: int = 0
    p: float | None = None
    since: int = 0
    """When it came into its state."""

    @property
    def block(self) -> int:
        """New trades from one look to the next."""
        return min(BLOCK, max(LEAST_BLOCK, self.n_at_raising // 4))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Claim:
        return cls(**{**told, "outcome": Outcome(told["outcome"]), "state": State(told["state"])})


def raise_claim(
    subject: str, outcome: Outcome, z: float, effect: float, n: int, as_of: int
) -> Claim:
    """A claim as a run at `as_of` first makes it, on `n` trades."""
    return Claim(
        subject, outcome, 1 if z > 0 else -1, effect, as_of, n, looked_at=as_of, since=as_of
    )


@dataclass(frozen=True, slots=True)
class Progress:
    """Trades closed since a claim was raised, and how many the next look asks for."""

    new: int
    next_look: int | None


def new_rows(claim: Claim, trades: Trades, x: Floats) -> Ints:
    """Positions of the trades that may confirm: closed after the claim was raised, with a number to go by."""
    later = (trades.closed > claim.raised_at) & (trades.known_at > claim.raised_at) & ~np.isnan(x)
    if claim.outcome is Outcome.R:
        later &= ~np.isnan(trades.r)
    return np.flatnonzero(later)


def progress(claim: Claim, trades: Trades, x: Floats) -> Progress:
    new = len(new_rows(claim, trades, x))
    is_waiting = claim.state is State.RAISED and claim.looks < LOOKS
    return Progress(new, (claim.looks + 1) * claim.block if is_waiting else None)


def advance(claim: Claim, trades: Trades, x: Floats, as_of: int) -> Claim:
    """The claim after what is known at `as_of`: the looks that are due are taken, in order and once each.

    `trades` in the order of known_at, `x` the number (or 0 and 1) that the claim is about per trade, NaN unknown.
    """
    known = trades.known_at <= as_of
    trades, x = trades.where(known), x[known]
    if claim.state is State.RAISED:
        return _confirming(claim, trades, x, as_of)
    if claim.state in (State.CONFIRMED, State.WEAKENED):
        return _retested(claim, trades, x, as_of)
    return claim


def _confirming(claim: Claim, trades: Trades, x: Floats, as_of: int) -> Claim:
    rows = new_rows(claim, trades, x)
    while claim.state is State.RAISED and len(rows) >= (claim.looks + 1) * claim.block:
        seen = rows[: (claim.looks + 1) * claim.block]
        when = int(trades.known_at[seen[-1]])
        if when > claim.raised_at + DAYS * DAY:
            break
        p = _p(claim, trades, x, seen)
        claim = replace(claim, looks=claim.looks + 1, looked_at=as_of, p=p)
        if p <= LEVEL / LOOKS:
            claim = replace(claim, state=State.CONFIRMED, since=as_of)
        elif claim.looks == LOOKS:
            claim = replace(claim, state=State.FADED, since=as_of)
    if claim.state is State.RAISED and as_of > claim.raised_at + DAYS * DAY:
        return replace(claim, state=State.RETIRED, since=as_of)
    return claim


def _retested(claim: Claim, trades: Trades, x: Floats, as_of: int) -> Claim:
    """Once a quarter on the newest 120 of the trades since it was raised.

    Weakened where they point the other way; confirmed again where they pass at .05.
    """
    rows = new_rows(claim, trades, x)
    if as_of < claim.looked_at + QUARTER * DAY or len(rows) < RETEST:
        return claim
    p = _p(claim, trades, x, rows[-RETEST:])
    claim = replace(claim, looked_at=as_of, p=p)
    if claim.state is State.CONFIRMED and p > 0.5:
        return replace(claim, state=State.WEAKENED, since=as_of)
    if claim.state is State.WEAKENED and p <= LEVEL:
        return replace(claim, state=State.CONFIRMED, since=as_of)
    return claim


def _p(claim: Claim, trades: Trades, x: Floats, rows: Ints) -> float:
    """One-sided, in the direction that was claimed."""
    column, weeks = x[rows][:, None], trades.week[rows]
    if claim.outcome is Outcome.WON:
        tested = winners_against_losers(column, trades.result[rows], weeks)
    else:
        tested = with_outcome(column, trades.r[rows], weeks)
    return float(tested.one_sided(claim.direction)[0])


def weaken(claim: Claim, as_of: int) -> Claim:
    """After an alarm that the regime has changed: what was confirmed before it has to hold again."""
    if claim.state is not State.CONFIRMED:
        return claim
    return replace(claim, state=State.WEAKENED, looked_at=as_of, since=as_of)
