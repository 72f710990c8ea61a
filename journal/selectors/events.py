"""Corporate actions and transfers that count, as booking needs them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from common.sql import fetch


class ActionReport(NamedTuple):
    """One row of a corporate action whose batch is not withdrawn."""

    id: int
    instrument_id: int
    event_key: str
    broker_id: str
    action_id: str
    kind: str
    code: str
    signed_quantity: Decimal
    cash: Decimal
    value: Decimal | None
    stated_pnl: Decimal | None
    effective_at: datetime
    reported_on: date | None
    fx_rate: Decimal | None
    description: str
    ratio: Decimal | None
    other_isin: str
    other_symbol: str


class OptionEvent(NamedTuple):
    """An exercise, assignment or expiry, or what one delivered, as its own section states it.

    Not `is_directed`: it ends what is open, and `signed_quantity` only says how many.
    """

    id: int
    instrument_id: int
    event_key: str
    kind: str
    signed_quantity: Decimal
    price: Decimal
    happened_on: date
    trade_id: str
    fee: Decimal
    stated_cost: Decimal | None
    stated_pnl: Decimal | None
    fx_rate: Decimal | None
    is_directed: bool


class Transfer(NamedTuple):
    """A transfer of a position. `signed_quantity` is positive when it reaches the account."""

    id: int
    instrument_id: int
    event_key: str
    broker_id: str
    kind: str
    signed_quantity: Decimal
    price: Decimal | None
    fx_rate: Decimal | None
    occurred_at: datetime
    reported_on: date | None
    counterparty: str
    stated_cost: Decimal | None


def list_actions(account_id: int, instrument_ids: Collection[int]) -> list[ActionReport]:
    return [
        ActionReport(*row)
        for row in _effective("corporateaction", ActionReport, account_id, instrument_ids)
    ]


def list_transfers(account_id: int, instrument_ids: Collection[int]) -> list[Transfer]:
    return [Transfer(*row) for row in _effective("transfer", Transfer, account_id, instrument_ids)]


def list_option_events(account_id: int, instrument_ids: Collection[int]) -> list[OptionEvent]:
    rows = _effective("optionevent", OptionEvent, account_id, instrument_ids)
    return [OptionEvent(*row) for row in rows]


def _effective(
    table: str, row_type: type[NamedTuple], account_id: int, instrument_ids: Collection[int]
) -> list[tuple[Any, ...]]:
    columns = ", ".join(f"r.{name}" for name in row_type._fields)
    return fetch(
        f"SELECT {columns} FROM journal_{table}report r "
        "JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL "
        "WHERE r.account_id = %s AND r.instrument_id = ANY(%s) ORDER BY r.id",
        [account_id, list(instrument_ids)],
    )


def action_key(event_key: str) -> str:
    """The fill key of the book entry that a corporate action makes."""
    return f"ca:{event_key}"


def event_key_of(fill_key: str) -> str:
    return fill_key.removeprefix("ca:")


def list_cost_shares(account_id: int, fill_keys: Collection[str]) -> dict[str, Decimal]:
    """What people stated of spin-offs: the part of the cost that goes to the new shares, by the entry's fill key."""
    if not fill_keys:
        return {}
    rows = fetch(
        "SELECT fill_key, changes ->> 'cost_share' FROM journal_correction WHERE account_id = %s "
        "AND kind = 'share' AND withdrawn_at IS NULL AND fill_key = ANY(%s)",
        [account_id, list(fill_keys)],
    )
    return {key: Decimal(percent) / 100 for key, percent in rows}


def list_event_links(account_id: int) -> list[tuple[int, int]]:
    """Pairs of instruments that one corporate action names: same moment, the same action, or the line that the text
    names beside the row's own.

    Withdrawn rows too: what they tied together was booked together and has to come apart together.
    """
    rows = fetch(
        "SELECT DISTINCT one.instrument_id, other.instrument_id "
        "FROM journal_corporateactionreport one JOIN journal_corporateactionreport other "
        "ON other.account_id = one.account_id AND other.instrument_id > one.instrument_id "
        "AND (other.effective_at = one.effective_at "
        "OR (one.action_id <> '' AND other.action_id = one.action_id)) "
        "WHERE one.account_id = %(account)s "
        "UNION SELECT a.instrument_id, i.id FROM journal_corporateactionreport a "
        "JOIN journal_instrument i ON i.workspace_id = a.workspace_id AND i.id <> a.instrument_id "
        "AND (i.isin = nullif(a.other_isin, '') "
        "OR nullif(a.other_symbol, '') = ANY(array_append(i.former_symbols, i.symbol))) "
        "WHERE a.account_id = %(account)s AND (a.other_isin <> '' OR a.other_symbol <> '') "
        "AND EXISTS (SELECT FROM journal_executionreport r "
        "WHERE r.account_id = a.account_id AND r.instrument_id = i.id)",
        {"account": account_id},
    )
    return [(one, other) for one, other in rows]
