"""How a guard is set, as the API says and takes it: nested as the domain has it, money and shares as text, lengths of
time in seconds. What is sent may be a part: the rest stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from rest_framework import serializers

from reconciliation.domain.codec import dump
from reconciliation.domain.guards.changes import AnyVersion
from reconciliation.domain.guards.checks import complaints
from reconciliation.services.guards.keeping import values_of

_DEPTH_MAX = 4


def shown(values: Any) -> Any:
    if isinstance(values, Mapping):
        return {name: shown(one) for name, one in values.items()}
    if isinstance(values, list):
        return [shown(one) for one in values]
    return int(values) if isinstance(values, float) and values.is_integer() else values


def changed(kind: str, begin: AnyVersion, said: Mapping[str, Any]) -> AnyVersion:
    """`begin` with what was said. Raises ValidationError by the way to each field that is wrong."""
    try:
        version = values_of(kind, _merged(dump(begin), said))
    except ValidationError as error:
        raise serializers.ValidationError({"values": _told(error)}) from None
    wrong = complaints(version)
    if wrong:
        words = [f"{name}: {one}" for name, some in wrong.items() for one in some]
        raise serializers.ValidationError({"values": words})
    return version


def _told(error: ValidationError) -> list[str]:
    return [
        f"{'.'.join(map(str, one['loc'])) or 'values'}: {one['msg']}."
        for one in error.errors(include_url=False, include_input=False, include_context=False)
    ]


def _merged(before: Any, said: Any, depth: int = 0) -> Any:
    if depth > _DEPTH_MAX or not isinstance(before, Mapping) or not isinstance(said, Mapping):
        return said
    named = {name: _merged(before.get(name), one, depth + 1) for name, one in said.items()}
    return {**before, **named}
