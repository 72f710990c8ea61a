"""Reports into the fills that are booked: who counts, as corrected by people, fees in the quoted currency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import reduce
from operator import attrgetter
from typing import Any

from django.utils.dateparse import parse_datetime

from journal.brokers.base import ORDER_AUTHORITY, POSITION
from journal.domain.exact import divide
from journal.domain.identity import FillReport, ReportType, choose_effective
from journal.domain.trading_day import trading_day
from journal.domain.values import (
    ONE,
    ZERO,
    AssetClass,
    ExecutionKind,
    Fill,
    PositionEffect,
    Problem,
    Side,
    StatedLot,
)
from journal.models import ACTORS, BrokerAccount, Correction, CorrectionKind, Execution, Instrument
from journal.selectors.evidence import RateBook, Report
from journal.selectors.joined_fills import fills_of, list_sums
from journal.services.booking.compose import BookedFill
from journal.services.booking.repeated import without_repeats, without_sums
from journal.services.copying import reserve_ids

_SIDES = {side.value: side for side in Side}
_KINDS = {kind.value: kind for kind in ExecutionKind}
_EFFECTS = {effect.value: effect for effect in PositionEffect}
_IN_TIME = attrgetter("executed_at", "sequence", "id")
# Where in a report its own words begin, after who says it of which fill.
_WORDS_FROM = Report._fields.index("broker_id")
# What a report may not say, and how it then reads.
_LEFT_OPEN = (
    ("broker_id", ""), ("trade_id", ""), ("order_id", ""), ("effect", PositionEffect.UNKNOWN.value), ("fx_rate", None),
    ("stated_cost", None), ("stated_pnl", None), ("fee", None), ("tax", None), ("fee_currency", ""),
)  # fmt: skip


@dataclass(slots=True)
class GroupFills:
    """The fills of some instruments, and what was odd about their reports: by instrument and fill, "" for none."""

    by_instrument: dict[int, list[BookedFill]] = field(default_factory=dict)
    problems: list[tuple[int, str, Problem]] = field(default_factory=list)

    def of(self, instrument_ids: Sequence[int]) -> list[BookedFill]:
        return [
            booked
            for instrument_id in instrument_ids
            for booked in self.by_instrument.get(instrument_id, [])
        ]


def build_fills(
    account: BrokerAccount,
    instruments: Mapping[int, Instrument],
    reports: Mapping[int, list[Report]],
    *,
    known_ids: Mapping[str, int],
    stated_lots: Mapping[int, Mapping[str, tuple[StatedLot, ...]]],
    rates: RateBook,
) -> GroupFills:
    """`known_ids` are the executions that exist, by fill key: a fill keeps its id for ever."""
    fills = GroupFills()
    chosen = {
        instrument_id: _effective(account, instrument_id, listed, fills)
        for instrument_id, listed in reports.items()
    }
    keys = [one.fill_key for listed in chosen.values() for one in listed]
    ids = _identify(keys, known_ids)
    corrections = _corrections(account.pk, keys)
    for instrument_id, listed in chosen.items():
        maker = _FillMaker(account, instruments[instrument_id], rates)
        lots = stated_lots.get(instrument_id, {})
        fills.by_instrument[instrument_id] = [
            maker.make(ids[one.fill_key], one, lots.get(one.broker_id, ()))
            for report in listed
            if (one := _corrected(report, corrections.get(report.fill_key))) is not None
        ]
    return fills


def _effective(
    account: BrokerAccount, instrument_id: int, reports: list[Report], fills: GroupFills
) -> list[Report]:
    if _are_plain(reports):
        return reports
    ranked = without_sums(_completed(sorted(reports, key=_rank)))
    ranked, odd = without_repeats(account, instrument_id, ranked)
    fills.problems += [(instrument_id, "", told) for told in odd]
    decided = choose_effective(_fill_report(one, order) for order, one in enumerate(ranked))
    fills.problems += [(instrument_id, key, problem) for key, problem in decided.problems]
    counting = {chosen.id for chosen in decided.chosen.values()}
    return sorted((one for one in ranked if one.id in counting), key=_IN_TIME)


def _are_plain(reports: list[Report]) -> bool:
    """Each is a fill of its own."""
    return len({report.fill_key for report in reports}) == len(reports) and all(
        report.report == ReportType.FILL and report.authority > ORDER_AUTHORITY
        for report in reports
    )


def _rank(report: Report) -> tuple[Any, ...]:
    """Of several reports of one fill the last one counts: what its source said last, whichever came in last.

    A correction follows what it corrects. What was said at one moment is told apart by its words, so that no order of
    imports decides.
    """
    is_correction = report.report == ReportType.CORRECT
    words = [str(word) for word in report[_WORDS_FROM:]]
    return (report.authority, report.stated_at, is_correction, words)


def _completed(ranked: list[Report]) -> list[Report]:
    """The same reports, in the same order. What the one that counts leaves open is as another one of the same fill has
    it: a query without a column does not take back what a file with it said.
    """
    same: dict[str, list[Report]] = defaultdict(list)
    for report in ranked:
        if report.report != ReportType.CANCEL:
            same[report.fill_key].append(report)
    full = {
        listed[-1].id: _with_actor(reduce(_complete, reversed(listed[:-1]), listed[-1]), listed)
        for listed in same.values()
        if len(listed) > 1
    }
    return [full.get(report.id, report) for report in ranked]


def _with_actor(report: Report, others: Sequence[Report]) -> Report:
    """By whom a fill came about is as who acted says it; a statement that counts instead only confirms the figures."""
    acted = [one.source for one in others if one.source in ACTORS]
    return report._replace(source=acted[-1]) if acted and report.source not in ACTORS else report


def _complete(report: Report, other: Report) -> Report:
    if (other.side, other.quantity, other.price) != (report.side, report.quantity, report.price):
        return report
    left_open = {
        name: getattr(other, name)
        for name, nothing in _LEFT_OPEN
        if getattr(report, name) == nothing
    }
    if "fee" in left_open and other.fee is not None:
        left_open["fee_currency"] = other.fee_currency
    return report._replace(**left_open)


def _fill_report(report: Report, order: int) -> FillReport:
    return FillReport(
        id=report.id,
        key=report.fill_key,
        order=order,
        authority=report.authority,
        type=ReportType(report.report),
        instrument_id=report.instrument_id,
        side=_SIDES[report.side],
        quantity=report.quantity,
        price=report.price,
        ids=(report.broker_id, report.exec_id, report.trade_id, report.order_id),
        original_ids=tuple(report.original_ids),
    )


def _identify(keys: list[str], known_ids: Mapping[str, int]) -> dict[str, int]:
    fresh = [key for key in keys if key not in known_ids]
    return {**known_ids, **dict(zip(fresh, reserve_ids(Execution, len(fresh)), strict=True))}


def _corrections(account_id: int, keys: list[str]) -> dict[str, Correction]:
    """By the key of the fill. A person may have spoken of it when it went by another of its keys; but not of an entry
    that sums it up with others."""
    found = list(
        Correction.objects.filter(account_id=account_id, withdrawn_at=None).order_by("-pk")
    )
    sums = list_sums(account_id, [one.fill_key for one in found])
    found = [one for one in found if one.fill_key not in sums]
    wanted = set(keys)
    others = [one.fill_key for one in found if one.fill_key not in wanted]
    fills = fills_of(account_id, others)
    by_key = {fills.get(one.fill_key, one.fill_key): one for one in found}
    by_key |= {one.fill_key: one for one in found}
    return {key: one for key, one in by_key.items() if key in wanted}


def _corrected(report: Report, correction: Correction | None) -> Report | None:
    if correction is None:
        return report
    if correction.kind == CorrectionKind.EXCLUDE:
        return None
    return report._replace(**_changes(correction.changes))


def _changes(changes: dict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in ("price", "quantity", "fee", "tax"):
        if name in changes:
            values[name] = Decimal(changes[name])
    if "side" in changes:
        values["side"] = Side(changes["side"])
    if "executed_at" in changes:
        values["executed_at"] = parse_datetime(changes["executed_at"])
    return values


class _FillMaker:
    """Makes the fills of one instrument in one account."""

    def __init__(self, account: BrokerAccount, instrument: Instrument, rates: RateBook) -> None:
        self._instrument = instrument
        self._rates = rates
        self._day = account.trading_day
        self._base = account.base_currency
        self._in_base = instrument.currency == account.base_currency
        self._is_hedging = account.is_hedging
        # A fee in the coin itself never reaches the position.
        self._own_asset = instrument.symbol if instrument.asset_class == AssetClass.CRYPTO else None

    def make(self, id_: int, report: Report, lots: tuple[StatedLot, ...]) -> BookedFill:
        charged = _charged(report)
        if self._in_base and report.fee_currency == self._base:
            # All in one currency, as most accounts are.
            return self._booked(id_, report, lots, fx_rate=ONE, quoted=charged, uses_rates=False)
        fx_rate = self._fx_rate(report)
        quoted = self._quoted(report, charged, fx_rate)
        uses_rates = self._uses_rates(report)
        return self._booked(
            id_, report, lots, fx_rate=fx_rate, quoted=quoted, uses_rates=uses_rates
        )

    def _booked(
        self,
        id_: int,
        report: Report,
        lots: tuple[StatedLot, ...],
        *,
        fx_rate: Decimal | None,
        quoted: Decimal | None,
        uses_rates: bool,
    ) -> BookedFill:
        fill = Fill(
            id_,
            report.instrument_id,
            report.executed_at,
            report.sequence,
            _SIDES[report.side],
            report.quantity,
            report.price,
            fee=ZERO if quoted is None else quoted,
            kind=_KINDS[report.kind],
            effect=_EFFECTS[report.effect],
            broker_id=report.broker_id,
            fx_rate=fx_rate,
            fee_known=quoted is not None,
            stated_cost=report.stated_cost,
            stated_pnl=report.stated_pnl,
            stated_lots=lots,
        )
        if self._is_hedging and report.trade_id.startswith(POSITION):
            fill.group = report.trade_id
        if report.fee_currency == self._own_asset:
            fill.asset_fee = _charged(report)
        return BookedFill(
            fill, report.fill_key, report.id, report.order_id, report.source, report.fee or ZERO,
            report.tax or ZERO, report.fee_currency or self._instrument.currency, quoted, uses_rates,
        )  # fmt: skip

    def _uses_rates(self, report: Report) -> bool:
        is_priced = self._in_base or (report.fx_rate is not None and report.fx_rate > 0)
        own = (self._instrument.currency, self._base, self._own_asset, "")
        return not is_priced or bool(_charged(report) and report.fee_currency not in own)

    def _fx_rate(self, report: Report) -> Decimal | None:
        if self._in_base:
            return ONE
        if report.fx_rate is not None and report.fx_rate > 0:
            return report.fx_rate
        return self._rate(self._instrument.currency, self._base, report.executed_at)

    def _quoted(self, report: Report, charged: Decimal, fx_rate: Decimal | None) -> Decimal | None:
        """The fee in the instrument's currency; None when there is no rate for it."""
        currency = report.fee_currency
        if not charged or not currency or currency == self._instrument.currency:
            return charged
        if currency == self._own_asset:
            return charged * report.price
        if currency == self._base and fx_rate:
            return divide(charged, fx_rate)
        rate = self._rate(currency, self._instrument.currency, report.executed_at)
        return None if rate is None else charged * rate

    def _rate(self, source: str, target: str, at: datetime) -> Decimal | None:
        return self._rates.rate(source, target, trading_day(at, self._day))


def _charged(report: Report) -> Decimal:
    """What nobody states counts as nothing: the reader has told that it is missing."""
    return (report.fee or ZERO) + (report.tax or ZERO)
