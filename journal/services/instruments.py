"""Which instrument a row means; made when it is new."""

from __future__ import annotations

from django.db import transaction

from journal.brokers.base import InstrumentRow
from journal.models import BrokerInstrument, Instrument


def contract_key(row: InstrumentRow) -> str:
    """The contract in words: what makes two rows without a broker's id the same instrument."""
    parts = [row.asset_class, row.symbol, row.currency]
    if row.expiry_on or row.strike is not None or row.right:
        strike = "" if row.strike is None else f"{row.strike.normalize():f}"
        parts += [str(row.expiry_on or ""), strike, row.right or "", f"{row.multiplier.normalize():f}"]
    return "|".join(parts)[:200]


class InstrumentResolver:
    """Resolves the rows of one import. Parsers give the same object for the same contract, so rows are
    remembered by identity; a reference is kept so that the identity stays theirs."""

    def __init__(self, *, workspace_id: int, broker: str) -> None:
        self.workspace_id = workspace_id
        self.broker = broker
        self._seen: dict[int, tuple[InstrumentRow, Instrument]] = {}
        self._by_broker_id: dict[str, Instrument] = {}
        self._by_key: dict[str, Instrument] = {}

    def resolve(self, row: InstrumentRow) -> Instrument:
        seen = self._seen.get(id(row))
        if seen is None:
            seen = (row, self._find(row))
            self._seen[id(row)] = seen
        return seen[1]

    def _find(self, row: InstrumentRow) -> Instrument:
        if row.broker_id:
            instrument = self._by_broker_id.get(row.broker_id) or self._known_broker_id(row)
            if instrument is None:
                instrument = self._adopt(row)
            self._by_broker_id[row.broker_id] = instrument
            return instrument
        key = contract_key(row)
        return self._by_key.get(key) or self._get_or_create(row, key)

    def _known_broker_id(self, row: InstrumentRow) -> Instrument | None:
        link = (
            BrokerInstrument.objects.select_related("instrument")
            .filter(workspace_id=self.workspace_id, broker=self.broker, broker_id=row.broker_id)
            .first()
        )
        return link.instrument if link else None

    def _adopt(self, row: InstrumentRow) -> Instrument:
        """Join a broker's new id to the contract of the same words, unless that one is another of its ids."""
        key = contract_key(row)
        instrument = self._get_or_create(row, key)
        taken = instrument.broker_instruments.filter(broker=self.broker).exists()
        if taken:
            instrument = self._get_or_create(row, f"{key[:160]}#{self.broker}:{row.broker_id}"[:200])
        BrokerInstrument.objects.create(
            workspace_id=self.workspace_id,
            instrument=instrument,
            broker=self.broker,
            broker_id=row.broker_id,
        )
        return instrument

    def _get_or_create(self, row: InstrumentRow, key: str) -> Instrument:
        with transaction.atomic():
            instrument, _ = Instrument.objects.get_or_create(
                workspace_id=self.workspace_id, key=key, defaults=_fields(row)
            )
        self._by_key[key] = instrument
        return instrument


def _fields(row: InstrumentRow) -> dict[str, object]:
    return {
        "asset_class": row.asset_class,
        "symbol": row.symbol[:64],
        "underlying_symbol": row.underlying_symbol[:64],
        "description": row.description[:255],
        "currency": row.currency,
        "multiplier": row.multiplier if row.multiplier > 0 else 1,
        "expiry_on": row.expiry_on,
        "strike": row.strike,
        "right": row.right or "",
        "exchange": row.exchange[:32],
        "isin": row.isin[:12],
        "cusip": row.cusip[:12],
        "figi": row.figi[:12],
        "is_inverse": row.inverse,
    }
