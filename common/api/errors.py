"""The one shape of an error in the API: {"code", "message", "fields"}."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.serializers import as_serializer_error
from rest_framework.views import exception_handler, set_rollback

from common.errors import AppError
from common.words import speakable

logger = logging.getLogger(__name__)

_AWAY_SECONDS = "3"
WHOLE_REQUEST = "non_field_errors"


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    if isinstance(error, AppError):
        set_rollback()
        content = {
            **error.details,
            "code": error.code,
            "message": error.message,
            "fields": error.fields,
        }
        return Response(content, status=error.status)
    if isinstance(error, (OperationalError, InterfaceError)):
        return _away(error)
    if isinstance(error, ModelValidationError):
        error = exceptions.ValidationError(as_serializer_error(error))
    if isinstance(error, Http404):
        error = exceptions.NotFound("There is nothing at this address that you may see.")
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    response = exception_handler(error, context)
    if response is None or not isinstance(error, exceptions.APIException):
        return None
    response.data = _shape(error)
    if isinstance(error, exceptions.ValidationError):
        response.status_code = 422
    return response


def _away(error: Exception) -> Response:
    """The database does not answer: it restarts, most often, and whoever asks again is served."""
    logger.error("database_away", exc_info=error)
    content = {
        "code": "database_unavailable",
        "message": "The database does not answer just now. Nothing was done. Ask again in some seconds.",
        "fields": {},
    }
    return Response(content, status=503, headers={"Retry-After": _AWAY_SECONDS})


def _shape(error: exceptions.APIException) -> dict[str, Any]:
    if not isinstance(error, exceptions.ValidationError):
        return {"code": str(error.default_code), "message": str(error.detail), "fields": {}}
    detail = error.detail if isinstance(error.detail, dict) else {WHOLE_REQUEST: error.detail}
    fields = {str(name): _texts(value) for name, value in detail.items()}
    whole = fields.pop(WHOLE_REQUEST, [])
    message = " ".join(whole) or "Some fields cannot be accepted: " + ", ".join(fields) + "."
    return {"code": "invalid", "message": message, "fields": fields}


def _texts(value: Any) -> list[str]:
    """Every message below one field, nested ones with the way to them."""
    if isinstance(value, dict):
        return [f"{name}: {text}" for name, inner in value.items() for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    # A choice that is none is said back as it came.
    return [speakable(str(value))]
