"""A connection that a bridge pushes to: its secret, and whether a push was signed with it."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets

from django.db import transaction

from common.errors import Conflict, Forbidden, Unavailable
from common.secrets import Unreadable, decrypt, digest, encrypt
from journal.domain.zones import NEW_YORK_CLOSE
from journal.models import Connection, Schedule
from journal.services.imports import check_zone

FETCHER = "mt5"
LABEL = "MetaTrader 5"
SCHEME = "sha256="


@transaction.atomic
def connect_bridge(
    workspace_id: int, *, name: str = "", zone: str = "", user_id: int | None
) -> tuple[Connection, str]:
    """The connection, and the secret that is told this once. Raises Rejected for a zone that does not exist."""
    check_zone(zone)
    connection = Connection(
        workspace_id=workspace_id,
        fetcher=FETCHER,
        name=name.strip() or LABEL,
        schedule=Schedule.MANUAL,
        zone=zone or NEW_YORK_CLOSE,
        created_by_id=user_id,
    )
    secret = _give_secret(connection)
    connection.save()
    return connection, secret


def renew_secret(connection: Connection) -> str:
    """From now on the former one is worth nothing. Raises Conflict for a connection that was taken away."""
    if not connection.is_pushed or connection.disconnected_at is not None:
        raise Conflict("no_bridge", "No bridge pushes to this connection.")
    secret = _give_secret(connection)
    connection.save(update_fields=["credentials", "credentials_digest"])
    return secret


def check_signature(connection: Connection, body: bytes, signature: str) -> None:
    """HMAC-SHA256 of the body. Raises Forbidden; Unavailable where the secret cannot be read, Conflict where it was
    forgotten with the connection."""
    if connection.disconnected_at is not None:
        raise Conflict(
            "disconnected", "This connection was taken away. Make a new one for the bridge."
        )
    expected = sign(connection, body)
    given = signature.strip().removeprefix(SCHEME)
    # Of whatever anybody sends: only ASCII may be compared.
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise Forbidden(
            "signature_wrong",
            "The push is not signed with the secret of this connection. Write the secret that was shown when it was "
            "made into the bridge's settings, or renew it.",
        )


def sign(connection: Connection, body: bytes) -> str:
    """HMAC-SHA256 of the body with the bridge's secret, in hex. Raises Unavailable where that cannot be read."""
    try:
        secret: str = json.loads(decrypt(connection.credentials))["secret"]
    except (Unreadable, ValueError, KeyError) as error:
        raise Unavailable(
            "secret_unreadable",
            "The bridge's secret was encrypted with another FIELD_ENCRYPTION_KEY. Give Fillbook that key, or renew the "
            "secret of the connection and tell the bridge.",
        ) from error
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _give_secret(connection: Connection) -> str:
    secret = secrets.token_urlsafe(32)
    connection.credentials = encrypt(json.dumps({"secret": secret}))
    connection.credentials_digest = digest(f"{FETCHER}:{secret}")
    return secret
