"""Bland-Altman limits of agreement."""

from __future__ import annotations

import math

import numpy as np
import pytest
from agreement_data import NAN
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from myocohort.errors import StatisticsError
from myocohort.stats.bland_altman import bland_altman, limits_of_agreement

# Bland & Altman 1986, table 1: first peak flow by the large and by the mini Wright meter, l/min
LARGE = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
FLOWS = np.column_stack([LARGE, MINI]).astype(float)
PAIRS = st.lists(
    st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=2, max_size=20
).map(lambda rows: np.array(rows, dtype=float))


def test_bland_and_altman_1986():
    """Bias -2.1 (95% CI -22.0 to 17.8), SD 38.8 l/min, 17 subjects.

    The readings are those of the authors' page (www-users.york.ac.uk/~mb55/meas/repeated.htm);
    the summary, which the Lancet paper is said to print, rests on R's t.test and sd of them.
    """
    result = bland_altman(FLOWS)
    assert result.n == 17
    assert result.estimate == pytest.approx(-2.1, abs=0.05)
    assert result.sd == pytest.approx(38.8, abs=0.05)
    assert (result.interval.low, result.interval.high) == pytest.approx((-22.0, 17.8), abs=0.05)


def test_goldens_of_r():
    """R: t.test(large, mini, paired = TRUE); confint(lm(d ~ I((large + mini) / 2)))."""
    result = bland_altman(FLOWS)
    assert result.statistic == pytest.approx(-0.2252354766, rel=1e-9)
    assert result.p == pytest.approx(0.824647674, rel=1e-9)
    assert result.slope == pytest.approx(0.0286874451525, rel=1e-9)
    assert result.slope_p == pytest.approx(0.749498533649, rel=1e-9)
    slope = result.slope_interval
    assert (slope.low, slope.high) == pytest.approx((-0.159320063684, 0.216694953989), rel=1e-9)


def test_exact_limits_golden_of_r():
    """R: mean(d) + sd(d) * qt(c(.025, .975), 16, ncp = qnorm(.975) * sqrt(17)) / sqrt(17)."""
    limits = bland_altman(FLOWS).limits
    upper, lower = limits.upper_interval, limits.lower_interval
    assert (upper.low, upper.high) == pytest.approx((48.8596372991, 119.925504177), rel=1e-9)
    assert (lower.low, lower.high) == pytest.approx((-124.160798295, -53.0949314167), rel=1e-9)
    assert "Carkeet" in upper.method


# R: qt(c(.025, .975), n - 1, ncp = qnorm(.975) * sqrt(n)) / sqrt(n)
@pytest.mark.parametrize(
    ("n", "near", "far"),
    [
        (3, 0.712647046148, 12.816197273025),
        (5, 0.923164859615, 5.974920498015),
        (10, 1.16318088554, 3.80090235899),
        (40, 1.50918107319, 2.62128897249),
        (200, 1.74085678917, 2.21906360162),
    ],
)
def test_exact_factors_golden_of_r(n, near, far):
    """The distance of the exact limits from the bias, in SDs, is a noncentral t of R."""
    interval = limits_of_agreement(n, 0.0, 1.0).upper_interval
    assert (interval.low, interval.high) == pytest.approx((near, far), rel=1e-7)


def test_bland_and_altman_1999():
    """Of 85 pairs with bias -16.29 and SD 19.61 the limits are -54.7 and 22.1.

    That these are the figures of Stat Methods Med Res 1999, section 2, is unconfirmed: the
    paper was not at hand. They follow by hand: -16.29 -+ 1.96 x 19.61, and for the interval of
    a limit -+ t(84) x 19.61 x sqrt(1 / 85 + 1.96^2 / (2 x 84)), about 7.3.
    """
    # figures that are rounded already are added up, hence the tolerance
    limits = limits_of_agreement(85, -16.29, 19.61, limit_intervals="approximate")
    assert (limits.lower, limits.upper) == pytest.approx((-54.7, 22.1), abs=0.06)
    lower, upper = limits.lower_interval, limits.upper_interval
    assert (lower.low, lower.high) == pytest.approx((-61.9, -47.5), abs=0.11)
    assert (upper.low, upper.high) == pytest.approx((14.9, 29.3), abs=0.11)
    assert "Bland & Altman 1999" in lower.method


