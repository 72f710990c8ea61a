"""The words of an execution row: what was booked, on which side, and what it did to the position.

Read once per distinct combination: a statement of 100,000 fills has a few dozen.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from journal.brokers.base import ReportKind
from journal.brokers.ibkr_flex.values import word
from journal.domain.values import ExecutionKind, PositionEffect, Side

_SPLIT = re.compile(r"[;,]")
_REMEMBERED = 5_000

CODES = frozenset(
    """
    A AEx AFx Adj ADR Al Aw B Bo C CD CP Ca Co Cx D ETF Ep Ex FP FPA G GEA HC HFI HFR I IA IM INV IPO
    L LD LF LI LIO LOP LT Lo M MEx ML MLG MLL MSG MSL O P PE PI Po Pr PTA R RED REG RI RP RPA Re SI SL
    SO SS ST SY T W
    """.split()  # noqa: SIM905 - a list of names is easier to read and to extend as text
)
_REPORTS = {
    "": ReportKind.FILL,
    "ExchTrade": ReportKind.FILL,
    "BookTrade": ReportKind.FILL,
    "DvpTrade": ReportKind.FILL,
    "FracShare": ReportKind.FILL,
    "TradeCancel": ReportKind.CANCEL,
    "FracShareCancel": ReportKind.CANCEL,
    "TradeCorrect": ReportKind.CORRECT,
}
_SIDES = {
    "BUY": Side.BUY,
    "BUY (Ca.)": Side.BUY,
    "SELL": Side.SELL,
    "SELL (Ca.)": Side.SELL,
}
_EFFECTS = {
    "O": PositionEffect.OPEN,
    "C": PositionEffect.CLOSE,
    "C;O": PositionEffect.CLOSE_OPEN,
    "C,O": PositionEffect.CLOSE_OPEN,
    "O;C": PositionEffect.CLOSE_OPEN,
    "CO": PositionEffect.CLOSE_OPEN,
}
_KINDS = (
    (frozenset({"A"}), ExecutionKind.ASSIGNMENT),
    (frozenset({"Ex", "AEx", "MEx", "GEA"}), ExecutionKind.EXERCISE),
    (frozenset({"Ep"}), ExecutionKind.EXPIRY),
    (frozenset({"T"}), ExecutionKind.TRANSFER),
    (frozenset({"Adj"}), ExecutionKind.ADJUSTMENT),
    (frozenset({"L", "LF"}), ExecutionKind.LIQUIDATION),
)

# transactionType, buySell, openCloseIndicator, notes or code
Said = tuple[str | None, str | None, str | None, str | None]


class Words(NamedTuple):
    report: ReportKind
    kind: ExecutionKind
    is_either: bool  # GEA, offsetting positions: exercise or assignment, which the side decides
    side: Side | None
    effect: PositionEffect
    notes: tuple[str, ...]
    remarks: tuple[tuple[str, str], ...]  # code and subject of what is unknown here


class WordBook(dict[Said, Words]):
    def __missing__(self, said: Said) -> Words:
        if len(self) >= _REMEMBERED:
            self.clear()
        words = self[said] = read_words(said)
        return words


def split_codes(text: str | None) -> tuple[str, ...]:
    """`"C;P;"` → `("C", "P")`. Codes come with either separator and a trailing one."""
    return tuple(part for part in map(str.strip, _SPLIT.split(text or "")) if word(part))


def read_words(said: Said) -> Words:
    transaction_type, buy_sell, indicator = map(word, said[:3])
    notes = split_codes(said[3])
    held = frozenset(notes)
    return Words(
        report=_report(transaction_type, buy_sell, held),
        kind=next((kind for codes, kind in _KINDS if held & codes), ExecutionKind.TRADE),
        is_either="GEA" in held,
        side=_SIDES.get(buy_sell.strip()),
        effect=_EFFECTS.get(indicator) or _effect_of_codes(held),
        notes=notes,
        remarks=tuple(_remarks(transaction_type, buy_sell, indicator, held)),
    )


def _report(transaction_type: str, buy_sell: str, held: frozenset[str]) -> ReportKind:
    report = _REPORTS.get(transaction_type, ReportKind.FILL)
    if "Ca" in held or buy_sell.endswith("(Ca.)"):
        return ReportKind.CANCEL
    if "Co" in held and report is ReportKind.FILL:
        return ReportKind.CORRECT
    return report


def _effect_of_codes(held: frozenset[str]) -> PositionEffect:
    opens, closes = "O" in held, "C" in held
    if opens and closes:
        return PositionEffect.CLOSE_OPEN
    if opens:
        return PositionEffect.OPEN
    return PositionEffect.CLOSE if closes else PositionEffect.UNKNOWN


def _remarks(
    transaction_type: str, buy_sell: str, indicator: str, held: frozenset[str]
) -> list[tuple[str, str]]:
    remarks = [("unknown_note", code) for code in sorted(held - CODES)]
    if transaction_type not in _REPORTS:
        remarks.append(("unknown_transaction_type", transaction_type))
    if buy_sell and buy_sell.strip() not in _SIDES:
        remarks.append(("unknown_side", buy_sell))
    if indicator and indicator not in _EFFECTS:
        remarks.append(("unknown_effect", indicator))
    return remarks
