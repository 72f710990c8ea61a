"""The one order in which events are booked, whatever order they came in.

(time, sequence, corporate events before fills and stated costs after them, id). A source that says nothing about
sequence leaves it equal, and then the corporate event comes first: its effective time is the moment from which prices
are the new ones.

An option's exercise or assignment is booked just before the first fill that it delivers, if it would not be
earlier anyway: the delivered price needs its premium.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter

from journal.domain.values import BookEvent, Fill, OptionDelivery, StatedCost

Key = tuple[datetime, int, int, int, int, str]

_fill_order = attrgetter("executed_at", "sequence", "id")


def in_order(
    events: Iterable[BookEvent], deliveries: Iterable[OptionDelivery] = ()
) -> list[BookEvent]:
    events = list(events)
    deliveries = list(deliveries)
    if not deliveries and all([type(event) is Fill for event in events]):  # noqa: C419 - hot
        events.sort(key=_fill_order)
        return events
    keys = {event.id: _key(event) for event in events if isinstance(event, Fill)}
    _hurry(keys, deliveries)
    return sorted(
        events,
        key=lambda event: keys[event.id] if isinstance(event, Fill) else _key(event),
    )


def _key(event: BookEvent) -> Key:
    if isinstance(event, Fill):
        return (event.executed_at, event.sequence, 1, event.id, event.id, "")
    if isinstance(event, StatedCost):
        return (event.effective_at, event.sequence, 2, event.instrument_id, 0, "")
    return (event.effective_at, event.sequence, 0, 0, 0, event.id)


def _hurry(keys: dict[int, Key], deliveries: list[OptionDelivery]) -> None:
    shares = {delivery.share_fill_id: keys.get(delivery.share_fill_id) for delivery in deliveries}
    for delivery in deliveries:
        share = shares[delivery.share_fill_id]
        option = keys.get(delivery.option_fill_id)
        if share is not None and option is not None and option > share:
            at, sequence, rank, share_id, _, _ = share
            # Fills have positive ids: the last two places put the options before the share, in their own order.
            keys[delivery.option_fill_id] = (
                at,
                sequence,
                rank,
                share_id,
                -1,
                f"{option[3]:020d}",
            )
