from learning.models.claims import (
    Claim,
    ClaimEvent,
    ClaimGrade,
    ClaimOutcome,
    ClaimState,
    Trial,
    TrialKind,
)
from learning.models.exposure import ExposureReading
from learning.models.facts import BookChange, Outcome, TradeFact
from learning.models.insights import ProcessGrade, Quadrant, TradeInsight
from learning.models.metrics import (
    MetricPoint,
    MetricState,
    Part,
    ReturnBasis,
    ReturnPoint,
    ReturnState,
)
from learning.models.parameters import (
    ParameterAnswer,
    ParameterVersion,
    SymbolChange,
    SymbolStanding,
    SymbolState,
    VersionCause,
    VersionStatus,
)
from learning.models.pictures import ReportPicture
from learning.models.probability import Prediction, ProbabilityModel
from learning.models.reports import Report, ReportKind
from learning.models.runs import LearningRun, RunKind
from learning.models.settings import LearningSettings, ParameterPolicy, StepFailure

__all__ = [
    "BookChange",
    "Claim",
    "ClaimEvent",
    "ClaimGrade",
    "ClaimOutcome",
    "ClaimState",
    "ExposureReading",
    "LearningRun",
    "LearningSettings",
    "MetricPoint",
    "MetricState",
    "Outcome",
    "ParameterAnswer",
    "ParameterPolicy",
    "ParameterVersion",
    "Part",
    "Prediction",
    "ProbabilityModel",
    "ProcessGrade",
    "Quadrant",
    "Report",
    "ReportKind",
    "ReportPicture",
    "ReturnBasis",
    "ReturnPoint",
    "ReturnState",
    "RunKind",
    "StepFailure",
    "SymbolChange",
    "SymbolStanding",
    "SymbolState",
    "TradeFact",
    "TradeInsight",
    "Trial",
    "TrialKind",
    "VersionCause",
    "VersionStatus",
]
