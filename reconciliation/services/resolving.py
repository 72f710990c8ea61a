"""What people and rules do about differences. Each step follows from the one before (`reconciliation.domain.life`), has
its row, and never changes the book behind anybody's back.

Viewers may not; where four eyes are wanted, nobody approves what they proposed. A step that does not follow is a
Conflict that says what does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from django.db import transaction

from accounts.models import Membership
from common.errors import AppError, Conflict, Forbidden, NotFound, Rejected
from journal.models import Instrument
from journal.services import clock
from journal.services.reasons import check_reason
from reconciliation.domain.life import OVER, NotAllowed, State, follows, step
from reconciliation.domain.remedies import Act, closed_by, remedy_for
from reconciliation.models import Divergence, DivergenceStep, Resolution
from reconciliation.selectors.rules import rules_of
from reconciliation.services.adjusting import carry_out, movement_of, number, price_for
from reconciliation.services.lives import difference_of, life_of
from reconciliation.services.running import is_safe, is_told_at_once, news_of_end
from reconciliation.services.telling import tell_all

logger = structlog.get_logger(__name__)
_RULE = "Rule"


def investigate(divergence: Divergence, membership: Membership, *, reason: str = "") -> Divergence:
    """Somebody looks into it: whoever says so, unless it is assigned."""
    with transaction.atomic():
        held = _held(divergence, membership)
        if held.assignee_id is None:
            held.assignee_id = membership.user_id
        return _move(held, State.INVESTIGATING, membership, reason)


def assign(
    divergence: Divergence, membership: Membership, *, to: Membership | None, reason: str = ""
) -> Divergence:
    """To a member of the workspace, or (None) to nobody. Its state stays as it is."""
    with transaction.atomic():
        held = _held(divergence, membership)
        if to is not None and (to.workspace_id != held.workspace_id or not to.can_write):
            raise Rejected("assignee_unknown", "Choose somebody of this workspace who may write.")
        if held.is_over:
            raise Conflict("divergence_over", "It is over: nobody has to look into it any more.")
        held.assignee_id = to.user_id if to else None
        held.save(update_fields=["assignee"])
        words = f"Assigned to {to.user}" if to else "Assigned to nobody"
        _note(held, held.state, membership, f"{words}: {reason}" if reason else words, {})
        return held


def propose(
    divergence: Divergence,
    membership: Membership,
    *,
    reason: str,
    price: str = "",
    instrument_id: int | None = None,
    movement: str = "",
) -> Divergence:
    """What the difference itself suggests, with the price of an adjustment, the market that is meant or what the money
    was (`journal.services.cash_entries.Movement`), where those are a person's to say.
    Raises Rejected where it suggests nothing: then accept or void it."""
    reason = check_reason(reason)
    with transaction.atomic():
        held = _held(divergence, membership)
        if not held.proposal:
            raise Rejected(
                "nothing_to_propose",
                "Nothing follows from the figures alone. Find out what it is; then accept it, or void it.",
            )
        said: dict[str, Any] = {}
        if price:
            said["price"] = format(number(price), "f")
        if instrument_id is not None:
            said["instrument"] = instrument_id
        if movement:
            said["movement"] = movement[:16]
        held.proposal = {**held.proposal, **said, "reason": reason}
        _check_can_be_done(held)
        held.proposed_by_id = membership.user_id
        return _move(held, State.PROPOSED, membership, reason, {"proposal": held.proposal})


def approve(
    divergence: Divergence, membership: Membership, *, reason: str = "", mark: str = ""
) -> Divergence:
    """And have it carried out. Raises Conflict where it cannot be: it is approved then, and doing it again
    (`finish`) is safe. `mark` (`Divergence.proposal_mark`) is of what whoever approves was shown: Conflict where
    something else is proposed by now; "" asks for nothing."""
    with transaction.atomic():
        held = _held(divergence, membership)
        check_shown(held, mark)
        held = _move(held, State.APPROVED, membership, reason)
        held.approved_by_id = membership.user_id
        held.save(update_fields=["approved_by"])
    return finish(held)


def settle(
    divergence: Divergence,
    membership: Membership,
    *,
    reason: str,
    price: str = "",
    instrument_id: int | None = None,
    movement: str = "",
) -> Divergence:
    """With one click: proposed, and where one person is enough, approved and done."""
    held = propose(
        divergence, membership, reason=reason, price=price, instrument_id=instrument_id, movement=movement
    )  # fmt: skip
    if rules_of(held.workspace_id).four_eyes:
        return held
    return approve(held, membership, reason=reason)


def withdraw_proposal(
    divergence: Divergence, membership: Membership, *, reason: str = ""
) -> Divergence:
    """Back to looking into it: by whoever proposed it, or by who will not approve it."""
    with transaction.atomic():
        held = _held(divergence, membership)
        if held.state not in (State.PROPOSED, State.APPROVED):
            raise _not_allowed(held, "There is no proposal to take back.")
        held.proposed_by_id = held.approved_by_id = None
        return _move(held, State.INVESTIGATING, membership, reason)


def accept(divergence: Divergence, membership: Membership, *, reason: str) -> Divergence:
    """It is so, and stays so: not told again while the figures are the same."""
    return _end(divergence, membership, State.ACCEPTED, Resolution.BOOK_RIGHT, reason)


def void(divergence: Divergence, membership: Membership, *, reason: str) -> Divergence:
    """It is none: not told again while the figures are the same."""
    return _end(divergence, membership, State.VOID, Resolution.NOT_REAL, reason)


def finish(divergence: Divergence) -> Divergence:
    """Carry out what was approved. The book is changed first and the difference is over after that: who is killed in
    between does the same again, which changes nothing twice."""
    proposal: Mapping[str, Any] = divergence.proposal
    done = carry_out(
        divergence, reason=proposal.get("reason") or proposal.get("words", ""), user_id=divergence.proposed_by_id
    )  # fmt: skip
    with transaction.atomic():
        held = _lock(divergence)
        if held.state != State.APPROVED:
            return held
        held.resolution = proposal["code"]
        return _move(held, State.RESOLVED, None, "Carried out", done)


def settle_by_rule(workspace_id: int, divergences: Iterable[Divergence]) -> list[Divergence]:
    """The safe ones of those that just opened. Each for itself: what goes wrong with one is left to a person."""
    safe = [one for one in divergences if is_safe(one)]
    if not safe or not rules_of(workspace_id).resolves_by_rule:
        return []
    settled = []
    for one in safe:
        try:
            settled.append(_settle(one))
        except AppError as error:
            logger.warning("rule_failed", divergence=one.pk, code=error.code)
        except Exception:
            logger.exception("rule_failed", divergence=one.pk)
    return settled


def _settle(divergence: Divergence) -> Divergence:
    with transaction.atomic():
        held = _lock(divergence)
        if held.state != State.OPEN:
            return held
        remedy = remedy_for(difference_of(held))
        if remedy is None or remedy.act is not Act.NOTHING:
            return held
        who = closed_by(difference_of(held))
        facts = {"closed_by": who} if who else {}
        held = _move(held, State.PROPOSED, None, remedy.words, {"proposal": held.proposal})
        held = _move(held, State.APPROVED, None, remedy.words)
        held.resolution = remedy.code
        if who:
            held.actual = {**held.actual, "closed_by": who}
        # Programs hear of an end only where they heard of a beginning.
        return _move(held, State.RESOLVED, None, remedy.words, facts, tells=is_told_at_once(held))


def _end(
    divergence: Divergence, membership: Membership, to: State, how: Resolution, reason: str
) -> Divergence:
    reason = check_reason(reason)
    with transaction.atomic():
        held = _held(divergence, membership)
        held.resolution = how
        return _move(held, to, membership, reason)


def _held(divergence: Divergence, membership: Membership) -> Divergence:
    if membership.workspace_id != divergence.workspace_id:
        raise NotFound("divergence_not_found", "There is no such difference in this workspace.")
    if not membership.can_write:
        raise Forbidden(
            "read_only", "Viewers look at differences; a trader or an owner settles them."
        )
    return _lock(divergence)


def check_shown(held: Divergence, mark: str) -> None:
    """Raises Conflict where something else is proposed by now than what has this mark."""
    if mark and mark != held.proposal_mark:
        words = "Something else is proposed than what you were shown. Look at it again."
        raise Conflict("proposal_changed", words)


def _lock(divergence: Divergence) -> Divergence:
    return Divergence.objects.select_for_update(of=("self",)).get(pk=divergence.pk)


def _move(
    held: Divergence,
    to: State,
    membership: Membership | None,
    reason: str,
    facts: Mapping[str, Any] | None = None,
    *,
    tells: bool = True,
) -> Divergence:
    by = membership.user_id if membership else None
    four_eyes = membership is not None and rules_of(held.workspace_id).four_eyes
    before = held.state
    if membership is not None and before == to and to in OVER:
        return held
    try:
        life = step(life_of(held), to, by=by, four_eyes=four_eyes)
    except NotAllowed as error:
        raise _not_allowed(held, str(error)) from None
    held.state = life.state
    if life.state in OVER:
        held.over_at = clock.now()
    held.save()
    _note(held, before, membership, reason, facts or {})
    if held.is_over and tells:
        tell_all([news_of_end(held)])
    return held


def _not_allowed(held: Divergence, words: str) -> Conflict:
    fields = {
        "state": [str(held.state)],
        "follows": [str(one) for one in follows(State(held.state))],
    }
    return Conflict("step_not_allowed", words, fields)


def _note(
    held: Divergence,
    before: str,
    membership: Membership | None,
    reason: str,
    facts: Mapping[str, Any],
) -> None:
    DivergenceStep.objects.create(
        workspace_id=held.workspace_id,
        account_id=held.account_id,
        divergence=held,
        from_state=before,
        to_state=held.state,
        user=membership.user_id if membership else None,
        actor=str(membership.user)[:160] if membership else _RULE,
        reason=reason,
        facts=dict(facts),
        created_at=clock.now(),
    )


def _check_can_be_done(held: Divergence) -> None:
    """What a person has to say besides is asked for now, and not of whoever approves it."""
    act = Act(held.proposal.get("act", Act.NOTHING))
    if act is Act.ADJUST and price_for(held) is None:
        words = "Neither side states a price. Say at which price to book it."
        raise Rejected("price_needed", words, {"price": [words]})
    if act is Act.CASH:
        movement_of(held, str(held.proposal.get("movement", "")))
    chosen = held.proposal.get("instrument")
    # In the workspace that is open: nobody else's.
    if act is Act.MAP and not (chosen and Instrument.objects.filter(pk=chosen).exists()):
        words = "Say which market of the book is meant."
        raise Rejected("market_needed", words, {"instrument": [words]})
