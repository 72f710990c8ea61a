"""Lists that come in pages, read whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from journal.brokers.fetching import Link
from journal.brokers.pull_faults import half_answer
from journal.brokers.tastytrade_json import faults
from journal.brokers.tastytrade_json.session import Session

READINGS = 4
_PAUSE_SECONDS = 3.0

Item = dict[str, Any]


class Lists:
    def __init__(self, session: Session, link: Link) -> None:
        self._session = session
        self._link = link

    def read(
        self,
        path: str,
        per_page: int,
        params: Mapping[str, str],
        is_wanted: Callable[[Item], bool] = bool,
    ) -> list[Item]:
        """The wanted items of all pages, in the broker's order. Raises PullFault.

        Pages are counted by offset, so a row that is added or taken away meanwhile moves others from one page to the
        next: if the stated total changes, or a row comes twice, all of it is read again. A row that comes twice in the
        same places again is the broker's doing.
        """
        before = None
        for reading in range(READINGS):
            if reading:
                self._link.sleep(_PAUSE_SECONDS * reading)
            items = self._read_once(path, per_page, params, is_wanted)
            if items is not None and (items == before or _are_distinct(items)):
                return items
            before = items
        raise faults.list_moves()

    def _read_once(
        self,
        path: str,
        per_page: int,
        params: Mapping[str, str],
        is_wanted: Callable[[Item], bool],
    ) -> list[Item] | None:
        """None where the list changed while it was read."""
        wanted: list[Item] = []
        count, total, page = 0, None, 0
        while total is None or count < total:
            place = {"per-page": f"{per_page}", "page-offset": f"{page}"}
            answer = self._session.get(path, {**params, **place})
            batch, stated = items_of(answer), _total_of(answer)
            if stated is None:
                return [*filter(is_wanted, batch)]
            if total not in (None, stated):
                return None
            wanted += filter(is_wanted, batch)
            total, count, page = stated, count + len(batch), page + 1
            if not batch:
                break
        # Some lists count what nobody wants, others do not.
        return wanted if total in (count, len(wanted)) else None


def items_of(answer: Item) -> list[Item]:
    items = answer["data"].get("items")
    if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
        raise half_answer(faults.NAME)
    return items


def _are_distinct(items: list[Item]) -> bool:
    ids = [one["id"] for one in items if one.get("id")]
    return len(set(ids)) == len(ids)


def _total_of(answer: Item) -> int | None:
    """None where the answer is all there is: it comes without pages."""
    pagination = answer.get("pagination")
    if pagination is None:
        return None
    text = str(pagination.get("total-items")) if isinstance(pagination, dict) else ""
    if not text.isdecimal():
        raise half_answer(faults.NAME)
    return int(text)
