"""Both models on awkward data: separated, skewed, far from 0, few patients for many terms."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from myocohort.errors import StatisticsError
from myocohort.stats.firth import fit_firth
from myocohort.stats.logistic import fit_ml


def awkward(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return terms that are yes-no, years or skewed like CK, often separating the outcome."""
    rng = np.random.default_rng(seed)
    n, p = int(rng.integers(10, 50)), int(rng.integers(1, 5))
    kinds = (
        lambda: rng.integers(0, 2, n),
        lambda: rng.integers(1990, 2025, n),
        lambda: rng.lognormal(6, 1.5, n),
    )
    X = np.column_stack([kinds[int(rng.integers(0, 3))]() for _ in range(p)]).astype(float)
    y = rng.random(n) < rng.uniform(0.1, 0.6)
    if rng.random() < 0.3:
        y = X[:, 0] + rng.normal(0, X[:, 0].std() / 10, n) > np.median(X[:, 0])
    return X, y.astype(float)


# separated so that some coefficient may take any value and Konis's program names no direction
WITHOUT_ESTIMATE = {56}


@pytest.mark.parametrize("seed", range(60))
def test_every_number_is_sound(seed):
    """Whatever the data, estimates lie in their intervals, which agree with their tests."""
    X, y = awkward(seed)
    names = [f"x{i}" for i in range(X.shape[1])]
    firth = fit_firth(X, y, names)
    json.dumps(firth.as_dict(), allow_nan=False)
    for term in firth.terms:
        assert math.isfinite(term.b)
        assert 0 < term.p["lrt"] <= 1
        limits = term.ci["profile"]
        assert limits.low <= term.odds_ratio <= limits.high
        assert (limits.low > 1 or limits.high < 1) == (term.p["lrt"] < 0.05)
    if seed in WITHOUT_ESTIMATE:
        with pytest.raises(StatisticsError, match="every value of it fits equally well"):
            fit_ml(X, y, names)
        return
    ml = fit_ml(X, y, names)
    assert ml.separation == firth.separation
    assert ml.log_likelihood >= ml.null_log_likelihood
    infinite = {term.name for term in ml.terms if math.isinf(term.b)}
    assert infinite == set(ml.separation.directions)
    for term in ml.terms:
        limits = term.ci["profile"]
        assert limits.low <= term.odds_ratio <= limits.high
        assert (limits.low > 1 or limits.high < 1) == (term.p["lrt"] < 0.05)
        if term.name in infinite:
            assert (term.se, term.ci["wald"], term.p["wald"]) == (None, None, None)


@pytest.mark.parametrize("fit", [fit_ml, fit_firth])
def test_an_odds_ratio_beyond_all_numbers_is_said(fit):
    """A term in too small a unit has a finite b and a warning, not a silent infinity."""
    X = np.array([[1.0], [2.0], [3.0], [4.0], [2.5], [3.5]]) * 1e-4
    result = fit(X, [0, 0, 1, 1, 1, 0], ["titre"])
    assert math.isfinite(result.terms[1].b)
    assert any("titre per unit" in warning for warning in result.warnings)
    assert result.separation.kind == "none"
