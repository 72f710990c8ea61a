"""What each kind of difference is called, what it means, and what a person does about it, in the trader's words."""

from __future__ import annotations

from typing import NamedTuple

from reconciliation.domain.classes import DivergenceClass as Kind


class Words(NamedTuple):
    """`says` is why the two sides differ, `do` what follows. Both are whole sentences."""

    name: str
    says: str
    do: str


WORDS: dict[Kind, Words] = {
    Kind.MISSING_IN_JOURNAL: Words(
        "Missing in the journal",
        "The broker holds or filled something that the book does not have.",
        "Import the statement or let the connection pull the days around it. What the broker tells as a fill is "
        "booked as external; give it a strategy afterwards.",
    ),
    Kind.PHANTOM: Words(
        "Not at the broker",
        "The book holds a position that two complete answers of the broker in a row do not show, and no closing fill "
        "was found.",
        "Look for the closing fill in a statement of these days. If there is none, propose an adjustment that takes "
        "the position out, with the reason.",
    ),
    Kind.QUANTITY: Words(
        "Quantity differs",
        "Both sides hold it, but not as much of it.",
        "Look for a missing fill, a split or a transfer first. Only what none of them explains is adjusted, with a "
        "reason; fills are never edited.",
    ),
    Kind.SIDE: Words(
        "Other direction",
        "The book is long where the broker is short, or the other way round.",
        "Check the position at the broker now. Nothing in this market is closed by the system until a person has "
        "decided which side is right.",
    ),
    Kind.PRICE: Words(
        "Price differs",
        "The same fill has another price at the broker than in the book.",
        "The broker's price is the fact; take it over. What was planned stays beside it and is shown as slippage.",
    ),
    Kind.PARTIAL_FILL: Words(
        "Filled in part",
        "The order was filled for less than was ordered, and the book has it whole.",
        "Book what was filled. The rest is shown as cancelled, or as still at work.",
    ),
    Kind.MANUAL_CLOSE: Words(
        "Closed by hand",
        "The position was closed at the broker itself, by none of the orders that the book knows.",
        "The close is booked with “closed by hand”. Write down why, while it is fresh.",
    ),
    Kind.STOP_TARGET_FILL: Words(
        "Stop or target was hit",
        "The broker closed it at the stop or the target, and the book did not have that fill yet.",
        "Nothing to decide: the exit is booked with its reason.",
    ),
    Kind.FORCED_CLOSE: Words(
        "Closed by the broker",
        "The broker closed it by force: margin, liquidation or deleveraging.",
        "The close is booked. Check margin and what is still open before anything else is traded.",
    ),
    Kind.SLTP_MODIFIED: Words(
        "Stop or target was moved",
        "Stop or target at the broker is another than the book has last.",
        "The move is added to the history of the stop. If it was widened against the plan, the trade says so.",
    ),
    Kind.PROTECTION_MISSING: Words(
        "No stop at the broker",
        "The plan asks for a stop, and none is at work at the broker.",
        "Place the stop at the broker now, or accept with the reason why this position goes without one.",
    ),
    Kind.DUPLICATE_FILL: Words(
        "Fill counted twice",
        "One fill is there twice, in words that differ, or once more than the broker has it.",
        "Compare both lines and take back the newer import if it repeats what was there already.",
    ),
    Kind.CANCEL_CORRECT: Words(
        "Taken back by the broker",
        "The broker cancelled or corrected a fill that the book still counts.",
        "Nothing to decide: the fill is reversed, and both lines stay as evidence.",
    ),
    Kind.OVERFILL: Words(
        "More filled than ordered",
        "The fills of this order come to more than was ordered.",
        "Check at the broker whether an order went out twice. What is too much is yours to keep or to close.",
    ),
    Kind.FEE: Words(
        "Fee differs",
        "What the broker charged for it is not what the book has.",
        "A small difference is taken over by rule once the day has settled. Look at larger ones: a fee may be "
        "counted twice, or be in another currency.",
    ),
    Kind.CASH_BALANCE: Words(
        "Cash differs",
        "The money that the broker states in this currency is not what the book comes to.",
        "Import the days in which it moved. What is left is a payment that nobody told of: say what it was "
        "(deposit, withdrawal, fee, dividend, interest, tax), and it is entered with the reason.",
    ),
    Kind.FX: Words(
        "Other exchange rate",
        "The broker converted the money of this fill at another rate than the book.",
        "The broker's rate is taken over and the figures are derived anew.",
    ),
    Kind.SPLIT: Words(
        "Split",
        "The quantities differ by a whole ratio at the same cost, as after a split.",
        "With the broker's own row the split is booked by rule. Without one, check the ratio and approve it.",
    ),
    Kind.CORPORATE_ACTION: Words(
        "Corporate action",
        "A merger, spin-off, change of symbol or the like is told by one side only.",
        "Import the statement that has it, look at the preview, and approve.",
    ),
    Kind.EXPIRY: Words(
        "Expired, exercised or assigned",
        "The option's day is over and the broker no longer has it, but the book still holds it.",
        "Import the statement of the day after. If the option expired worthless, approve that it ends at zero.",
    ),
    Kind.TRANSFER: Words(
        "Transferred",
        "The position came or went without a trade, as by a transfer between brokers.",
        "Book the transfer with the cost that the broker states, so that what it earns later is right.",
    ),
    Kind.GAP: Words(
        "Gap in the broker's history",
        "A stretch of the broker's history is missing, so nothing of that time can be called gone.",
        "Pull the stretch again, or import a statement that covers it.",
    ),
    Kind.STALE_FEED: Words(
        "Broker not heard",
        "No complete answer of the broker came in time. What it holds is unknown, and not nothing.",
        "Look at the connection: credentials, network, the bridge or the terminal. Until it is heard again, open "
        "positions may have changed.",
    ),
    Kind.TIMEZONE: Words(
        "Clock is off",
        "Many fills lie apart by the same number of minutes: one side reads its times in the wrong zone.",
        "Set the zone of the account's statements to what the broker writes, and the times are derived anew.",
    ),
    Kind.INSTRUMENT_MAP: Words(
        "Unknown market",
        "The broker names a market that the book knows by none of its names.",
        "Import a statement that has it, or say which market it is; until then its rows are set aside.",
    ),
    Kind.UNKNOWN_ORDER_OUTCOME: Words(
        "Nobody knows what became of an order",
        "An order was sent, and no answer says whether it was taken.",
        "Look for it at the broker. It is never sent again by itself: it could fill twice.",
    ),
    Kind.LOT_REALIZED: Words(
        "Realised P&L differs",
        "The broker realised another result on this day than the book.",
        "Compare the lots: the broker may close others first (specific lots, wash sales). Set the account's lot "
        "method to the broker's, or accept with the reason.",
    ),
    Kind.SCHEMA: Words(
        "New words from the broker",
        "The broker used a word or section that no reader knows yet.",
        "Nothing is lost: the rows are kept as they came. Report it, with the word, so that it can be read.",
    ),
    Kind.POST_LOCK_TRADE: Words(
        "Traded although locked",
        "A fill opened or enlarged a position after new trades were locked.",
        "Find out which program or hand sent it, stop that first, then decide about the position.",
    ),
}  # fmt: skip

