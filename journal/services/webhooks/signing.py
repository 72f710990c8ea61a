"""Signatures as Standard Webhooks 1.0.0 asks for them (https://www.standardwebhooks.com): HMAC-SHA256 of
`id.timestamp.body`. docs/webhooks.md has the other side of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

_PREFIX = "whsec_"
_BYTES = 32


def make_secret() -> str:
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def sign(message_id: str, timestamp: int, body: bytes, keys: Iterable[str]) -> str:
    """The header `webhook-signature`: one for each secret, spaces between."""
    signed = b".".join([message_id.encode(), str(timestamp).encode(), body])
    return " ".join(f"v1,{_signature(signed, key)}" for key in keys)


def _signature(signed: bytes, key: str) -> str:
    raw = base64.b64decode(key.removeprefix(_PREFIX))
    return base64.b64encode(hmac.new(raw, signed, hashlib.sha256).digest()).decode()
