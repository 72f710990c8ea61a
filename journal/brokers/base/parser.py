"""What reads a file: its protocol, what it is told, and what it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol, runtime_checkable

from journal.brokers.base.dealing import ClosedLotRow, ExecutionRow, OrderRow
from journal.brokers.base.holdings import (
    CorporateActionRow,
    OptionEventRow,
    PositionRow,
    TransferRow,
)
from journal.brokers.base.money import CashBalanceRow, CashRow, ConversionRateRow, NavRow
from journal.brokers.base.statements import OtherRow, ProblemRow, StatementInfo


class UnreadableStatement(Exception):
    """The whole file cannot be used. `code` is stable; the message says why and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class ParseOptions:
    """What the person decided before reading: the zone of times without an offset, per account or for all; and for
    tables that no reader knows what their columns are (`generic_table.mapping`, as JSON has it)."""

    zone: str | None = None
    zone_by_account: dict[str, str] = field(default_factory=dict)
    day_first: bool | None = None
    mapping: dict[str, Any] | None = None


Record = (
    StatementInfo
    | ExecutionRow
    | OrderRow
    | ClosedLotRow
    | CashRow
    | CorporateActionRow
    | OptionEventRow
    | TransferRow
    | PositionRow
    | ConversionRateRow
    | CashBalanceRow
    | NavRow
    | OtherRow
    | ProblemRow
)


@runtime_checkable
class StatementParser(Protocol):
    """Stateless: one instance may parse many files, also at the same time.

    One with `reads_apart` True is only ever run in a process of its own, however small the file: what reads it was not
    made for files that want to do harm.
    """

    slug: str
    broker: str  # the broker whose account numbers the file speaks of: "ibkr"
    label: str
    default_zone: str

    def recognises(self, head: bytes, name: str) -> bool:
        """Whether a file that starts with `head` (the first 64 KiB) is this parser's. By content, not by name."""
        ...

    def parse(self, stream: BinaryIO, options: ParseOptions) -> Iterator[Record]:
        """Records in file order, in memory that does not grow with the file.

        Raises UnreadableStatement at any time, also after records were already given.
        """
        ...
