"""Ledger entries: a trade is two of them with one reference, everything else stands alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import partial

from journal.brokers.base import CashKind, CashRow, ExecutionRow, Record, TransferRow
from journal.brokers.kraken.assets import asset_name
from journal.brokers.text import remarks
from journal.brokers.text.currencies import FIAT
from journal.brokers.text.faults import Missing
from journal.brokers.text.records import cash, fill, transfer
from journal.brokers.text.row import Row
from journal.brokers.text.safely import safely
from journal.domain.values import ZERO, AssetClass, Side

# Below that of the trades export, which states the same fills with their price.
AUTHORITY_LEDGER = 30
_TRADES = frozenset({"trade", "spend", "receive"})
_CASH = {
    "deposit": CashKind.DEPOSIT, "withdrawal": CashKind.WITHDRAWAL, "dividend": CashKind.DIVIDEND,
    "rollover": CashKind.FEE, "margin": CashKind.OTHER, "settled": CashKind.OTHER,
    "adjustment": CashKind.ADJUSTMENT, "staking": CashKind.INTEREST_RECEIVED,
    "earn": CashKind.INTEREST_RECEIVED, "reward": CashKind.INTEREST_RECEIVED,
    "transfer": CashKind.TRANSFER, "invite bonus": CashKind.OTHER,
}  # fmt: skip
# Between wallets of one account: what leaves one reaches the other.
_OWN_WALLETS = frozenset(
    {
        "spottostaking", "stakingfromspot", "stakingtospot", "spotfromstaking", "spottofutures",
        "spotfromfutures", "allocation", "deallocation", "autoallocation", "migration",
        "autodeallocation", "hybridearnwithdrawal", "hybridearndeposit",
    }
)  # fmt: skip
_STABLE = ("USDT", "USDC", "DAI")


def read_entries(rows: Sequence[Row]) -> Iterator[Record]:
    """Of one day. Entries of one reference are one trade."""
    trades: dict[str, list[Row]] = {}
    for row in rows:
        _note_fiat(row)
        if row.text("type") in _TRADES:
            trades.setdefault(row.text("reference"), []).append(row)
    for row in rows:
        halves = trades.get(row.text("reference"), []) if row.text("type") in _TRADES else []
        yield from safely(row, partial(_entry, halves))


def _note_fiat(row: Row) -> None:
    """Coins that come and go are named in the currency that the account uses: the first one that the file has."""
    asset = asset_name(row.text("asset"))
    if asset in FIAT:
        row.desk.memory.setdefault("fiat", asset)


def _entry(halves: Sequence[Row], row: Row) -> Iterable[Record]:
    if halves:
        return _half(halves, row)
    if not row.text("id"):
        # Announced, and stated again with its id once it has arrived.
        return [row.kept("Pending")]
    kind = row.text("type").lower()
    if row.text("subtype").lower() in _OWN_WALLETS:
        return [row.kept("Own wallets")]
    if kind not in _CASH:
        return [row.unknown(kind)]
    return _moved(row, _CASH[kind])


def _half(halves: Sequence[Row], row: Row) -> Iterable[Record]:
    """The fill, at the row of what was traded; the row of the money is kept."""
    if len(halves) != 2:
        raise Missing("no_counterpart", remarks.LACKS["no_counterpart"])
    base, quote = sorted(halves, key=_rank)
    if row is not base:
        return [row.kept("Trades")]
    return [_trade(base, quote)]


def _rank(row: Row) -> int:
    """Money is what is paid with: a currency before a stable coin, that before a coin."""
    asset = asset_name(row.text("asset"))
    if asset in FIAT:
        return 3
    if asset in _STABLE:
        return 2
    return 1 if asset == "BTC" else 0


def _trade(base: Row, quote: Row) -> ExecutionRow:
    quantity, cost = base.needed("amount", "no_quantity"), quote.needed("amount", "no_amount")
    if quantity * cost > ZERO:
        raise Missing("no_direction", "both of its halves have the same sign")
    side = Side.BUY if quantity > ZERO else Side.SELL
    money, coin = asset_name(quote.text("asset")), asset_name(base.text("asset"))
    fee, coin_fee = quote.money("fee"), base.money("fee")
    if fee and coin_fee:
        raise Missing("no_currency", "both of its halves state a fee")
    instrument = base.security(coin, money, AssetClass.CRYPTO)
    return fill(base, instrument, side, quantity, (cost / quantity).copy_abs())._replace(
        broker_id=base.text("reference"),
        fee=fee or coin_fee,
        fee_currency=coin if coin_fee else money,
        proceeds=cost,
        authority=AUTHORITY_LEDGER,
    )


def _moved(row: Row, kind: CashKind) -> Iterable[Record]:
    asset = asset_name(row.word("asset", "no_symbol"))
    amount, fee = row.money("amount"), row.money("fee")
    if asset not in FIAT:
        return [_coins(row, asset, amount - fee)]
    found = [_cash(row, kind, amount, asset)] if amount else []
    if fee:
        paid = _cash(row, CashKind.FEE, -fee, asset)
        found.append(paid._replace(broker_id=f"{row.text('id')}:fee"))
    return found


def _cash(row: Row, kind: CashKind, amount: Decimal, currency: str) -> CashRow:
    said = " ".join(filter(None, (row.text("type"), row.text("subtype"))))
    return cash(row, kind, amount, currency)._replace(broker_id=row.text("id"), description=said)


def _coins(row: Row, asset: str, signed: Decimal) -> TransferRow:
    if not signed:
        raise Missing("no_quantity", "it states no quantity")
    currency = row.desk.memory.get("fiat", "USD")
    instrument = row.security(asset, currency, AssetClass.CRYPTO)
    return transfer(row, instrument, signed)._replace(
        broker_id=row.text("id"), kind=row.text("type"), counterparty=row.text("subtype")
    )
