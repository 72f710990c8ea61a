"""What is worth saying once about a file of tastytrade: the sentences for `text.notices.Notices`."""

from __future__ import annotations

from journal.domain.values import Severity

_EXPLAINED = "The rows are kept with the file"

SENTENCES = {
    "unknown_transaction": "Transactions of the kind “{subject}” are new to this version and not booked ({rows}). "
    + _EXPLAINED + "; if they moved a position, add the fills by hand.",
    "unknown_cash_type": "The cash type “{subject}” is new to this version and booked as “other” ({rows}).",
    "unknown_asset_class": "The asset category “{subject}” is new to this version and booked as “other” ({rows}).",
    "direction_unknown": "The file does not say whether what expired was held long or short ({rows}), and has no "
    "earlier row of the contract. The book closes what is open then: import the files of the time before.",
    "price_contradicts_money": "Quantity times price is not the money that the row states; the price is computed from "
    "the money ({rows}). The price as stated is kept with the row.",
    "net_value_differs": "The total that a row states is not its value less its commission and fees ({rows}). Value "
    "and fees are booked as stated.",
    "futures_multiplier_unknown": "The money per point of {subject} is not known to this version and the file does not "
    "state it, so 1 is used, which makes its amounts too small ({rows}). Correct the instrument's multiplier.",
    "zero_quantity": "A quantity of 0 is kept and not booked ({rows}).",
    "pair_incomplete": "One of the two rows of a {subject} is missing ({rows}), so the profit of what it moved is "
    "unknown. Export a longer period.",
    "pages_missing": "The answer has more pages: {subject} transactions are not in this file. Fetch the other pages "
    "(page-offset) and import them as well.",
    "more_notices": "{count} more remarks of other kinds were left out.",
}  # fmt: skip
SEVERITIES = dict.fromkeys(SENTENCES, Severity.WARNING) | {
    "unknown_cash_type": Severity.INFO,
    "zero_quantity": Severity.INFO,
    "more_notices": Severity.INFO,
}
