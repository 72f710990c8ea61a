"""The contract that a row is about."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from journal.brokers.base import InstrumentRow
from journal.brokers.ibkr_flex.dates import Days
from journal.brokers.ibkr_flex.values import Numbers, identifier, word
from journal.brokers.text.faults import Missing
from journal.brokers.text.notices import Notices
from journal.domain.values import ONE, AssetClass, Right

ASSET_CLASSES = {
    "STK": AssetClass.STOCK,
    "OPT": AssetClass.OPTION,
    "FSOPT": AssetClass.OPTION,
    "FUT": AssetClass.FUTURE,
    "FOP": AssetClass.FUTURE_OPTION,
    "FSFOP": AssetClass.FUTURE_OPTION,
    "CASH": AssetClass.FOREX,
    "CFD": AssetClass.CFD,
    "FXCFD": AssetClass.CFD,
    "CRYPTO": AssetClass.CRYPTO,
    "BOND": AssetClass.BOND,
    "BILL": AssetClass.BILL,
    "FUND": AssetClass.FUND,
    "WAR": AssetClass.WARRANT,
    "IOPT": AssetClass.STRUCTURED,
    "CMDTY": AssetClass.METAL,
    "BAG": AssetClass.OTHER,
}
OPTIONS = frozenset({AssetClass.OPTION, AssetClass.FUTURE_OPTION, AssetClass.WARRANT})
_MULTIPLIED = frozenset({AssetClass.OPTION, AssetClass.FUTURE, AssetClass.FUTURE_OPTION})
_PERCENT_OF_PAR = frozenset({AssetClass.BOND, AssetClass.BILL})
_RIGHTS = {"C": Right.CALL, "CALL": Right.CALL, "P": Right.PUT, "PUT": Right.PUT}
_CACHE_MAX = 20_000
_HUNDREDTH = Decimal("0.01")
_TENTH = Decimal("0.1")


class Instruments:
    """The same contract gives the same object, as long as the cache lasts (20,000 contracts)."""

    def __init__(self, numbers: Numbers, days: Days, notices: Notices) -> None:
        self._numbers = numbers
        self._days = days
        self._notices = notices
        self._known: dict[tuple[str | None, ...], InstrumentRow] = {}

    def find(
        self, raw: dict[str, str], account_id: str, row: int, name: str | None = None
    ) -> InstrumentRow:
        """`name` where the row's own description is about an event, not about the instrument."""
        get = raw.get
        category = get("assetCategory")
        key = (
            name, get("conid"), get("symbol"), category, get("currency"), get("multiplier"), get("expiry"),
            get("strike"), get("putCall"), get("isin"), get("underlyingSymbol"),
        )  # fmt: skip
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _CACHE_MAX:
                self._known.clear()
            found = self._known[key] = self._read(raw, name)
        if found.asset_class is AssetClass.OTHER or category is None:
            self._remark_category(category, account_id, row)
        elif "multiplier" not in raw and found.multiplier == 1 and found.asset_class in _MULTIPLIED:
            self._notices.add(account_id, row, "multiplier_missing")
        return found

    def _remark_category(self, category: str | None, account_id: str, row: int) -> None:
        if not word(category):
            self._notices.add(account_id, row, "asset_class_missing")
        elif category not in ASSET_CLASSES:
            self._notices.add(account_id, row, "unknown_asset_class", str(category))

    def _read(self, raw: dict[str, str], name: str | None) -> InstrumentRow:
        get = raw.get
        asset_class = _asset_class(raw)
        right = _RIGHTS.get(get("putCall", "").upper()) if asset_class in OPTIONS else None
        return InstrumentRow(
            broker_id=identifier(get("conid")),
            asset_class=asset_class,
            symbol=_name(raw),
            currency=word(get("currency")).upper(),
            multiplier=self._multiplier(raw, asset_class),
            description=word(get("description")) if name is None else name,
            underlying_symbol=word(get("underlyingSymbol")),
            underlying_broker_id=identifier(get("underlyingConid")),
            expiry_on=self._expiry(raw, asset_class),
            strike=self._numbers[get("strike")] if right else None,
            right=right,
            exchange=word(get("listingExchange")),
            isin=_security_id(raw, "isin", "ISIN"),
            cusip=_security_id(raw, "cusip", "CUSIP"),
            figi=word(get("figi")),
        )

    def _multiplier(self, raw: dict[str, str], asset_class: AssetClass) -> Decimal:
        # Cash rows say 0, for "none".
        multiplier = (self._numbers[raw.get("multiplier")] or ONE).copy_abs()
        ratio = self._money_ratio(raw, multiplier)
        if asset_class in _PERCENT_OF_PAR and (ratio is None or ratio < _TENTH):
            # Bonds are quoted in percent of their face value, which the stated multiplier of 1 leaves out.
            return multiplier * _HUNDREDTH
        if asset_class in _MULTIPLIED and "multiplier" not in raw and ratio is not None:
            return ratio.to_integral_value() if ratio == ratio.to_integral_value() else multiplier
        return multiplier

    def _money_ratio(self, raw: dict[str, str], multiplier: Decimal) -> Decimal | None:
        """The money of a row over what quantity, price and multiplier make it, None where it says too little."""
        quantity = self._numbers[raw.get("quantity") or raw.get("position")]
        price = self._numbers[raw.get("tradePrice") or raw.get("price") or raw.get("markPrice")]
        money = self._numbers[
            raw.get("tradeMoney") or raw.get("proceeds") or raw.get("positionValue")
        ]
        if not (quantity and price and money):
            return None
        return (money / (quantity * price * multiplier)).copy_abs()

    def _expiry(self, raw: dict[str, str], asset_class: AssetClass) -> date | None:
        if asset_class in _PERCENT_OF_PAR:
            return self._days.lenient(raw.get("maturity") or raw.get("expiry"))
        return self._days.lenient(raw.get("expiry"))


def _asset_class(raw: dict[str, str]) -> AssetClass:
    category = word(raw.get("assetCategory"))
    if category:
        return ASSET_CLASSES.get(category, AssetClass.OTHER)
    return AssetClass.OPTION if word(raw.get("putCall")) else AssetClass.STOCK


def _name(raw: dict[str, str]) -> str:
    found = (
        word(raw.get("symbol"))
        or word(raw.get("isin"))
        or identifier(raw.get("conid"))
        or word(raw.get("description"))
    )
    if not found:
        raise Missing("no_symbol", "it names no instrument")
    return found


def _security_id(raw: dict[str, str], attribute: str, kind: str) -> str:
    stated = word(raw.get(attribute))
    if not stated and raw.get("securityIDType") == kind:
        stated = word(raw.get("securityID"))
    return stated
