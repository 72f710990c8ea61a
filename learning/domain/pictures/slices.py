"""The luck line of every part of the book: what the best and the worst of so many groups look like by luck alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np

from learning.domain.claims.luck import DRAWS, LuckLine, luck_lines
from learning.domain.claims.shuffles import whole_weeks
from learning.domain.trades import Ints, Trades

PARTS = ("account", "strategy", "symbol", "bot", "version", "structure", "close_reason", "source")
TAG = "tag"
_PREFIX = "tag:"


def slices(
    trades: Trades, rng: np.random.Generator, opened: Collection[str] = ()
) -> dict[str, Any]:
    """Per part, and for all tags together as `tag`: {word: [n, mean R, low, high]} of the groups with five trades and
    more, with how often luck shows as much.

    `opened` are the parts that people have looked at. Whoever looks at more charts finds more by luck, so the lines of
    these answer for all of them together; any other answers for itself.
    """
    own = trades.where(np.isfinite(trades.r))
    reports = _reports(own)
    orders = cache(lambda: whole_weeks(own.week, DRAWS, rng))
    seen = {part: reports[part] for part in sorted(opened) if part in reports}
    found = {}
    if seen:
        together = {name: codes for one in seen.values() for name, codes in one.items()}
        lines = luck_lines(own.r, together, own.week, rng, orders=orders)
        found = {part: _told(own, {n: lines[n] for n in seen[part] if n in lines}) for part in seen}
    for part in sorted(reports.keys() - seen.keys()):
        lines = luck_lines(own.r, reports[part], own.week, rng, orders=orders)
        found[part] = _told(own, lines)
    return {part: told for part, told in found.items() if told["groups"]}


def _reports(own: Trades) -> Mapping[str, dict[str, Ints]]:
    reports = {part: {part: own.groups[part]} for part in PARTS if part in own.groups}
    tags = {name: codes for name, codes in own.groups.items() if name.startswith(_PREFIX)}
    return {**reports, **({TAG: tags} if tags else {})}


def _told(own: Trades, lines: Mapping[str, LuckLine]) -> dict[str, Any]:
    return {
        "groups": {word: row for name, line in lines.items() for word, row in _rows(own, name, line)},
        "p_best": min((round(float(one.p_best), 4) for one in lines.values()), default=1.0),
        "p_worst": min((round(float(one.p_worst), 4) for one in lines.values()), default=1.0),
    }  # fmt: skip


def _rows(own: Trades, name: str, line: LuckLine) -> Iterator[tuple[str, list[float]]]:
    """Of a tag, the trades that have it: the others are not a group."""
    words = own.words[name]
    for place, code in enumerate(line.codes):
        word = words[int(code)]
        if name.startswith(_PREFIX):
            if word != "yes":
                continue
            word = name.removeprefix(_PREFIX)
        numbers = (line.means, line.low, line.high)
        yield word, [int(line.counts[place]), *(round(float(one[place]), 4) for one in numbers)]
