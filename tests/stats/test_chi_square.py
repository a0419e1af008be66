"""Pearson's chi-square, with and without correction."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from myocohort.errors import StatisticsError
from myocohort.stats.chi_square import pearson_chi_square, pearson_chi_square_corrected
from myocohort.stats.likelihood_ratio import likelihood_ratio_chi_square
from myocohort.stats.linear_by_linear import linear_by_linear

# Agresti, Categorical Data Analysis, 2nd ed. (2002), Table 3.2 (party by gender);
# R: chisq.test(rbind(c(762, 327, 468), c(484, 239, 477))) is the example of ?chisq.test and
# prints X-squared = 30.07, df = 2, p-value = 2.954e-07
PARTY = [[762, 327, 468], [484, 239, 477]]

tables = hnp.arrays(
    np.int64, st.tuples(st.integers(2, 4), st.integers(2, 4)), elements=st.integers(1, 40)
)


def test_golden_of_the_r_manual():
    """The example of R's manual page comes out."""
    result = pearson_chi_square(PARTY, n_missing=3)
    assert result.statistic == pytest.approx(30.070149, abs=1e-6)
    assert (result.df, result.n, result.n_missing) == (2, 2757, 3)
    assert result.p == pytest.approx(2.954e-07, rel=2e-4)
    assert "without continuity correction" in result.method


@given(tables)
def test_pearson_agrees_with_scipy(table):
    """Statistic, degrees of freedom and p are scipy's without its default correction."""
    expected = stats.chi2_contingency(table, correction=False)
    result = pearson_chi_square(table)
    assert result.statistic == pytest.approx(expected.statistic, rel=1e-10, abs=1e-12)
    assert result.df == expected.dof
    assert result.p == pytest.approx(expected.pvalue, rel=1e-9)


@given(tables)
def test_likelihood_ratio_agrees_with_scipy(table):
    """G-squared is scipy's log-likelihood power divergence."""
    expected = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    result = likelihood_ratio_chi_square(table)
    assert result.statistic == pytest.approx(expected.statistic, rel=1e-9, abs=1e-10)
    assert result.p == pytest.approx(expected.pvalue, rel=1e-8)


@given(hnp.arrays(np.int64, (2, 2), elements=st.integers(1, 40)))
def test_corrected_agrees_with_scipy(table):
    """Yates's correction is that of scipy and never gives a smaller p."""
    expected = stats.chi2_contingency(table, correction=True)
    result = pearson_chi_square_corrected(table)
    assert result.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert result.p >= pearson_chi_square(table).p
    assert "with Yates's continuity correction" in result.method


