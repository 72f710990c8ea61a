"""The audit trail of assistants, beside that of the rows they changed."""

from __future__ import annotations

from dataclasses import dataclass

from common.words import speakable, tidy
from journal.models import ToolCall, ToolOutcome

_REASON_MAX = 500


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who calls and through which door; `who` as in "token 12"."""

    workspace_id: int
    user_id: int
    who: str
    door: str


def record_call(
    visitor: Visitor, tool: str, *, reason: str = "", code: str = "", trade_id: int | None = None
) -> None:
    """`code` says why it was refused; without one it was done."""
    ToolCall.objects.create(
        workspace_id=visitor.workspace_id,
        user=visitor.user_id,
        who=visitor.who,
        door=visitor.door,
        tool=tool,
        outcome=ToolOutcome.REFUSED if code else ToolOutcome.DONE,
        code=code,
        reason=tidy(speakable(reason))[:_REASON_MAX],
        trade_id=trade_id,
    )
