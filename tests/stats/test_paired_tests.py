"""McNemar, Wilcoxon signed-rank and Friedman."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats import contingency_tables

from myocohort.errors import StatisticsError
from myocohort.stats.friedman import friedman
from myocohort.stats.mcnemar import mcnemar, mcnemar_from_table
from myocohort.stats.signed_rank import wilcoxon_signed_rank

NAN = float("nan")

# R: ?wilcox.test, Hamilton depression scale before and after (Hollander & Wolfe 1973, p. 29)
BEFORE = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
AFTER = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
TIED = ([3, 5, 5, 7, 2, 9, 4, 6, 8, 5, 4], [1, 5, 3, 8, 2, 4, 3, 2, 8, 1, 5])

# R: ?friedman.test, minutes to round first base in three ways (Hollander & Wolfe 1973, p. 140)
ROUNDING = """5.40 5.50 5.55 5.85 5.70 5.75 5.20 5.60 5.50 5.55 5.50 5.40 5.90 5.85 5.70 5.45 5.55
5.60 5.40 5.40 5.35 5.45 5.50 5.35 5.25 5.15 5.00 5.85 5.80 5.70 5.25 5.20 5.10 5.65 5.55 5.45
5.60 5.35 5.45 5.05 5.00 4.95 5.50 5.50 5.40 5.45 5.55 5.50 5.55 5.55 5.35 5.45 5.50 5.55 5.50
5.45 5.25 5.65 5.60 5.40 5.70 5.65 5.55 6.30 6.30 6.25"""

pairs_of_values = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=2, max_size=25
).filter(lambda rows: any(a != b for a, b in rows))


def test_mcnemar_goldens():
    """R 4.2.2: mcnemar.test(matrix(c(794, 86, 150, 570), 2, byrow = TRUE)) of ?mcnemar.test."""
    table = [[794, 86], [150, 570]]
    corrected = mcnemar_from_table(table, method="asymptotic", continuity=True)
    assert corrected.statistic == pytest.approx(16.8177966102)
    assert corrected.p == pytest.approx(4.11456228135e-05)
    plain = mcnemar_from_table(table, method="asymptotic")
    assert plain.statistic == pytest.approx(17.3559322034)
    assert plain.p == pytest.approx(3.09929344105e-05)
    assert plain.method == "McNemar's test, asymptotic without continuity correction"
    assert plain.n == 1600


@pytest.mark.parametrize(
    ("options", "p", "low", "high"),
    [
        ({}, 0.0654296875, 0.931412258194, 42.799715935268),
        ({"method": "asymptotic"}, 0.0348084788119, 1.0965214932220, 18.4674902636869),
        (
            {"method": "asymptotic", "continuity": True},
            0.0704404292721,
            0.9140572477470,
            30.1152099997360,
        ),
    ],
)
def test_mcnemar_intervals_belong_to_their_p(options, p, low, high):
    """R 4.2.2: binom.test(9, 11), prop.test(9, 11, correct = FALSE or TRUE); limits x / (1 - x)."""
    result = mcnemar_from_table([[3, 9], [2, 5]], **options)
    assert result.estimate == 4.5
    assert result.p == pytest.approx(p, rel=1e-9)
    assert (result.interval.low, result.interval.high) == pytest.approx((low, high), rel=1e-9)


@given(st.tuples(*[st.integers(0, 30)] * 4))
def test_mcnemar_agrees_with_statsmodels(cells):
    """The exact and both asymptotic p values are statsmodels'."""
    table = np.reshape(cells, (2, 2))
    if not table[0, 1] + table[1, 0]:
        return
    for ours, theirs in (
        ({}, {"exact": True}),
        ({"method": "asymptotic"}, {"exact": False, "correction": False}),
    ):
        expected = contingency_tables.mcnemar(table, **theirs).pvalue
        assert mcnemar_from_table(table, **ours).p == pytest.approx(expected, rel=1e-9)


def test_mcnemar_of_values():
    """Yes and no of each unit become the table; a unit with a missing value is left out."""
    first, second = [1, 1, 1, 0, 0, NAN, 1], [0, 0, 1, 1, 0, 1, 0]
    result = mcnemar(first, second)
    assert (result.n, result.n_missing) == (6, 1)
    assert result == mcnemar_from_table([[1, 3], [1, 1]], n_missing=1)
    turned = mcnemar(second, first)
    assert (turned.p, turned.estimate) == (result.p, pytest.approx(1 / result.estimate))


