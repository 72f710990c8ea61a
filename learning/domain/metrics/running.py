"""Figures that follow the book: state that one more close changes, and that is kept between closes.

Every figure is the same as if it had been computed from all trades at once, up to the rounding of floats.
"""

from __future__ import annotations

import json
import math
import struct
import zlib
from dataclasses import fields
from itertools import chain
from typing import Any, Self

import numpy as np

from learning.domain.metrics.drawdowns import Path
from learning.domain.metrics.numbers import Moments
from learning.domain.metrics.series import Beyond, ReturnSums, Trend
from learning.domain.metrics.sharpe import Trials
from learning.domain.metrics.sums import Run, Side, TradeSums, Week
from learning.domain.metrics.time_space import time_figures
from learning.domain.metrics.trade_space import Figures, trade_figures
from learning.domain.trades import Floats

STATE_VERSION = 2
"""A state of another version is not read but built anew."""

_HEADER = struct.Struct("<I")
_WEEK_COLUMNS = 4


class Running(TradeSums):
    """Trade space. `Running.of(trades)` begins from a book, `add` follows it, `figures` tells."""

    __slots__ = ()

    def figures(self) -> Figures:
        """The same as `trade_metrics` of all trades that were added."""
        return trade_figures(self)

    def values(self) -> dict[str, float]:
        """Those of the figures that have a value, without intervals: a fraction of the work."""
        told = trade_figures(self, intervals=False)
        return {name: one.value for name, one in told.items() if one.value is not None}

    def as_bytes(self) -> bytes:
        """For binary columns, some 20 bytes a week: the sums as JSON, then weeks as columns of floats, compressed."""
        weeks = [_columns(self.money.weeks), _columns(self.r.weeks)]
        told = {"version": STATE_VERSION, **_plain(self), "weeks": [one.shape[1] for one in weeks]}
        header = json.dumps(told, separators=(",", ":"), allow_nan=False).encode()
        columns = b"".join(one.tobytes() for one in weeks)
        return zlib.compress(_HEADER.pack(len(header)) + header + columns, 1)

    @classmethod
    def from_bytes(cls, state: bytes) -> Self:
        """ValueError where the state is of another version: build it anew with `of`."""
        plain = zlib.decompress(state)
        (length,) = _HEADER.unpack_from(plain)
        begin = _HEADER.size + length
        told = _fields(json.loads(plain[_HEADER.size : begin]))
        columns = np.frombuffer(plain, "<f8", offset=begin)
        many = _WEEK_COLUMNS * told.pop("weeks")[0]
        for side, its in (("money", columns[:many]), ("r", columns[many:])):
            told[side] = _side(told[side], its.reshape(_WEEK_COLUMNS, -1))
        for run in ("winning", "losing"):
            told[run] = Run(**told[run])
        return cls(**told)


def _columns(weeks: dict[int, Week]) -> Floats:
    """Week, trades, gains, losses × weeks in their order."""
    numbers = np.fromiter(weeks, "<f8", len(weeks))
    sums = np.fromiter(chain.from_iterable(weeks.values()), "<f8", 3 * len(weeks)).reshape(-1, 3)
    return np.vstack([numbers, sums.T])[:, np.argsort(numbers)]


class RunningReturns(ReturnSums):
    """Time space, of daily or of weekly returns. All figures of `time_metrics` but those of quantiles."""

    __slots__ = ()

    def figures(
        self, *, per_year: float, risk_free: float = 0.0, trials: Trials | None = None
    ) -> Figures:
        return time_figures(self, per_year=per_year, risk_free=risk_free, trials=trials)

    def as_json(self) -> dict[str, Any]:
        return {"version": STATE_VERSION, **_plain(self)}

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """ValueError where the state is of another version: build it anew with `of`."""
        told = _fields(state)
        told["moments"] = Moments(**told["moments"])
        told["path"] = Path(**told["path"])
        told["trend"] = Trend(**told["trend"])
        for side in ("below", "above", "losing", "winning"):
            told[side] = Beyond(**told[side])
        return cls(**_extremes(told))


def _fields(state: dict[str, Any]) -> dict[str, Any]:
    if state.get("version") != STATE_VERSION:
        raise ValueError(f"state of version {state.get('version')}, and this reads {STATE_VERSION}")
    return {name: value for name, value in state.items() if name != "version"}


def _side(state: dict[str, Any], weeks: Floats) -> Side:
    told = _extremes(state)
    told["moments"] = Moments(**told["moments"])
    told["path"] = Path(**told["path"])
    numbers = weeks[0].astype(np.int64).tolist()
    told["weeks"] = dict(zip(numbers, weeks[1:].T.tolist(), strict=True))
    return Side(**told)


def _plain(value: Any) -> Any:
    """Dataclasses as objects without their weeks, and null for the best and worst of nothing."""
    if isinstance(value, float):
        return None if math.isinf(value) else value
    if isinstance(value, int):
        return value
    return {
        one.name: _plain(getattr(value, one.name)) for one in fields(value) if one.name != "weeks"
    }


def _extremes(state: dict[str, Any]) -> dict[str, Any]:
    best, worst = state["best"], state["worst"]
    return {
        **state,
        "best": -math.inf if best is None else best,
        "worst": math.inf if worst is None else worst,
    }
