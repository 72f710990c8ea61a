"""Where a program may be gone back to with a code."""

from urllib.parse import urlsplit

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def is_safe_redirect(uri: str) -> bool:
    # Those of a program are kept as words of one text: a space would hide a second one in the first.
    if not uri.isprintable() or "\\" in uri or any(one.isspace() for one in uri):
        return False
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    if "@" in parts.netloc:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
