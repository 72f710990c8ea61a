"""Everything that the page of one trade shows, down to the evidence behind each number."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from journal.domain.exact import sum_of_known
from journal.domain.values import ZERO
from journal.models import (
    Execution,
    ExecutionReport,
    Instrument,
    Leg,
    LotMatch,
    OpenLot,
    Tag,
    Trade,
    TradeNote,
)
from journal.selectors.evidence import NEWEST_FIRST
from journal.selectors.joined_fills import keys_of


@dataclass(frozen=True, slots=True)
class ExecutionLine:
    """An execution as part of this trade: of a fill through zero, only the part that belongs here.

    `gross_pnl` and `net_pnl` are what it realised here, None where the basis is unknown; the lines add up to
    the trade's own figures. `running_quantity` is the position after it.
    """

    execution: Execution
    instrument: Instrument
    gross_pnl: Decimal | None
    net_pnl: Decimal | None
    matches: list[LotMatch]
    running_quantity: Decimal
    reports: list[ExecutionReport]


@dataclass(frozen=True, slots=True)
class FeeLine:
    """What was paid of one kind in one currency, before any conversion."""

    kind: str
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class TradePage:
    """`keys`: all under which its fills were reported, each with the fill's own."""

    trade: Trade
    keys: dict[str, str]
    legs: list[Leg]
    lines: list[ExecutionLine]
    open_lots: list[OpenLot]
    fees: list[FeeLine]
    notes: list[TradeNote]
    tags: list[Tag]


def build_trade_page(trade: Trade) -> TradePage:
    legs = list(trade.legs.select_related("instrument").order_by("opened_at", "id"))
    leg_ids = [leg.pk for leg in legs]
    executions = list(
        Execution.objects.filter(Q(leg_id__in=leg_ids) | Q(closed_leg__in=leg_ids))
        .select_related("instrument")
        .order_by("executed_at", "sequence", "id")
    )
    matches = _matches(leg_ids)
    keys = keys_of(trade.account_id, [execution.fill_key for execution in executions])
    reports = _reports(trade.account_id, keys)
    tags = Tag.objects.filter(trade_tags__trade_id=trade.pk).distinct().order_by("name")
    return TradePage(
        trade=trade,
        keys=keys,
        legs=legs,
        lines=_lines(executions, matches, reports),
        open_lots=list(OpenLot.objects.filter(leg_id__in=leg_ids).order_by("opened_at", "id")),
        fees=_fees(executions),
        notes=list(TradeNote.objects.filter(trade_id=trade.pk).select_related("author")),
        tags=list(tags),
    )


def _matches(leg_ids: list[int]) -> dict[int, list[LotMatch]]:
    found: dict[int, list[LotMatch]] = defaultdict(list)
    for match in LotMatch.objects.filter(leg_id__in=leg_ids).order_by("closed_at", "ordinal", "id"):
        found[match.closing_id].append(match)
    return found


def _reports(account_id: int, fills: dict[str, str]) -> dict[str, list[ExecutionReport]]:
    found: dict[str, list[ExecutionReport]] = defaultdict(list)
    rows = ExecutionReport.objects.filter(
        account_id=account_id, fill_key__in=list(fills), batch__withdrawn_at=None
    )
    for report in rows.select_related("batch__file").order_by("-authority", *NEWEST_FIRST):
        found[fills[report.fill_key]].append(report)
    return found


def _lines(
    executions: list[Execution],
    matches: dict[int, list[LotMatch]],
    reports: dict[str, list[ExecutionReport]],
) -> list[ExecutionLine]:
    lines = []
    running: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for execution in executions:
        signed = execution.quantity if execution.side == "buy" else -execution.quantity
        running[execution.instrument_id] += signed
        own = matches.get(execution.pk, [])
        lines.append(
            ExecutionLine(
                execution=execution,
                instrument=execution.instrument,
                gross_pnl=sum_of_known(match.gross_pnl for match in own),
                net_pnl=sum_of_known(match.net_pnl for match in own),
                matches=own,
                running_quantity=running[execution.instrument_id],
                reports=reports.get(execution.fill_key, []),
            )
        )
    return lines


def _fees(executions: list[Execution]) -> list[FeeLine]:
    """By kind and currency, as charged. A fill through zero counts whole here: it was paid once."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    for execution in executions:
        for kind, amount in (("commission", execution.fee), ("tax", execution.tax)):
            if amount:
                sums[kind, execution.fee_currency] += amount
    return [FeeLine(kind, currency, amount) for (kind, currency), amount in sorted(sums.items())]
