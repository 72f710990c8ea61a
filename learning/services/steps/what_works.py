"""What goes with winning, by feature and by group, and the claims that follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from learning.domain.claims.statements import of_feature, of_group
from learning.domain.claims.what_works import WhatWorks, what_works
from learning.domain.parameters.lookahead import Suspect, suspects
from learning.domain.plain import plain
from learning.domain.trades import Trades
from learning.domain.words.claims import Statement, tell
from learning.domain.words.subjects import dimension_label
from learning.models import LearningRun
from learning.selectors.facts import late_features, late_tags
from learning.services.claims import live_on
from learning.services.context import Context, Reads
from learning.services.running import read
from learning.services.steps.base import Step

FORMULAS = "6"
# What was computed, for whoever applies it right after.
_made: WeakKeyDictionary[Context, tuple[Trades, WhatWorks]] = WeakKeyDictionary()


def compute(context: Context, rng: np.random.Generator) -> dict[str, Any]:
    """JSON of `WhatWorks` with a sentence and a label for each finding; `leaks` are features that nothing reads,
    `afterwards` columns that are no claim, for they say what was known only at the end."""
    trades, flagged = usable(context.trades)
    is_one_currency = context.currency_codes is None
    run = _run(context, trades, rng)
    _made[context] = trades, run
    told: dict[str, Any] = plain(run)
    for finding, shown in zip(run.features, told["features"], strict=True):
        _describe(shown, of_feature(finding))
    for breakdown, shown in zip(run.breakdowns, told["breakdowns"], strict=True):
        shown["label"] = dimension_label(breakdown.name)
        for group, line in zip(breakdown.groups, shown["groups"], strict=True):
            _describe(line, of_group(breakdown.name, group))
            if not is_one_currency:
                del line["money"]
    told["counts_from"] = config(context)["counts_from"]
    told["afterwards"] = late_tags(context.workspace_id, context.as_of)
    told["currency"] = context.currency if is_one_currency else ""
    told["leaks"] = [
        *[_leak(one) for one in flagged],
        *[
            {"feature": name, "leak": "stated_later", "strength": None, "n": count}
            for name, count in late_features(context.workspace_id, context.as_of).items()
        ],
    ]
    return told


def usable(trades: Trades) -> tuple[Trades, list[Suspect]]:
    """Without features that know the outcome, which are told of instead."""
    flagged = suspects(trades.features, trades.result)
    gone = {one.feature for one in flagged}
    kept = {name: numbers for name, numbers in trades.features.items() if name not in gone}
    return replace(trades, features=kept), flagged


def _run(context: Context, trades: Trades, rng: np.random.Generator) -> WhatWorks:
    given = config(context)
    return what_works(
        trades, context.moment, rng, given["counts_from"], currency=context.currency_codes
    )


def _describe(line: dict[str, Any], said: Statement) -> None:
    line["label"], line["sentence"], line["grade"] = said.subject, tell(said), said.grade.value


def _leak(one: Suspect) -> dict[str, Any]:
    return {"feature": one.feature, "leak": one.leak.value, "strength": one.strength, "n": one.n}


def apply(context: Context, run: LearningRun) -> None:
    """Claims are raised and looked at with the findings of the run."""
    made = _made.pop(context, None)
    if made is None:
        trades, _ = usable(context.trades)
        dice = np.random.default_rng(run.seed)
        made = trades, _run(context, trades, dice)
    live_on(context.workspace_id, *made, context.as_of, afterwards=read(run)["afterwards"])


def config(context: Context) -> Mapping[str, Any]:
    """Since when trades count fully follows from an earlier look at the same trades."""
    return {
        "formulas": FORMULAS,
        "counts_from": context.once("counts_from", lambda: context.counts_from),
    }


STEP = Step(compute, apply, (Reads.TRADES,), config)
