"""What is said of a statement and its rows: sentences, and what helps."""

from __future__ import annotations

from journal.brokers.base import ProblemRow, UnreadableStatement
from journal.brokers.text.safely import left_out
from journal.domain.values import Severity

_EXPORT = (
    "In Client Portal open Performance & Reports → Statements, choose the Activity statement in the format CSV, in "
    "English, and upload that file."
)
_AGAIN = "Export the statement again; if the row is the same, add it by hand."
REMEDIES = {
    "bad_number": _AGAIN,
    "bad_date": _AGAIN,
    "ambiguous_date": _AGAIN,
    "no_date": _AGAIN,
    "no_quantity": _AGAIN,
    "no_price": _AGAIN,
    "no_amount": _AGAIN,
    "no_symbol": _AGAIN,
    "unknown_layout": "Export the statement in English (in Client Portal: the language of the statement).",
}
SENTENCES = {
    "unknown_section": "The section {subject} is new to this version ({rows}). It is kept and not used.",
    "cash_section_unknown": "The section {subject} seems to state money that came or went, but its name is not known "
    "here, so it was not imported ({rows}). Export the statement in English.",
    "positions_unknown": "The columns of {subject} cannot be told apart, so it was not imported ({rows}). Export the "
    "statement in English.",
    "unknown_asset_class": "The asset category “{subject}” is new to this version and booked as “other” ({rows}).",
    "unknown_note": "The code “{subject}” is new to this version ({rows}). It is kept and changes nothing.",
    "unknown_level": "Rows of the kind “{subject}” are new to this version and not booked, because they may repeat "
    "other rows ({rows}).",
    "order_rows_booked": "The statement states orders without their single trades, so each is booked as one fill at "
    "its average price ({rows}). A Flex query states the single fills.",
    "order_differs": "The trades below the order for {subject} do not make its quantity ({rows}). The trades are "
    "booked. Export the statement again, or import the Flex query of that day.",
    "lot_sign": "Closed lots have the sign of the trade that closed them; they are read as what was closed ({rows}).",
    "time_missing": "A day but no time is stated; such fills are placed at midnight, in file order ({rows}).",
    "price_derived": "No price is stated; it is computed from the {subject} ({rows}).",
    "price_contradicts_money": "Quantity times price is not the money that the row states; the price is computed from "
    "the money ({rows}). The price as stated is kept with the row.",
    "multiplier_assumed": "The statement does not say how many units an option or a future stands for, and {subject} "
    "is used ({rows}). Include the section Financial Instrument Information.",
    "zero_quantity": "A quantity of 0 is kept and not booked ({rows}).",
    "unknown_action_type": "The corporate action “{subject}” is new to this version and must be looked at ({rows}).",
    "period_unknown": "The statement's period “{subject}” cannot be read, so positions and balances at its end have no "
    "day ({rows}).",
    "more_notices": "{count} more remarks of other kinds were left out.",
}
SEVERITIES = dict.fromkeys(
    (
        "cash_section_unknown", "positions_unknown", "unknown_asset_class", "unknown_level", "order_differs",
        "price_contradicts_money", "multiplier_assumed", "unknown_action_type",
    ),
    Severity.WARNING,
)  # fmt: skip


def not_activity() -> UnreadableStatement:
    return UnreadableStatement(
        "not_activity",
        "The file is a table, but not an activity statement of Interactive Brokers: no line begins with the name of a "
        f"section and Header or Data. Nothing was imported. {_EXPORT}",
    )


def problem(row: int, account: str, raw: dict[str, str], fault: Exception) -> ProblemRow:
    """A row that could not be understood: what, where, and what helps."""
    return left_out(row, account, raw, fault, REMEDIES.get)
