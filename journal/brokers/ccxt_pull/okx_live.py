"""OKX v5 at this moment: contracts of all kinds, orders at work (conditional ones too), the trading account.

Contracts are counted as OKX counts them, each worth its stated value times its multiplier (of BTC's options 0.01). An
order is asked for by its market, so which market it was sent to is remembered before it is sent. One that arrives after
its `expTime` is not taken.

Facts: a net position may become less by `reduceOnly`, one of two sides by its side alone; options and margin have no
order that can only close.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from journal.brokers.base import InstrumentRow
from journal.brokers.ccxt_json import symbols
from journal.brokers.ccxt_pull import faults
from journal.brokers.ccxt_pull.live import (
    LONG,
    SHORT,
    Held,
    check_is_contract,
    coins,
    contract,
    position_for,
    reply_of,
    send_once,
    side_of,
    some,
)
from journal.brokers.ccxt_pull.okx import Okx
from journal.brokers.ccxt_pull.quotes import FEW, Market, Ticker, rows_told, tell_quotes, ticker
from journal.brokers.ccxt_pull.talk import Row, Talk, moment, ms
from journal.brokers.ccxt_pull.venue import PAGES_MAX, number
from journal.brokers.live import AccountReading, ClosingOrder, Holding, WorkingOrder
from journal.brokers.pull_faults import half_answer
from journal.domain.exact import divide
from journal.domain.fate import Fate, Reply
from journal.domain.values import ONE, ZERO, Side

_PAGE = 100
_KEPT = 40
_EXPIRES = timedelta(seconds=10)
_CONTRACTS = ("SWAP", "FUTURES", "OPTION")
# Each needs a question of its own.
_ALGOS = ("conditional,oco", "trigger", "move_order_stop", "iceberg", "twap")
_STOPS = ("slTriggerPx", "triggerPx", "moveTriggerPx")
_TICKETS = {"net": "", "long": LONG, "short": SHORT}
_SIGNS = {"long": 1, "short": -1}
_FATES = {
    "filled": Fate.FILLED, "live": Fate.WORKING, "partially_filled": Fate.WORKING, "canceled": Fate.REJECTED,
    "mmp_canceled": Fate.REJECTED, "order_failed": Fate.REJECTED,
}  # fmt: skip
# What ccxt does not know, or takes for something else: nothing to make less, a name that is known, an order too late.
_CODES = {
    "51023": "InvalidOrder", "51169": "InvalidOrder", "51016": "DuplicateOrderId", "50036": "InvalidNonce",
}  # fmt: skip


class OkxLive(Okx):
    def __init__(self, talk: Talk) -> None:
        super().__init__(talk)
        for code, kind in _CODES.items():
            talk.know(code, kind)
        # By the exchange's name of a contract its size, and by ours of an order where it is.
        self._sizes: dict[str, Decimal] = {}
        self._places: dict[str, tuple[str, bool]] = {}
        self._modes: dict[str, str] = {}

    def read(self, account_id: str) -> AccountReading:
        at = self._talk.link.now()
        rows = self._position_rows()
        held, orders = self._held(rows), self._working(rows)
        wallet = next(iter(self._data("private_get_account_balance", {})), None)
        if wallet is None:
            raise half_answer(self._talk.name)
        details = wallet.get("details") or []
        totals = {str(one["ccy"]): number(one.get("cashBal")) for one in details}
        bought, cash = coins(self._talk, totals, "-")
        markets = [(one.holding, Market(str(one.row["instType"]), str(one.row["instId"]))) for one in held]  # fmt: skip
        equity = some(wallet.get("totalEq"))
        # What is borrowed for it, and in which coin it is held, differs by the account's mode.
        lacking = [f"margin position {one['instId']}" for one in rows if one.get("instType") == "MARGIN"]  # fmt: skip
        return AccountReading(
            account_id, at, "USD", tuple(tell_quotes([*markets, *bought], self._tickers)), tuple(orders), equity,
            None if equity is None else equity - _open_pnl(details), cash, some(wallet.get("imr")), tuple(lacking),
        )  # fmt: skip

    def holdings(self) -> list[Holding]:
        return [one.holding for one in self._held(self._position_rows())]

    def _position_rows(self) -> list[Row]:
        rows = self._data("private_get_account_positions", {})
        return [one for one in rows if number(one.get("pos"))]

    def _held(self, rows: Sequence[Row]) -> list[Held]:
        contracts = [one for one in rows if one.get("instType") in _CONTRACTS]
        self._learn(contracts)
        return [Held(self._holding(one), one) for one in contracts]

    def _holding(self, row: Row) -> Holding:
        """In long/short mode both sides are positions of their own; margin of its own makes another one again."""
        side, count = str(row.get("posSide")), number(row["pos"])
        if side not in _TICKETS:
            raise half_answer(self._talk.name)
        quantity = _SIGNS[side] * abs(count) if side in _SIGNS else count
        alone = "isolated" if row.get("mgnMode") == "isolated" and side == "net" else ""
        mark = some(row.get("markPx"))
        return Holding(
            self._instrument(row), _TICKETS[side] or alone, quantity, some(row.get("avgPx")), mark,
            self._talk.link.now() if mark else None, number(row.get("upl")),
        )  # fmt: skip

    def orders(self) -> list[WorkingOrder]:
        return self._working(self._position_rows())

    def _working(self, held: Sequence[Row]) -> list[WorkingOrder]:
        told = [
            (one, False) for one in self._pages("private_get_trade_orders_pending", {}, "ordId")
        ]
        for kind in _ALGOS:
            asked = {"ordType": kind}
            rows = self._pages("private_get_trade_orders_algo_pending", asked, "algoId")
            told += [(one, True) for one in rows]
        self._learn(one for one, _ in told)
        sizes = {(one["instId"], one.get("posSide")): abs(number(one["pos"])) for one in held}
        found = []
        for row, is_algo in told:
            size = some(row.get("sz")) or sizes.get((row["instId"], row.get("posSide")), ZERO)
            order = self._order(row, size, is_algo=is_algo)
            self._places[order.order_id] = (str(row["instId"]), is_algo)
            found.append(order)
        return found

    def _order(self, row: Row, size: Decimal, *, is_algo: bool) -> WorkingOrder:
        """One that takes a profit has that price as its limit. -1 is a price at market."""
        side = side_of(self._talk, row.get("side"))
        limits = ("ordPx", "slOrdPx", "tpTriggerPx") if is_algo else ("px",)
        ids = ("algoId", "algoClOrdId") if is_algo else ("ordId", "clOrdId")
        closes = (("long", Side.SELL), ("short", Side.BUY))
        return WorkingOrder(
            str(row[ids[0]]), str(row.get(ids[1]) or ""), self._instrument(row), side, size,
            number(row.get("accFillSz")), _first(row, *limits), _first(row, *_STOPS),
            str(row.get("reduceOnly")).lower() == "true" or (row.get("posSide"), side) in closes,
            moment(row.get("cTime")),
        )  # fmt: skip

    def place(self, order: ClosingOrder) -> Reply:
        found = check_is_contract(order) or position_for(order, self._held(self._position_rows()))
        if isinstance(found, Reply):
            return found
        market, side = str(found.row["instId"]), str(found.row["posSide"])
        if found.row["instType"] == "OPTION":
            reason = "OKX has no orders for options that can only close."
            return Reply(Fate.REJECTED, is_final=True, reason=reason)
        kept = dict(self._talk.link.state.get("closes") or {})
        self._talk.link.remember(closes=dict([*kept.items(), (order.client_id, market)][-_KEPT:]))
        # In long/short mode the side of the position says that it can only become less.
        only: Row = {"reduceOnly": True} if side == "net" else {"posSide": side}
        body = {
            "instId": market,
            "tdMode": str(found.row["mgnMode"]),
            "side": order.side.value,
            "ordType": "market",
            "sz": f"{order.quantity:f}",
            "clOrdId": order.client_id,
            **only,
        }
        self._talk.ccxt.headers["expTime"] = str(ms(self._talk.link.now() + _EXPIRES))
        try:
            answer = send_once(self._talk, "private_post_trade_order", body)
        finally:
            del self._talk.ccxt.headers["expTime"]
        if isinstance(answer, Reply):
            return answer
        # It says that the order came, and nothing of its fate.
        taken = next((one for one in answer.get("data") or [] if one.get("sCode") == "0"), None)
        if taken is None:
            return Reply(Fate.UNKNOWN)
        return Reply(Fate.WORKING, order_id=str(taken.get("ordId") or ""))

    def find(self, client_id: str) -> Reply:
        market = (self._talk.link.state.get("closes") or {}).get(client_id)
        if market is None:
            # It is remembered before it is sent.
            return Reply(Fate.NEVER)
        asked = {"instId": market, "clOrdId": client_id}
        answer = send_once(self._talk, "private_get_trade_order", asked)
        if isinstance(answer, Reply):
            is_missing = answer.fate is Fate.REJECTED and "OrderNotFound" in answer.reason
            return Reply(Fate.NOT_FOUND if is_missing else Fate.UNKNOWN, reason=answer.reason)
        rows: list[Row] = answer.get("data") or []
        row = next((one for one in rows if one.get("clOrdId") == client_id), Row())
        return reply_of(
            row.get("state"), _FATES, row.get("accFillSz"), row.get("avgPx"), row.get("ordId")
        )

    def cancel(self, order: WorkingOrder) -> None:
        market, is_algo = self._places[order.order_id]
        if is_algo:
            asked = [{"instId": market, "algoId": order.order_id}]
            send_once(self._talk, "private_post_trade_cancel_algos", asked)
        else:
            plain = {"instId": market, "ordId": order.order_id}
            send_once(self._talk, "private_post_trade_cancel_order", plain)

    # -- markets

    def _learn(self, rows: Iterable[Row]) -> None:
        """How much one contract is, and whether it can be traded. Many are asked for with all of their kind."""
        ids: dict[tuple[str, str], set[str]] = defaultdict(set)
        for one in rows:
            kind, id_ = str(one["instType"]), str(one["instId"])
            if kind in _CONTRACTS and id_ not in self._sizes:
                ids[kind, "-".join(id_.split("-")[:2]) if kind == "OPTION" else ""].add(id_)
        for (kind, family), some_ids in ids.items():
            whole = {"instType": kind, **({"instFamily": family} if family else {})}
            each = [{**whole, "instId": id_} for id_ in sorted(some_ids)]
            for asked in each if len(each) <= FEW else [whole]:
                for row in self._data("public_get_public_instruments", asked):
                    times = some(row.get("ctMult")) or ONE
                    self._sizes[str(row["instId"])] = number(row.get("ctVal")) * times
                    self._modes[str(row["instId"])] = str(row.get("state") or "")
            if not all(self._sizes.get(id_) for id_ in some_ids):
                raise half_answer(self._talk.name)

    def _instrument(self, row: Row) -> InstrumentRow:
        id_ = str(row["instId"])
        size = self._sizes[id_] if row["instType"] in _CONTRACTS else ONE
        return contract(self._talk, lambda: symbols.from_okx(id_), size)

    def _tickers(self, kind: str, ids: Sequence[str]) -> dict[str, Ticker]:
        method = "public_get_market_ticker" + ("" if len(ids) <= FEW else "s")
        rows = rows_told(
            self._talk,
            method,
            ids,
            lambda id_: {"instId": id_},
            {"instType": kind.upper()},
            _listed,
        )
        return {
            str(one.get("instId")): ticker(
                one.get("bidPx"), one.get("askPx"), (one.get("bidSz"), one.get("askSz")), one.get("last"), one.get("ts")
            )._replace(is_halted=self._is_halted(str(one.get("instId"))))
            for one in rows
        }  # fmt: skip

    def _is_halted(self, id_: str) -> bool | None:
        state = self._modes.get(id_)
        return None if not state else state != "live"

    def _pages(self, method: str, params: Row, id_: str) -> list[Row]:
        rows: list[Row] = []
        asked = {**params, "limit": _PAGE}
        for _ in range(PAGES_MAX):
            page = self._data(method, asked)
            rows += page
            if len(page) < _PAGE:
                return rows
            asked = {**asked, "after": page[-1][id_]}
        raise faults.list_moves(self._talk.name)


def _listed(answer: Any) -> Any:
    return answer.get("data") if isinstance(answer, dict) else None


def _first(row: Row, *names: str) -> Decimal | None:
    return next((price for name in names if (price := number(row.get(name))) > 0), None)


def _open_pnl(details: Sequence[Row]) -> Decimal:
    """Of all coins, in dollars as OKX counts each."""
    total = ZERO
    for one in details:
        open_pnl, equity = number(one.get("upl")) + number(one.get("isoUpl")), number(one.get("eq"))
        if open_pnl and equity:
            total += divide(open_pnl * number(one.get("eqUsd")), equity)
    return total
