"""What a Flex statement can give occasion to say, once per account."""

from __future__ import annotations

from journal.brokers.text.notices import Notices
from journal.domain.values import Severity

SENTENCES = {
    "unknown_attribute": "Attributes that this version does not know: {subject}. They are kept with "
    "their rows and not used.",
    "unknown_section": "The section {subject} is new to this version ({rows}). It is kept and not used.",
    "unknown_asset_class": "The asset category “{subject}” is new to this version and booked as “other” "
    "({rows}).",
    "asset_class_missing": "No asset class is stated, and the instrument is taken for a stock ({rows}). Add "
    "the field Asset Class to the query to be sure.",
    "unknown_transaction_type": "The transaction type “{subject}” is new to this version and booked as an "
    "ordinary fill ({rows}). Check it.",
    "unknown_note": "The code “{subject}” in the notes is new to this version ({rows}). It is kept and "
    "changes nothing.",
    "unknown_level": "The level of detail “{subject}” is new to this version and not booked, because it may "
    "repeat other rows ({rows}).",
    "unknown_side": "“{subject}” is neither BUY nor SELL; the sign of the quantity decides ({rows}).",
    "side_conflict": "The side is {subject} but the quantity has the other sign; booked as {subject} "
    "({rows}).",
    "unknown_effect": "The open/close indicator “{subject}” is new to this version ({rows}); the book "
    "decides by the position.",
    "unknown_cash_type": "The cash type “{subject}” is new to this version and booked as “other” ({rows}).",
    "unknown_action_type": "The corporate action “{subject}” is new to this version and must be looked at "
    "({rows}).",
    "unknown_option_event": "The option event “{subject}” is new to this version ({rows}). It is kept and "
    "not used.",
    "order_rows_booked": "The statement states orders but no executions, so each order is booked as one fill "
    "at its average price ({rows}). Switch Executions on in the query for the single fills.",
    "time_missing": "A day but no time is stated; such fills are placed at midnight, in file order ({rows}). "
    "Add the field Date/Time to the query for the right order within a day.",
    "price_derived": "No price is stated; it is computed from the field {subject} ({rows}). Add the field "
    "Trade Price to the query.",
    "commission_missing": "No commission is stated, and where no other file states it the fill is booked without "
    "one, which makes its net profit too high ({rows}). Add the field IB Commission to the query and import again.",
    "price_contradicts_money": "Quantity times price is not the money that the row states; the price is "
    "computed from the money ({rows}). The price as stated is kept with the row.",
    "multiplier_missing": "No multiplier is stated for options or futures, and 1 is used, which makes their "
    "amounts too small ({rows}). Add the field Multiplier to the query and import again.",
    "zero_quantity": "A quantity of 0 is kept and not booked ({rows}).",
    "unknown_zone": "Times with the zone “{subject}”, which is unknown here, are read in the account's "
    "zone.",
    "account_missing": "No account is named, neither by the rows nor by a statement around them. Add the "
    "field Client Account ID to the query.",
    "base_currency_derived": "The base currency is not stated; {subject} follows from the statement's own "
    "figures. Add the section Account Information to the query to be sure.",
    "statement_count": "The file announces {subject} statements. All that are in it were read.",
    "repaired_text": "Some characters are not valid UTF-8 and are read as Western European text.",
    "more_notices": "{count} more remarks of other kinds were left out.",
}

SEVERITIES = {
    "asset_class_missing": Severity.WARNING,
    "unknown_asset_class": Severity.WARNING,
    "unknown_transaction_type": Severity.WARNING,
    "unknown_action_type": Severity.WARNING,
    "unknown_side": Severity.WARNING,
    "side_conflict": Severity.WARNING,
    "commission_missing": Severity.WARNING,
    "price_contradicts_money": Severity.WARNING,
    "multiplier_missing": Severity.WARNING,
    "unknown_zone": Severity.WARNING,
    "account_missing": Severity.WARNING,
}


def flex_notices() -> Notices:
    return Notices(SENTENCES, SEVERITIES)
