"""The probability to win, sizes, exits, exposure: what the newest runs said, and what the standing model says of a
proposal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import ScopedAPIView
from common.errors import Rejected
from common.queue import enqueue
from learning import tasks
from learning.api import risk_serializers as serializers
from learning.api.base import OfAll
from learning.models import Prediction, RunKind
from learning.selectors.exposure import newest_reading
from learning.selectors.results import newest_result

if TYPE_CHECKING:
    from learning.services.predicting import Answer

_FEATURES_MOST = 50
# None was made yet, or the last one has expired.
_NOBODY_KNOWS = {
    "p": None, "base": None, "expected_r": None, "n": 0, "is_deployed": False, "rung": None, "model": None,
    "as_of": None, "expires_at": None, "reason": "no_probability_model", "missing": (), "unused": (),
}  # fmt: skip


def _newest(kind: RunKind) -> dict[str, Any]:
    found = newest_result(kind)
    if found is None:
        return {"run": None, "as_of": None, "data_version": None, "result": None}
    run, told = found
    return {"run": run.pk, "as_of": run.as_of, "data_version": run.data_version, "result": told}


class _Newest(OfAll, ScopedAPIView):
    serializer_class = serializers.ResultSerializer
    kind: ClassVar[RunKind]

    def get(self, request: Request) -> Response:
        return Response(serializers.ResultSerializer(_newest(self.kind)).data)


class Sizing(_Newest):
    """How much of the equity to risk on a trade, and what that may lead to: drawdowns, ruin, the fan of the equity.
    Nothing is recommended before 20 trades with 5 losers."""

    kind = RunKind.SIZING


class Exits(_Newest):
    """Stops, targets and limits of time replayed over the whole path of all trades, filled at the next observed
    price; and how far trades went for and against their holder."""

    kind = RunKind.EXITS


class Probability(OfAll, ScopedAPIView):
    serializer_class = serializers.ProbabilitySerializer

    @extend_schema(responses=serializers.ProbabilitySerializer)
    def get(self, request: Request) -> Response:
        """The model that is asked now, whether it beat the base rate out of sample, and whether what it said came
        true."""
        from learning.services.predicting import standing_now  # noqa: PLC0415 - brings scipy

        model = standing_now(self.workspace.pk)
        told = {**_newest(RunKind.PROBABILITY), "model": model}
        return Response(serializers.ProbabilitySerializer(told).data)


class AskProbability(OfAll, ScopedAPIView):
    serializer_class = serializers.AskedSerializer

    @extend_schema(
        parameters=[
            OpenApiParameter("strategy", str),
            OpenApiParameter("probability", float, description="The scanner's own, 0 to 1."),
            OpenApiParameter(
                "iv_rank", float, description="Any other name is a feature with its number."
            ),
        ],
        responses=serializers.AskedSerializer,
    )
    def get(self, request: Request) -> Response:
        """How likely a proposal is to win, by the model that stands; null with the reason where none does."""
        from learning.services.predicting import ask  # noqa: PLC0415 - brings scipy

        form = serializers.AskSerializer(data=request.query_params)
        form.is_valid(raise_exception=True)
        answer = ask(
            self.workspace.pk,
            **form.validated_data,
            features=_features(request, set(form.fields)),
        )
        told = _NOBODY_KNOWS if answer is None else _told(answer)
        return Response(serializers.AskedSerializer(told).data)


def _told(answer: Answer) -> dict[str, Any]:
    model = answer.model
    return {
        "p": answer.p, "base": answer.base, "expected_r": answer.expected, "n": model.n,
        "is_deployed": model.is_deployed, "rung": model.rung, "model": model.pk, "as_of": model.as_of,
        "expires_at": model.expires_at, "reason": None, "missing": answer.missing, "unused": answer.unused,
    }  # fmt: skip


def _features(request: Request, known: set[str]) -> dict[str, float]:
    """Every other parameter of the address. Raises Rejected for what is no number."""
    told = {name: text for name, text in request.query_params.dict().items() if name not in known}
    if len(told) > _FEATURES_MOST:
        raise Rejected("too_many_features", f"At most {_FEATURES_MOST} features can be told.")
    features, wrong = {}, {}
    for name, text in told.items():
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if math.isfinite(number):
            features[name] = number
        else:
            wrong[name] = [f"{text[:40]} is not a number."]
    if wrong:
        raise Rejected("feature_not_a_number", "Features are numbers.", wrong)
    return features


class PredictionList(OfAll, generics.ListAPIView[Prediction]):
    """What was said of proposals before their end was known, the newest first."""

    serializer_class = serializers.PredictionSerializer
    ordering = ("-opened_at", "-id")

    def get_queryset(self) -> QuerySet[Prediction]:
        return Prediction.objects.order_by("-opened_at", "-id")


class Exposure(OfAll, ScopedAPIView):
    serializer_class = serializers.ExposureSerializer

    @extend_schema(responses=serializers.ExposureSerializer)
    def get(self, request: Request) -> Response:
        """What is open and what it risks together: Greeks, beta, correlations, stress, concentration. What has no
        price is counted as unknown, never as nothing. Counted every hour."""
        found = newest_reading()
        if found is None:
            told: dict[str, Any] = {"taken_at": None, "positions": None, "result": None}
        else:
            told = {
                "taken_at": found.taken_at,
                "positions": found.positions,
                "result": found.result,
            }
        return Response(serializers.ExposureSerializer(told).data)

    @extend_schema(request=None, responses={202: None})
    def post(self, request: Request) -> Response:
        """Count it again now: a worker does."""
        enqueue(tasks.expose, self.workspace.pk)
        return Response(status=status.HTTP_202_ACCEPTED)
