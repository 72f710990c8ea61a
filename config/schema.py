"""What the API is, for programs: read from the code, so it needs no workspace."""

from __future__ import annotations

from typing import Any

from django_scopes import scopes_disabled
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.response import Response


class SchemaView(SpectacularAPIView):
    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The views are asked which rows they list, and none is read."""
        with scopes_disabled():
            answer: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
            return answer
