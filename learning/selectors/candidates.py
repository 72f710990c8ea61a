"""Proposals as columns, with what became of each, as it was known at some moment.

A proposal is a row whether or not it was followed: what was ignored, and what was only logged in the shadow, has an
outcome too. Where nobody told what its plan came to, and it was followed, the trade is its outcome.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from math import ceil
from typing import NamedTuple

import numpy as np
import orjson

from common.sql import fetch
from journal.brokers.capture.outcomes import MarkQuality
from journal.domain.exact import divide
from journal.domain.standing import Standing
from journal.models import Pool
from learning.domain.entry import Stated, stated_at_entry
from learning.domain.parameters.candidates import NEVER, Candidates, Fate, Mark, in_order
from learning.domain.seconds import day_of, moment_of, second_of
from learning.domain.trades import Ints, weeks_of
from learning.selectors.facts import (
    coded,
    features_of,
    numbers_of,
)

_FATES: Mapping[str | None, Fate] = {
    Standing.EXECUTED: Fate.EXECUTED,
    Standing.IGNORED: Fate.IGNORED,
    Standing.REJECTED: Fate.IGNORED,
    Standing.EXPIRED: Fate.EXPIRED,
}
_MARKS: Mapping[str, Mark] = {
    MarkQuality.BROKER_FILL: Mark.BROKER_FILL,
    MarkQuality.INTRADAY_QUOTE: Mark.QUOTE,
    MarkQuality.EOD_MID: Mark.CLOSE_MID,
    MarkQuality.THEORETICAL: Mark.THEORETICAL,
}
# What was told by then; what was proposed before the workspace was there is its history. Of outcomes the newest that
# was told by then: one that was told of later than it was known is known from then on, but for proposals of the
# history. So it is with decisions: a rule that ran late says when it held, and of days before the workspace was there
# nothing but its log tells. Of trades the first that followed, once it was known. Moments are seconds, rounded up.
_PROPOSALS = """
WITH own AS MATERIALIZED (
    SELECT r.*, w.created_at AS since FROM journal_recommendation r JOIN accounts_workspace w ON w.id = r.workspace_id
    JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL
    WHERE r.workspace_id = %(workspace)s AND r.recommended_at <= %(as_of)s
        AND (r.received_at <= %(as_of)s OR r.recommended_at < w.created_at)
        AND (%(accounts)s::bigint[] IS NULL OR r.account_id = ANY(%(accounts)s))
        AND (%(since)s::timestamptz IS NULL OR r.recommended_at >= %(since)s OR r.id = ANY(%(beside)s))
), ended AS (
    SELECT DISTINCT ON (own.id) own.id, o.r_multiple, o.result, o.mark_quality, o.closed_at,
        CASE WHEN own.received_at > o.known_at THEN o.known_at ELSE greatest(o.known_at, o.created_at) END AS known_at
    FROM own JOIN journal_recommendationoutcome o
        ON o.workspace_id = %(workspace)s AND o.record_id = own.record_id AND o.known_at <= %(as_of)s
        AND (o.created_at <= %(as_of)s OR own.received_at > o.known_at)
    ORDER BY own.id, o.id DESC
), traded AS (
    SELECT DISTINCT ON (recommendation_id) recommendation_id, r, closed_at, known_at FROM learning_tradefact
    WHERE workspace_id = %(workspace)s AND recommendation_id <> '' AND known_at <= %(as_of)s
    ORDER BY recommendation_id, opened_at, id
), decided AS (
    SELECT DISTINCT ON (own.id) own.id, d.verdict, d.decided_at FROM own JOIN journal_decision d
        ON d.workspace_id = %(workspace)s AND d.record_id = own.record_id AND d.decided_at <= %(as_of)s
        AND (d.created_at <= %(as_of)s OR own.received_at > d.decided_at OR %(as_of)s < own.since)
    ORDER BY own.id, d.id DESC
)
SELECT own.id, extract(epoch FROM own.recommended_at)::float8, own.pool, own.symbol,
    own.strategy, own.scanner, own.scanner_version,
    CASE WHEN jsonb_typeof(own.parameters -> 'version') IN ('string', 'number')
        THEN trim(own.parameters ->> 'version') ELSE '' END,
    own.features::text, CASE WHEN own.legs <> '[]' THEN own.legs::text ELSE '' END, own.probability::float8,
    own.expected_loss, ended.id IS NOT NULL, ended.r_multiple::float8, ended.result, ended.mark_quality,
    ceil(extract(epoch FROM ended.closed_at))::bigint, ceil(extract(epoch FROM ended.known_at))::bigint,
    traded.r, ceil(extract(epoch FROM traded.closed_at))::bigint, ceil(extract(epoch FROM traded.known_at))::bigint,
    decided.verdict, ceil(extract(epoch FROM decided.decided_at))::bigint
