"""What an assistant may be allowed, and the scope that names it in its tokens."""

from typing import Any

from oauth2_provider.scopes import BaseScopes

from accounts.scopes import Scope

# Nothing that reports fills: that is for bots, with tokens of their own.
OFFERED = (
    Scope.JOURNAL_READ,
    Scope.JOURNAL_WRITE,
    Scope.LEARNING_READ,
    Scope.RECONCILIATION_READ,
)
# What that comes to through the doors of tools.
OFFERS = {
    Scope.JOURNAL_READ: "Read accounts, trades, plans, positions and performance.",
    Scope.JOURNAL_WRITE: "Write notes, tags and plans.",
    Scope.LEARNING_READ: "Read what was learnt from closed trades.",
    Scope.RECONCILIATION_READ: "Read differences to the broker, and how guards stand.",
}
_NAMES = "assistant:"


def naming(assistant_id: int) -> str:
    return f"{_NAMES}{assistant_id}"


def is_naming(word: str) -> bool:
    return word.startswith(_NAMES)


def named_in(scope: str) -> int:
    """The assistant that a token's scope names; 0, which is nobody's, where it names none, or several."""
    names = [word.removeprefix(_NAMES) for word in scope.split() if is_naming(word)]
    return int(names[0]) if len(names) == 1 and names[0].isdecimal() else 0


def scopes_in(words: str) -> frozenset[Scope]:
    offered = {scope.value: scope for scope in OFFERED}
    return frozenset(offered[word] for word in words.split() if word in offered)


class AssistantScopes(BaseScopes):  # type: ignore[misc]
    def get_all_scopes(self) -> dict[str, str]:
        return {scope.value: OFFERS[scope] for scope in OFFERED}

    def get_available_scopes(self, *args: Any, **kwargs: Any) -> list[str]:
        return [scope.value for scope in OFFERED]

    def get_default_scopes(self, *args: Any, **kwargs: Any) -> list[str]:
        return [scope.value for scope in OFFERED]
