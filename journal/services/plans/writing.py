"""Plans written and revised. A revision keeps what was before it; the same sent twice is written once.

No lock of a book is held here, so a bot is answered while an import runs: what trades follow from a plan is derived
after it (`journal.services.chain.refresh.follow_plan`), which the door that was used sees to.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction

from common.errors import Conflict, NotFound, Rejected
from common.words import is_text
from journal.brokers.capture.fields import BadRecord, Fields, strangers
from journal.brokers.capture.plans import FIELDS, canonical, read_plan
from journal.domain.chain.terms import PlanStatus, PlanTerms, may_become
from journal.domain.values import Side
from journal.models import Plan, PlanVersion, Source
from journal.selectors.plans import list_plans
from journal.services import clock
from journal.services.captures.accounts import Addresses
from journal.services.captures.receiving import SOURCES
from journal.services.plans.actors import Actor
from journal.services.plans.settling import note_status

REASON_MAX = 2_000
_NOT_CHANGED = ("plan_id", "account", "broker", "source")


def create_plan(
    workspace_id: int, record: object, actor: Actor, *, account_id: int | None = None
) -> tuple[Plan, bool]:
    """The plan, and whether it is new. `record` is as `journal.brokers.capture.plans` reads it; `account_id` the one
    account that the sender may speak of. Raises Rejected, and Conflict where its id means another plan."""
    try:
        said = _record(record)
        fields = Fields(said)
        plan_id = fields.text("plan_id")
        source = fields.choice("source", SOURCES) or Source.BOT
        fields.check()
        terms = read_plan(said)
        addressed = Addresses(workspace_id, account_id).of(said, is_needed=False)
    except BadRecord as bad:
        raise _refused(bad) from bad
    plan = Plan(
        workspace_id=workspace_id,
        account_id=addressed.id if addressed else None,
        plan_id=plan_id or f"plan-{uuid4().hex[:12]}",
        source=source,
        **_columns(terms),
    )
    known = _known(plan, terms)
    if known is None:
        try:
            return _create(plan, terms, actor, str(said.get("reason") or "")), True
        except IntegrityError:
            # Somebody sent the same at this very moment.
            known = _known(plan, terms)
            if known is None:
                raise
    return known, False


def warnings_of(record: object) -> list[str]:
    """A sentence for each field that nobody knows."""
    return strangers(record, FIELDS) if isinstance(record, dict) else []


def revise_plan(plan: Plan, change: object, actor: Actor, *, reason: str = "") -> bool:
    """A new version with these terms changed, null for those that are taken back; False where nothing is new.

    Raises Rejected. What was executed may be revised too: stops move.
    """
    try:
        said = _record(change)
    except BadRecord as bad:
        raise _refused(bad) from bad
    fixed = [name for name in _NOT_CHANGED if name in said]
    if fixed:
        words = "stays as it is: make another plan."
        raise Rejected("plan_fixed", f"{fixed[0]} {words}", {name: [words] for name in fixed})
    reason = _reason(reason or said.pop("reason", ""))
    with transaction.atomic():
        held = Plan.objects.select_for_update().get(pk=plan.pk)
        try:
            terms = read_plan(
                {**terms_of(held).as_words(), **said}, is_open=PlanStatus(held.status).is_open
            )
        except BadRecord as bad:
            raise _refused(bad) from bad
        if terms == terms_of(held):
            return False
        held.version += 1
        held.follow_asked_at = clock.now()
        for name, value in _columns(terms).items():
            setattr(held, name, value)
        held.save()
        _keep_version(held, terms, actor, reason)
    plan.refresh_from_db()
    return True


def change_status(plan: Plan, status: str, actor: Actor, *, reason: str = "") -> bool:
    """Another step of its life; False where it stands there already. Raises Rejected and Conflict."""
    try:
        wanted = PlanStatus(status)
    except ValueError:
        words = f"must be one of: {', '.join(PlanStatus)}."
        raise Rejected("invalid", f"status {words}", {"status": [words]}) from None
    with transaction.atomic():
        held = Plan.objects.select_for_update().get(pk=plan.pk)
        before = PlanStatus(held.status)
        if before is wanted:
            return False
        if not may_become(before, wanted):
            raise Conflict("plan_status", _cannot(held, wanted))
        note_status(held, wanted, reason=_reason(reason), actor=actor)
    plan.refresh_from_db()
    return True


def find_plan(reference: str, *, account_id: int | None = None) -> Plan:
    """By its sender's id, else by ours. Within the open workspace; NotFound for anybody else's."""
    plans = list_plans()
    if account_id is not None:
        plans = plans.filter(account_id=account_id)
    reference = reference.replace("\0", "\ufffd")
    found = plans.filter(plan_id=reference).first()
    if found is None and reference.isdecimal() and len(reference) < 19:
        found = plans.filter(pk=int(reference)).first()
    if found is None:
        raise NotFound("plan_not_found", f"There is no plan “{reference[:64]}” in this workspace.")
    return found


def terms_of(plan: Plan) -> PlanTerms:
    values = {name: getattr(plan, name) for name in PlanTerms._fields}
    return PlanTerms(**{**values, "side": Side(plan.side) if plan.side else None})


def _record(record: object) -> dict[str, Any]:
    if not isinstance(record, Mapping):
        raise BadRecord({"": "A plan is a JSON object."})
    if not is_text(record, nul=True):
        raise BadRecord({"": "Some text in it is no Unicode: half of a surrogate pair."})
    return canonical(record)


def _refused(bad: BadRecord) -> Rejected:
    faults = {name: [words] for name, words in bad.fields.items() if name}
    message = " ".join(f"{name} {words}".strip() for name, words in bad.fields.items())
    return Rejected(bad.code, message, faults)


def _reason(text: object) -> str:
    words = str(text or "").replace("\0", "").strip()
    if len(words) > REASON_MAX:
        complaint = f"has at most {REASON_MAX:,} characters."
        raise Rejected("invalid", f"reason {complaint}", {"reason": [complaint]})
    return words


def _columns(terms: PlanTerms) -> dict[str, Any]:
    return {**terms._asdict(), "side": terms.side or ""}


def _known(plan: Plan, terms: PlanTerms) -> Plan | None:
    """The plan of this id, where it was sent in the same words. Raises Conflict where it was not."""
    known = Plan.objects.filter(workspace_id=plan.workspace_id, plan_id=plan.plan_id).first()
    if known is None:
        return None
    first = known.versions.order_by("number").first()
    if (
        known.account_id == plan.account_id
        and first is not None
        and first.terms == terms.as_words()
    ):
        return known
    raise Conflict(
        "plan_id_reused",
        f"There is a plan {plan.plan_id} that says something else. Revise it with PATCH /api/plans/{plan.plan_id}, "
        "or give the new one an id of its own.",
        {"plan_id": ["means another plan."]},
    )


@transaction.atomic
def _create(plan: Plan, terms: PlanTerms, actor: Actor, reason: str) -> Plan:
    now = clock.now()
    plan.created_at = plan.status_at = plan.follow_asked_at = now
    status, plan.status = PlanStatus.PENDING, ""
    plan.save(force_insert=True)
    _keep_version(plan, terms, actor, _reason(reason))
    note_status(plan, status, reason="", actor=actor)
    return plan


def _keep_version(plan: Plan, terms: PlanTerms, actor: Actor, reason: str) -> None:
    PlanVersion.objects.create(
        workspace_id=plan.workspace_id, account_id=plan.account_id, plan=plan, number=plan.version,
        terms=terms.as_words(), reason=reason, made_at=clock.now(), **actor.as_columns(),
    )  # fmt: skip


def _cannot(plan: Plan, wanted: PlanStatus) -> str:
    if plan.status == PlanStatus.EXECUTED:
        return f"The plan {plan.plan_id} was executed: that stays so. Notes and terms can still be revised."
    return (
        f"The plan {plan.plan_id} is {plan.status} and cannot become {wanted} from there. Set it to pending first, "
        "if it is to be taken up again."
    )


def expire_plans(*, now: datetime) -> int:
    """All whose time is over, in every workspace; says how many. Called by schedule, without a scope."""
    due = Plan.objects.filter(
        status__in=[PlanStatus.PENDING, PlanStatus.TRIGGERED], expires_at__lte=now
    )
    count = 0
    for plan_id in list(due.values_list("pk", flat=True)):
        with transaction.atomic():
            held = due.select_for_update(skip_locked=True).filter(pk=plan_id).first()
            if held is not None:
                note_status(held, PlanStatus.EXPIRED, reason="Its time was over.")
                count += 1
    return count
