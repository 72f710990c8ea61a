"""Luck lines for breakdowns of other pages: of the latest run, in R."""

from __future__ import annotations

from collections.abc import Mapping

from journal.views.luck import LuckLine
from learning.charts.base import in_r
from learning.models import RunKind
from learning.selectors.states import latest_run
from learning.services.running import read


def read_luck(breakdown: str) -> Mapping[str, LuckLine]:
    run = latest_run(RunKind.OVERVIEW)
    if run is None:
        return {}
    groups = read(run)["slices"].get(breakdown, {}).get("groups", {})
    return {
        group: LuckLine(n, in_r(mean), f"luck {in_r(low)} … {in_r(high)}", not low <= mean <= high)
        for group, (n, mean, low, high) in groups.items()
    }
