"""What is said of rows that were left out, and once of a file."""

from __future__ import annotations

from journal.brokers.text.notices import Notices
from journal.domain.values import Severity

_AGAIN = "Write the file again with json.dump, without leaving fields out."
REMEDIES = {
    "contract_unknown": "Add the exchange's markets to the file, as "
    '{"markets": exchange.load_markets(), "trades": […]}.',
    "bad_value": "Write the structures that ccxt gives as they are, and not the exchange's own answer.",
}
SENTENCES = {
    "fee_apart": "Fees were taken in two currencies at once. The second one ({subject}) is booked as a payment of its "
    "own beside the fill ({rows}).",
    "fee_not_stated": "The file does not say what fees were paid ({rows}). They count as nothing until another source "
    "states them.",
    "hedged_positions": "The account holds longs and shorts of one contract apart (hedge mode). It is booked so, "
    "unless somebody chose otherwise in its settings ({rows}).",
    "order_rows_booked": "The file states orders but no trades, so each order is booked as one fill at its average "
    "price ({rows}).",
    "unknown_cash_type": "Movements of the type “{subject}” are new to this version and booked as “other” ({rows}).",
    "unknown_fill_type": "Fills of the type “{subject}” are new to this version and booked as ordinary ones ({rows}). "
    "Check them.",
    "not_permitted": "The API key may not read {subject}, so they are not in the book. Give it the right to read the "
    "wallet.",
    "pending_movement": "Deposits or withdrawals are not finished, or have failed ({rows}). They are only kept.",
    "more_notices": "{count} more remarks of other kinds were left out.",
}
_SEVERITIES = {
    "fee_not_stated": Severity.WARNING,
    "not_permitted": Severity.WARNING,
    "unknown_fill_type": Severity.WARNING,
}


def remedy(code: str) -> str:
    return REMEDIES.get(code, _AGAIN)


def new_notices() -> Notices:
    return Notices(SENTENCES, _SEVERITIES)
