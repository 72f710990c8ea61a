"""An account that is only stated: what the broker says it holds, against what its statements made of the book."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from reconciliation.services.demo.desk import Desk, Held
from reconciliation.services.demo.flex import Paper, Statement

CEDAR, MAPLE, BIRCH = (
    Paper("CEDAR", 82_000_001),
    Paper("MAPLE", 82_000_002),
    Paper("BIRCH", 82_000_003),
)
ASPEN, ELM, OAK = Paper("ASPEN", 82_000_004), Paper("ELM", 82_000_005), Paper("OAK", 82_000_006)
PINE, YEW = Paper("PINE", 82_000_007), Paper("YEW", 82_000_008)
# The broker calls it by a name that no statement ever told.
STRANGER = Paper("ROWAN.TMP", 82_000_009)
_HOUR = timedelta(hours=1)
# When statements came that said nothing new.
_NEWS = (52, 27, 5)


def play(desk: Desk, end: datetime) -> None:
    since, until = end - timedelta(days=30), end - timedelta(hours=80)
    told = Statement(desk.account.broker_id, "Long term, month.xml", since, until)
    told.deposit("8100", since, Decimal(90_000))
    day = since + timedelta(days=3, hours=15)
    bought = (
        (CEDAR, 100, "40"), (MAPLE, 100, "30"), (BIRCH, 50, "70"), (ASPEN, 10, "12"), (ASPEN, -10, "12.5"),
        (ELM, 100, "200"), (OAK, 80, "55"), (YEW, 100, "15"),
    )  # fmt: skip
    for number, (paper, quantity, price) in enumerate(bought):
        told.trade(f"8{101 + number}", day + number * timedelta(minutes=7), paper, quantity, price)
    ended = (end - timedelta(days=10)).date()
    option = Paper(
        f"ELM   {ended:%y%m%d}C00220000", 82_000_010, ended, Decimal(220), "C"
    )  # fmt: skip
    told.trade("8120", day + timedelta(hours=2), option, 2, "3.10")
    told.merger("8130", end - timedelta(days=4), OAK, -80, "60.00")
    told.transfer("8140", end - timedelta(days=4), PINE, 20, "44")
    desk.state(told)
    for hours in (75, 74.9, 52, 51.9, 27, 26.9, 5, 4.9, 1, 0.9):
        at = end - hours * _HOUR
        if hours in _NEWS:
            nothing = Statement(
                desk.account.broker_id, f"Long term, {hours} hours.xml", until, at - _HOUR
            )
            desk.state(nothing)
            until = nothing.until
        desk.read(at, _held(hours), equity="88200")


def _held(hours: float) -> Iterable[Held]:
    """`hours` before the end: what is wrong began at different times, and one thing came right again."""
    if hours > 28:
        yield _one(CEDAR, 100, "40", "41")
    yield _one(MAPLE, 100 if hours > 53 else 60, "30", "31.5")
    yield _one(BIRCH, 50 if hours > 6 else -50, "70", "68")
    if hours < 30:
        yield _one(ASPEN, 25, "12.2", "12.4")
    yield _one(ELM, 200 if hours < 60 else 100, "100" if hours < 60 else "200", "101")
    yield _one(OAK, 80, "55", "59.9")
    yield _one(YEW, 90 if hours > 60 else 100, "15", "15.3")
    if hours < 6:
        yield _one(STRANGER, 15, "8", "8.1")


def _one(paper: Paper, quantity: int, average: str, price: str) -> Held:
    return Held(paper, Decimal(quantity), Decimal(average), Decimal(price))