def test_mcnemar_in_one_direction_only_and_without_changes():
    """Changes in one direction give an infinite ratio; no change gives no p."""
    result = mcnemar_from_table([[4, 6], [0, 2]])
    assert (result.estimate, result.interval.high) == (math.inf, math.inf)
    assert result.p == pytest.approx(2 / 2**6)
    assert "no unit changes" in mcnemar_from_table([[4, 0], [0, 2]]).warnings[0]
    assert "no unit is complete" in mcnemar([NAN], [1]).warnings[0]


def test_signed_rank_exact_golden():
    """R 4.2.2: wilcox.test(x, y, paired = TRUE, conf.int = TRUE) of the depression data."""
    result = wilcoxon_signed_rank(BEFORE, AFTER)
    assert (result.statistic, result.p) == (40, 0.0390625)
    assert result.estimate == pytest.approx(0.46)
    assert (result.interval.low, result.interval.high) == pytest.approx((0.01, 0.786))
    assert result.method == "Wilcoxon signed-rank test, exact, no ties"


@pytest.mark.parametrize(
    ("zeros", "exact", "asymptotic"),
    [
        ("wilcoxon", 0.0546875, 0.0482718108517),
        ("pratt", 0.0859375, 0.0704723634193),
    ],
)
def test_signed_rank_with_ties_and_zeros_golden(zeros, exact, asymptotic):
    """R coin 1.4-2: pvalue(wilcoxsign_test(u ~ z, distribution = ..., zero.method = ...))."""
    result = wilcoxon_signed_rank(*TIED, zeros=zeros)
    assert result.p == pytest.approx(exact, rel=1e-12)
    assert "permutation distribution given the ranks" in result.method
    assert "3 of 11 units do not differ" in result.warnings[0]
    assert result.interval is None
    approximate = wilcoxon_signed_rank(*TIED, zeros=zeros, method="asymptotic")
    assert approximate.p == pytest.approx(asymptotic, rel=1e-10)


def test_signed_rank_continuity_golden():
    """R 4.2.2: wilcox.test(u, z, paired = TRUE, exact = FALSE, correct = TRUE): V 32, p .05685.

    The median of the pairwise means is 1.5: median(outer(d, d, "+")[upper triangle] / 2).
    """
    result = wilcoxon_signed_rank(*TIED, method="asymptotic", continuity=True)
    assert (result.statistic, result.estimate) == (32, 1.5)
    assert result.p == pytest.approx(0.0568537936122, rel=1e-10)
    assert "with continuity correction; differences of 0 left out before ranking" in result.method


@given(pairs_of_values)
def test_signed_rank_agrees_with_scipy(rows):
    """The asymptotic p is scipy's for both rules of zeros."""
    x, y = np.array(rows, dtype=float).T
    for ours, theirs in (("wilcoxon", "wilcox"), ("pratt", "pratt")):
        for continuity in (False, True):
            expected = stats.wilcoxon(
                x, y, zero_method=theirs, correction=continuity, method="asymptotic"
            )
            result = wilcoxon_signed_rank(
                x, y, zeros=ours, continuity=continuity, method="asymptotic"
            )
            assert result.p == pytest.approx(expected.pvalue, rel=1e-9)


@settings(max_examples=50)
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=9), st.sampled_from(["wilcoxon", "pratt"]))
def test_signed_rank_equals_the_enumeration_of_all_signs(differences, zeros):
    """The exact p is twice the smaller share of all ways to give signs to the ranks."""
    kept = [d for d in differences if d or zeros == "pratt"]
    ranks = [r for r, d in zip(stats.rankdata(np.abs(kept)), kept, strict=True) if d]
    if not ranks:
        return
    positive = sum(r for r, d in zip(ranks, filter(None, kept), strict=True) if d > 0)
    sums = [
        sum(itertools.compress(ranks, signs))
        for signs in itertools.product((0, 1), repeat=len(ranks))
    ]
    tails = np.mean([s <= positive for s in sums]), np.mean([s >= positive for s in sums])
    result = wilcoxon_signed_rank(differences, [0] * len(differences), zeros=zeros)
    assert result.p == pytest.approx(min(1.0, 2 * min(tails)), rel=1e-12)


@given(st.permutations(range(1, 13)), st.integers(0, 2**12 - 1))
def test_signed_rank_without_ties_agrees_with_scipy(sizes, signs):
    """The exact p is scipy's, and swapped occasions keep it."""
    x = [size if signs >> i & 1 else -size for i, size in enumerate(sizes)]
    zero = [0] * len(x)
    result = wilcoxon_signed_rank(x, zero)
    assert result.p == pytest.approx(stats.wilcoxon(x, method="exact").pvalue, rel=1e-10)
    turned = wilcoxon_signed_rank(zero, x)
    assert (turned.p, turned.estimate) == (result.p, -result.estimate)