# Columns of both sides, in the order in which they are shown.
FIELDS: dict[str, str] = {
    "symbol": "Market",
    "ticket": "Ticket",
    "side": "Side",
    "quantity": "Quantity",
    "filled_quantity": "Filled",
    "fills": "In fills",
    "price": "Price",
    "average_price": "Average price",
    "stop_price": "Stop",
    "target_price": "Target",
    "fee": "Fee",
    "fee_currency": "Fee in",
    "fx_rate": "Exchange rate",
    "cash": "Cash",
    "realized": "Realised",
    "currency": "Currency",
    "unexplained": "Unexplained",
    "on": "Day",
    "at": "Time",
    "locked_at": "Locked since",
    "since": "From",
    "until": "To",
    "heard_at": "Last heard",
    "patience_seconds": "Expected within, seconds",
    "minutes_off": "Minutes off",
    "state": "State",
    "cause": "Brought about by",
    "reverses": "Takes back",
    "order_id": "Broker's order id",
    "client_order_id": "Our order id",
    "word": "Word",
    "times": "Times",
    "why": "Why",
}


_OF_FILLS: dict[Kind, Words] = {
    Kind.PHANTOM: WORDS[Kind.PHANTOM]._replace(
        says="The book has a fill that the broker does not know.",
        do="Look whether its order was refused or cancelled, or whether it belongs to another account. If it never "
        "happened, take it back with the reason: what was told of it is kept.",
    ),
}


def words_of(kind: str, key: str = "") -> Words:
    """`key`: of which difference, where what it is about changes the words."""
    words = WORDS[Kind(kind)]
    return _OF_FILLS.get(Kind(kind), words) if key.startswith("fill:") else words


def field_name(field: str) -> str:
    return FIELDS.get(field) or field.replace("_", " ").capitalize()
