"""Brokers that are asked by themselves, what was asked, and what came of it."""

from __future__ import annotations

from datetime import timedelta

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.choices import enum_choices
from common.models import Owned
from journal.brokers.fetching import Verdict
from journal.models.accounts import validate_zone

# Connections of these are never asked: a bridge beside the terminal pushes.
PUSHED = frozenset({"mt5"})
# Nor of these: a service of ours beside the broker's program listens (manage.py capture_ibkr).
LIVE = frozenset({"ibkr_tws"})


class Schedule(models.TextChoices):
    HOURLY = "hourly", _("Every hour")
    DAILY = "daily", _("Once a day")
    MANUAL = "manual", _("Only when asked")


class Origin(models.TextChoices):
    PERSON = "person", _("Connected by a person")
    ENVIRONMENT = "environment", _("From the environment")


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(
        condition=pghistory.AnyChange(
            "name", "schedule", "pull_at_minutes", "zone", "history_from", "paused_at", "disconnected_at",
            "credentials_digest",
        )
    ),
    # Numbers of accounts would outlive their erasure here.
    exclude=[
        "credentials", "account_numbers", "erased", "state", "failures", "next_at", "not_before", "verdict",
        "error_code", "error_message", "tried_at", "succeeded_at",
    ],
)  # fmt: skip
class Connection(Owned):
    """One login at one broker. `fetcher` is the slug of the protocol; `credentials` is encrypted JSON.

    `account_numbers` are those that it may fill, empty for all; `erased` are digests of those that were erased and
    must not come back by themselves. `state` is the fetcher's memory (`Link.remember`).
    `pull_at_minutes` after midnight in `zone`: only for a daily schedule.
    What the last pull came to: `verdict` with `error_code` and `error_message`, empty when all is well. PERSON stops
    the schedule until somebody changes something; nothing is asked before `not_before`, whoever wants it.
    One that a service listens for has neither fetcher nor credentials; `zone` is that of the broker's program, and
    `next_at` when it is heard of next. One that a bridge pushes to has no fetcher; its credentials are the bridge's
    secret, `zone` that of the trading server, and `next_at` when the next push is expected.
    A connection that was taken away (`disconnected_at`) keeps its history and has no credentials any more.
    """

    fetcher = models.SlugField(max_length=32)
    name = models.CharField(max_length=120)
    origin = models.CharField(max_length=12, choices=Origin.choices, default=Origin.PERSON)
    credentials = models.TextField(blank=True, editable=False)
    credentials_digest = models.CharField(max_length=64, blank=True, editable=False)
    account_numbers = models.JSONField(default=list, blank=True)
    erased = models.JSONField(default=list, editable=False)
    history_from = models.DateField(null=True, blank=True)
    schedule = models.CharField(max_length=8, choices=Schedule.choices, default=Schedule.HOURLY)
    pull_at_minutes = models.PositiveSmallIntegerField(default=0)
    zone = models.CharField(max_length=64, default="UTC", validators=[validate_zone])
    state = models.JSONField(default=dict, editable=False)
    failures = models.PositiveSmallIntegerField(default=0)
    verdict = models.CharField(max_length=8, choices=enum_choices(Verdict), blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    error_message = models.TextField(blank=True)
    next_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    paused_at = models.DateTimeField(null=True)
    disconnected_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "fetcher"],
                condition=models.Q(origin="environment"),
                name="connection_environment_once",
            ),
            models.CheckConstraint(
                condition=models.Q(pull_at_minutes__lt=1440), name="connection_pull_at_within_day"
            ),
        ]
        indexes = [
            # The schedule looks for what is due.
            models.Index(
                fields=["next_at"],
                name="connection_due",
                condition=models.Q(paused_at=None, disconnected_at=None),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_pushed(self) -> bool:
        return self.fetcher in PUSHED

    @property
    def is_live(self) -> bool:
        return self.fetcher in LIVE

    @property
    def is_asked(self) -> bool:
        """By schedule and by people. The others come by themselves."""
        return not (self.is_pushed or self.is_live)

    @property
    def is_from_environment(self) -> bool:
        return self.origin == Origin.ENVIRONMENT


PULL_PREFIX = "pull-"


class PullKind(models.TextChoices):
    PULL = "pull", _("Pull")
    CHECK = "check", _("Test")


class PullState(models.TextChoices):
    """queued → running → importing → done or failed; running → waiting → running while the broker is at work."""

    QUEUED = "queued", _("Waiting for a worker")
    RUNNING = "running", _("Asking the broker")
    WAITING = "waiting", _("The broker is at work")
    IMPORTING = "importing", _("Importing")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class Pull(Owned):
    """One time that a broker was asked. `days_back` of None asks for all that is missing.

    `until` is fixed when it begins, so that a pull that is taken up again asks for the same. `resume_at` is when a
    waiting one goes on. A pull that failed may have brought documents all the same.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="pulls")
    kind = models.CharField(max_length=5, choices=PullKind.choices, default=PullKind.PULL)
    state = models.CharField(max_length=9, choices=PullState.choices, default=PullState.QUEUED)
    days_back = models.PositiveIntegerField(null=True)
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Who asked where it was no person: schedule, command, api.
    source = models.CharField(max_length=16, default="schedule")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    resume_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=255, blank=True)
    verdict = models.CharField(max_length=8, choices=enum_choices(Verdict), blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    error_message = models.TextField(blank=True)
    wait = models.DurationField(default=timedelta)
    blocked_until = models.DateTimeField(null=True)

    UNFINISHED = (PullState.QUEUED, PullState.RUNNING, PullState.WAITING, PullState.IMPORTING)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection"],
                condition=models.Q(state__in=["queued", "running", "waiting", "importing"]),
                name="pull_one_at_a_time",
            )
        ]
        indexes = [models.Index(fields=["connection", "-id"], name="pull_history")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.get_state_display()}"

    @property
    def status_id(self) -> str:
        """What an import's status is asked by, apart from the numbers of imports."""
        return f"{PULL_PREFIX}{self.pk}"

    @property
    def is_finished(self) -> bool:
        return self.state in (PullState.DONE, PullState.FAILED)


class PullDocument(Owned):
    """What a pull brought. `batch` is its import, None where it said that nothing happened.

    From `since` to `until` the document (with its neighbours of the same stretch) holds everything; None where nothing
    can be said. `is_repeat`: its bytes were known, and the batch is that of the earlier import.
    """

    pull = models.ForeignKey(Pull, on_delete=models.CASCADE, related_name="documents")
    batch = models.ForeignKey(
        "journal.ImportBatch", null=True, on_delete=models.CASCADE, related_name="pull_documents"
    )
    account_number = models.CharField(max_length=64, blank=True)
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    is_repeat = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"document {self.pk} of pull {self.pull_id}"


class Turn(models.Model):
    """When calls that a broker counts together were made: `key` is a digest of what it counts by (a token, a key).

    Of the installation, not of a workspace: a broker does not care who its caller is here. `taken` are the latest
    calls as seconds since 1970, some of them yet to come. Before `locked_until` nothing is asked, by whatever
    connection; `lock_code` and `lock_message` say what the broker had against it.
    """

    key = models.CharField(max_length=64, unique=True)
    taken = models.JSONField(default=list)
    locked_until = models.DateTimeField(null=True)
    lock_code = models.CharField(max_length=64, blank=True)
    lock_message = models.TextField(blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.key[:8]
