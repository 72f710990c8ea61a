"""Models of the probability to win, and what they said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from django.db.models import Q

from learning.models import Prediction, ProbabilityModel


class Told(NamedTuple):
    recommendation_id: int
    p: float
    base: float


def list_told(workspace_id: int, as_of: datetime) -> list[Told]:
    """What was written down by runs before that moment."""
    rows = Prediction.objects.filter(
        workspace_id=workspace_id, told_as_of__lt=as_of, opened_at__lte=as_of
    )
    ordered = rows.order_by("opened_at", "recommendation_id")
    return [Told(*row) for row in ordered.values_list("recommendation_id", "p", "base")]


def told_version(rows: Sequence[Told]) -> str:
    return blake2b(repr([tuple(one) for one in rows]).encode(), digest_size=16).hexdigest()


def list_models(workspace_id: int, as_of: datetime) -> list[ProbabilityModel]:
    """Those that were made by then, the newest first."""
    rows = ProbabilityModel.objects.filter(workspace_id=workspace_id, as_of__lte=as_of)
    return list(rows.order_by("-as_of", "-id"))


def standing_model(workspace_id: int, at: datetime) -> ProbabilityModel | None:
    """What is predicted with at that moment; None where all have expired or were retired."""
    rows = ProbabilityModel.objects.filter(
        Q(retired_at=None) | Q(retired_at__gt=at),
        workspace_id=workspace_id,
        as_of__lte=at,
        expires_at__gt=at,
    )
    return rows.order_by("-as_of", "-id").first()


def newest_models(limit: int) -> list[ProbabilityModel]:
    """Of the open workspace."""
    return list(ProbabilityModel.objects.order_by("-as_of", "-id")[:limit])
