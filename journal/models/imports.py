"""Files that people handed in, and what became of them."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.models import Owned
from journal.models.evidence import Source


class StatementFile(Owned):
    """The bytes as they came. Kept once per content; `stored_as` is a name in Django's default storage."""

    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    size_bytes = models.BigIntegerField()
    stored_as = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "sha256"], name="statement_file_unique")
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return self.name


class ErasedInFile(Owned):
    """An account that was erased, and that a kept file speaks of beside others; `number_hash` is its number, hashed.

    Imports of the file whose bytes were handed in before `erased_at` leave its rows out.
    """

    file = models.ForeignKey(StatementFile, on_delete=models.CASCADE, related_name="erased")
    number_hash = models.CharField(max_length=40)
    erased_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "number_hash"], name="erased_in_file_unique")
        ]

    def __str__(self) -> str:
        return f"file {self.file_id}"


class FileRemoval(Owned):
    """Bytes in the storage that no row names any more. It goes when they are gone."""

    stored_as = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.stored_as


class ImportState(models.TextChoices):
    """received → previewing → previewed → queued → running → done; or failed. done → withdrawing → withdrawn."""

    RECEIVED = "received", _("Received")
    PREVIEWING = "previewing", _("Reading")
    PREVIEWED = "previewed", _("Ready to import")
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Importing")
    DONE = "done", _("Imported")
    FAILED = "failed", _("Failed")
    WITHDRAWING = "withdrawing", _("Being undone")
    WITHDRAWN = "withdrawn", _("Undone")


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(condition=pghistory.AnyChange("state")),
    fields=["state", "error_code", "created_by", "withdrawn_at"],
    meta={"verbose_name": "import batch event"},
)
class ImportBatch(Owned):
    """One import of one file, or what one bot captured on one day: then there is no `file`, but captured records.

    Its evidence is effective unless `withdrawn_at` is set. `reported_by` says whose word it is.

    `account` and `account_number` are whose the file is expected to be: an account that is there, or the number of one
    that may come to be. `day_first` says how dates such as 03/04/2026 are meant where the file does not tell.
    `received_at` is when its bytes were handed in: an import of kept bytes has that of the import they came with.
    `mapping` says what the columns of a table are that no reader knows (`journal.brokers.generic_table.mapping`);
    `mapping_is_recalled` where an earlier import of such a table said it.
    `preview` and `result` hold what `import_statement --json` prints, and what pages show besides.
    """

    file = models.ForeignKey(
        StatementFile, null=True, on_delete=models.PROTECT, related_name="batches"
    )
    reported_by = models.CharField(max_length=12, choices=Source.choices, default=Source.STATEMENT)
    format = models.SlugField(max_length=32, blank=True)
    account = models.ForeignKey(
        "journal.BrokerAccount", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    account_number = models.CharField(max_length=64, blank=True)
    zone = models.CharField(max_length=64, blank=True)
    day_first = models.BooleanField(null=True)
    mapping = models.JSONField(null=True)
    mapping_is_recalled = models.BooleanField(default=False)
    state = models.CharField(
        max_length=12, choices=ImportState.choices, default=ImportState.RECEIVED
    )
    source = models.CharField(max_length=16, default="upload")
    # Which connection brought it, if one did.
    connection = models.ForeignKey(
        "journal.Connection", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Of captured records: the API token that sent them, and its name then.
    token = models.BigIntegerField(null=True)
    reporter = models.CharField(max_length=80, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    received_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    preview = models.JSONField(null=True)
    result = models.JSONField(null=True)
    error_code = models.CharField(max_length=64, blank=True)
    error_message = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "import batches"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["workspace", "-id"], name="import_batch_history"),
            # resume_imports looks for what a dead worker left behind.
            models.Index(
                fields=["state"],
                name="import_batch_unfinished",
                condition=models.Q(
                    state__in=["received", "previewing", "queued", "running", "withdrawing"]
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.get_state_display()}"

    @property
    def title(self) -> str:
        """What people know it by."""
        if self.file is not None:
            return self.file.name
        return f"{self.reporter or self.get_reported_by_display()}, {self.created_at:%Y-%m-%d}"

    @property
    def is_captured(self) -> bool:
        """Records that were reported one by one, and no file."""
        return self.file_id is None

    @property
    def expected_number(self) -> str:
        """The number of the account that the file is expected to be of, "" where the file decides."""
        return self.account.broker_id if self.account else self.account_number


class ColumnMapping(Owned):
    """What the columns of an account's tables are, as it was said with the last import of one with these columns."""

    account = models.ForeignKey(
        "journal.BrokerAccount", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    fingerprint = models.CharField(max_length=24, help_text="Of the names of its columns.")
    mapping = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "fingerprint"], name="column_mapping_unique")
        ]
        indexes = [
            models.Index(fields=["workspace", "fingerprint"], name="column_mapping_by_columns")
        ]

    def __str__(self) -> str:
        return f"columns {self.fingerprint} of account {self.account_id}"


class ImportProgress(Owned):
    """How far a running import is. Its own row, so that it can be written while the import's transaction is open."""

    batch = models.OneToOneField(ImportBatch, on_delete=models.CASCADE, related_name="progress")
    stage = models.CharField(max_length=32)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.stage} {self.done}/{self.total}"
