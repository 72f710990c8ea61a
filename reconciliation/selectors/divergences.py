"""Differences as pages show them: how many, how bad, how old, and one by one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from common.errors import NotFound, Rejected
from journal.models import Execution, Instrument
from journal.selectors.keyset import Key, read_page
from reconciliation.domain.classes import Severity
from reconciliation.domain.life import OVER, State
from reconciliation.models import Divergence, DivergenceStep

WORST_FIRST = tuple(reversed(Severity))
# What is carried out by the system, or only told, asks for nobody.
_FOR_PEOPLE = (State.OPEN, State.INVESTIGATING, State.PROPOSED)
_NEWEST = [Key("first_seen_at", descending=True), Key("id", descending=True)]
_BESIDE = ("account", "instrument", "assignee", "proposed_by", "approved_by")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many are not over, by account, severity and the age that they have by now."""

    by_account: dict[int, dict[str, int]]
    by_age: dict[str, dict[str, int]]

    @property
    def total(self) -> int:
        return sum(number for ages in self.by_age.values() for number in ages.values())


@dataclass(frozen=True, slots=True)
class DivergencePage:
    rows: list[Divergence]
    next: str | None


def told() -> QuerySet[Divergence]:
    """Whatever a person was told of."""
    return Divergence.objects.exclude(state=State.SEEN)


def not_over() -> QuerySet[Divergence]:
    return told().exclude(state__in=OVER)


def waiting_for_people() -> QuerySet[Divergence]:
    return Divergence.objects.filter(state__in=_FOR_PEOPLE).exclude(severity=Severity.INFO)


def tally(ages: dict[str, tuple[datetime, datetime | None]]) -> Tally:
    """`ages`: by name, the moments (latest, and after which) that something of this age was first seen."""
    counts = {
        name: Count("pk", filter=Q(first_seen_at__lte=latest) & (Q(first_seen_at__gt=after) if after else Q()))
        for name, (latest, after) in ages.items()
    }  # fmt: skip
    rows: Any = not_over().order_by().values("account_id", "severity").annotate(**counts)
    by_account: dict[int, dict[str, int]] = {}
    by_age: dict[str, dict[str, int]] = {severity: dict.fromkeys(ages, 0) for severity in Severity}
    for row in rows:
        numbers = {name: row[name] for name in ages}
        by_account.setdefault(row["account_id"], {})[row["severity"]] = sum(numbers.values())
        for name, number in numbers.items():
            by_age[row["severity"]][name] += number
    return Tally(by_account, by_age)


def count_not_over(account_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """By account and severity."""
    rows = (
        not_over().filter(account__in=account_ids).order_by().values_list("account_id", "severity")
    )
    found: dict[int, dict[str, int]] = {}
    for account_id, severity, number in rows.annotate(Count("pk")):
        found.setdefault(account_id, {})[severity] = number
    return found


def read_divergences(
    rows: QuerySet[Divergence], *, cursor: str = "", limit: int = 25
) -> DivergencePage:
    """The worst first, of one severity the newest. Severities follow each other; a cursor names its own.

    Raises Rejected for a cursor that is none.
    """
    first, _, inner = cursor.partition(".")
    if cursor and first not in set(WORST_FIRST):
        raise Rejected(
            "cursor_invalid",
            "The address of this page of the list is not whole. Start at its first.",
        )
    left = list(WORST_FIRST[WORST_FIRST.index(Severity(first)) :]) if cursor else list(WORST_FIRST)
    rows = rows.select_related(*_BESIDE)
    found: list[Divergence] = []
    for severity in left:
        own = rows.filter(severity=severity)
        if len(found) == limit:
            # Whether there is anything else, it stands at the beginning of the next severity.
            if own.exists():
                return DivergencePage(found, f"{severity}.")
            continue
        page = read_page([own], _NEWEST, limit=limit - len(found), cursor=inner)
        inner = ""
        found += page.rows
        if page.next is not None:
            return DivergencePage(found, f"{severity}.{page.next}")
    return DivergencePage(found, None)


def get_divergence(divergence_id: int) -> Divergence:
    """Within the open workspace. Raises NotFound for anybody else's, and for one that nobody was told of."""
    found = told().select_related(*_BESIDE, "last_run").filter(pk=divergence_id).first()
    if found is None:
        raise NotFound("divergence_not_found", "There is no such difference in this workspace.")
    return found


def steps_of(divergence: Divergence) -> list[DivergenceStep]:
    return list(divergence.steps.order_by("id"))


def symbols_of(instrument_ids: Collection[int]) -> dict[int, str]:
    """Within the open workspace."""
    if not instrument_ids:
        return {}
    return dict(Instrument.objects.filter(pk__in=instrument_ids).values_list("pk", "symbol"))


def trades_of_fills(execution_ids: Collection[int]) -> dict[int, int]:
    """The trades that fills belong to, by the fill's id."""
    if not execution_ids:
        return {}
    rows = Execution.objects.filter(pk__in=execution_ids, leg__trade__isnull=False)
    return dict(rows.values_list("pk", "leg__trade_id"))
