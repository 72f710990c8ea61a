"""What counts as money, and currencies that are quoted in hundredths."""

from __future__ import annotations

from decimal import Decimal

from journal.domain.values import ONE

_ISO = """AED ARS AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF ILS INR JPY KRW MXN NOK NZD PLN RON SEK SGD THB TRY
TWD USD ZAR"""
FIAT = frozenset(_ISO.split())
_HUNDREDTH = Decimal("0.01")
_MINOR = {"GBX": "GBP", "GBp": "GBP", "GBPENCE": "GBP", "ILA": "ILS", "ZAC": "ZAR", "ZAc": "ZAR"}


def major(currency: str) -> tuple[str, Decimal]:
    """The currency whose unit is meant, and what one unit of `currency` is worth in it."""
    found = _MINOR.get(currency)
    return (found, _HUNDREDTH) if found else (currency, ONE)
