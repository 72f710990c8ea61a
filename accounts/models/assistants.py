from typing import ClassVar

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models.workspaces import Workspace


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["last_used_at", "code_digest"],
)
class Assistant(models.Model):
    """A program that one person let into one workspace by OAuth, and what it may do there.

    Its tokens name it in their scope (`assistant:12`): so they carry workspace and person, and end with it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    application = models.ForeignKey(
        "oauth2_provider.Application", on_delete=models.CASCADE, related_name="+"
    )
    name = models.CharField(max_length=255)
    # Of the code that let it in, with its proof, once it was used: whoever comes with them again is somebody else.
    code_digest = models.CharField(max_length=64, blank=True, default="", editable=False)
    scopes = ArrayField(models.CharField(max_length=40))
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Assistant"]] = models.Manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["workspace", "user"], name="assistant_of_person_idx")]
        constraints = [
            models.UniqueConstraint(
                fields=["code_digest"],
                condition=~models.Q(code_digest=""),
                name="assistant_by_code_once",
            )
        ]

    def __str__(self) -> str:
        return self.name
