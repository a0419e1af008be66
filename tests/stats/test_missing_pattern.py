"""Description of what is missing, and the reading of columns with missing values."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nhanes_data import nhanes2
from scipy import stats

from myocohort.errors import StatisticsError
from myocohort.stats.incomplete import read_columns
from myocohort.stats.missing_pattern import describe_missing

NA = None


def test_patterns_of_nhanes2_are_those_of_mice():
    """R: mice::md.pattern(nhanes2) has 13 complete rows and the patterns below."""
    found = describe_missing(nhanes2())
    assert (found.n, found.n_missing) == (25, 12)
    assert {pattern.missing: pattern.n for pattern in found.patterns} == {
        (): 13,
        ("chl",): 3,
        ("bmi",): 1,
        ("bmi", "hyp"): 1,
        ("bmi", "hyp", "chl"): 7,
    }
    assert {v.name: v.n_missing for v in found.variables} == {
        "age": 0,
        "hyp": 8,
        "bmi": 9,
        "chl": 10,
    }
    assert (found.monotone, found.order) == (False, ())


# R: mice::flux(nhanes2)
FLUX = {
    "age": (0.0, 1.0),
    "bmi": (0.1643835616, 0.1111111111),
    "hyp": (0.1232876712, 0.1481481481),
    "chl": (0.2191780822, 0.1111111111),
}


@pytest.mark.parametrize("name", FLUX)
def test_influx_and_outflux_are_those_of_mice(name):
    """The influx and outflux of each variable are those of R's mice::flux."""
    variable = {v.name: v for v in describe_missing(nhanes2()).variables}[name]
    assert (variable.influx, variable.outflux) == pytest.approx(FLUX[name], abs=1e-10)


def test_a_monotone_pattern_is_recognised_with_its_order():
    """Dropping out for good is monotone; R: mice::flux gives .2, .2 for B and .4, 0 for C."""
    found = describe_missing(
        {"C": [1, 2, NA, NA, NA], "A": [1, 2, 3, 4, 5], "B": [1, 2, 3, NA, NA]}
    )
    assert (found.monotone, found.order) == (True, ("A", "B", "C"))
    flux = {v.name: (v.influx, v.outflux) for v in found.variables}
    assert flux["B"] == pytest.approx((0.2, 0.2))
    assert flux["C"] == pytest.approx((0.4, 0.0))


def test_missingness_is_counted_and_tested_against_the_outcome():
    """Counts per outcome, with Fisher's p of scipy for the same table."""
    ck = [1.0, 2.0, NA, NA, NA, 3.0, 4.0, 5.0, 6.0, 7.0, NA]
    outcome = [1, 1, 1, 1, 1, 0, 0, 0, 0, 0, NA]
    found = describe_missing({"ck": ck, "y": outcome}, outcome="y")
    variable = found.variables[0]
    assert variable.missing_by_outcome == {"0": (0, 5), "1": (3, 5)}
    assert variable.with_outcome.p == pytest.approx(stats.fisher_exact([[0, 3], [5, 2]]).pvalue)
    assert variable.with_outcome.n_missing == 1
    assert found.variables[1].with_outcome is None
    assert {p.missing: dict(p.n_by_outcome) for p in found.patterns}[("ck",)] == {"0": 0, "1": 3}
    json.dumps(found.as_dict(), allow_nan=False)


def test_a_numeric_outcome_is_compared_by_ranks():
    """With a numeric outcome the test of missingness is Mann-Whitney's."""
    score = [1.0, 5.0, 2.0, 8.0, 9.0, 7.0]
    found = describe_missing({"x": [1, NA, 2, NA, NA, 4], "score": score}, outcome="score")
    expected = stats.mannwhitneyu([5.0, 8.0, 9.0], [1.0, 2.0, 7.0], method="exact").pvalue
    assert found.variables[0].with_outcome.p == pytest.approx(expected)
    assert found.variables[0].missing_by_outcome == {}


