"""Calibration of risks: rms, glm, lowess and prop.test of R, and awkward risks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from formula_cohort import RISK, Y
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.nonparametric.smoothers_lowess import lowess

from myocohort.errors import StatisticsError
from myocohort.stats.calibration import calibration, smooth_curve


def test_line_of_r():
    """Slope, intercepts, their limits and the test of both are those of R.

    R 4.2.2, rms 6.5.0, after the lines in formula_cohort:
    P <- plogis(.8*d$a - 1.5 - .5*d$e); L <- qlogis(P)
    confint.default(h <- glm(d$y ~ L, binomial, epsilon = 1e-14)); coef(h)
    confint.default(o <- glm(d$y ~ offset(L), binomial, epsilon = 1e-14)); coef(o)
    val.prob(P, d$y)[c("U:Chi-sq", "U:p")]
    """
    result = calibration(Y, RISK)
    assert result.intercept == pytest.approx(-1.04796046983, rel=1e-8)
    assert result.slope == result.estimate == pytest.approx(0.57757003689, rel=1e-8)
    limits = result.intercept_interval
    assert (limits.low, limits.high) == pytest.approx((-1.75481107903, -0.341109860625), rel=1e-6)
    limits = result.slope_interval
    assert (limits.low, limits.high) == pytest.approx((0.154056695186, 1.001083378594), rel=1e-6)
    assert result.in_the_large == pytest.approx(-1.50524449434, rel=1e-8)
    limits = result.in_the_large_interval
    assert (limits.low, limits.high) == pytest.approx((-2.132774249, -0.877714739679), rel=1e-6)
    assert (result.statistic, result.df) == (pytest.approx(26.2073607387, rel=1e-8), 2)
    assert result.p == pytest.approx(2.03771725482e-06, rel=1e-6)
    assert (result.events, result.expected) == (22, pytest.approx(RISK.sum()))


def test_groups_of_r():
    """Fifths of risk have the means, events and Wilson limits of R.

    R 4.2.2, as above: q <- findInterval(P, quantile(P, 1:4/5), left.open = TRUE)
    tapply(P, q, mean); tapply(d$y, q, sum); table(q)
    prop.test(sum(d$y[q == 0]), sum(q == 0), correct = FALSE)$conf.int, also for q == 3
    """
    groups = calibration(Y, RISK, groups=5).groups
    assert [group.mean_risk for group in groups] == pytest.approx(
        [0.226464308626, 0.435998208378, 0.667246695993, 0.837720512941, 0.936139189719]
    )
    assert [(group.n, group.events) for group in groups] == [
        (12, 1),
        (12, 4),
        (12, 3),
        (12, 8),
        (12, 6),
    ]
    limits = [(group.interval.low, group.interval.high) for group in groups]
    assert limits[0] == pytest.approx((0.0148650944049, 0.3538799111411))
    assert limits[3] == pytest.approx((0.390622088873, 0.861879908909))


def test_lowess_of_r():
    """The smooth curve is R's lowess without robustness iterations.

    R 4.2.2, as above: lowess(P, d$y, f = 2/3, iter = 0, delta = 0) at 1, 15, 30, 45, 60
    """
    points = np.array(calibration(Y, RISK).smooth)
    x = [0.119202922022, 0.368187582264, 0.672607017068, 0.874352143485, 0.964428810727]
    y = [0.0196479647025, 0.1952862082364, 0.3694105472003, 0.5527933604891, 0.6407782790544]
    assert np.interp(x, points[:, 0], points[:, 1]) == pytest.approx(y, rel=1e-6)


def test_lowess_with_many_ties():
    """With few different risks the curve is that of statsmodels."""
    rng = np.random.default_rng(3)
    risk = rng.choice([0.1, 0.2, 0.25, 0.4, 0.6, 0.9], 60)
    y = (rng.random(60) < risk).astype(float)
    points = lowess(y, risk, frac=2 / 3, it=0)
    for x, share in smooth_curve(y, risk):
        assert share == pytest.approx(points[points[:, 0] == x][0, 1], abs=1e-7)


def test_smooth_curve_of_one_heavy_value():
    """Where the nearest two thirds share one risk, the curve is their share of outcomes."""
    risk = np.r_[np.full(40, 0.3), 0.5, 0.7, 0.8]
    y = np.r_[np.tile([0.0, 1.0], 20), 1.0, 0.0, 1.0]
    assert smooth_curve(y, risk)[0] == (0.3, pytest.approx(0.5))
    assert smooth_curve(y[:41], risk[:41]) == ()


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.floats(-3, 3), st.floats(0.2, 3))
def test_rescaled_logits_move_the_line(seed, shift, factor):
    """Logits that are shifted and stretched move intercept and slope by just that."""
    rng = np.random.default_rng(seed)
    logit = rng.normal(size=40)
    y = (rng.random(40) < 1 / (1 + np.exp(-logit))).astype(float)
    y[np.argsort(logit)[[0, -1]]] = 1.0, 0.0
    first = calibration(y, 1 / (1 + np.exp(-logit)))
    second = calibration(y, 1 / (1 + np.exp(-(shift + factor * logit))))
    assert second.slope == pytest.approx(first.slope / factor, rel=1e-5, abs=1e-7)
    assert second.intercept == pytest.approx(
        first.intercept - first.slope * shift / factor, rel=1e-4, abs=1e-6
    )


def test_separated_and_equal_risks():
    """Risks that separate the outcomes have an infinite slope, equal risks have none."""
    y = np.r_[np.zeros(5), np.ones(5)]
    result = calibration(y, np.linspace(0.1, 0.9, 10))
    assert (result.slope, result.intercept, result.p) == (math.inf, None, None)
    assert result.as_dict()["slope"] == "inf"
    assert any("slope is infinite" in warning for warning in result.warnings)
    assert calibration(y, np.linspace(0.9, 0.1, 10)).slope == -math.inf
    equal = calibration(y, np.full(10, 0.4))
    assert (equal.slope, equal.estimate_name, len(equal.groups)) == (None, None, 1)
    assert equal.in_the_large == pytest.approx(math.log(0.6 / 0.4))


def test_missing_values_are_left_out():
    """Patients without outcome or risk are left out and counted."""
    y, risk = Y.copy(), RISK.copy()
    y[0], risk[1] = np.nan, np.nan
    result = calibration(y, risk)
    assert (result.n, result.n_missing) == (58, 2)
    assert any("2 left out" in warning for warning in result.warnings)
    assert result.slope == pytest.approx(calibration(Y[2:], RISK[2:]).slope)


@pytest.mark.parametrize(
    ("y", "risk", "options", "message"),
    [
        (Y, RISK * 100, {}, "a risk lies between 0 and 1"),
        (Y, np.where(RISK > 0.9, 1.0, RISK), {}, "a risk of 1 has no logit"),
        (Y, RISK[:-1], {}, "60 outcomes and 59 risks"),
        (Y + 1, RISK, {}, "the outcome is 0 or 1; found 2"),
        (np.zeros(60), RISK, {}, "nobody of 60"),
        (np.full(60, np.nan), RISK, {}, "all of 60 are missing"),
        (["yes"] * 60, RISK, {}, "outcomes are numbers"),
        (Y, RISK, {"groups": 1}, "groups is a whole number of at least 2"),
        (Y, RISK, {"level": 1.0}, "a confidence level"),
    ],
)
def test_unfit_risks(y, risk, options, message):
    """Outcomes and risks that cannot be compared are refused."""
    with pytest.raises(StatisticsError, match=message):
        calibration(y, risk, **options)
