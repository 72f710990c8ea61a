"""Corporate actions: all that they are is in their text."""

from __future__ import annotations

from journal.brokers.base import CorporateActionRow
from journal.brokers.ibkr_activity.desk import Desk, Entry
from journal.brokers.ibkr_flex.corporate import (
    action_id,
    counterpart,
    kind_of_text,
    read_text,
    with_direction,
)
from journal.brokers.text.faults import Missing
from journal.domain.corporate import ActionKind
from journal.domain.values import ZERO


def read_corporate_action(desk: Desk, entry: Entry) -> CorporateActionRow:
    description = entry.text("description")
    text = read_text(description)
    symbol = text.own_symbol or text.source_symbol
    if not symbol:
        raise Missing("no_symbol", "its text names no instrument")
    reported_on, _ = desk.day(entry, "reported")
    instrument = desk.contracts.mentioned(
        symbol,
        text.own_id or text.source_id,
        entry.text("currency"),
        entry.row.number,
        entry.account,
    )
    own = {instrument.isin, instrument.cusip, instrument.symbol, symbol, text.own_id} - {""}
    ratio = text.ratio_for(own)
    kind = kind_of_text(description)
    if kind is None:
        desk.notices.add(entry.account, entry.row.number, "unknown_action_type", description)
    other_isin, other_symbol = counterpart(text, own)
    return CorporateActionRow(
        row=entry.row.number,
        account_id=entry.account,
        raw=entry.raw,
        broker_id="",
        action_id=action_id(text, entry.text("at")),
        kind=ActionKind.OTHER if kind is None else with_direction(kind, ratio),
        code=entry.text("code"),
        instrument=instrument,
        signed_quantity=entry.number("quantity") or ZERO,
        cash=entry.number("proceeds") or ZERO,
        value=entry.number("value"),
        stated_pnl=entry.number("pnl"),
        effective_at=desk.instant(entry),
        reported_on=reported_on,
        fx_rate=None,
        description=description,
        ratio=ratio,
        other_isin=other_isin,
        other_symbol=other_symbol,
    )
