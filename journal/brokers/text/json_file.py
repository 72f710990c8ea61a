"""A whole file of JSON, whose numbers stay the texts that they are."""

from __future__ import annotations

import json
import re
from typing import Any, BinaryIO, NoReturn

from journal.brokers.base import UnreadableStatement
from journal.brokers.text.decoding import Recoder, TooManyRepairs

BYTES_MAX = 256 * 1024**2
_CHUNK_BYTES = 64 * 1024
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
# Half of a character that is written in two: no text, and nothing that a database takes.
_HALVES = re.compile(
    r"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
_BLANK = re.compile(r"[\s\x1e]*")


def load_json(stream: BinaryIO, remedy: str) -> object:
    """What the file holds; a list of it where it holds several values, one after the other (JSON lines).

    Raises UnreadableStatement with the remedy ("Write it anew with json.dump.") behind the reason.
    """
    held = bytearray()
    while chunk := stream.read(_CHUNK_BYTES):
        held += chunk
        if len(held) > BYTES_MAX:
            _refuse(f"it is larger than {BYTES_MAX // 1024**2} MB", remedy)
    try:
        text = Recoder(bytes(held[:400])).recode(bytes(held), is_last=True)
        if "\\ud" in text or "\\uD" in text:
            text = _HALVES.sub(lambda found: found[1] or "\\ufffd", text)
        values = _values(text)
    except json.JSONDecodeError as error:
        if error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated"):
            raise UnreadableStatement(
                "truncated",
                f"This is half a file: it ends in the middle. Nothing was imported. {remedy}",
            ) from None
        _refuse(f"line {error.lineno} cannot be read ({error.msg})", remedy)
    except TooManyRepairs:
        _refuse("its bytes are no text", remedy)
    except RecursionError:
        _refuse("it is nested deeper than any such file", remedy)
    return values[0] if len(values) == 1 else values


def _values(text: str) -> list[Any]:
    """Raises JSONDecodeError, also where there is none."""
    place = _after_blanks(text, 0)
    found: list[Any] = []
    while place < len(text) or not found:
        value, place = _DECODER.raw_decode(text, place)
        found.append(value)
        place = _after_blanks(text, place)
    return found


def _after_blanks(text: str, place: int) -> int:
    match = _BLANK.match(text, place)
    return match.end() if match else place


def _refuse(why: str, remedy: str) -> NoReturn:
    raise UnreadableStatement(
        "no_json", f"The file is not JSON that can be read: {why}. Nothing was imported. {remedy}"
    )
