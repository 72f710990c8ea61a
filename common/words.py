"""What people write, as the database can keep it."""

from __future__ import annotations

from collections.abc import Iterable


def tidy(text: str) -> str:
    """Without the space around it, and without NUL, which PostgreSQL's text cannot hold."""
    return text.replace("\0", "").strip()


def whole_numbers(texts: Iterable[str]) -> set[int]:
    """Ids as forms send them; what is none is left out."""
    return {int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 19}
