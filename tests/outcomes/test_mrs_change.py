"""Change of mRS, with death reported apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from myocohort.errors import InputError
from myocohort.outcomes.mrs_change import CATEGORIES, Parameters, TwoGrades, definition, score


def changed(before, after, **parameters):
    """Return the change of one patient."""
    return score(TwoGrades("P1", before, after), Parameters(**parameters))


@pytest.mark.parametrize(
    ("before", "after", "change", "category"),
    [(4, 1, 3, "better"), (2, 2, 0, "unchanged"), (1, 5, -4, "worse"), (3, 2, 1, "better")],
)
def test_a_change_counts_towards_improvement(before, after, change, category):
    """MRS 4 to 1 is three grades better."""
    found = changed(before, after)
    assert (found.value, found.category) == (change, category)


def test_death_is_not_one_grade_worse():
    """MRS 6 is a category of its own and has no difference, whatever was before."""
    for before in (5, 0, None):
        found = changed(before, 6)
        assert (found.category, found.value, found.low) == ("died", None, None)


def test_a_missing_grade_is_not_unchanged():
    """From 4, a survivor ends 4 better to 1 worse, and death stays possible."""
    found = changed(4, None)
    assert (found.low, found.high) == (-1, 4)
    assert found.categories == CATEGORIES
    assert found.statement.startswith("died, worse, unchanged or better (a change of -1 to +4")
    found = changed(None, 0)
    assert (found.low, found.high) == (0, 5)
    assert found.categories == ("unchanged", "better")
    assert found.missing == ("mRS at baseline",)


def test_how_many_grades_count_is_a_parameter():
    """With two grades, 4 to 3 is unchanged."""
    assert changed(4, 3, grades=2).category == "unchanged"
    assert changed(4, 2, grades=2).category == "better"
    assert "2 grades" in definition(Parameters(grades=2))[0]
    with pytest.raises(ValidationError):
        Parameters(grades=0)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [(6, 1, "mRS at baseline is a whole number from 0 to 5; found '6'"),
     (7, 1, "found '7'"), (3, 7, "from 0 to 6; found '7'"), (-1, 2, "found '-1'"),
     (2.5, 2, "found '2.5'"), (True, 2, "found 'True'")],
)  # fmt: skip
def test_impossible_grades_are_refused(before, after, said):
    """Half grades, grades beyond the scale and a dead patient at baseline are refused."""
    with pytest.raises(InputError) as error:
        changed(before, after)
    assert said in str(error.value)


@given(st.none() | st.integers(0, 5), st.none() | st.integers(0, 5), st.integers(1, 5))
def test_the_range_holds_every_completion(before, after, grades):
    """Any survivor's grades in place of missing ones lie in the range and the categories."""
    found = changed(before, after, grades=grades)
    for start in range(6) if before is None else (before,):
        for end in range(6) if after is None else (after,):
            closed = changed(start, end, grades=grades)
            assert found.low <= closed.value <= found.high
            assert closed.category in found.categories
