"""Closing in the terminal: against the position as it is at that moment, never more than it, never a new one."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import Any

from fillbook_client.mt5.terminal import Row, Terminal, Unreadable

# Values of the package's constants.
_DEAL, _REMOVE = 1, 8
_BUY, _SELL = 0, 1
_GTC = 0
_FOK, _IOC, _RETURN = 0, 1, 2
_MASK_FOK, _MASK_IOC = 1, 2
_WORKING_STATES = (0, 1, 3, 7, 8, 9)
_DONE = 10009
_OTHER_PRICE = frozenset({10004, 10020, 10021})
_OTHER_FILLING = 10030
_TRIES = 3
_DEVIATION = 20


class Trader:
    """Raises Unreadable where nothing was sent."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def close(self, body: Row) -> Row:
        """`body`: ticket ("": the only position of the symbol), symbol, side of the order, volume, magic, comment."""
        position = self._position(body)
        if position is None:
            return _not_sent("There is no such position any more.")
        if position["type"] != (_BUY if body["side"] == "sell" else _SELL):
            return _not_sent("The position has turned round.")
        terms = self._terminal.trading_terms(position["symbol"])
        volume = _step(min(Decimal(str(body["volume"])), Decimal(str(position["volume"]))), terms)
        if volume <= 0:
            return _not_sent("Less than can be traded is left.")
        return self._send(body, position, terms, volume)

    def _send(self, body: Row, position: Row, terms: Row, volume: Decimal) -> Row:
        """What the server refuses for its price or filling is tried again; nothing else ever is."""
        fillings = _fillings(terms.get("filling_mode"))
        result: Row | None = None
        for _ in range(_TRIES):
            bid, ask = self._terminal.prices(position["symbol"])
            is_long = position["type"] == _BUY
            result = self._terminal.send(
                {
                    "action": _DEAL, "symbol": position["symbol"], "position": position["ticket"],
                    "volume": float(volume), "type": _SELL if is_long else _BUY, "price": bid if is_long else ask,
                    "deviation": _DEVIATION, "magic": int(body["magic"]), "comment": str(body["comment"])[:26],
                    "type_time": _GTC, "type_filling": fillings[0],
                }
            )  # fmt: skip
            if result is None:
                return {"outcome": "unknown", "reason": "The terminal gave no answer."}
            if result["retcode"] == _OTHER_FILLING and len(fillings) > 1:
                fillings = fillings[1:]
            elif result["retcode"] not in _OTHER_PRICE:
                break
        assert result is not None
        answer = {
            "outcome": "sent",
            "retcode": int(result["retcode"]),
            "order": str(result["order"] or ""),
        }
        if result["retcode"] == _DONE:
            answer["filled"] = str(Decimal(repr(float(result["volume"] or volume))))
        return {**answer, "deal": str(result["deal"] or ""), "reason": str(result["comment"] or "")}

    def cancel(self, body: Row) -> Row:
        """Pending orders of the symbol. `left` is how many are there afterwards."""
        for order in self._orders_of(body["symbol"]):
            self._terminal.send({"action": _REMOVE, "order": order["ticket"]})
        return {"outcome": "sent", "left": len(self._orders_of(body["symbol"]))}

    def find(self, body: Row) -> Row:
        """What became of the order that carries our marks, by the terminal's own history."""
        working = [one for one in self._terminal.orders() if _is_ours(one, body)]
        if working:
            left = _exact(working[0]["volume_initial"]) - _exact(working[0]["volume_current"])
            return {
                "outcome": "working",
                "filled": str(left),
                "order": str(working[0]["ticket"]),
            }
        deals = [one for one in self._deals(body) if _is_ours(one, body)]
        if deals:
            filled = sum((_exact(one["volume"]) for one in deals), Decimal(0))
            return {"outcome": "over", "filled": str(filled), "order": str(deals[0]["order"])}
        position = body.get("ticket")
        past = self._terminal.history_orders_of_position(int(position)) if position else []
        over = [one for one in past if _is_ours(one, body) and one["state"] not in _WORKING_STATES]
        if over:
            return {"outcome": "over", "filled": "0", "order": str(over[0]["ticket"])}
        return {"outcome": "none"}

    def _deals(self, body: Row) -> list[Row]:
        if body.get("ticket"):
            return self._terminal.deals_of_position(int(body["ticket"]))
        return self._terminal.latest_deals()

    def _position(self, body: Row) -> Row | None:
        """Raises Unreadable also where it is not clear which one is meant."""
        ticket, symbol = str(body.get("ticket") or ""), body["symbol"]
        held = [one for one in self._terminal.positions() if one["symbol"] == symbol]
        if ticket:
            # The identifier stays, a ticket may change overnight.
            named = [one for one in held if ticket in (str(one["identifier"]), str(one["ticket"]))]
            return named[0] if named else None
        if len(held) > 1:
            raise Unreadable("positions_get", 0, f"There are several positions of {symbol}")
        return held[0] if held else None

    def _orders_of(self, symbol: str) -> list[Row]:
        return [one for one in self._terminal.orders() if one["symbol"] == symbol]


def _is_ours(row: Row, body: Row) -> bool:
    """Brokers may overwrite comments; numbers they keep."""
    return row["magic"] == int(body["magic"]) or str(row["comment"]).startswith(
        str(body["comment"])
    )


def _not_sent(reason: str) -> Row:
    return {"outcome": "not_sent", "reason": reason}


def _exact(value: Any) -> Decimal:
    return Decimal(repr(value))


def _step(volume: Decimal, terms: Row) -> Decimal:
    step = _exact(terms.get("volume_step") or 0.01)
    return (volume / step).to_integral_value(ROUND_DOWN) * step


def _fillings(mask: Any) -> list[int]:
    """The mask of a symbol counts in other numbers than an order's filling."""
    allowed = mask if isinstance(mask, int) else 0
    found = [way for way, bit in ((_FOK, _MASK_FOK), (_IOC, _MASK_IOC)) if allowed & bit]
    return [*found, _RETURN] if _IOC not in found else [*reversed(found), _RETURN]
