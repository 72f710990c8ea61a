"""A write over the API that is sent twice happens once.

The claim on a key is a row that is written in the transaction of the write. Whoever comes second waits for that
transaction to end: it then finds the answer, or, if the first one failed, does the work itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django_scopes import scopes_disabled

from common.errors import Conflict, Rejected
from journal.models import IdempotentRequest

KEY_LENGTH_MAX = 255


def fingerprint_of(parts: Iterable[bytes]) -> str:
    """A digest of who asks for what. Parts keep their boundaries."""
    hasher = hashlib.sha256()
    for part in parts:
        hasher.update(len(part).to_bytes(8, "big"))
        hasher.update(part)
    return hasher.hexdigest()


def claim_request(
    workspace_id: int, key: str, *, method: str, path: str, fingerprint: str
) -> IdempotentRequest:
    """The row of this key: `status` is None when the work is the caller's to do, in this transaction.

    Raises Conflict when the key came with another request, Rejected for a key that is too long.
    """
    assert transaction.get_connection().in_atomic_block
    if len(key) > KEY_LENGTH_MAX:
        raise Rejected(
            "idempotency_key_too_long",
            f"An Idempotency-Key has at most {KEY_LENGTH_MAX} characters.",
        )
    claim, _ = IdempotentRequest.objects.get_or_create(
        workspace_id=workspace_id,
        key=key,
        defaults={"method": method, "path": path[:255], "fingerprint": fingerprint},
    )
    if claim.fingerprint != fingerprint:
        raise Conflict(
            "idempotency_key_reused",
            "This Idempotency-Key came with another request before. Give every new request a key of its own.",
        )
    return claim


def keep_answer(claim: IdempotentRequest, *, status: int, body: Any) -> None:
    claim.status, claim.body = status, body
    claim.save(update_fields=["status", "body"])


def forget_requests(*, before: datetime) -> int:
    with scopes_disabled():
        deleted, _ = IdempotentRequest.objects.filter(created_at__lt=before).delete()
    return deleted
