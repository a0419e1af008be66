"""Two measurements of one patient compared."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measured_json import (
    SIDES,
    find,
    grade,
    measured,
    muscle,
    slices,
    with_each,
)

from myocohort.errors import InputError
from myocohort.mri.compare import compare_measurements
from myocohort.mri.measurement import read_measurement
from myocohort.study.standard import MUSCLES

NO_PATIENT = "A measurement has no patient's code"


def compare(before, after, **options):
    """Compare two contents."""
    first, second = read_measurement(before, "before.json"), read_measurement(after, "after.json")
    return compare_measurements(first, second, **options)


def doubts(compared):
    """Return the warnings, but the one that every nameless measurement has."""
    return [one for one in compared["warnings"] if not one.startswith(NO_PATIENT)]


def test_the_change_has_the_sds_of_both_and_a_rate_from_the_dates():
    """.2 to .3 with SDs of .02 is .1 -+ 1.96 x .0283; 91 days are 2.99 months of 30.4375."""
    found = compare(measured("2020-01-01", 0.2), measured("2020-04-01", 0.3))
    fat = find(found)["fat_fraction"]
    reach = 1.959964 * math.hypot(0.02, 0.02)
    assert fat["change"] == pytest.approx(0.1)
    assert (fat["low"], fat["high"]) == pytest.approx((0.1 - reach, 0.1 + reach), abs=1e-6)
    assert found["months"] == {"value": pytest.approx(91 / 30.4375), "from": "dates"}
    assert fat["rate"]["value"] == pytest.approx(0.1 / (91 / 30.4375))
    assert fat["rate"]["low"] == pytest.approx(fat["low"] / (91 / 30.4375))
    assert doubts(found) == []


def test_the_mean_is_no_surer_than_its_muscles():
    """All muscle-sides share the scan's anchors: 24 of them do not narrow the interval."""
    found = compare(measured("2020-01-01", 0.2), measured("2020-04-01", 0.3))
    mean, fat = found["mean_fat_fraction"], find(found)["fat_fraction"]
    assert mean["muscle_sides"] == 24
    assert (mean["change"], mean["sd"]) == (pytest.approx(0.1), pytest.approx(fat["sd"]))


def test_totals_and_rates_are_those_of_the_study():
    """24 grades 1 to 2 in 3 months are 8 points a month; falling oedema is positive."""
    after = with_each(measured(), grade=grade(2), oedema_grade=grade(1, scale="oedema-0-5"))
    totals = compare(measured(), after, months=3)["totals"]
    assert totals["grade"]["change"] == {"low": 24, "high": 24}
    assert totals["grade"]["rate"] == {
        "low": 8, "high": 8, "positive": "increase", "unit": "points per month",
    }  # fmt: skip
    assert totals["oedema_grade"]["change"] == {"low": -24, "high": -24}
    assert totals["oedema_grade"]["rate"]["low"] == 8
    assert totals["grade"]["incomplete"] == ""


def test_a_range_of_grades_stays_a_range():
    """1-2 to 3 is a change of 1 to 2, and of 24 muscle-sides 24 to 48."""
    before = with_each(measured(), grade=grade(1, 2))
    found = compare(before, with_each(measured(), grade=grade(3)), months=2)
    row = find(found)["grade"]
    assert (row["low"], row["high"], row["change"]) == (1, 2, None)
    assert row["before"] == {"low": "1", "high": "2"}
    assert found["totals"]["grade"]["change"] == {"low": 24, "high": 48}
    assert (found["totals"]["grade"]["rate"]["low"], found["totals"]["grade"]["rate"]["high"]) == (
        12, 24,
    )  # fmt: skip


def test_a_likeliest_grade_does_not_collapse_its_range():
    """A proposal of 2 within 1 to 3 counts as 1 to 3."""
    before = with_each(measured(), grade=grade(1, 3, proposal="2"))
    row = find(compare(before, measured(), months=1))["grade"]
    assert (row["low"], row["high"]) == (-2, 0)


def test_letters_of_a_scale_count_by_their_place():
    """2A to 2B of Leung's scale is one grade."""
    first, second = (
        with_each(measured(), grade=grade(code, scale="mercuri-leung")) for code in ("2A", "2B")
    )
    assert find(compare(first, second, months=1))["grade"]["change"] == 1


def test_a_total_over_fewer_muscles_says_so():
    """20 muscle-sides of a label map without two muscles are no total score of the scale."""
    names = [name for name in MUSCLES if name not in ("gluteus maximus", "adductor longus")]
    total = compare(measured(muscles=names), measured(muscles=names), months=1)["totals"]["grade"]
    assert total["muscle_sides"] == 20
    assert "only 20 of 24" in total["incomplete"]


