"""What can go wrong between us and tastytrade's API. No sentence repeats the broker's: that may hold anything."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from journal.brokers.fetching import PullFault, Verdict

NAME = "tastytrade"
# Too many refused sign-ins close an address for about so long.
LOCKOUT = timedelta(hours=8)
_SOON = timedelta(minutes=5)
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,48}")
_GRANT = "my.tastytrade.com → Manage → My Profile → API → OAuth Applications"


def _named(code: object) -> str:
    """The broker's own code in brackets, if it looks like one."""
    return f" ({code})" if isinstance(code, str) and _CODE.fullmatch(code) else ""


def credentials_missing() -> PullFault:
    return PullFault(
        "credentials_missing",
        "The client secret or the refresh token is missing. Enter both anew in the connection's settings.",
        Verdict.PERSON,
    )


def grant_refused(code: object) -> PullFault:
    return PullFault(
        "grant_refused",
        f"tastytrade does not accept the client secret and the refresh token{_named(code)}: the grant was revoked, the "
        "secret was renewed, or they are of the other environment (production, sandbox). Create a new grant in "
        f"{_GRANT}, and enter secret and token anew.",
        Verdict.PERSON,
    )


def access_refused(code: object) -> PullFault:
    return PullFault(
        "access_refused",
        f"tastytrade refuses an access token that it has just given{_named(code)}. Look in {_GRANT} whether the grant "
        "still exists, and create a new one if not.",
        Verdict.PERSON,
    )


def scope_missing(code: object) -> PullFault:
    return PullFault(
        "scope_missing",
        f"The grant may not read this{_named(code)}. Create one with the scope “read”, and check that your user has "
        "authority over the account.",
        Verdict.PERSON,
    )


def account_unknown(wanted: str, known: list[str]) -> PullFault:
    return PullFault(
        "account_unknown",
        f"The grant has no account {wanted}. It has: {', '.join(known) or 'none'}. Correct the account in the "
        "connection's settings, or leave it empty for all.",
        Verdict.PERSON,
    )


def turned_away(now: datetime) -> PullFault:
    return PullFault(
        "turned_away",
        "tastytrade's front server turned us away before it looked at the token. It does so for some hours after too "
        "many refused sign-ins from this address. Nothing is asked until then.",
        Verdict.BLOCKED,
        until=now + LOCKOUT,
    )


def no_answer(kind: str) -> PullFault:
    return PullFault(
        "no_answer",
        f"tastytrade did not answer in time, or the network is down ({kind}). The next attempt comes by itself.",
        Verdict.LATER,
    )


def broker_failing(status: int, code: object = None) -> PullFault:
    return PullFault(
        "broker_failing",
        f"tastytrade cannot answer just now (status {status}){_named(code)}. The next attempt comes by itself.",
        Verdict.LATER,
    )


def list_moves() -> PullFault:
    return PullFault(
        "list_moves",
        "The list of transactions changed each time while it was read page by page. The next attempt comes by itself.",
        Verdict.LATER,
        wait=_SOON,
    )


def version_refused() -> PullFault:
    return PullFault(
        "version_refused",
        "tastytrade's API no longer speaks the version that this Fillbook knows (406). Update Fillbook.",
        Verdict.PERSON,
    )


def not_found() -> PullFault:
    return PullFault(
        "not_found",
        "tastytrade does not know an address that this Fillbook asks for, or the account is gone (404). Check the "
        "account in the connection's settings; if it is right, update Fillbook.",
        Verdict.PERSON,
    )


def request_refused(status: int, code: object) -> PullFault:
    return PullFault(
        "request_refused",
        f"tastytrade does not understand a question of this Fillbook (status {status}){_named(code)}. Update Fillbook; "
        "import the transactions as CSV meanwhile.",
        Verdict.PERSON,
    )
