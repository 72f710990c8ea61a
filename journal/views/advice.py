"""What to do about a data issue, by its code. A message that already says it needs nothing here."""

from __future__ import annotations

from journal.models import DataIssue

_EARLIER = "Import the statement of the time before, or of the account that it came from."
_NOTHING = "Nothing to do unless the figures look wrong to you."
ADVICE = {
    "basis_unknown": "Import an earlier statement that holds the opening; the profit follows by itself.",
    "basis_from_broker": "Import an earlier statement if you want to see the opening. The profit is right without it.",
    "opening_unknown": _EARLIER,
    "opening_stated": "Import an earlier statement if you want to see the openings.",
    "stated_cost_differs": "Compare the cost of the position with the broker's statement of that day.",
    "position_unexplained": "Compare the position with the broker's statement of that day.",
    "effect_contradicts": _EARLIER,
    "reversal_without_position": _EARLIER,
    "quantity_not_positive": "Look at the row. If the fill is real, export the statement again.",
    "price_not_positive": "Look at the row, and export the statement again with the field Trade Price.",
    "fee_not_converted": "Add the section Conversion Rates to the query and import the statement again.",
    "stated_lots_not_found": "Add the level of detail Closed Lots to the query, or choose another lot method for the "
    "account.",
    "delivery_incomplete": "Add the section Option Exercises, Assignments and Expirations to the "
    "query and import again.",
    "delivery_without_position": _EARLIER,
    "delivery_ambiguous": "Open the trades of that day and compare them with the broker's statement.",
    "delivery_missing": "Import the statement that holds the delivered shares.",
    "event_without_position": _NOTHING,
    "event_without_execution": "Add the section Trades, with book trades, to the query and import it again.",
    "fraction_without_cash": "Import the statement that holds the cash in lieu of the fraction.",
    "split_quantity_differs": "An earlier fill is probably missing: import the statement of that time.",
    "transfer_against_position": "Compare the position with the broker's statement of that day.",
    "transfer_currency_differs": "Correct the price of the arriving fill, with the reason.",
    "corporate_action_unknown": "Correct the price of the booked units, with the reason.",
    "corporate_cash_only": _NOTHING,
    "spin_off_allocation_unknown": "State the share of the cost that goes to the new units once the company has "
    "published it.",
    "boot_allocation_unknown": _NOTHING,
}


def advice_for(issue: DataIssue) -> str:
    return ADVICE.get(issue.code, "")
