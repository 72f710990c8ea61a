"""What a trade's page shows of the recommendation that it followed, and of what was decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from journal.domain.standing import Standing, Step, was_approved
from journal.models import Decision, Recommendation, Trade
from journal.selectors.recommendations import (
    find_named,
    list_decisions,
)


@dataclass(frozen=True, slots=True)
class Recommended:
    """`decision` is the latest that was no execution, None where nobody decided. `is_unapproved`: it needed an approval
    and had none when the trade began."""

    of: Recommendation
    decision: Decision | None
    is_unapproved: bool


def recommended_card(trade: Trade, plan: dict[str, Any]) -> Recommended | None:
    """`plan` is the card of the plan. What neither orders and fills nor the plan name costs nothing."""
    chain, planned = plan["chain"], plan["planned"]
    names = [
        chain.recommendation_id if chain is not None else "",
        planned.plan.recommendation_id if planned is not None else "",
    ]
    found = find_named([name for name in names if name])
    if found is None:
        return None
    log = list_decisions(found.record_id)
    decided = [one for one in log if one.verdict != Standing.EXECUTED]
    return Recommended(
        of=found,
        decision=decided[-1] if decided else None,
        is_unapproved=found.needs_approval and not _was_approved(found, log, trade.opened_at),
    )


def _was_approved(found: Recommendation, log: list[Decision], at: datetime) -> bool:
    steps = [Step(Standing(one.verdict), one.decided_at) for one in log]
    return was_approved(steps, at, found.expires_at)
