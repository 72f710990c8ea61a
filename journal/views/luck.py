"""A slot beside breakdowns: where the best and the worst of so many groups lie by luck alone, told by an app above."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LuckLine:
    """Of one group of a breakdown, over all time: its trades with R, their mean R, and the luck line around it. `text`
    and `line` are mean and line as text."""

    trades: int
    text: str
    line: str
    stands_out: bool


Reader = Callable[[str], Mapping[str, LuckLine]]
_readers: list[Reader] = []


def offer_luck(reader: Reader) -> None:
    """`reader` gives the lines of a breakdown of the open workspace ("source") by group; none where none is known.
    Called once, when the app that has them is ready."""
    if reader not in _readers:
        _readers.append(reader)


def luck_lines(breakdown: str) -> dict[str, LuckLine]:
    return {group: line for reader in _readers for group, line in reader(breakdown).items()}
