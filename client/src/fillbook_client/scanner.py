"""What option scanners log: opportunities, entries and exits of whole structures, under the names they use.

An opportunity is any object or mapping with a symbol. What is known by name goes where the journal looks for it;
everything else that is a number or a word is kept among the features, under its own name.
"""

from __future__ import annotations

import dataclasses
import logging
import uuid
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from fillbook_client.records import now

logger = logging.getLogger("fillbook")

_SYMBOL = ("symbol", "ticker", "underlying", "underlying_symbol")
_STRATEGY = ("strategy", "strategy_type", "strategy_name")
_PROFIT = ("expected_profit", "max_profit")
_LOSS = ("expected_loss", "max_loss")
_CHANCE = ("probability", "probability_of_profit", "prob_profit", "pop", "win_probability")
_SIZE = ("recommended_contracts", "contracts", "num_contracts", "quantity", "position_size")
_EXPIRY = ("expiry_on", "expiration", "expiration_date", "expiry")
_TEXT_MAX = 200


class ScannerNames:
    """The names under which scanners of options log. Like everything that records, nothing here raises or waits."""

    def _record(self, kind: str, fields: dict[str, Any]) -> str:
        raise NotImplementedError

    def log_recommendation(
        self, opp: Any, sizing: Any = None, reason: str = "", **more: Any
    ) -> str:
        """What a scanner found: any object or mapping with a symbol, and how large it would be. The id that comes back
        is what `log_trade_entry` refers to."""
        try:
            fields = recommendation_of(opp, sizing, reason)
        except Exception:
            logger.exception("An opportunity could not be read whole: %r", opp)
            fields = {"symbol": str(getattr(opp, "symbol", "")), "reason": reason or None}
        return self._record("recommendation", {"at": now(), **fields, **more})

    def log_trade_entry(
        self,
        rec_id: Any,
        actual_contracts: Any,
        entry_credit: Any,
        iv_rank: Any = None,
        notes: str = "",
        **more: Any,
    ) -> str:
        """A structure was opened for this net credit per unit (a debit is negative). Gives the id of the trade.

        It is an order that is filled as a whole; what its legs were filled at comes from the broker.
        """
        trade_id = uuid.uuid4().hex
        features = {
            name: value for name, value in (("iv_rank", iv_rank), ("notes", notes)) if value
        }
        fields = entry_of(rec_id, trade_id, actual_contracts, entry_credit, features)
        self._record("order", {"at": now(), **fields, **more})
        return trade_id

    def log_trade_exit(
        self,
        trade_id: Any,
        exit_debit: Any,
        close_reason: str = "",
        notes: str = "",
        contracts: Any = None,
        **more: Any,
    ) -> str:
        """A structure was closed for this net debit per unit (a credit is negative)."""
        features = {"notes": notes} if notes else {}
        fields = exit_of(trade_id, exit_debit, close_reason, contracts, features)
        return self._record("order", {"at": now(), **fields, **more})


def recommendation_of(opportunity: Any, sizing: Any = None, reason: str = "") -> dict[str, Any]:
    """The fields of a recommendation. Nothing here raises: what cannot be understood is kept as text."""
    said = fields_of(opportunity)
    size = fields_of(sizing)
    strategy = str(_first(said, _STRATEGY) or "")
    return {
        "symbol": str(_first(said, _SYMBOL) or ""),
        "strategy": strategy,
        "quantity": _first(size, _SIZE) or _first(said, ("recommended_contracts", "contracts")),
        "expected_profit": _first(said, _PROFIT),
        "expected_loss": _first(said, _LOSS),
        "probability": _share(_first(said, _CHANCE)),
        "legs": _legs(said, strategy),
        "features": {**_features(said), **{f"sizing_{name}": one for name, one in _features(size).items()}},
        "reason": reason or None,
        "source": "scanner",
    }  # fmt: skip


def entry_of(
    rec_id: Any, trade_id: str, contracts: Any, credit: Any, features: dict[str, Any]
) -> dict[str, Any]:
    """The fields of an order that opened a structure for a net credit (a debit is negative), filled as a whole."""
    return {
        "client_order_id": trade_id,
        "status": "filled",
        "role": "entry",
        "side": "buy" if _is_negative(credit) else "sell",
        "quantity": contracts,
        "filled_quantity": contracts,
        "average_price": credit,
        "recommendation_id": str(rec_id),
        "extra": features or None,
    }


def exit_of(
    trade_id: Any, debit: Any, close_reason: str, contracts: Any, features: dict[str, Any]
) -> dict[str, Any]:
    """The fields of an order that closed a structure for a net debit (a credit is negative)."""
    return {
        "client_order_id": f"{trade_id}-exit",
        "parent_id": str(trade_id),
        "status": "filled",
        "role": "exit",
        "side": "sell" if _is_negative(debit) else "buy",
        "quantity": contracts,
        "filled_quantity": contracts,
        "average_price": debit,
        "reason": close_reason or None,
        "extra": features or None,
    }


def fields_of(thing: Any) -> dict[str, Any]:
    """What a mapping, a named tuple, a dataclass or any other object says of itself."""
    if thing is None:
        return {}
    if isinstance(thing, Mapping):
        return {str(name): value for name, value in thing.items()}
    if hasattr(thing, "_asdict"):
        return dict(thing._asdict())
    if dataclasses.is_dataclass(thing):
        return {one.name: getattr(thing, one.name) for one in dataclasses.fields(thing)}
    if isinstance(thing, (int, float, Decimal)):
        return {"contracts": thing}
    found = getattr(thing, "__dict__", {})
    return {name: value for name, value in found.items() if not name.startswith("_")}


def _first(said: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((said[name] for name in names if said.get(name) not in (None, "")), None)


def _share(chance: Any) -> Any:
    """68 and 0.68 both mean 68 %."""
    try:
        number = Decimal(str(chance))
    except ArithmeticError:
        return None
    return number / 100 if number > 1 else number


def _is_negative(amount: Any) -> bool:
    try:
        return Decimal(str(amount)) < 0
    except ArithmeticError:
        return False


def _features(said: dict[str, Any]) -> dict[str, Any]:
    kept = {name: _scalar(value) for name, value in said.items()}
    return {name: value for name, value in kept.items() if value is not None}


def _scalar(value: Any) -> Any:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (bool, int, float, Decimal)):
        return value
    return value if isinstance(value, str) and len(value) <= _TEXT_MAX else None


def _legs(said: dict[str, Any], strategy: str) -> list[dict[str, Any]] | None:
    """As they are given; else a vertical's, where its strikes and its right are named."""
    given = said.get("legs")
    if isinstance(given, (list, tuple)):
        legs = [_features(fields_of(leg)) for leg in given]
        return [leg for leg in legs if leg] or None
    words = strategy.lower()
    rights = [right for right in ("put", "call") if right in words]
    short, long = said.get("short_strike"), said.get("long_strike")
    if len(rights) != 1 or short is None or long is None:
        return None
    shared = {"right": rights[0], "expiry_on": _scalar(_first(said, _EXPIRY)), "quantity": 1}
    both = ({"side": "sell", "strike": short}, {"side": "buy", "strike": long})
    return [_features({**shared, **own}) for own in both]
