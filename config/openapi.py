"""Options of drf-spectacular: the API as OpenAPI."""

from __future__ import annotations

from typing import Any

# Of enumerations, which would else be called after a field that has them, and by a number where several do.
_NAMES: dict[str, str | list[Any]] = {
    "PullKindEnum": "journal.models.connections.PullKind",
    "PullStateEnum": "journal.models.connections.PullState",
    "ConnectionStateEnum": "journal.selectors.connections.STATES",
    "ActorEnum": "journal.api.records.ACTOR_CHOICES",
    "SourceEnum": "journal.models.Source",
    "OrderStatusEnum": "journal.api.records.ORDER_STATUSES",
    "ExecutionKindEnum": "journal.api.records.EXECUTION_KINDS",
    "PoolEnum": "journal.models.Pool",
    "StandingEnum": "journal.api.recommendation_serializers.STANDINGS",
    "VerdictEnum": "journal.api.recommendation_serializers.VERDICTS",
    "MarkQualityEnum": "journal.api.recommendation_serializers.MARK_QUALITIES",
    "DecidedViaEnum": "journal.models.DecidedVia",
    "OutcomeSourceEnum": "journal.models.OutcomeSource",
    "ViaEnum": "journal.models.Via",
    "PlanStatusEnum": "journal.api.plans.PLAN_STATUSES",
    "DivergenceStateEnum": "reconciliation.api.choices.STATES",
    "DivergenceFollowsEnum": "reconciliation.api.choices.TOLD_STATES",
    "DivergenceSeverityEnum": "reconciliation.api.choices.SEVERITIES",
    "GuardStateEnum": "reconciliation.api.choices.GUARD_STATES",
    "GuardKindEnum": "reconciliation.models.GuardKind",
    "GuardChangeStateEnum": "reconciliation.models.ChangeState",
    "MovementEnum": ["deposit", "withdrawal", "fee", "dividend", "interest", "tax", "other"],
    "LearningReportKindEnum": "learning.models.ReportKind",
    "LearningRunKindEnum": "learning.models.RunKind",
    "SymbolStateEnum": "learning.models.SymbolState",
    "ParameterPolicyEnum": "learning.models.ParameterPolicy",
    "ParameterVersionStatusEnum": "learning.models.VersionStatus",
    "ParameterVersionCauseEnum": "learning.models.VersionCause",
    "LearningPartEnum": "learning.models.Part",
    "ClaimStateEnum": "learning.models.ClaimState",
    "ClaimGradeEnum": "learning.models.ClaimGrade",
    "ClaimOutcomeEnum": "learning.models.ClaimOutcome",
    "ProcessGradeEnum": "learning.models.ProcessGrade",
    "QuadrantEnum": "learning.models.Quadrant",
    "ReceiptStatusEnum": ["created", "known", "error"],
    "AlertTopicEnum": "journal.models.AlertTopic",
    "SideEnum": [("buy", "Buy"), ("sell", "Sell")],
    "DirectionEnum": [("long", "Long"), ("short", "Short")],
}


def openapi_options() -> dict[str, Any]:
    return {
        "TITLE": "Fillbook",
        "DESCRIPTION": "A trading journal: the book of every fill, and what follows from it.",
        "VERSION": "1",
        "SERVE_INCLUDE_SCHEMA": False,
        "SCHEMA_PATH_PREFIX": "/api",
        "COMPONENT_SPLIT_REQUEST": True,
        "DEFAULT_GENERATOR_CLASS": "common.api.schema.Generator",
        "POSTPROCESSING_HOOKS": [
            "drf_spectacular.hooks.postprocess_schema_enums",
            "common.api.schema.add_failures",
        ],
        "ENUM_NAME_OVERRIDES": _NAMES,
        # From our own static files: nothing is fetched from elsewhere.
        "SWAGGER_UI_DIST": "SIDECAR",
        "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
        "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": False},
    }
