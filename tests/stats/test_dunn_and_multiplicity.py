"""Dunn's comparisons after Kruskal-Wallis; Holm, and Benjamini and Hochberg."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from myocohort.errors import StatisticsError
from myocohort.stats.dunn import dunn
from myocohort.stats.kruskal_wallis import kruskal_wallis
from myocohort.stats.multiplicity import ADJUSTMENTS, benjamini_hochberg, holm

NAN = float("nan")


def coded(*groups):
    """Join groups into values and codes."""
    values = np.concatenate([np.asarray(group, dtype=float) for group in groups])
    return values, np.repeat(np.arange(len(groups)), [len(group) for group in groups])


@pytest.mark.parametrize(
    ("groups", "p", "adjusted"),
    [
        (
            (
                [2.9, 3.0, 2.5, 2.6, 3.2, 3.0],
                [3.8, 2.7, 4.0, 2.4, 3.0],
                [2.8, 3.4, 3.7, 2.2, 2.0, 1.9, 1.9],
            ),
            (0.569627797442347, 0.307385203936805, 0.11926916813612),
            (0.614770407873611, 0.614770407873611, 0.35780750440836),
        ),
        (
            ([1, 2, 2, 3, 1, 4], [5, 6, 6, 8, 7], [3, 3, 4, 9, 10, 2, 6]),
            (0.004959953967458, 0.035419267423386, 0.364470773395952),
            (0.014879861902374, 0.070838534846772, 0.364470773395952),
        ),
    ],
)
def test_dunn_goldens(groups, p, adjusted):
    """Python scikit-posthocs 0.17.1: posthoc_dunn(groups) and posthoc_dunn(..., "holm")."""
    result = dunn(*coded(*groups))
    assert [(pair.first, pair.second) for pair in result.pairs] == [(0, 1), (0, 2), (1, 2)]
    assert [pair.p for pair in result.pairs] == pytest.approx(p, rel=1e-10)
    assert [pair.p_adjusted for pair in result.pairs] == pytest.approx(adjusted, rel=1e-10)
    json.dumps(result.as_dict(), allow_nan=False)


@given(
    st.lists(st.integers(0, 5), min_size=2, max_size=12),
    st.lists(st.integers(0, 5), min_size=2, max_size=12),
)
def test_dunn_of_two_groups_is_kruskal_wallis(first, second):
    """With two groups z squared is H."""
    if len(set(first + second)) < 2:
        return
    data = coded(first, second)
    (pair,) = dunn(*data).pairs
    assert pair.z**2 == pytest.approx(kruskal_wallis(*data).statistic, abs=1e-9)
    assert pair.p == pytest.approx(kruskal_wallis(*data).p, rel=1e-9)


def test_dunn_keeps_the_codes_and_counts_missing_values():
    """Groups are named by the codes given; a group without values is not there."""
    values = [1.0, 2.0, NAN, 4.0, 7.0, 3.0, NAN, 9.0]
    result = dunn(values, [3, 3, 3, 7, 7, -1, 5, 9])
    assert [(pair.first, pair.second) for pair in result.pairs] == [(3, 7), (3, 9), (7, 9)]
    assert [pair.n_first for pair in result.pairs] == [2, 2, 2]
    assert (result.n, result.n_missing) == (5, 3)
    none = dunn([1.0, 1.0], [0, 1])
    assert none.pairs == ()
    assert "all values are the same" in none.warnings[0]


@settings(max_examples=30)  # statsmodels takes its time
@given(st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=20))
def test_adjustments_agree_with_statsmodels(p):
    """Holm and Benjamini-Hochberg are statsmodels' "holm" and "fdr_bh"."""
    for adjust, name in ((holm, "holm"), (benjamini_hochberg, "fdr_bh")):
        expected = multipletests(p, method=name)[1]
        assert adjust(p).adjusted == pytest.approx(expected, rel=1e-12)


def test_adjustment_goldens():
    """R 4.2.2: p.adjust(c(.01, .02, .03, .04, .05, .004), "holm") and "BH"."""
    p = [0.01, 0.02, 0.03, 0.04, 0.05, 0.004]
    assert holm(p).adjusted == pytest.approx((0.05, 0.08, 0.09, 0.09, 0.09, 0.024))
    expected = (0.030, 0.040, 0.045, 0.048, 0.050, 0.024)
    assert benjamini_hochberg(p).adjusted == pytest.approx(expected)


@pytest.mark.parametrize("adjust", ADJUSTMENTS.values())
def test_p_values_that_are_not_there_do_not_count(adjust):
    """None stays None, is not part of the family, and is counted; no p at all is no error."""
    low, high = adjust([0.01, 0.04]).adjusted
    result = adjust([0.01, None, 0.04])
    assert result.adjusted == (low, None, high)
    assert result.family == 2
    assert "1 of 3 left out" in result.warnings[0]
    assert adjust([]).adjusted == ()
    json.dumps(result.as_dict(), allow_nan=False)


@pytest.mark.parametrize("p", [0.0, -0.1, 1.5, NAN])
@pytest.mark.parametrize("adjust", ADJUSTMENTS.values())
def test_what_is_no_p_value_is_refused(adjust, p):
    """The message names the value and its position."""
    with pytest.raises(StatisticsError, match="at position 2"):
        adjust([0.5, p])
