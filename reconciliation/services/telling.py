"""What reconciliation tells people and their programs: of differences, guards, closing, locks, feeds, what expires."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from journal.models import AlertTopic
from journal.services.alerts import telling
from journal.services.alerts.telling import News

DIVERGENCES = AlertTopic.DIVERGENCES.value
GUARDS = AlertTopic.GUARDS.value
CLOSING = AlertTopic.CLOSING.value
LOCKS = AlertTopic.LOCKS.value
FEED = AlertTopic.FEED.value
TARGETS = AlertTopic.TARGETS.value
EXPIRY = AlertTopic.EXPIRY.value

# Many at once, whatever their workspaces: a handful of queries for each workspace.
tell_all = telling.tell_all


def tell(  # noqa: PLR0913  (what is told, of what, to whom)
    topic: str,
    *,
    workspace_id: int,
    account_id: int | None,
    key: str,
    subject: str,
    lines: Sequence[str],
    url_path: str,
    urgent: bool = False,
    data: Mapping[str, Any],
    event: str = "",
    state: str = "",
) -> bool:
    """Inside the transaction of what it tells of. False where the same `key` was told in the same `state` (its subject
    where none is given) before. `event` is what webhooks call it (docs/webhooks.md), `data` what they are given: JSON,
    numbers as text. No `event`: people only.
    """
    return telling.tell(
        News(topic, workspace_id, account_id, key, subject, lines, url_path, urgent, event, data, state)
    )  # fmt: skip
