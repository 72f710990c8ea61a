"""`/openapi/assistant.json`: the tools as an API of a few operations, within what GPT Actions take.

One operation for each tool, called like it; descriptions of at most 300 characters, those of arguments of at most 700;
one way to sign in. It holds nothing of anybody's data, so that it can be imported by its address.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from accounts.middleware import workspace_optional
from journal.tools.registry import Tool, list_tools
from journal.tools.schemas import ANSWER_SCHEMA, ERROR_SCHEMA, arguments_schema

OPERATIONS_MAX = 25
_FAILURES = {
    "401": "No token, or one that does not work.",
    "403": "The token's scope or the person's role does not allow this.",
    "404": "No trade belongs to the ticket.",
    "409": "The ticket means several trades, the trade is open, or a request id was used before.",
    "422": "An argument cannot be accepted.",
    "429": "Too many requests; ask again later.",
}


@require_safe
@workspace_optional
def assistant(request: HttpRequest) -> JsonResponse:
    origin = settings.BASE_URL or f"{request.scheme}://{request.get_host()}"
    return JsonResponse(build_document(origin))


def build_document(origin: str) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Fillbook",
            "version": "1",
            "description": "A trading journal: reads, reviews, notes and plans. It cannot trade.",
        },
        "servers": [{"url": origin}],
        "security": [{"token": []}],
        "paths": {f"/api/tools/{tool.name}": {"post": _operation(tool)} for tool in list_tools()},
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token from Settings, Tokens.",
                }
            },
            "schemas": {"Answer": ANSWER_SCHEMA, "Error": ERROR_SCHEMA},
        },
    }


def _operation(tool: Tool) -> dict[str, Any]:
    schema = arguments_schema(tool.arguments)
    return {
        "operationId": tool.name,
        "summary": tool.title,
        "description": tool.description,
        "x-openai-isConsequential": not tool.is_read_only,
        "requestBody": {
            "required": bool(schema.get("required")),
            "content": {"application/json": {"schema": schema}},
        },
        "responses": {
            "200": _response("The answer.", "Answer"),
            **{status: _response(words, "Error") for status, words in _FAILURES.items()},
        },
    }


def _response(words: str, name: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    return {"description": words, "content": content}
