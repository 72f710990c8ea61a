"""Writes over the API that came with a name of their own, and what was answered."""

from __future__ import annotations

from django.db import models

from common.models import Owned


class IdempotentRequest(Owned):
    """One row per Idempotency-Key. It is written in the transaction of the write itself: both or neither.

    `fingerprint` is a digest of who asked for what: method, path, body, and the token or person.
    """

    key = models.CharField(max_length=255)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "key"], name="idempotent_request_key")
        ]
        # Old rows are looked for by age.
        indexes = [models.Index(fields=["created_at"], name="idempotent_request_age")]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.key}"
