"""Facts as columns: what every estimator reads, as it was known at some moment, in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
import orjson

from common.sql import fetch
from learning.domain.seconds import moment_of, second_of
from learning.domain.trades import Floats, Ints, Trades, held_for, weeks_of
from learning.models.facts import TAG, WITH, WITHOUT

GROUPS = (
    "symbol", "strategy", "structure", "close_reason", "asset_class", "direction", "source", "bot", "version",
)  # fmt: skip
# Of a word that is in no row it would be a column of nothing.
_LABEL = "label:"


class Row(NamedTuple):
    id: int
    account_id: int
    opened_at: datetime
    closed_at: datetime
    known_at: datetime
    currency: str
    pnl: Any
    r: float | None
    result: int
    symbol: str
    strategy: str
    structure: str
    close_reason: str
    asset_class: str
    direction: str
    source: str
    bot: str
    version: str
    tags: list[str]
    features: dict[str, float]
    labels: dict[str, str]
    digest: str


# Moments as seconds and JSON as text: a thousand of them are read in a quarter of the time.
_READ = {
    "opened_at": "extract(epoch FROM opened_at)::float8",
    "closed_at": "extract(epoch FROM closed_at)::float8",
    "known_at": "extract(epoch FROM known_at)::float8",
    "features": "features::text",
    "labels": "labels::text",
}
_FACTS = f"""
SELECT {", ".join(_READ.get(name, name) for name in Row._fields)} FROM learning_tradefact AS fact
WHERE workspace_id = %(workspace)s AND fact.known_at <= %(as_of)s
    AND (%(accounts)s::bigint[] IS NULL OR account_id = ANY(%(accounts)s))
    AND (%(currency)s::text IS NULL OR currency = %(currency)s)
    AND (%(since)s::timestamptz IS NULL OR closed_at >= %(since)s)
ORDER BY fact.known_at, id
"""


def list_currencies(workspace_id: int, as_of: datetime) -> list[tuple[str, int]]:
    """In which currencies trades were known by then, and how many: the most first."""
    return fetch(
        "SELECT currency, count(*) FROM learning_tradefact WHERE workspace_id = %s AND known_at <= %s "
        "GROUP BY 1 ORDER BY 2 DESC, 1",
        [workspace_id, as_of],
    )


def read_facts(
    workspace_id: int,
    as_of: datetime,
    *,
    account_ids: Sequence[int] | None = None,
    currency: str | None = None,
    closed_since: datetime | None = None,
) -> list[Row]:
    """What was known at `as_of`, in the order of `known_at`, then of the trade's number."""
    asked = {
        "workspace": workspace_id,
        "as_of": as_of,
        "accounts": None if account_ids is None else list(account_ids),
        "currency": currency,
        "since": closed_since,
    }
    return [_row(row) for row in fetch(_FACTS, asked)]


def _row(told: tuple[Any, ...]) -> Row:
    id_, account_id, opened, closed, known, *others, features, labels, digest = told
    moments = moment_of(opened), moment_of(closed), moment_of(known)
    said = orjson.loads(features), orjson.loads(labels)
    return Row._make((id_, account_id, *moments, *others, *said, digest))


def trades_as_of(
    workspace_id: int,
    as_of: datetime,
    *,
    account_ids: Sequence[int] | None = None,
    currency: str | None = None,
) -> Trades:
    """The closed trades that were known then. Without `currency` their `pnl` may be of several: R only."""
    return columns_of(read_facts(workspace_id, as_of, account_ids=account_ids, currency=currency))


def columns_of(rows: Sequence[Row]) -> Trades:
    groups: dict[str, Ints] = {}
    words: dict[str, tuple[str, ...]] = {}
    for name in GROUPS:
        groups[name], words[name] = coded([getattr(row, name) for row in rows])
    groups["account"], words["account"] = coded([str(row.account_id) for row in rows])
    for name in sorted({name for row in rows for name in row.labels}):
        groups[_LABEL + name], words[_LABEL + name] = coded(
            [row.labels.get(name, "") for row in rows]
        )
    for tag in sorted({tag for row in rows for tag in row.tags}):
        groups[TAG + tag], words[TAG + tag] = coded(
            [WITH if tag in row.tags else WITHOUT for row in rows]
        )
    opened = seconds_of(row.opened_at for row in rows)
    closed = seconds_of(row.closed_at for row in rows)
    groups["held"], words["held"] = coded([held_for(one) for one in (closed - opened).tolist()])
    return Trades(
        key=np.array([row.id for row in rows], dtype=np.int64),
        opened=opened,
        closed=closed,
        known_at=seconds_of(row.known_at for row in rows),
        pnl=np.array([float(row.pnl) for row in rows], dtype=np.float64),
        r=numbers_of(row.r for row in rows),
        result=np.array([row.result for row in rows], dtype=np.int64),
        week=weeks_of(opened),
        groups=groups,
        words=words,
        features=features_of([row.features for row in rows]),
    )


def coded(texts: Sequence[str]) -> tuple[Ints, tuple[str, ...]]:
    """Codes of the words in order of the alphabet; -1 for ""."""
    known = tuple(sorted(set(texts) - {""}))
    place = {"": -1} | {word: number for number, word in enumerate(known)}
    return np.array([place[text] for text in texts], dtype=np.int64), known


QUOTES = frozenset({"bid", "ask"})


def features_of(rows: Sequence[Mapping[str, float]]) -> dict[str, Floats]:
    """A column for each name that any row has, NaN where a row has none. Quotes are for what fills cost: the price of a
    share says nothing of a trade."""
    names = sorted({name for row in rows for name in row} - QUOTES)
    return {name: numbers_of(row.get(name) for row in rows) for name in names}


def numbers_of(values: Iterable[float | None]) -> Floats:
    # What is None becomes NaN.
    return np.array(list(values), dtype=np.float64)


def seconds_of(moments: Iterable[datetime]) -> Ints:
    return np.array([second_of(one) for one in moments], dtype=np.int64)


def data_version(rows: Iterable[Row]) -> str:
    """Of these facts in their order: the same only where all that can be read is the same."""
    told = blake2b(digest_size=16)
    for row in rows:
        told.update(f"{row.id}:{row.known_at.astimezone(UTC).isoformat()}:{row.digest};".encode())
    return told.hexdigest()


def late_features(workspace_id: int, as_of: datetime) -> dict[str, int]:
    """Features that were stated as of a moment after the opening, and of how many trades: what they say leaks the
    future, so nothing reads it."""
    late = _late(workspace_id, as_of)
    return {name: count for name, count in late.items() if not name.startswith(TAG)}


def late_tags(workspace_id: int, as_of: datetime) -> list[str]:
    """Columns of tags ("tag:fomo") that were put on any trade after its end: to be looked at, and never a claim, for
    whoever put them there knew how it had gone."""
    return [name for name in _late(workspace_id, as_of) if name.startswith(TAG)]


def _late(workspace_id: int, as_of: datetime) -> dict[str, int]:
    return dict(
        fetch(
            "SELECT name, count(*) FROM learning_tradefact, unnest(late) AS name "
            "WHERE workspace_id = %s AND known_at <= %s GROUP BY 1 ORDER BY 1",
            [workspace_id, as_of],
        )
    )
