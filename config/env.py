"""Options from the environment. `NAME_FILE` names a file that holds the value of `NAME`, for secrets.

A value that cannot be used raises `ImproperlyConfigured` with the option's name, what is wrong with it and
what would be right; `manage.py` prints that sentence alone. An empty value counts as not given.
"""

from __future__ import annotations

import json
import os
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


def text(name: str, default: str = "") -> str:
    file = os.environ.get(f"{name}_FILE", "")
    if file and os.environ.get(name):
        raise ImproperlyConfigured(f"Both {name} and {name}_FILE are set: keep one of them.")
    if not file:
        return os.environ.get(name, "") or default
    try:
        return Path(file).read_text(encoding="utf-8").strip() or default
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name}_FILE={file} cannot be read: {error}.") from None


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name}={value} is not one of {', '.join(allowed)}.")
    return value


def flag(name: str, default: bool) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name}={value} is neither true nor false.")
    return value in TRUE


def integer(name: str, default: int, *, at_least: int = 0, at_most: int | None = None) -> int:
    value = text(name)
    try:
        number = int(value) if value else default
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value} is not a whole number.") from None
    if number < at_least or (at_most is not None and number > at_most):
        limit = f"at least {at_least}" + (f" and at most {at_most}" if at_most is not None else "")
        raise ImproperlyConfigured(f"{name}={number} is out of range: it must be {limit}.")
    return number


def percent(name: str, default: str = "0") -> Decimal:
    """Of 0 to 100."""
    value = text(name, default)
    try:
        number = Decimal(value or 0)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 <= number < 100:
        raise ImproperlyConfigured(f"{name}={value} is not a number from 0 to below 100.")
    return number


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def together(**options: str) -> None:
    """Options of which one is of no use without the others."""
    missing = [name for name, value in options.items() if not value]
    if missing and len(missing) < len(options):
        given = next(name for name, value in options.items() if value)
        raise ImproperlyConfigured(
            f"{given} is set, but {' and '.join(missing)} is not: give all or none of them."
        )


def mapping(name: str) -> dict[str, Any]:
    """A JSON object."""
    value = text(name, "{}")
    try:
        loaded = json.loads(value)
    except json.JSONDecodeError:
        loaded = None
    if not isinstance(loaded, dict):
        raise ImproperlyConfigured(f"{name} must be a JSON object, as in {{}}.")
    return loaded


def database(url: str) -> dict[str, Any]:
    """Django's connection options from `postgresql://user:password@host:port/name?sslmode=require`."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            "DATABASE_URL must begin with postgresql://, because Fillbook keeps its book in PostgreSQL "
            f"15 or newer; it begins with {parts.scheme or 'no scheme'}://."
        )
    options = dict(parse_qsl(parts.query))
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise ImproperlyConfigured("DATABASE_URL names no database: end it with /NAME.")
    try:
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured("DATABASE_URL has a port that is not a number.") from None
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": str(port or ""),
        "OPTIONS": options,
    }


def hosts(url: str) -> list[str]:
    """The host name of a URL, as a list that is empty when there is no URL."""
    if not url:
        return []
    name = urlsplit(url).hostname
    if not url.startswith(("http://", "https://")) or not name:
        raise ImproperlyConfigured(
            f"BASE_URL={url} is not an address such as https://journal.example.org."
        )
    return [name]


def cache_beside(broker_url: str) -> str:
    """The address of a Redis or Valkey broker as a cache; empty for any other broker."""
    if broker_url.startswith("redis+socket://"):
        return "unix://" + broker_url.removeprefix("redis+socket://")
    return broker_url if broker_url.startswith(("redis://", "rediss://")) else ""
