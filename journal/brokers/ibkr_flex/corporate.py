"""Corporate actions: the code says which, the text says into what and at which ratio."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from typing import NamedTuple

from journal.brokers.base import CorporateActionRow
from journal.brokers.ibkr_flex.desk import Account, Desk
from journal.brokers.ibkr_flex.values import identifier, word
from journal.brokers.ibkr_flex.words import split_codes
from journal.brokers.text.faults import Missing
from journal.domain.corporate import ActionKind
from journal.domain.values import ZERO

_Kind = ActionKind
_KINDS = {
    "FS": _Kind.SPLIT, "FI": _Kind.SPLIT, "CS": _Kind.SPLIT,
    "RS": _Kind.REVERSE_SPLIT, "CC": _Kind.REVERSE_SPLIT,
    "IC": _Kind.SYMBOL_CHANGE,
    "TC": _Kind.MERGER,
    "SO": _Kind.SPIN_OFF, "CO": _Kind.SPIN_OFF,
    "TO": _Kind.TENDER, "TI": _Kind.TENDER,
    "SD": _Kind.STOCK_DIVIDEND, "HI": _Kind.STOCK_DIVIDEND,
    "RI": _Kind.RIGHTS, "DI": _Kind.RIGHTS, "SR": _Kind.RIGHTS, "ED": _Kind.RIGHTS, "PI": _Kind.RIGHTS,
    "DW": _Kind.DELISTING,
    "BM": _Kind.MATURITY, "TM": _Kind.MATURITY,
    "BC": _Kind.OTHER, "CA": _Kind.OTHER, "CD": _Kind.OTHER, "CH": _Kind.OTHER, "CI": _Kind.OTHER,
    "CP": _Kind.OTHER, "CT": _Kind.OTHER, "FA": _Kind.OTHER, "GV": _Kind.OTHER, "HD": _Kind.OTHER,
    "OR": _Kind.OTHER, "PV": _Kind.OTHER,
}  # fmt: skip
# Asked in this order: "TENDERED TO" rows may speak of a merger as well.
_TEXTS = (
    (r"\bTENDERED\b|\bTENDER OFFER\b", _Kind.TENDER),
    (r"\bMERGED\b|\bMERGER\b|\bACQUISITION\b", _Kind.MERGER),
    (r"\bSPIN-?OFF\b", _Kind.SPIN_OFF),
    (r"\bSTOCK DIVIDEND\b", _Kind.STOCK_DIVIDEND),
    (r"\bRIGHTS ISSUE\b|\bSUBSCRI(BABLE|BES)\b|\bEXPIRE DIVIDEND RIGHT\b", _Kind.RIGHTS),
    (r"\bSPLIT\b", _Kind.SPLIT),
    (r"\bCHANGE\b", _Kind.SYMBOL_CHANGE),
    (r"\bDELISTED\b|\bDELISTING\b|\bWORTHLESS\b|\bBANKRUPTCY\b", _Kind.DELISTING),
    (r"\bMATURITY\b|\bMATURED\b|\bFULL CALL\b|\bPARTIAL CALL\b", _Kind.MATURITY),
)
_KIND_TEXTS = tuple((re.compile(pattern, re.IGNORECASE), kind) for pattern, kind in _TEXTS)

_NUMBER = r"(\d[\d,]*(?:\.\d+)?|\.\d+)"
# "1 FOR 25", "SGRH 1 FOR 1,US8269922576 562 FOR 10"
_RATIO = re.compile(
    rf"(?:(?<![\w.])([A-Z0-9][\w.\-]*)\s+)?(?<![\w.]){_NUMBER}\s+FOR\s+{_NUMBER}(?![\w.])",
    re.IGNORECASE,
)
# "GCM(CA38501D2041) SPLIT 1 FOR 25 (GCM.OLD, GRAN COLOMBIA GOLD CORP, CA38501D2041)"
_HEAD = re.compile(r"\s*([^()\s][^()]*?)?\s*\(([^()]*)\)")
_TAIL = re.compile(r"\(\s*([^,()]*),(.*),\s*([A-Z0-9]+)\s*\)\s*$")
_TARGET = re.compile(
    r"\b(?:TO|WITH|INTO)\s+\(?([A-Z0-9][\w.\-]*)\)?(?:\(([A-Z0-9]+)\))?", re.IGNORECASE
)
_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}\d")
_TEXT_MAX = 2_000


class Text(NamedTuple):
    """What a description names: the security it happens to, the one it happens into, and the ratios."""

    stem: str  # the text without its last bracket, which differs between the rows of one action
    own_symbol: str  # of the security that the row is about
    own_name: str
    own_id: str  # its ISIN, most often
    source_symbol: str
    source_id: str
    target: str
    ratios: dict[str, Decimal]  # by the security that comes, "" where the text does not name it

    def ratio_for(self, own: set[str]) -> Decimal | None:
        """The ratio at which this security comes; the first one for a security that goes."""
        named = (ratio for name, ratio in self.ratios.items() if name in own)
        return next(named, None) or next(iter(self.ratios.values()), None)


def read_corporate_action(
    desk: Desk, account: Account, row: int, raw: dict[str, str]
) -> CorporateActionRow:
    get, numbers = raw.get, desk.numbers
    quantity = numbers[get("quantity")] or ZERO
    stated_at = get("dateTime") or get("date") or get("reportDate")
    effective_at = account.clock[stated_at] or account.clock[get("reportDate")]
    if effective_at is None:
        raise Missing("no_date", "it states no date")
    description = get("description") or get("actionDescription") or ""
    text = read_text(description)
    instrument = desk.instruments.find(raw, account.id, row, name=text.own_name)
    own = {instrument.isin, instrument.cusip, instrument.symbol} - {""}
    ratio = text.ratio_for(own)
    other_isin, other_symbol = counterpart(text, own)
    return CorporateActionRow(
        row=row,
        account_id=account.id,
        raw=raw,
        broker_id=identifier(get("transactionID")),
        action_id=identifier(get("actionID")) or action_id(text, stated_at),
        kind=_kind(desk, account, row, raw, description, ratio),
        code=";".join(filter(None, (word(get("type")), *split_codes(get("code"))))),
        instrument=instrument,
        signed_quantity=quantity,
        cash=_cash(desk, raw),
        value=numbers[get("value")],
        stated_pnl=numbers[get("fifoPnlRealized")],
        effective_at=effective_at,
        reported_on=desk.days.lenient(get("reportDate")),
        fx_rate=numbers[get("fxRateToBase")] or None,
        description=description,
        ratio=ratio,
        other_isin=other_isin,
        other_symbol=other_symbol,
    )


def read_text(description: str) -> Text:
    description = description[:_TEXT_MAX]
    tail = _TAIL.search(description)
    stem = description[: tail.start()].strip() if tail else description.strip()
    head = _HEAD.match(stem)
    body = stem[head.end() :] if head else stem
    target = _TARGET.search(body)
    return Text(
        stem=stem,
        own_symbol=tail.group(1).strip() if tail else "",
        own_name=tail.group(2).strip() if tail else "",
        own_id=tail.group(3) if tail else "",
        source_symbol=(head.group(1) or "").strip() if head else "",
        source_id=head.group(2).strip() if head else "",
        target=(target.group(2) or target.group(1)) if target else "",
        ratios=dict(_ratios(body)),
    )


def action_id(text: Text, stated_at: str | None) -> str:
    """The same for all rows of one action, where Flex gives it no id."""
    return f"text:{sha256(f'{text.stem}|{stated_at}'.encode()).hexdigest()[:24]}"


def _ratios(body: str) -> Iterator[tuple[str, Decimal]]:
    """New units for each old one: "1 FOR 25" is 0.04, "4 FOR 1" is 4."""
    for name, new, old in _RATIO.findall(body):
        units = Decimal(old.replace(",", ""))
        if units:
            yield name, Decimal(new.replace(",", "")) / units


def _kind(
    desk: Desk,
    account: Account,
    row: int,
    raw: dict[str, str],
    description: str,
    ratio: Decimal | None,
) -> ActionKind:
    code = word(raw.get("type"))
    kind = _KINDS.get(code) or kind_of_text(description)
    if kind is None:
        desk.notices.add(account.id, row, "unknown_action_type", code or description)
        return ActionKind.OTHER
    if code and code not in _KINDS:
        desk.notices.add(account.id, row, "unknown_action_type", code)
    return with_direction(kind, ratio)


def kind_of_text(description: str) -> ActionKind | None:
    return next((kind for text, kind in _KIND_TEXTS if text.search(description)), None)


def with_direction(kind: ActionKind, ratio: Decimal | None) -> ActionKind:
    if kind is _Kind.SPLIT and ratio is not None and ratio < 1:
        return _Kind.REVERSE_SPLIT
    return kind


def _cash(desk: Desk, raw: dict[str, str]) -> Decimal:
    """Money received. `amount` is the same with the other sign."""
    proceeds = desk.numbers[raw.get("proceeds")]
    return (desk.costs[raw.get("amount")] or ZERO) if proceeds is None else proceeds


def counterpart(text: Text, own: set[str]) -> tuple[str, str]:
    """ISIN and symbol of the other security: the target for the old line, the source for the new one."""
    if text.source_id in own or (text.source_symbol in own and not text.source_id):
        is_isin = bool(_ISIN.fullmatch(text.target))
        other = "" if text.target in own else text.target
        return (other, "") if is_isin else ("", other)
    return text.source_id if _ISIN.fullmatch(text.source_id) else "", text.source_symbol
