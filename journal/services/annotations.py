"""What people say about trades: notes and tags. They hang on executions and follow them through re-booking."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection, transaction
from django.db.models import Q

from common.errors import NotFound, Rejected
from common.words import tidy
from journal.domain.values import ExecutionKind
from journal.models import Execution, Tag, Trade, TradeNote, TradeTag
from journal.signals import tell_changed

ANNOTATED_TABLES = (
    "journal_tradenote", "journal_tradetag", "journal_correction", "journal_leggrouping", "journal_confirmedlink",
    "journal_closereasonnote",
)  # fmt: skip


def follow_executions(account_id: int, trades: Mapping[str, int | None]) -> None:
    """Point the annotations of these fills (key to trade) at the trades that they are in now.

    People annotate few of their fills, so what is annotated is asked first.
    """
    with connection.cursor() as cursor:
        for table in ANNOTATED_TABLES:
            cursor.execute(
                f'SELECT id, fill_key, trade_id FROM "{table}" WHERE account_id = %s', [account_id]
            )
            moved = [
                (id_, trades[key])
                for id_, key, trade_id in cursor.fetchall()
                if key in trades and trades[key] != trade_id
            ]
            if moved:
                cursor.execute(
                    f'UPDATE "{table}" a SET trade_id = moved.trade_id '
                    "FROM unnest(%s::bigint[], %s::bigint[]) AS moved (id, trade_id) "
                    "WHERE a.id = moved.id",
                    [[id_ for id_, _ in moved], [trade_id for _, trade_id in moved]],
                )


def anchor_of(leg_id: int) -> Execution:
    """The execution that a person's word on this leg, or on the trade that it opens, hangs on: the one that opened it.

    What was held before the first statement goes when an earlier one comes: then it is the first fill after it.
    """
    anchor = Execution.objects.filter(pk=leg_id).first()
    if anchor is not None and anchor.kind == ExecutionKind.OPENING:
        others = Execution.objects.filter(Q(leg_id=leg_id) | Q(closed_leg=leg_id))
        others = others.exclude(pk=anchor.pk).order_by("executed_at", "sequence", "id")
        return others.first() or anchor
    if anchor is None:
        raise NotFound(
            "trade_without_execution", "This trade has no opening fill to hang a note on."
        )
    return anchor


def add_note(trade: Trade, *, text: str, author_id: int | None) -> TradeNote:
    text = tidy(text)
    if not text:
        raise Rejected("note_empty", "Write something before you save.", {"text": ["Required."]})
    return TradeNote.objects.create(
        workspace_id=trade.workspace_id,
        account_id=trade.account_id,
        fill_key=anchor_of(trade.pk).fill_key,
        trade_id=trade.pk,
        text=text,
        author_id=author_id,
    )


def edit_note(note: TradeNote, *, text: str) -> TradeNote:
    text = tidy(text)
    if not text:
        raise Rejected("note_empty", "Write something before you save.", {"text": ["Required."]})
    note.text = text
    note.save(update_fields=["text", "updated_at"])
    return note


def delete_note(note: TradeNote) -> None:
    note.delete()


@transaction.atomic
def tag_trade(trade: Trade, *, name: str, author_id: int | None) -> Tag:
    name = " ".join(tidy(name).split())
    if not name or len(name) > 48:
        raise Rejected(
            "tag_name", "A tag has 1 to 48 characters.", {"name": ["1 to 48 characters."]}
        )
    tag = Tag.objects.filter(workspace_id=trade.workspace_id, name__iexact=name).first()
    if tag is None:
        tag = Tag.objects.create(workspace_id=trade.workspace_id, name=name)
    TradeTag.objects.get_or_create(
        workspace_id=trade.workspace_id,
        account_id=trade.account_id,
        fill_key=anchor_of(trade.pk).fill_key,
        tag=tag,
        defaults={"trade_id": trade.pk, "author_id": author_id},
    )
    tell_changed(trade.workspace_id, trade.account_id, [trade.pk])
    return tag


@transaction.atomic
def untag_trade(trade: Trade, *, tag: Tag) -> None:
    TradeTag.objects.filter(trade_id=trade.pk, tag=tag).delete()
    tell_changed(trade.workspace_id, trade.account_id, [trade.pk])
