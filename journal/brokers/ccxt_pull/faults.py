"""What can go wrong between us and an exchange. No sentence repeats ccxt's: these hold addresses and signatures.

ccxt sorts answers into kinds of errors, but takes whatever it does not know of 403, 404 or 451 for an outage that
passes. So the status decides first, and the kind after it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from journal.brokers.fetching import PullFault, Verdict
from journal.brokers.pull_faults import half_answer, too_many_requests

_SOON = timedelta(minutes=5)
# Binance closes an address for minutes up to days, longer each time that it is asked all the same.
_BANNED = timedelta(hours=1)
# Bybit answers 403 to whoever asks too often, and wants ten minutes of peace.
_FORBIDDEN = timedelta(minutes=10)


class Heard(NamedTuple):
    """The last answer: None of `status` where none came. `names_country`: it says that it is closed for one."""

    status: int | None = None
    wait: timedelta | None = None
    names_country: bool = False


def credentials_missing(what: str) -> PullFault:
    return PullFault(
        "credentials_missing",
        f"{what} is missing. Enter it in the connection's settings.",
        Verdict.PERSON,
    )


def exchange_unknown(name: str) -> PullFault:
    return PullFault(
        "exchange_unknown",
        f"There is no exchange “{name[:40]}”. Enter its name as ccxt has it, such as kucoin or bitget.",
        Verdict.PERSON,
    )


def key_refused(name: str) -> PullFault:
    return PullFault(
        "key_refused",
        f"{name} does not accept the API key: it has expired, was deleted, is of another environment, or key, secret "
        "and passphrase do not belong together. Make a new key that may only read, and enter it.",
        Verdict.PERSON,
    )


def permission_missing(name: str) -> PullFault:
    return PullFault(
        "permission_missing",
        f"{name} does not let this API key read this: the right to read orders and trades is missing, or the key is "
        "bound to other IP addresses. Change the key's rights there.",
        Verdict.PERSON,
    )


def account_suspended(name: str) -> PullFault:
    return PullFault(
        "account_suspended",
        f"{name} has suspended the account. Sign in there and see what it wants.",
        Verdict.PERSON,
    )


def place_refused(name: str, status: int | None) -> PullFault:
    return PullFault(
        "place_refused",
        f"{name} does not answer from where this Fillbook runs{status_words(status)}: it is closed for this country or "
        "address. Run it elsewhere, or import files instead.",
        Verdict.PERSON,
    )


def banned(name: str, wait: timedelta | None) -> PullFault:
    return PullFault(
        "banned",
        f"{name} has closed itself to this address for a while (418). Nothing is asked until then.",
        Verdict.LATER,
        wait=wait or _BANNED,
    )


def clock_differs(name: str) -> PullFault:
    return PullFault(
        "clock_differs",
        f"{name} says that a question came too late or too early, though the clocks were compared. Set this machine's "
        "clock (NTP).",
        Verdict.LATER,
        wait=_SOON,
    )


def no_answer(name: str) -> PullFault:
    return PullFault(
        "no_answer",
        f"{name} did not answer in time, or the network is down. The next attempt comes by itself.",
        Verdict.LATER,
    )


def exchange_failing(name: str, status: int | None) -> PullFault:
    return PullFault(
        "exchange_failing",
        f"{name} cannot answer just now{status_words(status)}. The next attempt comes by itself.",
        Verdict.LATER,
    )


def list_moves(name: str) -> PullFault:
    return PullFault(
        "list_moves",
        f"A list of {name} did not fit together, page by page. Nothing of it was used; the next attempt comes by "
        "itself.",
        Verdict.LATER,
        wait=_SOON,
    )


def request_refused(name: str, status: int | None) -> PullFault:
    return PullFault(
        "request_refused",
        f"{name} does not understand a question of this Fillbook{status_words(status)}. Update Fillbook; import files "
        "meanwhile.",
        Verdict.PERSON,
    )


def symbols_needed(name: str) -> PullFault:
    return PullFault(
        "symbols_needed",
        f"{name} tells trades of one market at a time only. Enter the markets that you trade in the connection's "
        "settings, such as BTC/USDT ETH/USDT.",
        Verdict.PERSON,
    )


def market_unknown(name: str, market: str) -> PullFault:
    return PullFault(
        "market_unknown",
        f"{name} has no market “{market[:40]}”. Write markets as ccxt does: BTC/USDT is a pair of coins, BTC/USDT:USDT "
        "a perpetual contract.",
        Verdict.PERSON,
    )


def not_offered(name: str) -> PullFault:
    return PullFault(
        "not_offered",
        f"ccxt cannot read trades of {name}. Export them there, and import the file.",
        Verdict.PERSON,
    )


def of_error(kinds: frozenset[str], name: str, heard: Heard) -> PullFault:
    """`kinds` are the names of the error's classes in ccxt."""
    by_status = _of_status(name, heard, kinds)
    if by_status is not None:
        return by_status
    for kind, make in _BY_KIND:
        if kind in kinds:
            return make(name, heard)
    return exchange_failing(name, heard.status)


def _of_status(name: str, heard: Heard, kinds: frozenset[str]) -> PullFault | None:
    status = heard.status
    is_outage = "ExchangeNotAvailable" in kinds and "OnMaintenance" not in kinds
    found: PullFault | None = None
    if status == 418:
        found = banned(name, heard.wait)
    elif status == 429:
        found = too_many_requests(name, heard.wait)
    elif status == 451 or (status == 403 and (is_outage or heard.names_country)):
        found = place_refused(name, status)
    elif status == 403 and "RateLimitExceeded" in kinds:
        found = too_many_requests(name, heard.wait or _FORBIDDEN)
    elif status == 401 and "ExchangeError" in kinds and "AuthenticationError" not in kinds:
        found = key_refused(name)
    elif status in (404, 405, 410) and is_outage:
        found = request_refused(name, status)
    return found


_BY_KIND: tuple[tuple[str, Callable[[str, Heard], PullFault]], ...] = (
    ("AccountSuspended", lambda name, heard: account_suspended(name)),
    ("RestrictedLocation", lambda name, heard: place_refused(name, heard.status)),
    ("PermissionDenied", lambda name, heard: permission_missing(name)),
    ("AuthenticationError", lambda name, heard: key_refused(name)),
    ("RateLimitExceeded", lambda name, heard: too_many_requests(name, heard.wait)),
    ("DDoSProtection", lambda name, heard: too_many_requests(name, heard.wait)),
    ("InvalidNonce", lambda name, heard: clock_differs(name)),
    ("RequestTimeout", lambda name, heard: no_answer(name)),
    ("ExchangeNotAvailable", lambda name, heard: exchange_failing(name, heard.status)),
    ("NetworkError", lambda name, heard: no_answer(name)),
    ("BadResponse", lambda name, heard: half_answer(name)),
    ("OperationFailed", lambda name, heard: exchange_failing(name, heard.status)),
    ("BadRequest", lambda name, heard: request_refused(name, heard.status)),
    ("ArgumentsRequired", lambda name, heard: request_refused(name, heard.status)),
    ("NotSupported", lambda name, heard: not_offered(name)),
)


def status_words(status: int | None) -> str:
    return f" (status {status})" if status and status != 200 else ""
