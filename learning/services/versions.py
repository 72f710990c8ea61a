"""Versions of what scanners are told: made by runs, by people, and by a change of policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from accounts.models import Membership
from common.errors import Conflict, NotFound, Rejected
from learning.domain.claims.symbols import Standing
from learning.domain.parameters.answering import changes_between, effective_of, starting
from learning.domain.parameters.codec import state_as_json, state_from_json
from learning.domain.parameters.policy import Move, Policy, State, Verdict
from learning.domain.parameters.settings import PARAMETERS
from learning.domain.seconds import second_within
from learning.models import (
    LearningRun,
    LearningSettings,
    ParameterAnswer,
    ParameterPolicy,
    ParameterVersion,
    VersionCause,
    VersionStatus,
)
from learning.selectors.parameters import current_version, in_force, latest_run, waiting_version
from learning.selectors.settings import chosen_policy, policy_of, settings_of
from learning.selectors.symbols import standings_of
from learning.services.locks import lock_versions
from learning.services.running import read

_REASON_MAX = 500


@transaction.atomic
def keep_version(workspace_id: int, run: LearningRun, result: Mapping[str, Any]) -> None:
    """What follows from a run: a new version where what scanners are told, or what it stands on, is another now.

    Nothing where a later moment was here before, or this run itself. With four eyes a step of the evidence waits for
    somebody's approval; what a review undid does not wait.
    """
    lock_versions(workspace_id)
    if in_force(workspace_id).filter(as_of__gt=run.as_of).exists():
        return
    if ParameterVersion.objects.filter(workspace_id=workspace_id, run=run).exists():
        return
    stood, held = current_version(workspace_id), settings_of(workspace_id)
    before = _state_of(held, stood)
    after = state_from_json(result["state"])
    moved = after.moves[len(before.moves) :]
    if moved and held.needs_approval:
        _propose(workspace_id, run, after, moved[-1])
        after = _without_last(after, before, moved[-1])
    cause = _cause(stood, before, after)
    _keep(workspace_id, after, cause, as_of=run.as_of, run=run, simple=result["seed"])


def _without_last(after: State, before: State, move: Move) -> State:
    """The same with all that was reviewed, but not that step."""
    settings = {**after.settings, move.parameter: move.before}
    return State(settings, max(before.version, after.version - 1), after.moves[:-1])


def _cause(stood: ParameterVersion | None, before: State, after: State) -> VersionCause:
    if len(after.moves) > len(before.moves):
        return VersionCause.EVIDENCE
    if stood is None:
        return VersionCause.START
    if after != before:
        return VersionCause.REVIEW
    is_simple = policy_of(stood.workspace_id) == ParameterPolicy.SEED
    return VersionCause.SIMPLE if is_simple else VersionCause.SYMBOLS


def _propose(workspace_id: int, run: LearningRun, after: State, move: Move) -> None:
    """One proposal at a time: an older one is overtaken."""
    waiting = ParameterVersion.objects.filter(
        workspace_id=workspace_id, status=VersionStatus.WAITING
    )
    waiting.update(status=VersionStatus.LAPSED)
    ParameterVersion.objects.create(
        workspace_id=workspace_id,
        status=VersionStatus.WAITING,
        policy=policy_of(workspace_id),
        cause=VersionCause.EVIDENCE,
        effective={move.parameter: move.after},
        state=state_as_json(after),
        changed={move.parameter: {"from": move.before, "to": move.after}},
        as_of=run.as_of,
        run=run,
    )


def _keep(  # noqa: PLR0913 - all that a version is made of
    workspace_id: int,
    state: State,
    cause: VersionCause,
    *,
    as_of: datetime,
    simple: Mapping[str, Any] | None,
    run: LearningRun | None = None,
    author_id: int | None = None,
    reason: str = "",
) -> ParameterVersion:
    """A new version, or the one that stands where it would be the same."""
    stood, held = current_version(workspace_id), settings_of(workspace_id)
    policy = chosen_policy(held)
    standings = {symbol: Standing(one) for symbol, one in standings_of(workspace_id).items()}
    start = starting(held.start)
    effective = effective_of(Policy(policy), start, state, simple, standings)
    told = state_as_json(state)
    if stood is not None and (stood.effective, stood.state, stood.policy) == (
        effective,
        told,
        policy,
    ):
        return stood
    # The first one stands beside the scanner's own settings.
    before = effective_of(Policy.OFF, start, state, None, {}) if stood is None else stood.effective
    newest = ParameterVersion.objects.filter(workspace_id=workspace_id).aggregate(
        newest=Max("number")
    )["newest"]
    return ParameterVersion.objects.create(
        workspace_id=workspace_id,
        number=(newest or 0) + 1,
        policy=policy,
        cause=cause,
        effective=effective,
        state=told,
        changed=changes_between(before, effective),
        as_of=as_of,
        run=run,
        made_by_id=author_id,
        reason=reason[:_REASON_MAX],
    )


@transaction.atomic
def ensure_version(workspace_id: int) -> ParameterVersion:
    """What is in force; the scanner's own settings as version 1 where nothing ever was."""
    found = current_version(workspace_id)
    if found is not None:
        return found
    lock_versions(workspace_id)
    return current_version(workspace_id) or _keep(
        workspace_id,
        State(starting(settings_of(workspace_id).start)),
        VersionCause.START,
        as_of=timezone.now(),
        simple=_simple(workspace_id),
    )


