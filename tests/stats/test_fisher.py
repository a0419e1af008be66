"""Fisher's exact test against enumeration with fractions."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from myocohort.errors import StatisticsError
from myocohort.stats.fisher import fisher_exact


def brute_force(table: np.ndarray) -> Fraction:
    """Sum the exact probabilities of all tables with these margins that are no likelier."""
    rows, columns = table.shape
    row_sums, column_sums = table.sum(axis=1), table.sum(axis=0)

    def weight(cells: np.ndarray) -> Fraction:
        return Fraction(1, math.prod(math.factorial(int(cell)) for cell in cells.flat))

    observed, total, extreme = weight(table), Fraction(0), Fraction(0)
    inner = [
        range(int(min(row_sums[i], column_sums[j])) + 1)
        for i in range(rows - 1)
        for j in range(columns - 1)
    ]
    for choice in itertools.product(*inner):
        cells = np.zeros_like(table)
        cells[:-1, :-1] = np.reshape(choice, (rows - 1, columns - 1))
        cells[:-1, -1] = row_sums[:-1] - cells[:-1, :-1].sum(axis=1)
        cells[-1] = column_sums - cells[:-1].sum(axis=0)
        if (cells < 0).any():
            continue
        likelihood = weight(cells)
        total += likelihood
        if likelihood <= observed:
            extreme += likelihood
    return extreme / total


def filled(table: np.ndarray) -> bool:
    """Say whether every group and category has somebody in it."""
    return bool((table.sum(axis=0) > 0).all() and (table.sum(axis=1) > 0).all())


@given(hnp.arrays(np.int64, (2, 2), elements=st.integers(0, 25)).filter(filled))
def test_two_by_two_equals_brute_force(table):
    """The p of a 2 x 2 table is the exact fraction."""
    assert fisher_exact(table).p == pytest.approx(float(brute_force(table)), rel=1e-10)


@settings(max_examples=40)
@given(
    hnp.arrays(
        np.int64, st.sampled_from([(2, 3), (3, 2), (3, 3), (2, 4)]), elements=st.integers(0, 4)
    ).filter(filled)
)
def test_larger_tables_equal_brute_force(table):
    """The p of a larger table is the exact fraction too."""
    result = fisher_exact(table)
    assert result.p == pytest.approx(float(brute_force(table)), rel=1e-10)
    assert "Freeman-Halton" in result.method


def test_tea_tasting():
    """R: fisher.test(matrix(c(3, 1, 1, 3), 2)) prints p-value = 0.4857 (manual page)."""
    result = fisher_exact([[3, 1], [1, 3]])
    assert result.p == pytest.approx(34 / 70)
    assert "minimum likelihood" in result.method
    assert result.n == 8


def test_it_is_not_twice_the_one_sided_p():
    """The twin convictions of R's manual page give 0.0005367, twice the one-sided is 0.00093.

    R: fisher.test(matrix(c(2, 10, 15, 3), 2))
    """
    table = [[2, 15], [10, 3]]
    assert fisher_exact(table).p == pytest.approx(0.0005367, abs=5e-8)
    assert 2 * stats.fisher_exact(table, alternative="less").pvalue == pytest.approx(
        0.00093, abs=5e-6
    )


@given(st.tuples(*[st.integers(1, 3000)] * 4).map(lambda c: np.array(c).reshape(2, 2)))
@settings(max_examples=30)
def test_large_tables_agree_with_scipy(table):
    """Tables of thousands keep their digits."""
    expected = stats.fisher_exact(table).pvalue
    result = fisher_exact(table).p
    if expected > 1e-250:
        assert result == pytest.approx(expected, rel=1e-7)
    assert result > 0


@given(hnp.arrays(np.int64, (2, 2), elements=st.integers(1, 30)))
def test_swapping_groups_keeps_p(table):
    """The order of groups and of categories does not matter."""
    p = fisher_exact(table).p
    assert fisher_exact(table[::-1]).p == pytest.approx(p, rel=1e-12)
    assert fisher_exact(table[:, ::-1]).p == pytest.approx(p, rel=1e-12)
    assert fisher_exact(table.T).p == pytest.approx(p, rel=1e-12)


def test_p_is_never_below_the_attainable_minimum():
    """With 3 against 3 nothing can be below 2 / 20."""
    assert fisher_exact([[3, 0], [0, 3]]).p == pytest.approx(0.1)


def test_too_large_an_enumeration_is_refused():
    """A table that would take too long ends with what to do instead."""
    with pytest.raises(StatisticsError, match=r"more than 2,000,000 tables\. Use pearson"):
        fisher_exact(np.full((4, 4), 60))


def test_empty_group_gives_no_p():
    """A group without patients gives no p and says why."""
    result = fisher_exact([[0, 0], [3, 5]])
    assert result.p is None
    assert "only one group" in result.warnings[-1]
