"""Movements of an account at Directa: newest first, days alone, prices only in the money, costs in own rows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial

from journal.brokers.base import (
    CashKind,
    CashRow,
    CorporateActionRow,
    ExecutionRow,
    InstrumentRow,
    Record,
)
from journal.brokers.directa.vocabulary import (
    COMMISSION,
    MATURITY,
    REVERSAL,
    SIDES,
    TRANSACTION_TAX,
    cash_kind,
)
from journal.brokers.text.faults import BadValue
from journal.brokers.text.layout import Layout
from journal.brokers.text.records import action, cash, check_direction, fill, price_of
from journal.brokers.text.row import Row
from journal.brokers.text.safely import safely
from journal.brokers.text.sheet import SheetParser
from journal.brokers.text.tables import Line
from journal.domain.corporate import ActionKind
from journal.domain.values import ONE, ZERO, AssetClass, Side

_LAYOUT = Layout(
    needs={
        "date": "Data operazione", "settled": "Data valuta", "type": "Tipo operazione", "symbol": "Ticker",
        "isin": "Isin", "description": "Descrizione", "quantity": "Quantit*", "amount": "Importo euro",
        "abroad": "Importo Divisa", "currency": "Divisa",
    },
    may={"order": "Riferimento ordine", "protocol": "Protocollo"},
)  # fmt: skip
# "Conto : C4711 ROSSI MARIA"
_ACCOUNT = re.compile(r"Conto\s*:\s*(\S*\d\S*)", re.IGNORECASE)
# "M.511185": a bond on the Milan market, in units of face value
_BOND = re.compile(r"M\.\d+", re.ASCII)
_PAR = Decimal("0.01")
_EURO = "EUR"

_Costs = Mapping[str, list[Row]]


class Directa(SheetParser):
    slug = "directa"
    broker = "directa"
    label = "Directa movements (CSV)"
    default_zone = "Europe/Rome"
    layouts = (_LAYOUT,)
    numbers = ("amount", "abroad")
    day_first = True
    newest_first = True

    def account(self, preamble: Sequence[Line]) -> str:
        for line in preamble:
            if match := _ACCOUNT.match(line.cells[0]):
                return match[1]
        return ""

    def base_currency(self, rows: Sequence[Row]) -> str:
        return _EURO

    def read_rows(self, rows: Sequence[Row]) -> Iterator[Record]:
        costs = _costs_by_order(rows)
        for row in rows:
            yield from safely(row, partial(_read, costs))


def _costs_by_order(rows: Sequence[Row]) -> _Costs:
    """Of orders that have just one trade in the day: of several it is not known whose costs they are."""
    traded = [row.text("order") for row in rows if row.text("type").lower() in SIDES]
    costs: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        order = row.text("order")
        is_cost = row.text("type").lower().startswith((COMMISSION, TRANSACTION_TAX))
        if order and is_cost and traded.count(order) == 1 and _reads(row):
            costs[order].append(row)
    return costs


def _reads(row: Row) -> bool:
    try:
        return row.decimal("amount") is not None
    except BadValue:
        return False


def _read(costs: _Costs, row: Row) -> Iterable[Record]:
    name = row.text("type").lower()
    order = row.text("order")
    if name in SIDES:
        return [_trade(row, SIDES[name], costs.get(order, []) if order else [])]
    if name.removeprefix(REVERSAL).startswith(MATURITY) and row.money("quantity"):
        return [_maturity(row, is_reversal=name.startswith(REVERSAL))]
    if any(row is one for one in costs.get(order, [])):
        return [row.kept("Costs of a trade")]
    kind = cash_kind(name)
    if kind is None and (row.money("quantity") or not row.money("amount")):
        return [row.unknown(row.text("type"))]
    return [_cash(row, kind)]


def _trade(row: Row, side: Side, costs: Sequence[Row]) -> ExecutionRow:
    """In the currency that it was traded in, where the row states that money; the euros beside it give the rate."""
    quantity = row.needed("quantity", "no_quantity").copy_abs()
    amount = row.needed("amount", "no_amount")
    check_direction(side, amount)
    instrument = _instrument(row)
    abroad = row.money("abroad").copy_abs() if instrument.currency != _EURO else ZERO
    moved = abroad or amount.copy_abs()
    proceeds = -moved if side is Side.BUY else moved
    price = price_of(row, None, quantity * instrument.multiplier, proceeds)
    fee, tax = _sum(costs, COMMISSION), _sum(costs, TRANSACTION_TAX)
    return fill(row, instrument, side, quantity, price)._replace(
        order_id=row.text("order"),
        settled_on=_settled_on(row),
        fee=fee,
        tax=tax,
        fee_currency=_EURO,
        fx_rate=(amount / abroad).copy_abs() if abroad else ONE,
        proceeds=proceeds,
        net_cash=None if abroad else proceeds - fee - tax,
    )


def _sum(costs: Sequence[Row], name: str) -> Decimal:
    found = (row.money("amount") for row in costs if row.text("type").lower().startswith(name))
    return -sum(found, ZERO) or ZERO


def _settled_on(row: Row) -> date | None:
    """A trade counts by its own day; that of its money may be missing or be none."""
    try:
        return row.day("settled")
    except BadValue:
        return None


def _maturity(row: Row, *, is_reversal: bool) -> CorporateActionRow:
    signed = row.needed("quantity", "no_quantity").copy_abs()
    instrument = _instrument(row, in_euros=True)
    return action(
        row, ActionKind.MATURITY, instrument, signed if is_reversal else -signed
    )._replace(
        code="Ca" if is_reversal else "",
        cash=row.needed("amount", "no_amount"),
        description=row.text("type"),
    )


def _cash(row: Row, kind: CashKind | None) -> CashRow:
    amount = row.needed("amount", "no_amount")
    if kind is None:
        row.notice("unknown_cash_type", row.text("type"))
    moved = cash(row, kind or CashKind.OTHER, amount, _EURO)
    if kind is not None and row.text("type").lower().startswith(REVERSAL):
        moved = moved._replace(kind=kind, is_reversal=True)
    return moved._replace(
        description=" ".join(filter(None, (row.text("type"), row.text("description")))),
        instrument=_instrument(row) if row.text("isin") or row.text("symbol") else None,
    )


def _instrument(row: Row, *, in_euros: bool = False) -> InstrumentRow:
    """Where a row states no money in its currency, it is booked in euros."""
    stated = row.text("currency") or _EURO
    currency = _EURO if in_euros or not row.money("abroad") else stated
    symbol = row.text("symbol")
    is_bond = _BOND.fullmatch(symbol) is not None
    return row.security(
        symbol or row.word("isin", "no_symbol"), currency,
        AssetClass.BOND if is_bond else AssetClass.STOCK, _PAR if is_bond else ONE,
        description=row.text("description"), isin=row.text("isin"),
    )  # fmt: skip