FROM own LEFT JOIN ended ON ended.id = own.id LEFT JOIN traded ON traded.recommendation_id = own.record_id
LEFT JOIN decided ON decided.id = own.id ORDER BY own.recommended_at, own.id
"""


class Proposal(NamedTuple):
    """As the database tells it, moments in seconds; None where there is no outcome, trade or decision."""

    id: int
    moment: float
    pool: str
    symbol: str
    strategy: str
    scanner: str
    scanner_version: str
    version: str
    features: str
    legs: str
    probability: float | None
    expected_loss: Decimal | None
    has_outcome: bool
    r_multiple: float | None
    result: Decimal | None
    mark: str | None
    closed: int | None
    known_at: int | None
    traded_r: float | None
    traded_closed: int | None
    traded_known: int | None
    verdict: str | None
    decided_at: int | None


class Ending(NamedTuple):
    """What a plan came to; NEVER and NaN where nobody knows."""

    closed: int = NEVER
    known_at: int = NEVER
    r: float = float("nan")
    slippage: float = 0.0
    mark: Mark = Mark.UNKNOWN


class Since(NamedTuple):
    """Those proposed since a moment, and those `beside` them, by their keys."""

    moment: datetime
    beside: Collection[int] = ()


class Known(NamedTuple):
    """`late`: features that were stated as of a moment after their proposal, and of how many: nothing reads them."""

    candidates: Candidates
    late: dict[str, int]


def candidates_as_of(
    workspace_id: int,
    as_of: datetime,
    *,
    account_ids: Collection[int] | None = None,
    slippage: float = 0.0,
) -> Candidates:
    """In the order of their moments. `slippage` in R is taken off outcomes that no broker filled: what this trader's
    fills usually cost beside the price that was hoped for."""
    return known_as_of(workspace_id, as_of, account_ids=account_ids, slippage=slippage).candidates


def leaking_features(workspace_id: int, as_of: datetime) -> dict[str, int]:
    return known_as_of(workspace_id, as_of).late


def known_as_of(
    workspace_id: int,
    as_of: datetime,
    *,
    account_ids: Collection[int] | None = None,
    slippage: float = 0.0,
    since: Since | None = None,
) -> Known:
    asked = {
        "workspace": workspace_id,
        "as_of": as_of,
        "accounts": None if account_ids is None else list(account_ids),
        "since": None if since is None else since.moment,
        "beside": [] if since is None else list(since.beside),
    }
    rows = [Proposal._make(row) for row in fetch(_PROPOSALS, asked)]
    stated = [_stated(one) for one in rows]
    late: dict[str, int] = {}
    for one in stated:
        for name in one.late:
            late[name] = late.get(name, 0) + 1
    found = _columns(rows, stated, slippage)
    return Known(in_order(found).known_by(second_of(as_of)), dict(sorted(late.items())))


def _columns(rows: Sequence[Proposal], stated: Sequence[Stated], slippage: float) -> Candidates:
    endings = [_ending(one, slippage) for one in rows]
    opened = _ints([ceil(one.moment) for one in rows])
    r_plan = numbers_of(one.r for one in endings)
    groups, words = _groups(rows, stated)
    return Candidates(
        key=_ints([one.id for one in rows]),
        opened=opened,
        closed=_ints([one.closed for one in endings]),
        known_at=_ints([one.known_at for one in endings]),
        week=weeks_of(opened),
        r_plan=r_plan,
        result=np.where(np.isnan(r_plan), 0, np.sign(r_plan)).astype(np.int64),
        slippage=numbers_of(one.slippage for one in endings),
        r_actual=numbers_of(one.traded_r for one in rows),
        actual_at=_ints([NEVER if one.traded_known is None else one.traded_known for one in rows]),
        fate=_ints([_FATES.get(one.verdict, Fate.PENDING) for one in rows]),
        decided_at=_ints([_decided(one) for one in rows]),
        shadow=np.array([one.pool == Pool.SHADOW for one in rows], dtype=np.bool_),
        mark=_ints([one.mark for one in endings]),
        groups=groups,
        words=words,
        features=features_of([_numbers(*pair) for pair in zip(rows, stated, strict=True)]),
    )


def _stated(one: Proposal) -> Stated:
    return stated_at_entry(orjson.loads(one.features), moment_of(one.moment))


def _ending(one: Proposal, slippage: float) -> Ending:
    if one.has_outcome and one.known_at is not None and (r := _multiple(one)) is not None:
        mark = _MARKS.get(one.mark or "", Mark.THEORETICAL)
        off = 0.0 if mark is Mark.BROKER_FILL else slippage
        closed = one.known_at if one.closed is None else one.closed
        return Ending(closed, one.known_at, r - off, off, mark)
    if one.traded_r is not None and one.traded_closed is not None and one.traded_known is not None:
        return Ending(one.traded_closed, one.traded_known, one.traded_r, 0.0, Mark.ITS_TRADE)
    return Ending()


def _multiple(one: Proposal) -> float | None:
    """In R; money is counted in what the proposal said that it could lose."""
    if one.r_multiple is not None:
        return one.r_multiple
    if one.result is None or not one.expected_loss:
        return None
    return float(divide(one.result, abs(one.expected_loss)))


def _groups(
    rows: Sequence[Proposal], stated: Sequence[Stated]
) -> tuple[dict[str, Ints], dict[str, tuple[str, ...]]]:
    groups: dict[str, Ints] = {}
    words: dict[str, tuple[str, ...]] = {}
    for name in ("symbol", "strategy", "scanner", "scanner_version", "version"):
        groups[name], words[name] = coded([getattr(one, name) for one in rows])
    for label in sorted({name for one in stated for name in one.words}):
        column = coded([one.words.get(label, "") for one in stated])
        groups[f"label:{label}"], words[f"label:{label}"] = column
    return groups, words


def _numbers(one: Proposal, stated: Stated) -> Mapping[str, float]:
    if one.probability is None and not one.legs:
        return stated.numbers
    numbers: dict[str, float] = {}
    if one.probability is not None:
        numbers["probability"] = one.probability
    ends = [leg["expiry_on"] for leg in orjson.loads(one.legs or "[]") if leg.get("expiry_on")]
    if ends:
        made_on = day_of(one.moment)
        numbers["dte"] = float((min(map(date.fromisoformat, ends)) - made_on).days)
    return {**numbers, **stated.numbers}


def _decided(one: Proposal) -> int:
    return NEVER if one.decided_at is None or one.verdict not in _FATES else one.decided_at


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)
