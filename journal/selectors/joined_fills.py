"""Under which keys a fill was reported, and which fill a key means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from common.sql import fetch
from journal.brokers.base import HAND_AUTHORITY
from journal.domain.identity import known_id


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


def list_sums(account_id: int, keys: Iterable[str]) -> set[str]:
    """Those of the keys under which there are entries by hand that sum up a fill and others: nobody else says the same
    of a fill of theirs. What people said of such an entry is not said of the fill."""
    wanted = list(keys)
    joined = joined_with(account_id, wanted) if wanted else {}
    if not joined:
        return set()
    rows = fetch(
        "SELECT r.fill_key, r.authority, r.exec_id, r.side, r.quantity, r.price "
        "FROM journal_executionreport r "
        "JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL "
        "WHERE r.account_id = %s AND r.fill_key = ANY(%s) AND r.report <> 'cancel'",
        [account_id, sorted(set().union(*joined.values()))],
    )
    entries: dict[str, set[tuple[object, ...]]] = defaultdict(set)
    others: dict[str, set[tuple[object, ...]]] = defaultdict(set)
    for key, authority, exec_id, *said in rows:
        by_hand = authority == HAND_AUTHORITY and not known_id(exec_id)
        (entries if by_hand else others)[key].add(tuple(said))
    found = set()
    for key in joined.keys() & entries.keys():
        told = set().union(*(others[other] for other in joined[key]))
        if told and told.isdisjoint(entries[key]):
            found.add(key)
    return found
