"""The MetaTrader5 package and the terminal behind it, as far as the bridge uses them.

Like the real one it answers with named tuples, None where something is wrong, and the reason in `last_error`. Times are
the server's clock as if it were UTC.
"""

from __future__ import annotations

from collections import namedtuple
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch
from types import SimpleNamespace

TradeDeal = namedtuple(
    "TradeDeal",
    "ticket order time time_msc type entry magic position_id reason volume price commission swap profit fee symbol "
    "comment external_id",
)
TradePosition = namedtuple(
    "TradePosition",
    "ticket time time_msc time_update time_update_msc type magic identifier reason volume price_open sl tp "
    "price_current swap profit symbol comment external_id",
)
TradeOrder = namedtuple(
    "TradeOrder",
    "ticket time_setup time_setup_msc time_done time_done_msc time_expiration type type_time type_filling state magic "
    "position_id position_by_id reason volume_initial volume_current price_open sl tp price_current price_stoplimit "
    "symbol comment external_id",
)
OrderSendResult = namedtuple(
    "OrderSendResult",
    "retcode deal order volume price bid ask comment request_id retcode_external request",
)
AccountInfo = namedtuple(
    "AccountInfo",
    "login trade_mode leverage limit_orders margin_so_mode trade_allowed trade_expert margin_mode currency_digits "
    "fifo_close balance credit profit equity margin margin_free margin_level margin_so_call margin_so_so "
    "margin_initial margin_maintenance assets liabilities commission_blocked name server currency company",
)
TerminalInfo = namedtuple(
    "TerminalInfo", "community_account connected trade_allowed build ping_last company name path"
)
Tick = namedtuple("Tick", "time bid ask last volume time_msc flags volume_real")
SymbolInfo = namedtuple(
    "SymbolInfo",
    "visible digits trade_contract_size trade_tick_size volume_step currency_base currency_profit currency_margin name "
    "path swap_long filling_mode volume_min trade_mode",
)

NO_IPC = (-10004, "No IPC connection")
OK = (1, "Success")


