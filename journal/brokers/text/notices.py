"""What is worth saying once of a file: counted while reading, told at the end of the statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from journal.brokers.base import ProblemRow
from journal.domain.values import Severity

_KINDS_MAX = 200


@dataclass(slots=True)
class Notice:
    severity: Severity
    account_id: str
    first_row: int
    count: int = 0


class Notices:
    """One ProblemRow per account, code and subject, with the number of rows that it is about.

    `sentences` by code, with {subject}, {count} and {rows} ("1 row", "17 rows"); they include "more_notices".
    A code that `severities` leaves out is an INFO.
    """

    def __init__(self, sentences: Mapping[str, str], severities: Mapping[str, Severity]) -> None:
        self._sentences = sentences
        self._severities = severities
        self._notices: dict[tuple[str, str, str], Notice] = {}

    def add(
        self, account_id: str, row: int, code: str, subject: str = "", *, count: int = 1
    ) -> None:
        key = (account_id, code, subject[:80])
        notice = self._notices.get(key)
        if notice is None:
            if len(self._notices) >= _KINDS_MAX:
                key = (account_id, "more_notices", "")
            severity = self._severities.get(key[1], Severity.INFO)
            notice = self._notices.setdefault(key, Notice(severity, account_id, row))
        notice.count += count

    def tell(self) -> Iterator[ProblemRow]:
        notices, self._notices = self._notices, {}
        for (account_id, code, subject), notice in notices.items():
            rows = "1 row" if notice.count == 1 else f"{notice.count} rows"
            sentence = self._sentences[code].format(subject=subject, rows=rows, count=notice.count)
            yield ProblemRow(
                notice.first_row, account_id, notice.severity, code,
                f"{sentence} First seen in row {notice.first_row}.", {},
            )  # fmt: skip
