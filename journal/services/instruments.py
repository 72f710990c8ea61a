"""Which instrument a row means; made when it is new."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from journal.brokers.base import InstrumentRow
from journal.models import BrokerAccount, BrokerInstrument, ExecutionReport, Instrument


def contract_key(row: InstrumentRow) -> str:
    """The contract in words: what makes two rows without a broker's id the same instrument."""
    parts = [row.asset_class, row.symbol, row.currency]
    if row.expiry_on or row.strike is not None or row.right:
        strike = "" if row.strike is None else f"{row.strike.normalize():f}"
        parts += [
            str(row.expiry_on or ""),
            strike,
            row.right or "",
            f"{row.multiplier.normalize():f}",
        ]
    return "|".join(parts)[:200]


class Stated(NamedTuple):
    symbol: str
    currency: str
    multiplier: Decimal


class InstrumentResolver:
    """Resolves the rows of one import. Parsers give the same object for the same contract, so rows are
    remembered by identity; a reference is kept so that the identity stays theirs.

    `learn` asks and makes many at once; `resolve` is then only a look-up and may be used while a COPY is open.
    """

    def __init__(self, *, workspace_id: int, broker: str) -> None:
        self.workspace_id = workspace_id
        self.broker = broker
        self._seen: dict[int, tuple[InstrumentRow, int]] = {}
        self._by_broker_id: dict[str, int] = {}
        self._by_key: dict[str, int] = {}
        self._stated: dict[int, Stated] = {}

    def resolve(self, row: InstrumentRow) -> int:
        """The instrument's id. The row must have been learnt."""
        return self._seen[id(row)][1]

    def learn(self, rows: Iterable[InstrumentRow | None], *, traded: bool = False) -> None:
        """`traded` rows are those of fills: they know the contract's name, currency and multiplier."""
        new = {id(row): row for row in rows if row is not None and id(row) not in self._seen}
        if not new:
            return
        self._look_up(new.values())
        if traded:
            self._restate(new.values())
        self._make_many(new.values())
        for identity, row in new.items():
            self._seen[identity] = (row, self._find(row))

    def _look_up(self, rows: Collection[InstrumentRow]) -> None:
        broker_ids = {row.broker_id for row in rows if row.broker_id} - self._by_broker_id.keys()
        links = BrokerInstrument.objects.filter(
            workspace_id=self.workspace_id, broker=self.broker, broker_id__in=broker_ids
        )
        names = ("symbol", "currency", "multiplier")
        found = links.values_list(
            "broker_id", "instrument_id", *(f"instrument__{name}" for name in names)
        )
        for broker_id, instrument_id, *stated in found:
            self._by_broker_id[broker_id] = instrument_id
            self._stated[instrument_id] = Stated(*stated)
        keys = {contract_key(row) for row in rows if row.broker_id not in self._by_broker_id}
        instruments = Instrument.objects.filter(
            workspace_id=self.workspace_id, key__in=keys - self._by_key.keys()
        )
        self._by_key.update(instruments.values_list("key", "id"))

    def _restate(self, rows: Collection[InstrumentRow]) -> None:
        """Where another row came first, the fill is right: a dividend may be paid in another currency than the shares
        trade in, a split calls the old line by another name, a position may leave the multiplier out.
        """
        for row in rows:
            known = self._by_broker_id.get(row.broker_id)
            stated = Stated(row.symbol[:64], row.currency, row.multiplier)
            if known is None or self._stated.get(known, stated) == stated:
                continue
            self._stated[known] = stated
            if _is_traded(self.workspace_id, known):
                continue
            key = contract_key(row)
            if Instrument.objects.filter(workspace_id=self.workspace_id, key=key).exists():
                key = self._own_key(row)
            Instrument.objects.filter(pk=known).update(key=key, **_fields(row))
            self._by_key = {name: id_ for name, id_ in self._by_key.items() if id_ != known}
            self._by_key[key] = known

    def _own_key(self, row: InstrumentRow) -> str:
        return f"{contract_key(row)[:160]}#{self.broker}:{row.broker_id}"[:200]

    def _make_many(self, rows: Collection[InstrumentRow]) -> None:
        """Contracts that nobody has seen, each with its broker's id: by far the most of a first import."""
        by_broker_id = {row.broker_id: row for row in reversed([*rows]) if row.broker_id}
        fresh = {
            contract_key(row): row
            for broker_id, row in by_broker_id.items()
            if broker_id not in self._by_broker_id and contract_key(row) not in self._by_key
        }
        made = Instrument.objects.bulk_create(
            [
                Instrument(workspace_id=self.workspace_id, key=key, **_fields(row))
                for key, row in fresh.items()
            ]
        )
        for instrument in made:
            row = fresh[instrument.key]
            self._by_key[instrument.key] = instrument.pk
            self._by_broker_id[row.broker_id] = instrument.pk
        BrokerInstrument.objects.bulk_create(
            [self._link(instrument.pk, fresh[instrument.key].broker_id) for instrument in made]
        )

    def _find(self, row: InstrumentRow) -> int:
        if not row.broker_id:
            return self._get_or_create(row, contract_key(row))
        known = self._by_broker_id.get(row.broker_id)
        if known is None:
            known = self._by_broker_id[row.broker_id] = self._adopt(row)
        return known

    def _adopt(self, row: InstrumentRow) -> int:
        """Join a broker's new id to the contract of the same words, unless that one is another of its ids."""
        key = contract_key(row)
        instrument_id = self._get_or_create(row, key)
        taken = BrokerInstrument.objects.filter(instrument_id=instrument_id, broker=self.broker)
        if taken.exists():
            instrument_id = self._get_or_create(row, self._own_key(row))
        self._link(instrument_id, row.broker_id).save()
        return instrument_id

    def _link(self, instrument_id: int, broker_id: str) -> BrokerInstrument:
        return BrokerInstrument(
            workspace_id=self.workspace_id,
            instrument_id=instrument_id,
            broker=self.broker,
            broker_id=broker_id[:64],
        )

    def _get_or_create(self, row: InstrumentRow, key: str) -> int:
        known = self._by_key.get(key)
        if known is None:
            instrument, _ = Instrument.objects.get_or_create(
                workspace_id=self.workspace_id, key=key, defaults=_fields(row)
            )
            known = self._by_key[key] = instrument.pk
        return known


def _is_traded(workspace_id: int, instrument_id: int) -> bool:
    accounts = BrokerAccount.objects.filter(workspace_id=workspace_id).values("pk")
    reports = ExecutionReport.objects.filter(account_id__in=accounts, instrument_id=instrument_id)
    return reports.exists()


def _fields(row: InstrumentRow) -> dict[str, Any]:
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
