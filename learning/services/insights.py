"""What is said of each closed trade: written after its close, and again when the book says something else of it.

The odds and the luck of a trade are of what was known when it was opened; what it taught is of what was known when it
closed. The process is judged from the plan, the orders and the scanner's parameters, and is never given the result.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from django.db import transaction
from django.utils import timezone

from journal.domain.chain.against_plan import RuleName
from learning.domain.adherence import option_checks
from learning.domain.insights import classic
from learning.domain.insights.alternatives import Alternatives, Offered, compare
from learning.domain.insights.before import beliefs_after, comparable_at, odds_of
from learning.domain.insights.card import Decision, Result, read_insight
from learning.domain.insights.process import Check
from learning.domain.probability.payoffs import payoffs_of
from learning.domain.seconds import second_of
from learning.domain.trades import Trades
from learning.models import TradeFact, TradeInsight
from learning.selectors.alternatives import OfDay, Proposal, proposals_of_day
from learning.selectors.facts import columns_of, read_facts
from learning.selectors.kept_insights import Facts, facts_beside, gone_insights, stale_insights
from learning.selectors.settings import zone_of
from learning.services.locks import lock_insights

FORMULAS = "3"
AT_ONCE = 200
# The same words whichever way a trade ended: what was decided, not what came of it.
_WORDS = {
    (RuleName.EXIT_AS_PLANNED.value, True): "closed where the plan said",
    (RuleName.EXIT_AS_PLANNED.value, False): "closed by hand before stop or target",
    (RuleName.EXIT_AT_STOP.value, False): "closed beyond its stop",
}


class Written(NamedTuple):
    """How many insights were made and taken away, and whether there is more to do."""

    made: int = 0
    gone: int = 0
    is_more: bool = False


@transaction.atomic
def write_insights(workspace_id: int, *, at_once: int = AT_ONCE) -> Written:
    """Of trades that have none, or whose fact is another one now: the newest first, so many at once."""
    lock_insights(workspace_id)
    gone = gone_insights(workspace_id)
    TradeInsight.objects.filter(pk__in=gone).delete()
    wanted = stale_insights(workspace_id, FORMULAS, at_once)
    if not wanted:
        return Written(0, len(gone))
    facts = list(TradeFact.objects.filter(workspace_id=workspace_id, pk__in=wanted))
    latest = max(one.known_at for one in facts)
    trades = columns_of(read_facts(workspace_id, latest))
    beside = facts_beside(facts)
    offered = proposals_of_day(facts, zone_of(workspace_id))
    rows = [
        _row(fact, beside[fact.pk], trades, offered[fact.pk]) for fact in facts if fact.pk in beside
    ]
    TradeInsight.objects.filter(pk__in=wanted).delete()
    TradeInsight.objects.bulk_create(rows)
    return Written(len(rows), len(gone), len(wanted) == at_once)


def _row(fact: TradeFact, beside: Facts, trades: Trades, offered: OfDay) -> TradeInsight:
    told = read_insight(*_read(fact, beside, trades, offered))
    return TradeInsight(
        id=fact.pk,
        workspace_id=fact.workspace_id,
        account_id=fact.account_id,
        opened_at=fact.opened_at,
        closed_at=fact.closed_at,
        known_at=fact.known_at,
        grade=told.process.grade.value,
        adherence=told.process.adherence,
        quadrant=told.quadrant.value if told.quadrant is not None else "",
        percentile=told.luck.percentile.value,
        checks={one.rule: one.kept for one in told.process.checks if one.controllable},
        told=told.as_json(),
        classic_text=told.classic_texts,
        digest=fact.digest,
        formulas=FORMULAS,
        made_at=timezone.now(),
    )


def _read(
    fact: TradeFact, beside: Facts, trades: Trades, offered: OfDay
) -> tuple[Decision, Result]:
    at = int(np.flatnonzero(trades.key == fact.pk)[0])
    opened = second_of(fact.opened_at)
    known = comparable_at(trades, opened, int(trades.groups["strategy"][at]))
    checks = checks_of(beside)
    decision = Decision(
        has_plan=beside.planned is not None or bool(checks),
        checks=checks,
        odds=odds_of(trades, known),
        alternatives=_alternatives(trades, opened, offered),
    )
    result = Result(
        facts=_facts(fact, beside, trades, at),
        r=fact.r,
        comparable=trades.r[known.rows],
        beliefs=beliefs_after(trades, at),
    )
    return decision, result


def _alternatives(trades: Trades, opened: int, offered: OfDay) -> Alternatives | None:
    """By wins and losses that were known at the entry."""
    if not offered.others:
        return None
    known = trades.where(trades.known_at <= opened)
    usual = payoffs_of(known.r, known.groups["strategy"], known.week)

    def told(one: Proposal) -> Offered:
        words = trades.words["strategy"]
        code = words.index(one.strategy) if one.strategy in words else -1
        expected = [
            None if usual is None or chance is None else usual.expected(chance, code)
            for chance in (one.model, one.stated)
        ]
        return Offered(one.record_id, one.model, one.stated, *expected)

    own = None if offered.own is None else told(offered.own)
    return compare(own, [told(one) for one in offered.others])


def checks_of(beside: Facts) -> list[Check]:
    """The rules of its plan, then those of the scanner's parameters."""
    planned = beside.planned
    rules = planned.comparison.rules if planned is not None else ()
    own = [Check(one.name.value, one.kept, _spoken(one.name, one.kept, one.words)) for one in rules]
    return [*own, *option_checks(beside.asked, beside.done)]


def _spoken(name: str, kept: bool, words: str) -> str:
    told = _WORDS.get((str(name), kept), words)
    return told[:1].upper() + told[1:]


def _facts(fact: TradeFact, beside: Facts, trades: Trades, at: int) -> classic.Facts:
    """The symbol's record is of what was known when it closed, this trade among them."""
    symbol = trades.groups["symbol"]
    record = (symbol == symbol[at]) & (trades.known_at <= trades.known_at[at])
    return classic.Facts(
        result=fact.result,
        symbol=fact.symbol,
        iv_rank=fact.features.get("iv_rank"),
        dte=fact.features.get("dte"),
        percent_of_maximum=beside.percent_of_maximum,
        close_reason=fact.close_reason,
        symbol_trades=int(np.count_nonzero(record)),
        symbol_wins=int(np.count_nonzero(record & (trades.result > 0))),
    )
