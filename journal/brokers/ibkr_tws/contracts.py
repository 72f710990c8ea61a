"""A contract of the API as the fields of a captured record, named as Interactive Brokers' statements name it."""

from __future__ import annotations

from typing import Any

from journal.brokers.ibkr_tws.values import Record, day, filled, positive, word

# An order for several contracts at once. Its legs fill one by one.
COMBO = "BAG"
_CLASSES = {
    "STK": "stock", "OPT": "option", "FUT": "future", "FOP": "future_option", "CASH": "forex", "CFD": "cfd",
    "CRYPTO": "crypto", "BOND": "bond", "BILL": "bill", "FUND": "fund", "WAR": "warrant", "IOPT": "structured",
    "CMDTY": "metal",
}  # fmt: skip
_ENDING = ("OPT", "FUT", "FOP", "WAR", "IOPT", "BOND", "BILL")
_RIGHTS = {"C": "call", "CALL": "call", "P": "put", "PUT": "put"}


def contract_fields(contract: Any) -> Record:
    """`contract`: conId, symbol, localSymbol, secType, currency, multiplier, strike, right,
    lastTradeDateOrContractMonth."""
    kind = word(contract.secType).upper()
    symbol, local = word(contract.symbol), str(contract.localSymbol or "").strip()[:64]
    right = _RIGHTS.get(word(contract.right).upper())
    return filled(
        {
            "symbol": local or symbol,
            "underlying": symbol if kind in ("OPT", "FUT", "FOP", "WAR", "IOPT") else None,
            "asset_class": _CLASSES.get(kind, "other"),
            "currency": word(contract.currency).upper(),
            "multiplier": positive(contract.multiplier),
            "expiry_on": day(contract.lastTradeDateOrContractMonth) if kind in _ENDING else None,
            "strike": positive(contract.strike) if right else None,
            "right": right,
            "instrument_id": str(contract.conId) if contract.conId else None,
        }
    )


def is_combo(contract: Any) -> bool:
    return bool(word(contract.secType).upper() == COMBO)


def is_bond(contract: Any) -> bool:
    return word(contract.secType).upper() in ("BOND", "BILL")
