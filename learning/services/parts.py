"""The parts of the book that a trade belongs to, and the figures of one of them while its trades go by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from learning.domain.metrics.running import STATE_VERSION, Running
from learning.domain.seconds import DAY, second_of
from learning.domain.trades import weeks_of
from learning.models import MetricState, Part, TradeFact

# Figures that were counted by other rules than these are counted anew.
FORMULAS = f"{STATE_VERSION}.3"
# Figures can be counted again from a checkpoint that is no farther back than this (a few milliseconds of sums), or
# than the points are apart.
CHECKPOINT = 500
_VERSIONS = 1 << 128
_EVERY_UNTIL = 1_000


class PartKey(NamedTuple):
    part: str
    key: str
    currency: str


class Moment(NamedTuple):
    """Where a trade stands in the order in which trades became known."""

    known_at: datetime
    id: int


class Known(NamedTuple):
    """What measuring needs of a fact."""

    id: int
    account_id: int
    currency: str
    opened_at: datetime
    closed_at: datetime
    known_at: datetime
    pnl: Any
    r: float | None
    result: int
    symbol: str
    strategy: str
    bot: str
    version: str
    tags: list[str]
    digest: str

    @classmethod
    def of(cls, fact: TradeFact) -> Known:
        return cls._make(getattr(fact, name) for name in cls._fields)

    @property
    def moment(self) -> Moment:
        return Moment(self.known_at, self.id)

    @property
    def counted(self) -> tuple[Any, ...]:
        """All of it that figures depend on."""
        return (
            self.known_at, self.id, self.pnl, self.r, self.result, self.opened_at, self.closed_at,
        )  # fmt: skip

    @property
    def hashed(self) -> int:
        """Its share of the data version of the parts that it is in."""
        told = blake2b(f"{self.id}:{self.digest}".encode(), digest_size=16)
        return int.from_bytes(told.digest())

    def parts(self) -> Iterator[PartKey]:
        yield PartKey(Part.ALL, "", self.currency)
        yield PartKey(Part.ACCOUNT, str(self.account_id), self.currency)
        for part in (Part.STRATEGY, Part.SYMBOL, Part.BOT, Part.VERSION):
            key = getattr(self, part.value)
            if key:
                yield PartKey(part, key, self.currency)
        for tag in self.tags:
            yield PartKey(Part.TAG, tag, self.currency)


def keeps_point(n: int) -> bool:
    """Each of the first thousand closes, then every tenth, beyond ten thousand every hundredth …: a series of any
    length stays a few thousand points, and the latest figures are always in the state."""
    step = 1
    while n > _EVERY_UNTIL * step:
        step *= 10
    return n % step == 0


class Told(NamedTuple):
    """A point to be written."""

    n: int
    trade: Known
    values: dict[str, float]
    checkpoint: bytes | None


@dataclass(slots=True)
class Progress:
    """The running figures of a part after its `n`th trade, which was at `last`.

    Points are told from `since` on, those before it being right as they are; `before` is how many trades those are of.
    `version` is the sum of those of all its trades: the same where they are, and quickly changed where one is.
    """

    key: PartKey
    n: int = 0
    last: Moment | None = None
    running: Running = field(default_factory=Running)
    version: int = 0
    since: Moment | None = None
    before: int = 0
    points: list[Told] = field(default_factory=list)

    @classmethod
    def from_state(cls, key: PartKey, state: MetricState) -> Progress:
        last = Moment(state.last_at, state.last_id)
        return cls(key, state.n, last, Running.from_bytes(bytes(state.state)), before=state.n)

    def add(self, trade: Known) -> None:
        opened, closed = second_of(trade.opened_at), second_of(trade.closed_at)
        self.running.add(
            pnl=float(trade.pnl),
            r=trade.r,
            result=trade.result,
            week=weeks_of(opened),
            days=(closed - opened) / DAY,
        )
        self.n += 1
        self.last = trade.moment
        if self.since is not None and self.last < self.since:
            self.before = self.n
        elif keeps_point(self.n):
            state = self.running.as_bytes() if self.n % CHECKPOINT == 0 else None
            self.points.append(Told(self.n, trade, self.running.values(), state))

    @property
    def data_version(self) -> str:
        return f"{self.version % _VERSIONS:032x}"


def account_of(key: PartKey) -> int | None:
    return int(key.key) if key.part == Part.ACCOUNT else None
