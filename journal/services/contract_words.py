"""The contract in words: what makes two rows without a broker's id the same instrument."""

from __future__ import annotations

from journal.brokers.base import InstrumentRow
from journal.brokers.text.contracts import read_option
from journal.domain.values import ONE, AssetClass
from journal.models import Instrument

_NAMED_BY_TERMS = frozenset({AssetClass.OPTION, AssetClass.FUTURE_OPTION})


def contract_key(row: InstrumentRow) -> str:
    return key_of(row, symbol=row.symbol)


def key_of(contract: InstrumentRow | Instrument, *, symbol: str) -> str:
    """As the contract's key would be were it called `symbol`."""
    parts = [contract.asset_class, _name(symbol) if contract.right else symbol, contract.currency]
    if contract.expiry_on or contract.strike is not None or contract.right:
        strike = "" if contract.strike is None else f"{contract.strike.normalize():f}"
        parts += [
            str(contract.expiry_on or ""),
            strike,
            contract.right or "",
            f"{contract.multiplier.normalize():f}",
        ]
    elif contract.multiplier != ONE and ":" in symbol:
        # Perpetual contracts of crypto exchanges (BTC/USDT:USDT): a contract of that name has another size elsewhere.
        parts.append(f"{contract.multiplier.normalize():f}")
    return "|".join(parts)[:200]


def _name(symbol: str) -> str:
    """Options are spelled in many ways, and all of them begin with the root; the rest follows in the key."""
    option = read_option(symbol)
    return symbol if option is None else option.underlying


def is_short(row: InstrumentRow) -> bool:
    """It says no more than a symbol, though contracts of this class may end."""
    return (row.expiry_on, row.strike, row.right) == (None, None, None)


def short_key(row: InstrumentRow) -> str:
    """The key of the same contract in a file that states neither its end nor its terms; "" for options, which have no
    name without them."""
    if row.asset_class in _NAMED_BY_TERMS:
        return ""
    return contract_key(row._replace(expiry_on=None, strike=None, right=None))


def own_key(key: str, broker: str, broker_id: str) -> str:
    """For a second contract of a broker that reads the same."""
    return f"{key[:160]}#{broker}:{broker_id}"[:200]