def test_decimals_that_rounding_tells_apart_are_ties():
    """0.3 - 0.1 and 0.5 - 0.3 are the same difference, and 0.1 + 0.2 - 0.3 is none."""
    tied = wilcoxon_signed_rank([0.3, 0.5, 0.4, 0.9], [0.1, 0.3, 0.6, 0.1])
    whole = wilcoxon_signed_rank([3, 5, 4, 9], [1, 3, 6, 1])
    assert (tied.p, tied.statistic, tied.method) == (whole.p, whole.statistic, whole.method)
    assert "do not differ" in wilcoxon_signed_rank([0.1 + 0.2, 5], [0.3, 4]).warnings[0]


def test_few_units_exclude_no_difference_and_many_are_asymptotic():
    """Five units cannot reach .05; fifty differences are asymptotic by default."""
    result = wilcoxon_signed_rank([1, 2, 4, 8, 16], [0] * 5)
    assert (result.interval.low, result.interval.high) == (-math.inf, math.inf)
    assert result.p == 2 / 2**5
    assert "asymptotic" in wilcoxon_signed_rank(range(1, 51), [0] * 50).method
    assert "exact" in wilcoxon_signed_rank(range(1, 50), [0] * 49).method


@given(
    st.integers(3, 5).flatmap(
        lambda k: st.lists(
            st.lists(st.integers(0, 6), min_size=k, max_size=k), min_size=2, max_size=15
        )
    )
)
def test_friedman_agrees_with_scipy(rows):
    """Statistic, degrees of freedom and p are scipy's, ties included."""
    values = np.array(rows, dtype=float)
    if (values == values[:, :1]).all():
        assert friedman(*values.T).p is None
        return
    expected = stats.friedmanchisquare(*values.T)
    result = friedman(*values.T)
    assert result.statistic == pytest.approx(expected.statistic, rel=1e-9, abs=1e-10)
    assert result.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert result.df == values.shape[1] - 1


def test_friedman_golden():
    """R 4.2.2: friedman.test(RoundingTimes) gives 11.14285714285714, df 2, p .00380504077551."""
    values = np.array(ROUNDING.split(), dtype=float).reshape(22, 3)
    result = friedman(*values.T)
    assert result.statistic == pytest.approx(11.14285714285714)
    assert result.p == pytest.approx(0.00380504077551)
    assert result.warnings == ()
    few = friedman([1, NAN, 3, 2], [2, 1, 4, 3], [5, 6, 6, 7])
    assert (few.n, few.n_missing) == (3, 1)
    assert "3 units: below 10" in few.warnings[0]


@pytest.mark.parametrize("test", [wilcoxon_signed_rank, mcnemar, friedman])
def test_no_p_without_units_and_without_differences(test):
    """No complete unit, or none that differs, gives no p and says why."""
    for first, second in (([], []), ([NAN, 1], [1, NAN]), ([1, 0, 1], [1, 0, 1])):
        result = test(first, second)
        assert result.p is None
        assert result.warnings[0].startswith("no test: no unit")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: wilcoxon_signed_rank([1, 2], [1, 2, 3]), "found 2, 3 values"),
        (
            lambda: wilcoxon_signed_rank([1, 2], [1, math.inf]),
            "occasion 2 .*found inf at position 2",
        ),
        (lambda: wilcoxon_signed_rank(["a"], [1]), "are numbers"),
        (lambda: wilcoxon_signed_rank([1, 2], [2, 4], method="both"), "method is"),
        (lambda: wilcoxon_signed_rank([1, 2], [2, 4], zeros="split"), "zeros is"),
        (lambda: wilcoxon_signed_rank([1, 2], [2, 4], level=95), "confidence level"),
        (lambda: wilcoxon_signed_rank(range(1, 602), [0] * 601, method="exact"), "found 601"),
        (lambda: mcnemar([1, 2], [0, 1]), "1 for yes and 0 for no; found 2"),
        (lambda: mcnemar([1, 0], [0, 1], method="both"), "method is"),
        (lambda: mcnemar_from_table([[1, 2, 3], [4, 5, 6]]), "found 2 x 3"),
        (lambda: friedman([1, 2, 3]), "at least two occasions; found 1"),
    ],
)
def test_bad_input_of_paired_tests_is_refused(call, message):
    """Each impossible request ends with a message that names it."""
    with pytest.raises(StatisticsError, match=message):
        call()
