"""TWS on this machine: its socket protocol as version 178 of the server speaks it, with faults that a test scripts.

Every message is its length in four bytes and its fields, each ended by a NUL. After `API\\0` the client names the versions
that it understands; the server answers with its own and the time, and takes requests by number.

Orders and fills are what the simulator knows; what it is asked for, it tells of them. It pushes what happens where
`is_master` is set, as TWS does to the client that its settings name.
"""

from __future__ import annotations

import asyncio
import struct
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Self

VERSION = 178
UNSET = "1.7976931348623157E308"
UNSET_INTEGER = "2147483647"
READ_ONLY = (
    "Error validating request.-'bw' : cause - The API interface is currently in Read-Only mode."
)


@dataclass(frozen=True)
class Contract:
    con_id: int
    symbol: str
    kind: str = "STK"
    local: str = ""
    expiry: str = ""
    strike: str = "0"
    right: str = ""
    multiplier: str = ""
    currency: str = "USD"
    legs: tuple[tuple[int, int, str], ...] = ()  # con id, ratio, side

    def fields(self) -> list[object]:
        return [
            self.con_id, self.symbol, self.kind, self.expiry, self.strike, self.right, self.multiplier, "SMART",
            self.currency, self.local or self.symbol, self.symbol,
        ]  # fmt: skip


@dataclass
class Order:
    number: int
    permanent: int
    contract: Contract
    action: str = "BUY"
    quantity: str = "100"
    kind: str = "LMT"
    limit: str = "0.0"
    aux: str = "0.0"
    trail: str = UNSET
    parent: int = 0
    group: str = ""
    reference: str = ""
    client: int = 5
    account: str = "U7654321"
    tif: str = "GTC"
    status: str = "Submitted"
    filled: str = "0"
    average: str = "0"
    held: str = ""
    warning: str = ""
    ended: str = ""  # as TWS says it, such as “Cancelled by Trader”
    parent_permanent: int = 0

    @property
    def remaining(self) -> str:
        return str(float(self.quantity) - float(self.filled))


@dataclass
class Fill:
    id: str
    order: Order
    quantity: str
    price: str
    at: str  # “20260602 09:30:01 US/Eastern”
    contract: Contract
    side: str = "BOT"
    cost: str = ""
    cost_currency: str = "USD"


