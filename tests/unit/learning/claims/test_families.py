import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from learning.domain.claims.families import adjusted, raised, spent

BENJAMINI_HOCHBERG = np.array(
    [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
        0.5719, 0.6528, 0.7590, 1.0,
    ]
)  # fmt: skip
"""The fifteen p-values of the paper of 1995."""


def test_counts_of_the_paper():
    assert raised(BENJAMINI_HOCHBERG, 0.05).sum() == 4
    assert raised(BENJAMINI_HOCHBERG, 0.05, "by").sum() == 3


@pytest.mark.parametrize(("method", "name"), [("bh", "fdr_bh"), ("by", "fdr_by")])
def test_q_values_are_those_of_statsmodels(method, name):
    p = np.random.default_rng(1).uniform(size=40) ** 2
    assert adjusted(p, method) == pytest.approx(multipletests(p, method=name)[1])


def test_weights_favour_what_was_named_beforehand():
    p, weights = np.array([0.03, 0.9, 0.9, 0.9]), np.array([1.5, 0.5, 1.5, 0.5])
    assert adjusted(p, weights=weights)[0] == pytest.approx(0.03 / 1.5 * 4)
    assert adjusted(p, weights=weights[::-1])[0] == pytest.approx(0.03 / 0.5 * 4)


def test_no_hypotheses_no_claims():
    assert len(adjusted(np.empty(0))) == 0


def test_endless_looks_spend_no_more_than_the_rate():
    assert sum(spent(0.1, look) for look in range(1, 5000)) == pytest.approx(0.1, abs=1e-4)
    with pytest.raises(ValueError, match="counted from 1"):
        spent(0.1, 0)
