"""What a connection signs in with: encrypted in the database, or the operator's own, from the environment."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

from django.conf import settings

from common.errors import Rejected
from common.secrets import Unreadable, decrypt, digest, encrypt
from journal.brokers.fetching import Fetcher, PullFault, Verdict
from journal.models import Connection

HIDDEN = "[hidden]"
# Shorter ones hide nothing, and would be cut out of innocent words.
_SECRET_LENGTH_MIN = 4
_ESCAPE = re.compile("%[0-9A-F]{2}")


@dataclass(frozen=True, slots=True)
class Sealed:
    """`digest` tells whether two logins are the same, and nothing else of them."""

    text: str
    digest: str


def seal(fetcher: Fetcher, values: Mapping[str, str]) -> Sealed:
    written = json.dumps(values, sort_keys=True)
    return Sealed(encrypt(written), digest(f"{fetcher.slug}:{written}"))


def check_values(fetcher: Fetcher, given: Mapping[str, str]) -> dict[str, str]:
    """Trimmed, and none but those that the fetcher asks for. Raises Rejected with `fields`."""
    values: dict[str, str] = {}
    fields: dict[str, list[str]] = {}
    for one in fetcher.credentials:
        value = given.get(one.name, "").strip()
        if not value and one.is_required:
            fields[one.name] = [f"{one.label} is missing."]
        if value and one.choices and value not in dict(one.choices):
            fields[one.name] = [f"{one.label}: choose one of those that are listed."]
        if value:
            values[one.name] = value
    if fields:
        raise Rejected(
            "credentials_missing", " ".join(words[0] for words in fields.values()), fields
        )
    return values


def credentials_of(connection: Connection) -> dict[str, str]:
    """Raises PullFault where they cannot be read."""
    if connection.is_from_environment:
        given = from_environment(connection.fetcher)
        if given is None:
            raise PullFault(
                "environment_unset",
                "This connection is from the environment, and its options are not set any more. Set them again, or "
                "disconnect it.",
                Verdict.PERSON,
            )
        return given
    try:
        values: dict[str, str] = json.loads(decrypt(connection.credentials))
    except Unreadable:
        raise PullFault(
            "credentials_unreadable",
            "The credentials were encrypted with another FIELD_ENCRYPTION_KEY and cannot be read. Enter them again, or "
            "give Fillbook that key.",
            Verdict.PERSON,
        ) from None
    return values


def from_environment(fetcher: str) -> dict[str, str] | None:
    """What the operator has set for this fetcher."""
    given: dict[str, str] | None = settings.ENVIRONMENT_CONNECTIONS.get(fetcher)
    return given


def secrets_of(fetcher: Fetcher, values: Mapping[str, str]) -> list[str]:
    secret = {one.name for one in fetcher.credentials if one.is_secret}
    return [value for name, value in values.items() if name in secret]


def scrub(text: str, secrets: Iterable[str]) -> str:
    """The text without the secrets, whatever brought them there."""
    long = {one for one in secrets if len(one) >= _SECRET_LENGTH_MIN}
    written = {form for secret in long for form in _forms(secret)}
    for form in sorted(written, key=len, reverse=True):
        text = text.replace(form, HIDDEN)
    return text


def _forms(secret: str) -> set[str]:
    """As it is, as in an address, and as in a quoted text."""
    quoted = {quote(secret), quote(secret, safe=""), quote_plus(secret)}
    small = {_ESCAPE.sub(lambda found: found.group().lower(), one) for one in quoted}
    return {secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], *quoted, *small}
