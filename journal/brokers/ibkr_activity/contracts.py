"""The contract that a row is about: what the symbol says, and what the statement's list of contracts adds."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from journal.brokers.base import InstrumentRow
from journal.brokers.ibkr_activity.contract_facts import (
    ISIN,
    NOTHING,
    OCC,
    OPTION,
    RIGHTS,
    ContractFact,
    lenient_day,
)
from journal.brokers.ibkr_activity.facts import Facts
from journal.brokers.ibkr_activity.vocabulary import CATEGORIES
from journal.brokers.text.faults import BadNumber
from journal.brokers.text.notices import Notices
from journal.brokers.text.numbers import read_number
from journal.domain.values import ONE, AssetClass, Right

_PAIR = re.compile(r"[A-Z]{3}\.[A-Z]{3}", re.ASCII)
_OPTIONS = frozenset({AssetClass.OPTION, AssetClass.FUTURE_OPTION})
_MULTIPLIED = _OPTIONS | {AssetClass.FUTURE}
_PERCENT_OF_PAR = frozenset({AssetClass.BOND, AssetClass.BILL})
_HUNDRED = Decimal(100)
_HUNDREDTH = Decimal("0.01")
_TENTH = Decimal("0.1")
_ROUNDING = Decimal("0.005")
_CACHE_MAX = 50_000


class Contracts:
    """Of one statement. The same contract gives the same object, as long as the cache lasts (50,000 contracts)."""

    def __init__(self, facts: Facts, notices: Notices) -> None:
        self._facts = facts
        self._notices = notices
        self._known: dict[tuple[str, str, str], InstrumentRow] = {}

    def find(
        self, category: str, symbol: str, currency: str, row: int, account: str
    ) -> InstrumentRow:
        key = (category.casefold(), symbol, currency)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _CACHE_MAX:
                self._known.clear()
            found = self._known[key] = self._make(*key, row, account)
        if found.asset_class is AssetClass.OTHER:
            self._notices.add(account, row, "unknown_asset_class", category)
        return found

    def mentioned(
        self, symbol: str, isin: str, currency: str, row: int, account: str
    ) -> InstrumentRow:
        """What a text names: "MSFT(US5949181045) Cash Dividend …". Its currency is the payment's; that of the contract
        is the one it is traded or held in, where the statement tells."""
        category, name = self._facts.by_isin.get(isin, ("", symbol))
        names = (symbol, name) if symbol in self._facts.traded else (name, symbol)
        for one in names:
            if one in self._facts.traded:
                return self.find(
                    self._facts.traded[one][0], one, self._facts.traded[one][1], row, account
                )
        found = self.find(category or "stocks", name, currency, row, account)
        if isin and not found.isin:
            key = (category or "stocks", name, currency)
            if ISIN.fullmatch(isin):
                found = self._known[key] = found._replace(isin=isin)
        return found

    def _make(
        self, category: str, symbol: str, currency: str, row: int, account: str
    ) -> InstrumentRow:
        fact = self._facts.contracts.get((category, symbol)) or NOTHING
        option = OPTION.fullmatch(symbol)
        asset_class = _asset_class(category, symbol, option)
        is_option = asset_class in _OPTIONS
        strike = fact.strike or (_strike(option["strike"]) if option else None)
        right = fact.right or (RIGHTS[option["right"]] if option else None)
        expiry_on = fact.expiry_on or (_option_day(option) if option else None)
        multiplier = self._multiplier(category, symbol, asset_class, fact, row, account)
        made = InstrumentRow(
            broker_id=fact.conid,
            asset_class=asset_class,
            symbol=symbol,
            currency=currency,
            multiplier=multiplier,
            description=fact.description or (symbol if option else ""),
            underlying_symbol=_underlying(asset_class, fact, option),
            expiry_on=expiry_on
            if asset_class not in (AssetClass.STOCK, AssetClass.FOREX)
            else None,
            strike=strike if is_option else None,
            right=right if is_option else None,
            exchange=fact.exchange,
            isin=fact.isin,
            cusip=fact.cusip,
        )
        return made._replace(symbol=_symbol(made, fact, option))

    def _multiplier(
        self,
        category: str,
        symbol: str,
        asset_class: AssetClass,
        fact: ContractFact,
        row: int,
        account: str,
    ) -> Decimal:
        ratio = self._facts.ratios.get((category, symbol))
        stated = (fact.multiplier or ONE).copy_abs()
        if asset_class in _PERCENT_OF_PAR:
            # Quoted in percent of the face value, which the stated multiplier of 1 leaves out.
            return stated * _HUNDREDTH if ratio is None or ratio < stated * _TENTH else stated
        if fact.multiplier:
            return stated
        if asset_class not in _MULTIPLIED:
            return ONE
        if ratio is not None:
            return _tidy(ratio)
        assumed = _HUNDRED if asset_class is AssetClass.OPTION else ONE
        self._notices.add(account, row, "multiplier_assumed", f"{assumed:f}")
        return assumed


def _tidy(ratio: Decimal) -> Decimal:
    """The multiplier that a row's rounded money shows."""
    whole = ratio.to_integral_value()
    if whole and abs(ratio - whole) <= whole * _ROUNDING:
        return Decimal(int(whole))
    return ratio.quantize(Decimal("0.0001")).normalize()


def _asset_class(category: str, symbol: str, option: re.Match[str] | None) -> AssetClass:
    known = CATEGORIES.get(category)
    if known is not None:
        return known
    if option or OCC.fullmatch(symbol):
        return AssetClass.OPTION
    return AssetClass.FOREX if _PAIR.fullmatch(symbol) else AssetClass.OTHER


def _underlying(asset_class: AssetClass, fact: ContractFact, option: re.Match[str] | None) -> str:
    if asset_class in _MULTIPLIED or asset_class is AssetClass.WARRANT:
        return fact.underlying or (option["root"] if option else "")
    return ""


def _symbol(made: InstrumentRow, fact: ContractFact, option: re.Match[str] | None) -> str:
    """Options in the notation that Flex queries and the OCC use, so that both formats mean the same contract; where it
    cannot be had (outside the United States) the statement's own."""
    stated = next((name for name in fact.names if OCC.fullmatch(name)), "")
    if (
        stated
        or option is None
        or made.currency != "USD"
        or made.asset_class is not AssetClass.OPTION
    ):
        return stated or made.symbol
    thousandths = (made.strike or 0) * 1000
    if made.expiry_on is None or made.right is None or thousandths != int(thousandths):
        return made.symbol
    letter = "C" if made.right is Right.CALL else "P"
    return f"{option['root']:<6}{made.expiry_on:%y%m%d}{letter}{int(thousandths):08d}"


def _option_day(option: re.Match[str]) -> date | None:
    return lenient_day(f"{option['day']} {option['month']} {option['year']}")


def _strike(text: str) -> Decimal | None:
    try:
        return read_number(text)
    except BadNumber:
        return None
