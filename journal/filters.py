"""The filters of lists: one FilterSet behind page and API."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet

from common.choices import enum_choices
from journal.brokers.base import OrderRole, OrderStatus
from journal.domain.chain.close_reason import CloseReason
from journal.domain.chain.terms import PlanStatus
from journal.domain.standing import Standing
from journal.domain.structures.shape import OF_SEVERAL, words_of
from journal.domain.values import AssetClass, Direction, Side
from journal.models import (
    BrokerAccount,
    CashReport,
    Execution,
    ExecutionReport,
    Instrument,
    JoinedFill,
    Order,
    Plan,
    Pool,
    Recommendation,
    Result,
    Source,
    Structure,
    Tag,
    Trade,
    TradeChain,
    TradeNote,
    TradeTag,
)
from journal.selectors.plans import with_status


def own_accounts(request: Any) -> QuerySet[BrokerAccount]:
    return BrokerAccount.objects.all()


def own_tags(request: Any) -> QuerySet[Tag]:
    return Tag.objects.all()


def now_called(symbol: str) -> list[str]:
    """The symbols that instruments of that former symbol have now."""
    renamed = Instrument.objects.filter(former_symbols__contains=[symbol])
    return list(renamed.exclude(former_symbols=[]).values_list("symbol", flat=True).distinct())


def called(symbol: str) -> list[str]:
    """All that trades of a symbol may stand under: itself, and what it is called now."""
    name = symbol.strip().upper()
    return [name, *now_called(name)]


class TradeFilter(filters.FilterSet):
    """`start` and `end` are trading days, both included: of the close, or of the opening while it is open."""

    account = filters.ModelChoiceFilter(queryset=own_accounts, empty_label="All accounts")
    symbol = filters.CharFilter(method="by_symbol", label="Symbol")
    asset_class = filters.ChoiceFilter(choices=enum_choices(AssetClass), empty_label="All classes")
    side = filters.ChoiceFilter(
        field_name="direction",
        label="Side",
        choices=enum_choices(Direction),
        empty_label="Long and short",
    )
    source = filters.ChoiceFilter(label="Source", choices=Source.choices, empty_label="All sources")
    result = filters.ChoiceFilter(label="Result", choices=Result.choices, empty_label="All results")
    status = filters.ChoiceFilter(
        method="by_status",
        label="Status",
        choices=[("open", "Open"), ("closed", "Closed")],
        empty_label="Open and closed",
    )
    start = filters.DateFilter(method="from_day", label="From")
    end = filters.DateFilter(method="to_day", label="To")
    tag = filters.ModelChoiceFilter(
        method="by_tag", queryset=own_tags, empty_label="All tags", to_field_name="name"
    )
    structure = filters.ChoiceFilter(
        method="by_structure",
        label="Structure",
        choices=[(kind.value, words_of(kind)) for kind in OF_SEVERAL],
        empty_label="All structures",
    )
    planned = filters.ChoiceFilter(
        method="by_planned",
        label="Plan",
        choices=[("yes", "Planned"), ("no", "Unplanned")],
        empty_label="Planned or not",
    )
    plan = filters.CharFilter(method="by_plan", label="Plan")
    close_reason = filters.ChoiceFilter(
        method="by_close_reason",
        label="Closed by",
        choices=enum_choices(CloseReason),
        empty_label="However closed",
    )
    text = filters.CharFilter(method="by_text", label="Text")
    batch = filters.NumberFilter(method="by_import", label="Import")

    class Meta:
        model = Trade
        fields: list[str] = []

    def by_symbol(self, trades: QuerySet[Trade], name: str, value: str) -> QuerySet[Trade]:
        symbols = called(value)
        return trades.filter(Q(symbol__in=symbols) | Q(underlying__in=symbols))

    def by_status(self, trades: QuerySet[Trade], name: str, value: str) -> QuerySet[Trade]:
        return trades.filter(closed_at__isnull=value == "open")

    def from_day(self, trades: QuerySet[Trade], name: str, value: Any) -> QuerySet[Trade]:
        return trades.filter(Q(closed_on__gte=value) | Q(closed_on=None, opened_on__gte=value))

    def to_day(self, trades: QuerySet[Trade], name: str, value: Any) -> QuerySet[Trade]:
        return trades.filter(Q(closed_on__lte=value) | Q(closed_on=None, opened_on__lte=value))

    def by_tag(self, trades: QuerySet[Trade], name: str, value: Tag) -> QuerySet[Trade]:
        return trades.filter(Exists(TradeTag.objects.filter(tag=value, trade_id=OuterRef("pk"))))

    def by_structure(self, trades: QuerySet[Trade], name: str, value: str) -> QuerySet[Trade]:
        return trades.filter(Exists(Structure.objects.filter(kind=value, pk=OuterRef("pk"))))

    def by_planned(self, trades: QuerySet[Trade], name: str, value: str) -> QuerySet[Trade]:
        planned = Exists(TradeChain.objects.filter(pk=OuterRef("pk"), plan_id__isnull=False))
        return trades.filter(planned if value == "yes" else ~planned)

    def by_plan(self, trades: QuerySet[Trade], name: str, value: str) -> QuerySet[Trade]:
        """By the plan's own id."""
        chains = TradeChain.objects.filter(plan__plan_id=value)
        return trades.filter(pk__in=chains.values("pk"))

    def by_close_reason(self, trades: QuerySet[Trade], name: str, value: str) -> QuerySet[Trade]:
        """A closed trade of which nothing is known has no row."""
        own = TradeChain.objects.filter(pk=OuterRef("pk"))
        if value == CloseReason.UNKNOWN:
            told = own.exclude(close_reason__in=["", value])
            return trades.filter(~Exists(told), closed_at__isnull=False)
        return trades.filter(Exists(own.filter(close_reason=value)))

    def by_import(self, trades: QuerySet[Trade], name: str, value: Any) -> QuerySet[Trade]:
        """Trades that hold a fill which this import reported, whoever else reported it too."""
        same = {"account_id": OuterRef("account_id"), "fill_key": OuterRef("fill_key")}
        reports = ExecutionReport.objects.filter(batch_id=value, account_id=OuterRef("account_id"))
        joined = JoinedFill.objects.filter(Exists(reports.filter(fill_key=OuterRef("key"))), **same)
        fills = Execution.objects.filter(
            Exists(reports.filter(fill_key=OuterRef("fill_key"))) | Exists(joined)
        )
        return trades.filter(pk__in=fills.values("leg__trade_id"))

    def by_text(self, trades: QuerySet[Trade], name: str, value: str) -> QuerySet[Trade]:
        noted = TradeNote.objects.filter(trade_id=OuterRef("pk"), text__icontains=value)
        return trades.filter(
            Q(symbol__icontains=value)
            | Q(underlying__icontains=value)
            | Q(symbol__in=now_called(value.strip().upper()))
            | Exists(noted)
        )


