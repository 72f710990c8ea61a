"""The words of the report in the languages that are known. Another language: a line for each word that differs."""

from __future__ import annotations

from collections.abc import Sequence

COLUMNS = {
    "time": "time", "open time": "time", "время": "time", "время открытия": "time",
    "deal": "deal", "сделка": "deal",
    "position": "position", "позиция": "position",
    "order": "order", "ордер": "order",
    "symbol": "symbol", "символ": "symbol",
    "type": "type", "тип": "type",
    "direction": "direction", "направление": "direction",
    "volume": "volume", "объем": "volume",
    "price": "price", "цена": "price",
    "market price": "market price", "рыночная цена": "market price",
    "cost": "cost", "стоимость": "cost",
    "commission": "commission", "комиссия": "commission",
    "fee": "fee", "сбор": "fee",
    "swap": "swap", "своп": "swap",
    "profit": "profit", "прибыль": "profit",
    "balance": "balance", "баланс": "balance",
    "comment": "comment", "комментарий": "comment",
    "state": "state", "состояние": "state",
}  # fmt: skip
LABELS = {
    "account": "account", "торговый счет": "account", "счет": "account",
    "name": "name", "имя": "name",
    "company": "company", "компания": "company",
    "date": "date", "дата": "date",
    "balance": "balance", "баланс": "balance",
    "equity": "equity", "средства": "equity",
}  # fmt: skip
DIRECTIONS = {
    "in": "in", "out": "out", "in/out": "in/out", "inout": "in/out", "out by": "out by", "out_by": "out by",
    "вход": "in", "выход": "out", "разворот": "in/out", "выход по": "out by",
}  # fmt: skip
# What a header must hold to be that of a section; the first that fits.
SECTIONS = {
    "Deals": {"time", "deal", "symbol", "type", "direction", "volume", "price", "profit"},
    "Open Positions": {"time", "position", "symbol", "type", "volume", "price", "market price", "profit"},
    "Positions": {"time", "position", "symbol", "type", "volume", "price", "profit"},
    "Orders": {"time", "order", "symbol", "type", "state"},
}  # fmt: skip


def plain(text: str) -> str:
    return text.strip().rstrip(":").lower().replace("ё", "е")


def columns_of(cells: Sequence[str]) -> dict[str, int]:
    """Known column names to their places; a second one of the same name ends in 2."""
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        name = COLUMNS.get(plain(cell), "")
        if name:
            found[f"{name} 2" if name in found else name] = place
    return found


def section_of(columns: dict[str, int]) -> str:
    return next((name for name, needed in SECTIONS.items() if needed <= columns.keys()), "")
