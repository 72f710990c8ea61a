"""The key figures of any part of the book."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import ScopedAPIView
from common.choices import enum_choices
from journal.api.shapes import PerformanceReport, exact_text
from journal.api.views import JournalMixin
from journal.domain.values import AssetClass, Direction
from journal.filters import called
from journal.models import Source
from journal.selectors.performance import Basis, Slice, Unit, View
from journal.selectors.summaries import Performance as Figures
from journal.selectors.summaries import SourcePerformance, build_performance, build_sources


class QuerySerializer(serializers.Serializer[Any]):
    """`start` and `end` are trading days, both included."""

    account = serializers.ListField(
        child=serializers.IntegerField(max_value=2**63 - 1), required=False
    )
    start = serializers.DateField(required=False)
    end = serializers.DateField(required=False)
    symbol = serializers.CharField(
        max_length=64, required=False, help_text="Symbol or underlying, also a former one."
    )
    asset_class = serializers.ChoiceField(choices=enum_choices(AssetClass), required=False)
    side = serializers.ChoiceField(choices=enum_choices(Direction), required=False)
    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=Source.choices, required=False
    )
    by = serializers.ChoiceField(choices=["source"], required=False)
    unit = serializers.ChoiceField(choices=[Unit.CURRENCY, Unit.BASE], required=False)
    basis = serializers.ChoiceField(choices=list(Basis), required=False)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else exact_text(value)


def _day(day: Any) -> dict[str, Any] | None:
    return None if day is None else {"on": day.on.isoformat(), "pnl": _text(day.net)}


def _drawdown(drawdown: Any) -> dict[str, Any] | None:
    if drawdown is None:
        return None

    def iso(on: date | None) -> str | None:
        return on.isoformat() if on else None

    return {
        "amount": _text(drawdown.amount),
        "peak_on": iso(drawdown.peak_on),
        "trough_on": iso(drawdown.trough_on),
        "recovered_on": iso(drawdown.recovered_on),
    }


def _tallied(figures: Figures | SourcePerformance, *, has_executions: bool) -> dict[str, Any]:
    summary = figures.summary
    return {
        "currency": figures.currency,
        "pnl": _text(figures.pnl) if figures.is_known else None,
        "gross_pnl": _text(summary.gross) if figures.is_known else None,
        "fees": _text(summary.fees),
        "fees_paid": _text(figures.fees_paid) if has_executions else None,
        "trades": summary.trades + summary.unknown,
        "wins": summary.wins,
        "losses": summary.losses,
        "flats": summary.flats,
        "unknown": summary.unknown,
        "executions": figures.executions if has_executions else None,
        "win_rate": _text(summary.win_rate),
        "break_even_win_rate": _text(summary.break_even_win_rate),
        "profit_factor": _text(summary.profit_factor),
        "expectancy": _text(summary.expectancy),
        "average_win": _text(summary.average_win),
        "average_loss": _text(summary.average_loss),
    }


def as_json(figures: Figures, *, has_executions: bool) -> dict[str, Any]:
    summary = figures.summary
    return {
        **_tallied(figures, has_executions=has_executions),
        "return_on_cost": _text(figures.return_on_cost),
        "best_day": _day(summary.best_day),
        "worst_day": _day(summary.worst_day),
        "drawdown": _drawdown(figures.drawdown),
        "equity": [
            {"on": point.on.isoformat(), "pnl": _text(point.net), "drawdown": _text(point.drawdown)}
            for point in figures.curve
        ],
    }


def _sources(slice_: Slice, view: View) -> list[dict[str, Any]]:
    return [
        {"source": one.source, **_tallied(one, has_executions=slice_.holds_executions)}
        for one in build_sources(slice_, view)
    ]


class Performance(JournalMixin, ScopedAPIView):
    """Realised P&L, rates and equity per currency: the figures of the dashboard."""

    serializer_class = QuerySerializer

    @extend_schema(
        parameters=[QuerySerializer, OpenApiParameter("account", int, many=True)],
        responses=PerformanceReport,
    )
    def get(self, request: Request) -> Response:
        query = QuerySerializer(data=_listed(request))
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        bound = self.bound_account_id
        slice_ = Slice(
            workspace_id=self.workspace.pk,
            account_ids=wanted.get("account") if bound is None else [bound],
            start=wanted.get("start"),
            end=wanted.get("end"),
            asset_class=wanted.get("asset_class", ""),
            direction=wanted.get("side", ""),
            source=wanted.get("source", ""),
            symbols=called(wanted["symbol"]) if wanted.get("symbol") else (),
        )
        view = View(Unit(wanted.get("unit", Unit.BASE)), Basis(wanted.get("basis", Basis.NET)))
        results = [
            as_json(figures, has_executions=slice_.holds_executions)
            for figures in build_performance(slice_, view)
        ]
        sources = _sources(slice_, view) if wanted.get("by") else None
        return Response(
            {"unit": view.unit, "basis": view.basis, "results": results, "sources": sources}
        )


def _listed(request: Request) -> dict[str, Any]:
    query: dict[str, Any] = request.query_params.dict()
    if "account" in query:
        query["account"] = request.query_params.getlist("account")
    return query
