"""The filters of lists: one FilterSet behind page and API."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Membership, User
from common.choices import enum_choices
from journal.filters import called, own_accounts
from reconciliation.domain.classes import DivergenceClass, Severity
from reconciliation.domain.life import OVER, State
from reconciliation.domain.words import WORDS
from reconciliation.models import (
    Divergence,
    DrawdownAction,
    DrawdownAlert,
    DrawdownAlertType,
    GuardFiring,
    GuardSample,
    LogEvent,
    LogStatus,
    PositionSnapshot,
    ReconciliationLog,
    ReconciliationRun,
    RunOutcome,
    Snapshot,
)

KINDS = sorted(((kind.value, WORDS[kind].name) for kind in DivergenceClass), key=lambda one: one[1])
# By the state itself, or what people ask for.
NOT_OVER, ENDED, ALL = "not_over", "over", "all"
STATES = [
    (ENDED, "Over, in any way"),
    (ALL, "All, over or not"),
    *((value, name) for value, name in enum_choices(State) if value != State.SEEN),
]
# How long a difference has been known: from, and up to.
AGES: dict[str, tuple[str, timedelta, timedelta | None]] = {
    "hour": ("Under an hour", timedelta(0), timedelta(hours=1)),
    "day": ("Under a day", timedelta(hours=1), timedelta(days=1)),
    "week": ("Under a week", timedelta(days=1), timedelta(days=7)),
    "older": ("A week and more", timedelta(days=7), None),
}
NOBODY = "nobody"


def _members(request: Any) -> QuerySet[User]:
    ids = Membership.objects.filter(workspace=request.workspace).values("user_id")
    return User.objects.filter(pk__in=ids).order_by("email")


class DivergenceFilter(filters.FilterSet):
    """What is not over, unless `state` asks for more. What was not seen often enough to be told of is left out."""

    text = filters.CharFilter(method="by_symbol", label="Market")
    state = filters.ChoiceFilter(
        choices=STATES, method="by_state", label="State", empty_label="Not over"
    )
    severity = filters.ChoiceFilter(
        choices=enum_choices(Severity), label="Severity", empty_label="Any severity"
    )
    kind = filters.ChoiceFilter(choices=KINDS, label="What differs", empty_label="Anything")
    account = filters.ModelChoiceFilter(queryset=own_accounts, empty_label="All accounts")
    age = filters.ChoiceFilter(
        choices=[(name, words) for name, (words, _, _) in AGES.items()],
        method="by_age",
        label="Known for",
        empty_label="Any age",
    )
    assignee = filters.ModelChoiceFilter(
        queryset=_members, null_label="Nobody", null_value=NOBODY, empty_label="Anybody", label="Whose"
    )  # fmt: skip

    class Meta:
        model = Divergence
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Divergence]) -> QuerySet[Divergence]:
        rows: QuerySet[Divergence] = super().filter_queryset(queryset).exclude(state=State.SEEN)
        return rows if self.form.cleaned_data.get("state") else rows.exclude(state__in=OVER)

    def by_symbol(self, rows: QuerySet[Divergence], name: str, value: str) -> QuerySet[Divergence]:
        return rows.filter(symbol__in=called(value)) | rows.filter(symbol__istartswith=value)

    def by_state(self, rows: QuerySet[Divergence], name: str, value: str) -> QuerySet[Divergence]:
        if value == ALL:
            return rows
        return rows.filter(state__in=OVER) if value == ENDED else rows.filter(state=value)

    def by_age(self, rows: QuerySet[Divergence], name: str, value: str) -> QuerySet[Divergence]:
        _, at_least, under = AGES[value]
        now = timezone.now()  # noqa: TID251 - an age is relative to the moment in which it is asked for
        rows = rows.filter(first_seen_at__lte=now - at_least)
        return rows if under is None else rows.filter(first_seen_at__gt=now - under)


class _ByDay(filters.FilterSet):
    """`start` and `end` are days by the person's clock, both included, of the field `at`. Programs have none: UTC."""

    at = "created_at"
    start = filters.DateFilter(method="from_day", label="From")
    end = filters.DateFilter(method="to_day", label="To")

    def from_day(self, rows: QuerySet[Any], name: str, value: date) -> QuerySet[Any]:
        return rows.filter(**{f"{self.at}__gte": _midnight(value)})

    def to_day(self, rows: QuerySet[Any], name: str, value: date) -> QuerySet[Any]:
        if value == date.max:
            return rows
        return rows.filter(**{f"{self.at}__lt": _midnight(value + timedelta(days=1))})


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_current_timezone())


