"""Numbers go in and out digit for digit; errors have one shape."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError
from django.http import Http404
from rest_framework import exceptions

from common.api.errors import handle
from common.errors import Conflict
from common.fields import NumericField


@pytest.mark.parametrize(
    "text", ["0.10", "1E-18", "123456789012345678901234567890.123456789", "-0.00"]
)
def test_number_keeps_every_digit(text):
    assert str(NumericField().to_python(text)) == str(Decimal(text))


@pytest.mark.parametrize("value", [1.5, float("nan"), "NaN", "Infinity", "ten", ""])
def test_number_that_is_not_exact_or_finite_is_refused(value):
    with pytest.raises(ValidationError):
        NumericField().to_python(value)


@pytest.mark.parametrize(
    ("error", "status", "code", "fields"),
    [
        (Conflict("already_there", "It is there."), 409, "already_there", {}),
        (Http404(), 404, "not_found", {}),
        (exceptions.NotAuthenticated(), 401, "not_authenticated", {}),
        (
            exceptions.ValidationError({"size": ["Too small."]}),
            422,
            "invalid",
            {"size": ["Too small."]},
        ),
        (exceptions.ValidationError({"a": {"b": ["No."]}}), 422, "invalid", {"a": ["b: No."]}),
        (exceptions.ValidationError(["Nothing given."]), 422, "invalid", {}),
    ],
)
def test_every_api_error_has_the_one_shape(error, status, code, fields):
    response = handle(error, {})
    assert response.status_code == status
    assert set(response.data) == {"code", "message", "fields"}
    assert (response.data["code"], response.data["fields"]) == (code, fields)
    assert response.data["message"]


def test_bug_is_not_dressed_up():
    assert handle(RuntimeError("bug"), {}) is None


def test_a_database_that_is_away_says_when_to_come_again():
    response = handle(OperationalError("the database system is starting up"), {})
    assert (response.status_code, response.data["code"]) == (503, "database_unavailable")
    assert int(response.headers["Retry-After"]) > 0
    assert "starting up" not in response.data["message"]