@given(PAIRS)
def test_slope_and_bias_agree_with_scipy(pairs):
    """Bias and slope, with their p, are those of scipy's paired t and linear regression."""
    result = bland_altman(pairs)
    difference, size = pairs[:, 0] - pairs[:, 1], pairs.mean(axis=1)
    if result.p is not None:
        expected = stats.ttest_rel(pairs[:, 0], pairs[:, 1])
        assert result.p == pytest.approx(expected.pvalue, rel=1e-8)
    if result.slope_p is not None:
        line = stats.linregress(size, difference)
        assert result.slope == pytest.approx(line.slope, abs=1e-9)
        assert result.slope_p == pytest.approx(line.pvalue, rel=1e-6)


@given(PAIRS.filter(lambda pairs: np.ptp(pairs[:, 0] - pairs[:, 1]) > 0))
def test_swapping_the_readings_turns_the_signs(pairs):
    """With the readings swapped, bias, limits and slope are the negatives."""
    first, second = bland_altman(pairs), bland_altman(pairs[:, ::-1])
    assert second.estimate == pytest.approx(-first.estimate, abs=1e-9)
    assert second.p == pytest.approx(first.p, rel=1e-9)
    assert second.limits.upper == pytest.approx(-first.limits.lower, abs=1e-9)
    assert second.limits.upper_interval.high == pytest.approx(-first.limits.lower_interval.low)
    if first.slope is not None:
        assert second.slope == pytest.approx(-first.slope, abs=1e-9)


def test_exact_and_approximate_meet_for_many():
    """With 5,000 pairs the two kinds of interval are the same to a thousandth of the SD."""
    exact, near = (
        limits_of_agreement(5000, 0.0, 1.0, limit_intervals=kind).upper_interval
        for kind in ("exact", "approximate")
    )
    assert exact.low == pytest.approx(near.low, abs=2e-3)
    assert exact.high == pytest.approx(near.high, abs=2e-3)


def test_missing_and_too_few():
    """Single readings are left out and counted; below two pairs there is nothing to print."""
    result = bland_altman([[1.0, 2.0], [NAN, 3.0], [4.0, NAN]])
    assert (result.n, result.n_missing) == (1, 2)
    assert result.limits is None
    assert "fewer than two" in result.warnings[0]


def test_equal_differences():
    """A constant difference is the bias, and no limit is made of it."""
    result = bland_altman([[1.1, 1.0], [2.1, 2.0], [5.1, 5.0]])
    assert result.estimate == pytest.approx(0.1)
    assert result.limits is None
    assert result.p is None
    assert "all differences are the same" in result.warnings[0]


def test_slope_needs_more_than_a_line():
    """Two pairs or differences on a line have no interval of the slope."""
    assert bland_altman([[1.0, 2.0], [3.0, 5.0]]).slope is None
    line = bland_altman([[2.0, 1.0], [4.0, 2.0], [8.0, 4.0]])
    assert line.slope == pytest.approx(2 / 3)
    assert line.slope_p is None
    assert "on a line" in line.warnings[0]


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (lambda: bland_altman(FLOWS, limit_intervals="wald"), "found 'wald'"),
        (lambda: bland_altman(FLOWS, coverage=1.96), "strictly between 0 and 1"),
        (lambda: bland_altman(np.ones((3, 3))), "found 3"),
        (lambda: limits_of_agreement(1, 0.0, 1.0), "n 1"),
        (lambda: limits_of_agreement(9, 0.0, -1.0), "SD -1.0"),
        (lambda: limits_of_agreement(9, math.nan, 1.0), "bias nan"),
    ],
)
def test_bad_input_to_limits(run, message):
    """Impossible options and figures are refused with the value."""
    with pytest.raises(StatisticsError, match=message):
        run()