class LogFilter(_ByDay):
    symbol = filters.CharFilter(field_name="symbol", lookup_expr="iexact", label="Market")
    event = filters.ChoiceFilter(choices=LogEvent.choices, label="Event", empty_label="All events")
    status = filters.ChoiceFilter(
        choices=LogStatus.choices, label="Outcome", empty_label="Any outcome"
    )
    account = filters.ModelChoiceFilter(queryset=own_accounts, empty_label="All accounts")

    class Meta:
        model = ReconciliationLog
        fields: list[str] = []


class SnapshotFilter(_ByDay):
    at = "as_of"
    account = filters.ModelChoiceFilter(queryset=own_accounts, empty_label="All accounts")
    is_complete = filters.BooleanFilter(method="by_completeness", label="Complete")

    class Meta:
        model = Snapshot
        fields: list[str] = []

    def by_completeness(
        self, rows: QuerySet[Snapshot], name: str, value: bool
    ) -> QuerySet[Snapshot]:
        return rows.filter(lacking=[]) if value else rows.exclude(lacking=[])


class _ByMoment(_ByDay):
    """Programs also ask by the moment: from `since` up to and without `until`."""

    since = filters.IsoDateTimeFilter(method="from_moment", label="From, with its offset")
    until = filters.IsoDateTimeFilter(method="to_moment", label="To, with its offset")

    def from_moment(self, rows: QuerySet[Any], name: str, value: datetime) -> QuerySet[Any]:
        return rows.filter(**{f"{self.at}__gte": value})

    def to_moment(self, rows: QuerySet[Any], name: str, value: datetime) -> QuerySet[Any]:
        return rows.filter(**{f"{self.at}__lt": value})


class LogQuery(LogFilter, _ByMoment):
    """The page's, and by the id of whoever did it."""

    user = filters.NumberFilter(field_name="user", min_value=0, max_value=2**63 - 1)

    class Meta:
        model = ReconciliationLog
        fields: list[str] = []


class SnapshotQuery(SnapshotFilter, _ByMoment):
    class Meta:
        model = Snapshot
        fields: list[str] = []


class RunFilter(_ByMoment):
    at = "began_at"
    account = filters.ModelChoiceFilter(queryset=own_accounts)
    outcome = filters.ChoiceFilter(choices=RunOutcome.choices)
    source = filters.CharFilter(field_name="source")

    class Meta:
        model = ReconciliationRun
        fields: list[str] = []


class PositionSnapshotFilter(_ByMoment):
    account = filters.ModelChoiceFilter(queryset=own_accounts)
    failed = filters.BooleanFilter(
        method="by_failure", label="Only reads that failed, or only the others"
    )

    class Meta:
        model = PositionSnapshot
        fields: list[str] = []

    def by_failure(
        self, rows: QuerySet[PositionSnapshot], name: str, value: bool
    ) -> QuerySet[PositionSnapshot]:
        return rows.exclude(error="") if value else rows.filter(error="")


class DrawdownAlertFilter(_ByMoment):
    account = filters.ModelChoiceFilter(queryset=own_accounts)
    alert_type = filters.ChoiceFilter(choices=DrawdownAlertType.choices)
    action_taken = filters.ChoiceFilter(choices=DrawdownAction.choices)

    class Meta:
        model = DrawdownAlert
        fields: list[str] = []


class GuardSampleFilter(_ByMoment):
    at = "at"

    class Meta:
        model = GuardSample
        fields: list[str] = []


class GuardFiringFilter(_ByMoment):
    at = "fired_at"

    class Meta:
        model = GuardFiring
        fields: list[str] = []
