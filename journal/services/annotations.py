"""What people say about trades: notes and tags. They hang on executions and follow them through re-booking."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection, transaction

from common.errors import NotFound, Rejected
from journal.models import Execution, Tag, Trade, TradeNote, TradeTag

_ANNOTATED_TABLES = ("journal_tradenote", "journal_tradetag", "journal_correction")


def follow_executions(account_id: int, execution_ids: Collection[int]) -> None:
    """Point the annotations of these executions at the trades that they are in now."""
    if not execution_ids:
        return
    with connection.cursor() as cursor:
        for table in _ANNOTATED_TABLES:
            cursor.execute(
                f'UPDATE "{table}" a SET trade_id = leg.trade_id FROM journal_execution e '
                "JOIN journal_leg leg ON leg.id = e.leg_id "
                "WHERE a.account_id = %s AND e.account_id = a.account_id AND e.fill_key = a.fill_key "
                "AND e.id = ANY(%s) AND a.trade_id IS DISTINCT FROM leg.trade_id",
                [account_id, list(execution_ids)],
            )


def _anchor(trade: Trade) -> Execution:
    """The execution that a note or tag on this trade hangs on: the one that opened it."""
    anchor = Execution.objects.filter(pk=trade.pk).first()
    if anchor is None:
        raise NotFound("trade_without_execution", "This trade has no opening fill to hang a note on.")
    return anchor


def add_note(trade: Trade, *, text: str, author_id: int | None) -> TradeNote:
    text = text.strip()
    if not text:
        raise Rejected("note_empty", "Write something before you save.", {"text": ["Required."]})
    return TradeNote.objects.create(
        workspace_id=trade.workspace_id,
        account_id=trade.account_id,
        fill_key=_anchor(trade).fill_key,
        trade_id=trade.pk,
        text=text,
        author_id=author_id,
    )


def edit_note(note: TradeNote, *, text: str) -> TradeNote:
    text = text.strip()
    if not text:
        raise Rejected("note_empty", "Write something before you save.", {"text": ["Required."]})
    note.text = text
    note.save(update_fields=["text", "updated_at"])
    return note


def delete_note(note: TradeNote) -> None:
    note.delete()


@transaction.atomic
def tag_trade(trade: Trade, *, name: str, author_id: int | None) -> Tag:
    name = " ".join(name.split())
    if not name or len(name) > 48:
        raise Rejected("tag_name", "A tag has 1 to 48 characters.", {"name": ["1 to 48 characters."]})
    tag = Tag.objects.filter(workspace_id=trade.workspace_id, name__iexact=name).first()
    if tag is None:
        tag = Tag.objects.create(workspace_id=trade.workspace_id, name=name)
    TradeTag.objects.get_or_create(
        workspace_id=trade.workspace_id,
        account_id=trade.account_id,
        fill_key=_anchor(trade).fill_key,
        tag=tag,
        defaults={"trade_id": trade.pk, "author_id": author_id},
    )
    return tag


def untag_trade(trade: Trade, *, tag: Tag) -> None:
    TradeTag.objects.filter(trade_id=trade.pk, tag=tag).delete()
