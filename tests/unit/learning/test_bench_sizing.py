"""A fast share of L18 and L19, with what a plain estimator would fail."""

from __future__ import annotations

import pytest

from benchmarks.learning import sizing
from benchmarks.learning.worlds import Effort

FEW = Effort(0.02)


def test_sizes_do_not_shrink_accounts():
    lines = {line.what: line for line in sizing.kelly_lines(FEW)}
    assert [line.what for line in lines.values() if line.is_met is False] == []
    plain = float(lines["L18 best fraction 0.30, n 20: by plain Kelly"].measured)
    assert plain > 0.2


@pytest.mark.parametrize("n", [20, 100])
@pytest.mark.parametrize(
    ("name", "world"), [("spreads", sizing.spreads(0.7)), ("strangles", sizing.strangles)]
)
def test_drawdowns_stay_within_what_was_shown(monkeypatch, name, world, n):
    monkeypatch.setattr(sizing, "PATHS", 400)
    assert sizing.covered(world, n, name, Effort(0.1)) >= 0.93


def test_plain_resampling_would_be_found_out(monkeypatch):
    monkeypatch.setattr(sizing, "PATHS", 400)
    assert sizing.covered(sizing.strangles, 20, "strangles", Effort(0.1), plain=True) < 0.9
