"""Performance, calibration and optimism against pROC, rms and boot of R."""

from __future__ import annotations

import numpy as np
import pytest
from formula_cohort import RISK, TERMS, X, Y
from r_session import run_r

from myocohort.stats.calibration import calibration
from myocohort.stats.validation import validate
from myocohort.stats.validation_folds import cross_validate
from myocohort.stats.validation_measures import performance

pytestmark = pytest.mark.r

TABLE = {**{name: X[:, i].tolist() for i, name in enumerate(TERMS)}, "y": Y.tolist()}


@pytest.mark.parametrize("seed", range(3))
def test_performance(seed):
    """c-statistic, Brier score, slope and intercept are pROC's and rms::val.prob's."""
    rng = np.random.default_rng(seed)
    logit = np.round(rng.normal(size=35), 1)  # with ties
    y = (rng.random(35) < 1 / (1 + np.exp(-logit))).astype(float)
    found = run_r(
        """
        out$c <- auc(roc(d$y, d$logit, direction = "<", quiet = TRUE))
        v <- val.prob(logit = d$logit, y = d$y, pl = FALSE)
        out$v <- v[c("Brier", "Slope", "Intercept")]
        """,
        {"d": {"logit": logit.tolist(), "y": y.tolist()}},
        packages=["pROC", "rms"],
    )
    (ours,) = performance(logit[np.newaxis], y, np.ones((1, 35)))
    assert list(ours[:2]) == pytest.approx([found["c"][0], found["v"][0]], rel=1e-10)
    assert list(ours[2:]) == pytest.approx(found["v"][1:], rel=1e-4, abs=1e-5)  # lrm stops early


def test_calibration():
    """Line, its limits, test of both and smooth curve are glm's, val.prob's and lowess's."""
    found = run_r(
        """
        L <- qlogis(d$p); f <- glm(y ~ L, binomial, d, epsilon = 1e-14)
        o <- glm(y ~ offset(L), binomial, d, epsilon = 1e-14)
        out$line <- c(coef(f), t(confint.default(f)), coef(o), confint.default(o))
        out$u <- val.prob(d$p, d$y, pl = FALSE)[c("U:Chi-sq", "U:p")]
        s <- lowess(d$p, d$y, f = 2/3, iter = 0, delta = 0); out$x <- s$x; out$s <- s$y
        """,
        {"d": {"p": RISK.tolist(), "y": Y.tolist()}},
        packages=["rms"],
    )
    result = calibration(Y, RISK)
    ours = [result.intercept, result.slope]
    for interval in (result.intercept_interval, result.slope_interval):
        ours += [interval.low, interval.high]
    large = result.in_the_large_interval
    ours += [result.in_the_large, large.low, large.high]
    assert ours == pytest.approx(found["line"], rel=1e-6)
    assert [result.statistic, result.p] == pytest.approx(found["u"], rel=1e-6)
    points = np.array(result.smooth)
    assert np.interp(found["x"], points[:, 0], points[:, 1]) == pytest.approx(found["s"], rel=1e-6)


def test_optimism_of_rms():
    """The optimism agrees with a run of rms::validate but for the chance of both."""
    found = run_r(
        """
        set.seed(11)
        f <- lrm(y ~ a + b + c, d, x = TRUE, y = TRUE)
        v <- suppressWarnings(validate(f, B = 600))
        out$optimism <- c(v["Dxy", "optimism"] / 2, v["B", "optimism"], v["Slope", "optimism"],
          v["Intercept", "optimism"])
        out$apparent <- c(v["Dxy", "index.orig"] / 2 + .5, v["B", "index.orig"])
        out$n <- v["Dxy", "n"]
        """,
        {"d": TABLE},
        packages=["rms"],
    )
    result = validate(X, Y, TERMS, terms=["a", "b", "c"], method="ml", resamples=1000, seed=4)
    apparent = [measure.apparent for measure in result.measures[:2]]
    assert apparent == pytest.approx(found["apparent"], rel=1e-6)
    for measure, theirs in zip(result.measures, found["optimism"], strict=True):
        error = measure.monte_carlo_se * (1 + 1000 / found["n"][0]) ** 0.5
        assert abs(measure.optimism - theirs) < 4.5 * error


def test_leave_one_out_is_cv_glm():
    """The Brier score of leave-one-out is boot::cv.glm's."""
    found = run_r(
        """
        f <- glm(y ~ a + b + c, binomial, d, epsilon = 1e-14, maxit = 100)
        out$brier <- cv.glm(d, f, function(y, p) mean((y - p)^2), K = nrow(d))$delta[1]
        """,
        {"d": TABLE},
        packages=["boot"],
    )
    result = cross_validate(
        X, Y, TERMS, terms=["a", "b", "c"], method="ml", folds=len(Y), repeats=1
    )
    assert result.measure("Brier score").mean == pytest.approx(found["brier"][0], rel=1e-8)
