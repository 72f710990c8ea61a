"""Bytes into text, whatever the encoding: what the file says of itself, or what its bytes can only be."""

from __future__ import annotations

import codecs
import re

REPAIRS_MAX = 20_000

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._\-]{1,40})["']""")
_EIGHT_BIT = re.compile(
    r"(iso-?8859-?\d+|latin-?\d|windows-125\d|cp125\d|cp850|cp437|macroman|koi8-[ru])"
)


class TooManyRepairs(ValueError):
    """So many bytes are wrong that this is no text."""


def sight(head: bytes) -> bytes:
    """The start of a file in lower-case ASCII, whatever its encoding."""
    encoding = _bom_encoding(head)
    if encoding and encoding != "utf-8":
        head = (
            head[: len(head) - len(head) % 4].decode(encoding, "replace").encode("utf-8", "replace")
        )
    return head.removeprefix(codecs.BOM_UTF8).lstrip(b"\xef\xbb\xbf \t\r\n\x00").lower()


def _bom_encoding(head: bytes) -> str:
    return next((encoding for mark, encoding in _BOMS if head.startswith(mark)), "")


class Recoder:
    """Bytes of any encoding that statements come in → text. Raises TooManyRepairs: that is no text.

    Files that say UTF-8, or nothing, and hold Latin-1 all the same are common (an editor saved them): the
    bytes that are wrong are read as Latin-1 and the rest as it is. `repaired_at` is the place of the first of them in
    the text that it came with.
    """

    def __init__(self, head: bytes, trim: str = "\ufeff \t\r\n") -> None:
        """`trim`: what goes from the start of the text."""
        self._trim = trim
        encoding = _bom_encoding(head) or _declared_encoding(head)
        self._is_utf8 = encoding == "utf-8"
        errors = "strict" if self._is_utf8 else "replace"
        self._decoder = codecs.getincrementaldecoder(encoding)(errors)
        self._held = b""
        self._is_start = True
        self.repaired = 0
        self.repaired_at = 0

    def recode(self, chunk: bytes, *, is_last: bool = False) -> str:
        text = self._decode(chunk, is_last)
        if self._is_start and text:
            self._is_start = False
            length = len(text)
            text = text.lstrip(self._trim)
            self.repaired_at -= length - len(text)
        return text

    def _decode(self, chunk: bytes, is_last: bool) -> str:
        if self._is_utf8:
            return self._repair(self._held + chunk, is_last)
        return self._decoder.decode(chunk, is_last)

    def _repair(self, data: bytes, is_last: bool) -> str:
        self._held = b""
        parts = []
        while data:
            try:
                parts.append(data.decode("utf-8"))
                break
            except UnicodeDecodeError as error:
                good, end = data[: error.start], error.end
            parts.append(good.decode("utf-8"))
            if not is_last and len(data) - len(good) < 4 and _may_continue(data[len(good) :]):
                self._held = data[len(good) :]
                break
            if not self.repaired:
                self.repaired_at = sum(map(len, parts))
            self.repaired += 1
            if self.repaired > REPAIRS_MAX:
                raise TooManyRepairs
            parts.append(data[len(good) : end].decode("latin-1"))
            data = data[end:]
        return "".join(parts)


def _may_continue(tail: bytes) -> bool:
    """Whether the bytes are the start of a character whose rest is in the next chunk."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(tail, False)
    except UnicodeDecodeError:
        return False
    return True


def _declared_encoding(head: bytes) -> str:
    match = _DECLARED.search(head[:400])
    name = match.group(1).decode("ascii").lower() if match else "utf-8"
    if _EIGHT_BIT.fullmatch(name):
        try:
            return codecs.lookup(name).name
        except LookupError:
            return "utf-8"
    # Also where UTF-16 is declared: the declaration was read as ASCII, so somebody has converted the file.
    return "utf-8"
