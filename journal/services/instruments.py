"""Which instrument a row means; made when it is new."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from journal.brokers.base import InstrumentRow
from journal.models import BrokerAccount, BrokerInstrument, ExecutionReport, Instrument
from journal.services.contract_words import (
    contract_key,
    is_short,
    key_of,
    own_key,
    short_key,
)


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
        # What the broker calls the underlying of each of its ids, and what of it is stored already.
        self._underlyings: dict[str, str] = {}
        self._stored_underlyings: dict[str, str] = {}

    def resolve(self, row: InstrumentRow) -> int:
        """The instrument's id. The row must have been learnt."""
        return self._seen[id(row)][1]

    def find(self, rows: Iterable[InstrumentRow]) -> dict[InstrumentRow, int]:
        """Those of the rows that mean an instrument that is there; none is made."""
        wanted = list(dict.fromkeys(rows))
        self._look_up(wanted)
        found = {row: self._by_broker_id.get(row.broker_id) for row in wanted if row.broker_id}
        found |= {
            row: self._by_key.get(contract_key(row)) for row in wanted if found.get(row) is None
        }
        return {row: id_ for row, id_ in found.items() if id_ is not None}

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
            if row.underlying_broker_id:
                known = self._underlyings.get(row.broker_id, "")
                self._underlyings[row.broker_id] = later_id(known, row.underlying_broker_id[:64])

    def store_underlyings(self) -> None:
        """What was learnt of the underlyings' ids. Where two files disagree the later id stands, in any order."""
        changed = {
            broker_id: later
            for broker_id, underlying in self._underlyings.items()
            if broker_id
            and (later := later_id(self._stored_underlyings.get(broker_id, ""), underlying))
            != self._stored_underlyings.get(broker_id, "")
        }
        links = BrokerInstrument.objects.filter(
            workspace_id=self.workspace_id, broker=self.broker, broker_id__in=changed
        )
        for link in (found := list(links)):
            link.underlying_broker_id = changed[link.broker_id]
        BrokerInstrument.objects.bulk_update(found, ["underlying_broker_id"], batch_size=1_000)
        self._stored_underlyings.update(changed)

    def _look_up(self, rows: Collection[InstrumentRow]) -> None:
        broker_ids = {row.broker_id for row in rows if row.broker_id} - self._by_broker_id.keys()
        links = BrokerInstrument.objects.filter(
            workspace_id=self.workspace_id, broker=self.broker, broker_id__in=broker_ids
        )
        names = ("symbol", "currency", "multiplier")
        found = links.values_list(
            "broker_id", "instrument_id", "underlying_broker_id",
            *(f"instrument__{name}" for name in names),
        )  # fmt: skip
        for broker_id, instrument_id, underlying, *stated in found:
            self._by_broker_id[broker_id] = instrument_id
            self._stored_underlyings[broker_id] = underlying
            self._stated[instrument_id] = Stated(*stated)
        nameless = [row for row in rows if row.broker_id not in self._by_broker_id]
        keys = {contract_key(row) for row in nameless} - self._by_key.keys()
        instruments = Instrument.objects.filter(workspace_id=self.workspace_id, key__in=keys)
        self._by_key.update(instruments.values_list("key", "id"))
        self._look_up_former(nameless, keys - self._by_key.keys())
        unknown = [row for row in nameless if contract_key(row) not in self._by_key]
        for row in self._namesakes([row for row in unknown if short_key(row)]):
            if (short := short_key(row)) and contract_key(row) not in self._by_key:
                self._look_up_terms(row, short)

    def _namesakes(self, rows: Collection[InstrumentRow]) -> list[InstrumentRow]:
        """Those that share their symbol with a contract that is known: hardly any of a first import."""
        if not rows:
            return []
        symbols = {row.symbol[:64] for row in rows}
        like = Instrument.objects.filter(workspace_id=self.workspace_id, symbol__in=symbols)
        known = {*like.values_list("symbol", "asset_class", "currency")}
        return [row for row in rows if (row.symbol[:64], row.asset_class, row.currency) in known]

    def _look_up_terms(self, row: InstrumentRow, short: str) -> None:
        """A future, a bond or the like that one file calls by its symbol alone and another with the day on which it
        ends. Where several ended, the name alone means the newest."""
        like = Instrument.objects.filter(
            workspace_id=self.workspace_id, symbol=row.symbol[:64], asset_class=row.asset_class,
            currency=row.currency,
        )  # fmt: skip
        if is_short(row):
            known = like.exclude(expiry_on=None).order_by("-expiry_on", "-pk").first()
        else:
            known = like.filter(key=short, multiplier=row.multiplier).first()
            if known is not None and known.broker_instruments.filter(broker=self.broker).exists():
                return
            if known is not None:
                terms = {"expiry_on": row.expiry_on, "strike": row.strike, "right": row.right or ""}
                Instrument.objects.filter(pk=known.pk).update(key=contract_key(row), **terms)
        if known is not None:
            self._by_key[contract_key(row)] = known.pk

    def _look_up_former(self, rows: Collection[InstrumentRow], keys: Collection[str]) -> None:
        """Contracts that were called so once."""
        symbols = {row.symbol[:64] for row in rows if contract_key(row) in keys}
        renamed = Instrument.objects.filter(
            workspace_id=self.workspace_id, former_symbols__overlap=list(symbols)
        ).exclude(former_symbols=[])
        for instrument in renamed.order_by("-pk") if symbols else ():
            for symbol in symbols.intersection(instrument.former_symbols):
                key = key_of(instrument, symbol=symbol)
                if key in keys:
                    self._by_key[key] = instrument.pk

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
                key = own_key(key, self.broker, row.broker_id)
            Instrument.objects.filter(pk=known).update(key=key, **_fields(row))
            self._by_key = {name: id_ for name, id_ in self._by_key.items() if id_ != known}
            self._by_key[key] = known

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
            [self._link(instrument.pk, fresh[instrument.key]) for instrument in made]
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
            instrument_id = self._get_or_create(row, own_key(key, self.broker, row.broker_id))
        self._link(instrument_id, row).save()
        return instrument_id

    def _link(self, instrument_id: int, row: InstrumentRow) -> BrokerInstrument:
        underlying = row.underlying_broker_id[:64]
        self._stored_underlyings[row.broker_id] = underlying
        return BrokerInstrument(
            workspace_id=self.workspace_id,
            instrument_id=instrument_id,
            broker=self.broker,
            broker_id=row.broker_id[:64],
            underlying_broker_id=underlying,
        )

    def _get_or_create(self, row: InstrumentRow, key: str) -> int:
        known = self._by_key.get(key)
        if known is None:
            instrument, _ = Instrument.objects.get_or_create(
                workspace_id=self.workspace_id, key=key, defaults=_fields(row)
            )
            known = self._by_key[key] = instrument.pk
        return known


def later_id(one: str, other: str) -> str:
    """The later of two ids of one broker: they grow."""
    return max(one, other, key=lambda id_: (len(id_), id_))


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
