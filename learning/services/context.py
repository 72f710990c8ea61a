"""What the steps of one run of the learner read: each thing once, when it is first asked for, as it was known then."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from accounts.models import Workspace
from learning.domain.execution import usual_slippage
from learning.domain.figures import Figure
from learning.domain.parameters.candidates import COLUMNS, Candidates
from learning.domain.returns import Returns
from learning.domain.seconds import second_within
from learning.domain.trades import Floats, Ints, Trades
from learning.selectors.adherence import (
    Decided,
    Filled,
    decided_as_of,
    filled_as_of,
    followed_as_of,
)
from learning.selectors.candidates import Known, known_as_of
from learning.selectors.close_words import close_words
from learning.selectors.facts import (
    Row,
    coded,
    columns_of,
    data_version,
    list_currencies,
    read_facts,
)
from learning.selectors.paths import TradePaths, paths_as_of
from learning.selectors.returns import read_returns
from learning.selectors.runs import counts_from
from learning.selectors.settings import zone_of
from learning.selectors.sizes import shares_risked


class Reads(StrEnum):
    """What a step may read, and what its `data_version` is therefore of."""

    TRADES = "trades"
    CANDIDATES = "candidates"
    RETURNS = "returns"
    PATHS = "paths"
    SIZES = "sizes"


class Context:
    """One workspace as of a moment, in whole seconds. Reads nothing that was not known then.

    `trades` are of all currencies, so only their R may be compared; `own_trades` are those of `currency`, in which most
    are, and their money may be added up.
    """

    def __init__(self, workspace_id: int, as_of: datetime) -> None:
        if as_of.tzinfo is None:
            raise ValueError("a moment without a zone")
        self.workspace_id = workspace_id
        self.as_of = as_of.astimezone(UTC).replace(microsecond=0)
        self._once: dict[str, Any] = {}

    @property
    def moment(self) -> int:
        """`as_of` in seconds since 1970."""
        return second_within(self.as_of)

    @cached_property
    def currency(self) -> str:
        """The one that most trades are in; without any, the workspace's."""
        if self.currencies:
            return self.currencies[0][0]
        return Workspace.objects.values_list("base_currency", flat=True).get(pk=self.workspace_id)

    @cached_property
    def currencies(self) -> list[tuple[str, int]]:
        """Of its trades, with how many are in each, the most first."""
        return list_currencies(self.workspace_id, self.as_of)

    @cached_property
    def zone(self) -> ZoneInfo:
        """In which its weeks begin."""
        return zone_of(self.workspace_id)

    @cached_property
    def rows(self) -> list[Row]:
        return read_facts(self.workspace_id, self.as_of)

    @cached_property
    def trades(self) -> Trades:
        return columns_of(self.rows)

    @cached_property
    def currency_codes(self) -> Ints | None:
        """That of the money of each of the trades; None where all are in one."""
        if len(self.currencies) <= 1:
            return None
        return coded([row.currency for row in self.rows])[0]

    @cached_property
    def own_trades(self) -> Trades:
        if len(self.currencies) <= 1:
            return self.trades
        return columns_of(read_facts(self.workspace_id, self.as_of, currency=self.currency))

    @cached_property
    def _known(self) -> Known:
        return known_as_of(self.workspace_id, self.as_of, slippage=self.slippage.value or 0.0)

    @property
    def candidates(self) -> Candidates:
        return self._known.candidates

    @property
    def late_of_candidates(self) -> dict[str, int]:
        """Features that were stated as of a moment after their proposal, and of how many: nothing reads them."""
        return self._known.late

    @property
    def counts_from(self) -> int | None:
        """Since when trades count fully, after a change for the worse that a run had found by then."""
        return counts_from(self.workspace_id, self.as_of)

    @cached_property
    def slippage(self) -> Figure:
        """What entry and exit of this trader usually cost together, in R; 0 where too few quotes are known."""
        return usual_slippage(self.filled.fills)

    @cached_property
    def decided(self) -> list[Decided]:
        """What was decided on the trades."""
        return decided_as_of(self.workspace_id, self.as_of)

    @cached_property
    def filled(self) -> Filled:
        """What their entries got."""
        return filled_as_of(self.workspace_id, self.as_of)

    @cached_property
    def followed(self) -> dict[int, int]:
        """Trade → key of the candidate that it followed."""
        return followed_as_of(self.workspace_id, self.as_of)

    @cached_property
    def close_words(self) -> dict[int, str]:
        """What orders that closed the trades of `currency` said, by trade."""
        ids = self.own_trades.key.tolist()
        return close_words(self.workspace_id, ids, self.as_of)

    @cached_property
    def returns(self) -> Returns:
        """Of the accounts in `currency` together."""
        return read_returns(self.workspace_id, self.as_of, currency=self.currency)

    @cached_property
    def paths(self) -> TradePaths:
        """Prices of the trades while they were open and after, where bars of them are kept."""
        return paths_as_of(self.workspace_id, self.as_of)

    @cached_property
    def shares_risked(self) -> Floats:
        """Of the newest trades: risk at entry over what the account was worth."""
        return shares_risked(self.workspace_id, self.rows, self.as_of)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What a step read before it computed, when it computes and applies: read once, so that both are of the same
        reading."""
        if name not in self._once:
            self._once[name] = make()
        return self._once[name]

    def data_version(self, reads: Collection[Reads]) -> str:
        """Of what is read: the same only where all of it is the same."""
        told = blake2b(digest_size=16)
        for one in sorted(reads):
            told.update(f"{one}:{self._versions(one)};".encode())
        return told.hexdigest()

    def _versions(self, one: Reads) -> str:
        versions: dict[Reads, Callable[[], str]] = {
            Reads.TRADES: lambda: self._trades_version,
            Reads.CANDIDATES: lambda: self._candidates_version,
            Reads.RETURNS: lambda: self._returns_version,
            Reads.PATHS: lambda: self.paths.version,
            Reads.SIZES: lambda: blake2b(self.shares_risked.tobytes(), digest_size=16).hexdigest(),
        }
        return versions[one]()

    @cached_property
    def _trades_version(self) -> str:
        return data_version(self.rows)

    @cached_property
    def _candidates_version(self) -> str:
        return version_of(self.candidates)

    @cached_property
    def _returns_version(self) -> str:
        found = self.returns
        told = blake2b(f"{found.per_year}:{found.reason}:{found.unknown}".encode(), digest_size=16)
        told.update(found.days.tobytes())
        told.update(found.values.tobytes())
        return told.hexdigest()


def version_of(candidates: Candidates) -> str:
    """Of all columns, groups with their words, not their codes, so that it does not depend on what else there is."""
    told = blake2b(digest_size=16)
    for name in COLUMNS:
        told.update(np.ascontiguousarray(getattr(candidates, name)).tobytes())
    for name in sorted(candidates.groups):
        told.update(f"{name}:{candidates.words[name]};".encode())
        told.update(candidates.groups[name].tobytes())
    for name in sorted(candidates.features):
        told.update(f"{name};".encode())
        told.update(candidates.features[name].tobytes())
    return told.hexdigest()
