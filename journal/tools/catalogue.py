"""The journal's own tools, in the order in which they are listed."""

from __future__ import annotations

from accounts.scopes import Scope
from journal.tools import figures, notes, plans, review, trades
from journal.tools.registry import Tool, register

OWN = (
    Tool(
        name="reviewClosedTrade",
        title="Review a closed trade",
        description="Everything about one closed trade by any ticket: plan, recommendation, decision, planned against "
        "actual, what happened at the broker, why it closed, insights. An open trade is answered with what is known.",
        arguments=review.ReviewClosedTrade,
        run=review.review_closed_trade,
    ),
    Tool(
        name="syncPlanTrades",
        title="Sync closed trades to plans",
        description="Writes to plans what came of them: profit, exit price, time and reason, from trades closed within "
        "days_back days. Done twice, it changes nothing. Trades without a plan stay as they are.",
        arguments=plans.SyncPlanTrades,
        run=plans.sync_trades,
        scope=Scope.JOURNAL_WRITE,
    ),
    Tool(
        name="listTrades",
        title="List trades",
        description="Trades, the latest activity first, filtered by symbol, days, result, side, account or tag. "
        "Figures are text; null is unknown and never zero.",
        arguments=trades.ListTrades,
        run=trades.list_trades,
    ),
    Tool(
        name="getTrade",
        title="Get a trade",
        description="One trade by any ticket of it: legs, fills with fees, orders with their changes, notes, tags, "
        "known problems.",
        arguments=trades.GetTrade,
        run=trades.get_trade,
    ),
    Tool(
        name="searchTrades",
        title="Search trades",
        description="Trades that a word of a symbol or note, or a ticket, leads to.",
        arguments=trades.SearchTrades,
        run=trades.search_trades,
    ),
    Tool(
        name="getPerformance",
        title="Get performance",
        description="Realised profit and loss, win rate, expectancy, drawdown and months of any period or symbol, per "
        "currency. Trades without a known cost are counted apart and are in no sum.",
        arguments=figures.GetPerformance,
        run=figures.get_performance,
    ),
    Tool(
        name="listOpenPositions",
        title="List open positions",
        description="What the book holds open now, with the broker's latest price and quantity where a statement "
        "has them. Marks are as old as `marked_on` says.",
        arguments=figures.ListOpenPositions,
        run=figures.list_open_positions,
    ),
    Tool(
        name="addNote",
        title="Add a note",
        description="Writes a note on a trade in the person's name. Notes stay with their trade through every "
        "re-booking.",
        arguments=notes.AddNote,
        run=notes.add_note,
        scope=Scope.JOURNAL_WRITE,
        is_idempotent=False,
    ),
    Tool(
        name="tagTrade",
        title="Tag a trade",
        description="Puts a tag on a trade or takes it off.",
        arguments=notes.TagTrade,
        run=notes.tag_trade,
        scope=Scope.JOURNAL_WRITE,
    ),
    Tool(
        name="proposePlan",
        title="Propose a plan",
        description="Writes a plan of a trade for a person or bot to act on. It places no order. Orders that name its "
        "plan_id are linked to it.",
        arguments=plans.ProposePlan,
        run=plans.propose_plan,
        scope=Scope.JOURNAL_WRITE,
        is_idempotent=False,
    ),
)


def register_own() -> None:
    register(*OWN)
