"""One look at the terminal: what is new goes into the store as pushes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import Any, NamedTuple

from fillbook_client.mt5.store import SentDeal, Series, Store
from fillbook_client.mt5.terminal import EARLIEST, Row, Terminal, Unreadable

KIND = "mt5 snapshot"
VERSION = 1
# Brokers add commissions and correct deals some days later.
OVERLAP = 3 * 86_400
DEALS_MAX = 1_000
STATE_SECONDS = 60.0
_DAY = 86_400
_SYMBOLS_MAX = 12

Clock = Callable[[], datetime]


class Seen(NamedTuple):
    """A tick as it was seen: it was there at `until`, and not before `since` if it was another one then."""

    time_msc: int
    since: datetime
    until: datetime


class Look(NamedTuple):
    """What the terminal said. A part that could not be read is None, and `unread` says why."""

    account: Row
    key: str
    terminal: Row | None
    positions: list[Row] | None
    orders: list[Row] | None
    deals: list[Row] | None
    ticks: list[Row]
    server_now: int  # the latest moment of the server's clock that was seen; it is not before that
    unread: list[Row]


class Reader:
    def __init__(self, terminal: Terminal, store: Store, now: Clock, connection: str) -> None:
        self._terminal = terminal
        self._store = store
        self._now = now
        self._connection = connection
        self._ticks: dict[str, Seen] = {}
        self._state_at: datetime | None = None
        self._last_key = store.last_account()
        self._deep_day = -1

    def poll(self) -> Look | None:
        """None where the terminal is not there; then that is pushed. Raises sqlite3.Error."""
        try:
            self._terminal.open()
            account = self._terminal.account()
        except Unreadable as error:
            self._tell_closed(error)
            return None
        look = self._look(account)
        if not self._push_deals(look) and self._is_state_due():
            self._push_state(look)
        return look

    def look_again(self) -> bool:
        """Push what the account is now, whenever that was last done. False where the terminal is not there."""
        self._state_at = None
        return self.poll() is not None

    # -- looking

    def _look(self, account: Row) -> Look:
        key = f"{account['login']}@{account['server']}"
        if key != self._last_key:
            self._ticks, self._last_key, self._deep_day = {}, key, -1
        unread: list[Row] = []

        def attempt(read: Callable[[], Any]) -> Any:
            try:
                return read()
            except Unreadable as error:
                unread.append({"call": error.call, "code": error.code, "text": error.text})
                return None

        series = self._store.series(key)
        state = attempt(self._terminal.state)
        # Positions before deals: what happens in between is then among the deals, and tells of itself.
        positions = attempt(self._terminal.positions)
        orders = attempt(self._terminal.orders)
        deals = None
        if state is not None and state.get("connected") is False:
            unread.append(
                {"call": "terminal_info", "code": 0, "text": "No connection to the broker"}
            )
        else:
            deals = attempt(lambda: self._deals(series))
        ticks = self._look_at_ticks(positions or [], deals or [])
        times = [tick["time_msc"] // 1_000 for tick in ticks]
        times += [deal["time"] for deal in deals or []]
        server_now = max([series.complete_until, *times])
        return Look(account, key, state, positions, orders, deals, ticks, server_now, unread)

    def _deals(self, series: Series) -> list[Row]:
        """All that may be new: the last days, and all of the history at the start and once a day.

        A terminal that has just been started knows a part of its history only, and does not say so.
        """
        day = series.complete_until // _DAY
        is_deep = day > self._deep_day
        since = EARLIEST if is_deep else max(EARLIEST, series.complete_until - OVERLAP)
        deals = self._terminal.deals(since, int(self._now().timestamp()))
        self._deep_day = day
        return deals

    def _look_at_ticks(self, positions: Sequence[Row], deals: Sequence[Row]) -> list[Row]:
        """Of all that is held, and of some more, by which the server's clock is told."""
        held = list(dict.fromkeys(one["symbol"] for one in positions))
        names = [*held, *(one["symbol"] for one in reversed(deals) if one["symbol"])]
        names += self._terminal.usual_symbols()
        ticks = []
        for name in list(dict.fromkeys(names))[: max(_SYMBOLS_MAX, len(held))]:
            since = self._now()
            found = self._terminal.tick(name)
            if found is None:
                continue
            until = self._now()
            tick = {"symbol": name, **found, "seen_at": _written(until)}
            before = self._ticks.get(name)
            if before is not None:
                tick["earlier_time_msc"] = before.time_msc
                tick["earlier_seen_at"] = _written(before.since)
            self._ticks[name] = Seen(found["time_msc"], since, until)
            ticks.append(tick)
        return ticks

    # -- pushing

    def _push_deals(self, look: Look) -> bool:
        """Deals that are new or have changed, with all that happened since the first of them; once a server's day even
        without any, so that the journal learns what was held at the end of the day before."""
        if look.deals is None:
            return False
        series = self._store.series(look.key)
        sent = self._store.sent(look.key, min([one["time"] for one in look.deals], default=0))
        fresh = [one for one in look.deals if sent.get(one["ticket"]) != _digest(one)]
        day = look.server_now // _DAY
        if not fresh and (day <= series.day or look.positions is None):
            return False
        first = min([one["time"] for one in fresh], default=day * _DAY)
        # Nothing is between what was complete and the first of these.
        first = min(first, series.complete_until + 1)
        recent = [one for one in look.deals if one["time"] >= first]
        chunks = [recent[at : at + DEALS_MAX] for at in range(0, len(recent), DEALS_MAX)] or [[]]
        for number, chunk in enumerate(chunks, 1):
            is_last = number == len(chunks)
            until = look.server_now if is_last else chunk[-1]["time"]
            self._push_chunk(look, chunk, (first, until), is_last=is_last)
            first = until
        self._state_at = self._now()
        return True

    def _push_chunk(
        self, look: Look, chunk: list[Row], window: tuple[int, int], *, is_last: bool
    ) -> None:
        deals, unread = self._with_their_positions(chunk, look.deals or [])
        parts: Row = {"window": {"from": window[0], "to": window[1]}}
        if is_last:
            parts.update(_state(look))
        parts["symbols"] = self._symbols([*deals, *parts.get("positions", [])])
        parts["deals"] = deals
        if unread:
            parts["unread"] = [*parts.get("unread", []), *unread]
        self._add(
            look,
            parts,
            complete_until=window[1],
            day=look.server_now // _DAY if is_last else self._store.series(look.key).day,
            deals=[SentDeal(one["ticket"], one["time"], _digest(one)) for one in chunk],
        )

    def _with_their_positions(
        self, chunk: list[Row], known: list[Row]
    ) -> tuple[list[Row], list[Row]]:
        """A deal that closes is worth little without the one that opened: all deals of its position go with it."""
        found = {one["ticket"]: one for one in chunk}
        wanted = {one["position_id"] for one in chunk if one["position_id"]}
        found.update((one["ticket"], one) for one in known if one["position_id"] in wanted)
        opened = {one["position_id"] for one in found.values() if one["entry"] == 0}
        unread: list[Row] = []
        for position in sorted(wanted - opened):
            try:
                rows = self._terminal.deals_of_position(position)
            except Unreadable as error:
                unread.append({"call": error.call, "code": error.code, "text": error.text})
                continue
            found.update((one["ticket"], one) for one in rows)
        return sorted(found.values(), key=lambda one: (one["time_msc"], one["ticket"])), unread

    def _symbols(self, rows: Sequence[Row]) -> list[Row]:
        names = sorted({one["symbol"] for one in rows if one["symbol"]})
        return [row for name in names if (row := self._terminal.symbol(name)) is not None]

    def _is_state_due(self) -> bool:
        if self._state_at is None:
            return True
        return (self._now() - self._state_at).total_seconds() >= STATE_SECONDS

    def _push_state(self, look: Look) -> None:
        series = self._store.series(look.key)
        # Without its deals nobody knows whether all up to now was sent.
        until = series.complete_until if look.deals is None else look.server_now
        parts = _state(look)
        parts["symbols"] = self._symbols(look.positions or [])
        self._add(look, parts, complete_until=until, day=series.day, is_state=True)
        self._state_at = self._now()

    def _tell_closed(self, error: Unreadable) -> None:
        """As the state of the account that was last there. Before the first one there is nobody to speak of."""
        if not self._last_key or not self._is_state_due():
            return
        login, _, server = self._last_key.partition("@")
        account = {"login": int(login), "server": server}
        unread = [{"call": error.call, "code": error.code, "text": error.text}]
        look = Look(account, self._last_key, None, None, None, None, [], 0, unread)
        series = self._store.series(look.key)
        self._add(
            look,
            {"account": account, "unread": unread},
            complete_until=series.complete_until,
            day=series.day,
            is_state=True,
        )
        self._state_at = self._now()

    def _add(self, look: Look, parts: Row, *, complete_until: int, **kept: Any) -> None:
        head = {
            "kind": KIND,
            "version": VERSION,
            "connection": self._connection,
            "bridge": self._store.bridge,
            "made_at": _written(self._now()),
            "complete_until": complete_until,
            "account": look.account,
        }

        def write(sequence: int) -> str:
            return json.dumps(
                {**head, "sequence": sequence, **parts}, separators=(",", ":"), allow_nan=False
            )

        self._store.add(look.key, write, complete_until=complete_until, **kept)


def _state(look: Look) -> Row:
    parts = {
        "terminal": look.terminal,
        "ticks": look.ticks,
        "positions": look.positions,
        "orders": look.orders,
        "unread": look.unread or None,
    }
    return {name: value for name, value in parts.items() if value is not None}


def _digest(deal: Row) -> str:
    text = json.dumps(deal, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _written(at: datetime) -> str:
    return at.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
