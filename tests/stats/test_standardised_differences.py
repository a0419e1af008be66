"""Standardised differences against tableone and by their properties."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tableone.statistics import Statistics

from myocohort.errors import StatisticsError
from myocohort.stats.standardised_difference import (
    standardised_difference,
    standardised_difference_of_categories,
)

NAN = float("nan")
Z = 1.959963984540054

groups_of_values = st.tuples(
    st.lists(st.integers(0, 50), min_size=2, max_size=15),
    st.lists(st.integers(0, 50), min_size=2, max_size=15),
).filter(lambda pair: np.ptp(pair[0]) + np.ptp(pair[1]) > 0)


def coded(*groups):
    """Join groups into values and codes."""
    values = np.concatenate([np.asarray(group, dtype=float) for group in groups])
    return values, np.repeat(np.arange(len(groups)), [len(group) for group in groups])


@given(groups_of_values)
def test_means_agree_with_tableone(pair):
    """Difference and standard error are tableone's (which takes second less first)."""
    expected, se = Statistics()._cont_smd(
        mean1=np.mean(pair[1]),
        mean2=np.mean(pair[0]),
        sd1=np.std(pair[1], ddof=1),
        sd2=np.std(pair[0], ddof=1),
        n1=len(pair[1]),
        n2=len(pair[0]),
    )
    result = standardised_difference(*coded(*pair))
    assert result.estimate == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert result.interval.high == pytest.approx(expected + Z * se, rel=1e-9)


@given(
    st.integers(2, 5).flatmap(
        lambda k: st.lists(
            st.lists(st.integers(1, 30), min_size=k, max_size=k), min_size=2, max_size=2
        )
    )
)
def test_categories_agree_with_tableone(table):
    """Distance and standard error are tableone's, for two and more categories."""
    n1, n2 = (sum(row) for row in table)
    expected, se = Statistics()._cat_smd(
        prop1=np.array(table[0]) / n1, prop2=np.array(table[1]) / n2, n1=n1, n2=n2
    )
    result = standardised_difference_of_categories(table)
    assert result.estimate == pytest.approx(expected, rel=1e-6, abs=1e-7)
    assert result.interval.low == pytest.approx(expected - Z * se, rel=1e-6, abs=1e-7)


@given(st.lists(st.lists(st.integers(1, 30), min_size=2, max_size=2), min_size=2, max_size=2))
def test_an_event_gives_the_difference_its_sign(table):
    """Two categories: (p1 - p2) / sqrt of the mean of p (1 - p), Yang & Dalton 2012, p. 2."""
    p1, p2 = (row[0] / sum(row) for row in table)
    expected = (p1 - p2) / math.sqrt((p1 * (1 - p1) + p2 * (1 - p2)) / 2)
    signed = standardised_difference_of_categories(table, event=0)
    assert signed.estimate == pytest.approx(expected, abs=1e-9)
    other = standardised_difference_of_categories(table, event=1)
    assert other.estimate == pytest.approx(-expected, abs=1e-9)
    plain = standardised_difference_of_categories(table)
    assert plain.estimate == pytest.approx(abs(expected), abs=1e-9)


@given(groups_of_values, st.integers(-5, 5), st.sampled_from([0.5, 2.0, 10.0]))
def test_units_and_order_do_not_matter(pair, shift, scale):
    """Another unit keeps the difference, swapped groups swap its sign."""
    values, groups = coded(*pair)
    estimate = standardised_difference(values, groups).estimate
    changed = standardised_difference(shift + scale * values, groups).estimate
    assert changed == pytest.approx(estimate, abs=1e-9)
    turned = standardised_difference(values, 1 - groups).estimate
    assert turned == pytest.approx(-estimate, abs=1e-12)


def test_infinite_where_no_group_varies():
    """Groups that differ without varying are infinitely far apart, and a warning says so."""
    means = standardised_difference(*coded([1.0, 1.0], [3.0, 3.0]))
    assert (means.estimate, means.interval) == (-math.inf, None)
    risks = standardised_difference_of_categories([[5, 0], [0, 7]], event=1)
    assert risks.estimate == -math.inf
    categories = standardised_difference_of_categories([[3, 4, 0], [0, 0, 5]])
    assert categories.estimate == math.inf
    assert "neither of them varies" in categories.warnings[0]
    json.dumps(categories.as_dict(), allow_nan=False)


def test_an_empty_category_does_not_change_the_distance():
    """A category that nobody is in is left out and named; one group may lack a category."""
    full = standardised_difference_of_categories([[3, 4, 2], [6, 0, 5]])
    gap = standardised_difference_of_categories([[3, 0, 4, 2], [6, 0, 0, 5]])
    assert gap.estimate == pytest.approx(full.estimate)
    assert "category number 2" in gap.warnings[0]
    assert math.isfinite(full.estimate)


def test_no_difference_where_nothing_can_be_compared():
    """An empty group, a group of one or a constant gives no estimate and says why."""
    for values, groups, reason in (
        ([1.0, 2.0], [0, 0], "only one group"),
        ([1.0, 2.0, 4.0], [0, 1, 1], "one value has no variance"),
        ([2.0, 2.0, 2.0, 2.0], [0, 0, 1, 1], "all values are the same"),
        ([NAN, NAN], [0, 1], "every value is missing"),
    ):
        result = standardised_difference(values, groups)
        assert (result.estimate, result.interval, result.p) == (None, None, None)
        assert reason in result.warnings[0]
    assert standardised_difference_of_categories([[0, 0], [3, 5]]).estimate is None


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: standardised_difference([1, 2, 3], [0, 1, 2]), "two groups; found 3"),
        (lambda: standardised_difference([1, 2, 3, 5], [0, 0, 1, 1], level=95), "confidence"),
        (lambda: standardised_difference_of_categories([[1, 2]]), "two groups; found 1"),
        (lambda: standardised_difference_of_categories([[1, 2], [3, 4]], event=2), "column 2 of 2"),
        (
            lambda: standardised_difference_of_categories([[1, 2, 3], [3, 4, 5]], event=0),
            "column 0 of 3",
        ),
    ],
)
def test_bad_requests_for_a_difference_are_refused(call, message):
    """Each impossible request ends with a message that names it."""
    with pytest.raises(StatisticsError, match=message):
        call()
