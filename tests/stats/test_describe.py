"""Summaries, cross tables and screening."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from myocohort.errors import StatisticsError
from myocohort.stats.counts import cross_tabulate
from myocohort.stats.describe import describe_counts, describe_values
from myocohort.stats.result import Result
from myocohort.stats.screening import screen

NAN = float("nan")


def test_quartiles_are_those_of_the_named_definition():
    """Of 1, 2, 4, 8 the definitions give quartiles 1.25 and 7 (SPSS), 1.75 and 5 (R).

    R: quantile(c(1, 2, 4, 8), c(.25, .75), type = 6) and type = 7.
    """
    spss = describe_values([8.0, 1.0, 4.0, 2.0, NAN])
    assert (spss.n, spss.n_missing, spss.median) == (4, 1, 3.0)
    assert (spss.lower_quartile, spss.upper_quartile) == (1.25, 7.0)
    assert "HAVERAGE" in spss.quantile_definition
    r = describe_values([8.0, 1.0, 4.0, 2.0], quantiles="linear")
    assert (r.lower_quartile, r.median, r.upper_quartile) == (1.75, 3.0, 5.0)
    assert (r.minimum, r.maximum) == (1.0, 8.0)
    assert r.sd == pytest.approx(np.std([1, 2, 4, 8], ddof=1))


def test_one_value_has_no_sd_and_no_value_has_nothing():
    """The SD of one value is missing, not 0; of no value all is missing."""
    one = describe_values([3.0, NAN])
    assert (one.n, one.mean, one.sd, one.median, one.lower_quartile) == (1, 3.0, None, 3.0, 3.0)
    none = describe_values([NAN, NAN])
    assert (none.n, none.n_missing, none.mean, none.median, none.minimum) == (
        0,
        2,
        None,
        None,
        None,
    )


@given(st.integers(2, 30), st.sampled_from([0.1, 0.7, 1e-3]))
def test_equal_values_have_an_sd_of_exactly_0(n, value):
    """Rounding does not make a constant vary."""
    summary = describe_values([value] * n)
    assert (summary.mean, summary.sd) == (value, 0.0)


def test_counts_and_percentages():
    """Percentages are of those with a known category."""
    summary = describe_counts([0, 2, 2, -1, 2], 4)
    assert (summary.n, summary.n_missing, summary.counts) == (4, 1, (1, 0, 3, 0))
    assert summary.percentages == (25.0, 0.0, 75.0, 0.0)
    assert describe_counts([-1, -1], 2).percentages == (None, None)


def test_cross_table_counts_and_missing():
    """Every unit with both codes is counted once, the others are missing."""
    table, n_missing = cross_tabulate([0, 1, 1, -1, 1], [0, 0, 2, 1, -1], 2, 3)
    np.testing.assert_array_equal(table, [[1, 0, 0], [1, 0, 1]])
    assert n_missing == 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: describe_counts([0, 5], 3), "run from 0 to 2; found 5"),
        (lambda: describe_counts([0.5], 3), "whole numbers"),
        (lambda: describe_values([1.0], quantiles="hinges"), "found 'hinges'"),
        (lambda: describe_values([float("inf")]), "found inf"),
        (lambda: cross_tabulate([0, 1], [0], 2, 2), "one code per unit"),
        (lambda: cross_tabulate([0, 2], [0, 1], 2, 2), "group codes run from 0 to 1; found 2"),
        (lambda: cross_tabulate([0.0], [0], 2, 2), "group codes are whole"),
        (lambda: screen({}, threshold=10), "between 0 and 1"),
    ],
)
def test_bad_input_is_refused(call, message):
    """Each impossible request ends with a message that names it."""
    with pytest.raises(StatisticsError, match=message):
        call()


def test_screening_is_strict():
    """A p equal to the threshold does not pass; no p is neither passed nor failed."""
    results = {
        name: Result(question="", method="", n=10, p=p)
        for name, p in (("ILD", 0.0999), ("age", 0.10), ("CK", None), ("sex", 0.5))
    }
    screening = screen(results, threshold=0.10)
    assert screening.passed == ("ILD",)
    assert screening.failed == ("age", "sex")
    assert screening.untested == ("CK",)