class Clock:
    """True time. `ahead` is how far the trading server's clock is ahead of it."""

    def __init__(
        self, at: str = "2026-11-18T15:00:00+00:00", ahead: timedelta = timedelta(hours=2)
    ) -> None:
        self.at = datetime.fromisoformat(at)
        self.ahead = ahead

    def __call__(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    @property
    def server_msc(self) -> int:
        return int((self.at + self.ahead).timestamp() * 1000)


class FakeMetaTrader5:
    TIMEFRAME_M1, TIMEFRAME_M5, TIMEFRAME_H1, TIMEFRAME_D1 = 1, 5, 16_385, 16_408

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.deals: list[TradeDeal] = []
        self.positions: list[TradePosition] = []
        self.is_closed = False
        self.is_connected = True
        self.failing: set[str] = set()
        self.login = 700300
        self.server = "Sample-Demo"
        self.initialized_with: list[dict] = []
        self.calls: list[str] = []
        # Bid and ask where they are others than usual; 4: all of it may be traded, 0: nothing.
        self.quotes: dict[str, tuple[float, float]] = {}
        self.trade_mode = 4
        self.ticks: dict[str, int] = {}
        self.orders: list[TradeOrder] = []
        self.past_orders: list[TradeOrder] = []
        self.requests: list[dict] = []
        # What the trade server says to the next requests instead of doing them; None is no answer. `lost` ones are
        # done, and nobody is told.
        self.answers: list[int | None] = []
        self.lost = False
        self.filling_mode = 3
        # 2: tickets of their own; 0: one position of each symbol.
        self.margin_mode = 2
        self._is_open = False
        self._error = OK
        self._next = 100

    # -- what happens there

    def deal(
        self,
        symbol="EURUSD",
        *,
        type=0,
        entry=0,
        volume=0.1,
        price=1.1,
        position=0,
        at=None,
        **more,
    ) -> TradeDeal:
        ticket = self._next
        self._next += 1
        msc = self.clock.server_msc if at is None else int(at * 1000)
        row = TradeDeal(
            ticket, ticket + 1000, msc // 1000, msc, type, entry, 0, position or ticket + 1000, 0, volume, price, -0.5, 0.0,
            0.0, 0.0, symbol, "", "",
        )._replace(**more)  # fmt: skip
        self.deals.append(row)
        return row

    def tick(self, *symbols: str) -> None:
        for symbol in symbols or ("EURUSD",):
            self.ticks[symbol] = self.clock.server_msc

    def hold(self, symbol="EURUSD", *, ticket=1100, type=0, volume=0.1) -> None:
        msc = self.clock.server_msc
        self.positions.append(
            TradePosition(
                ticket, msc // 1000, msc, msc // 1000, msc, type, 0, ticket, 0, volume, 1.1, 0.0, 0.0, 1.1, 0.0, 0.0, symbol,
                "", "",
            )
        )  # fmt: skip

    # -- the package

    def initialize(self, **options) -> bool:
        self.initialized_with.append(options)
        if self.is_closed:
            self._error = (-10003, "IPC initialize failed, Process create failed")
            return False
        self._is_open = True
        return True

    def shutdown(self) -> None:
        self._is_open = False

    def last_error(self) -> tuple[int, str]:
        return self._error

    def account_info(self):
        return self._give(
            "account_info",
            lambda: AccountInfo(
                self.login, 0, 100, 200, 0, True, True, self.margin_mode, 2, False, 1000.0, 0.0, 0.0, 1000.0, 0.0, 1000.0, 0.0, 50.0, 30.0,
                0.0, 0.0, 0.0, 0.0, 0.0, "Sample Person", self.server, "USD", "Sample Broker",
            ),
        )  # fmt: skip

    def terminal_info(self):
        return self._give(
            "terminal_info",
            lambda: TerminalInfo(
                False, self.is_connected, True, 5120, 31804, "Sample Broker", "MT5", "C:\\MT5"
            ),
        )

    def positions_get(self):
        return self._give("positions_get", lambda: tuple(self.positions))

    def orders_get(self):
        return self._give("orders_get", lambda: tuple(self.orders))

    def history_orders_get(self, *, position):
        return self._give(
            "history_orders_get",
            lambda: tuple(one for one in self.past_orders if one.position_id == position),
        )

    def order_send(self, request):
        self.requests.append(request)
        if self.is_closed or not self._is_open:
            self._error = NO_IPC
            return None
        if self.answers:
            retcode = self.answers.pop(0)
            return None if retcode is None else self._result(retcode, request)
        if request["action"] == 8:
            self.orders = [one for one in self.orders if one.ticket != request["order"]]
            return self._result(10009, request)
        done = self._close(request)
        return None if self.lost else done

    def _close(self, request):
        """As a hedging account does: the position named becomes less, never another."""
        held = next((one for one in self.positions if one.ticket == request["position"]), None)
        if held is None:
            return self._result(10036, request)
        if request["volume"] > held.volume + 1e-9:
            return self._result(10038, request)
        left = round(held.volume - request["volume"], 8)
        self.positions = [
            one._replace(volume=left) if one is held else one
            for one in self.positions
            if one is not held or left
        ]
        deal = self.deal(
            held.symbol, type=request["type"], entry=1, volume=request["volume"], price=request["price"],
            position=held.identifier, magic=request["magic"], comment=request["comment"],
        )  # fmt: skip
        return self._result(10009, request, deal)

    def _result(self, retcode, request, deal=None):
        return OrderSendResult(
            retcode, deal.ticket if deal else 0, deal.order if deal else 0, request.get("volume", 0.0),
            request.get("price", 0.0), 1.1, 1.1001, "", 1, 0, request,
        )  # fmt: skip

    def place(self, symbol="EURUSD", *, type=2, volume=0.1, price=1.0, **more) -> TradeOrder:
        ticket = self._next
        self._next += 1
        msc = self.clock.server_msc
        order = TradeOrder(
            ticket, msc // 1000, msc, 0, 0, 0, type, 0, 2, 1, 0, 0, 0, 0, volume, volume, price, 0.0, 0.0, 1.1, 0.0,
            symbol, "", "",
        )._replace(**more)  # fmt: skip
        self.orders.append(order)
        return order

    def history_deals_get(self, date_from=None, date_to=None, *, position=None):
        if position is not None:
            return self._give(
                "history_deals_get",
                lambda: tuple(one for one in self.deals if one.position_id == position),
            )
        since, until = _seconds(date_from), _seconds(date_to)
        return self._give(
            "history_deals_get",
            lambda: tuple(one for one in self.deals if since <= one.time <= until),
        )

    def copy_rates_range(self, symbol, timeframe, date_from, date_to):
        """Rows by name, as those of the package's array are had."""
        step = {1: 60, 5: 300, 16_385: 3_600, 16_408: 86_400}[timeframe]
        first = -(-int(_seconds(date_from)) // step) * step
        return self._give(
            "copy_rates_range",
            lambda: [
                {
                    "time": at, "open": 1.1, "high": 1.102, "low": 1.099, "close": 1.1, "tick_volume": 7, "spread": 1,
                    "real_volume": 0,
                }
                for at in range(first, int(_seconds(date_to)) + 1, step)
            ],
        )  # fmt: skip

    def symbol_info(self, name):
        if not any(name == one for one in ("EURUSD", "XBR", "BTCUSD")):
            return None
        size = 1000.0 if name == "XBR" else 100000.0
        return SymbolInfo(
            True,
            5,
            size,
            1e-05,
            0.01,
            name[:3],
            "USD",
            name[:3],
            name,
            f"Forex\\{name}",
            -1.0,
            self.filling_mode,
            0.01,
            self.trade_mode,
        )

    def symbol_info_tick(self, name):
        msc = self.ticks.get(name)
        bid, ask = self.quotes.get(name, (1.1, 1.1001))
        return None if msc is None else Tick(msc // 1000, bid, ask, 0.0, 0, msc, 6, 0.0)

    def symbols_get(self, group="*"):
        names = [
            name
            for name in ("EURUSD", "BTCUSD")
            if any(fnmatch(name, one) for one in group.split(","))
        ]
        return tuple(SimpleNamespace(name=name, visible=name != "BTCUSD") for name in names)

    def _give(self, call: str, make):
        self.calls.append(call)
        if self.is_closed or not self._is_open:
            self._error = NO_IPC
            return None
        if call in self.failing:
            self._error = (-1, "Terminal: Call failed")
            return None
        self._error = OK
        return make()


def _seconds(moment) -> float:
    return moment.replace(tzinfo=UTC).timestamp() if isinstance(moment, datetime) else moment
