"""Items of the API into transactions. Numbers have no sign but an effect beside them: Credit, Debit or None."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

from journal.brokers.base import ParseOptions
from journal.brokers.tastytrade.row import Transaction, read_money, words
from journal.brokers.tastytrade_json.cells import id_of, signed, text_of
from journal.brokers.text.faults import Missing
from journal.brokers.text.moments import read_when, read_zone
from journal.brokers.text.numbers import read_number
from journal.domain.values import ZERO

_CENT = Decimal("0.01")
_COSTS = (
    "commission", "clearing-fees", "regulatory-fees", "proprietary-index-option-fees", "other-charge",
    "currency-conversion-fees",
)  # fmt: skip
CURRENCY = "USD"  # tastytrade keeps accounts in US dollars only


class Zones:
    """Times have offsets; the zone only says which day an expiration is of."""

    def __init__(self, options: ParseOptions, default_zone: str) -> None:
        self._options = options
        self._default = default_zone
        self._zones: dict[str, ZoneInfo] = {}

    def of(self, account_id: str) -> ZoneInfo:
        name = self._options.zone_by_account.get(account_id) or self._options.zone or self._default
        if name not in self._zones:
            self._zones[name] = read_zone(name)
        return self._zones[name]


def read_transaction(
    row: int, raw: dict[str, str], account_id: str, zone: ZoneInfo
) -> tuple[Transaction, bool]:
    """And whether its total contradicts its value and costs. Raises Missing, BadValue."""
    stated = text_of(raw, "executed-at") or text_of(raw, "transaction-date")
    if not stated:
        raise Missing("no_date", "it states no date")
    at = read_when(stated).instant(zone)
    value, cost = signed(raw, "value"), _cost(raw)
    net = signed(raw, "net-value")
    one = Transaction(
        row=row,
        raw=raw,
        account_id=account_id,
        at=at,
        day=at.astimezone(zone).date(),
        zone=zone.key,
        kind=words(text_of(raw, "transaction-type")),
        sub_kind=words(text_of(raw, "transaction-sub-type")),
        action=words(text_of(raw, "action")),
        symbol=text_of(raw, "symbol"),
        instrument_type=words(text_of(raw, "instrument-type")),
        description=text_of(raw, "description"),
        quantity=read_number(text_of(raw, "quantity")),
        value=value,
        cost=cost,
        currency=text_of(raw, "currency").upper() or CURRENCY,
        price=read_money(text_of(raw, "price")),
        underlying=text_of(raw, "underlying-symbol"),
        id=id_of(raw, "id"),
        exec_id=id_of(raw, "exec-id"),
        trade_id=id_of(raw, "ext-group-fill-id"),
        order_id=id_of(raw, "order-id"),
        exchange=text_of(raw, "destination-venue") or text_of(raw, "exchange"),
        reverses_id=id_of(raw, "reverses-id"),
    )
    return one, net is not None and abs((value or ZERO) - cost - net) > _CENT


def _cost(raw: dict[str, str]) -> Decimal:
    """Positive where it costs: Debit."""
    return -sum((signed(raw, name) or ZERO for name in _COSTS), ZERO)
