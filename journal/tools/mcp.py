"""`/mcp`: the door for everything that speaks the Model Context Protocol."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from journal.tools.doors import ToolDoor


class Mcp(ToolDoor):
    door = "mcp"

    @extend_schema(exclude=True)
    def post(self, request: Request) -> HttpResponse:
        # The SDK takes some 45 MB, which a journal that no assistant visits need not have.
        from journal.tools.mcp_server import serve  # noqa: PLC0415

        return serve(request._request, self.caller)
