"""What of the learner goes into the archive of a workspace; the rest is learnt again from what came out of it."""

from __future__ import annotations

from journal.services.portable.tables import Moved

_LEARNT = "is learnt again from what is here"
_RUN = ("run_id",)

MOVED = (
    Moved("learning.LearningSettings"),
    Moved("learning.ParameterVersion", cleared=_RUN),
    # A token or a person of that number is somebody else here.
    Moved("learning.ParameterAnswer", instead={"asker": "left('before:' || r.asker, 40)"}),
    Moved("learning.Claim"),
    Moved("learning.ClaimEvent"),
    Moved("learning.Trial"),
    Moved("learning.SymbolStanding", cleared=_RUN),
    Moved("learning.SymbolChange", cleared=_RUN),
)

LEFT = dict.fromkeys(
    (
        "learning.TradeFact", "learning.BookChange", "learning.TradeInsight", "learning.MetricState",
        "learning.MetricPoint", "learning.ReturnState", "learning.ReturnPoint", "learning.LearningRun",
        "learning.StepFailure", "learning.Report", "learning.ReportPicture", "learning.ProbabilityModel",
        "learning.Prediction", "learning.ExposureReading",
    ),
    _LEARNT,
)  # fmt: skip
