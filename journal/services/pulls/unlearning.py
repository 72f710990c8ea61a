"""What a connection no longer claims to have brought, when it is to bring more than it was asked for."""

from __future__ import annotations

from journal.brokers.fetching import Verdict
from journal.models import Connection, Pull, PullDocument, PullState
from journal.selectors.coverage import WHOLE


def forget_coverage(connection: Connection) -> None:
    """Everything is asked for again. What is in the book stays, and changes nothing when it comes again."""
    PullDocument.objects.filter(pull__connection=connection).update(since=None, until=None)


def forget_whole_before(pull: Pull) -> None:
    """An account has come to those that the connection reads: what earlier pulls called everything was without it."""
    PullDocument.objects.filter(
        pull__connection=pull.connection_id, pull_id__lt=pull.pk, account_number=WHOLE
    ).update(since=None, until=None)


def excuse_running(connection: Connection) -> None:
    """What the former credentials were refused for, and is not told yet, is no fault of the new ones."""
    refused = connection.pulls.filter(state=PullState.IMPORTING, verdict=Verdict.PERSON)
    refused.update(
        verdict=Verdict.LATER,
        error_code="credentials_replaced",
        error_message="The credentials were replaced while this pull was under way. The next one uses the new ones.",
    )
