"""Errors that reach people and programs. Pure Python: the domain may raise them too.

`code` is stable and for programs; `message` says what happened, where, and what to do; `fields` maps a field's
name to its complaints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class AppError(Exception):
    status = 400

    def __init__(
        self, code: str, message: str, fields: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details: dict[str, object] = {}
        self.fields = {name: list(complaints) for name, complaints in (fields or {}).items()}


class Forbidden(AppError):
    status = 403


class NotFound(AppError):
    status = 404


class Conflict(AppError):
    status = 409


class TooLarge(AppError):
    status = 413


class Rejected(AppError):
    status = 422


class Locked(AppError):
    """`details` are said beside code, message and fields."""

    status = 423

    def __init__(self, code: str, message: str, details: Mapping[str, object]) -> None:
        super().__init__(code, message)
        self.details = dict(details)


class Unavailable(AppError):
    status = 503
