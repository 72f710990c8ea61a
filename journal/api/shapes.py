"""Parts of answers that are no rows of a table: for the schema, which must say what they look like."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from journal.models import Source


def exact_text(value: Decimal) -> str:
    """Every digit that counts, never in exponent form, no trailing zeros: one number has one text."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@extend_schema_field({"type": "string", "format": "decimal", "example": "-12.345"})
class ExactField(serializers.Field[Decimal | None, str, str | None, Any]):
    """A Decimal as text, every digit, never in exponent form."""

    def to_representation(self, value: Decimal | None) -> str | None:
        return None if value is None else exact_text(value)


class Counted(serializers.Serializer[Any]):
    """Rows of one kind in a file: all of them, those that were new, and those that were known."""

    read = serializers.IntegerField()
    new = serializers.IntegerField()
    duplicate = serializers.IntegerField()


class ReportedAccount(serializers.Serializer[Any]):
    broker_id = serializers.CharField()
    executions = Counted()
    cash = Counted()
    corporate_actions = Counted()
    positions = serializers.IntegerField()


class ReportedProblem(serializers.Serializer[Any]):
    severity = serializers.ChoiceField(choices=["error", "warning", "info"])
    code = serializers.CharField(help_text="One of those in docs/import.md.")
    row = serializers.IntegerField(allow_null=True, help_text="Element of the file, from 1.")
    message = serializers.CharField()


class OpenedClosed(serializers.Serializer[Any]):
    opened = serializers.IntegerField()
    closed = serializers.IntegerField()


class ImportReport(serializers.Serializer[Any]):
    """What `manage.py import_statement --json` prints."""

    format = serializers.CharField()
    sha256 = serializers.CharField()
    accounts = ReportedAccount(many=True)
    problems = ReportedProblem(many=True)
    trades = OpenedClosed()
    realized_pnl = serializers.DictField(child=ExactField(), help_text="By currency.")


class ImportStage(serializers.Serializer[Any]):
    stage = serializers.CharField()
    done = serializers.IntegerField()
    total = serializers.IntegerField()


class ImportFailure(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()


class PullFailure(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    verdict = serializers.ChoiceField(
        choices=["later", "person", "blocked"],
        help_text="Whether it is tried again by itself, waits for a person, or for the end of a lockout.",
    )


class Stretch(serializers.Serializer[Any]):
    """From `since` up to and without `until`."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()


class BrokerIdentifier(serializers.Serializer[Any]):
    broker = serializers.CharField()
    broker_id = serializers.CharField()


class DayFigure(serializers.Serializer[Any]):
    on = serializers.DateField()
    pnl = ExactField()


class EquityPoint(DayFigure):
    """P&L since the start, and how far below its highest point it is."""

    drawdown = ExactField()


class DrawdownFigure(serializers.Serializer[Any]):
    amount = ExactField()
    peak_on = serializers.DateField(allow_null=True)
    trough_on = serializers.DateField(allow_null=True)
    recovered_on = serializers.DateField(allow_null=True)


class TalliedFigures(serializers.Serializer[Any]):
    """One currency's. Rates are shares (0.5 is a half); null where they say nothing."""

    currency = serializers.CharField()
    pnl = ExactField(
        allow_null=True,
        help_text="Net or gross, as asked for by `basis`; null where no result is known or none has a rate.",
    )
    gross_pnl = ExactField(allow_null=True)
    fees = ExactField(help_text="Of what was realised, opening fees included.")
    fees_paid = ExactField(
        allow_null=True,
        help_text="By the day of the execution; null where an asset class or side is asked for.",
    )
    trades = serializers.IntegerField(
        help_text="Closed in the period, those without a known result included."
    )
    wins = serializers.IntegerField()
    losses = serializers.IntegerField()
    flats = serializers.IntegerField()
    unknown = serializers.IntegerField(
        help_text="Of `trades`, those with a part whose cost is not known: in no sum and no rate."
    )
    executions = serializers.IntegerField(
        allow_null=True, help_text="Null where an asset class or side is asked for."
    )
    win_rate = ExactField(allow_null=True)
    break_even_win_rate = ExactField(allow_null=True)
    profit_factor = ExactField(allow_null=True)
    expectancy = ExactField(allow_null=True)
    average_win = ExactField(allow_null=True)
    average_loss = ExactField(allow_null=True)


class SourceFigures(TalliedFigures):
    """What came about by one source: by whom its trades were opened."""

    source = serializers.ChoiceField(choices=Source.choices)  # type: ignore[assignment]


class PerformanceFigures(TalliedFigures):
    return_on_cost = ExactField(allow_null=True)
    best_day = DayFigure(allow_null=True)
    worst_day = DayFigure(allow_null=True)
    drawdown = DrawdownFigure(allow_null=True)
    equity = EquityPoint(many=True)


class PerformanceReport(serializers.Serializer[Any]):
    unit = serializers.ChoiceField(choices=["currency", "base"])
    basis = serializers.ChoiceField(choices=["net", "gross"])
    results = PerformanceFigures(many=True)
    sources = SourceFigures(
        many=True,
        allow_null=True,
        help_text="Where `by=source` asks for them: those of a currency add up to its result.",
    )
