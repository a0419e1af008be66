"""The exact Mann-Whitney test with ties."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from myocohort.errors import StatisticsError
from myocohort.stats.exact_mann_whitney import mann_whitney_exact
from myocohort.stats.mann_whitney import mann_whitney

NAN = float("nan")


def coded(*groups):
    """Join groups into values and codes."""
    values = np.concatenate([np.asarray(group, dtype=float) for group in groups])
    return values, np.repeat(np.arange(len(groups)), [len(group) for group in groups])


@pytest.mark.parametrize(
    ("first", "second", "p"),
    [
        (
            [2, 3, 3, 5, 5, 5, 8, 9, 12, 4, 4],
            [1, 2, 2, 3, 3, 3, 4, 5, 5, 1, 1, 1, 6, 2],
            0.0128487459057,
        ),
        ([1, 2, 2, 3, 3, 3, 5, 7, 7, 9], [1, 1, 2, 2, 3, 4], 0.11963036963),
    ],
)
def test_goldens_with_ties(first, second, p):
    """R coin 1.4-2: pvalue(wilcox_test(c(x, y) ~ g, distribution = "exact"))."""
    result = mann_whitney_exact(*coded(first, second))
    assert result.p == pytest.approx(p, rel=1e-10)
    assert result.method.endswith("exact, permutation distribution given the ties")


@settings(max_examples=60)
@given(st.lists(st.integers(0, 4), min_size=3, max_size=9), st.data())
def test_equals_the_enumeration_of_all_permutations(values, data):
    """The p is the share of all choices of the first group with U as far from its mean."""
    size = data.draw(st.integers(1, len(values) - 1))
    if len(set(values)) < 2:
        return
    ranks = stats.rankdata(values)
    sums = [sum(chosen) for chosen in itertools.combinations(ranks, size)]
    mean = size * (len(values) + 1) / 2
    observed = abs(sum(ranks[:size]) - mean)
    expected = np.mean([abs(total - mean) >= observed - 1e-9 for total in sums])
    result = mann_whitney_exact(*coded(values[:size], values[size:]))
    assert result.p == pytest.approx(expected, rel=1e-12)


@given(st.permutations(range(12)), st.integers(1, 11))
def test_without_ties_it_is_the_usual_exact_test(order, size):
    """U, p and name are those of mann_whitney, and p is scipy's."""
    data = coded(order[:size], order[size:])
    result, usual = mann_whitney_exact(*data), mann_whitney(*data)
    assert (result.statistic, result.method) == (usual.statistic, usual.method)
    assert result.p == pytest.approx(usual.p, rel=1e-12)
    expected = stats.mannwhitneyu(order[:size], order[size:], method="exact")
    assert result.p == pytest.approx(expected.pvalue, rel=1e-10)


@given(
    st.lists(st.integers(0, 5), min_size=2, max_size=20),
    st.lists(st.integers(0, 5), min_size=2, max_size=20),
)
def test_swapped_groups_and_monotone_changes_keep_p(first, second):
    """Neither the order of groups nor an increasing change of the values matters."""
    if len(set(first + second)) < 2:
        return
    values, groups = coded(first, second)
    p = mann_whitney_exact(values, groups).p
    assert mann_whitney_exact(values, 1 - groups).p == pytest.approx(p, rel=1e-12)
    assert mann_whitney_exact(-np.exp(values), groups).p == pytest.approx(p, rel=1e-12)


def test_p_is_never_below_the_attainable_minimum():
    """Three against three cannot give less than 2 / 20."""
    assert mann_whitney_exact(*coded([1, 1, 2], [5, 5, 6])).p == pytest.approx(0.1)


def test_missing_values_are_counted_and_nothing_to_compare_is_said():
    """Missing values leave units out; a single group gives no p."""
    result = mann_whitney_exact([1.0, NAN, 2.0, 2.0, 7.0], [0, 0, -1, 1, 1])
    assert (result.n, result.n_missing) == (3, 2)
    for values, groups, reason in (
        ([NAN], [0], "every value is missing"),
        ([1.0, 2.0], [0, 0], "only one group"),
        ([2.0, 2.0], [0, 1], "all values are the same"),
    ):
        none = mann_whitney_exact(values, groups)
        assert none.p is None
        assert reason in none.warnings[0]


def test_three_groups_and_large_groups_are_refused():
    """The message names the number and what to use instead."""
    with pytest.raises(StatisticsError, match=r"found 3\. Use kruskal_wallis"):
        mann_whitney_exact([1, 2, 3], [0, 1, 2])
    with pytest.raises(StatisticsError, match="found 150 x 150"):
        mann_whitney_exact(range(300), [0] * 150 + [1] * 150)
