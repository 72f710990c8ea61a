"""What people write, as the database can keep it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def tidy(text: str) -> str:
    """Without the space around it, and without NUL, which PostgreSQL's text cannot hold."""
    return text.replace("\0", "").strip()


def is_text(value: object, *, nul: bool = False) -> bool:
    """Whether every text in it can be kept and told: without half of a surrogate pair, and, unless `nul` may be there
    because somebody takes it out, without NUL."""
    if isinstance(value, str):
        return not any("\ud800" <= sign <= "\udfff" for sign in value) and (
            nul or "\0" not in value
        )
    if isinstance(value, Mapping):
        return all(is_text(name, nul=nul) and is_text(one, nul=nul) for name, one in value.items())
    return all(is_text(one, nul=nul) for one in value) if isinstance(value, (list, tuple)) else True


def speakable(text: str) -> str:
    """What somebody sent, as it may be said back: half of a surrogate pair becomes a question mark."""
    return text.encode(errors="replace").decode()


def whole_numbers(texts: Iterable[str]) -> set[int]:
    """Ids as forms send them; what is none is left out."""
    return {int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 19}
