"""Which addresses our tokens are for (RFC 8707): the journal's own doors for assistants, and nothing else."""

from collections.abc import Collection
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

MCP_PATH = "/mcp"
_PATHS = ("", MCP_PATH, "/api", "/api/tools")
METADATA_PATH = "/.well-known/oauth-protected-resource"


def origin_of(request: HttpRequest) -> str:
    return settings.BASE_URL or f"{request.scheme}://{request.get_host()}"


def resource_of(request: HttpRequest) -> str:
    """What clients call the journal: the address of its MCP server."""
    return f"{origin_of(request)}{MCP_PATH}"


def is_ours(resource: str, request: HttpRequest) -> bool:
    try:
        named = urlsplit(resource)
    except ValueError:
        return False
    own = urlsplit(origin_of(request))
    if named.query or named.fragment or "@" in named.netloc:
        return False
    same = (named.scheme.lower(), named.netloc.lower()) == (own.scheme, own.netloc.lower())
    return same and named.path.rstrip("/") in _PATHS


def is_for_us(resources: Collection[str], request: HttpRequest) -> bool:
    """Whether a token may be used here. One that names no resource was not made by our consent page."""
    return any(is_ours(one, request) for one in resources)


def challenge(request: HttpRequest) -> str:
    """What a 401 says: where to learn how to be let in (RFC 9728)."""
    return f'Bearer resource_metadata="{origin_of(request)}{METADATA_PATH}{MCP_PATH}"'
