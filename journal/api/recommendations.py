"""Recommendations: how they stand, what is decided about them, and what they came to."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import ScopedAPIView
from accounts.models import ApiToken, User
from accounts.scopes import Scope
from common.api.parsers import ExactJSONParser
from common.errors import Conflict
from journal.api import recommendation_serializers as serializers
from journal.api.captures import CaptureMixin, captures
from journal.api.views import BoundMixin, JournalMixin
from journal.filters import RecommendationFilter
from journal.models import (
    CapturedKind,
    DecidedVia,
    Decision,
    Recommendation,
    RecommendationOutcome,
)
from journal.selectors.recommendations import (
    find_recommendation,
    list_decisions,
    list_recommendations,
    newest_outcomes,
    orders_following,
)
from journal.services.recommendations.deciding import Actor, bot, decide, person
from journal.services.recommendations.outcomes import report_outcome

_REFERENCE = OpenApiParameter(
    "id", str, OpenApiParameter.PATH, description="Its sender's `record_id`, or our id of it."
)


def actor_of(request: Request) -> Actor:
    if isinstance(request.auth, ApiToken):
        return bot(request.auth)
    assert isinstance(request.user, User)
    return person(request.user, DecidedVia.API)


class RecommendationList(CaptureMixin, generics.ListAPIView[Recommendation]):
    """What was proposed, the newest first, each with how it stands now."""

    kind = CapturedKind.RECOMMENDATION
    serializer_class = serializers.RecommendationSerializer
    filterset_class = RecommendationFilter
    ordering = ("-recommended_at", "-id")

    def get_queryset(self) -> QuerySet[Recommendation]:
        return self.bound(list_recommendations().order_by("-recommended_at", "-id"))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        outcomes = newest_outcomes([one.record_id for one in page])
        context = {**self.get_serializer_context(), "outcomes": outcomes}
        shown = serializers.RecommendationSerializer(instance=page, many=True, context=context)
        return self.get_paginated_response(shown.data)

    @captures(CapturedKind.RECOMMENDATION)
    def post(self, request: Request) -> Response:
        """Report one proposal. It never changes; its `record_id` is what orders refer to."""
        return self.answer(self.receive(request, [request.data])[0])


class OneRecommendation(BoundMixin):
    def find(self) -> Recommendation:
        rows = self.bound(list_recommendations().select_related("batch"))
        return find_recommendation(rows, self.kwargs["pk"])


@extend_schema(parameters=[_REFERENCE])
class RecommendationDetail(OneRecommendation, ScopedAPIView):
    serializer_class = serializers.RecommendationDetailSerializer

    @extend_schema(responses=serializers.RecommendationDetailSerializer)
    def get(self, request: Request, pk: str) -> Response:
        """One proposal, by its sender's id or by ours: what a bot asks before it acts. `status` is of this moment."""
        proposal = self.find()
        context = {
            "outcomes": newest_outcomes([proposal.record_id]),
            "decisions": list_decisions(proposal.record_id),
            "orders": orders_following(proposal.workspace_id, [proposal.record_id]),
        }
        shown = serializers.RecommendationDetailSerializer(proposal, context=context)
        return Response(shown.data)

    @extend_schema(exclude=True)
    def patch(self, request: Request, pk: str) -> Response:
        raise _immutable(self.find())

    @extend_schema(exclude=True)
    def put(self, request: Request, pk: str) -> Response:
        raise _immutable(self.find())

    @extend_schema(exclude=True)
    def delete(self, request: Request, pk: str) -> Response:
        raise _immutable(self.find())


def _immutable(proposal: Recommendation) -> Conflict:
    return Conflict(
        "recommendation_immutable",
        f"The recommendation {proposal.record_id} stays as it was made: what was proposed is evidence. Send a new one "
        "under a record_id of its own, and decide about this one with POST …/decisions.",
    )


@extend_schema(parameters=[_REFERENCE])
class RecommendationDecisions(OneRecommendation, JournalMixin, generics.ListAPIView[Decision]):
    """The log of its standing, the oldest first: people, bots and rules."""

    serializer_class = serializers.DecisionSerializer
    ordering = ("id",)
    filter_backends = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Whose it is comes before what is wrong with the request."""
        super().initial(request, *args, **kwargs)
        self.find()

    def get_queryset(self) -> QuerySet[Decision]:
        return Decision.objects.filter(record_id=self.find().record_id)

    @extend_schema(
        request=serializers.DecideSerializer,
        responses={200: serializers.DecidedSerializer, 201: serializers.DecidedSerializer},
    )
    def post(self, request: Request, pk: str) -> Response:
        """Approve, reject or ignore it, or take that back. What holds already changes nothing (200)."""
        form = serializers.DecideSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        is_new = decide(self.find(), actor=actor_of(request), **form.validated_data)
        proposal = self.find()
        answer = {
            "status": proposal.status,
            "changed": is_new,
            "decisions": list_decisions(proposal.record_id),
        }
        return Response(
            serializers.DecidedSerializer(answer).data,
            status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK,
        )


@extend_schema(parameters=[_REFERENCE])
class RecommendationOutcomes(
    OneRecommendation, JournalMixin, generics.ListAPIView[RecommendationOutcome]
):
    """All that was told of what it came to, the newest first, which counts."""

    # Scanners tell it, so it has the scope of bots.
    write_scope = Scope.CAPTURE_WRITE
    parser_classes = (ExactJSONParser,)
    serializer_class = serializers.OutcomeSerializer
    ordering = ("-id",)
    filter_backends = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.find()

    def get_queryset(self) -> QuerySet[RecommendationOutcome]:
        return RecommendationOutcome.objects.filter(record_id=self.find().record_id)

    @extend_schema(
        request=serializers.OutcomeRecord,
        responses={200: serializers.OutcomeSerializer, 201: serializers.OutcomeSerializer},
    )
    def post(self, request: Request, pk: str) -> Response:
        """Tell what it came to, or would have come to where nobody followed it. The newest word counts; the same word
        again is known (200)."""
        outcome, is_new = report_outcome(self.find(), request.data, actor_of(request))
        return Response(
            serializers.OutcomeSerializer(outcome).data,
            status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK,
        )