class ExecutionFilter(filters.FilterSet):
    account = filters.ModelChoiceFilter(queryset=own_accounts)
    symbol = filters.CharFilter(field_name="instrument__symbol")
    instrument = filters.NumberFilter(field_name="instrument_id")
    side = filters.ChoiceFilter(choices=enum_choices(Side))
    broker_id = filters.CharFilter()
    order_id = filters.CharFilter()
    source = filters.ChoiceFilter(choices=Source.choices)
    trade = filters.NumberFilter(method="by_trade")
    start = filters.DateFilter(field_name="trading_day", lookup_expr="gte")
    end = filters.DateFilter(field_name="trading_day", lookup_expr="lte")

    class Meta:
        model = Execution
        fields: list[str] = []

    def by_trade(
        self, executions: QuerySet[Execution], name: str, value: Any
    ) -> QuerySet[Execution]:
        return executions.filter(Q(leg__trade_id=value) | Q(closed_leg=value))


class OrderFilter(filters.FilterSet):
    """`start` and `end` are days of the latest activity, UTC, both included."""

    account = filters.ModelChoiceFilter(queryset=own_accounts, empty_label="All accounts")
    text = filters.CharFilter(method="by_text", label="Symbol or id")
    symbol = filters.CharFilter(method="by_symbol", label="Symbol")
    status = filters.ChoiceFilter(
        label="State", choices=enum_choices(OrderStatus), empty_label="All states"
    )
    is_open = filters.BooleanFilter(
        field_name="closed_at",
        lookup_expr="isnull",
        label="Open",
        widget=forms.Select(
            choices=[("", "Open and over"), ("true", "Still open"), ("false", "Over")]
        ),
    )
    role = filters.ChoiceFilter(choices=enum_choices(OrderRole), empty_label="All roles")
    source = filters.ChoiceFilter(choices=Source.choices, empty_label="All sources")
    client_order_id = filters.CharFilter()
    order_id = filters.CharFilter()
    start = filters.DateFilter(method="from_day", label="From")
    end = filters.DateFilter(method="to_day", label="To")

    class Meta:
        model = Order
        fields: list[str] = []

    def from_day(self, orders: QuerySet[Order], name: str, value: date) -> QuerySet[Order]:
        return orders.filter(last_at__gte=datetime.combine(value, time.min, tzinfo=UTC))

    def to_day(self, orders: QuerySet[Order], name: str, value: date) -> QuerySet[Order]:
        if value == date.max:
            return orders
        after = datetime.combine(value + timedelta(days=1), time.min, tzinfo=UTC)
        return orders.filter(last_at__lt=after)

    def by_text(self, orders: QuerySet[Order], name: str, value: str) -> QuerySet[Order]:
        """The order of that id, its sender's or the broker's; where there is none, by symbol."""
        accounts = list(BrokerAccount.objects.values_list("pk", flat=True))
        named = Q(client_order_id=value) | Q(order_id=value)
        ids = list(Order.objects.filter(named, account__in=accounts).values_list("pk", flat=True))
        return orders.filter(pk__in=ids) if ids else self.by_symbol(orders, name, value)

    def by_symbol(self, orders: QuerySet[Order], name: str, value: str) -> QuerySet[Order]:
        symbols = called(value)
        named = Q(symbol__in=symbols) | Q(underlying_symbol__in=symbols)
        return orders.filter(instrument__in=Instrument.objects.filter(named).values("pk"))


