"""The problems that booking finds, in words for the person whose data it is."""

from __future__ import annotations

from decimal import Decimal

from journal.domain.values import Fill, Problem, Severity

SENTENCES: dict[str, tuple[Severity, str]] = {
    "basis_unknown": (
        Severity.WARNING,
        (
            "This fill closes {quantity} that no imported fill opened, and the broker states no cost. Its profit is "
            "unknown until the earlier statement is imported or the opening is added by hand."
        ),
    ),
    "basis_from_broker": (
        Severity.INFO,
        (
            "This fill closes {quantity} that no imported fill opened. Its profit is the broker's own figure; import "
            "the earlier statement to see the opening."
        ),
    ),
    "opening_unknown": (
        Severity.WARNING,
        (
            "At the end of {on} the broker holds {stated}, and what was imported up to then makes {known}. So "
            "{quantity} were there before: they are booked first, at an unknown cost, and what closes them has the "
            "profit that the broker states, if it states one. Import the statement of the time before."
        ),
    ),
    "opening_stated": (
        Severity.INFO,
        (
            "At the end of {on} the broker holds {stated}, and what was imported up to then makes {known}. So "
            "{quantity} were there before: they are booked first, and what was left of them that day at the cost that "
            "the broker states. What closed of them until then has the profit that the broker states, if it states "
            "one. Import the statement of the time before to see the openings."
        ),
    ),
    "stated_cost_differs": (
        Severity.WARNING,
        (
            "At the end of {on} the broker states a cost of {stated} for all that is open, but the lots that the book "
            "knows cost {known} of it alone. So the cost of the others stays unknown."
        ),
    ),
    "position_unexplained": (
        Severity.WARNING,
        (
            "At the end of {on} the broker holds {stated}, and what was imported up to then makes {known}. Nothing was "
            "added, because the fills do not say that the difference was there before the first of them. Import "
            "what is missing in between: other statements, transfers, corporate actions."
        ),
    ),
    "effect_contradicts": (
        Severity.INFO,
        (
            "The broker marks this fill as {effect}, but by the fills imported so far it does the opposite. It was "
            "booked by quantity; a missing earlier fill would explain it."
        ),
    ),
    "reversal_without_position": (
        Severity.WARNING,
        (
            "The broker says that this fill closed one position and opened another, but there was none to close: all "
            "of it was booked as opening. Import the earlier statement."
        ),
    ),
    "order_incomplete": (
        Severity.WARNING,
        (
            "The order {order} is stated as {quantity} on {on}, and its single fills make {known}. Only those count: "
            "import the statement that holds the others."
        ),
    ),
    "quantity_not_positive": (
        Severity.WARNING,
        "A fill of quantity {quantity} moves nothing and was left out of the book.",
    ),
    "price_not_positive": (
        Severity.WARNING,
        "An inverse contract has no value at a price of {price}. The quantity was booked, its profit is unknown.",
    ),
    "fee_not_converted": (
        Severity.WARNING,
        "The fee of this fill is in a currency without a rate for that day, so its net profit leaves that fee out.",
    ),
    "stated_lots_not_found": (
        Severity.WARNING,
        "The lots that the broker says this fill closed are not all in the book. It was booked first in, first out.",
    ),
    "delivery_incomplete": (
        Severity.WARNING,
        "One side of an exercise or assignment is missing, so the option's premium stayed in the option's profit.",
    ),
    "delivery_without_position": (
        Severity.WARNING,
        (
            "An exercise or assignment closes {quantity} options whose premium is not known, so the price of the "
            "delivered shares leaves it out."
        ),
    ),
    "leg_contested": (
        Severity.WARNING,
        (
            "Orders, plans or deliveries tie this leg to {number} trades that a person keeps apart, so it is in none "
            "of them. Join it with the one that it belongs to, on the page of its trade, or let the legs of the others "
            "be grouped as the orders say."
        ),
    ),
    "event_without_position": (
        Severity.INFO,
        "A corporate action names an instrument of which nothing was held at that time.",
    ),
    "event_without_execution": (
        Severity.ERROR,
        "A corporate action pays cash or opens a position, but no book entry was made for it: {event}.",
    ),
    "fraction_without_cash": (
        Severity.WARNING,
        "A split left a fraction of {quantity} that the broker took away without stating cash. Its profit is unknown.",
    ),
    "split_quantity_differs": (
        Severity.WARNING,
        "After the split the broker holds {stated}, the book {quantity}.",
    ),
    "transfer_against_position": (
        Severity.WARNING,
        "Units of a corporate action arrived on a position of the other direction and were netted against it.",
    ),
    "transfer_currency_differs": (
        Severity.WARNING,
        "A corporate action moves a position into an instrument of another currency; its cost there is unknown.",
    ),
    "delivery_ambiguous": (
        Severity.WARNING,
        (
            "Several exercises or assignments and share fills at this strike do not add up, so no premium was "
            "moved into the price of the shares."
        ),
    ),
    "delivery_missing": (
        Severity.WARNING,
        (
            "No fill of {underlying} at the strike of {strike} was found for this exercise or assignment, so its "
            "premium was not moved into the price of shares."
        ),
    ),
    "expiry_without_position": (
        Severity.WARNING,
        (
            "{quantity} of this contract expired on {on}. The broker does not say whether they were held long or "
            "short, and nothing that was imported is open then. Import the file that holds the opening."
        ),
    ),
    "corporate_cash_only": (
        Severity.INFO,
        (
            "This corporate action pays cash and moves no units. It is kept, and is not part of any trade's profit."
        ),
    ),
    "corporate_action_unknown": (
        Severity.WARNING,
        (
            "This corporate action is of a kind that the book does not know. Units were booked as the broker "
            "states them, at an unknown price."
        ),
    ),
    "spin_off_allocation_unknown": (
        Severity.INFO,
        (
            "The statement does not say how much of the cost went over to the new units. They are booked at a "
            "cost of zero and the old ones keep all of it: the profit of both together is right, of each alone it "
            "is not."
        ),
    ),
    "boot_allocation_unknown": (
        Severity.INFO,
        (
            "The statement does not say what the received units were worth, so all of the cost went over to them "
            "and the cash counts as profit."
        ),
    ),
}


def problem(
    code: str,
    *,
    instrument_id: int,
    execution_id: int | None = None,
    **values: object,
) -> Problem:
    severity, sentence = SENTENCES[code]
    shown = {key: _shown(value) for key, value in values.items()}
    return Problem(
        severity,
        code,
        sentence.format(**shown),
        execution_id=execution_id,
        instrument_id=instrument_id,
    )


def _shown(value: object) -> object:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class Trouble:
    """Collects the problems of one instrument."""

    __slots__ = ("_instrument_id", "_problems")

    def __init__(self, problems: list[Problem], instrument_id: int) -> None:
        self._problems = problems
        self._instrument_id = instrument_id

    def about_fill(self, code: str, fill: Fill, **values: object) -> None:
        values.setdefault("quantity", fill.quantity)
        self.report(code, execution_id=fill.id, **values)

    def report(self, code: str, *, execution_id: int | None = None, **values: object) -> None:
        self._problems.append(
            problem(code, instrument_id=self._instrument_id, execution_id=execution_id, **values)
        )
