"""Tests on values: Mann-Whitney, Kruskal-Wallis, t tests, Spearman."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from myocohort.errors import StatisticsError
from myocohort.stats.kruskal_wallis import kruskal_wallis
from myocohort.stats.mann_whitney import mann_whitney, u_distribution
from myocohort.stats.spearman import spearman
from myocohort.stats.t_test import (
    student_t,
    student_t_from_summary,
    welch_t,
    welch_t_from_summary,
)

NAN = float("nan")

# R: sleep, the data of ?t.test: extra hours of sleep under two drugs
DRUG_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
DRUG_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
SLEEP = (DRUG_1 + DRUG_2, [0] * 10 + [1] * 10)

# R: ?wilcox.test, permeability constants of the human chorioamnion (Hollander & Wolfe 1973, p. 69)
AT_TERM = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
EARLIER = [1.15, 0.88, 0.90, 0.74, 1.21]
CHORIOAMNION = (AT_TERM + EARLIER, [0] * 10 + [1] * 5)


def two_groups(tied: bool = True):
    """Strategy: values and codes of two groups of at least two, not all equal."""
    element = st.integers(0, 9) if tied else st.floats(-100, 100).map(lambda x: round(x, 6))
    return st.tuples(
        st.lists(element, min_size=2, max_size=15), st.lists(element, min_size=2, max_size=15)
    ).filter(lambda pair: len(set(pair[0] + pair[1])) > 1)


def coded(*groups):
    """Join groups into values and codes."""
    values = np.concatenate([np.asarray(group, dtype=float) for group in groups])
    return values, np.repeat(np.arange(len(groups)), [len(group) for group in groups])


def test_mann_whitney_exact_golden():
    """R: wilcox.test(x, y) of the chorioamnion data gives W = 35, p = 0.2544 (two-sided)."""
    result = mann_whitney(*CHORIOAMNION)
    assert result.statistic == 35
    assert result.p == pytest.approx(0.2544, abs=5e-5)
    assert result.method == "Mann-Whitney U test, exact, no ties"


def test_mann_whitney_asymptotic_agrees_with_scipy_and_names_the_correction():
    """With ties the normal approximation is used, corrected for continuity only when asked."""
    for continuity, word in ((False, "without"), (True, "with")):
        result = mann_whitney(*SLEEP, continuity=continuity)
        expected = stats.mannwhitneyu(
            DRUG_1, DRUG_2, method="asymptotic", use_continuity=continuity
        )
        assert result.p == pytest.approx(expected.pvalue, rel=1e-10)
        assert result.method.endswith(f"tie correction, {word} continuity correction")


@given(two_groups())
def test_mann_whitney_with_ties_agrees_with_scipy(pair):
    """U and the asymptotic p are scipy's for any ties."""
    first, second = pair
    expected = stats.mannwhitneyu(first, second, method="asymptotic", use_continuity=False)
    result = mann_whitney(*coded(first, second), method="asymptotic")
    assert result.statistic == expected.statistic
    assert result.p == pytest.approx(expected.pvalue, rel=1e-9)


@given(st.permutations(range(12)), st.integers(1, 11))
def test_mann_whitney_without_ties_agrees_with_scipy(order, size):
    """The exact p is scipy's."""
    first, second = order[:size], order[size:]
    expected = stats.mannwhitneyu(first, second, method="exact")
    assert mann_whitney(*coded(first, second)).p == pytest.approx(expected.pvalue, rel=1e-10)


def test_u_distribution_counts_arrangements():
    """The distribution of U for 3 against 4 is that of a full enumeration."""
    counted = np.zeros(13)
    for ranks in itertools.combinations(range(1, 8), 3):
        counted[sum(ranks) - 6] += 1
    np.testing.assert_array_equal(u_distribution(3, 4), counted)
    assert u_distribution(13, 27).sum() == math.comb(40, 13)


@given(two_groups(), st.randoms())
def test_rank_tests_do_not_see_order_and_monotone_change(pair, random):
    """Reordered rows and any increasing change of the values leave U, H and p alone."""
    values, groups = coded(*pair)
    order = list(range(len(values)))
    random.shuffle(order)
    changed = np.exp(values / 10.0)[order]
    for test in (mann_whitney, kruskal_wallis):
        before, after = test(values, groups), test(changed, groups[order])
        assert after.statistic == pytest.approx(before.statistic, rel=1e-12)
        assert after.p == pytest.approx(before.p, rel=1e-12)


@given(two_groups())
def test_mann_whitney_swapped_groups_keep_p(pair):
    """Swapping the groups turns U into n1 n2 - U and keeps p."""
    values, groups = coded(*pair)
    a, b = mann_whitney(values, groups), mann_whitney(values, 1 - groups)
    assert a.statistic + b.statistic == len(pair[0]) * len(pair[1])
    assert a.p == pytest.approx(b.p, rel=1e-12)


