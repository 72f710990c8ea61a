"""What people say about recommendations.

One at a time: who decides holds the standing until commit, so of two people who decide at once one is second, and is
told what the first one said where they had not seen it (`seen`). Without `seen` the last word that is possible holds.
"""

from __future__ import annotations

from typing import NamedTuple

from django.db import transaction

from accounts.models import ApiToken, User
from common.errors import Conflict, Forbidden, Rejected
from journal.domain.standing import (
    DECISIONS,
    SETTLED,
    Lapse,
    Standing,
    current,
    may_become,
)
from journal.models import DecidedVia, Decision, Recommendation, RecommendationStanding
from journal.services import clock
from journal.services.recommendations.standing import refresh_standings

REASON_LENGTH_MAX = 1_000


class Actor(NamedTuple):
    """Who decides, by which way. `name` is written down as they are called now."""

    via: DecidedVia
    name: str
    user_id: int | None = None
    token: ApiToken | None = None

    @property
    def token_id(self) -> int | None:
        return self.token.pk if self.token is not None else None


def person(user: User, via: DecidedVia) -> Actor:
    return Actor(via, (user.name or user.email)[:160], user.pk)


def bot(token: ApiToken) -> Actor:
    return Actor(DecidedVia.API, f"Token “{token.name}”"[:160], token.user_id, token)


@transaction.atomic
def decide(
    proposal: Recommendation,
    verdict: str,
    actor: Actor,
    *,
    reason: str = "",
    seen: str = "",
) -> bool:
    """Whether anything changed: to say again what holds is no decision.

    `verdict`: approved, rejected, ignored, or recommended, which takes the decision back. `seen` is the status that
    whoever decides had before their eyes. Raises Rejected, Conflict where it cannot be decided so (any more), and
    Forbidden where the bot that recommended would approve itself.
    """
    wanted = _known(verdict)
    if len(reason) > REASON_LENGTH_MAX:
        words = f"Say it in at most {REASON_LENGTH_MAX:,} characters."
        raise Rejected("reason_too_long", words, {"reason": [words]})
    _check_independence(proposal, wanted, actor)
    now = clock.now()
    standing = RecommendationStanding.objects.select_for_update().get(pk=proposal.pk)
    lapse = Lapse(standing.lapses_at, Standing(standing.lapses_to)) if standing.lapses_at else None
    status = current(Standing(standing.status), lapse, now)
    if status is wanted:
        return False
    if seen and seen != status:
        raise Conflict("decided_meanwhile", _meanwhile(standing, status))
    if not may_become(status, wanted):
        raise Conflict(f"recommendation_{status.value}", _too_late(proposal, standing, status))
    # What time has said by now comes before what is said now.
    refresh_standings(proposal.workspace_id, [proposal.record_id])
    Decision.objects.create(
        workspace_id=proposal.workspace_id,
        account_id=proposal.account_id,
        record_id=proposal.record_id,
        verdict=wanted,
        via=actor.via,
        user=actor.user_id,
        token=actor.token_id,
        actor=actor.name,
        reason=reason.replace("\0", "").strip(),
        decided_at=now,
    )
    refresh_standings(proposal.workspace_id, [proposal.record_id])
    return True


def _known(verdict: str) -> Standing:
    if verdict not in {one.value for one in DECISIONS}:
        words = f"Say one of: {', '.join(DECISIONS)}. Executed and expired follow by themselves."
        raise Rejected("verdict_unknown", words, {"verdict": [words]})
    return Standing(verdict)


def _check_independence(proposal: Recommendation, wanted: Standing, actor: Actor) -> None:
    """A bot whose recommendations need approval would be its own judge."""
    token = actor.token
    if wanted is not Standing.APPROVED or token is None or not proposal.needs_approval:
        return
    if token.needs_approval or proposal.batch.token == token.pk:
        raise Forbidden(
            "bot_cannot_approve",
            "This recommendation needs a person's approval, and a bot's token cannot give it. Approve it on its page, "
            "by the link of its alert, or with a token of another program that may.",
        )


def _meanwhile(standing: RecommendationStanding, status: Standing) -> str:
    if standing.status != status:
        return f"It is {status} by now. Look at it again, then decide."
    return (
        f"{standing.decided_by or 'Somebody'} decided meanwhile: it is {status} now. Look at it again, then decide if "
        "you still want to."
    )


def _too_late(proposal: Recommendation, standing: RecommendationStanding, status: Standing) -> str:
    if status is Standing.EXPIRED and proposal.expires_at is not None:
        return (
            f"It expired at {proposal.expires_at:%Y-%m-%d %H:%M} UTC: there is nothing to decide any more. Ask its "
            "sender for a new one."
        )
    if status in SETTLED:
        return f"It is {status} already: there is nothing to decide any more."
    return f"It is {status} and cannot be decided so."
