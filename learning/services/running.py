"""Runs of the learner that anybody can do again: same moment, same data, same rules, same dice, same bytes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b, sha256
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone

from common.sql import fetch
from learning.models import LearningRun, RunKind

Compute = Callable[[np.random.Generator], Any]


class Drift(RuntimeError):
    """The same inputs gave other bytes: a clock, dice of its own, or data beyond `as_of` came into the computation."""


def canonical(value: Any) -> str:
    """JSON in one way only; raises ValueError where a number is not finite."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def hash_of(value: Any) -> str:
    return blake2b(canonical(value).encode(), digest_size=16).hexdigest()


def seed_of(workspace_id: int, kind: str, as_of: datetime, *more: object) -> int:
    """Of 63 bits, the same in every process: Python's own `hash` is salted."""
    told = "\x1f".join(map(str, (workspace_id, kind, as_of.timestamp(), *more)))
    return int.from_bytes(blake2b(told.encode(), digest_size=8).digest()) >> 1


def run(  # noqa: PLR0913 - all that a result depends on, and nothing else
    kind: RunKind,
    workspace_id: int,
    as_of: datetime,
    data_version: str,
    config: Mapping[str, Any],
    compute: Compute,
    *,
    account_id: int | None = None,
    seed: int | None = None,
) -> LearningRun:
    """What `compute` makes of its dice, kept; a run that is kept already is computed again and has to come out the
    same.

    Raises Drift where it does not, ValueError where a number of the result is not finite.
    """
    dice = (
        seed if seed is not None else seed_of(workspace_id, kind, as_of, account_id, data_version)
    )
    began = time.perf_counter()
    result = canonical(compute(np.random.default_rng(dice)))
    took = timedelta(seconds=time.perf_counter() - began)
    digest = sha256(result.encode()).hexdigest()
    of = {
        "workspace_id": workspace_id,
        "account_id": account_id,
        "kind": kind,
        "as_of": as_of,
        "data_version": data_version,
        "config_hash": hash_of(config),
        "seed": dice,
    }
    made = LearningRun(
        **of, config=dict(config), result=result, sha256=digest, made_at=timezone.now(), took=took
    )
    if _insert(made):
        return made
    kept = LearningRun.objects.get(**of)
    if kept.sha256 != digest:
        raise Drift(f"{kind} as of {as_of.isoformat()} gave other bytes than run {kept.pk}.")
    return kept


def _insert(made: LearningRun) -> bool:
    """Whether it is new, and kept now: in one statement, for it nearly always is."""
    fields = [one for one in LearningRun._meta.concrete_fields if not one.primary_key]
    values = [one.get_db_prep_save(getattr(made, one.attname), connection) for one in fields]
    columns = ", ".join(f'"{one.column}"' for one in fields)
    places = ", ".join(["%s"] * len(fields))
    rows = fetch(
        f"INSERT INTO learning_learningrun ({columns}) VALUES ({places}) "
        "ON CONFLICT ON CONSTRAINT learning_run_once DO NOTHING RETURNING id",
        values,
    )
    if rows:
        made.pk = rows[0][0]
        made._state.adding = False
    return bool(rows)


def read(kept: LearningRun) -> Any:
    return json.loads(kept.result)
