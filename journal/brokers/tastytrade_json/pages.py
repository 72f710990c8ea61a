"""Bytes in, transactions out, one at a time: of one answer, of several one after the other, of a list of them, or of
a list of transactions. In memory that does not grow with the file.

Numbers stay the texts that they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from journal.brokers.tastytrade import refusals
from journal.brokers.text.decoding import Recoder, TooManyRepairs

CHUNK_BYTES = 64 * 1024
ITEM_LENGTH_MAX = 512 * 1024
_DEPTH_MAX = 16
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
_BETWEEN = re.compile(r"[\s,]*")
_STRING = r'"(?:[^"\\]|\\.)*"'
# Around the items only: names, bare words and brackets.
_TOKEN = re.compile(rf"{_STRING}|[{{}}\[\]:,]|[^\s{{}}\[\]:,\"]+", re.DOTALL)
_PAGE = re.compile(r'\{\s*"(?:data|items|context|pagination|api-version)"\s*:', re.ASCII)


class Pages:
    """`items` may be read once. Raises UnreadableStatement."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._chunk = stream.read(CHUNK_BYTES)
        self._recoder = Recoder(self._chunk)
        self._text = ""
        self._place = 0
        self._is_over = False
        self._open: list[str] = []
        self._name = ""
        self.count = 0
        self.total = 0  # as the largest of the answers states it, over all its pages

    def items(self) -> Iterator[dict[str, Any]]:
        has_list = False
        while self._skip_blanks():
            if self._is_in_list():
                has_list = True
                yield from self._list()
            else:
                self._step()
        if self._open:
            raise refusals.truncated(self.count)
        if not has_list:
            raise refusals.not_json()

    # -- around the items

    def _is_in_list(self) -> bool:
        """Whether what follows is an item, or the end of a list of items."""
        if not self._open or self._open[-1] not in ("items", "list"):
            return False
        if self._text[self._place] == "]":
            return True
        if self._open[-1] == "items":
            return True
        return self._text[self._place] == "{" and not self._is_page()

    def _is_page(self) -> bool:
        self._fill(64)
        return _PAGE.match(self._text, self._place) is not None

    def _step(self) -> None:
        """One token of what is around the items."""
        match = _TOKEN.match(self._text, self._place)
        while match is None or (match.end() == len(self._text) and not self._is_over):
            if len(self._text) - self._place > ITEM_LENGTH_MAX or not self._more():
                if match is None:
                    raise refusals.truncated(self.count)
                break
            match = _TOKEN.match(self._text, self._place)
        self._place = match.end()
        self._take(match[0])

    def _take(self, sign: str) -> None:
        if sign in ("{", "["):
            self._enter(sign)
        elif sign in ("}", "]"):
            if not self._open or (self._open.pop() == "{") is not (sign == "}"):
                raise refusals.broken(self.count)
        elif not self._open:
            raise refusals.broken(self.count) if self.count else refusals.not_json()
        elif self._name == "total-items" and sign.isdecimal():
            self.total = max(self.total, int(sign[:12]))
        if sign.startswith('"'):
            self._name = sign[1:-1]
        elif sign != ":":
            self._name = ""

    def _enter(self, sign: str) -> None:
        kind = "{"
        if sign == "[":
            kind = "" if self._open else "list"
            if self._name == "items":
                kind = "items"
        self._open.append(kind)
        if len(self._open) > _DEPTH_MAX:
            raise refusals.not_json()

    # -- items

    def _list(self) -> Iterator[dict[str, Any]]:
        """The items up to the list's end, or up to a page in a list of pages."""
        while self._skip_blanks():
            if self._text[self._place] == "]":
                self._place += 1
                self._open.pop()
                self._name = ""
                return
            if self._open[-1] == "list" and self._is_page():
                return
            yield self._item()

    def _item(self) -> dict[str, Any]:
        while True:
            try:
                item, self._place = _DECODER.raw_decode(self._text, self._place)
            except (ValueError, RecursionError):
                if len(self._text) - self._place > ITEM_LENGTH_MAX:
                    raise refusals.broken(self.count) from None
                if not self._more():
                    raise self._end_of_item() from None
                continue
            if not isinstance(item, dict):
                raise refusals.broken(self.count)
            self.count += 1
            return item

    def _end_of_item(self) -> Exception:
        """The file is over and the item is not, or it is no JSON in the middle."""
        try:
            _DECODER.raw_decode(self._text, self._place)
        except json.JSONDecodeError as error:
            is_at_end = error.pos >= len(self._text.rstrip()) - 1 or "Unterminated" in error.msg
            return refusals.truncated(self.count) if is_at_end else refusals.broken(self.count)
        except RecursionError:
            pass
        return refusals.broken(self.count)

    # -- text

    def _skip_blanks(self) -> bool:
        """False at the end of the file."""
        while True:
            match = _BETWEEN.match(self._text, self._place)
            assert match  # it matches nothing, too
            self._place = match.end()
            if self._place < len(self._text):
                return True
            if not self._more():
                return False

    def _fill(self, length: int) -> None:
        while len(self._text) - self._place < length and self._more():
            pass

    def _more(self) -> bool:
        """Another chunk behind what is not read yet; False where there is none."""
        if self._is_over:
            return False
        try:
            if self._chunk:
                text = self._recoder.recode(self._chunk)
                self._chunk = self._stream.read(CHUNK_BYTES)
            else:
                text = self._recoder.recode(b"", is_last=True)
                self._is_over = True
        except TooManyRepairs:
            raise refusals.not_json() from None
        self._text = self._text[self._place :] + text
        self._place = 0
        return True
