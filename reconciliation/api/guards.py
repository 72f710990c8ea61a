"""Guards over the API: how they stand, what they saw and did, and asking for changes."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.db.models import Model, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import ScopedAPIView
from common.api.parsers import ExactJSONParser
from common.errors import Forbidden, NotFound, Rejected
from reconciliation import filters
from reconciliation.api import guard_serializers as shapes
from reconciliation.api.base import FoundFirst, ReconciliationMixin
from reconciliation.api.guard_values import changed
from reconciliation.domain.codec import dump
from reconciliation.domain.guards.changes import AnyVersion, Version
from reconciliation.domain.guards.presets import PRESETS
from reconciliation.forms.guard_values import usual
from reconciliation.models import Guard, GuardFiring, GuardKind, GuardSample, GuardVersion
from reconciliation.selectors.guard_pages import guards, latest_samples, waiting_changes
from reconciliation.selectors.hearing import accounts_in_use
from reconciliation.services.guards import arming, changing
from reconciliation.services.guards.keeping import values_of
from reconciliation.services.guards.presetting import create_from_preset, version_of_preset
from reconciliation.services.guards.simulating import simulate

_SHOWN = 20
_EVENTS_MAX = 200
_LOOK_BACK = timedelta(days=365)


class GuardMixin(ReconciliationMixin):
    parser_classes = (ExactJSONParser,)

    def told(self, guard: Guard) -> Response:
        """With what is newest of it."""
        row = Guard.objects.select_related("version").get(pk=guard.pk)
        firings = row.firings.select_related("version").prefetch_related("intents")
        waiting = row.versions.filter(pk__in=waiting_changes().values("pk"))
        row.told = SimpleNamespace(  # type: ignore[attr-defined]
            samples=row.samples.order_by("-at", "-id")[:_SHOWN],
            firings=firings[:_SHOWN],
            changes=waiting.order_by("asked_at", "id"),
        )
        context = {"samples": latest_samples([row])}
        return Response(shapes.GuardDetailSerializer(row, context=context).data)


class GuardList(GuardMixin, generics.ListAPIView[Guard]):
    """Guards that were not taken away. Look at `state` and at how old `latest` is."""

    serializer_class = shapes.GuardSerializer
    ordering = ("id",)
    filterset_fields = ("account", "kind", "state")

    def get_queryset(self) -> QuerySet[Guard]:
        return self.bound(guards().select_related("version").order_by("id"))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        context = {**self.get_serializer_context(), "samples": latest_samples(page)}
        return self.get_paginated_response(
            shapes.GuardSerializer(page, many=True, context=context).data
        )

    @extend_schema(
        request=shapes.MakeGuardSerializer, responses={201: shapes.GuardDetailSerializer}
    )
    def post(self, request: Request) -> Response:
        """Make a guard. It is tighter than none, so it counts at once; make one with `is_armed` false to simulate it
        first."""
        form = shapes.MakeGuardSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        said = form.validated_data
        if self.bound_account_id is not None and said["account"] is None:
            raise Forbidden("token_bound", "This token is bound to one account: guard that one.")
        account = None
        if said["account"] is not None:
            account = self.bound(accounts_in_use(), "pk").filter(pk=said["account"]).first()
            if account is None:
                raise NotFound("account_not_found", "There is no such account in this workspace.")
        version, slug = _version(said), said["preset"]
        if slug and isinstance(version, Version):
            guard = create_from_preset(
                self.membership, account, slug, self.now, version=version, name=said["name"]
            )
        else:
            guard = changing.create_guard(
                self.membership, account, version, self.now, name=said["name"]
            )
        answer = self.told(guard)
        answer.status_code = status.HTTP_201_CREATED
        return answer


def _version(said: dict[str, Any]) -> AnyVersion:
    if said["preset"] and said["kind"] != GuardKind.LIMIT:
        words = "Presets are limits."
        raise serializers.ValidationError({"preset": [words]})
    begin = version_of_preset(PRESETS[said["preset"]]) if said["preset"] else usual(said["kind"])
    return changed(said["kind"], begin, {**said["values"], "is_armed": said["is_armed"]})


class PresetList(GuardMixin, ScopedAPIView):
    serializer_class = shapes.PresetsSerializer

    @extend_schema(responses=shapes.PresetsSerializer)
    def get(self, request: Request) -> Response:
        """Limits of firms and of the field, as their rules stood on the day beside them."""
        rows = [
            {
                "slug": slug,
                "name": one.name,
                "words": one.words,
                "as_of": one.as_of,
                "values": dump(version_of_preset(one)),
            }
            for slug, one in PRESETS.items()
        ]
        answer = {"next": None, "previous": None, "results": rows}
        return Response(shapes.PresetsSerializer(answer).data)


class OneGuard(FoundFirst, GuardMixin):
    found: Guard

    def candidates(self) -> QuerySet[Guard]:
        return guards().select_related("account", "version")

    @property
    def values(self) -> AnyVersion:
        assert self.found.version is not None, "a guard has a version from when it is made"
        return values_of(self.found.kind, self.found.version.values)


class GuardDetail(OneGuard, ScopedAPIView):
    serializer_class = shapes.GuardDetailSerializer

    @extend_schema(responses=shapes.GuardDetailSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """One guard: how it is set and stands, its newest readings and firings, and the changes that wait."""
        return self.told(self.found)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Take away a guard that is switched off. What it saw and did stays."""
        changing.remove_guard(self.found, self.membership, self.now)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SampleList(OneGuard, generics.ListAPIView[GuardSample]):
    """Every reading that the guard looked at, the newest first: also those that led to a firing (`until`)."""

    serializer_class = shapes.GuardSampleSerializer
    filterset_class = filters.GuardSampleFilter
    ordering = ("-at", "-id")

    def get_queryset(self) -> QuerySet[GuardSample]:
        return GuardSample.objects.filter(guard_id=self.kwargs.get("pk")).order_by("-at", "-id")


