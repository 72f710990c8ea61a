"""The tools of the learner, registered with the addresses."""

from __future__ import annotations

from accounts.scopes import Scope
from journal.tools.registry import Tool, register
from learning.tools import parameters, reports, symbols

OWN = (
    Tool(
        name="getLearnedParameters",
        title="Get learned parameters",
        description="Thresholds that scanners are to use now, the evidence for each in words with its grade, and what "
        "simple rules would say. The answer has a version, is kept with who asked, and is scored later.",
        arguments=parameters.GetLearnedParameters,
        run=parameters.get_learned_parameters,
        scope=Scope.LEARNING_READ,
    ),
    Tool(
        name="getSymbolRecord",
        title="Get the record of a symbol",
        description="How a symbol stands (normal, favoured, watched, half size, paper only), since when and why, the "
        "figures of its closed trades with n and interval, and its steps. Never traded is normal with no trades.",
        arguments=symbols.GetSymbolRecord,
        run=symbols.get_symbol_record,
        scope=Scope.LEARNING_READ,
    ),
    Tool(
        name="getLearningReport",
        title="Get a report",
        description="The newest weekly or monthly report, or one by its id: headline, focus with the last one scored, "
        "how our own advice fared, and what each section says. Numbers with no interval are not claims.",
        arguments=reports.GetLearningReport,
        run=reports.get_learning_report,
        scope=Scope.LEARNING_READ,
    ),
)


def register_own() -> None:
    register(*OWN)
