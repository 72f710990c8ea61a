"""The error codes of the Flex Web Service, version 3: what each means at either step, and what to do about it.

1001 and 1003 to 1021 are Interactive Brokers' own list; 1025 is not documented and is met when statements were asked
for too often without success. Codes that nobody has explained stop the connection: asking on is what makes it worse.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import NamedTuple


class Do(Enum):
    ASK_LATER = "ask later"  # this run is over, and no other one for a while
    POLL = "poll"  # go on asking for the same statement
    SLOW_DOWN = "slow down"  # a minute without any request, then as before
    NARROW = "narrow"  # ask for another period
    RESTART = "restart"  # the reference is lost: ask for the statement anew, once
    STOP = "stop"  # a person has to change something
    LOCKED = "locked"  # nobody may ask before the next day


class Code(NamedTuple):
    send: Do
    get: Do
    meaning: str
    remedy: str = ""


_SOON = "Fillbook asks again by itself."
_TOKEN = "Create a new token in Client Portal (Flex Queries → Flex Web Service) and enter it here."  # noqa: S105
_QUERY = "Check the number of the query in Client Portal (Performance & Reports → Flex Queries) and enter it here."
# How long nobody asks after “try again shortly”: whoever asks for new statements in a row is locked out.
LATER = timedelta(minutes=30)
SLOW = timedelta(seconds=65)


def _busy(meaning: str) -> Code:
    return Code(Do.ASK_LATER, Do.POLL, meaning, _SOON)


def _wrong(meaning: str, remedy: str) -> Code:
    return Code(Do.STOP, Do.STOP, meaning, remedy)


CODES = {
    "1001": _busy("The statement could not be generated at this time."),
    "1003": Code(Do.NARROW, Do.RESTART, "The statement is not available.", _SOON),
    "1004": _busy("The statement is incomplete at this time."),
    "1005": _busy("The settlement data is not ready yet."),
    "1006": _busy("The FIFO P/L data is not ready yet."),
    "1007": _busy("The mark-to-market P/L data is not ready yet."),
    "1008": _busy("The P/L data is not ready yet."),
    "1009": _busy("The broker's server is under heavy load."),
    "1010": _wrong(
        "Legacy Flex queries are no longer supported.",
        "Make an Activity Flex query in Client Portal and enter its number here.",
    ),
    "1011": _wrong(
        "The service account is inactive.", "Switch the Flex Web Service on in Client Portal."
    ),
    "1012": _wrong("The token has expired.", _TOKEN),
    "1013": _wrong(
        "The token may not be used from this address.",
        "Allow the address of this server in Client Portal, or create a token without a restriction.",
    ),
    "1014": _wrong("The query is invalid.", _QUERY),
    "1015": _wrong("The token is invalid.", _TOKEN),
    "1016": _wrong("The account is invalid.", "Check the accounts of the query in Client Portal."),
    "1017": Code(Do.STOP, Do.RESTART, "The reference code is invalid.", _SOON),
    "1018": Code(Do.SLOW_DOWN, Do.SLOW_DOWN, "Too many requests were made with this token.", _SOON),
    "1019": _busy("The statement is still being generated."),
    "1020": _wrong("The request could not be validated.", f"{_TOKEN} {_QUERY}"),
    "1021": _busy("The statement could not be retrieved at this time."),
    "1025": Code(
        Do.LOCKED,
        Do.LOCKED,
        "Interactive Brokers has locked the token after too many failed attempts.",
        "Check token and query in Client Portal. Fillbook does not ask before the lockout is over.",
    ),
}


def unknown(message: str) -> Code:
    return _wrong(
        f"Interactive Brokers says: “{message or 'nothing'}”.",
        "This code is not known here. Look at token and query in Client Portal, then try again.",
    )
