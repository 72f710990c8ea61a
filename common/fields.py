"""One decision on precision, for the whole project: none is lost."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.expressions import Combinable

# What may be set and what is got; Django's type plug-in adds None to both for a nullable column.
_ST = TypeVar("_ST", contravariant=True)  # noqa: PLC0105 - the plug-in knows it by this name
_GT = TypeVar("_GT", covariant=True)  # noqa: PLC0105


class NumericField(models.Field[_ST, _GT]):
    """PostgreSQL's `numeric` without precision: what goes in comes out, digit for digit.

    Takes Decimal, int and text; refuses float, NaN and infinities.
    """

    description = "Exact number"
    _pyi_private_set_type: Decimal | int | str | Combinable
    _pyi_private_get_type: Decimal

    def db_type(self, connection: Any) -> str:
        return "numeric"

    def get_internal_type(self) -> str:
        return "DecimalField"

    def to_python(self, value: Any) -> Decimal | None:
        if value is None:
            return None
        if isinstance(value, float):
            raise ValidationError("A float is not an exact number.", code="float")
        try:
            number = value if isinstance(value, Decimal) else Decimal(str(value).strip())
        except InvalidOperation as error:
            raise ValidationError(
                "“%(value)s” is not a number.", code="invalid", params={"value": value}
            ) from error
        if not number.is_finite():
            raise ValidationError("A number must be finite.", code="not_finite")
        return number

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return (
            value
            if value is None or hasattr(value, "resolve_expression")
            else self.to_python(value)
        )

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return value if prepared else self.get_prep_value(value)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if hasattr(value, "as_sql"):
            return value
        return self.get_db_prep_value(value, connection, prepared=False)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return value

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": forms.DecimalField, **kwargs})


class VerbatimField(models.JSONField[_ST, _GT]):
    """JSON that is kept to be shown, not searched: PostgreSQL's `json`, which stores the text as it came, names in
    their order, and is written in two thirds of the time of `jsonb`."""

    description = "JSON as it was written"

    def db_type(self, connection: Any) -> str:
        return "json"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        # The driver reads `json` by itself; of `jsonb` Django asks it for the text.
        return value