@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=9), min_size=2, max_size=5))
def test_kruskal_wallis_agrees_with_scipy(groups):
    """H, degrees of freedom and p are scipy's."""
    if len({value for group in groups for value in group}) < 2:
        return
    expected = stats.kruskal(*groups)
    result = kruskal_wallis(*coded(*groups))
    assert result.statistic == pytest.approx(expected.statistic, rel=1e-9, abs=1e-10)
    assert result.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert result.df == len(groups) - 1


def test_kruskal_wallis_golden():
    """R: kruskal.test(list(x, y, z)) of ?kruskal.test (Hollander & Wolfe 1973, p. 116).

    It prints chi-squared = 0.77143, df = 2, p-value = 0.68.
    """
    normal, obstructive = [2.9, 3.0, 2.5, 2.6, 3.2], [3.8, 2.7, 4.0, 2.4]
    asbestosis = [2.8, 3.4, 3.7, 2.2, 2.0]
    result = kruskal_wallis(*coded(normal, obstructive, asbestosis))
    assert result.statistic == pytest.approx(0.77143, abs=5e-6)
    assert result.p == pytest.approx(0.68, abs=5e-4)
    assert "the smallest group has 4" in result.warnings[0]


def test_t_goldens():
    """R: t.test(extra ~ group, data = sleep, var.equal = TRUE or FALSE) of ?t.test.

    Welch prints t = -1.8608, df = 17.776, p-value = 0.07939, interval -3.3654832 to 0.2054832.
    """
    welch = welch_t(*SLEEP)
    assert welch.statistic == pytest.approx(-1.8608, abs=5e-5)
    assert welch.df == pytest.approx(17.776, abs=5e-4)
    assert welch.p == pytest.approx(0.07939, abs=5e-6)
    assert welch.interval.low == pytest.approx(-3.3654832, abs=5e-8)
    assert welch.interval.high == pytest.approx(0.2054832, abs=5e-8)
    student = student_t(*SLEEP)
    assert student.p == pytest.approx(stats.ttest_ind(DRUG_1, DRUG_2).pvalue, rel=1e-12)
    assert student.df == 18
    assert (student.method, welch.method) == (
        "Student's t test (equal variances)",
        "Welch's t test (unequal variances)",
    )


@given(two_groups(tied=False))
def test_t_tests_agree_with_scipy_and_with_their_summaries(pair):
    """Values and their n, mean and SD give the same t and p as scipy."""
    if min(np.ptp(pair[0]), np.ptp(pair[1])) < 1e-3:
        return
    n = [len(group) for group in pair]
    mean = [float(np.mean(group)) for group in pair]
    sd = [float(np.std(group, ddof=1)) for group in pair]
    for equal, test, summary in (
        (True, student_t, student_t_from_summary),
        (False, welch_t, welch_t_from_summary),
    ):
        expected = stats.ttest_ind(*pair, equal_var=equal)
        for result in (test(*coded(*pair)), summary(n, mean, sd)):
            assert result.statistic == pytest.approx(expected.statistic, rel=1e-6, abs=1e-9)
            assert result.p == pytest.approx(expected.pvalue, rel=1e-6)
            interval = expected.confidence_interval()
            assert result.interval.low == pytest.approx(interval.low, rel=1e-6, abs=1e-6)


def test_student_with_a_group_of_one():
    """One value against several has a pooled variance, but none for Welch."""
    values, groups = [5.0, 1.0, 2.0, 4.0], [0, 1, 1, 1]
    assert student_t(values, groups).p == pytest.approx(
        stats.ttest_ind([5.0], [1.0, 2.0, 4.0]).pvalue
    )
    welch = welch_t(values, groups)
    assert welch.p is None
    assert "a group with one value" in welch.warnings[0]
    assert student_t_from_summary([1, 3], [5.0, 7 / 3], [None, math.sqrt(7 / 3)]).p == (
        pytest.approx(student_t(values, groups).p)
    )


@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=4, max_size=25).filter(
        lambda rows: len({a for a, _ in rows}) > 1 and len({b for _, b in rows}) > 1
    )
)
def test_spearman_with_the_t_approximation_agrees_with_scipy(rows):
    """Rho and its approximate p are scipy's, except that a perfect rho has none."""
    x, y = np.array(rows, dtype=float).T
    expected = stats.spearmanr(x, y)
    result = spearman(x, y, method="t")
    assert result.estimate == pytest.approx(expected.statistic, abs=1e-12)
    if abs(result.estimate) > 1 - 1e-12:
        assert result.p is None or result.p < 1e-6
    else:
        assert result.p == pytest.approx(expected.pvalue, rel=1e-7)


@settings(max_examples=25)
@given(st.permutations(range(6)))
def test_spearman_exact_is_the_share_of_all_orders(order):
    """The exact p is twice the share of orders at least as extreme."""
    x = np.arange(6.0)
    squares = [
        sum((i - rank) ** 2 for i, rank in enumerate(ranks))
        for ranks in itertools.permutations(range(6))
    ]
    seen = sum((i - rank) ** 2 for i, rank in enumerate(order))
    tail = min(sum(s <= seen for s in squares), sum(s >= seen for s in squares))
    result = spearman(x, np.array(order, dtype=float))
    assert result.p == pytest.approx(min(1.0, 2 * tail / 720))
    assert result.method == "Spearman's rank correlation, exact p, no ties"