@dataclass
class Tws:
    """`with Tws() as tws:` listens on `tws.port`. Everything may be called from the test's thread."""

    accounts: list[str] = field(default_factory=lambda: ["U7654321"])
    is_master: bool = True
    is_read_only: bool = False
    orders: dict[int, Order] = field(default_factory=dict)
    done: list[Order] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    requests: list[list[str]] = field(default_factory=list)
    sessions: int = 0
    port: int = 0
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _cuts: list[Callable[[list[str]], bool]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    @property
    def listeners(self) -> int:
        return len(self._writers)

    # What a person does with the program.

    def start(self) -> None:
        """Listens, at the same port as before."""
        self._server = self._do(self._listen())

    def stop(self) -> None:
        """The program ends: nobody listens, and all connections break."""
        self._do(self._close())

    def hang_up(self) -> None:
        self._do(self._drop())

    def cut_within(self, is_meant: Callable[[list[str]], bool]) -> None:
        """The next message that is meant is sent by half, and the connection breaks."""
        self._cuts.append(is_meant)

    # What happens in the market. Each is told at once where `is_master` is set.

    def place(self, order: Order) -> Order:
        self.orders[order.permanent] = order
        self.tell(*self.order_messages(order))
        return order

    def change(self, order: Order, **values: Any) -> Order:
        for name, value in values.items():
            setattr(order, name, value)
        if order.status in ("Filled", "Cancelled", "Inactive"):
            self.orders.pop(order.permanent, None)
            self.done.append(order)
        self.tell(*self.order_messages(order))
        return order

    def fill(self, fill: Fill, *, charge: bool = True) -> Fill:
        self.fills.append(fill)
        self.tell(execution(fill), *([commission(fill)] if fill.cost and charge else []))
        return fill

    def charge(self, fill: Fill, cost: str, currency: str = "USD") -> None:
        fill.cost, fill.cost_currency = cost, currency
        self.tell(commission(fill))

    def correct(self, fill: Fill, **values: Any) -> Fill:
        """The broker says it again, better: the list of the day's fills has the later one only."""
        family, _, place = fill.id.rpartition(".")
        better = replace(fill, id=f"{family}.{int(place) + 1:02d}", **values)
        self.fills.remove(fill)
        return self.fill(better)

    def error(self, about: int, code: int, words: str) -> None:
        self.tell([4, 2, about, code, words, ""])

    def tell(self, *messages: list[object]) -> None:
        if self.is_master:
            self._do(self._push(messages))

    def order_messages(self, order: Order) -> list[list[object]]:
        return [open_order(order), order_status(order)]

    # The protocol.

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> asyncio.Server:
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _close(self) -> None:
        self._server.close()
        await self._drop()

    async def _drop(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()
        self._writers.clear()

    async def _push(self, messages: Iterable[list[object]]) -> None:
        for writer in list(self._writers):
            for message in messages:
                self._send(writer, message)

    def _send(self, writer: asyncio.StreamWriter, message: list[object]) -> None:
        body = "".join(f"{one}\0" for one in message).encode()
        framed = struct.pack(">I", len(body)) + body
        words = [str(one) for one in message]
        cut = next((one for one in self._cuts if one(words)), None)
        if cut is None:
            writer.write(framed)
            return
        self._cuts.remove(cut)
        writer.write(framed[: len(framed) // 2])
        writer.close()
        self._writers.discard(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            assert await reader.readexactly(4) == b"API\0"
            versions = (await _message(reader)).decode()
            lowest, highest = versions.lstrip("v").split("..")
            assert int(lowest) <= VERSION <= int(highest)
            self._send(writer, [VERSION, "20260602 09:30:00 America/New_York"])
            while True:
                fields = (await _message(reader)).decode().split("\0")[:-1]
                self.requests.append(fields)
                self._answer(writer, fields)
        except (asyncio.IncompleteReadError, ConnectionError):
            self._writers.discard(writer)
            writer.close()

    def _answer(self, writer: asyncio.StreamWriter, fields: list[str]) -> None:
        answers = {
            "7": self._executions,
            "16": self._open_orders,
            "49": lambda _: [[49, 1, 1780407000]],
            "71": self._begin,
            "99": self._completed,
        }
        if fields[0] == "71":
            self.sessions += 1
            self._writers.add(writer)
        for message in answers[fields[0]](fields):
            self._send(writer, message)

    def _begin(self, _: list[str]) -> list[list[object]]:
        return [
            [15, 1, ",".join(self.accounts)],
            [9, 1, 1],
            [4, 2, -1, 2104, "Market data farm connection is OK", ""],
        ]

    def _executions(self, fields: list[str]) -> list[list[object]]:
        said = [execution(fill, fields[2]) for fill in self.fills]
        costs = [commission(fill) for fill in self.fills if fill.cost]
        return [*said, *costs, [55, 1, fields[2]]]

    def _open_orders(self, _: list[str]) -> list[list[object]]:
        if self.is_read_only:
            return [[4, 2, -1, 321, READ_ONLY, ""]]
        return [
            *(one for order in self.orders.values() for one in self.order_messages(order)),
            [53, 1],
        ]

    def _completed(self, _: list[str]) -> list[list[object]]:
        if self.is_read_only:
            return [[4, 2, -1, 321, READ_ONLY, ""]]
        return [*map(completed_order, self.done), [102]]


async def _message(reader: asyncio.StreamReader) -> bytes:
    (length,) = struct.unpack(">I", await reader.readexactly(4))
    return await reader.readexactly(length)


def order_status(order: Order) -> list[object]:
    return [
        3, order.number, order.status, order.filled, order.remaining, order.average, order.permanent, order.parent, "0",
        order.client, order.held, "0",
    ]  # fmt: skip


def open_order(order: Order) -> list[object]:
    """All fields in the order of version 178; what an order has not is empty, 0 or the largest number."""
    contract = order.contract
    legs: list[object] = [len(contract.legs)]
    for con_id, ratio, side in contract.legs:
        legs += [con_id, ratio, side, "SMART", 0, 0, "", -1]
    return [
        5, order.number, *contract.fields(), order.action, order.quantity, order.kind, order.limit, order.aux, order.tif,
        order.group, order.account, "", 0, order.reference, order.client, order.permanent, 0, 0, "0", "", "", "", "", "",
        # model code to deltaNeutralAuxPrice
        "", "", "", UNSET, "", 0, "", -1, 0, UNSET, UNSET, UNSET, UNSET, UNSET, 0, 0, 0, 0, UNSET_INTEGER, 3, 0, 0, UNSET,
        order.parent, 0, UNSET, 0, "", UNSET,
        # continuousUpdate to the description of legs, legs, prices of legs, routing
        0, 0, order.trail, UNSET, UNSET, UNSET_INTEGER, contract.symbol if contract.legs else "", *legs, 0, 0,
        # scale, hedge, routing, delta neutral contract, algorithm
        UNSET_INTEGER, UNSET_INTEGER, UNSET, "", 0, "", "IB", 0, 0, "",
        # solicited, what-if, state
        0, 0, order.status, *[UNSET] * 9, UNSET, UNSET, UNSET, "", order.warning, 0, 0,
        # conditions
        0,
        # adjusted orders to price management
        "None", UNSET, order.trail, UNSET, UNSET, UNSET, UNSET, 0, "", "", "", UNSET, 0, 0, 0, 0,
        # duration, post to ATS, cancel with the parent, five prices of IBKRATS
        UNSET_INTEGER, UNSET_INTEGER, 0, UNSET_INTEGER, UNSET_INTEGER, UNSET, UNSET, UNSET,
    ]  # fmt: skip


def completed_order(order: Order) -> list[object]:
    contract = order.contract
    return [
        101, *contract.fields(), order.action, order.quantity, order.kind, order.limit, order.aux, order.tif, order.group,
        order.account, "", 0, order.reference, order.permanent, 0, 0, "0", "", "", "", "",
        # model code to deltaNeutralAuxPrice
        "", "", "", UNSET, "", 0, "", -1, UNSET, UNSET, UNSET, UNSET, UNSET, 0, 0, 0, UNSET_INTEGER, 3, 0, UNSET, 0, "",
        UNSET,
        # continuousUpdate to the description of legs, legs, prices, routing
        0, 0, order.trail, UNSET, "", 0, 0, 0,
        # scale, hedge, clearing, delta neutral contract, algorithm
        UNSET_INTEGER, UNSET_INTEGER, UNSET, "", "", "IB", 0, 0, "",
        # solicited, state, randomised
        0, order.status, 0, 0,
        # conditions
        0,
        order.trail, UNSET, UNSET, 0, 0, "", order.filled, 0, 0, "", 0, 0, order.parent_permanent,
        "20260602 09:35:00 America/New_York", order.ended,
        UNSET_INTEGER, UNSET_INTEGER, UNSET, UNSET, UNSET,
    ]  # fmt: skip


def execution(fill: Fill, request: object = -1) -> list[object]:
    order = fill.order
    return [
        11, request, order.number, *fill.contract.fields(), fill.id, fill.at, order.account, "ISLAND", fill.side,
        fill.quantity, fill.price, order.permanent, order.client, 0, fill.quantity, fill.price, order.reference, "", "",
        "", 2, 0,
    ]  # fmt: skip


def commission(fill: Fill) -> list[object]:
    return [59, 1, fill.id, fill.cost, fill.cost_currency, UNSET, UNSET, ""]
