import json

import pytest

from learning.domain.figures import Figure, Interval, Reason, Unit


def test_a_figure_has_a_value_or_a_reason():
    with pytest.raises(ValueError, match="value or a reason"):
        Figure(None, 3, Unit.R)
    with pytest.raises(ValueError, match="value or a reason"):
        Figure(1.0, 3, Unit.R, reason=Reason.NO_LOSERS)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_figure_is_finite(number):
    with pytest.raises(ValueError, match="finite"):
        Figure(number, 3, Unit.R)
    with pytest.raises(ValueError, match="interval"):
        Interval(0.0, number)


def test_a_figure_is_json_with_its_reason():
    absent = Figure.absent(Reason.TOO_FEW, 3, Unit.RATIO, least=10)
    assert json.loads(json.dumps(absent.as_json(), allow_nan=False)) == {
        "value": None,
        "n": 3,
        "unit": "ratio",
        "ci": None,
        "reason": "too_few",
        "least": 10,
    }
    told = Figure(0.1, 132, Unit.R, Interval(0.02, 0.2)).as_json()
    assert told["ci"] == [0.02, 0.2, 0.9]
    assert "least" not in told
