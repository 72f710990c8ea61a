"""Differences over the API: to read, and to settle step by step, each step with its reason."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import ScopedAPIView
from accounts.models import Membership
from common.errors import Rejected
from journal.services.reasons import check_reason
from reconciliation import filters
from reconciliation.api.base import FoundFirst, ReasonSerializer, ReconciliationMixin
from reconciliation.api.divergence_serializers import (
    ApproveSerializer,
    AssignSerializer,
    DivergenceDetailSerializer,
    DivergenceSerializer,
    ProposeSerializer,
)
from reconciliation.domain.life import State
from reconciliation.models import Divergence
from reconciliation.selectors.divergences import told
from reconciliation.services import resolving

_STEP = {200: DivergenceDetailSerializer}


class DivergenceList(ReconciliationMixin, generics.ListAPIView[Divergence]):
    """Differences that are not over, the newest first; `state` asks for others. The filters are those of the page."""

    serializer_class = DivergenceSerializer
    filterset_class = filters.DivergenceFilter
    ordering = ("-id",)

    def get_queryset(self) -> QuerySet[Divergence]:
        return self.bound(told().order_by("-id"))


class DivergenceDetail(ReconciliationMixin, generics.RetrieveAPIView[Divergence]):
    """One difference: both sides, every step, what is proposed, what can follow."""

    serializer_class = DivergenceDetailSerializer

    def get_queryset(self) -> QuerySet[Divergence]:
        return self.bound(told().prefetch_related("steps"))


class DivergenceStepView(FoundFirst, ScopedAPIView):
    """409 `step_not_allowed` where it does not follow: `fields` has the `state` and what `follows`."""

    serializer_class = DivergenceDetailSerializer
    found: Divergence

    def candidates(self) -> QuerySet[Divergence]:
        return told()

    def said(self, request: Request, form: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        checked = form(data=request.data)
        checked.is_valid(raise_exception=True)
        values: dict[str, Any] = checked.validated_data
        return {**values, "reason": check_reason(values["reason"])}

    def answer(self, divergence: Divergence) -> Response:
        shown = told().prefetch_related("steps").get(pk=divergence.pk)
        return Response(DivergenceDetailSerializer(shown).data)


class Investigate(DivergenceStepView):
    @extend_schema(request=ReasonSerializer, responses=_STEP)
    def post(self, request: Request, pk: int) -> Response:
        """Look into it: whoever says so has it, unless it is assigned."""
        said = self.said(request, ReasonSerializer)
        return self.answer(resolving.investigate(self.found, self.membership, **said))


class Assign(DivergenceStepView):
    @extend_schema(request=AssignSerializer, responses=_STEP)
    def post(self, request: Request, pk: int) -> Response:
        """Give it to a member of the workspace, or to nobody. Its state stays as it is."""
        said = self.said(request, AssignSerializer)
        to = None
        if said["user"] is not None:
            members = Membership.objects.filter(workspace=self.workspace, user__is_active=True)
            to = members.select_related("user").filter(user_id=said["user"]).first()
            if to is None:
                words = "Choose somebody of this workspace who may write."
                raise Rejected("assignee_unknown", words, {"user": [words]})
        return self.answer(
            resolving.assign(self.found, self.membership, to=to, reason=said["reason"])
        )


class Propose(DivergenceStepView):
    @extend_schema(request=ProposeSerializer, responses=_STEP)
    def post(self, request: Request, pk: int) -> Response:
        """Propose what follows from the difference itself. 422 `price_needed`, `market_needed` or `movement_needed`
        where only a person can say it, `nothing_to_propose` where nothing follows: then accept it, or void it."""
        said = self.said(request, ProposeSerializer)
        said["instrument_id"] = said.pop("instrument")
        return self.answer(resolving.propose(self.found, self.membership, **said))


class Approve(DivergenceStepView):
    @extend_schema(request=ApproveSerializer, responses=_STEP)
    def post(self, request: Request, pk: int) -> Response:
        """Approve what is proposed, and have it carried out. Where two people have to agree, somebody else than who
        proposed it. One that is approved and was not carried out yet is carried out."""
        said = self.said(request, ApproveSerializer)
        if self.found.state == State.APPROVED:
            return self.answer(resolving.finish(self.found))
        return self.answer(resolving.approve(self.found, self.membership, **said))


class Withdraw(DivergenceStepView):
    @extend_schema(request=ReasonSerializer, responses=_STEP)
    def post(self, request: Request, pk: int) -> Response:
        """Take the proposal back, by whoever made it or will not approve it: it is looked into again."""
        said = self.said(request, ReasonSerializer)
        return self.answer(resolving.withdraw_proposal(self.found, self.membership, **said))


class Accept(DivergenceStepView):
    @extend_schema(request=ReasonSerializer, responses=_STEP)
    def post(self, request: Request, pk: int) -> Response:
        """It is so, and stays so: not told again while the figures are the same."""
        said = self.said(request, ReasonSerializer)
        return self.answer(resolving.accept(self.found, self.membership, **said))


class Void(DivergenceStepView):
    @extend_schema(request=ReasonSerializer, responses=_STEP)
    def post(self, request: Request, pk: int) -> Response:
        """It is none: not told again while the figures are the same."""
        said = self.said(request, ReasonSerializer)
        return self.answer(resolving.void(self.found, self.membership, **said))
