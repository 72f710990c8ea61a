"""Why a tool gives no answer, in words that an assistant can act on.

In the one shape of errors, and beside it `next_step`: what to call or to ask for, and what it needs for that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from common.errors import AppError, Conflict, Forbidden, NotFound, Rejected
from common.words import speakable

# GPT Actions take less than 100,000 characters.
ANSWER_MAX = 90_000


def as_json(error: AppError) -> dict[str, Any]:
    told = {"code": error.code, "message": error.message, "fields": error.fields}
    more: Mapping[str, Any] = getattr(error, "more", {})
    if len(json.dumps(more)) > ANSWER_MAX:
        more = {name: value for name, value in more.items() if name != "known"}
    return {**told, **more}


class ToolUnknown(NotFound):
    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__("tool_unknown", f"There is no tool called “{speakable(name[:80])}”.")
        self.more = {"next_step": f"Call one of: {', '.join(known)}."}


class ArgumentsInvalid(Rejected):
    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        named = ", ".join(fields)
        super().__init__("invalid", f"Some arguments cannot be accepted: {named}.", fields)
        self.more = {"next_step": "Correct the arguments as `fields` says and call again."}


class ScopeMissing(Forbidden):
    def __init__(self, tool: str, scope: str) -> None:
        super().__init__(
            "scope_missing", f"{tool} needs the scope {scope}, which this access lacks."
        )
        self.more = {
            "next_step": "Nothing was changed. Ask the person to connect again and to allow writing, or to use a token "
            f"with {scope}."
        }


class ViewerCannotWrite(Forbidden):
    def __init__(self) -> None:
        super().__init__(
            "viewer_cannot_write", "This person may read the workspace, not change it."
        )
        self.more = {
            "next_step": "Nothing was changed. An owner of the workspace can make them a trader."
        }


class TicketUnknown(NotFound):
    def __init__(self, ticket: str) -> None:
        super().__init__(
            "ticket_unknown", f"No trade in this workspace belongs to the ticket “{ticket[:64]}”."
        )
        self.more = {
            "next_step": "Look for it with searchTrades or listTrades by symbol and days. If the broker filled it only "
            "just now, its statement or report may not be here yet: see data_quality."
        }


class TicketUnfilled(NotFound):
    def __init__(self, ticket: str, status: str) -> None:
        super().__init__(
            "ticket_without_trade",
            f"The ticket “{ticket[:64]}” is an order that stands as {status}, and no fill of it is known: there is no "
            "trade.",
        )
        self.more = {"next_step": "Nothing to review. Ask again when it has filled."}


class TicketAmbiguous(Conflict):
    def __init__(self, ticket: str, matches: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(
            "ticket_ambiguous",
            f"The ticket “{ticket[:64]}” can mean {len(matches)} trades. Nothing was guessed.",
        )
        self.more = {
            "matches": list(matches),
            "next_step": "Call again with the `ticket` of the one that is meant; ask the person if that is not clear.",
        }


class TradeOpen(Conflict):
    """`known` is what can be said of it all the same."""

    def __init__(self, known: Mapping[str, Any]) -> None:
        super().__init__(
            "trade_open", "This trade is still open, so there is nothing final to review."
        )
        self.more = {
            "known": dict(known),
            "next_step": "Tell what `known` says of it, or review it when it has closed. getTrade shows all of it.",
        }


class AnswerTooLarge(Rejected):
    def __init__(self, characters: int) -> None:
        super().__init__(
            "answer_too_large", f"The answer has {characters:,} characters, more than may be sent."
        )
        self.more = {
            "next_step": "Ask for less at once: a smaller `limit`, fewer days, one account."
        }
