"""Limits of Spearman's rho."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myocohort.errors import StatisticsError
from myocohort.stats.spearman import spearman, spearman_limits


def test_the_published_example():
    """The example of Bonett's ci.spear: 0.8699639, limits 0.5840951 and 0.9638297.

    https://dgbonett.github.io/statpsych/reference/ci.spear.html (R package statpsych, by the
    first author of the source).
    """
    y = [21, 4, 9, 12, 35, 18, 10, 22, 24, 1, 6, 8, 13, 16, 19]
    x = [67, 28, 30, 28, 52, 40, 25, 37, 44, 10, 14, 20, 28, 40, 51]
    result = spearman(x, y)
    interval, _ = spearman_limits(result.estimate, result.n)
    assert result.estimate == pytest.approx(0.8699639, abs=5e-8)
    assert (interval.low, interval.high) == pytest.approx((0.5840951, 0.9638297), abs=5e-8)


def test_the_correlation_is_r_s():
    """R: with(mtcars, cor.test(mpg, wt, method = "spearman", exact = FALSE)).

    rho -0.88642203327, p 1.48759485813e-11; the limits in R by
    tanh(atanh(r) + c(-1, 1) * qnorm(.975) * sqrt((1 + r^2/2) / (n - 3))), and their p by
    2 * pnorm(-abs(atanh(r)) / sqrt((1 + r^2/2) / (n - 3))).
    """
    mpg = [21, 21, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2, 10.4,
           10.4, 14.7, 32.4, 30.4, 33.9, 21.5, 15.5, 15.2, 13.3, 19.2, 27.3, 26, 30.4, 15.8, 19.7,
           15, 21.4]  # fmt: skip
    wt = [2.62, 2.875, 2.32, 3.215, 3.44, 3.46, 3.57, 3.19, 3.15, 3.44, 3.44, 4.07, 3.73, 3.78,
          5.25, 5.424, 5.345, 2.2, 1.615, 1.835, 2.465, 3.52, 3.435, 3.84, 3.845, 1.935, 2.14,
          1.513, 3.17, 2.77, 3.57, 2.78]  # fmt: skip
    result = spearman(mpg, wt)
    assert result.estimate == pytest.approx(-0.88642203327, abs=1e-11)
    assert result.p == pytest.approx(1.48759485813e-11, rel=1e-10)
    interval, p = spearman_limits(result.estimate, result.n)
    assert (interval.low, interval.high) == pytest.approx((-0.950265882378, -0.751081976970))
    assert p == pytest.approx(1.44766373002e-10, rel=1e-9)


@given(st.floats(-0.999, 0.999), st.integers(4, 500), st.floats(0.5, 0.999))
def test_the_limits_and_their_p_agree(rho, n, level):
    """The p is below 1 - level where the limits exclude 0; a change of sign turns them round."""
    interval, p = spearman_limits(rho, n, level=level)
    assert -1 <= interval.low <= rho <= interval.high <= 1
    if abs(p - (1 - level)) > 1e-9:
        assert (p < 1 - level) == (interval.low > 0 or interval.high < 0)
    turned, same = spearman_limits(-rho, n, level=level)
    assert (turned.low, turned.high, same) == pytest.approx((-interval.high, -interval.low, p))


def test_there_are_no_limits_of_a_perfect_or_tiny_sample():
    """Fisher's z of 1 is infinite, and its variance needs four pairs."""
    assert spearman_limits(1.0, 20) is None
    assert spearman_limits(0.5, 3) is None
    with pytest.raises(StatisticsError, match="from -1 to 1"):
        spearman_limits(math.inf, 20)
