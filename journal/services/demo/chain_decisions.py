"""What people and rules make of the demo's ideas, as steps of which each has its hour."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from django.utils.functional import cached_property

from accounts.models import User
from journal.models import DecidedVia, Recommendation, Via
from journal.services.demo.chain_options import Spread, credit_of
from journal.services.demo.chain_records import moment, plan_shares
from journal.services.demo.chain_script import Fate
from journal.services.demo.chain_shares import Course, Idea
from journal.services.demo.market import Market
from journal.services.plans.actors import RULE
from journal.services.plans.actors import Actor as Planner
from journal.services.plans.writing import change_status, create_plan, find_plan, revise_plan
from journal.services.recommendations.deciding import Actor, decide, person
from journal.services.recommendations.outcomes import report_outcome

_APPROVING = (
    "Clean base, and the sector moves with it.",
    "Fits the week: nothing else is open in this corner.",
    "",
    "Half an eye on the index, but yes.",
)
_REJECTING = (
    "Reports tomorrow after the close.",
    "Third one of this kind this week; enough.",
    "Too thin at this hour.",
)
_IGNORING = ("Was away.", "Seen too late: it had run already.")
_SCANNED = Actor(DecidedVia.API, "Scanner")
_BOT = Planner("Desk bot", Via.API)


class Step(NamedTuple):
    at: datetime
    do: Callable[[], object]


@dataclass(frozen=True)
class Desk:
    """Who decides, for which account. `user` is None where nobody of the workspace made the demo."""

    workspace_id: int
    market: Market
    dice: Random
    account: str
    user: User | None

    @cached_property
    def planner(self) -> Planner:
        name = (self.user.name or self.user.email) if self.user else "Demo"
        return Planner(name, Via.PAGE, self.user.pk if self.user else None)

    def decider(self) -> Actor:
        via = self.dice.choice((DecidedVia.PAGE, DecidedVia.PAGE, DecidedVia.LINK))
        return person(self.user, via) if self.user else Actor(via, "Demo")

    def decided(self, name: str, verdict: str, at: datetime, words: tuple[str, ...]) -> Step:
        actor, reason = self.decider(), self.dice.choice(words)
        return Step(at, lambda: decide(_proposal(name), verdict, actor, reason=reason))


def _proposal(name: str) -> Recommendation:
    return Recommendation.objects.get(record_id=name)


_VERDICTS = {Fate.REJECTED: ("rejected", _REJECTING), Fate.IGNORED: ("ignored", _IGNORING)}


def decide_shares(
    desk: Desk, idea: Idea, course: Course | None, name: str, plan: str
) -> Iterator[Step]:
    """`plan` is the name of its plan, "" where it has none; `name` that of its recommendation."""
    at = moment(desk.market, idea.product, idea.made)
    if idea.fate in _VERDICTS:
        verdict, words = _VERDICTS[idea.fate]
        yield desk.decided(name, verdict, at + timedelta(minutes=desk.dice.randint(3, 90)), words)
    elif idea.fate.is_planned:
        if idea.fate.is_proposed:
            yield desk.decided(name, "approved", at + timedelta(minutes=2), _APPROVING)
        yield from _plan(desk, idea, course, name, plan, at + timedelta(minutes=3))


def _plan(
    desk: Desk, idea: Idea, course: Course | None, name: str, plan: str, at: datetime
) -> Iterator[Step]:
    is_bot = idea.fate.is_proposed
    actor = _BOT if is_bot else desk.planner
    terms = plan_shares(idea, plan, name if is_bot else "", desk.account)
    terms |= (
        {} if is_bot else {"source": "manual", "notes": "My own idea, seen on the daily chart."}
    )
    if idea.fate is Fate.MISSED:
        terms["expires_at"] = (at + timedelta(days=3)).isoformat()
    yield Step(at, lambda: create_plan(desk.workspace_id, terms, actor))
    if course is not None and is_bot:
        entered = moment(desk.market, idea.product, course.entered)
        waited = entered - timedelta(minutes=4)
        yield _status(plan, "triggered", waited, actor, "The price is there.")
        yield _status(plan, "executed", entered, actor, "Filled.")
    if idea.fate is Fate.MISSED:
        yield _status(plan, "expired", at + timedelta(days=3), RULE, "Its time was over.")
    if idea.fate is Fate.CANCELLED:
        yield _status(
            plan,
            "cancelled",
            at + timedelta(hours=5),
            desk.planner,
            "The index turned before it triggered.",
        )
    if idea.fate is Fate.FAILED:
        yield _status(
            plan,
            "failed",
            at + timedelta(minutes=10),
            actor,
            "The broker refused it: no shares to borrow.",
        )
    if course is not None and course.moved is not None and is_bot and idea.fate is Fate.FOLLOWED:
        stop, moved = str(course.stop), moment(desk.market, idea.product, course.moved)
        yield Step(moved, lambda: _move_stop(plan, stop))


def _status(plan: str, status: str, at: datetime, actor: Planner, reason: str) -> Step:
    return Step(at, lambda: change_status(find_plan(plan), status, actor, reason=reason))


def _move_stop(plan: str, stop: str) -> None:
    revise_plan(
        find_plan(plan), {"stop_price": stop}, _BOT, reason="It pays: behind the entry with it."
    )


def decide_spread(desk: Desk, spread: Spread, name: str) -> Iterator[Step]:
    at, fate = moment(desk.market, spread.product, spread.made), spread.shape.fate
    if fate in _VERDICTS:
        verdict, words = _VERDICTS[fate]
        yield desk.decided(name, verdict, at + timedelta(minutes=desk.dice.randint(3, 90)), words)
    elif fate.is_traded and fate.is_proposed:
        yield desk.decided(name, "approved", at + timedelta(minutes=2), _APPROVING)
    if spread.left is not None and not (fate.is_traded or fate is Fate.WAITING):
        said = _outcome(desk, spread)
        yield Step(
            said["closed_at"], lambda: report_outcome(_proposal(name), _in_words(said), _SCANNED)
        )


def _outcome(desk: Desk, spread: Spread) -> dict[str, Any]:
    """What its scanner says that it would have brought: bars of the underlying cannot tell."""
    assert spread.left is not None
    left = credit_of(spread.closing)
    return {
        "result_per_unit": str(spread.credit + left), "entry_price": str(abs(spread.credit)),
        "exit_price": str(abs(left)), "closed_at": moment(desk.market, spread.product, spread.left),
        "close_reason": "half of the profit" if spread.credit + left > Decimal(0) else "three weeks before expiry",
        "mark_quality": "eod_mid",
    }  # fmt: skip


def _in_words(said: dict[str, Any]) -> dict[str, Any]:
    return {**said, "closed_at": said["closed_at"].isoformat()}
