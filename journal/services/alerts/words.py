"""What goes to messengers: text of others that is shown as text, and the address of our pages."""

from __future__ import annotations

from django.conf import settings

PREFIX = "Fillbook: "


def plain(text: str) -> str:
    """Nothing that is shown as a link, or as more than one line."""
    words = " ".join(text.split())
    return words.replace("://", ": //").replace("www.", "www. ").replace("@", "(at)")


def base_url() -> str:
    return settings.BASE_URL or f"http://{settings.HOST}:{settings.PORT}"
