"""The one list of tools. Whoever knows what a tool does registers it here; the doors only read.

An app above the journal registers its own when it is ready: `register(Tool(...))` in `AppConfig.ready`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from accounts.models import Membership
from accounts.scopes import Scope
from journal.tools.problems import ToolUnknown

# What every client accepts as the name of a tool (SEP-986), and GPT Actions as an operationId.
_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9]{1,63}$")
# GPT Actions cut what is longer.
DESCRIPTION_MAX = 300

# The largest number that a row can have.
ID_MAX = 2**63 - 1

Door = Literal["api", "mcp"]


class Arguments(BaseModel):
    """What a tool takes. Unknown names are refused: a filter that is silently left out gives a wrong answer."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)


class WriteArguments(Arguments):
    reason: str = Field(
        min_length=1,
        max_length=500,
        description="Why, in the words of whoever asked for it. Kept in the audit trail.",
    )
    client_request_id: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="A name for this write, new for every new one. Sent again within a day, it is done once and "
        "answered the same.",
    )


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a person, by a token, an assistant that was let in, or a session. `scopes` are what that and the
    person's role allow together; `account_id` is the one account that a token is limited to."""

    membership: Membership
    scopes: frozenset[Scope]
    who: str
    door: Door
    account_id: int | None = None

    @property
    def workspace_id(self) -> int:
        return self.membership.workspace_id

    @property
    def user_id(self) -> int:
        return self.membership.user_id


@dataclass(frozen=True, slots=True)
class Call:
    caller: Caller
    now: datetime

    @property
    def workspace_id(self) -> int:
        return self.caller.workspace_id

    @property
    def account_id(self) -> int | None:
        return self.caller.account_id


@dataclass(frozen=True, slots=True)
class Tool:
    """`run` takes a call and the checked arguments and returns what can be said in JSON, numbers as text.

    `accounts` of the answer tells whose data quality matters; a tool that leaves it out speaks of all accounts.
    """

    name: str
    title: str
    description: str
    arguments: type[Arguments]
    run: Callable[[Call, Any], dict[str, Any]]
    scope: Scope = Scope.JOURNAL_READ
    is_idempotent: bool = field(default=True)

    def __post_init__(self) -> None:
        assert _NAME.match(self.name), self.name
        assert len(self.description) <= DESCRIPTION_MAX, self.name
        assert self.is_read_only or issubclass(self.arguments, WriteArguments), self.name

    @property
    def is_read_only(self) -> bool:
        return not self.scope.is_write


_tools: dict[str, Tool] = {}


def register(*tools: Tool) -> None:
    for tool in tools:
        known = _tools.setdefault(tool.name, tool)
        assert known == tool, f"two tools are called {tool.name}"


def registered() -> Mapping[str, Tool]:
    return _tools


def list_tools() -> list[Tool]:
    return list(_tools.values())


def find_tool(name: str) -> Tool:
    """By its name, with any prefix up to the last dot: `moneybot.reviewClosedTrade`. Raises ToolUnknown."""
    tool = _tools.get(name.rpartition(".")[2])
    if tool is None:
        raise ToolUnknown(name, sorted(_tools))
    return tool
