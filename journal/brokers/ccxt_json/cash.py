"""Money and coins that came or went without a fill: funding, deposits, withdrawals, and what ledgers state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal

from journal.brokers.base import CashKind, CashRow, InstrumentRow, OtherRow, TransferRow
from journal.brokers.ccxt_json.fills import Desk
from journal.brokers.ccxt_json.item import Item, number_in, text_in
from journal.brokers.ccxt_json.told import amount_of_funding
from journal.brokers.text.currencies import FIAT
from journal.brokers.text.faults import Missing
from journal.domain.values import ZERO

_STABLE = frozenset(
    {
        "USDT",
        "USDC",
        "FDUSD",
        "TUSD",
        "BUSD",
        "USDP",
        "USDD",
        "USDE",
        "USD1",
        "DAI",
        "EURI",
        "PYUSD",
    }
)
# Types of Binance's income, OKX's bills and Bybit's transaction log, and of ccxt's ledger. None: fills, deposits or
# withdrawals state it already, or it only went from one wallet of the account to another.
_KINDS: dict[str, CashKind | None] = {
    "FUNDING_FEE": CashKind.FUNDING, "INSURANCE_CLEAR": CashKind.FEE, "REALIZED_PNL": None,
    "COMMISSION": None, "TRANSFER": None, "INTERNAL_TRANSFER": None, "COIN_SWAP_DEPOSIT": None,
    "COIN_SWAP_WITHDRAW": None, "CROSS_COLLATERAL_TRANSFER": None, "STRATEGY_UMFUTURES_TRANSFER": None,
    "DELIVERED_SETTELMENT": None, "AUTO_EXCHANGE": None, "COMMISSION_REBATE": CashKind.OTHER,
    "API_REBATE": CashKind.OTHER, "REFERRAL_KICKBACK": CashKind.OTHER, "CONTEST_REWARD": CashKind.OTHER,
    "WELCOME_BONUS": CashKind.OTHER, "FEE_RETURN": CashKind.COMMISSION_ADJUSTMENT,
    "POSITION_LIMIT_INCREASE_FEE": CashKind.FEE, "BFUSD_REWARD": CashKind.INTEREST_RECEIVED,
    "OKX:1": None, "OKX:2": None, "OKX:3": None, "OKX:5": None, "OKX:6": None, "OKX:7": CashKind.INTEREST_PAID,
    "OKX:8": CashKind.FUNDING, "OKX:9": None, "OKX:10": CashKind.ADJUSTMENT, "OKX:12": None, "OKX:13": None,
    "OKX:14": CashKind.INTEREST_RECEIVED, "OKX:22": None, "OKX:24": None,
    "TRADE": None, "SETTLEMENT": None, "DELIVERY": None, "LIQUIDATION": None, "ADL": None, "TRANSFER_IN": None,
    "TRANSFER_OUT": None, "INTEREST": CashKind.INTEREST_PAID, "BONUS": CashKind.OTHER,
    "FEE_REFUND": CashKind.COMMISSION_ADJUSTMENT, "AIRDROP": CashKind.OTHER,
    "FLEXIBLE_STAKING_REFUND": None, "FLEXIBLE_STAKING_SUBSCRIPTION": None,
    "FEE": None, "MARGIN": None, "TRANSACTION": None, "REBATE": CashKind.OTHER, "CASHBACK": CashKind.OTHER,
    "REFERRAL": CashKind.OTHER, "REWARD": CashKind.INTEREST_RECEIVED, "FUNDING": CashKind.FUNDING,
    "DEPOSIT": CashKind.DEPOSIT, "WITHDRAWAL": CashKind.WITHDRAWAL,
}  # fmt: skip
_OPPOSITE = {
    CashKind.INTEREST_PAID: (CashKind.INTEREST_RECEIVED, CashKind.INTEREST_PAID),
    CashKind.INTEREST_RECEIVED: (CashKind.INTEREST_RECEIVED, CashKind.INTEREST_PAID),
    CashKind.DEPOSIT: (CashKind.DEPOSIT, CashKind.WITHDRAWAL),
    CashKind.WITHDRAWAL: (CashKind.DEPOSIT, CashKind.WITHDRAWAL),
}
_DONE = frozenset({"", "ok", "success", "completed"})


class Quotes:
    """What a coin is counted in where it comes or goes without a trade: what it is traded for most."""

    def __init__(self, trades: list[Item], stated: Mapping[str, str], base_currency: str) -> None:
        pairs = Counter(
            (base, quote)
            for one in trades
            for base, _, quote in [one.text("symbol").partition("/")]
            if quote and ":" not in quote
        )
        self._base = base_currency
        self._quotes = {base: quote for (base, quote), _ in reversed(pairs.most_common())}
        self._stated = stated

    def of(self, coin: str) -> str:
        return self._stated.get(coin) or self._quotes.get(coin) or self._base


class Cashier:
    def __init__(self, desk: Desk, quotes: Quotes) -> None:
        self._desk = desk
        self._quotes = quotes

    def funding(self, item: Item) -> Iterator[CashRow]:
        """Raises Missing, BadValue."""
        amount = amount_of_funding(item)
        if amount is None:
            raise Missing("no_amount", "it states no amount")
        instrument = self._contract(item)
        stated = item.text("code", "currency")
        # Bybit's own row has no currency, and ccxt takes one for it that is none of an inverse contract's.
        is_inferred = bool(item.told("execFee")) or not stated
        currency = instrument.currency if instrument and is_inferred else stated
        if not currency:
            raise Missing("no_currency", "it names no currency")
        if amount:
            yield self._cash(item, CashKind.FUNDING, amount, currency, instrument)

    def movement(self, item: Item) -> Iterator[CashRow | TransferRow | OtherRow]:
        """A deposit or a withdrawal. Raises Missing, BadValue."""
        if item.text("status").lower() not in _DONE:
            self._desk.note(item, "pending_movement")
            yield self._kept(item, "Pending")
            return
        amount = item.needed("no_amount", "it states no amount", "amount").copy_abs()
        kind = item.text("type").lower() or item.section.removesuffix("s")
        is_out = kind.startswith("withdraw")
        currency = self._currency(item)
        fees = [
            (text_in(one, "currency") or currency, number_in(one, "cost"))
            for one in item.parts("fee")
        ]
        own = sum((cost for name, cost in fees if name == currency), ZERO) if is_out else ZERO
        if not _is_money(currency):
            yield self._coins(item, currency, -(amount + own) if is_out else amount, kind)
            return
        booked = CashKind.WITHDRAWAL if is_out else CashKind.DEPOSIT
        yield self._cash(item, booked, -amount if is_out else amount, currency, None)
        if own:
            paid = self._cash(item, CashKind.FEE, -own, currency, None)
            yield paid._replace(broker_id=f"{paid.broker_id}:fee" if paid.broker_id else "")

    def entry(self, item: Item) -> Iterator[CashRow | TransferRow | OtherRow]:
        """One line of a ledger. Raises Missing, BadValue."""
        stated = _type(item)
        kind = _KINDS.get(stated, CashKind.OTHER)
        if kind is None:
            yield self._kept(item, "In other rows")
            return
        if stated not in _KINDS:
            self._desk.note(item, "unknown_cash_type", stated)
        amount = item.told_number("balChg") if item.told("billId") else item.number("amount")
        if not amount:
            yield self._kept(item, "Nothing moved")
            return
        direction = item.text("direction")
        if direction in ("in", "out"):
            amount = amount.copy_abs() if direction == "in" else -amount.copy_abs()
        currency = self._currency(item)
        if kind is not CashKind.FUNDING and not _is_money(currency):
            yield self._coins(item, currency, amount, stated.lower())
            return
        yield self._cash(item, kind, amount, currency, self._contract(item))

    def _contract(self, item: Item) -> InstrumentRow | None:
        symbol = item.text("symbol")
        if not symbol:
            return None
        try:
            return self._desk.contracts.instrument(symbol)
        except Missing:
            # Its size does not matter for money.
            return None

    def _currency(self, item: Item) -> str:
        found = item.text("currency", "code")
        if not found:
            raise Missing("no_currency", "it names no currency")
        return found

    def _cash(
        self, item: Item, kind: CashKind, amount: Decimal, currency: str, instrument: InstrumentRow | None
    ) -> CashRow:  # fmt: skip
        income, cost = _OPPOSITE.get(kind, (kind, kind))
        said = _type(item).replace("_", " ").lower().removeprefix("okx:")
        return CashRow(
            row=item.row, account_id=self._desk.account_id, raw=item.raw, broker_id=_id(item),
            kind=income if amount > ZERO else cost, amount=amount, currency=currency, fx_rate=None,
            occurred_at=item.at(), reported_on=None,
            description="" if said.isdecimal() else said, instrument=instrument, trade_id="",
            is_reversal=kind is CashKind.FEE and amount > ZERO,
        )  # fmt: skip

    def _coins(self, item: Item, coin: str, signed: Decimal, kind: str) -> TransferRow:
        instrument = self._desk.contracts.coin(coin, self._quotes.of(coin))
        return TransferRow(
            row=item.row, account_id=self._desk.account_id, raw=item.raw, broker_id=_id(item),
            instrument=instrument, signed_quantity=signed, price=None, cash=ZERO,
            currency=instrument.currency, fx_rate=None, occurred_at=item.at(), reported_on=None,
            kind=kind, counterparty=item.text("network"), stated_cost=None,
        )  # fmt: skip

    def _kept(self, item: Item, section: str) -> OtherRow:
        return OtherRow(item.row, self._desk.account_id, section, item.raw)


def _type(item: Item) -> str:
    if item.told("billId"):
        return f"OKX:{item.told('type')}"
    return (item.told("incomeType") or item.text("type") or item.section).upper().removesuffix("S")


def _id(item: Item) -> str:
    """Deposits and trades are counted apart, so the section is part of it."""
    stated = item.text("id") or item.text("txid")
    return f"{item.section}:{stated}"[:64] if stated else ""


def _is_money(currency: str) -> bool:
    return currency in FIAT or currency in _STABLE
