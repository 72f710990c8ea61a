"""What a scanner asks before it scans: thresholds with their version, and the record of a symbol."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import ScopedAPIView
from accounts.models import ApiToken
from common.queue import enqueue_soon
from learning import tasks
from learning.api import parameter_serializers as serializers
from learning.api.base import OfAll
from learning.models import ParameterAnswer, ParameterVersion, SymbolChange, SymbolStanding

_LEARN_AGAIN_SECONDS = 10.0


class Parameters(OfAll, ScopedAPIView):
    serializer_class = serializers.ParametersSerializer

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "If-None-Match",
                str,
                location="header",
                description="The ETag of the answer before: 304 while it holds.",
            )
        ],
        responses=serializers.ParametersSerializer,
    )
    def get(self, request: Request) -> HttpResponse:
        """The thresholds that a scanner is to use now, the evidence for each, and what the simple rules would say.
        Every answer has a version, is kept with who asked, and is scored when its proposals have ended."""
        from learning.services.asking import ask  # noqa: PLC0415 - brings scipy

        asker, name = self._asker(request)
        answered = ask(self.workspace.pk, asker, name)
        headers = {"ETag": answered.tag, "Cache-Control": "private, no-cache"}
        if request.headers.get("If-None-Match") == answered.tag:
            return HttpResponse(status=304, headers=headers)
        shown = serializers.ParametersSerializer(answered.told).data
        return Response(shown, headers=headers)

    def _asker(self, request: Request) -> tuple[str, str]:
        auth = request.auth
        if isinstance(auth, ApiToken):
            return f"token:{auth.pk}", auth.name
        return f"person:{request.user.pk}", str(request.user)


class VersionList(OfAll, generics.ListAPIView[ParameterVersion]):
    """What scanners were told from when on, the newest first; proposals that wait, were refused or overtaken too."""

    serializer_class = serializers.ParameterVersionSerializer
    ordering = ("-as_of", "-id")

    def get_queryset(self) -> QuerySet[ParameterVersion]:
        return ParameterVersion.objects.order_by("-as_of", "-id")


class AnswerList(OfAll, generics.ListAPIView[ParameterAnswer]):
    """Who was told which version, and how it fared: the newest first."""

    serializer_class = serializers.AnswerSerializer
    ordering = ("-first_at", "-id")

    def get_queryset(self) -> QuerySet[ParameterAnswer]:
        return ParameterAnswer.objects.select_related("version").order_by("-first_at", "-id")


class _Deciding(OfAll, ScopedAPIView):
    serializer_class = serializers.ParameterVersionSerializer

    def reason(self, request: Request) -> str:
        form = serializers.WhySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return str(form.validated_data["reason"])


class Approve(_Deciding):
    @extend_schema(
        request=serializers.WhySerializer, responses={200: serializers.ParameterVersionSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        """The proposal comes into force as a version of its own, from now on."""
        from learning.services import versions  # noqa: PLC0415 - brings scipy

        made = versions.approve(self.membership, pk, reason=self.reason(request))
        return Response(serializers.ParameterVersionSerializer(made).data)


class Refuse(_Deciding):
    @extend_schema(
        request=serializers.WhySerializer, responses={200: serializers.ParameterVersionSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        from learning.services import versions  # noqa: PLC0415 - brings scipy

        refused = versions.refuse(self.membership, pk, reason=self.reason(request))
        return Response(serializers.ParameterVersionSerializer(refused).data)


class Revert(_Deciding):
    @extend_schema(
        request=serializers.WhySerializer, responses={200: serializers.ParameterVersionSerializer}
    )
    def post(self, request: Request) -> Response:
        """Undo the newest step of the evidence. Wants a reason."""
        from learning.services import versions  # noqa: PLC0415 - brings scipy

        made = versions.revert(self.membership, reason=self.reason(request))
        return Response(serializers.ParameterVersionSerializer(made).data)


class Settings(OfAll, ScopedAPIView):
    serializer_class = serializers.SettingsSerializer
    http_method_names = ("get", "patch", "head", "options")

    @extend_schema(responses=serializers.SettingsSerializer)
    def get(self, request: Request) -> Response:
        return self._told()

    @extend_schema(request=serializers.SettingsSerializer, responses=serializers.SettingsSerializer)
    def patch(self, request: Request) -> Response:
        """Policy, approval, zone, and the scanner's own thresholds (`start`, by name). A version follows at once."""
        from learning.services import versions  # noqa: PLC0415 - brings scipy

        form = serializers.SettingsSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        versions.change_settings(self.membership, **form.validated_data)
        return self._told()

    def _told(self) -> Response:
        from learning.selectors.parameters import settings_told  # noqa: PLC0415 - brings scipy

        return Response(serializers.SettingsSerializer(settings_told(self.workspace.pk)).data)


class LearnNow(OfAll, ScopedAPIView):
    serializer_class = serializers.LearnSerializer

    @extend_schema(request=None, responses={202: serializers.LearnSerializer})
    def post(self, request: Request) -> Response:
        """Take every step of the learner as of now; a worker does it, once for all who ask within ten seconds. A step
        of a parameter is made at most once a week, however often it is asked for."""
        enqueue_soon(tasks.learn, self.workspace.pk, seconds=_LEARN_AGAIN_SECONDS)
        return Response({"asked": True}, status=status.HTTP_202_ACCEPTED)


class SymbolList(OfAll, generics.ListAPIView[SymbolStanding]):
    """How symbols stand, in the order of the alphabet."""

    serializer_class = serializers.StandingSerializer
    filterset_fields = ("standing",)
    ordering = ("symbol", "id")

    def get_queryset(self) -> QuerySet[SymbolStanding]:
        return SymbolStanding.objects.order_by("symbol", "id")


class SymbolDetail(OfAll, ScopedAPIView):
    serializer_class = serializers.RecordSerializer

    @extend_schema(responses=serializers.RecordSerializer)
    def get(self, request: Request, symbol: str) -> Response:
        """The record of one symbol: how it stands and why, its figures, and its steps. One that was never traded is
        normal with no trades."""
        from learning.selectors.records import record_of  # noqa: PLC0415 - brings scipy

        return Response(serializers.RecordSerializer(record_of(self.workspace.pk, symbol)).data)

    @extend_schema(request=serializers.PutSerializer, responses={200: serializers.RecordSerializer})
    def post(self, request: Request, symbol: str) -> Response:
        """Put a symbol where you want it, with a reason. The learner leaves it there for 20 more outcomes. 409 where
        it stands so already."""
        from learning.selectors.records import record_of  # noqa: PLC0415 - brings scipy
        from learning.services.symbols import put  # noqa: PLC0415 - as above

        form = serializers.PutSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        told = form.validated_data
        change = put(self.membership, symbol, told["standing"], reason=told["reason"])
        record = record_of(self.workspace.pk, change.symbol)
        return Response(serializers.RecordSerializer(record).data)


class SymbolChangeList(OfAll, generics.ListAPIView[SymbolChange]):
    """Every step of every symbol, the newest first."""

    serializer_class = serializers.ChangeSerializer
    filterset_fields = ("symbol",)
    ordering = ("-at", "-id")

    def get_queryset(self) -> QuerySet[SymbolChange]:
        return SymbolChange.objects.order_by("-at", "-id")
