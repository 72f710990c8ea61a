"""One difference, as a comparison found it, and by which name it is known again."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from journal.domain.identity import digest
from reconciliation.domain.classes import STANDARDS, DivergenceClass, Severity


class Finding(NamedTuple):
    """`key` says what it is about, within the account: the same difference has the same key in every run.

    `expected` is what the book has, `actual` what the broker has, both in words and numbers as text. `instrument_id` is
    None where it is about none. `evidence` names the rows on both sides.
    """

    kind: DivergenceClass
    key: str
    instrument_id: int | None
    symbol: str
    expected: Mapping[str, str]
    actual: Mapping[str, str]
    evidence: tuple[str, ...] = ()
    severity: Severity | None = None

    @property
    def weight(self) -> Severity:
        return self.severity or STANDARDS[self.kind].severity

    def fingerprint(self, account_id: int) -> str:
        return digest("divergence", account_id, self.kind, self.key)


def figures(**values: Decimal | str | int | None) -> dict[str, str]:
    """Numbers as plain text, without what is not known."""
    return {
        name: format(value, "f") if isinstance(value, Decimal) else str(value)
        for name, value in values.items()
        if value is not None and value != ""
    }
