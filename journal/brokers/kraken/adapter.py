"""Trades (one fill a row) and ledgers (what moved, one asset a row) of a Kraken account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from journal.brokers.base import ExecutionRow, Record
from journal.brokers.kraken.assets import asset_name, split_pair
from journal.brokers.kraken.ledgers import read_entries
from journal.brokers.text.currencies import FIAT
from journal.brokers.text.faults import BadValue, Missing
from journal.brokers.text.layout import Layout
from journal.brokers.text.records import fill, price_of
from journal.brokers.text.row import Row
from journal.brokers.text.running import Moved
from journal.brokers.text.sheet import SheetParser
from journal.domain.values import AssetClass, Side

_TRADES = Layout(
    needs={
        "id": "txid", "order": "ordertxid", "pair": "pair", "date": "time", "type": "type",
        "price": "price", "cost": "cost", "fee": "fee", "quantity": "vol",
    },
    may={"order_type": "ordertype", "margin": "margin"},
)  # fmt: skip
_LEDGERS = Layout(
    needs={
        "id": "txid", "reference": "refid", "date": "time", "type": "type", "class": "aclass",
        "asset": "asset", "amount": "amount", "fee": "fee", "balance": "balance",
    },
    may={"subtype": "subtype", "wallet": "wallet"},
)  # fmt: skip
_SIDES = {"buy": Side.BUY, "sell": Side.SELL}


class Kraken(SheetParser):
    slug = "kraken"
    broker = "kraken"
    label = "Kraken trades or ledgers (CSV)"
    default_zone = "UTC"
    layouts = (_TRADES, _LEDGERS)
    numbers = ("price", "cost", "quantity", "amount")

    def base_currency(self, rows: Sequence[Row]) -> str:
        """Of ledgers, if they know one currency only."""
        found = {asset_name(row.text("asset")) for row in rows} & FIAT
        return found.pop() if len(found) == 1 else ""

    def read_rows(self, rows: Sequence[Row]) -> Iterator[Record]:
        if rows and rows[0].desk.header.layout is _LEDGERS:
            return read_entries(rows)
        return super().read_rows(rows)

    def moved(self, row: Row) -> Moved | None:
        """In each wallet of each asset. A fee is taken beside the amount."""
        balance = row.decimal("balance")
        if balance is None:
            return None
        purse = f"{row.text('asset')}|{row.text('wallet')}"
        return Moved(purse, row.money("amount"), balance, costs=row.money("fee"))

    def read_row(self, row: Row) -> Iterable[Record]:
        return [_fill(row)]


def _fill(row: Row) -> ExecutionRow:
    pair = split_pair(row.word("pair", "no_symbol"))
    if pair is None:
        raise BadValue(row.text("pair"), "a pair of assets that is known here")
    side = _SIDES.get(row.text("type").lower())
    if side is None:
        raise Missing("no_direction", "its type is neither buy nor sell")
    base, quote = pair
    quantity, cost = row.needed("quantity", "no_quantity"), row.decimal("cost")
    price = price_of(row, row.decimal("price"), quantity, cost)
    instrument = row.security(base, quote, AssetClass.CRYPTO)
    proceeds = None if cost is None else (-cost if side is Side.BUY else cost)
    return fill(row, instrument, side, quantity, price)._replace(
        broker_id=row.text("id"),
        order_id=row.text("order"),
        fee=row.money("fee"),
        fee_currency=quote,
        proceeds=proceeds,
        order_type=row.text("order_type"),
        notes=("MARGIN",) if row.money("margin") else (),
    )
