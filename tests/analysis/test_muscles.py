"""Muscle by muscle: grades before and after, by hand, and what happens to bad scans."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mri_data import scan, visits

from myocohort.analysis.imaging.muscle_grades import NO_SCAN, read_grades
from myocohort.analysis.imaging.muscles import (
    describe_muscles,
    methods_of_muscles,
    references_of_muscles,
)
from myocohort.analysis.section import NOT_DETERMINED
from myocohort.analysis.sections import describe_section
from myocohort.study.standard import MUSCLES
from myocohort.study.studyfile import Imaging

BODY = '[imaging]\nmonths = [3, 12]\nscales = { fat = "modified-mercuri" }\n'
PEOPLE = {name: ("refractory", {}) for name in ("P1", "P2", "P3")}


@pytest.fixture
def described(make_asked):
    """Return a function from readings to the section; three patients and a control."""

    def run(*readings, body=BODY, people=PEOPLE):
        section = describe_muscles(
            make_asked(
                body,
                patients=[*({"patient": p} for p in people), {"patient": "C1", "arm": "c"}],
                visits=visits(people),
                mri_readings=[row for rows in readings for row in rows],
            )
        )
        json.dumps(section, allow_nan=False)
        return section

    return run


def one(patient, month, grade, muscle="gracilis", side="right", **options):
    """Return a reading of one muscle-side."""
    given = {"scale": "modified-mercuri", "reader": "R1", "automatic": "no", "date": None}
    return {"patient": patient, "month": float(month), "muscle": muscle, "side": side,
            "grade": float(grade), **given, **options}  # fmt: skip


def row_of(section, muscle="gracilis", side="right", code="all", scale=0):
    """Return the row of one muscle-side in one group."""
    groups = section["scales"][scale]["groups"]
    rows = next(group["rows"] for group in groups if group["code"] == code)
    return next(row for row in rows if (row["muscle"], row["side"]) == (muscle, side))


def test_grades_are_counted_one_by_one(described):
    """Grades 2, 2 and 5 before treatment; nothing is merged, and the mean is 3."""
    row = row_of(described([one("P1", 0, 2), one("P2", 0, 2), one("P3", 0, 5)]))
    before = row["before"]
    assert (before["n"], before["missing"], before["mean"], before["median"]) == (3, 0, 3.0, 2.0)
    assert before["sd"] == pytest.approx(np.std([2, 2, 5], ddof=1))
    assert (before["grades"], before["between"]) == ([0, 0, 2, 0, 0, 1], [])
    assert row["difference"]["n"] == 0
    assert row["difference"]["mean"] is None


def test_a_muscle_that_nobody_read_has_no_grade_and_is_not_zero(described):
    """Of a scan with one muscle the others are missing."""
    row = row_of(described([one("P1", 0, 1)]), "sartorius", "left")
    assert (row["before"]["n"], row["before"]["missing"], row["before"]["mean"]) == (0, 3, None)
    assert row["before"]["grades"] == [0] * 6


def test_the_month_is_that_with_most_patients_and_the_later_one_of_equals(described):
    """Two patients at month 3, one at month 12: month 3; two at both: month 12."""
    readings = [one(p, m, 1) for p, m in (("P1", 0), ("P2", 0), ("P1", 3), ("P2", 3), ("P1", 12))]
    first = described(readings)
    assert first["month"] == 3
    assert first["months"][0] == {"month": 3, "scans": [{"scale": "fat", "n": 2}]}
    assert described([*readings, one("P2", 12, 1)])["month"] == 12


def test_differences_are_paired(described):
    """P1 1 to 3, P2 4 to 3, P3 only before: +2 and -1, mean 0.5 of two pairs."""
    section = described(
        [one("P1", 0, 1), one("P1", 12, 3), one("P2", 0, 4), one("P2", 12, 3), one("P3", 0, 0)]
    )
    row = row_of(section)
    change = row["difference"]
    assert (change["n"], change["missing"], change["mean"]) == (2, 1, 0.5)
    assert (change["min"], change["max"]) == (-1.0, 2.0)
    assert (change["rose"], change["same"], change["fell"]) == (1, 0, 1)
    assert row["before"]["mean"] == pytest.approx(5 / 3)
    scans = section["scales"][0]["groups"][0]["scans"]
    assert scans["before"] == {"n": 3, "missing": 0, "reasons": {}}
    assert scans["after"]["reasons"] == {"no MRI near month 12 beside one before treatment": 1}


def test_several_readers_are_averaged_and_halves_stay_halves(described):
    """Readers with 2 and 3 give 2.5, counted by itself; the notes say that it happened."""
    section = described([one("P1", 0, 2), one("P1", 0, 3, reader="R2"), one("P2", 0, 2)])
    before = row_of(section)["before"]
    assert before["grades"] == [0, 0, 1, 0, 0, 0]
    assert before["between"] == [{"grade": 2.5, "n": 1}]
    assert any(note.startswith("1 readings are a further reader's") for note in section["notes"])


def test_automatic_and_ungraded_readings_do_not_count(described):
    """Only the reader's grade is used; what was left out is said."""
    section = described([one("P1", 0, 1), one("P2", 0, 5, automatic="yes"), one("P3", 0, np.nan)])
    assert row_of(section)["before"]["n"] == 1
    assert any("1 automatic readings" in note for note in section["notes"])
    assert any("1 readings carry no grade" in note for note in section["notes"])


