"""Returns of an account per day or week: what it was worth at the end of each, without what was paid in and out.

r_t = E_t ÷ (E_t−1 + F_t) − 1, with F_t the flows between: a deposit buys in at the worth before it (time-weighted, as
guards measure drawdowns). Open positions are in it at their marks, and days on which nothing was done count. What is
not known of a day is left out and never 0: a fall over a week that nobody looked at is no return of one day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from learning.domain.figures import Reason
from learning.domain.trades import Floats, Ints

# Of the days between the first and the last so many have to be known, else it is weeks.
COVERED = 0.9
# A long weekend with a holiday at each end.
DAYS_APART_MAX = 5
WEEKS_APART_MAX = 1
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Returns:
    """`days` are ordinals of the ends of the periods; `reason` says why there are none. `unknown` counts the stretches
    between two known worths that are too long to be one period."""

    days: Ints
    values: Floats
    per_year: float
    reason: Reason | None = None
    unknown: int = 0

    @classmethod
    def absent(cls, reason: Reason) -> Returns:
        return cls(np.array([], dtype=np.int64), np.array([], dtype=np.float64), 0.0, reason)


@dataclass(frozen=True, slots=True)
class Account:
    """Equity by day, and what was paid in (positive) or out by day, in one currency."""

    worths: Mapping[date, float]
    flows: Mapping[date, float]


def returns_of(accounts: Sequence[Account]) -> Returns:
    """Of these accounts together: each period's returns weighted by what was in the accounts before it. Daily where
    enough days are known of each, else weekly, else none."""
    if not any(len(one.worths) >= 2 for one in accounts):
        return Returns.absent(Reason.NO_PATH)
    known = [one for one in accounts if len(one.worths) >= 2]
    never_closes = all(_reads_weekends(one.worths) for one in known)
    daily = [_of_days(one, never_closes=never_closes) for one in known]
    if all(_coverage(one.worths, never_closes=never_closes) >= COVERED for one in daily):
        return _together(
            daily, DAYS_APART_MAX if not never_closes else 1, 365.0 if never_closes else 252.0
        )
    weekly = [_of_weeks(one) for one in known]
    if all(_weeks_covered(one.worths) >= COVERED for one in weekly):
        return _together(weekly, 7 * WEEKS_APART_MAX, 52.0)
    return Returns.absent(Reason.NO_PATH)


def contributions(gains: Mapping[date, float], accounts: Sequence[Account], since: date) -> Returns:
    """What a part of the book realised per week over what all accounts were worth before the week, from the week of
    `since` on: a week without a close is a 0, for its money was there. `gains` are by the day of the close."""
    weekly = [_of_weeks(one) for one in accounts if len(one.worths) >= 2]
    if not weekly or not all(_weeks_covered(one.worths) >= COVERED for one in weekly):
        return Returns.absent(Reason.NO_PATH)
    base: dict[date, float] = {}
    for account in weekly:
        for (before, after), worth, _ in _periods(account):
            if (after - before).days <= 7 * WEEKS_APART_MAX and worth > 0:
                base[after] = base.get(after, 0.0) + worth
    realised: dict[date, float] = {}
    for day, gain in gains.items():
        sunday = _sunday(day)
        realised[sunday] = realised.get(sunday, 0.0) + gain
    weeks = [one for one in sorted(base) if one >= _sunday(since)]
    if not weeks:
        return Returns.absent(Reason.NO_PATH)
    return Returns(
        np.array([one.toordinal() for one in weeks], dtype=np.int64),
        np.array([realised.get(one, 0.0) / base[one] for one in weeks], dtype=np.float64),
        52.0,
        unknown=sum(1 for one in realised if one not in base),
    )


def _sunday(day: date) -> date:
    return day + timedelta(days=6 - day.weekday())


def _together(accounts: Sequence[Account], apart: int, per_year: float) -> Returns:
    gained: dict[int, list[tuple[float, float]]] = {}
    unknown = 0
    for account in accounts:
        for end, base, gain in _periods(account):
            if end[1] - end[0] > timedelta(days=apart):
                unknown += 1
            elif base > 0:
                gained.setdefault(end[1].toordinal(), []).append((base, gain))
    if not gained:
        return Returns.absent(Reason.EQUITY_NONPOSITIVE if not unknown else Reason.NO_PATH)
    days = sorted(gained)
    values = [
        sum(gain for _, gain in gained[day]) / sum(base for base, _ in gained[day]) for day in days
    ]
    return Returns(
        np.array(days, dtype=np.int64),
        np.array(values, dtype=np.float64),
        per_year,
        unknown=unknown,
    )


def _periods(account: Account) -> list[tuple[tuple[date, date], float, float]]:
    """From and to, what was in the account at the beginning with what came in, and what it gained."""
    days = sorted(account.worths)
    flows = sorted(account.flows.items())
    found, place = [], 0
    for before, after in pairwise(days):
        paid = 0.0
        while place < len(flows) and flows[place][0] <= after:
            paid += flows[place][1] if flows[place][0] > before else 0.0
            place += 1
        base = account.worths[before] + paid
        found.append(((before, after), base, account.worths[after] - base))
    return found


def _of_days(account: Account, *, never_closes: bool) -> Account:
    if never_closes:
        return account
    weekdays = {day: worth for day, worth in account.worths.items() if day.weekday() < _SATURDAY}
    return Account(weekdays, account.flows)


def _of_weeks(account: Account) -> Account:
    """The last worth of each week, as of its Sunday."""
    ends: dict[date, float] = {}
    last: dict[date, date] = {}
    for day in sorted(account.worths):
        ends[_sunday(day)], last[_sunday(day)] = account.worths[day], day
    moved: dict[date, float] = {}
    for day, amount in account.flows.items():
        # Of its week, but after the last worth that was read of it: then it is in the next one.
        sunday = _sunday(day)
        read = [
            one for one in account.worths if one <= sunday and one >= sunday - timedelta(days=6)
        ]
        at = sunday if read and day <= max(read) else sunday + timedelta(days=7)
        moved[at] = moved.get(at, 0.0) + amount
    return Account(ends, moved)


def _reads_weekends(worths: Mapping[date, float]) -> bool:
    """Half of the weekend days between the first and the last are known: then the calendar has them."""
    first, last = min(worths), max(worths)
    weekend = [
        day
        for number in range((last - first).days + 1)
        if (day := first + timedelta(days=number)).weekday() >= _SATURDAY
    ]
    return bool(weekend) and sum(day in worths for day in weekend) * 2 >= len(weekend)


def _coverage(worths: Mapping[date, float], *, never_closes: bool) -> float:
    if len(worths) < 2:
        return 0.0
    first, last = min(worths), max(worths)
    if never_closes:
        return len(worths) / ((last - first).days + 1)
    return len(worths) / (int(np.busday_count(first, last)) + 1)


def _weeks_covered(worths: Mapping[date, float]) -> float:
    if len(worths) < 2:
        return 0.0
    return len(worths) / ((max(worths) - min(worths)).days // 7 + 1)


def by_week(returns: Returns, until: date) -> list[tuple[int, float]]:
    """Compounded from Monday to Sunday: the ordinal of the Sunday and the return, of weeks that are over by `until`."""
    grown: dict[int, float] = {}
    for day, value in zip(returns.days.tolist(), returns.values.tolist(), strict=True):
        sunday = _sunday(date.fromordinal(int(day))).toordinal()
        grown[sunday] = grown.get(sunday, 1.0) * (1 + value)
    return [(on, one - 1) for on, one in sorted(grown.items()) if on <= until.toordinal()]
