from typing import TYPE_CHECKING

import pghistory
import pgtrigger
from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models

from accounts.models.users import LowercaseEmailField
from accounts.roles import ROLE_CHOICES, Role

if TYPE_CHECKING:
    from datetime import datetime

CURRENCY_PATTERN = r"^[A-Z][A-Z0-9]{2,9}$"
validate_currency = RegexValidator(
    CURRENCY_PATTERN, "Use a currency code in capitals, such as USD or EUR.", code="bad_currency"
)

LAST_OWNER_STAYS = """
    IF NOT EXISTS (SELECT FROM accounts_workspace WHERE id = OLD.workspace_id FOR UPDATE) THEN
        RETURN NULL;
    END IF;
    IF NOT EXISTS (
        SELECT FROM accounts_membership
        WHERE workspace_id = OLD.workspace_id AND role = 'owner'
    ) THEN
        RAISE EXCEPTION 'workspace % would be left without an owner', OLD.workspace_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'workspace_keeps_an_owner';
    END IF;
    RETURN NULL;
"""


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Workspace(models.Model):
    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=100, unique=True)
    base_currency = models.CharField(max_length=10, default="USD", validators=[validate_currency])
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(base_currency__regex=CURRENCY_PATTERN),
                name="workspace_base_currency_is_a_code",
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="workspace_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Membership(models.Model):
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=6, choices=ROLE_CHOICES)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "workspace"],
                name="membership_once_per_workspace",
                violation_error_message="This person already belongs to the workspace.",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=[role.value for role in Role]),
                name="membership_role_is_known",
            ),
        ]
        triggers = [
            # Deferred, so that a workspace can be erased and an owner replaced in one transaction.
            pgtrigger.Trigger(
                name="last_owner_stays",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Update | pgtrigger.Delete,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Q(old__role=Role.OWNER.value),
                func=LAST_OWNER_STAYS,
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace} ({self.role})"

    @property
    def role_kind(self) -> Role:
        return Role(self.role)

    @property
    def can_write(self) -> bool:
        return self.role_kind.can_write

    @property
    def is_owner(self) -> bool:
        return self.role_kind.can_administer


class Invitation(models.Model):
    """The link that was sent holds the token; here is only its SHA-256."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    email = LowercaseEmailField("e-mail")
    role = models.CharField(max_length=6, choices=ROLE_CHOICES)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "email"],
                condition=models.Q(accepted_at=None),
                name="invitation_open_once_per_address",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=[role.value for role in Role]),
                name="invitation_role_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.workspace}"

    def is_open(self, now: "datetime") -> bool:
        return self.accepted_at is None and now < self.expires_at
