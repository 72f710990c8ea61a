"""What accounts hold and are worth, as the brokers said last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import WorkspaceRequest
from common.errors import NotFound
from common.numbers import UNKNOWN, write_money, write_percent
from common.templatetags.figures import write_day
from reconciliation.charts import equity_over_time
from reconciliation.models import Heard, SnapshotPosition
from reconciliation.selectors.equity import Curve, EquityPoint, equity_curve
from reconciliation.selectors.hearing import PATIENCE, Hearing, accounts_in_use, hearings

RANGES: dict[str, tuple[str, timedelta | None]] = {
    "day": ("Day", timedelta(days=1)),
    "week": ("Week", timedelta(days=7)),
    "month": ("Month", timedelta(days=30)),
    "all": ("All", None),
}
EQUITY_COLUMNS = ["Time", "Equity", "Peak", "Drawdown"]


@require_safe
def live(request: WorkspaceRequest) -> HttpResponse:
    now = timezone.now()
    heard = hearings(accounts_in_use(), now=now)
    chosen = _chosen(heard, request.GET.get("account", ""))
    span = request.GET.get("range", "")
    span = span if span in RANGES else "day"
    context: dict[str, Any] = {
        "tab": "live",
        "rows": [{"heard": one, "url": _url(one, span), "current": one is chosen} for one in heard],
        "total": _total(heard),
        "chosen": chosen,
        "can_write": request.membership.can_write,
        "here": request.get_full_path(),
    }
    if chosen is not None:
        context |= {
            "account": chosen.account,
            "positions": _positions(chosen, now),
            "ranges": [
                {"label": label, "url": _url(chosen, name), "current": name == span}
                for name, (label, _) in RANGES.items()
            ],
            "chart": _chart(chosen, span, now),
        }
    return render(request, "reconciliation/live.html", context)


def _chosen(heard: Sequence[Hearing], wanted: str) -> Hearing | None:
    """The account asked for; else the first that was heard."""
    if wanted:
        for one in heard:
            if str(one.account.pk) == wanted:
                return one
        raise NotFound("account_not_found", "There is no such account in this workspace.")
    known = [one for one in heard if one.is_known] or [one for one in heard if one.snapshot]
    return next(iter([*known, *heard]), None)


def _url(heard: Hearing, span: str) -> str:
    return f"{reverse('reconciliation:live')}?account={heard.account.pk}&range={span}"


def _total(heard: Sequence[Hearing]) -> dict[str, Any]:
    """Of all accounts in GBP; of none if one of them is not known."""
    lacking = [str(one.account) for one in heard if not one.is_known or _gbp(one) is None]
    if lacking:
        return {"value": None, "reason": f"Not known of {', '.join(lacking[:3])}"}
    return {"value": sum((_gbp(one) or Decimal(0) for one in heard), Decimal(0)), "reason": ""}


def _gbp(heard: Hearing) -> Decimal | None:
    return heard.worth.equity_gbp if heard.worth is not None else None


def _positions(heard: Hearing, now: datetime) -> list[dict[str, Any]]:
    if heard.snapshot is None:
        return []
    rows = SnapshotPosition.objects.filter(snapshot_id=heard.snapshot.pk)
    return [
        {
            "of": row,
            "instrument": row.instrument,
            "age": max(now - row.price_at, timedelta(0)) if row.price_at is not None else None,
            "is_old": row.price_at is not None and now - row.price_at > timedelta(minutes=15),
        }
        for row in rows.select_related("instrument").order_by("symbol", "ticket", "id")
    ]


def _chart(heard: Hearing, span: str, now: datetime) -> dict[str, Any] | None:
    account = heard.account
    length = RANGES[span][1]
    way = Heard(heard.snapshot.heard) if heard.snapshot is not None else Heard.ASKED
    since = None if length is None else now - length
    curve = equity_curve(account, since, now, patience=PATIENCE[way])
    if not curve.known:
        return None
    currency = heard.worth.currency if heard.worth is not None else account.base_currency
    return {
        "figure_id": "equity",
        "figure": equity_over_time(curve.points, currency=currency, zone=account.zone),
        "says": _sentence(curve, currency, RANGES[span][0].lower()),
        "size": "l",
        "columns": EQUITY_COLUMNS,
        "rows": equity_rows(curve.points, currency, account.zone),
    }


def _sentence(curve: Curve, currency: str, span: str) -> str:
    first, last = curve.known[0], curve.known[-1]
    if first.equity is None or last.equity is None:
        return ""
    deepest = max((one.drawdown for one in curve.known if one.drawdown is not None), default=None)
    gaps = curve.gaps
    change = write_money(last.equity - first.equity, currency, plus=True)
    words = f"Equity is {write_money(last.equity, currency)}, {change} over the {span}."
    if span == "all":
        words = f"Equity is {write_money(last.equity, currency)}, {change} since {write_day(first.at.date())}."
    if deepest is not None:
        words += f" The deepest drawdown was {write_percent(deepest / 100)}, deposits and withdrawals aside."
    if gaps:
        times = "once" if gaps == 1 else f"{gaps} times"
        words += f" The broker was not heard {times}: there the line is broken."
    return words


def equity_rows(points: Sequence[EquityPoint], currency: str, zone: str) -> list[list[str]]:
    """The drawing's figures as a table, the newest first."""
    return [_table_row(point, currency, zone) for point in reversed(points)]


def _table_row(point: EquityPoint, currency: str, zone: str) -> list[str]:
    local = point.at.astimezone(ZoneInfo(zone))
    fall = UNKNOWN if point.drawdown is None else write_percent(-point.drawdown / 100)
    return [
        f"{write_day(local.date())} {local:%H:%M}",
        write_money(point.equity, currency) if point.equity is not None else "not known",
        write_money(point.peak, currency),
        fall,
    ]