@given(tables, st.randoms())
def test_order_of_rows_and_columns_does_not_matter(table, random):
    """Shuffled rows and columns give the same p."""
    rows, columns = list(range(table.shape[0])), list(range(table.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    shuffled = table[np.ix_(rows, columns)]
    assert pearson_chi_square(shuffled).p == pytest.approx(pearson_chi_square(table).p)
    assert pearson_chi_square(table.T).p == pytest.approx(pearson_chi_square(table).p)


@given(tables)
def test_linear_by_linear_is_the_correlation_of_the_records(table):
    """M-squared is (N - 1) r-squared of the scores of all units, and r is the estimate."""
    rows, columns = np.indices(table.shape)
    x, y = np.repeat(rows.ravel(), table.ravel()), np.repeat(columns.ravel(), table.ravel())
    r = np.corrcoef(x, y)[0, 1]
    result = linear_by_linear(table)
    assert result.estimate == pytest.approx(r, abs=1e-12)
    assert result.p == pytest.approx(stats.chi2.sf((table.sum() - 1) * r**2, 1), rel=1e-8)


# Agresti, Categorical Data Analysis, 2nd ed. (2002), Table 2.8: job satisfaction by income of
# 96 men (R: vcdExtra::JobSat)
JOB_SATISFACTION = [[1, 3, 10, 6], [2, 3, 10, 7], [1, 6, 14, 12], [0, 1, 9, 11]]


def test_linear_by_linear_golden():
    """Agresti's section 3.4.4 prints r = .200, M-squared = 3.81, p = .051 (scores: incomes)."""
    result = linear_by_linear(JOB_SATISFACTION, row_scores=(7.5, 20, 32.5, 60))
    assert result.estimate == pytest.approx(0.200, abs=5e-4)
    assert result.statistic == pytest.approx(3.81, abs=5e-3)
    assert result.p == pytest.approx(0.051, abs=5e-4)


def test_likelihood_ratio_golden():
    """R: vcd::assocstats(vcdExtra::JobSat), output printed on the data's manual page.

    Likelihood Ratio 6.7641, 9 df, p 0.66167; Pearson 5.9655, 9 df, p 0.74336.
    """
    ratio, pearson = (
        likelihood_ratio_chi_square(JOB_SATISFACTION),
        pearson_chi_square(JOB_SATISFACTION),
    )
    assert (ratio.df, pearson.df) == (9, 9)
    assert ratio.statistic == pytest.approx(6.7641, abs=5e-5)
    assert ratio.p == pytest.approx(0.66167, abs=5e-6)
    assert pearson.statistic == pytest.approx(5.9655, abs=5e-5)
    assert pearson.p == pytest.approx(0.74336, abs=5e-6)


def test_linear_by_linear_keeps_the_place_of_an_empty_category():
    """An empty middle category leaves the others as far apart as they were."""
    assert linear_by_linear([[5, 0, 1], [1, 0, 4], [0, 0, 6]]).estimate == pytest.approx(
        linear_by_linear([[5, 1], [1, 4], [0, 6]], column_scores=(1, 3)).estimate
    )
    with pytest.raises(StatisticsError, match="one column score"):
        linear_by_linear([[5, 1], [1, 4]], column_scores=(1, 2, 3))


def test_small_expected_counts_are_counted():
    """The warning says how many cells expect fewer than 5."""
    (warning,) = pearson_chi_square([[6, 7], [2, 25]]).warnings
    assert warning.startswith("1 of 4 cells have an expected count below 5")


TESTS_OF_TABLES = [
    pearson_chi_square,
    pearson_chi_square_corrected,
    likelihood_ratio_chi_square,
    linear_by_linear,
]


@pytest.mark.parametrize("test", TESTS_OF_TABLES)
@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ([[0, 0], [3, 4]], "only one group"),
        ([[3, 0], [4, 0]], "same category"),
        ([[0, 0], [0, 0]], "every value is missing"),
    ],
)
def test_no_p_without_two_groups_and_two_categories(test, table, reason):
    """An empty group, a constant variable and missing values give no p, and say why."""
    result = test(table)
    assert result.p is None
    assert result.statistic is None
    assert any(reason in warning for warning in result.warnings)


@pytest.mark.parametrize("test", TESTS_OF_TABLES)
@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([[1, -2], [3, 4]], "found -2 in row 1, column 2"),
        ([[1, 2.5], [3, 4]], r"found 2\.5"),
        ([[1, float("nan")], [3, 4]], "found nan"),
        ([1, 2, 3], "1 dimension"),
        ([["a", "b"], ["c", "d"]], "whole numbers only"),
    ],
)
def test_what_is_not_a_table_of_counts_is_refused(test, table, message):
    """Negative, fractional, missing and textual counts are errors that name the place."""
    with pytest.raises(StatisticsError, match=message):
        test(table)


def test_an_empty_row_of_a_larger_table_is_left_out_with_a_warning():
    """Two filled groups among three are compared, and the empty one is named."""
    result = pearson_chi_square([[5, 9], [0, 0], [8, 6]])
    assert result.p == pytest.approx(pearson_chi_square([[5, 9], [8, 6]]).p)
    assert result.warnings[0] == "left out: group number 2 without anyone in it"


def test_yates_is_refused_for_larger_tables():
    """The correction is defined for 2 x 2 only."""
    with pytest.raises(StatisticsError, match="2 x 2 tables; found 2 x 3"):
        pearson_chi_square_corrected(PARTY)


def test_p_is_never_0():
    """A statistic beyond all tables leaves a p above 0."""
    assert pearson_chi_square([[10**6, 0], [0, 10**6]]).p > 0
