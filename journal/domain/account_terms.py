"""How an account counts, by what its statements say of it: the same answer in whatever order they came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from journal.domain.values import LotMethod

# What a person may choose instead, by the names that accounts have for it.
CHOOSABLE = frozenset({"is_hedging", "lot_method", "zone"})
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
# Of two that say otherwise at the same moment, the one further to the right: it was hardly said by mistake.
_METHODS = (
    LotMethod.FIFO,
    LotMethod.LIFO,
    LotMethod.HIFO,
    LotMethod.AVERAGE,
    LotMethod.BROKER,
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a statement says; None and "" where it does not.

    `stated_at` is aware, and None for a statement that does not say when it was made. `zone` is that of the trading
    day.
    """

    stated_at: datetime | None = None
    is_hedging: bool | None = None
    lot_method: LotMethod | None = None
    zone: str = ""

    @property
    def values(self) -> dict[str, bool | str]:
        """Those that are said, by the names that accounts have for them."""
        said = {
            "is_hedging": self.is_hedging,
            "lot_method": None if self.lot_method is None else self.lot_method.value,
            "zone": self.zone or None,
        }
        return {name: value for name, value in said.items() if value is not None}

    @property
    def moment(self) -> datetime:
        """One that does not say when it was made is older than all that do: when it came must not matter."""
        return self.stated_at or _LONG_AGO


def settle_terms(said: Iterable[Terms]) -> Terms:
    """Each by itself. The latest statement wins; at the same moment netting does, which is never guessed, and the more
    particular lot method.

    Of zones the earliest wins, then the first by name: an entry that somebody makes on a journey moves no days.
    """
    words = list(said)
    netting = [(one.moment, not one.is_hedging) for one in words if one.is_hedging is not None]
    methods = [
        (one.moment, _METHODS.index(one.lot_method)) for one in words if one.lot_method is not None
    ]
    zones = [(one.moment, one.zone) for one in words if one.zone]
    return Terms(
        is_hedging=not max(netting)[1] if netting else None,
        lot_method=_METHODS[max(methods)[1]] if methods else None,
        zone=min(zones)[1] if zones else "",
    )
