"""A report on paper: a usual week takes two sheets."""

from __future__ import annotations

import pytest

from learning.domain.report.building import told_of
from learning.services.reporting.printing import as_html

from .test_report_sections import RULES, invented


@pytest.mark.parametrize("seed", [7, 15])
def test_a_usual_week_takes_two_sheets(seed):
    """Nine open trades, three of the rules broken now and then, a drawing for each."""
    from weasyprint import HTML  # noqa: PLC0415 - seconds, and only for who prints

    full = invented(seed)
    assert (full.kind, len(full.rows) >= 25, len(full.held)) == ("weekly", True, 9)
    usual = set(RULES[:3])
    rows = tuple(
        one._replace(checks={rule: kept for rule, kept in one.checks.items() if rule in usual})
        for one in full.rows
    )
    told = told_of(full._replace(rows=rows, moves=full.moves[:2]))
    assert len(HTML(string=as_html(told["document"])).render().pages) <= 2
