"""Notes and tags as a person would leave them on the newest trades."""

from __future__ import annotations

from random import Random

from journal.models import Result, Trade, TradeNote
from journal.services.annotations import add_note, tag_trade

_ANNOTATED = 160
_SETUPS = {
    "option": ("premium", "defined risk", "earnings"),
    "future": ("opening range", "trend day", "scalp"),
    "forex": ("session break", "carry"),
    "crypto": ("weekend gap", "trend"),
}
_STOCK_SETUPS = ("momentum", "gap and go", "pullback", "breakout")
_JUDGEMENTS = {
    Result.WIN: ("A+", "by the plan", "took profit early"),
    Result.LOSS: ("FOMO", "by the plan", "moved the stop", "size too large"),
}
_NOTES = {
    Result.WIN: (
        "Waited for the second push and got paid for it. Exit was a bit early; volume had not dried up yet.",
        "By the book: entry on the retest, half off at one R, the rest at the level.",
        "Good trade, but the size was only half of what the plan allows. Why?",
        "Nothing happened for an hour and I stayed anyway. Patience was the whole edge here.",
    ),
    Result.LOSS: (
        "Chased the first candle. The setup was gone before I was in.",
        "The stop was right, the idea was wrong. Would take it again.",
        "Held through the level where I had said that I would be out. Cost twice the planned loss.",
        "Third trade in the same name today. After two losers the next one is rarely about the chart.",
    ),
}


def annotate(workspace_id: int, *, dice: Random, author_id: int | None) -> int:
    """Tags on most of the newest trades and notes on some. Does nothing where somebody wrote before."""
    if TradeNote.objects.filter(workspace_id=workspace_id).exists():
        return 0
    newest = Trade.objects.filter(workspace_id=workspace_id).order_by(
        "-last_at", "-opened_at", "symbol", "account__broker_id"
    )
    for trade in newest[:_ANNOTATED]:
        _annotate(trade, dice, author_id)
    return _ANNOTATED


def _annotate(trade: Trade, dice: Random, author_id: int | None) -> None:
    result = Result(trade.result) if trade.result else None
    if dice.random() < 0.7:
        setups = _SETUPS.get(trade.asset_class, _STOCK_SETUPS)
        tag_trade(trade, name=dice.choice(setups), author_id=author_id)
    if result in _JUDGEMENTS and dice.random() < 0.5:
        tag_trade(trade, name=dice.choice(_JUDGEMENTS[result]), author_id=author_id)
    if result in _NOTES and dice.random() < 0.25:
        add_note(trade, text=dice.choice(_NOTES[result]), author_id=author_id)
