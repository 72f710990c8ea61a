"""How recommendations stand, derived anew from decisions, from time, and from what followed them.

Time and orders decide too: what they bring about is written into the log like anybody's decision, with `rule` as its
way and the moment from which it held. Run twice it writes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from journal.domain.standing import (
    Lapse,
    Standing,
    Step,
    before_execution,
    current,
    lapse_of,
)
from journal.models import (
    DecidedVia,
    Decision,
    Pool,
    Recommendation,
    RecommendationStanding,
)
from journal.selectors.recommendations import (
    Link,
    links_of,
    list_steps,
    orders_following,
    rules_of,
)
from journal.services import clock
from journal.services.recommendations.unapproved import refresh_unapproved

RULE = "Rule"
_AT_ONCE = 500
_DERIVED = ["status", "waits", "decided_at", "decided_by", "lapses_at", "lapses_to", "trade_id"]
_WORDS = {
    Standing.EXPIRED: "It expired before it was executed.",
    Standing.IGNORED: "Nobody decided it in time.",
}


def refresh_standings(workspace_id: int, record_ids: Collection[str]) -> None:
    """Of the recommendations with these names, whether they are here or not. To be called whenever something that they
    depend on has changed: orders that name them, trades that follow them, imports that brought or took them.
    """
    wanted = sorted({one for one in record_ids if one})
    for start in range(0, len(wanted), _AT_ONCE):
        _refresh(workspace_id, wanted[start : start + _AT_ONCE])


def rebuild_standings(workspace_id: int) -> int:
    """Of all recommendations of the workspace; counts them. One that stands as it should is left as it is."""
    named = Recommendation.objects.filter(workspace_id=workspace_id)
    names = list(named.order_by("pk").values_list("record_id", flat=True).distinct())
    refresh_standings(workspace_id, names)
    return len(names)


@transaction.atomic
def _refresh(workspace_id: int, record_ids: list[str]) -> None:
    named = Recommendation.objects.filter(workspace_id=workspace_id, record_id__in=record_ids)
    proposals = {one.pk: one for one in named.filter(batch__withdrawn_at=None)}
    gone = RecommendationStanding.objects.filter(recommendation__in=named)
    gone.exclude(pk__in=proposals).delete()
    standings = _locked(proposals)
    orders = orders_following(workspace_id, record_ids)
    if not proposals and not orders:
        return
    rules = _Rules(
        now=clock.now(),
        patience=_hours(rules_of(workspace_id).ignored_after_hours),
        links=links_of(workspace_id, record_ids, orders),
        steps=list_steps(workspace_id, record_ids),
    )
    before = {one.pk: _values(one) for one in standings}
    decisions: list[Decision] = []
    for standing in standings:
        decisions += rules.apply(standing, proposals[standing.pk])
    Decision.objects.bulk_create(decisions)
    _name_deciders(standings, proposals)
    changed = [one for one in standings if before[one.pk] != _values(one)]
    # An update of many rows by cases takes Django longer than the database.
    RecommendationStanding.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["recommendation"], update_fields=_DERIVED
    )
    refresh_unapproved(workspace_id, proposals.values(), orders, rules.steps)


def _values(standing: RecommendationStanding) -> tuple[object, ...]:
    return tuple(getattr(standing, name) for name in _DERIVED)


def _locked(proposals: dict[int, Recommendation]) -> list[RecommendationStanding]:
    """One for each, made where there was none; nobody else decides them until commit."""
    RecommendationStanding.objects.bulk_create(
        [
            RecommendationStanding(
                recommendation=one,
                workspace_id=one.workspace_id,
                account_id=one.account_id,
                status=Standing.RECOMMENDED,
            )
            for one in proposals.values()
        ],
        ignore_conflicts=True,
    )
    rows = RecommendationStanding.objects.filter(pk__in=proposals).order_by("pk")
    return list(rows.select_for_update())


def _hours(hours: int | None) -> timedelta | None:
    return None if hours is None else timedelta(hours=hours)


class _Rules(NamedTuple):
    now: datetime
    patience: timedelta | None
    links: Mapping[str, Link]
    steps: dict[str, list[Step]]

    def apply(self, standing: RecommendationStanding, proposal: Recommendation) -> list[Decision]:
        """Sets the standing as it is now; gives what rules have to say in the log."""
        steps = self.steps.setdefault(proposal.record_id, [])
        link = self.links.get(proposal.record_id)
        said: list[Decision] = []
        status = _latest(steps)
        if link is None and status is Standing.EXECUTED:
            status = before_execution(steps)
            said.append(_rule(proposal, status, self.now, "What executed it does not count any more."))  # fmt: skip
            steps.append(Step(status, self.now))
        lapse = self._lapse(status, steps, proposal)
        if link is not None and status is not Standing.EXECUTED:
            # Whoever acted on it has acted on it, whatever was said before.
            said.append(_rule(proposal, Standing.EXECUTED, link.at, link.words))
        elif link is None and lapse is not None and current(status, lapse, self.now) is lapse.to:
            said.append(_rule(proposal, lapse.to, lapse.at, _WORDS[lapse.to]))
        if said and said[-1].verdict != status:
            status = Standing(said[-1].verdict)
            steps.append(Step(status, said[-1].decided_at))
        _set(standing, proposal, status, self._lapse(status, steps, proposal))
        standing.trade_id = link.trade_id if link is not None else None
        standing.decided_at = steps[-1].at if steps else None
        return said

    def _lapse(self, status: Standing, steps: list[Step], proposal: Recommendation) -> Lapse | None:
        taken_back = [step.at for step in steps if step.to is Standing.RECOMMENDED]
        return lapse_of(
            status,
            waits_since=max([proposal.received_at, *taken_back]),
            expires_at=proposal.expires_at,
            patience=self.patience if proposal.pool == Pool.SHOWN else None,
        )


def _latest(steps: list[Step]) -> Standing:
    return steps[-1].to if steps else Standing.RECOMMENDED


def _set(
    standing: RecommendationStanding,
    proposal: Recommendation,
    status: Standing,
    lapse: Lapse | None,
) -> None:
    standing.status = status
    standing.waits = status is Standing.RECOMMENDED and proposal.pool == Pool.SHOWN
    standing.lapses_at, standing.lapses_to = lapse if lapse is not None else (None, "")


def _rule(proposal: Recommendation, verdict: Standing, at: datetime, words: str) -> Decision:
    return Decision(
        workspace_id=proposal.workspace_id,
        account_id=proposal.account_id,
        record_id=proposal.record_id,
        verdict=verdict,
        via=DecidedVia.RULE,
        actor=RULE,
        reason=words,
        decided_at=at,
    )


def _name_deciders(
    standings: Iterable[RecommendationStanding], proposals: Mapping[int, Recommendation]
) -> None:
    names = [one.record_id for one in proposals.values()]
    rows = Decision.objects.filter(record_id__in=names).order_by("record_id", "-id")
    deciders = dict(rows.distinct("record_id").values_list("record_id", "actor"))
    for standing in standings:
        standing.decided_by = deciders.get(proposals[standing.pk].record_id, "")


def list_lapsed(*, limit: int = 5_000) -> list[tuple[int, str]]:
    """(workspace, record_id) of those whose time has come, the longest first."""
    due = RecommendationStanding.objects.filter(lapses_at__lte=timezone.now()).order_by("lapses_at")
    return list(due.values_list("workspace_id", "recommendation__record_id")[:limit])