def test_nothing_missing_and_everything_missing():
    """Complete data have no outflux; a variable without any value is named."""
    complete = describe_missing({"a": [1, 2], "b": ["x", "y"]})
    assert complete.monotone
    assert [v.outflux for v in complete.variables] == [None, None]
    empty = describe_missing({"a": [NA, math.nan], "b": ["", "y"], "y": [0, 1]}, outcome="y")
    assert empty.warnings == ("a has no value in any row",)
    assert empty.variables[0].with_outcome.p is None
    none = describe_missing({"a": [1, NA], "y": [NA, NA]}, outcome="y")
    assert none.variables[0].with_outcome.p is None


@given(
    st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=12),
    st.randoms(),
)
def test_order_of_rows_does_not_matter(flags, random):
    """Patterns, their counts and monotonicity stay when rows change places."""
    rows = [[None if gone else 1.0 for gone in row] for row in flags]
    shuffled = list(rows)
    random.shuffle(shuffled)
    first, second = (
        describe_missing({name: [row[i] for row in order] for i, name in enumerate("abc")})
        for order in (rows, shuffled)
    )
    assert first.patterns == second.patterns
    assert first.monotone == second.monotone
    assert sum(pattern.n for pattern in first.patterns) == len(rows)


def test_columns_are_read_with_their_kind():
    """Kinds are guessed from the values, text and numbers, and can be overruled."""
    frame = pd.DataFrame(
        {
            "ck": [1.5, np.nan, 3.0, 4.0],
            "ild": pd.array([0, 1, pd.NA, 1], dtype="Int64"),
            "sex": ["m", " f", None, "m"],
            "site": ["a", "b", "c", "a"],
            "mrs": [1, 2, 1, 2],
            "flag": [True, False, True, True],
        }
    )
    columns = read_columns(frame, kinds={"mrs": "numeric"})
    assert {name: column.kind for name, column in columns.items()} == {
        "ck": "numeric",
        "ild": "binary",
        "sex": "binary",
        "site": "categorical",
        "mrs": "numeric",
        "flag": "binary",
    }
    assert columns["sex"].levels == ("f", "m")
    assert columns["flag"].levels == ("0", "1")
    np.testing.assert_array_equal(columns["sex"].values, [1.0, 0.0, np.nan, 1.0])
    assert read_columns(frame, ["mrs"], kinds={"mrs": "categorical"})["mrs"].levels == ("1", "2")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: describe_missing({}), "there are no rows"),
        (lambda: describe_missing({"a": []}), "there are no rows"),
        (lambda: describe_missing({"a": [1], "b": [1, 2]}), "'a' 1, 'b' 2"),
        (lambda: describe_missing({"a": [1]}, ["b"]), "no column 'b'; there are 'a'"),
        (lambda: describe_missing({"a": [1]}, outcome="y"), "outcome 'y' is not among"),
        (lambda: read_columns({"a": [1]}, ["a", "a"]), "found 'a' twice"),
        (lambda: read_columns({"a": [1, "high", 2]}), "found 'high' in row 2"),
        (lambda: read_columns({"a": ["x", "y"]}, kinds={"a": "numeric"}), "holds text"),
        (lambda: read_columns({"a": [1, 2, 3]}, kinds={"a": "binary"}), "has 3 values: 1, 2, 3"),
        (lambda: read_columns({"a": [1, 2]}, kinds={"a": "ordinal"}), "a kind is numeric"),
        (lambda: read_columns({"a": [1, math.inf]}), "infinite value"),
        (lambda: read_columns({"a": [1, [2]]}), "of type list"),
        (lambda: read_columns({"a": [1, "x"], "b": ["y", 2]}), "(?s)'a' mixes.*'b' mixes"),
    ],
)
def test_unreadable_columns_are_refused(call, message):
    """Each impossible frame ends with a message that names column and value."""
    with pytest.raises(StatisticsError, match=message):
        call()
