"""What readers of sheets say to people: why a row was left out and what helps, and what is said once of a file."""

from __future__ import annotations

from journal.brokers.text.notices import Notices
from journal.domain.values import Severity

_AGAIN = (
    "Download the file again, and upload it as it is: a spreadsheet that saves it may change it."
)
LACKS = {
    "no_date": "it states no date",
    "no_quantity": "it states no quantity",
    "no_price": "it states no price, and no amount to compute it from",
    "no_amount": "it states no amount",
    "no_symbol": "it names no instrument",
    "no_currency": "it names no currency",
    "no_direction": "it does not say whether it is a purchase or a sale",
    "row_short": "it ends before its last column",
    "row_cut": "the file ends in the middle of it",
    "balance_contradicts": "its amount has another sign than the balances beside it say",
    "no_counterpart": "the other half of this trade is not in the file",
    "no_fill": "the fills of this trade are not in the file",
}
REMEDIES = {
    "bad_number": _AGAIN,
    "bad_value": _AGAIN,
    "bad_date": _AGAIN,
    "ambiguous_date": "Say whether days or months come first when you import.",
    "row_short": _AGAIN,
    "row_cut": "The download was not complete: download the file again, and import it as well.",
    "balance_contradicts": _AGAIN,
    "no_counterpart": "Export a period that holds all of that day.",
    "contract_unknown": "Import the file again once a position of this symbol was closed at a profit or a loss.",
    "no_fill": "Export the statement with all its parts shown, and a period that holds all of that day.",
    "no_multiplier": "Import the export of the same trades that states profits (Performance, Trades), which tells; "
    "or add the fills by hand with what a point is worth.",
    "repeated_id": "If several fills share this number, it is that of their order: say so in the mapping.",
    "point_value_missing": "Add it to the mapping, or choose a column with the multiplier.",
    "exit_before_entry": "See whether the columns of entry and exit were chosen the right way round.",
    "no_contract": "Choose the columns with expiry, strike and right, or add the execution by hand.",
}
_ANY_REMEDY = f"{_AGAIN} If it is still like this, add the execution by hand."

SENTENCES = {
    "unknown_row_type": "Rows of the type “{subject}” are new to this version ({rows}). They are kept and not used.",
    "unknown_cash_type": "The cash type “{subject}” is new to this version and booked as “other” ({rows}).",
    "day_only": "The file states days without times. Fills are placed at the start of their day, in the order of "
    "the file ({rows}).",
    "price_from_money": "Quantity times price is not the money that the row states; the price is computed from the "
    "money ({rows}). The price as stated is kept with the row.",
    "price_of_total": "No price is stated; it is computed from the amount of the row ({rows}).",
    "coin_swap": "One coin was swapped for another. It is booked as a sale and a purchase at the value that the row "
    "states ({rows}).",
    "margin_price": "Positions with leverage or sold short state the money put in, not the market price. They are "
    "booked at that money per unit: profits are right, prices are not the market's ({rows}).",
    "fee_of_total": "No fees are stated; they are what the amount of a row differs by from quantity times price "
    "({rows}).",
    "currency_of_neighbour": "Rows that state no currency are booked in that of the rows of the same coin before "
    "them, else in that of the file's first row with one ({rows}).",
    "order_rows_booked": "The file states orders but no executions, so each order is booked as one fill at its "
    "average price ({rows}).",
    "price_converted": "Instruments in another currency are booked in the account's, at the money that moved per unit "
    "({rows}). The price as stated is kept with the row.",
    "cfd_without_trade": "Profits and swaps of CFD positions whose trades the file does not state are not booked "
    "({rows}). Import the workbook (XLSX) of a period in which the positions were closed.",
    "quoted_in_points": "{subject} is not quoted in the account's currency, and the file does not say in which. It is "
    "booked in points, at the profit that each position states.",
    "contract_size_assumed": "The file does not say what one lot of {subject} is, and the profits in it are too small "
    "to be sure. Check the instrument's multiplier.",
    "clock_elsewhere": "The business day of the statement starts at {subject}, so its clock is none of the USA's, "
    "and its times are read as those of New York. Choose the zone of the platform when you import ({rows}).",
    "multiplier_of_profits": "What a point of {subject} is worth follows from the profits that the file states "
    "({rows}). Check the instrument's multiplier.",
    "profit_without_price": "The profit of {rows} does not follow from the prices. The book has what the prices make "
    "of it; the stated profit is kept with the row.",
    "zero_quantity": "A quantity of 0 is kept and not booked ({rows}).",
    "zone_assumed": "Times state no zone and none was chosen: they are read as UTC ({rows}). Choose their zone.",
    "fee_rebate": "Fees with the sign of the others turned round are booked as rebates ({rows}).",
    "trade_open": "A trade without a price of its exit is booked as still open ({rows}).",
    "profit_differs": "The profit that a row states is not what its prices, quantity and fees make ({rows}). See "
    "whether the multiplier, the side and the columns of prices are right.",
    "class_not_mapped": "The mapping does not say what “{subject}” is, and it is booked as “other” ({rows}).",
    "more_notices": "{count} more remarks of other kinds were left out.",
}
SEVERITIES = {
    "clock_elsewhere": Severity.WARNING,
    "unknown_row_type": Severity.WARNING,
    "price_from_money": Severity.WARNING,
    "multiplier_of_profits": Severity.WARNING,
    "cfd_without_trade": Severity.WARNING,
    "contract_size_assumed": Severity.WARNING,
    "profit_without_price": Severity.WARNING,
    "zone_assumed": Severity.WARNING,
    "profit_differs": Severity.WARNING,
    "class_not_mapped": Severity.WARNING,
}


def remedy(code: str) -> str:
    return REMEDIES.get(code, _ANY_REMEDY)


def sheet_notices() -> Notices:
    return Notices(SENTENCES, SEVERITIES)