def test_a_muscle_without_a_grade_is_left_out_of_the_total_by_name():
    """An unread muscle-side is listed, and the total says that it is incomplete."""
    after = measured()
    after["muscles"][0]["grade"] = None
    total = compare(measured(), after, months=1)["totals"]["grade"]
    assert total["left_out"] == [{"name": "gluteus maximus", "side": "left"}]
    assert total["muscle_sides"] == 23
    assert total["incomplete"]


def test_the_wrong_order_is_an_error():
    """A scan before that is younger than the scan after is refused."""
    with pytest.raises(InputError, match="2020-04-01 and 2020-01-01"):
        compare(measured("2020-04-01"), measured("2020-01-01"))


def test_two_patients_are_an_error():
    """Files that name two patients are refused, without repeating their codes."""
    with pytest.raises(InputError) as caught:
        compare(measured(patient="P1"), measured(patient="P2"))
    assert "P1" not in str(caught.value)


@pytest.mark.parametrize("dates", [("2020-01-01", "2020-01-01"), (None, "2020-01-01")])
def test_without_months_there_is_no_rate(dates):
    """The same date twice, or no date: the change stands, a rate does not."""
    found = compare(*(measured(date) for date in dates))
    assert found["months"]["value"] is None
    assert find(found)["fat_fraction"]["rate"] is None
    assert any("no rate" in one for one in found["warnings"])


def test_months_that_contradict_the_dates_are_said():
    """Stated months count, and a difference from the dates is a warning."""
    found = compare(measured("2020-01-01"), measured("2020-04-01"), months=6)
    assert found["months"] == {"value": 6, "from": "stated"}
    assert any("by the dates it is 3.0" in one for one in found["warnings"])


def dixon(**options):
    """Return a measurement by Dixon."""
    references = {"fat": {"method": "two-point Dixon", "muscle": {"source": "spared muscle"}}}
    return measured(references=references, **options)


def test_t1_and_dixon_are_not_compared():
    """Fat fractions and fat grades by different methods have no change, volumes have."""
    row = find(compare(measured(), dixon(), months=1))
    assert row["fat_fraction"]["change"] is None
    assert "T1 and Dixon" in row["fat_fraction"]["reason"]
    assert row["grade"]["low"] is None
    assert row["volume_ml"]["change"] == 0
    assert row["oedema_grade"]["change"] == 0


def test_other_scales_and_calibrations_are_not_compared():
    """Grades on another scale, its other version, or calibrated differently have no change."""
    for changed in (
        grade(1, scale="goutallier"),
        grade(1, version="2"),
        grade(1, basis="calibrated on 40 patients"),
    ):
        found = compare(measured(), with_each(measured(), grade=changed), months=1)
        assert find(found)["grade"]["low"] is None
        assert find(found)["grade"]["reason"]
        assert any("grades of fat are withheld" in one for one in found["warnings"])
        assert found["totals"]["grade"]["change"] is None


def test_literal_and_default_bands_of_one_scale_are_compared():
    """Which band a muscle falls into is no difference of the method."""
    after = with_each(measured(), grade=grade(2, basis="project default"))
    assert find(compare(measured(), after, months=1))["grade"]["change"] == 1


def test_other_anchors_are_a_warning():
    """A muscle anchor from controls, beside one from a spared muscle, is said."""
    after = measured(
        "2020-02-01",
        references={"fat": {"method": "T1, N4 and anchors", "muscle": {"source": "controls"}}},
    )
    (warning,) = doubts(compare(measured(), after))
    assert "fat.muscle.source: 'spared muscle' and 'controls'" in warning


def test_another_coverage_warns_and_restricts_to_common_slices():
    """Slices at 0-30 and 20-50 mm share those at 20 and 30; volumes are not compared."""
    before, after = measured(), measured()
    for row in before["muscles"]:
        row["slices"] = slices([0.1, 0.1, 0.3, 0.3])
    after["coverage"]["slices"] = 5
    after["coverage"]["length_mm"] = 50.0
    for row in after["muscles"]:
        row["slices"] = slices([0.4, 0.4, 0.9, 0.9, 0.9], first=20.0)
    found = compare(before, after, months=1)
    row = find(found)
    assert any("slices 4 and 5; length 40 and 50 mm" in one for one in found["warnings"])
    assert found["common_slices"]["pairs"] == [[20.0, 20.0], [30.0, 30.0]]
    assert "not anatomical" in found["common_slices"]["how"]
    part = row["common_slices"]
    assert part["slices"] == 2
    assert part["fat_fraction"]["change"] == pytest.approx(0.1)
    # SDs grow as if all error were noise: by the root of 4/2 and of 5/2 times the voxels.
    sd = math.hypot(0.02 * math.sqrt(2), 0.02 * math.sqrt(2.5))
    assert part["fat_fraction"]["sd"] == pytest.approx(sd)
    assert row["volume_ml"]["change"] is None
    assert "4 slices before and 5 after" in row["volume_ml"]["reason"]