class FiringList(OneGuard, generics.ListAPIView[GuardFiring]):
    """Each time that it fired, the newest first, with what was closed."""

    serializer_class = shapes.GuardFiringSerializer
    filterset_class = filters.GuardFiringFilter
    ordering = ("-fired_at", "-id")

    def get_queryset(self) -> QuerySet[GuardFiring]:
        rows = GuardFiring.objects.filter(guard_id=self.kwargs.get("pk")).select_related("version")
        return rows.prefetch_related("intents").order_by("-fired_at", "-id")


class ChangeList(OneGuard, generics.ListAPIView[GuardVersion]):
    """How the guard was set and was asked to be set, the newest first."""

    serializer_class = shapes.GuardChangeSerializer
    ordering = ("-id",)
    filterset_fields = ("state",)

    def get_queryset(self) -> QuerySet[GuardVersion]:
        return GuardVersion.objects.filter(guard_id=self.kwargs.get("pk")).order_by("-id")

    @extend_schema(
        request=shapes.AskChangeSerializer,
        responses={200: shapes.GuardChangeSerializer, 202: shapes.GuardChangeSerializer},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Ask for a change. 200: it protects no less and counts. 202: it waits, `loosens` says for what; `reason` is
        wanted then. 403 `floor_of_installation` where it undercuts what the installation asks for."""
        form = shapes.AskChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        said = form.validated_data
        values = changed(self.found.kind, self.values, said["values"])
        return changed_to(
            changing.ask_change(
                self.found, values, self.membership, self.now, reason=said["reason"]
            )
        )


def changed_to(version: GuardVersion) -> Response:
    waits = version.state == "waiting"
    return Response(
        shapes.GuardChangeSerializer(version).data,
        status=status.HTTP_202_ACCEPTED if waits else status.HTTP_200_OK,
    )


class Arm(OneGuard, ScopedAPIView):
    serializer_class = shapes.GuardChangeSerializer

    @extend_schema(
        request=shapes.ArmSerializer,
        responses={200: shapes.GuardChangeSerializer, 202: shapes.GuardChangeSerializer},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Switch it on (200). After it fired, with fresh marks, once somebody else agrees or its time is over (202)."""
        form = shapes.ArmSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return changed_to(arming.arm(self.found, self.membership, self.now, **form.validated_data))


class Disarm(OneGuard, ScopedAPIView):
    serializer_class = shapes.GuardChangeSerializer

    @extend_schema(
        request=shapes.DisarmSerializer,
        responses={200: shapes.GuardChangeSerializer, 202: shapes.GuardChangeSerializer},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Switch it off, once somebody else agrees or its time is over (202)."""
        form = shapes.DisarmSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return changed_to(
            arming.disarm(self.found, self.membership, self.now, **form.validated_data)
        )


class Simulate(OneGuard, ScopedAPIView):
    serializer_class = shapes.SimulationSerializer

    @extend_schema(request=shapes.SimulateSerializer, responses={200: shapes.SimulationSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """What it would have done in the past (the last year, if nothing is said), as it is set or with `values`.
        Changes nothing. 422 `history_too_short` where too little was read."""
        form = shapes.SimulateSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        said = form.validated_data
        values = changed(self.found.kind, self.values, said["values"])
        if not isinstance(values, Version) or self.found.account is None:
            raise Rejected("not_simulated", "Only a limit of one account can be simulated.")
        until = said["until"] or self.now
        since = said["since"] or until - _LOOK_BACK
        found = simulate(values._replace(is_armed=True), self.found.account, since, until)
        answer = {
            **found._asdict(),
            "fired": found.fired,
            "warned": found.warned,
            "events": found.events[-_EVENTS_MAX:],
            "events_left_out": max(len(found.events) - _EVENTS_MAX, 0),
        }
        return Response(shapes.SimulationSerializer(answer).data)


class ChangeStep(FoundFirst, GuardMixin, ScopedAPIView):
    """409 `change_is_over` where it was decided already."""

    serializer_class = shapes.GuardChangeSerializer
    found: GuardVersion

    def candidates(self) -> QuerySet[Model]:
        return GuardVersion.objects.filter(guard__removed_at=None).select_related("guard")


class ApproveChange(ChangeStep):
    @extend_schema(request=None, responses={200: shapes.GuardChangeSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Agree to a change: by somebody else than who asked for it."""
        return changed_to(changing.approve(self.found, self.membership, self.now))


class RefuseChange(ChangeStep):
    @extend_schema(request=None, responses={200: shapes.GuardChangeSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Refuse a change: the guard stays as it is."""
        return changed_to(changing.refuse(self.found, self.membership, self.now))


class WithdrawChange(ChangeStep):
    @extend_schema(request=None, responses={200: shapes.GuardChangeSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Take back a change that you asked for."""
        return changed_to(changing.withdraw(self.found, self.membership, self.now))
