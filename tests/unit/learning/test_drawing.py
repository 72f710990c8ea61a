"""The charts of mails and prints, held against pictures that somebody looked at.

After a change that is meant: `.venv/bin/python -m tests.unit.learning.test_drawing` draws them anew; look at them.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib import style
from matplotlib.testing.compare import compare_images

from learning.services.reporting.drawing import draw_all

GOLDEN = Path(__file__).parent / "golden"
DAY = 86_400
BEGAN = 1_788_000_000
# Root mean square of 255: another release's smoothing of letters is below it, a line elsewhere is not.
TOLERANCE = 4.0

EQUITY = {
    "closed": [BEGAN + n * DAY for n in range(30)],
    "r": [0.4 * n - (2.5 if 12 <= n < 20 else 0.0) for n in range(30)],
    "begins": BEGAN + 24 * DAY,
    "fan": [[slope * n for n in range(1, 7)] for slope in (-0.6, -0.1, 0.2, 0.5, 1.1)],
}
COSTS = {
    "rules": ["Close at the stop, not beyond it", "No trade larger than its plan says"],
    "r": [-2.4, 0.7],
    "n": [5, 2],
}
DOCUMENT = {
    "zone": "America/New_York",
    "sections": [
        {"chart": "equity_r", "chart_data": EQUITY},
        {"chart": "rule_costs", "chart_data": COSTS},
    ],
}


@pytest.mark.parametrize("at", [0, 1])
def test_it_looks_as_it_did(at, tmp_path):
    drawing = draw_all(DOCUMENT)[at]
    drawn = tmp_path / f"{drawing.name}.png"
    drawn.write_bytes(drawing.as_png())
    assert compare_images(str(GOLDEN / drawn.name), str(drawn), TOLERANCE) is None


def test_the_comparison_sees_a_line_that_is_elsewhere(tmp_path):
    elsewhere = {**EQUITY, "r": [-one for one in EQUITY["r"]]}
    (drawing,) = draw_all(
        {**DOCUMENT, "sections": [{"chart": "equity_r", "chart_data": elsewhere}]}
    )
    drawn = tmp_path / f"{drawing.name}.png"
    drawn.write_bytes(drawing.as_png())
    assert compare_images(str(GOLDEN / drawn.name), str(drawn), TOLERANCE) is not None


def test_it_is_drawn_to_the_byte_the_same():
    once, again = draw_all(DOCUMENT), draw_all(DOCUMENT)
    assert [one.as_png() for one in once] == [one.as_png() for one in again]
    assert [one.as_svg() for one in once] == [one.as_svg() for one in again]


def test_a_style_that_another_library_set_changes_nothing():
    plain = [(one.as_png(), one.as_svg()) for one in draw_all(DOCUMENT)]
    with style.context("ggplot"):
        assert [(one.as_png(), one.as_svg()) for one in draw_all(DOCUMENT)] == plain


if __name__ == "__main__":
    for one in draw_all(DOCUMENT):
        (GOLDEN / f"{one.name}.png").write_bytes(one.as_png())
