"""What a push says of itself, checked."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from common.errors import Rejected
from journal.brokers.base import UnreadableStatement
from journal.brokers.mt5_deals.snapshot import Snapshot, read_snapshot
from journal.domain.sequences import Push

_LARGEST = 2**53
# The end of the year 9000. A later one is no time of a server's clock.
_LAST_SECOND = 221_876_927_999
_WORD_MAX = 64
_STATE = ("account", "terminal", "positions", "orders", "ticks", "unread", "symbols")


class Header(NamedTuple):
    """`brings_deals`: the push has a window, so it is imported, even where nothing happened in it."""

    bridge: str
    account_number: str
    server: str
    push: Push
    snapshot: Snapshot
    brings_deals: bool
    first_deal: int | None
    state: dict[str, Any]


def read_header(body: bytes) -> Header:
    """Raises Rejected."""
    try:
        found = json.loads(body)
        snapshot = read_snapshot(found) if isinstance(found, dict) else None
    except (ValueError, RecursionError):
        raise _rejected("the body is not JSON") from None
    except UnreadableStatement as refusal:
        raise Rejected(refusal.code, refusal.message) from None
    if snapshot is None:
        raise _rejected("it is no snapshot")
    account = found.get("account")
    if not isinstance(account, dict):
        raise _rejected("it names no account")
    deals = found.get("deals")
    window = found.get("window") if isinstance(deals, list) else None
    times = [one.get("time") for one in deals if isinstance(one, dict)] if deals else []
    return Header(
        bridge=_word(found, "bridge"),
        account_number=f"{_number(account, 'login', least=1)}",
        server=_word(account, "server"),
        push=Push(
            _number(found, "sequence", least=1),
            _number(found, "complete_until", most=_LAST_SECOND),
            None if window is None else _number(window, "from", most=_LAST_SECOND),
            None if window is None else _number(window, "to", most=_LAST_SECOND),
        ),
        snapshot=snapshot,
        brings_deals=window is not None,
        first_deal=min((at for at in times if isinstance(at, int)), default=None),
        state={name: _storable(found[name]) for name in _STATE if name in found},
    )


def _storable(value: Any) -> Any:
    """What PostgreSQL cannot keep in a text is a question mark. A comment may hold anything; the file has it all."""
    if isinstance(value, str):
        return value.replace("\0", "?").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_storable(one) for one in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(one) for name, one in value.items()}
    return value


def _word(found: dict[str, Any], name: str) -> str:
    text = found.get(name)
    if not isinstance(text, str) or not 0 < len(text.strip()) <= _WORD_MAX:
        raise _rejected(f"{name} is missing or longer than {_WORD_MAX} characters")
    if _storable(text) != text:
        raise _rejected(f"{name} holds characters that are none")
    return text.strip()


def _number(found: dict[str, Any], name: str, *, least: int = 0, most: int = _LARGEST - 1) -> int:
    value = found.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise _rejected(f"{name} is no number from {least} to {most}")
    return value


def _rejected(why: str) -> Rejected:
    return Rejected("push_unreadable", f"This is no push of a bridge: {why}.")
