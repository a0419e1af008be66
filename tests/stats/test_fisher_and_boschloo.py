"""The other exact tests of a 2 x 2 table: doubled Fisher, mid-p, Boschloo."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from myocohort.errors import StatisticsError
from myocohort.stats.boschloo import boschloo
from myocohort.stats.fisher import fisher_exact
from myocohort.stats.fisher_two_sided import fisher_doubled, fisher_mid_p

tables = st.tuples(*[st.integers(0, 15)] * 4).map(lambda c: np.reshape(c, (2, 2)))
filled_tables = tables.filter(
    lambda t: bool((t.sum(axis=0) > 0).all() and (t.sum(axis=1) > 0).all())
)


@given(filled_tables)
def test_doubled_is_twice_the_smaller_one_sided_p_of_scipy(table):
    """Twice the smaller tail, at most 1."""
    sides = [stats.fisher_exact(table, alternative=side).pvalue for side in ("less", "greater")]
    result = fisher_doubled(table)
    assert result.p == pytest.approx(min(1.0, 2 * min(sides)), rel=1e-9)
    assert result.method == "Fisher's exact test, two-sided as twice the smaller one-sided p"


@given(filled_tables)
def test_mid_p_counts_half_of_the_observed_table(table):
    """Twice the smaller one-sided p less the observed probability, by scipy's distribution."""
    cell, total = int(table[0, 0]), int(table.sum())
    margins = stats.hypergeom(total, int(table[:, 0].sum()), int(table[0].sum()))
    half = 0.5 * margins.pmf(cell)
    expected = 2 * min(margins.cdf(cell) - half, margins.sf(cell - 1) - half)
    result = fisher_mid_p(table)
    assert result.p == pytest.approx(expected, rel=1e-9)
    assert result.p <= fisher_doubled(table).p


@pytest.mark.parametrize(
    ("table", "p"),
    [([[2, 15], [10, 3]], 0.0004806619), ([[12, 13], [1, 14]], 0.007346752)],
)
def test_mid_p_goldens(table, p):
    """R epitools 0.5-10.1: oddsratio.midp(matrix(..., 2, byrow = TRUE))$p.value, midp.exact."""
    assert fisher_mid_p(table).p == pytest.approx(p, rel=1e-6)


def test_mid_p_of_the_tea_tasting():
    """Agresti, Categorical Data Analysis, 3.5.5: one-sided mid-p .129 for the tea tasting."""
    assert fisher_mid_p([[3, 1], [1, 3]]).p == pytest.approx(2 * (16 / 70 / 2 + 1 / 70))


def test_boschloo_golden():
    """Scipy's manual: boschloo_exact([[74, 31], [43, 32]], "greater") gives .0483 and .0355.

    Its groups are the columns; with 12 digits p is .0355640643015.
    """
    result = boschloo([[74, 43], [31, 32]])
    assert result.statistic == pytest.approx(0.0483, abs=5e-5)
    assert result.p == pytest.approx(2 * 0.0355640643015, rel=1e-9)


@settings(max_examples=40)
@given(filled_tables)
def test_boschloo_agrees_with_scipy(table):
    """The p is scipy's, which takes groups in columns; a greater maximum may be found."""
    expected = stats.boschloo_exact(table.T, n=64)
    result = boschloo(table)
    assert result.statistic == pytest.approx(expected.statistic, rel=1e-9)
    assert result.p >= expected.pvalue * (1 - 1e-9)
    assert result.p == pytest.approx(expected.pvalue, rel=1e-3)


@given(filled_tables)
@settings(max_examples=40)
def test_boschloo_is_never_above_the_doubled_fisher(table):
    """It is uniformly more powerful, and does not see the order of groups and categories."""
    p = boschloo(table).p
    assert p <= fisher_doubled(table).p * (1 + 1e-9)
    assert boschloo(table[::-1]).p == pytest.approx(p, rel=1e-6)
    assert boschloo(table[:, ::-1]).p == pytest.approx(p, rel=1e-6)


def test_the_four_exact_p_values_of_one_table_differ():
    """A reader must know which one is printed."""
    table = [[5, 8], [3, 24]]
    p = [test(table).p for test in (fisher_exact, fisher_doubled, fisher_mid_p, boschloo)]
    assert len({round(value, 4) for value in p}) == 4


@pytest.mark.parametrize("test", [fisher_doubled, fisher_mid_p, boschloo])
def test_empty_groups_and_large_tables(test):
    """An empty category gives no p and says why; more than 2 x 2 is refused."""
    result = test([[3, 0], [5, 0]])
    assert result.p is None
    assert "same category" in result.warnings[-1]
    assert test([[3, 1], [5, 2], [0, 0]]).p == test([[3, 1], [5, 2]]).p
    with pytest.raises(StatisticsError, match="found 2 x 3"):
        test([[1, 2, 3], [4, 5, 6]])


def test_boschloo_of_too_many_tables_is_refused():
    """Groups of hundreds end with what to do instead."""
    with pytest.raises(StatisticsError, match="Use pearson_chi_square"):
        boschloo([[300, 200], [250, 250]])


@pytest.mark.parametrize("test", [fisher_exact, fisher_doubled, fisher_mid_p])
def test_margins_with_too_many_tables_are_refused(test):
    """Counts beyond any study end with what to use instead, not with a full memory."""
    with pytest.raises(StatisticsError, match="up to 5,000,000 tables"):
        test([[10**12, 10**12], [10**12, 10**12]])