def test_spearman_of_a_perfect_correlation():
    """Without ties the exact p is 2 / n!; the t approximation says that it has none."""
    x = np.arange(5.0)
    assert spearman(x, x**3).p == pytest.approx(2 / 120)
    approximate = spearman(x, -x, method="t")
    assert (approximate.estimate, approximate.p) == (-1.0, None)
    assert "perfect correlation" in approximate.warnings[0]


def test_missing_values_and_groups_are_counted():
    """A missing value or group leaves the unit out and counts it."""
    values, groups = [1.0, NAN, 2.0, 4.0, 7.0, 3.0], [0, 0, -1, 1, 1, 0]
    for test in (mann_whitney, kruskal_wallis, student_t, welch_t):
        result = test(values, groups)
        assert (result.n, result.n_missing) == (4, 2)
        assert result.p == pytest.approx(test([1.0, 3.0, 4.0, 7.0], [0, 0, 1, 1]).p)
    paired = spearman([1.0, 2.0, NAN, 4.0, 3.0], [2.0, NAN, 1.0, 5.0, 4.0])
    assert (paired.n, paired.n_missing) == (3, 2)


@pytest.mark.parametrize("test", [mann_whitney, kruskal_wallis, student_t, welch_t])
@pytest.mark.parametrize(
    ("values", "groups", "reason"),
    [
        ([NAN, NAN], [0, 1], "every value is missing"),
        ([], [], "every value is missing"),
        ([1.0, 2.0, NAN], [0, 0, 1], "only one group"),
        ([0.1, 0.1, 0.1, 0.1], [0, 0, 1, 1], "all values are the same"),
    ],
)
def test_no_p_where_nothing_can_be_compared(test, values, groups, reason):
    """Missing values, an empty group and a constant give no p, and say why."""
    result = test(values, np.array(groups, dtype=int))
    assert result.p is None
    assert result.statistic is None
    assert reason in result.warnings[0]


def test_no_p_where_neither_group_varies():
    """Two constants that differ have no t."""
    result = welch_t([0.1, 0.1, 0.1, 0.3, 0.3, 0.3], [0, 0, 0, 1, 1, 1])
    assert result.p is None
    assert "do not vary within either group" in result.warnings[0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mann_whitney([1, 2, 3], [0, 1, 2]), "two groups; found 3"),
        (lambda: student_t([1, 2, 3], [0, 1, 2]), "two groups; found 3"),
        (lambda: mann_whitney([1, 2], [0, 1, 1]), "2 values and 3 groups"),
        (lambda: mann_whitney([1, math.inf], [0, 1]), "found inf at position 2"),
        (lambda: mann_whitney(["a", "b"], [0, 1]), "are numbers"),
        (lambda: mann_whitney([1, 2], [0.5, 1]), "groups are whole numbers"),
        (lambda: mann_whitney([1, 1, 2], [0, 1, 1], method="exact"), "ties were found"),
        (lambda: mann_whitney(range(300), [0] * 150 + [1] * 150, method="exact"), "up to n1 x n2"),
        (lambda: mann_whitney([1, 2], [0, 1], method="both"), "method is"),
        (lambda: spearman([1, 2], [1, 2, 3]), "come in pairs"),
        (lambda: spearman([1, 1, 2], [1, 2, 3], method="exact"), "3 pairs with ties"),
        (lambda: spearman([1, 1, 2], [1, 2, 3], method="both"), "method is"),
        (lambda: welch_t([1, 2, 3, 5], [0, 0, 1, 1], level=95), "confidence level"),
        (lambda: welch_t_from_summary([3], [1.0], [1.0]), "exactly two groups"),
        (lambda: welch_t_from_summary([3, 0], [1.0, 2.0], [1.0, 1.0]), "group 2: n is"),
        (lambda: welch_t_from_summary([3, 4], [1.0, 2.0], [None, 1.0]), "group 1: the SD"),
        (lambda: welch_t_from_summary([3, 4], [1.0, NAN], [1.0, 1.0]), "group 2: the mean"),
    ],
)
def test_bad_input_is_refused(call, message):
    """Each impossible request ends with a message that names it."""
    with pytest.raises(StatisticsError, match=message):
        call()


def test_codes_need_not_be_small_or_adjacent():
    """Codes such as years are closed up in their order."""
    near = mann_whitney([1.0, 5.0, 2.0, 9.0], [0, 1, 0, 1])
    for codes in ([3, 7, 3, 7], [1999, 2_000_000_000, 1999, 2_000_000_000]):
        far = mann_whitney([1.0, 5.0, 2.0, 9.0], codes)
        assert (far.statistic, far.p) == (near.statistic, near.p)
