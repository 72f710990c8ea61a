"""What is wrong with a row, and what is worth saying once about a file."""

from __future__ import annotations

from journal.brokers.base import UnreadableStatement
from journal.brokers.text.notices import Notices
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
    "contract_size_assumed": "The report does not say what one lot of {subject} is, and the profits in it are "
    "too small to be sure. Check the instrument's multiplier.",
    "quoted_in_points": "{subject} is not quoted in the account's currency, and the report does not say in "
    "which. It is booked in points, at the profit that each deal states.",
    "position_guessed": "It is not said which position {rows} closed, and several could be meant. The one "
    "whose profit fits best was taken.",
    "profit_without_price": "The profit of {rows} does not follow from the prices. The book has what the "
    "prices make of it; the stated profit is kept with the row.",
    "base_currency_derived": "The base currency is not stated; {subject} follows from the deals' profits. Add "
    "the account's information to the file to be sure.",
    "unknown_cash_type": "The cash type “{subject}” is new to this version and booked as “other” ({rows}).",
    "zone_unchecked": "No price moved while these deals were read (the market is closed), so the server's "
    "clock could not be compared with the zone {subject}. It is as soon as prices move.",
    "zero_quantity": "A quantity of 0 is kept and not booked ({rows}).",
    "more_notices": "{count} more remarks of other kinds were left out.",
}
_SEVERITIES = {
    "contract_size_assumed": Severity.WARNING,
    "position_guessed": Severity.WARNING,
    "profit_without_price": Severity.WARNING,
}


def new_notices() -> Notices:
    return Notices(SENTENCES, _SEVERITIES)


def no_currency() -> UnreadableStatement:
    return UnreadableStatement(
        "no_account_currency",
        "The file does not say in which currency the account is, and its deals do not tell. Nothing was imported. "
        'Write the account beside the deals: {"account": mt5.account_info()._asdict(), "deals": […]}.',
    )