@transaction.atomic
def approve(member: Membership, version_id: int, *, reason: str = "") -> ParameterVersion:
    """What waited comes into force, from now on: its review counts proposals from now on, too."""
    lock_versions(member.workspace_id)
    waiting = _waiting(member.workspace_id, version_id)
    move = state_from_json(waiting.state).moves[-1]
    now = timezone.now()
    state = _state_of(settings_of(member.workspace_id), current_version(member.workspace_id))
    if state.settings.get(move.parameter) != move.before:
        raise Conflict(
            "proposal_overtaken", "The setting has been changed since; wait for the next proposal."
        )
    made = replace(move, at=second_within(now), version=state.version + 1)
    after = State(
        {**state.settings, move.parameter: move.after}, state.version + 1, (*state.moves, made)
    )
    waiting.status, waiting.decided_at = VersionStatus.APPROVED, now
    waiting.save(update_fields=["status", "decided_at"])
    return _keep(
        member.workspace_id, after, VersionCause.EVIDENCE, as_of=now,
        simple=_simple(member.workspace_id), run=waiting.run, author_id=member.user_id, reason=reason,
    )  # fmt: skip


@transaction.atomic
def refuse(member: Membership, version_id: int, *, reason: str = "") -> ParameterVersion:
    """What stands goes on; no step of that parameter is proposed until `COOL_DOWN` more outcomes are known."""
    lock_versions(member.workspace_id)
    waiting = _waiting(member.workspace_id, version_id)
    waiting.status, waiting.decided_at = VersionStatus.REFUSED, timezone.now()
    waiting.made_by_id = member.user_id
    waiting.reason = reason[:_REASON_MAX]
    waiting.save(update_fields=["status", "decided_at", "made_by", "reason"])
    return waiting


def _waiting(workspace_id: int, version_id: int) -> ParameterVersion:
    found = ParameterVersion.objects.filter(workspace_id=workspace_id, pk=version_id).first()
    if found is None:
        raise NotFound("version_not_found", "There is no such proposal in this workspace.")
    if found.status != VersionStatus.WAITING:
        raise Conflict("proposal_settled", "This proposal does not wait any more.")
    return found


@transaction.atomic
def revert(member: Membership, *, reason: str) -> ParameterVersion:
    """Undoes the newest step of the evidence that was not undone yet; its review ends without a verdict."""
    if not reason.strip():
        raise Rejected("reason_missing", "Say why the step is undone.")
    lock_versions(member.workspace_id)
    state = _state_of(settings_of(member.workspace_id), current_version(member.workspace_id))
    place = next(
        (at for at in reversed(range(len(state.moves))) if _stands(state.moves[at], state)), None
    )
    if place is None:
        raise Conflict("nothing_to_undo", "No step of the evidence is in force.")
    now = timezone.now()
    undone = replace(state.moves[place], verdict=Verdict.VOID, settled_at=second_within(now))
    moves = (*state.moves[:place], undone, *state.moves[place + 1 :])
    settings = {**state.settings, undone.parameter: undone.before}
    return _keep(
        member.workspace_id, State(settings, state.version + 1, moves), VersionCause.PERSON, as_of=now,
        simple=_simple(member.workspace_id), author_id=member.user_id, reason=reason,
    )  # fmt: skip


@transaction.atomic
def begin_anew(workspace_id: int) -> None:
    """All that scanners were told was learnt from what is erased now: the next version says their own settings."""
    lock_versions(workspace_id)
    rows = ParameterVersion.objects.filter(workspace_id=workspace_id)
    newest = rows.aggregate(newest=Max("number"))["newest"]
    rows.delete()
    if newest is None:
        return
    state = State(starting(settings_of(workspace_id).start))
    policy = policy_of(workspace_id)
    ParameterVersion.objects.create(
        workspace_id=workspace_id, number=newest + 1, policy=policy, cause=VersionCause.START,
        state=state_as_json(state),
        effective=effective_of(Policy(policy), state.settings, state, None, {}), as_of=timezone.now(),
    )  # fmt: skip


