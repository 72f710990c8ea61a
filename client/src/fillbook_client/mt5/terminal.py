"""The terminal through the MetaTrader5 package. What it cannot say is unknown, which is not the same as nothing."""

from __future__ import annotations

import importlib
import math
import time
from collections.abc import Iterable
from typing import Any

Row = dict[str, Any]

# The terminal's history begins with the account; before this there was no MetaTrader 5.
EARLIEST = 1_262_304_000  # 2010-01-01
# Times are the server's, which may be ahead of any clock here. What is to come is asked for too.
_AHEAD = 2 * 86_400
# The package's names of lengths of bars.
_FRAMES = {
    60: "TIMEFRAME_M1",
    300: "TIMEFRAME_M5",
    3_600: "TIMEFRAME_H1",
    86_400: "TIMEFRAME_D1",
}
_SYMBOL_FIELDS = (
    "name", "path", "digits", "currency_base", "currency_profit", "currency_margin", "trade_contract_size",
    "trade_tick_size", "volume_step", "trade_mode",
)  # fmt: skip
# Some of these have prices whenever any market is open.
_USUAL = "*EURUSD*,*XAUUSD*,*BTCUSD*"
_USUAL_MAX = 6


class Unreadable(Exception):
    """The package gave None: `code` and `text` are those of its last_error."""

    def __init__(self, call: str, code: int, text: str) -> None:
        super().__init__(f"{call}: {text} ({code})")
        self.call = call
        self.code = code
        self.text = text


def load_package() -> Any:
    """Raises Unreadable where it is not installed."""
    try:
        return importlib.import_module("MetaTrader5")
    except ImportError as error:
        raise Unreadable(
            "import",
            0,
            "The MetaTrader5 package is not installed here. It works on Windows only: pip install MetaTrader5",
        ) from error


class Terminal:
    """`options` go to the package's `initialize`: path, login, password, server, portable."""

    def __init__(self, package: Any, options: Row | None = None) -> None:
        self._mt5 = package
        self._options = options or {}
        self._is_open = False

    def open(self) -> None:
        """Raises Unreadable. Does nothing where it is open."""
        if self._is_open:
            return
        if not self._mt5.initialize(**self._options):
            raise self._failure("initialize")
        self._is_open = True

    def close(self) -> None:
        if self._is_open:
            self._mt5.shutdown()
        self._is_open = False

    def account(self) -> Row:
        """Without the name of whose it is."""
        row = self._row("account_info")
        row.pop("name", None)
        if not row.get("login"):
            raise Unreadable("account_info", 0, "The terminal is not signed in to an account")
        return row

    def state(self) -> Row:
        row = self._row("terminal_info")
        kept = ("build", "connected", "trade_allowed", "ping_last", "company")
        return {name: row[name] for name in kept if name in row}

    def positions(self) -> list[Row]:
        return self._rows("positions_get")

    def orders(self) -> list[Row]:
        return self._rows("orders_get")

    def history_orders_of_position(self, position: int) -> list[Row]:
        return self._rows("history_orders_get", position=position)

    def trading_terms(self, name: str) -> Row:
        """How much of a symbol can be traded, and by which filling."""
        found = self._mt5.symbol_info(name)
        if found is None:
            raise self._failure("symbol_info")
        row = found._asdict()
        return {
            field: _plain(row.get(field)) for field in ("filling_mode", "volume_step", "volume_min")
        }

    def prices(self, name: str) -> tuple[float, float]:
        """Bid and ask."""
        tick = self._mt5.symbol_info_tick(name)
        if tick is None or not tick.bid or not tick.ask:
            raise self._failure("symbol_info_tick")
        return float(tick.bid), float(tick.ask)

    def send(self, request: Row) -> Row | None:
        """What the trade server answered; None where nobody knows what it did."""
        found = self._mt5.order_send(request)
        if found is None:
            return None
        row = found._asdict()
        return {field: row[field] for field in ("retcode", "deal", "order", "volume", "comment")}

    def deals(self, since: int, now: int) -> list[Row]:
        """All from `since` (seconds of the server's clock), oldest first. `now` is ours, of UTC."""
        found = self._rows("history_deals_get", since, now + _AHEAD)
        return sorted(found, key=lambda deal: (deal["time_msc"], deal["ticket"]))

    def deals_of_position(self, position: int) -> list[Row]:
        return self._rows("history_deals_get", position=position)

    def latest_deals(self) -> list[Row]:
        """Of the last two days, by whatever clock."""
        now = int(time.time())
        return self.deals(now - _AHEAD, now)

    def symbol(self, name: str) -> Row | None:
        """None where the broker no longer has it."""
        found = self._mt5.symbol_info(name)
        if found is None:
            return None
        row = found._asdict()
        return {field: _plain(row[field]) for field in _SYMBOL_FIELDS if field in row}

    def tick(self, name: str) -> Row | None:
        """Its last prices and their time, in milliseconds of the server's clock; without a side that has no price."""
        tick = self._mt5.symbol_info_tick(name)
        if tick is None or not tick.time_msc:
            return None
        prices = {"bid": _plain(tick.bid), "ask": _plain(tick.ask)}
        return {
            "time_msc": int(tick.time_msc),
            **{side: one for side, one in prices.items() if one},
        }

    def bars(self, symbol: str, seconds: int, since: int, until: int) -> list[list[Any]]:
        """[time, open, high, low, close, ticks] of those that opened in between, by the server's clock, in order."""
        frame = getattr(self._mt5, _FRAMES[seconds])
        found = self._mt5.copy_rates_range(symbol, frame, since, until)
        if found is None:
            raise self._failure("copy_rates_range")
        prices = ("open", "high", "low", "close")
        rows = (
            [int(one["time"]), *(float(one[name]) for name in prices), int(one["tick_volume"])]
            for one in found
        )
        return sorted(row for row in rows if all(map(math.isfinite, row)))

    def usual_symbols(self) -> list[str]:
        found = self._mt5.symbols_get(group=_USUAL) or ()
        return [one.name for one in found if one.visible][:_USUAL_MAX]

    def _row(self, call: str) -> Row:
        found = getattr(self._mt5, call)()
        if found is None:
            raise self._failure(call)
        return _written(found)

    def _rows(self, call: str, *arguments: int, **named: int) -> list[Row]:
        found: Iterable[Any] | None = getattr(self._mt5, call)(*arguments, **named)
        if found is None:
            raise self._failure(call)
        return [_written(one) for one in found]

    def _failure(self, call: str) -> Unreadable:
        code, text = self._mt5.last_error() or (0, "")
        if code <= -10_000:
            # The terminal is gone or hangs: what was opened is of no use any more.
            self.close()
        return Unreadable(call, int(code), str(text))


def _written(record: Any) -> Row:
    return {name: _plain(value) for name, value in record._asdict().items()}


def _plain(value: Any) -> Any:
    """Numbers that JSON does not have are no numbers here either."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