def test_a_landmark_s_shift_moves_the_slices():
    """The same slices 200 mm higher have none in common, and all with the shift."""
    after = measured("2020-02-01")
    for row in after["muscles"]:
        row["slices"] = slices(0.2, first=200.0)
    apart = compare(measured(), after)
    assert apart["common_slices"]["pairs"] == []
    assert any("No slice" in one for one in apart["warnings"])
    moved = compare(measured(), after, shift_mm=200.0)
    assert moved["common_slices"]["all"]
    assert doubts(moved) == []


def test_cross_sections_that_differ_are_doubted():
    """Half the cross-section in matched slices means another level, or great loss."""
    after = measured()
    for row in after["muscles"]:
        for one in row["slices"]:
            one["area_cm2"] = 5.0
    assert any("cross-sections" in one for one in compare(measured(), after)["warnings"])


def test_exchanged_sides_are_noticed():
    """A muscle that is fat on the left, and then on the right, is no course of disease."""
    first, second = measured(), measured()
    for content, fat_side in ((first, "left"), (second, "right")):
        content["muscles"] = [
            muscle(name, side, 0.5 if side == fat_side else 0.2)
            for name in MUSCLES[:4]
            for side in SIDES
        ]
    assert any("exchanged" in one for one in compare(first, second, months=1)["warnings"])
    assert not any("exchanged" in one for one in compare(first, first, months=1)["warnings"])


def test_what_was_not_measured_has_a_reason():
    """A missing fat fraction has no change and says where it is missing."""
    fat = find(compare(measured(), with_each(measured(), fat_fraction=None), months=1))[
        "fat_fraction"
    ]
    assert (fat["change"], fat["low"], fat["reason"]) == (None, None, "not measured after")


def test_all_problems_of_a_file_are_said_at_once():
    """A wrong side, a fraction above 1, an unknown scale and grade, and a twin."""
    content = measured()
    rows = content["muscles"]
    rows[0]["side"] = "middle"
    rows[1]["fat_fraction"] = 1.2
    rows[2]["grade"] = grade(1, scale="mercuri")
    rows[3]["grade"] = grade(7)
    rows[5] = dict(rows[4])
    with pytest.raises(InputError) as caught:
        read_measurement(content, "x.json")
    assert [problem.key for problem in caught.value.problems] == [
        "muscles.0.side", "muscles.1.fat_fraction", "muscles.2.grade.scale", "muscles.3.grade",
        "muscles.5",
    ]  # fmt: skip


@pytest.mark.parametrize("content", [[], {}, {"muscles": {}}, {"muscles": []}, {"muscles": [1]}])
def test_other_json_is_refused(content):
    """What is no measurement is an error, not an empty comparison."""
    with pytest.raises(InputError):
        read_measurement(content, "x.json")


@given(
    before=st.floats(0, 1), after=st.floats(0, 1),
    ends=st.lists(st.integers(0, 5), min_size=4, max_size=4),
)  # fmt: skip
def test_exchanging_the_scans_inverts_every_change(before, after, ends):
    """Change, interval and range of grades of B against A are those of A against B, negated."""
    low, high = sorted(ends[:2]), sorted(ends[2:])
    first = measured(None, before, MUSCLES[:1])
    second = measured(None, after, MUSCLES[:1])
    with_each(first, grade=grade(*low))
    with_each(second, grade=grade(*high))
    there, back = (
        find(compare(a, b, months=1), "gluteus maximus")
        for a, b in ((first, second), (second, first))
    )
    for name in ("fat_fraction", "grade"):
        assert there[name]["low"] == pytest.approx(-back[name]["high"])
        assert there[name]["high"] == pytest.approx(-back[name]["low"])


def test_stir_on_a_grid_of_its_own_is_compared_with_the_other_s_scan():
    """STIR of 3 slices before, and on the T1's grid of 4 after, cover different parts."""
    before = measured("2020-01-01")
    before["coverage_stir"] = {**before["coverage"], "slices": 3}
    (warning,) = doubts(compare(before, measured("2020-02-01")))
    assert warning.startswith("The coverage of STIR differs (slices 3 and 4)")
