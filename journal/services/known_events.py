"""Which events are known already: under their key, or under the one that another file gave them.

The key of an event without an id says which contract it is about: by the broker's id where the file states it, else by
the symbol. Of one account there are files of both kinds, and a contract may have several ids and names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from common.sql import fetch
from journal.brokers.base import InstrumentRow
from journal.models import BrokerInstrument, Instrument
from journal.services.evidence_rows import BY_VALUE, event_key, instrument_words

Event = tuple[int, str, Any]  # account, event key, record
Key = tuple[int, str]


def unknown_events(
    table: str,
    events: Sequence[Event],
    *,
    batch_id: int,
    resolve: Callable[[InstrumentRow], int],
) -> list[Event]:
    """Those that no effective import holds, each once, in their order."""
    known = _known(table, {event[:2] for event in events})
    first: dict[Key, Event] = {}
    for event in events:
        if event[:2] not in known:
            first.setdefault(event[:2], event)
    others = _other_keys(table, first.values(), batch_id, resolve)
    if not others:
        return [*first.values()]
    known |= _known(table, {key for keys in others.values() for key in keys})
    taken: dict[Key, Event] = {}
    for key, event in first.items():
        if not any(other in known or other in taken for other in others.get(key, ())):
            taken[key] = event
    return [*taken.values()]


def _known(table: str, keys: Collection[Key]) -> set[Key]:
    by_account: dict[int, list[str]] = defaultdict(list)
    for account_id, key in keys:
        by_account[account_id].append(key)
    return {
        (account_id, key)
        for account_id, wanted in by_account.items()
        for (key,) in fetch(
            f'SELECT e.event_key FROM "{table}" e JOIN journal_importbatch b ON b.id = e.batch_id '
            "WHERE e.account_id = %s AND e.event_key = ANY(%s) AND b.withdrawn_at IS NULL",
            [account_id, wanted],
        )
    }


def _other_keys(
    table: str,
    events: Iterable[Event],
    batch_id: int,
    resolve: Callable[[InstrumentRow], int],
) -> dict[Key, list[Key]]:
    """What else each event may be known as."""
    nameless = [
        event
        for event in events
        if event[1].startswith(BY_VALUE) and getattr(event[2], "instrument", None) is not None
    ]
    words: dict[int, set[str]] = defaultdict(set)
    for _, _, record in nameless:
        words[resolve(record.instrument)].add(instrument_words(record.instrument))
    is_first = not _has_others(table, {event[0] for event in nameless}, batch_id)
    if is_first and all(len(one) == 1 for one in words.values()):
        return {}
    if not is_first:
        _add_known_words(words)
    found: dict[Key, list[Key]] = {}
    for account_id, key, record in nameless:
        own = instrument_words(record.instrument)
        ordinal = key.removeprefix(event_key(record))
        others = words[resolve(record.instrument)] - {own}
        found[account_id, key] = [
            (account_id, event_key(record, words=other) + ordinal) for other in sorted(others)
        ]
    return found


def _has_others(table: str, accounts: Collection[int], batch_id: int) -> bool:
    return bool(accounts) and bool(
        fetch(
            f'SELECT 1 FROM "{table}" WHERE account_id = ANY(%s) AND batch_id <> %s LIMIT 1',
            [list(accounts), batch_id],
        )
    )


def _add_known_words(words: Mapping[int, set[str]]) -> None:
    """By instrument all that files may have called it: the brokers' ids, and its names with its currency."""
    links = BrokerInstrument.objects.filter(instrument_id__in=words)
    for instrument_id, broker_id in links.values_list("instrument_id", "broker_id"):
        words[instrument_id].add(broker_id)
    named = Instrument.objects.filter(pk__in=words)
    for id_, currency, *names in named.values_list("pk", "currency", "symbol", "former_symbols"):
        symbol, former = names
        words[id_] |= {f"{name}|{currency}" for name in (symbol, *former)}
