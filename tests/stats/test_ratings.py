"""From a long table to readings, and the registry of agreement."""

from __future__ import annotations

import json

import numpy as np
import pytest
from agreement_data import FIVE_GRADES, FOUR_OBSERVERS

from myocohort.errors import InputError
from myocohort.stats.agreement import AGREEMENT
from myocohort.stats.ratings import agreement_weights, rating_matrix


def test_long_table_becomes_a_matrix():
    """Units and raters stand in the order of their appearance; what was not read is NaN."""
    matrix = rating_matrix(
        ["b", "a", "b", "a", "c"], ["x", "x", "y", "y", "y"], [1, 2.0, "3", None, 4]
    )
    assert matrix.units == ("b", "a", "c")
    assert matrix.raters == ("x", "y")
    np.testing.assert_array_equal(matrix.values, [[1, 3], [2, np.nan], [np.nan, 4]])
    assert matrix.categories == ()


def test_words_become_positions_and_numbers_stay():
    """Grades in words are 0, 1, 2 in the scale's order; numbers keep their values."""
    words = rating_matrix(
        [1, 1], ["x", "y"], ["mild", "severe"], categories=["none", "mild", "severe"]
    )
    np.testing.assert_array_equal(words.values, [[1, 2]])
    assert words.categories == (0.0, 1.0, 2.0)
    numbers = rating_matrix([1, 1], ["x", "y"], [2.0, "3"], categories=[1, 2, 3])
    np.testing.assert_array_equal(numbers.values, [[2, 3]])
    assert numbers.categories == (1.0, 2.0, 3.0)


def test_all_problems_at_once_without_names():
    """Every problem is told with its row, and no name of a unit or rater is repeated."""
    with pytest.raises(InputError) as caught:
        rating_matrix(
            ["Anna", "Anna", "", "Bert", "Bert"],
            ["Dr Who", "Dr Who", "Dr Who", None, "Dr No"],
            [1, 2, 3, 1, 9],
            categories=[1, 2, 3],
        )
    problems = caught.value.problems
    assert [problem.row for problem in problems] == [3, 4, 5, 6]
    text = str(caught.value)
    assert "row 2 is the same pair" in text
    assert "each reading has a unit" in text
    assert "each reading has a rater" in text
    assert "found '9'" in text
    assert not any(name in text for name in ("Anna", "Bert", "Who"))


@pytest.mark.parametrize(
    ("columns", "categories", "message"),
    [
        ((["a"], ["x"], [1]), None, "at least two raters"),
        (([], [], []), None, "at least two raters"),
        ((["a"], ["x", "y"], [1]), None, "same length"),
        ((["a", "a"], ["x", "y"], [1, "two"]), None, "found 'two'"),
        ((["a", "a"], ["x", "y"], [1, "inf"]), None, "found 'inf'"),
        ((["a", "a"], ["x", "y"], [1, 1]), [1, 1], "names each once"),
    ],
)
def test_long_table_refused(columns, categories, message):
    """What cannot be a table of readings is refused with the rule and the value."""
    with pytest.raises(InputError, match=message):
        rating_matrix(*columns, categories=categories)


def test_weights_are_the_published_ones():
    """The vignette of irrCAC: for three grades linear 1, .5, 0 and quadratic 1, .75, 0."""
    np.testing.assert_array_equal(agreement_weights("unweighted", 3), np.eye(3))
    np.testing.assert_array_equal(agreement_weights("linear", 3)[0], [1, 0.5, 0])
    np.testing.assert_array_equal(agreement_weights("quadratic", 3)[0], [1, 0.75, 0])


@pytest.mark.parametrize("name", AGREEMENT)
def test_every_measure_keeps_the_contract(name):
    """A measure answers with method, n, source, estimate and interval, as plain JSON."""
    measure = AGREEMENT[name]
    ratings = FOUR_OBSERVERS[:, 1:3] if measure.raters == "two" else FOUR_OBSERVERS
    grades = {"categories": FIVE_GRADES} if measure.takes == "grades" else {}
    result = measure.run(ratings, **grades, question="asked", level=0.9)
    assert measure.name == name
    assert result.question == "asked"
    assert result.method
    assert result.reference
    assert result.n > 0
    assert result.estimate is not None
    assert result.interval.low < result.estimate < result.interval.high
    assert result.interval.level == 0.9
    p = getattr(result, "p_if_chance", None) if result.p is None else result.p
    assert p is not None or result.warnings
    json.dumps(result.as_dict(), allow_nan=False)