@pytest.mark.parametrize(
    ("body", "readings", "reason"),
    [
        ("", [], "the study file has no [imaging]."),
        (BODY, [], "the records hold no graded MRI reading of a planned muscle and scale."),
        (BODY, [one("P1", 0, 1, automatic="yes")], "no MRI reading counts: 1 are automatic"),
        (BODY, [one("P1", 12, 1)], "MRI was read after the start of treatment only"),
    ],
)
def test_without_grades_the_section_says_why(described, body, readings, reason):
    """No plan, no reading, or automatic readings only."""
    section = described(readings, body=body)
    assert section["left_out"].startswith(reason)
    assert methods_of_muscles({"muscles": section}) == ""
    assert references_of_muscles({"muscles": section}) == []


def test_scans_of_one_month_only_give_no_difference(described):
    """All MRI before treatment: the rows stand, and the note says that nothing follows."""
    section = described(scan("P1", 0, 24), scan("P2", 0, 48), scan("C1", 0, 24))
    row = row_of(section)
    assert (row["before"]["n"], row["after"]["n"]) == (2, 0)
    assert any(note.startswith("No followed patient has a scan near") for note in section["notes"])
    assert row_of(section, code="c")["before"]["mean"] == 1.0


def test_groups_are_all_outcomes_and_controls(described):
    """Everybody followed, their outcomes, and the control arm also where it has no scan."""
    people = {"P1": ("refractory", {}), "P2": ("non_refractory", {}), "P3": ("refractory", {})}
    section = described([one("P1", 0, 1), one("P2", 0, 3)], people=people)
    groups = section["scales"][0]["groups"]
    assert [(g["by"], g["code"], g["n"]) for g in groups] == [
        ("all", "all", 3), ("outcome", "refractory", 2), ("outcome", "non_refractory", 1),
        ("controls", "c", 1),
    ]  # fmt: skip
    assert groups[3]["left_out"] == "nobody has a grade on this scale."
    assert groups[3]["rows"] == []
    assert groups[3]["scans"]["before"]["reasons"] == {NO_SCAN: 1}
    assert groups[0]["scans"]["before"] == {"n": 2, "missing": 1, "reasons": {NO_SCAN: 1}}


def test_several_followed_arms_are_groups_of_their_own(make_asked):
    """With two followed arms each is described, also one without a patient."""
    body = '[arms.b]\nlabel = "b"\n' + BODY
    asked = make_asked(body, patients=[{"patient": "P1"}], mri_readings=[one("P1", 0, 1)])
    groups = describe_muscles(asked)["scales"][0]["groups"]
    assert [(g["by"], g["code"], g["n"]) for g in groups if g["by"] == "arm"] == [
        ("arm", "a", 1), ("arm", "b", 0),
    ]  # fmt: skip


def test_only_a_control_was_scanned(described):
    """Nobody who is followed has a scan: the control's grades stand, the others are missing."""
    section = described([one("C1", 0, 4)])
    assert section["left_out"] == ""
    assert row_of(section, code="c")["before"]["grades"] == [0, 0, 0, 0, 1, 0]


def test_rebuilt_readings_are_said_to_be_rebuilt_first(make_asked):
    """The first note names the columns that no publication determines."""
    columns = [
        {"table": "mri_readings", "column": "grade", "kind": "one of many", "why": ""},
        {"table": "mri_readings", "column": "side", "kind": "determined", "why": ""},
    ]
    asked = make_asked(BODY, columns, patients=[{"patient": "P1"}], mri_readings=[one("P1", 0, 1)])
    section = describe_section("muscles", asked)
    assert section["notes"][0].startswith(NOT_DETERMINED)
    assert "grade (mri_readings)" in section["notes"][0]
    words = methods_of_muscles({"muscles": section})
    assert "Fatty infiltration" in words
    assert "rebuilt" not in words.casefold()


def records_of(grades: np.ndarray, *, swap: bool = False) -> SimpleNamespace:
    """Return records of whole scans, shape (patients, 24), right before left; NaN not read."""
    sides = ("left", "right") if swap else ("right", "left")
    slots = [(muscle, side) for muscle in MUSCLES for side in sides]
    readings = [
        one(f"P{number}", 0, grade, muscle, side)
        for number, row in enumerate(grades)
        for (muscle, side), grade in zip(slots, row, strict=True)
    ]
    people = [f"P{number}" for number in range(len(grades))]
    patients = pd.DataFrame({"patient": people, "treatment_start": None})
    return SimpleNamespace(patients=patients, mri_readings=pd.DataFrame(readings))


@settings(max_examples=25)
@given(
    st.lists(
        st.lists(st.sampled_from([0, 1, 2, 3, 4, 5, np.nan]), min_size=24, max_size=24),
        min_size=1,
        max_size=4,
    )
)
def test_mirrored_sides_mirror_the_grades(rows):
    """Right and left exchanged in the records are exchanged in every patient's grades."""
    plan = Imaging(scales={"fat": "modified-mercuri"})
    grades = np.array(rows)
    first = read_grades(plan, records_of(grades), "fat").before.grades
    second = read_grades(plan, records_of(grades, swap=True), "fat").before.grades
    np.testing.assert_array_equal(first, grades)
    np.testing.assert_array_equal(second[:, 0::2], first[:, 1::2])
    np.testing.assert_array_equal(second[:, 1::2], first[:, 0::2])
