"""Tools that annotate: notes and tags."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from journal.models import Tag
from journal.services.annotations import add_note as write_note
from journal.services.annotations import tag_trade as put_tag
from journal.services.annotations import untag_trade
from journal.tools.answers import moment, untrusted
from journal.tools.registry import Call, WriteArguments
from journal.tools.tickets import Ticket, trade_of


class AddNote(WriteArguments):
    ticket: Ticket
    text: str = Field(min_length=1, max_length=5_000, description="The note, in Markdown.")


class TagTrade(WriteArguments):
    ticket: Ticket
    tag: str = Field(min_length=1, max_length=48, description="Name of the tag; a new one is made.")
    action: Literal["add", "remove"] = Field(
        default="add", description="Put it on the trade or take it off."
    )


def add_note(call: Call, wanted: AddNote) -> dict[str, Any]:
    trade = trade_of(call, wanted.ticket)
    note = write_note(trade, text=wanted.text, author_id=call.caller.user_id)
    return {
        "trade_id": trade.pk,
        "note": {
            "id": note.pk,
            "written_at": moment(note.created_at),
            "text": untrusted(note.text),
        },
        "about_accounts": [trade.account_id],
    }


def tag_trade(call: Call, wanted: TagTrade) -> dict[str, Any]:
    trade = trade_of(call, wanted.ticket)
    if wanted.action == "add":
        put_tag(trade, name=wanted.tag, author_id=call.caller.user_id)
    elif (tag := Tag.objects.filter(name__iexact=wanted.tag).first()) is not None:
        untag_trade(trade, tag=tag)
    tags = Tag.objects.filter(trade_tags__trade_id=trade.pk).distinct().order_by("name")
    return {
        "trade_id": trade.pk,
        "tags": [untrusted(tag.name) for tag in tags],
        "about_accounts": [trade.account_id],
    }
