"""What Fidelity says in the column Action: a phrase, then the name of the security, all in one cell."""

from __future__ import annotations

import re
from datetime import date

from journal.brokers.base import CashKind
from journal.brokers.text.faults import BadDate
from journal.brokers.text.moments import read_when
from journal.domain.corporate import ActionKind
from journal.domain.values import ExecutionKind, Side

TRADE = re.compile(r"YOU (BOUGHT|SOLD)\b", re.ASCII)
CANCEL = re.compile(r"(BUY|SELL) CANCEL\b", re.ASCII)
SIDES = {"BOUGHT": Side.BUY, "SOLD": Side.SELL, "BUY": Side.BUY, "SELL": Side.SELL}
# "YOU BOUGHT ASSIGNED PUTS AS OF 03-20-27": the shares that an option delivered.
DELIVERED = re.compile(r"YOU (?:BOUGHT|SOLD) (ASSIGNED|EXERCISED)\b", re.ASCII)
END = re.compile(r"(?:OPTION )?(EXPIRED|ASSIGNED|EXERCISED)\b", re.ASCII)
KINDS_OF_ENDS = {
    "ASSIGNED": ExecutionKind.ASSIGNMENT,
    "EXERCISED": ExecutionKind.EXERCISE,
}
REINVESTED = "REINVESTMENT"
# Fidelity's own purse: what is in it is the account's cash.
CORE_FUNDS = frozenset({"SPAXX", "FDRXX", "FZFXX", "FCASH", "CORE"})
CORE = "CORE ACCOUNT"
# "REVERSE SPLIT R/S FROM 517103404#REOR M0051311040001": the rows of one action differ in the last four digits.
REORGANISATION = re.compile(r"#REOR (M\d{6,})\d{4}\b", re.ASCII)
_ACTIONS = (
    ("REVERSE SPLIT", ActionKind.REVERSE_SPLIT),
    ("MERGER", ActionKind.MERGER),
    ("NAME CHANGE", ActionKind.SYMBOL_CHANGE),
    ("TENDER", ActionKind.TENDER),
    ("SPINOFF", ActionKind.SPIN_OFF),
    ("SPLIT", ActionKind.SPLIT),
)
_MOVES = ("TRANSFERRED", "TRANSFER OF ASSETS", "JOURNALED")
# By how an action begins; the first that fits.
_CASH = (
    ("DIVIDEND", CashKind.DIVIDEND),
    ("LONG-TERM CAP GAIN", CashKind.DIVIDEND),
    ("SHORT-TERM CAP GAIN", CashKind.DIVIDEND),
    ("RETURN OF CAPITAL", CashKind.DIVIDEND),
    ("DISTRIBUTION", CashKind.DIVIDEND),
    ("INTEREST", CashKind.INTEREST_RECEIVED),
    ("MARGIN INTEREST", CashKind.INTEREST_RECEIVED),
    ("FOREIGN TAX", CashKind.WITHHOLDING_TAX),
    ("NON-RESIDENT TAX", CashKind.WITHHOLDING_TAX),
    ("FEE CHARGED", CashKind.FEE),
    ("ASSET/ACCT FEE", CashKind.FEE),
    ("ADVISORY FEE", CashKind.FEE),
    ("ELECTRONIC FUNDS TRANSFER", CashKind.DEPOSIT),
    ("WIRE TRANSFER", CashKind.DEPOSIT),
    ("ADJUST WIRE TRANSFER", CashKind.DEPOSIT),
    ("DIRECT DEPOSIT", CashKind.DEPOSIT),
    ("DIRECT DEBIT", CashKind.DEPOSIT),
    ("CHECK ", CashKind.DEPOSIT),
    ("BILL PAYMENT", CashKind.DEPOSIT),
    ("CASH CONTRIBUTION", CashKind.DEPOSIT),
    ("TRANSFERRED", CashKind.TRANSFER),
    ("TRANSFER OF ASSETS", CashKind.TRANSFER),
    ("JOURNALED", CashKind.TRANSFER),
    ("SHORT VS MARGIN MARK TO MARKET", CashKind.TRANSFER),
    ("IN LIEU OF FRX SHARE", CashKind.OTHER),
)
_AS_OF = re.compile(
    r"\bAS OF ([A-Z]{3}-\d\d?-\d{4}|\d{4}-\d\d-\d\d|\d\d?[-/]\d\d?[-/]\d{2,4})", re.ASCII
)


def cash_kind(phrase: str) -> CashKind | None:
    return next((kind for start, kind in _CASH if phrase.startswith(start)), None)


def action_kind(phrase: str) -> ActionKind:
    return next((kind for word, kind in _ACTIONS if word in phrase), ActionKind.OTHER)


def is_move(phrase: str) -> bool:
    return phrase.startswith(_MOVES)


def as_of(phrase: str) -> date | None:
    """The day that an action is booked as of: "AS OF DEC-17-2027", "AS OF 03-20-27", "AS OF 2027-07-10"."""
    match = _AS_OF.search(phrase)
    if match is None:
        return None
    stated = match[1].replace("-", " ") if match[1][0].isalpha() else match[1]
    try:
        return read_when(stated, day_first=False).day
    except BadDate:
        return None
