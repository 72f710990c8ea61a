"""What every operation of the API has in common, for its schema: how it fails, and the name of a write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django_scopes import scopes_disabled
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import SAFE_METHODS

IDEMPOTENCY_KEY = "Idempotency-Key"
OPERATIONS = ("get", "post", "put", "patch", "delete")

_ERROR = {
    "type": "object",
    "description": "The one shape of every error.",
    "properties": {
        "code": {"type": "string", "description": "Stable, for programs."},
        "message": {"type": "string", "description": "What happened, where, and what to do."},
        "fields": {
            "type": "object",
            "description": "The complaints about each field of the request.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "request_id": {
            "type": "string",
            "description": "Of an `internal_error`: the name under which the server's log has it.",
        },
    },
    "required": ["code", "message", "fields"],
}
_FAILURES = {
    "400": ("Malformed", "The body cannot be read."),
    "401": ("Unauthenticated", "No token, or one that does not work."),
    "403": ("Forbidden", "The token's scope or the person's role does not allow this."),
    "404": ("NotFound", "There is no such thing in this workspace."),
    "409": ("Conflict", "It cannot be done in this state, or the Idempotency-Key was used before."),
    "413": ("TooLarge", "The file is larger than this installation accepts."),
    "415": ("UnsupportedMediaType", "The body has another content type than it should."),
    "422": ("Invalid", "A value cannot be accepted; `fields` says which and why."),
    "429": ("TooMany", "Too many requests; `Retry-After` says in how many seconds."),
    "500": ("InternalError", "Fillbook failed at this; `request_id` names it in the server's log."),
    "503": ("Unavailable", "A part that this needs does not answer now. Ask again later."),
}


class Generator(SchemaGenerator):
    def get_schema(self, request: Any = None, public: bool = False) -> dict[str, Any]:
        """The views are asked which rows they list, and none is read: so no workspace is needed."""
        with scopes_disabled():
            schema: dict[str, Any] = super().get_schema(request=request, public=public)  # type: ignore[no-untyped-call]
            return schema


class WriteSchema(AutoSchema):
    """Writes may carry a name of their own."""

    def get_override_parameters(self) -> list[Any]:
        if self.method in SAFE_METHODS:
            return []
        about = "A name for this write, new for every new one. Sent again within a day, it is done once."
        return [OpenApiParameter(IDEMPOTENCY_KEY, str, OpenApiParameter.HEADER, description=about)]


def add_failures(
    result: dict[str, Any], generator: SchemaGenerator, request: Any, public: bool
) -> dict[str, Any]:
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Error"] = _ERROR
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    components["responses"] = {
        name: {"description": words, "content": content} for name, words in _FAILURES.values()
    }
    for path, operations in result["paths"].items():
        for method in OPERATIONS:
            if method in operations:
                _add_to(operations[method], path, method)
    return result


def _add_to(operation: dict[str, Any], path: str, method: str) -> None:
    for status in _failures_of(operation, path, method):
        name, _ = _FAILURES[status]
        operation["responses"].setdefault(status, {"$ref": f"#/components/responses/{name}"})


def _failures_of(operation: dict[str, Any], path: str, method: str) -> Iterator[str]:
    yield from ("401", "403", "429", "500", "503")
    body = operation.get("requestBody", {}).get("content", {})
    asked = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
    if body:
        yield from ("400", "415")
    if "{" in path or "cursor" in asked or "multipart/form-data" in body:
        yield "404"
    if method != "get":
        yield "409"
    if "multipart/form-data" in body:
        yield "413"
    if method != "get" or asked - {"cursor", "page_size"}:
        yield "422"
