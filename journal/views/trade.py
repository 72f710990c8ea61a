"""One trade: every figure with the fills, lots and rows of files that it comes from."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from journal.domain.exact import sum_of_known
from journal.models import Correction, ExecutionReport, LotMatch, Tag, Trade
from journal.selectors.corrections import corrections_of
from journal.selectors.cost_shares import spin_offs_among
from journal.selectors.orders import orders_of_trade
from journal.selectors.performance import Basis, Unit
from journal.selectors.plan_trades import risk_beside
from journal.selectors.structures import is_grouped_by_hand, list_claimants, list_companions
from journal.selectors.trade_lists import find_neighbours
from journal.selectors.trade_pages import ExecutionLine, TradePage, build_trade_page
from journal.selectors.trades import get_trade
from journal.views.lens import Lens, context_of, has_result, read_lens, trade_figure
from journal.views.orders import order_lines
from journal.views.trade_cards import cards_of
from journal.views.trade_plan import plan_card
from journal.views.trade_prices import price_card
from journal.views.trade_recommended import recommended_card
from journal.views.trade_structure import proposal_lines, structure_card


@dataclass(frozen=True, slots=True)
class Line:
    """An execution with what it realised: `amount` in money, `pnl` through the lens; None where not known."""

    of: ExecutionLine
    amount: Decimal | None
    pnl: Decimal | None
    matches: list[tuple[LotMatch, Decimal | None]]
    correction: Correction | None
    changed: list[tuple[str, str, str]]
    in_part: bool
    is_spin_off: bool


@require_safe
def trade(request: HttpRequest, trade_id: int) -> HttpResponse:
    lens = read_lens(request)
    found = get_trade(trade_id)
    page = build_trade_page(found)
    base = found.account.base_currency
    amended, left_out = corrections_of(found, page.legs, page.keys)
    keys = [line.execution.fill_key for line in page.lines]
    spun = spin_offs_among(found.account_id, keys)
    lines = [_line(lens, line, found, amended, spun) for line in page.lines]
    older, newer = find_neighbours(found)
    orders = orders_of_trade(found.pk)
    companions = list_companions(found)
    plan = plan_card(found, orders)
    risk = risk_beside(found, plan["planned"], orders)
    context = {
        **context_of(lens),
        **notes_context(found, page),
        "page": page,
        "account": found.account,
        "zone": found.account.zone,
        "figure": trade_figure(lens, found, base),
        "unit": lens.unit_of(found.currency if lens.unit is Unit.CURRENCY else base),
        "other_figures": _other_figures(found, base),
        "lines": lines,
        "sum": lens.figure(sum_of_known(line.amount for line in lines), found.cost_base),
        "is_realised": any(line.matches for line in lines),
        "is_netted": any(line.in_part for line in lines),
        "left_out": left_out,
        "older": older,
        "newer": newer,
        "orders": order_lines(orders),
        "prices": price_card(found, page, orders, risk),
        "plan": plan,
        "cards": cards_of(found),
        "recommended": recommended_card(found, plan),
        "structure": structure_card(found, risk),
        "claimants": list_claimants(found),
        "proposals": proposal_lines(found, companions),
        "companions": companions,
        "by_hand": is_grouped_by_hand(found),
        "held": (found.closed_at or found.last_at) - found.opened_at,
    }
    return render(request, "journal/trade.html", context)


def notes_context(trade: Trade, page: TradePage | None = None) -> dict[str, Any]:
    """What the notes and tags of a trade are drawn with, alone or on its page."""
    if page is None:
        page = build_trade_page(trade)
    return {
        "trade": trade,
        "notes": page.notes,
        "tags": page.tags,
        "known_tags": Tag.objects.all()[:200],
    }


def _line(
    lens: Lens,
    line: ExecutionLine,
    trade: Trade,
    amended: Mapping[str, Correction],
    spun: Container[str],
) -> Line:
    correction = amended.get(line.execution.fill_key)
    amounts = [_amount(lens, match) for match in line.matches]
    amount = sum_of_known(amounts)
    execution = line.execution
    in_part = execution.closed_leg is not None and execution.leg_id is not None
    return Line(
        of=line,
        amount=amount,
        pnl=lens.figure(amount, trade.cost_base),
        matches=[
            (match, lens.figure(one, trade.cost_base))
            for match, one in zip(line.matches, amounts, strict=True)
        ],
        correction=correction,
        changed=_changed(correction, line.reports),
        in_part=in_part and execution.closed_leg != execution.leg_id,
        is_spin_off=execution.fill_key in spun,
    )


def _amount(lens: Lens, match: LotMatch) -> Decimal | None:
    net = lens.basis is Basis.NET
    if lens.unit is Unit.CURRENCY:
        return match.net_pnl if net else match.gross_pnl
    return match.net_base if net else match.gross_base


def _changed(
    correction: Correction | None, reports: list[ExecutionReport]
) -> list[tuple[str, str, str]]:
    """(what, as reported, as booked) of an amended fill."""
    if correction is None or not reports:
        return []
    return [
        (name.replace("executed_at", "time"), _reported(name, reports), value)
        for name, value in correction.changes.items()
    ]


def _reported(name: str, reports: list[ExecutionReport]) -> str:
    """What the one that counts leaves open is as the next one has it."""
    stated = (getattr(report, name) for report in reports)
    return next((str(value) for value in stated if value is not None), "nothing")


def _other_figures(trade: Trade, base: str) -> list[tuple[str, Decimal | None, str]]:
    """The same result seen the other ways: (what, amount, currency). While it is open: of the part that is closed."""
    is_closed = trade.closed_at is not None
    is_known = trade.cost_known and has_result(trade)
    # The fees of what is still open are paid, but are in no result yet: Gross and Net would not differ by them.
    realised_fees = trade.net_pnl - trade.gross_pnl if is_known else None
    figures = [
        ("Gross", trade.gross_pnl if is_known else None, trade.currency),
        ("Fees", -trade.fees, trade.currency)
        if is_closed
        else ("Fees of what is closed", realised_fees, trade.currency),
        ("Net", trade.net_pnl if is_known else None, trade.currency),
    ]
    if base and base != trade.currency:
        figures.append((f"Net in {base}", trade.net_base if is_known else None, base))
    return figures
