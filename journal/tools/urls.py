from django.urls import path

from journal.tools import mcp, openapi
from journal.tools.catalogue import register_own

register_own()

urlpatterns = [
    path("openapi/assistant.json", openapi.assistant, name="assistant-openapi"),
    path("mcp", mcp.Mcp.as_view(), name="mcp"),
]
