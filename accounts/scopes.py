"""What a token may do, apart from the role of the person it belongs to.

A request with a token needs both: the scope on the token and a role that still allows that scope
at the time of the request. A person who becomes a viewer takes their tokens' writing with them.
"""

from enum import StrEnum

from accounts.roles import Role


class Scope(StrEnum):
    CAPTURE_WRITE = "capture:write"
    JOURNAL_READ = "journal:read"
    JOURNAL_WRITE = "journal:write"
    LEARNING_READ = "learning:read"
    LEARNING_WRITE = "learning:write"
    RECONCILIATION_READ = "reconciliation:read"
    RECONCILIATION_WRITE = "reconciliation:write"

    @property
    def is_write(self) -> bool:
        return self.value.endswith(":write")


SCOPE_MEANINGS = {
    Scope.CAPTURE_WRITE: "Report orders, fills and recommendations as a bot, and make plans.",
    Scope.JOURNAL_READ: "Read accounts, trades, executions, positions, cash and performance.",
    Scope.JOURNAL_WRITE: "Import statements, write notes, tags and plans.",
    Scope.LEARNING_READ: "Read insights, claims, parameters and reports.",
    Scope.LEARNING_WRITE: "Write reviews and propose parameters.",
    Scope.RECONCILIATION_READ: "Read divergences, snapshots and reconciliation runs.",
    Scope.RECONCILIATION_WRITE: "Start reconciliation runs and resolve divergences.",
}

READ_SCOPES = frozenset(scope for scope in Scope if not scope.is_write)
SCOPES_OF_ROLE: dict[Role, frozenset[Scope]] = {
    Role.OWNER: frozenset(Scope),
    Role.TRADER: frozenset(Scope),
    Role.VIEWER: READ_SCOPES,
}


def allowed_scopes(role: Role) -> frozenset[Scope]:
    return SCOPES_OF_ROLE[role]
