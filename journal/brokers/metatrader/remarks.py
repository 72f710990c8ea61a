"""What is wrong with a row, and what is worth saying once about a file."""

from __future__ import annotations

from collections.abc import Iterator

from journal.brokers.base import ProblemRow, UnreadableStatement
from journal.brokers.text.faults import BadValue, Missing
from journal.domain.values import Severity

REMEDIES = {
    "bad_number": "Export the report again; if the number is still there, add the execution by hand.",
    "bad_date": "Export the report again; if the date is still there, add the execution by hand.",
    "ambiguous_date": "Say whether days or months come first when you import.",
    "no_date": "Export the report again; if the date is still missing, add the execution by hand.",
    "no_quantity": "Export the report again; if the volume is still missing, add the execution by hand.",
    "no_price": "Export the report again; if the price is still missing, add the execution by hand.",
    "no_amount": "Export the report again; if the amount is still missing, add the movement by hand.",
    "bad_value": "Export the report again; if the value is still there, add the execution by hand.",
    "no_symbol": "Export the report again; if the symbol is still missing, add the execution by hand.",
    "no_direction": "Set the terminal to English and export the report again.",
    "contract_unknown": "Import the history again once a position of this symbol was closed, or import the deals as "
    "JSON with what symbol_info says of it.",
}
SENTENCES = {
    "contract_size_assumed": (
        Severity.WARNING,
        (
            "The report does not say what one lot of {subject} is, and the profits in it are too small to be sure. "
            "Check the instrument's multiplier."
        ),
    ),
    "quoted_in_points": (
        Severity.INFO,
        (
            "{subject} is not quoted in the account's currency, and the report does not say in which. It is booked in "
            "points, at the profit that each deal states."
        ),
    ),
    "position_guessed": (
        Severity.WARNING,
        (
            "It is not said which position {rows} closed, and several could be meant. The one whose profit fits "
            "best was taken."
        ),
    ),
    "profit_without_price": (
        Severity.WARNING,
        (
            "The profit of {rows} does not follow from the prices. The book has what the prices make of it; the stated "
            "profit is kept with the row."
        ),
    ),
    "base_currency_derived": (
        Severity.INFO,
        (
            "The base currency is not stated; {subject} follows from the deals' profits. Add the account's information "
            "to the file to be sure."
        ),
    ),
    "unknown_cash_type": (
        Severity.INFO,
        "The cash type “{subject}” is new to this version and booked as “other” ({rows}).",
    ),
    "zone_unchecked": (
        Severity.INFO,
        (
            "No price moved while these deals were read (the market is closed), so the server's clock could not be "
            "compared with the zone {subject}. It is as soon as prices move."
        ),
    ),
    "zero_quantity": (Severity.INFO, "A quantity of 0 is kept and not booked ({rows})."),
}


class Remarks:
    """One ProblemRow per code and subject, with the number of rows that it is about."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str], tuple[int, int]] = {}

    def add(self, row: int, code: str, subject: str = "") -> None:
        first, count = self._said.get((code, subject[:80]), (row, 0))
        self._said[(code, subject[:80])] = first, count + 1

    def tell(self, account_id: str) -> Iterator[ProblemRow]:
        for (code, subject), (first, count) in self._said.items():
            severity, sentence = SENTENCES[code]
            rows = "1 row" if count == 1 else f"{count} rows"
            said = sentence.format(subject=subject, rows=rows)
            yield ProblemRow(
                first, account_id, severity, code, f"{said} First seen in row {first}.", {}
            )


def left_out(
    row: int, account_id: str, what: str, fault: BadValue | Missing, raw: dict[str, str]
) -> ProblemRow:
    """The row that could not be read: what is wrong, where, and what helps."""
    trouble = fault.lack if isinstance(fault, Missing) else fault.trouble_in(raw)
    sentence = f"Row {row} ({what}) was left out: {trouble}. {REMEDIES[fault.code]} The other rows are not affected."
    return ProblemRow(row, account_id, Severity.ERROR, fault.code, sentence, raw)


def no_currency() -> UnreadableStatement:
    return UnreadableStatement(
        "no_account_currency",
        "The file does not say in which currency the account is, and its deals do not tell. Nothing was imported. "
        'Write the account beside the deals: {"account": mt5.account_info()._asdict(), "deals": […]}.',
    )
