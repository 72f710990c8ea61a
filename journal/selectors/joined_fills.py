"""Under which keys a fill was reported, and which fill a key means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from common.sql import fetch


def known_keys(of: str, *more: str) -> str:
    """SQL for all keys under which fills were reported: (fill_key, key), and `more` columns of the relation `of`.

    `of` names the fills: it has a column fill_key; the statement's parameter `account` says whose they are.
    """
    own = "".join(f", {of}.{column}" for column in more)
    return (
        f"SELECT {of}.fill_key, {of}.fill_key AS key{own} FROM {of} UNION ALL "
        f"SELECT {of}.fill_key, joined.key{own} FROM {of} JOIN journal_joinedfill joined "
        f"ON joined.account_id = %(account)s AND joined.fill_key = {of}.fill_key"
    )


def fills_by_key(account_id: int, instrument_ids: Collection[int]) -> dict[str, str]:
    """Of the instruments' reports those keys that mean a fill of another key, with that one."""
    return dict(
        fetch(
            "SELECT key, fill_key FROM journal_joinedfill "
            "WHERE account_id = %s AND instrument_id = ANY(%s)",
            [account_id, list(instrument_ids)],
        )
    )


def fills_of(account_id: int, keys: Iterable[str]) -> dict[str, str]:
    """By which key the book knows the fill that was reported under each of these."""
    wanted = list(keys)
    if not wanted:
        return {}
    rows = fetch(
        "SELECT key, fill_key FROM journal_joinedfill WHERE account_id = %s AND key = ANY(%s)",
        [account_id, wanted],
    )
    return {**{key: key for key in wanted}, **dict(rows)}


def keys_of(account_id: int, fill_keys: Iterable[str]) -> dict[str, str]:
    """Every key under which the fills may have been reported, with the fill's own."""
    wanted = list(fill_keys)
    rows = fetch(
        "SELECT key, fill_key FROM journal_joinedfill WHERE account_id = %s AND fill_key = ANY(%s)",
        [account_id, wanted],
    )
    return {**{key: key for key in wanted}, **dict(rows)}


def joined_with(account_id: int, keys: Iterable[str]) -> dict[str, set[str]]:
    """To each of the keys all others that mean the same fill, where there are any."""
    wanted = list(keys)
    rows = fetch(
        "WITH meant AS (SELECT DISTINCT fill_key FROM journal_joinedfill "
        "WHERE account_id = %(account)s AND (key = ANY(%(keys)s) OR fill_key = ANY(%(keys)s))) "
        "SELECT j.fill_key, j.key FROM journal_joinedfill j JOIN meant USING (fill_key) "
        "WHERE j.account_id = %(account)s",
        {"account": account_id, "keys": wanted},
    )
    fills: dict[str, set[str]] = defaultdict(set)
    for fill_key, key in rows:
        fills[fill_key] |= {fill_key, key}
    found = {key: keys for keys in fills.values() for key in keys}
    return {key: found[key] for key in wanted if key in found}
