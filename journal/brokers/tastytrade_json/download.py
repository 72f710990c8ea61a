"""One account's downloads as one document: an answer of the API in form, its first item saying what it is.

    {"context": "/accounts/5WX00001/transactions", "data": {"items": [
    {"download": {"account-number": "5WX00001", "from": "2026-01-01", …}},
    {…an order…}, {…a position…}, {…a balance…}, {…a transaction…}
    ]}}

One item stands on each line. The same content has the same bytes: its moment is that at which it was first seen, so
nothing is imported again only because it was downloaded again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from journal.brokers.fetching import Link, Window
from journal.brokers.tastytrade_json import days
from journal.brokers.tastytrade_json.accounts import Account, instant

_REMEMBERED = 4
_SEEN = "seen"

Item = dict[str, Any]


class Sections(NamedTuple):
    orders: list[Item]
    positions: list[Item]
    balances: list[Item]
    transactions: list[Item]


def compose(
    link: Link,
    account: Account,
    environment: str,
    part: Window,
    sections: Sections,
    positions_of: date | None,
) -> bytes:
    lines = [_line(item) for section in sections for item in section]
    header = {
        "account-number": account.number,
        "nickname": account.nickname,
        "environment": environment,
        "from": f"{days.day_of(part.since)}",
        "to": f"{days.last_day_of(part)}",
        "positions-of": f"{positions_of}" if positions_of else None,
        "counts": {name: len(items) for name, items in sections._asdict().items()},
    }
    header["downloaded-at"] = _first_seen(
        link, f"{account.number} {part.since:%Y-%m-%d}", header, lines
    )
    context = json.dumps(f"/accounts/{account.number}/transactions")
    body = ",\n".join([_line({"download": header}), *lines])
    return f'{{"context":{context},"data":{{"items":[\n{body}\n]}}}}\n'.encode()


def day_of_positions(now: datetime, sections: Sections) -> date | None:
    """The day at whose end these were the positions, None where that cannot be said.

    Yesterday, if nothing has moved since: its night's work is done, no transaction is of today, and nothing is listed
    that has expired.
    """
    today = days.day_of(now)
    start = days.start_of(today)
    if days.settled_until(now) != start:
        return None
    ends = [instant(one.get("expires-at")) for one in sections.positions]
    moves = [instant(one.get("executed-at")) for one in sections.transactions]
    has_expired = any(end is not None and end < start for end in ends)
    has_moved = any(at is not None and at >= start for at in moves)
    return None if has_expired or has_moved else today - timedelta(days=1)


def _line(item: Item) -> str:
    return json.dumps(item, ensure_ascii=False, separators=(",", ":"))


def _first_seen(link: Link, key: str, header: Item, lines: Iterable[str]) -> str:
    """When this content was downloaded for the first time. The last few are remembered."""
    digest = sha256(_line(header).encode())
    for line in lines:
        digest.update(line.encode())
    seen = dict(link.state.get(_SEEN) or {})
    known = seen.pop(key, None)
    if known is None or known[0] != digest.hexdigest():
        known = [digest.hexdigest(), f"{link.now():%Y-%m-%dT%H:%M:%S.%fZ}"]
    latest = [*seen.items(), (key, known)][-_REMEMBERED:]
    link.remember(**{_SEEN: dict(latest)})
    return str(known[1])
