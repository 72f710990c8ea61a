"""Why a whole file is refused, and what helps a row that was left out."""

from __future__ import annotations

from journal.brokers.base import UnreadableStatement

REMEDIES = {
    "bad_number": "Export the transactions again; if the number is still there, add the execution by hand.",
    "bad_date": "Export the transactions again, and do not save them with a spreadsheet program in between.",
    "ambiguous_date": "Say whether days or months come first when you import.",
    "no_date": "Export the transactions again; if the date is still missing, add the execution by hand.",
    "no_quantity": "Export the transactions again; if the quantity is still missing, add the execution by hand.",
    "no_price": "Add the execution by hand, with the price that the order shows.",
    "no_amount": "Export the transactions again; if the value is still missing, add the movement by hand.",
    "no_symbol": "Add the execution by hand.",
    "no_contract": "Add the execution by hand.",
    "no_side": "Add the execution by hand.",
}
_EXPORT = "In the web platform open History → Transactions, choose the period, and press CSV."


def not_transactions() -> UnreadableStatement:
    return UnreadableStatement(
        "other_format",
        f"The file is not an export of tastytrade's transactions: its first line has other columns. {_EXPORT}",
    )


def tax_file() -> UnreadableStatement:
    return UnreadableStatement(
        "tax_file",
        "This is tastytrade's file of the year's gains for the tax office. It lists closed lots without times, fills "
        f"or fees, so no book can be made of it. {_EXPORT}",
    )


def several_accounts(one: str, other: str) -> UnreadableStatement:
    return UnreadableStatement(
        "several_accounts",
        f"The file mixes the accounts “{one[:40]}” and “{other[:40]}”, and its rows do not give their numbers. Nothing "
        "was imported. Choose one account in History → Transactions, export it, and do the same for the others.",
    )


def not_json() -> UnreadableStatement:
    return UnreadableStatement(
        "other_format",
        "The file is not a list of tastytrade transactions in JSON. Save the answer of "
        "GET /accounts/{account_number}/transactions as it came.",
    )


def truncated(row: int) -> UnreadableStatement:
    return UnreadableStatement(
        "truncated",
        f"This is half a file: it ends in the middle, after row {row:,}. Nothing was imported. Download it again and "
        "wait until the download is complete.",
    )


def broken(row: int) -> UnreadableStatement:
    return UnreadableStatement(
        "broken_json",
        f"The file is damaged after row {row:,}: what follows is not JSON. Nothing was imported. Save the answer "
        "again, and do not edit it by hand.",
    )
