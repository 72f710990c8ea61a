"""Telling people of something, once until it changes, where and when they want to hear of it.

`tell` belongs into the transaction of what it tells of: both are there or neither. It only writes; a worker
sends what waits (`delivery`). News has names and figures of the book, never a secret and never text of strangers.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone
from django_scopes import scope

from accounts.models import Membership
from journal.models import Alert, AlertChannel, Told
from journal.services.alerts.quiet import quiet_end
from journal.services.alerts.words import base_url, plain
from journal.services.webhooks.emitting import Happening, emit

_SUBJECT_LENGTH = 160
_KEY_LENGTH = 160
_LINES_MAX = 20
_LINE_LENGTH = 300


class News(NamedTuple):
    """`key` names the thing within its topic (`divergence:12`, `feed:3`); `state` how it is, its subject where none is
    given. The same key in the same state is told once. `url_path` is the page about it, from the root. `event` and
    `data` are for webhooks (docs/webhooks.md), JSON with numbers as text; no `event`: people only.
    """

    topic: str
    workspace_id: int
    account_id: int | None
    key: str
    subject: str
    lines: Sequence[str] = ()
    url_path: str = ""
    urgent: bool = False
    event: str = ""
    data: Mapping[str, Any] = {}
    state: str = ""


def tell(news: News) -> bool:
    """False where it was told before."""
    return bool(tell_all([news]))


@transaction.atomic
def tell_all(news: Sequence[News]) -> list[News]:
    """Those that had not been told. The number of queries grows with that of workspaces only."""
    told: list[News] = []
    now = timezone.now()
    in_order = sorted(news, key=lambda one: (one.workspace_id, one.topic, one.key))
    for workspace_id, group in groupby(in_order, key=lambda one: one.workspace_id):
        with scope(workspace=workspace_id):
            fresh = _note_told(list(group), now)
            _write_alerts(workspace_id, fresh, now)
            emit(workspace_id, [_happening(one) for one in fresh if one.event], now=now)
        told += fresh
    return told


def _happening(news: News) -> Happening:
    page = base_url() + news.url_path if news.url_path else ""
    return Happening(
        news.event, news.account_id, {"summary": news.subject, "url": page, **news.data}
    )


def _note_told(news: list[News], now: datetime) -> list[News]:
    """Two workers with the same news: one waits for the other, and then has nothing to tell."""
    latest = {(one.topic, _key(one)): one for one in news}
    table = connection.ops.quote_name(Told._meta.db_table)
    places = ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(latest))
    values = [
        value
        for (topic, key), one in sorted(latest.items(), key=lambda item: item[0])
        for value in (one.workspace_id, one.account_id, topic, key, _digest(one), now)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (workspace_id, account_id, topic, key, state, told_at) VALUES {places} "
            "ON CONFLICT (workspace_id, topic, key) DO UPDATE "
            "SET state = EXCLUDED.state, account_id = EXCLUDED.account_id, told_at = EXCLUDED.told_at "
            f"WHERE {table}.state <> EXCLUDED.state RETURNING topic, key",
            values,
        )
        fresh = set(cursor.fetchall())
    return [one for name, one in latest.items() if name in fresh]


def _key(news: News) -> str:
    if len(news.key) <= _KEY_LENGTH:
        return news.key
    return news.key[: _KEY_LENGTH - 33] + "…" + hashlib.sha256(news.key.encode()).hexdigest()[:32]


def _digest(news: News) -> str:
    return hashlib.sha256((news.state or news.subject).encode()).hexdigest()


def _write_alerts(workspace_id: int, news: Sequence[News], now: datetime) -> None:
    if not news:
        return
    wanted: dict[str, list[AlertChannel]] = defaultdict(list)
    members = Membership.objects.filter(workspace=workspace_id)
    channels = AlertChannel.objects.filter(
        workspace_id=workspace_id, paused_at=None, user__is_active=True, user__in=members.values("user")
    )  # fmt: skip
    for channel in channels.select_related("user"):
        for topic in channel.topics:
            wanted[topic].append(channel)
    Alert.objects.bulk_create(
        _alert(one, channel, now) for one in news for channel in wanted[one.topic]
    )


def _alert(news: News, channel: AlertChannel, now: datetime) -> Alert:
    held_until = None if news.urgent else quiet_end(channel, now)
    return Alert(
        workspace_id=news.workspace_id,
        account_id=news.account_id,
        channel=channel,
        topic=news.topic,
        subject=_one_line(news.subject, _SUBJECT_LENGTH),
        lines=[_one_line(line, _LINE_LENGTH) for line in news.lines[:_LINES_MAX]],
        url_path=news.url_path[:255],
        is_urgent=news.urgent,
        is_held=held_until is not None,
        next_at=held_until or now,
    )


def _one_line(text: str, length: int) -> str:
    words = plain(text)
    return words if len(words) <= length else words[: length - 1] + "…"