class PlanFilter(filters.FilterSet):
    """`start` and `end` are days on which it was made, UTC, both included."""

    text = filters.CharFilter(method="by_text", label="Symbol, id or words")
    symbol = filters.CharFilter(method="by_symbol", label="Symbol")
    account = filters.ModelChoiceFilter(queryset=own_accounts, empty_label="All accounts")
    status = filters.ChoiceFilter(
        method="by_status",
        label="Status",
        choices=enum_choices(PlanStatus),
        empty_label="Every status",
    )
    strategy = filters.CharFilter(label="Strategy")
    source = filters.ChoiceFilter(label="Source", choices=Source.choices, empty_label="All sources")
    plan_id = filters.CharFilter()
    recommendation_id = filters.CharFilter()
    start = filters.DateFilter(field_name="created_at", lookup_expr="date__gte", label="From")
    end = filters.DateFilter(field_name="created_at", lookup_expr="date__lte", label="To")

    class Meta:
        model = Plan
        fields: list[str] = []

    def by_status(self, plans: QuerySet[Plan], name: str, value: str) -> QuerySet[Plan]:
        return with_status(plans, value)

    def by_symbol(self, plans: QuerySet[Plan], name: str, value: str) -> QuerySet[Plan]:
        return plans.filter(symbol__iexact=value.strip())

    def by_text(self, plans: QuerySet[Plan], name: str, value: str) -> QuerySet[Plan]:
        return plans.filter(
            Q(symbol__icontains=value)
            | Q(plan_id__icontains=value)
            | Q(strategy__icontains=value)
            | Q(notes__icontains=value)
        )


class InstrumentFilter(filters.FilterSet):
    symbol = filters.CharFilter(method="by_symbol")
    underlying = filters.CharFilter(method="by_underlying")
    asset_class = filters.ChoiceFilter(choices=enum_choices(AssetClass))

    class Meta:
        model = Instrument
        fields: list[str] = []

    def by_symbol(
        self, instruments: QuerySet[Instrument], name: str, value: str
    ) -> QuerySet[Instrument]:
        """What is or was called so."""
        return instruments.filter(Q(symbol=value) | Q(former_symbols__contains=[value]))

    def by_underlying(
        self, instruments: QuerySet[Instrument], name: str, value: str
    ) -> QuerySet[Instrument]:
        """By the underlying's own symbol, or what the broker calls it."""
        return instruments.filter(Q(underlying_symbol=value) | Q(underlying__symbol=value))


class CashFilter(filters.FilterSet):
    account = filters.ModelChoiceFilter(queryset=own_accounts)
    kind = filters.CharFilter()
    currency = filters.CharFilter()
    start = filters.DateFilter(field_name="occurred_on", lookup_expr="gte")
    end = filters.DateFilter(field_name="occurred_on", lookup_expr="lte")

    class Meta:
        model = CashReport
        fields: list[str] = []


class RecommendationFilter(filters.FilterSet):
    """Over `journal.selectors.recommendations.list_recommendations`. `start` and `end` are days on which it was made,
    UTC, both included."""

    text = filters.CharFilter(method="by_text", label="Symbol, strategy or id")
    status = filters.ChoiceFilter(
        label="Status", choices=enum_choices(Standing), empty_label="All statuses"
    )
    pool = filters.ChoiceFilter(label="Pool", choices=Pool.choices, empty_label="Shown and shadow")
    symbol = filters.CharFilter(lookup_expr="iexact", label="Symbol")
    strategy = filters.CharFilter(lookup_expr="iexact", label="Strategy")
    scanner = filters.CharFilter(lookup_expr="iexact", label="Scanner")
    source = filters.ChoiceFilter(label="Source", choices=Source.choices, empty_label="All sources")
    account = filters.ModelChoiceFilter(queryset=own_accounts, empty_label="All accounts")
    record_id = filters.CharFilter(label="Its sender’s id")
    needs_approval = filters.BooleanFilter(label="Needs approval")
    start = filters.DateFilter(method="from_day", label="From")
    end = filters.DateFilter(method="to_day", label="To")

    class Meta:
        model = Recommendation
        fields: list[str] = []

    def by_text(
        self, rows: QuerySet[Recommendation], name: str, value: str
    ) -> QuerySet[Recommendation]:
        return rows.filter(
            Q(symbol__icontains=value)
            | Q(strategy__icontains=value)
            | Q(scanner__icontains=value)
            | Q(record_id=value)
        )

    def from_day(
        self, rows: QuerySet[Recommendation], name: str, value: date
    ) -> QuerySet[Recommendation]:
        return rows.filter(recommended_at__gte=datetime.combine(value, time(), UTC))

    def to_day(
        self, rows: QuerySet[Recommendation], name: str, value: date
    ) -> QuerySet[Recommendation]:
        end = datetime.combine(value + timedelta(days=1), time(), UTC)
        return rows.filter(recommended_at__lt=end)
