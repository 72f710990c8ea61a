"""What people write, as the database can keep it."""

from __future__ import annotations


def tidy(text: str) -> str:
    """Without the space around it, and without NUL, which PostgreSQL's text cannot hold."""
    return text.replace("\0", "").strip()