@transaction.atomic
def follow_symbols(member: Membership, *, reason: str) -> None:
    """Somebody moved a symbol: a version follows where scanners are told something else by that."""
    lock_versions(member.workspace_id)
    stood = current_version(member.workspace_id)
    if stood is None:
        return
    _keep(
        member.workspace_id, state_from_json(stood.state), VersionCause.PERSON, as_of=timezone.now(),
        simple=_simple(member.workspace_id), author_id=member.user_id, reason=reason,
    )  # fmt: skip


def _stands(move: Move, state: State) -> bool:
    return move.verdict in (Verdict.PENDING, Verdict.KEPT) and (
        state.settings.get(move.parameter) == move.after
    )


@transaction.atomic
def change_settings(
    member: Membership,
    *,
    policy: str | None = None,
    needs_approval: bool | None = None,
    zone: str | None = None,
    start: Mapping[str, float] | None = None,
) -> LearningSettings:
    """What is None stays. Another policy, or other settings of the scanner itself, make a version at once."""
    lock_versions(member.workspace_id)
    held, _ = LearningSettings.objects.get_or_create(workspace_id=member.workspace_id)
    before = starting(held.start)
    if policy is not None:
        held.policy = policy
    if needs_approval is not None:
        held.needs_approval = needs_approval
    if zone is not None:
        held.zone = zone
    if start is not None:
        held.start = _checked(start)
    held.save()
    if not held.needs_approval:
        waiting = waiting_version(member.workspace_id)
        if waiting is not None:
            waiting.status = VersionStatus.LAPSED
            waiting.save(update_fields=["status"])
    stood = current_version(member.workspace_id)
    if stood is not None:
        now = timezone.now()
        state = _restarted(_state_of(held, stood), before, starting(held.start), now)
        cause = VersionCause.POLICY if policy is not None else VersionCause.PERSON
        _keep(
            member.workspace_id, state, cause, as_of=now,
            simple=_simple(member.workspace_id), author_id=member.user_id,
        )  # fmt: skip
    return held


def _checked(start: Mapping[str, float]) -> dict[str, float]:
    found = {}
    for name, value in start.items():
        parameter = PARAMETERS.get(name)
        if parameter is None:
            raise Rejected("parameter_unknown", f"There is no parameter “{name}”.")
        if not parameter.grid[0] <= value <= parameter.grid[-1]:
            raise Rejected(
                "parameter_out_of_range",
                f"{name} is between {parameter.grid[0]:g} and {parameter.grid[-1]:g}, not {value:g}.",
            )
        found[name] = float(value)
    return found


def _restarted(
    state: State, before: Mapping[str, float], after: Mapping[str, float], now: datetime
) -> State:
    """What the scanner itself now sets otherwise begins there; steps of it that were open end without a verdict."""
    fresh = {name: value for name, value in after.items() if before.get(name) != value}
    if not fresh:
        return state
    moves = tuple(
        replace(one, verdict=Verdict.VOID, settled_at=second_within(now))
        if one.parameter in fresh and one.verdict is Verdict.PENDING
        else one
        for one in state.moves
    )
    return State({**state.settings, **fresh}, state.version + 1, moves)


@transaction.atomic
def log_answer(version: ParameterVersion, asker: str, name: str) -> None:
    """That somebody was told this version. Asked again for the same it is counted."""
    now = timezone.now()
    row, is_new = ParameterAnswer.objects.get_or_create(
        workspace_id=version.workspace_id,
        asker=asker,
        version=version,
        defaults={"name": name[:120], "first_at": now, "last_at": now},
    )
    if not is_new:
        ParameterAnswer.objects.filter(pk=row.pk).update(last_at=now, times=F("times") + 1)


def score_answers(workspace_id: int, as_of: datetime, told: Iterable[Mapping[str, Any]]) -> None:
    """Keeps what a run says of each answer, unless a later one has spoken."""
    rows = ParameterAnswer.objects.filter(workspace_id=workspace_id).in_bulk()
    changed = []
    for one in told:
        row = rows.get(one["id"])
        score = {**one, "as_of": as_of.isoformat()}
        if row is not None and (row.score is None or row.score["as_of"] <= score["as_of"]):
            row.score = score
            changed.append(row)
    ParameterAnswer.objects.bulk_update(changed, ["score"], batch_size=1_000)


def _state_of(held: LearningSettings, version: ParameterVersion | None) -> State:
    if version is None:
        return State(starting(held.start))
    return state_from_json(version.state)


def _simple(workspace_id: int) -> Mapping[str, Any] | None:
    run = latest_run(workspace_id)
    return None if run is None else read(run)["seed"]
