from datetime import datetime, timedelta
from typing import Any, ClassVar

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from knox.models import AbstractAuthToken, get_digest_token
from knox.settings import CONSTANTS

from accounts.models.workspaces import Membership, Workspace
from accounts.scopes import SCOPE_MEANINGS, Scope

TOKEN_PREFIX = "fb_"  # noqa: S105
SCOPE_CHOICES = [(scope.value, SCOPE_MEANINGS[scope]) for scope in Scope]


class TokenManager(models.Manager["ApiToken"]):
    def issue(self, *, expires_in: timedelta | None, **fields: Any) -> tuple["ApiToken", str]:
        """The new row and the text of the token, which is in no row."""
        digest, text = get_digest_token(TOKEN_PREFIX)
        expiry = None if expires_in is None else timezone.now() + expires_in
        shown = text[: CONSTANTS.TOKEN_KEY_LENGTH]
        return self.create(digest=digest, token_key=shown, expiry=expiry, **fields), text


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["digest", "last_used_at"],
)
class ApiToken(AbstractAuthToken):  # type: ignore[misc]
    """A key for a bot or a script: one person, one workspace, named scopes.

    The text of the token is shown once and never stored; `digest` is its SHA-512, and `token_key`
    its first letters, by which people tell their tokens apart.
    """

    # Not the primary key, as it is in knox: ids appear in pages and in the audit trail.
    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=128, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    scopes = ArrayField(models.CharField(max_length=40, choices=SCOPE_CHOICES))
    # The broker accounts live in a higher app, so this is no foreign key: the API checks it.
    account_id = models.BigIntegerField("only for broker account", null=True, blank=True)
    # A person must approve what its bot recommends before the bot acts on it.
    needs_approval = models.BooleanField("its recommendations need approval", default=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[TokenManager] = TokenManager()

    # What its person is in its workspace now; set where a request is authenticated.
    membership: Membership | None = None

    class Meta:
        ordering = ["-created", "-id"]
        indexes = [models.Index(fields=["workspace", "user"], name="token_of_person_idx")]
        constraints = [
            models.CheckConstraint(condition=models.Q(scopes__len__gt=0), name="token_has_a_scope")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.token_key}…)"

    def has_scope(self, scope: Scope) -> bool:
        return scope.value in self.scopes

    def is_live(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expiry is None or now < self.expiry)
