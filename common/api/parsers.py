"""JSON whose numbers stay exact."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, JSONParser

from common.errors import TooLarge

# Nobody means a number beyond; written out or made an integer, it would take minutes and all memory.
_MAGNITUDE_MAX = 1_000
# A batch of thousands of records is a few megabytes.
JSON_BYTES_MAX = 32 * 1024**2


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is not a number.")


def _exactly(word: str) -> Decimal:
    try:
        number = Decimal(word)
    except InvalidOperation:
        number = None
    if number is None or abs(int(number.as_tuple().exponent)) > _MAGNITUDE_MAX:
        raise ValueError(f"{word[:40]} is beyond all numbers.")
    return number


class ExactJSONParser(BaseParser):
    """Numbers with a point come as Decimal, digit for digit; NaN and infinities are no JSON."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        body = stream.read(JSON_BYTES_MAX + 1)
        if len(body) > JSON_BYTES_MAX:
            raise TooLarge(
                "body_too_large",
                f"A call takes at most {JSON_BYTES_MAX:,} bytes of JSON. Send it in parts.",
            )
        try:
            return json.loads(body, parse_float=_exactly, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise ParseError(f"The body is not JSON: {error}") from error


class DeepJSONParser(JSONParser):
    """The framework's, which does not fail on brackets within brackets without end, but refuses them."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError("The body is nested too deeply.") from error
