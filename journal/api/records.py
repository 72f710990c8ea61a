"""The records of live capture, for the schema. They are read by journal.brokers.capture, which says what is wrong."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers

from common.choices import enum_choices
from journal.brokers.base import OrderRole, OrderStatus, ReportKind
from journal.domain.values import AssetClass, ExecutionKind, PositionEffect, Right, Side
from journal.models import ACTORS, CapturedKind, Pool, Source

# Named in the schema (SPECTACULAR_SETTINGS).
ACTOR_CHOICES = [one for one in Source.choices if one[0] in ACTORS]
ORDER_STATUSES = enum_choices(OrderStatus)
EXECUTION_KINDS = enum_choices(ExecutionKind)


@extend_schema_field({"type": "string", "format": "decimal", "example": "12.345"})
class NumberText(serializers.CharField):
    """A number as text; a JSON number is taken too."""


def _text(words: str = "", **more: Any) -> serializers.CharField:
    return serializers.CharField(
        **{"required": False, "max_length": 64, "help_text": words, **more}
    )


def _number(words: str = "", **more: Any) -> NumberText:
    return NumberText(**{"required": False, "help_text": words, **more})


def _moment(words: str = "", **more: Any) -> serializers.DateTimeField:
    return serializers.DateTimeField(**{"required": False, "help_text": words, **more})


class RecordSerializer(serializers.Serializer[Any]):
    record_id = _text("Your own name of this record. Sent again it is known, and done once.")
    account = _text("The account's number. Not needed where the token is bound to one.")
    broker = _text(
        "The broker's short name, where the number alone does not tell; makes a new account."
    )
    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=ACTOR_CHOICES, required=False, help_text="Who acted; bot when left out."
    )
    extra = serializers.DictField(
        required=False, help_text="Whatever else you want to keep with it."
    )


class ContractSerializer(RecordSerializer):
    symbol = _text("AAPL, an option’s OCC name, or a pair such as BTC/USDT.", required=True)
    asset_class = serializers.ChoiceField(choices=enum_choices(AssetClass), required=False)
    currency = _text("Of the price; the account’s base currency when left out.", max_length=12)
    multiplier = _number("Money per point and unit; needed for futures.")
    underlying = _text()
    expiry_on = serializers.DateField(required=False)
    strike = _number()
    right = serializers.ChoiceField(choices=enum_choices(Right), required=False)
    exchange = _text(max_length=32)
    isin = _text(max_length=12)
    instrument_id = _text("The broker’s own id of the contract (IBKR: conid).")
    is_inverse = serializers.BooleanField(required=False)
    description = _text(max_length=255)
    plan_id = _text()
    recommendation_id = _text("The record_id of the recommendation that it follows.")
    strategy = _text()


class ExecutionRecord(ContractSerializer):
    side = serializers.ChoiceField(choices=enum_choices(Side))
    quantity = _number("More than zero.", required=True)
    price = _number(required=True)
    executed_at = _moment("With its offset.", required=True)
    exec_id = _text("The broker’s id of the fill: statements are recognised by it.")
    order_id = _text("The broker’s id of the order.")
    client_order_id = _text("Your id of the order.")
    position_id = _text("The ticket of the position, in hedging accounts.")
    fee = _number("Positive when it costs. Left out: not known, and taken from the statement.")
    fee_currency = _text(max_length=12)
    tax = _number()
    fx_rate = _number("The price’s currency into the account’s base currency.")
    effect = serializers.ChoiceField(choices=enum_choices(PositionEffect), required=False)
    kind = serializers.ChoiceField(choices=EXECUTION_KINDS, required=False)
    report = serializers.ChoiceField(choices=enum_choices(ReportKind), required=False)
    original_exec_id = _text("Of a cancel or correction: the fill that is meant.")
    order_type = _text(max_length=32)
    ordered_at = _moment()


class OrderRecord(ContractSerializer):
    symbol = _text("Needed once; later reports of the order may leave it out.")
    status = serializers.ChoiceField(choices=ORDER_STATUSES)
    client_order_id = _text("Your id of the order.")
    order_id = _text("The broker’s id of the order.")
    parent_id = _text("Either id of the order that this one protects or belongs to.")
    group_id = _text("What orders have in common of which one cancels the others.")
    role = serializers.ChoiceField(choices=enum_choices(OrderRole), required=False)
    side = serializers.ChoiceField(choices=enum_choices(Side), required=False)
    order_type = _text(max_length=32)
    time_in_force = _text(max_length=16)
    quantity = _number()
    limit_price = _number()
    stop_price = _number()
    filled_quantity = _number()
    average_price = _number()
    fee = _number()
    fee_currency = _text(max_length=12)
    reason = _text("Why it was rejected or cancelled.", max_length=255)
    position_id = _text()
    at = _moment("When it happened; now when left out.")


class OrderChange(OrderRecord):
    """What is new about an order. What is left out stays as it was."""


class RecommendationRecord(RecordSerializer):
    symbol = _text(required=True)
    strategy = _text()
    side = serializers.ChoiceField(choices=enum_choices(Side), required=False)
    quantity = _number("The recommended size: units, contracts, structures.")
    entry_price = _number()
    stop_price = _number()
    target_price = _number()
    expected_profit = _number("Of the recommended size.")
    expected_loss = _number("Of the recommended size.")
    probability = _number("A share: 0.68 is 68 %.")
    legs = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        help_text="Objects with side, right, strike, expiry_on, quantity, symbol, price, and whatever else you know.",
    )
    features = serializers.DictField(
        required=False,
        help_text='By name a number or label of that moment, or {"value", "as_of"} for that of another one.',
    )
    reason = _text(max_length=4_000)
    scanner = _text("Its name.")
    scanner_version = _text()
    parameters = serializers.DictField(
        required=False, help_text="The settings that it ran with: numbers, words, or lists of them."
    )
    needs_approval = serializers.BooleanField(
        required=False, help_text="Whoever acts on it has to wait for a person’s approval."
    )
    pool = serializers.ChoiceField(choices=Pool.choices, required=False)
    at = _moment("When it was made; now when left out.")
    expires_at = _moment()


class LockSerializer(serializers.Serializer[Any]):
    """`account` null: all accounts; `symbol` empty: all markets; `until` null: until somebody lifts it."""

    account = serializers.IntegerField(allow_null=True)
    symbol = serializers.CharField()
    reason = serializers.CharField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)


class FailureSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    fields_ = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    lock = LockSerializer(required=False, help_text="Of `trading_locked`.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`fields` is a name of DRF's own."""
        fields = super().get_fields()
        fields["fields"] = fields.pop("fields_")
        return fields


class LockedSerializer(FailureSerializer):
    """Nothing was recorded. What has happened at the broker is taken as ever."""


class ReceiptSerializer(serializers.Serializer[Any]):
    """`status`: created, known (it came before and says the same) or error."""

    record_id = serializers.CharField()
    status = serializers.ChoiceField(choices=["created", "known", "error"])
    warnings = serializers.ListField(child=serializers.CharField(), required=False)
    error = FailureSerializer(required=False)


RECORDS: dict[CapturedKind, type[serializers.Serializer[Any]]] = {
    CapturedKind.EXECUTION: ExecutionRecord,
    CapturedKind.ORDER: OrderRecord,
    CapturedKind.RECOMMENDATION: RecommendationRecord,
}
BatchSerializers = {
    kind: (
        inline_serializer(f"{kind.label}Records", {f"{kind}s": record(many=True)}),
        inline_serializer(f"{kind.label}Receipts", {"results": ReceiptSerializer(many=True)}),
    )
    for kind, record in RECORDS.items()
}
