"""The MMT8 with its denominator."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from myocohort.errors import InputError
from myocohort.outcomes.mmt8 import (
    AXIAL,
    KENDALL_TO_MRC,
    MUSCLES,
    Grade,
    Muscles,
    Parameters,
    definition,
    measured,
    score,
)
from myocohort.study.standard import MRC_SCORES

LIMBS = MUSCLES[1:]


def both(grade="10", **changed):
    """Return grades of all muscles on both sides; changed by place, such as left_deltoid."""
    places = [(AXIAL, None)] + [(muscle, side) for muscle in LIMBS for side in ("right", "left")]
    return Muscles(
        "P1",
        tuple(
            Grade(
                muscle, side,
                changed.get(f"{side + '_' if side else ''}{muscle}".replace(" ", "_"), grade),
            )
            for muscle, side in places
        ),
    )  # fmt: skip


def test_full_strength_is_150_on_both_sides_and_80_on_one():
    """15 grades of 10 on both sides (the neck counts once), 8 on one (IMACS form 04)."""
    found = score(both(), Parameters())
    assert (found.value, found.out_of, len(found.items)) == (150, 150, 15)
    found = score(both(), Parameters(sides="one"))
    assert (found.value, found.out_of, len(found.items)) == (80, 80, 8)
    assert found.statement == "80 of 80"


def test_a_sum_by_hand():
    """Neck 6, both deltoids 5 and 7, left quadriceps 4, all others 10: 150-4-5-3-6 = 132."""
    grades = both(neck_flexors="6", right_deltoid="5", left_deltoid="7", left_quadriceps="4")
    found = score(grades, Parameters())
    assert found.value == 132
    assert str(measured(found)) == "132 of 150"
    # On the right side only: 80-4-5 = 71; on the left: 80-4-3-6 = 67.
    assert score(grades, Parameters(sides="one")).value == 71
    assert score(grades, Parameters(sides="one", preferred_side="left")).value == 67


def test_a_missing_muscle_is_not_zero():
    """Without the left deltoid 140 of 150 is 140 to 150, and the muscle is named."""
    found = score(both(left_deltoid=None), Parameters())
    assert (found.low, found.high, found.value) == (140, 150, None)
    assert found.missing == ("left deltoid",)
    assert measured(found) is None
    assert score(Muscles("P1", ()), Parameters()).statement.startswith("0 to 150 of 150; missing: ")


def test_the_other_side_stands_in_on_one_side():
    """Form 04: the right side, and the left where the right cannot be tested."""
    found = score(both(right_deltoid=None, left_deltoid="4"), Parameters(sides="one"))
    assert found.value == 74
    assert any(item.name == "left_deltoid" for item in found.items)
    found = score(both(right_deltoid=None, left_deltoid=None), Parameters(sides="one"))
    assert (found.low, found.high) == (70, 80)
    assert found.missing == ("deltoid on either side",)


def test_a_trace_lies_between_0_and_1_unless_it_is_set():
    """The form gives T no number: a range by default, a number where the study sets one."""
    trace = both(left_deltoid="T")
    found = score(trace, Parameters())
    assert (found.low, found.high) == (140, 141)
    assert found.missing == ("the points of a trace (left deltoid)",)
    assert score(trace, Parameters(trace_points=0)).value == 140
    assert "counted as 0.5" in " ".join(definition(Parameters(trace_points="0.5")))


def test_kendall_to_mrc_keeps_the_original():
    """10=5, 9=4+, 8=4, 7=4-, 6=3+, 5=3, 4=3-, 3=2+, 2=2, 1=2-, T=1, 0=0 (IMACS form 04)."""
    expected = {"10": "5", "9": "4+", "8": "4", "7": "4-", "6": "3+", "5": "3", "4": "3-",
                "3": "2+", "2": "2", "1": "2-", "T": "1", "0": "0"}  # fmt: skip
    assert expected == KENDALL_TO_MRC
    assert set(KENDALL_TO_MRC.values()) <= set(MRC_SCORES)
    grade = Grade("deltoid", "left", "7")
    assert (grade.kendall, grade.mrc, str(grade)) == ("7", "4-", "left deltoid 7 (MRC 4-)")


@pytest.mark.parametrize(
    ("grade", "said"),
    [
        (Grade("deltoid", "left", "11"), "0 to 10 or T on the Kendall scale; found '11'"),
        (Grade("deltoid", "left", "4-"), "MRC codes such as 4- are another scale"),
        (Grade("deltoid", "left", "-1"), "found '-1'"),
        (Grade("deltoid", None, "5"), "the side of the deltoid is right or left"),
        (Grade("neck flexors", "left", "5"), "the neck flexors are axial and have no side"),
        (Grade("trapezius", "left", "5"), "found 'trapezius'. Leave other muscles out"),
    ],
)
def test_impossible_grades_are_refused(grade, said):
    """A grade, side or muscle that the form does not know is refused, not summed."""
    with pytest.raises(InputError) as error:
        score(Muscles("P1", (grade,)), Parameters())
    assert said in str(error.value)


def test_a_muscle_graded_twice_is_refused():
    """Two grades of the left deltoid at one visit are not averaged."""
    twice = (Grade("deltoid", "left", "5"), Grade("deltoid", "left", "6"))
    with pytest.raises(InputError, match="found 'deltoid left, 2 times'"):
        score(Muscles("P1", twice), Parameters())


def test_trace_points_beyond_a_grade_are_refused():
    """A trace is at most 1."""
    with pytest.raises(ValidationError):
        Parameters(trace_points=2)


@given(st.lists(st.none() | st.sampled_from(list(KENDALL_TO_MRC)), min_size=15, max_size=15))
def test_the_range_holds_every_completion(given_grades):
    """Filling missing grades and traces with 0 and with their most spans exactly the range."""
    template = both().grades
    grades = Muscles(
        "P1",
        tuple(Grade(g.muscle, g.side, k) for g, k in zip(template, given_grades, strict=True)),
    )
    found = score(grades, Parameters())
    known = [int(k) for k in given_grades if k not in (None, "T")]
    assert found.low == sum(known)
    assert found.high == sum(known) + 10 * given_grades.count(None) + given_grades.count("T")
    assert 0 <= found.low <= found.high <= 150
