"""Hodges-Lehmann shift and Cliff's delta."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from myocohort.errors import StatisticsError
from myocohort.stats.cliffs_delta import cliffs_delta
from myocohort.stats.hodges_lehmann import hodges_lehmann
from myocohort.stats.mann_whitney import mann_whitney

# R: ?wilcox.test, permeability constants of the human chorioamnion (Hollander & Wolfe 1973, p. 69)
AT_TERM = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
EARLIER = [1.15, 0.88, 0.90, 0.74, 1.21]
TIED = (
    [2, 3, 3, 5, 5, 5, 8, 9, 12, 4, 4],
    [1, 2, 2, 3, 3, 3, 4, 5, 5, 1, 1, 1, 6, 2],
)

tied_groups = st.tuples(
    st.lists(st.integers(0, 9), min_size=4, max_size=14),
    st.lists(st.integers(0, 9), min_size=4, max_size=14),
).filter(lambda pair: len(set(pair[0] + pair[1])) > 1)


def coded(*groups):
    """Join groups into values and codes."""
    values = np.concatenate([np.asarray(group, dtype=float) for group in groups])
    return values, np.repeat(np.arange(len(groups)), [len(group) for group in groups])


@pytest.mark.parametrize(("level", "low", "high"), [(0.95, -0.15, 0.76), (0.9, -0.08, 0.72)])
def test_shift_exact_goldens(level, low, high):
    """R 4.2.2: wilcox.test(x, y, conf.int = TRUE, conf.level = ...) of ?wilcox.test."""
    result = hodges_lehmann(*coded(AT_TERM, EARLIER), level=level)
    assert result.estimate == pytest.approx(0.305)
    assert (result.interval.low, result.interval.high) == pytest.approx((low, high))
    assert result.p == pytest.approx(0.254412254412)
    assert "exact distribution of U" in result.method


def test_shift_asymptotic_golden():
    """R 4.2.2: wilcox.test(x, y, exact = FALSE, conf.int = TRUE, tol.root = 1e-12).

    It prints p .0147287661297, limits 2.9e-13 and 4, estimate 2.
    """
    result = hodges_lehmann(*coded(*TIED))
    assert (result.estimate, result.interval.low, result.interval.high) == (2, 0, 4)
    assert result.p == pytest.approx(0.0147287661297, rel=1e-10)
    assert "normal approximation with tie and continuity correction" in result.method


@pytest.mark.parametrize("groups", [(AT_TERM, EARLIER), TIED])
def test_the_asymptotic_interval_inverts_the_test(groups):
    """Shifts just inside the limits are not rejected at .05, shifts just outside are."""
    values, codes = coded(*groups)
    interval = hodges_lehmann(values, codes, method="asymptotic").interval

    def rejected(shift):
        shifted = values - shift * (codes == 0)
        return mann_whitney(shifted, codes, method="asymptotic", continuity=True).p < 0.05

    assert not rejected(interval.low + 1e-9)
    assert rejected(interval.low - 1e-9)
    assert not rejected(interval.high - 1e-9)
    assert rejected(interval.high + 1e-9)


@given(tied_groups, st.integers(-20, 20))
def test_shifting_a_group_shifts_the_interval(pair, by):
    """The asymptotic interval moves with the first group, and turns round with the groups."""
    values, groups = coded(*pair)
    shift = hodges_lehmann(values, groups, method="asymptotic")
    moved_values = values + by * (groups == 0)
    if len(set(moved_values)) < 2:
        return
    moved = hodges_lehmann(moved_values, groups, method="asymptotic")
    assert moved.estimate == shift.estimate + by
    assert moved.interval.low == shift.interval.low + by
    turned = hodges_lehmann(values, 1 - groups, method="asymptotic")
    assert turned.interval.high == -shift.interval.low


def test_too_few_values_exclude_no_shift():
    """Three against three cannot reject anything at .95, but can at .8."""
    data = coded([1.0, 2.0, 4.5], [7.0, 9.5, 13.0])
    result = hodges_lehmann(*data)
    assert (result.interval.low, result.interval.high) == (-math.inf, math.inf)
    assert "too few" in result.warnings[0]
    assert math.isfinite(hodges_lehmann(*data, level=0.8).interval.low)


def test_shift_without_comparison_and_bad_requests():
    """Nothing to compare gives no estimate; ties and many values are refused by name."""
    none = hodges_lehmann([1.0, 2.0], [0, 0])
    assert (none.estimate, none.interval, none.p) == (None, None, None)
    assert hodges_lehmann([], []).p is None
    with pytest.raises(StatisticsError, match="ties were found"):
        hodges_lehmann([1, 1, 2], [0, 1, 1], method="exact")
    with pytest.raises(StatisticsError, match=r"found 16,000,000\. Use cliffs_delta"):
        hodges_lehmann(range(8000), [0, 1] * 4000)
    with pytest.raises(StatisticsError, match="confidence level"):
        hodges_lehmann([1, 3, 2], [0, 1, 1], level=95)


def test_cliffs_delta_golden():
    """R effsize (CRAN), its manual's example: delta -.25, interval -.7265846 to .3890062.

    cliff.delta(c(10,10,20,20,20,30,30,30,40,50), c(10,20,30,40,40,50)), unbiased variance and
    t quantile, as its defaults are.
    """
    treatment = [10, 10, 20, 20, 20, 30, 30, 30, 40, 50]
    control = [10, 20, 30, 40, 40, 50]
    result = cliffs_delta(*coded(treatment, control))
    assert result.estimate == -0.25
    assert result.interval.low == pytest.approx(-0.7265846, abs=5e-8)
    assert result.interval.high == pytest.approx(0.3890062, abs=5e-8)


@given(tied_groups)
def test_cliffs_delta_is_u_on_another_scale(pair):
    """Delta is 2 U / (n1 n2) - 1, swaps its sign with the groups, and lies in its interval."""
    values, groups = coded(*pair)
    result = cliffs_delta(values, groups)
    u = mann_whitney(values, groups).statistic
    assert result.estimate == pytest.approx(2 * u / (len(pair[0]) * len(pair[1])) - 1)
    turned = cliffs_delta(values, 1 - groups)
    assert turned.estimate == -result.estimate
    if result.interval is not None:
        assert -1 <= result.interval.low <= result.estimate <= result.interval.high <= 1
        assert turned.interval.low == pytest.approx(-result.interval.high)
    json.dumps(result.as_dict(), allow_nan=False)


def test_cliffs_delta_without_an_interval():
    """Groups that do not overlap, and groups of one, have a delta but no interval."""
    apart = cliffs_delta([1, 2, 3, 7, 8, 9], [0, 0, 0, 1, 1, 1])
    assert (apart.estimate, apart.interval) == (-1, None)
    assert "overlap too little" in apart.warnings[0]
    single = cliffs_delta([5, 1, 9], [0, 1, 1])
    assert (single.estimate, single.interval) == (0, None)
    assert cliffs_delta([5, 1], [0, 0]).estimate is None
    with pytest.raises(StatisticsError, match="two groups; found 3"):
        cliffs_delta([1, 2, 3], [0, 1, 2])
