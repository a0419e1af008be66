"""Proportional-odds regression against MASS::polr."""

from __future__ import annotations

import numpy as np
import pytest
from r_session import run_r

from myocohort.stats.ordinal_logistic import fit_ordinal

pytestmark = pytest.mark.r


@pytest.mark.parametrize("seed", range(3))
def test_maximum_likelihood_is_that_of_polr(seed):
    """Slopes, thresholds, their standard errors and the likelihood are polr's."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(90, 2))
    y = np.digitize(1.5 * X[:, 0] - X[:, 1] + rng.logistic(size=90), [-1.5, 0, 1, 2])
    found = run_r(
        """
        m <- polr(factor(y) ~ a + b, data = d, Hess = TRUE, control = list(reltol = 1e-16))
        out$b <- c(coef(m), m$zeta); out$se <- coef(summary(m))[, 2]; out$l <- logLik(m)
        """,
        {"d": {"a": X[:, 0], "b": X[:, 1], "y": y}},
        packages=["MASS"],
    )
    result = fit_ordinal(X, y, ["a", "b"], method="ml")
    rows = [*((t.b, t.se) for t in result.terms), *((t.value, t.se) for t in result.thresholds)]
    assert [b for b, _ in rows] == pytest.approx(found["b"], rel=1e-4, abs=1e-5)
    assert [se for _, se in rows] == pytest.approx(found["se"], rel=1e-3)
    assert result.log_likelihood == pytest.approx(found["l"][0], rel=1e-9)
