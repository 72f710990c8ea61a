"""Fills that a person enters by hand: written down as a document, and imported like any other file.

So they are evidence with a row behind each figure, are undone by undoing the import, and give way to the statement that
states them later. A second entry that says the same is a second fill.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from common.errors import Rejected
from journal.brokers.manual_entry.adapter import KIND, VERSION, ManualEntry
from journal.domain.identity import digest
from journal.domain.values import Side
from journal.models import BrokerAccount, BrokerInstrument, ImportBatch, Instrument
from journal.services.accounts import create_account
from journal.services.imports import ImportRequest, receive_file

SLUG = ManualEntry.slug
BROKER = "manual"


@dataclass(frozen=True, kw_only=True)
class EnteredFill:
    """`executed_at` is aware, in the zone in which the person thinks."""

    side: Side
    quantity: Decimal
    price: Decimal
    executed_at: datetime
    fee: Decimal | None = None
    fee_currency: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """`account`: one that is there, else the number of a new one. `contract`: in the words in which bots name theirs
    (`journal.brokers.capture.contracts`), or those of a known one (`words_of`). `form_id`: of the form that was filled
    in; the same words sent from it twice are one entry."""

    account: BrokerAccount | None
    account_number: str = ""
    contract: dict[str, str]
    fills: Sequence[EnteredFill] = field(default_factory=tuple)
    zone: str
    note: str = ""
    form_id: str = ""
    # By which door it came: what settles a difference with the broker is told apart from what a person remembers.
    source: str = "manual"


def enter(workspace_id: int, entry: Entry, *, user_id: int | None) -> ImportBatch:
    """A batch with the entry, to be confirmed or looked at like any other. Raises Rejected."""
    with transaction.atomic():
        account = entry.account or _new_account(workspace_id, entry)
        return receive_file(
            workspace_id,
            io.BytesIO(_document(entry, account)),
            name=title_of(entry),
            request=ImportRequest(
                format=SLUG, account=account, source=entry.source, user_id=user_id
            ),
        )


def _new_account(workspace_id: int, entry: Entry) -> BrokerAccount:
    number = entry.account_number.strip()
    if not number:
        raise Rejected("account_needed", "Choose an account, or name a new one.")
    known = BrokerAccount.objects.filter(
        workspace_id=workspace_id, broker=BROKER, broker_id=number
    ).first()
    return known or create_account(
        workspace_id,
        is_chosen=False,
        broker=BROKER,
        broker_id=number,
        base_currency=entry.contract["currency"],
        zone=entry.zone,
    )


def _document(entry: Entry, account: BrokerAccount) -> bytes:
    """Each fill has a name of its own, so that a second one that is the same is not taken for the first, unless it is
    the same form, sent twice."""
    entry_id = _entry_id(entry)
    said: dict[str, Any] = {
        KIND: VERSION,
        "entered_at": timezone.now().isoformat(),
        "zone": entry.zone,
        "account": {
            "broker": account.broker,
            "number": account.broker_id,
            "currency": account.base_currency,
        },
        "fills": [
            {
                "record_id": f"{entry_id}:{place}",
                **_words(fill),
                **entry.contract,
                **({"notes": entry.note} if entry.note else {}),
            }
            for place, fill in enumerate(entry.fills, 1)
        ],
    }
    return json.dumps(said, indent=1, ensure_ascii=False).encode()


def _entry_id(entry: Entry) -> str:
    """What was changed before it was sent again is another entry."""
    if not entry.form_id:
        return uuid4().hex
    fills = [_words(fill) for fill in entry.fills]
    said = [fills, sorted(entry.contract.items()), entry.zone, entry.note]
    return digest(entry.form_id, json.dumps(said))[:32]


def _words(fill: EnteredFill) -> dict[str, str]:
    words = {
        "side": fill.side.value,
        "quantity": f"{fill.quantity:f}",
        "price": f"{fill.price:f}",
        "executed_at": fill.executed_at.isoformat(),
    }
    if fill.fee is not None:
        words |= {"fee": f"{fill.fee:f}", "fee_currency": fill.fee_currency}
    return words


def title_of(entry: Entry) -> str:
    """What the entry is called among the imports."""
    first, symbol = entry.fills[0], entry.contract["symbol"]
    verb = "Bought" if first.side is Side.BUY else "Sold"
    words = f"{verb} {first.quantity.normalize():f} {symbol} at {first.price.normalize():f}"
    if len(entry.fills) > 1:
        words += f", closed at {entry.fills[-1].price.normalize():f}"
    return words[:255]


def words_of(instrument: Instrument, broker: str) -> dict[str, str]:
    """A known contract, so that nothing else can be meant: by the broker's id of it, where it has one."""
    link = (
        BrokerInstrument.objects.filter(instrument=instrument, broker=broker)
        .order_by("-pk")
        .first()
    )
    said = {
        "symbol": instrument.symbol,
        "asset_class": instrument.asset_class,
        "currency": instrument.currency,
        "multiplier": f"{instrument.multiplier:f}",
        "underlying": instrument.underlying_symbol,
        "expiry_on": "" if instrument.expiry_on is None else f"{instrument.expiry_on}",
        "strike": "" if instrument.strike is None else f"{instrument.strike:f}",
        "right": instrument.right,
        "exchange": instrument.exchange,
        "isin": instrument.isin,
        "instrument_id": link.broker_id if link else "",
    }
    return {name: value for name, value in said.items() if value}
