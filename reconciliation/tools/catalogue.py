"""The tools of reconciliation, registered with the addresses."""

from __future__ import annotations

from accounts.scopes import Scope
from journal.tools.registry import Tool, register
from reconciliation.tools import divergences, guards

OWN = (
    Tool(
        name="listDivergences",
        title="List divergences",
        description="Where book and broker differ: positions, orders, fills, cash, results, with both sides, since "
        "when and what a person does. Says how the broker was heard, and what imports found. Settles nothing.",
        arguments=divergences.ListDivergences,
        run=divergences.list_divergences,
        scope=Scope.RECONCILIATION_READ,
    ),
    Tool(
        name="getGuardStatus",
        title="Get guard status",
        description="How guards on drawdown, loss, conduct and markets stand: latest reading and its age, how much of "
        "the allowance is gone, what fired, what is locked. What is not heard is unknown, not safe.",
        arguments=guards.GetGuardStatus,
        run=guards.get_guard_status,
        scope=Scope.RECONCILIATION_READ,
    ),
)


def register_own() -> None:
    register(*OWN)
