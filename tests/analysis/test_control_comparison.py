"""Patients against controls: MRI by muscle, and blots, against R and by hand."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from myocohort.analysis.controls.blot_comparison import compare_blots, plain_name
from myocohort.analysis.controls.controls import (
    describe_controls,
    methods_of_controls,
    references_of_controls,
)
from myocohort.analysis.controls.two_groups import MOST_PAIRS, adjust, compare_two
from myocohort.analysis.section import MOST_LISTED
from myocohort.analysis.sections import describe_section

BODY = '[imaging]\nmonths = [3]\nmuscles = ["gracilis", "sartorius"]\n'
TIED = (
    [0, 0.5, 1, 1, 1.5, 2, 2, 2.5, 3, 3, 4, 4.5],
    [0, 0, 0, 0.5, 0.5, 1, 1, 1.5, 2, 2, 2.5],
)
UNTIED = ([0.59, 0.55, 0.66, 0.48, 0.50, 0.515, 0.592], [0.68, 0.57, 0.52, 0.489])


def compared(first, second):
    """Compare two lists."""
    found = compare_two(np.array(first, dtype=float), np.array(second, dtype=float), "Question?")
    json.dumps(found, allow_nan=False)
    return found


def test_tied_values_of_ten_or_more_are_those_of_r():
    """R 4.2.2: wilcox.test(x, y, exact = FALSE, correct = TRUE, conf.int = TRUE); W 97.5.

    Its limits -1.07e-05 and 2.00002 are found by iteration; they are differences of values.
    """
    found = compared(*TIED)
    assert found["p"] == pytest.approx(0.05415435332, abs=1e-9)
    assert found["statistic"] == 97.5
    assert found["shift"]["estimate"] == 1.0
    assert found["shift"]["interval"]["low"] == 0.0
    assert found["shift"]["interval"]["high"] == 2.0
    assert found["smallest_p"] is None
    assert "asymptotic with tie correction, with continuity correction" in found["test"]


def test_untied_values_are_exact_as_in_r():
    """R 4.2.2: wilcox.test(p, h, exact = TRUE, conf.int = TRUE); W 13."""
    found = compared(*UNTIED)
    assert found["p"] == pytest.approx(0.927272727273, abs=1e-11)
    assert found["statistic"] == 13
    assert found["shift"]["estimate"] == pytest.approx(-0.007)
    interval = found["shift"]["interval"]
    assert (interval["low"], interval["high"]) == (pytest.approx(-0.13), pytest.approx(0.101))
    assert found["smallest_p"] == pytest.approx(2 / math.comb(11, 4))


def test_few_tied_values_are_exact_given_their_ties():
    """199 of the 462 ways to choose 5 of 11 lie as far from the mean (enumeration; R's coin).

    R: wilcox_test(v ~ g, distribution = "exact") gives 0.430735930735931. No limits are of
    that family, and none are given.
    """
    found = compared([0, 0.5, 1, 2, 2], [0, 0, 0.5, 1, 1, 1.5])
    assert found["p"] == pytest.approx(199 / 462)
    assert found["shift"] is None
    assert any(warning.startswith("no shift") for warning in found["warnings"])
    assert found["delta"]["estimate"] == pytest.approx(
        2 * stats.mannwhitneyu([0, 0.5, 1, 2, 2], [0, 0, 0.5, 1, 1, 1.5]).statistic / 30 - 1
    )


def test_fourteen_against_four_cannot_go_below_two_of_3060():
    """Groups that do not overlap have the smallest p that is possible: 2 of C(18, 4)."""
    found = compared(np.linspace(0.6, 0.9, 14), [0.2, 0.25, 0.3, 0.35])
    assert found["p"] == found["smallest_p"] == pytest.approx(2 / 3060)


def test_too_small_groups_say_that_nothing_is_excluded():
    """Three against two: the limits are infinite, and the reason stands beside them."""
    found = compared([1.0, 2.0, 3.0], [4.0, 5.0])
    assert found["shift"]["interval"]["low"] == "-inf"
    assert found["shift"]["interval"]["high"] == "inf"
    assert any("too few to exclude any shift" in warning for warning in found["warnings"])
    assert found["p"] == found["smallest_p"] == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ([np.nan], [np.nan], "every value is missing"),
        ([1.0, 2.0], [np.nan], "only one group has a value"),
        ([], [1.0], "only one group has a value"),
        ([0.0] * 12, [0.0] * 12, "all values are the same"),
    ],
)
def test_nothing_to_compare_has_no_p_and_a_reason(first, second, reason):
    """No value, one group, or one value in all: never a p, an effect or an exception."""
    found = compared(first, second)
    assert (found["p"], found["shift"], found["smallest_p"]) == (None, None, None)
    assert reason in " ".join(found["warnings"])


def test_many_values_have_a_p_and_no_shift():
    """Beyond 250,000 pairs only the test and Cliff's delta are computed, and that is said."""
    draw = np.random.default_rng(4)
    first, second = draw.integers(0, 6, 700), draw.integers(0, 6, 700)
    assert len(first) * len(second) > MOST_PAIRS
    found = compared(first, second)
    wanted = stats.mannwhitneyu(first, second, method="asymptotic", use_continuity=True)
    assert found["p"] == pytest.approx(wanted.pvalue, rel=1e-9)
    assert found["shift"] is None
    assert found["delta"]["interval"] is not None


grades = st.lists(st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0, 3.5, 5.0]), min_size=2, max_size=14)


@given(grades, grades)
def test_swapping_the_groups_mirrors_everything(first, second):
    """Shift, its limits and Cliff's delta change their sign, p stays."""
    one, other = compared(first, second), compared(second, first)
    assert one["p"] == (None if other["p"] is None else pytest.approx(other["p"]))
    assert one["smallest_p"] == (
        None if other["smallest_p"] is None else pytest.approx(other["smallest_p"])
    )
    if one["delta"] is not None:
        assert one["delta"]["estimate"] == pytest.approx(-other["delta"]["estimate"])
    assert (one["shift"] is None) == (other["shift"] is None)
    if one["shift"] is None:
        return
    assert one["shift"]["estimate"] == pytest.approx(-other["shift"]["estimate"])
    low, high = (float(one["shift"]["interval"][end]) for end in ("low", "high"))
    mirrored = other["shift"]["interval"]
    assert (low, high) == (
        pytest.approx(-float(mirrored["high"])), pytest.approx(-float(mirrored["low"]))
    )  # fmt: skip


def test_the_family_is_adjusted_as_in_r():
    """R: p.adjust(c(0.01, 0.04, 0.03, 0.5), "holm") and "BH"; one without a p is left out."""
    rows = [{"p": p} for p in (0.01, 0.04, None, 0.03, 0.5)]
    family = adjust(rows)
    assert [row["holm"] for row in rows] == pytest.approx([0.04, 0.09, None, 0.09, 0.5])
    wanted = [0.04, 0.0533333333333, None, 0.0533333333333, 0.5]
    assert [row["benjamini_hochberg"] for row in rows] == pytest.approx(wanted)
    assert (family["asked"], family["tests"]) == (5, 4)
    assert family["below"] == {"level": 0.05, "raw": 3, "holm": 1, "benjamini_hochberg": 1}


def reading(patient, muscle, side, grade, scale="modified-mercuri"):
    """Return a reading before treatment."""
    return {"patient": patient, "month": 0.0, "date": None, "muscle": muscle, "side": side,
            "scale": scale, "grade": float(grade), "reader": "R1", "automatic": "no"}  # fmt: skip


def both(patient, right, left, **options):
    """Return the readings of both sides of gracilis."""
    return [
        reading(patient, "gracilis", side, grade, **options)
        for side, grade in (("right", right), ("left", left))
    ]


@pytest.fixture
def described(make_asked):
    """Return a function from readings and lanes to the section."""

    def run(readings=(), blots=(), body=BODY, patients=("P1", "P2", "P3"), controls=("C1", "C2")):
        people = [{"patient": p} for p in patients]
        people += [{"patient": c, "arm": "c"} for c in controls]
        section = describe_controls(
            make_asked(body, patients=people, mri_readings=list(readings), blots=list(blots))
        )
        json.dumps(section, allow_nan=False)
        assert isinstance(methods_of_controls({"controls": section}), str)
        assert all(references_of_controls({"controls": section}))
        return section

    return run


def test_a_patient_s_value_is_the_mean_of_both_sides(described):
    """(1 + 2) / 2 and (4 + 5) / 2 against (0 + 1) / 2; who was read on one side has no value."""
    readings = [*both("P1", 1, 2), *both("P2", 4, 5), *both("C1", 0, 1)]
    readings.append(reading("P3", "gracilis", "right", 5))
    arm = described(readings)["imaging"]["arms"][0]
    row = next(r for r in arm["rows"] if (r["name"], r["muscle"]) == ("fat", "gracilis"))
    assert (row["patients"]["n"], row["patients"]["mean"]) == (2, 3.0)
    assert row["patients"]["reasons"] == {"not read on both sides": 1}
    assert (row["controls"]["n"], row["controls"]["mean"]) == (1, 0.5)
    assert row["controls"]["missing"] == 1
    assert row["controls"]["reasons"] == {"no MRI on this scale": 1}
    assert arm["scanned"] == {"patients": 3, "controls": 1}


def test_the_family_is_muscles_times_scales(described):
    """Two muscles on two scales are four comparisons; those never read have no p."""
    readings = [row for p, g in zip(("P1", "P2", "P3"), (3, 4, 5), strict=True)
                for row in both(p, g, g)]  # fmt: skip
    readings += [*both("C1", 0, 1), *both("C2", 1, 1)]
    section = described(readings)["imaging"]
    family = section["arms"][0]["family"]
    assert (family["asked"], family["tests"]) == (4, 1)
    assert any("4 = 2 muscles on 2 scales" in note for note in section["notes"])


def test_sides_are_described_in_pairs(described):
    """Right less left 1 and -2 in the patients: mean -0.5, right higher once, left once."""
    section = described([*both("P1", 2, 1), *both("P2", 1, 3), *both("C1", 1, 1)])
    sides = section["imaging"]["sides"]
    row = next(
        s for s in sides if (s["code"], s["name"], s["muscle"]) == ("all", "fat", "gracilis")
    )
    assert (row["n"], row["missing"], row["mean"]) == (2, 1, -0.5)
    assert (row["right_higher"], row["same"], row["left_higher"]) == (1, 0, 1)
    assert "p" not in row


def test_readings_of_one_side_are_not_said_to_be_absent(described):
    """There are grades, but no value of both sides to compare."""
    section = described([reading(who, "gracilis", "right", 2) for who in ("P1", "C1")])
    assert "no muscle was read on both sides" in section["left_out"]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"controls": ()}, "no control is in the records."),
        ({"patients": ()}, "no followed patient is in the records."),
        ({}, "MRI: the records hold no graded MRI reading"),
    ],
)
def test_without_two_groups_the_section_says_why(described, options, reason):
    """An empty arm, nobody followed, or neither MRI nor blots."""
    assert described(**options)["left_out"].startswith(reason)


def test_a_study_without_controls_has_no_such_section(make_plan, make_asked, tmp_path):
    """Controls are asked for by the role of an arm."""
    asked = make_asked(BODY, patients=[{"patient": "P1"}])
    arms = {"a": asked.plan.study.arms["a"]}
    study = asked.plan.study.model_copy(update={"arms": arms})
    plan = type(asked.plan)(study, asked.plan.rule, asked.plan.parameters)
    fields = {name: getattr(asked, name) for name in asked.__slots__}
    section = describe_controls(type(asked)(**{**fields, "plan": plan}))
    assert section["left_out"] == "the study has no arm of controls."


def test_several_followed_arms_are_compared_together(described):
    """Their patients are one group, and the notes say so."""
    readings = [*both("P1", 1, 2), *both("P2", 4, 5), *both("C1", 0, 1)]
    section = described(readings, body='[arms.b]\nlabel = "b"\n' + BODY)
    assert section["notes"] == ["The patients of all arms that are followed are compared together."]


def lane(patient, number, target, density, membrane="m1"):
    """Return a lane of a blot."""
    return {"patient": patient, "membrane": membrane, "lane": float(number), "target": target,
            "density": density}  # fmt: skip


def lanes(targets, membrane="m1"):
    """Return lanes of P1, P2, C1 and C2 from target -> densities."""
    people = ("P1", "P2", "C1", "C2")
    return [
        lane(patient, number, target, density, membrane)
        for target, densities in targets.items()
        for number, (patient, density) in enumerate(zip(people, densities, strict=True), start=1)
    ]


def blots_of(rows):
    """Compare lanes of P1 to P3 with C1 and C2."""
    frame = pd.DataFrame(rows, columns=["patient", "membrane", "lane", "target", "density"])
    found = compare_blots(frame, ["P1", "P2", "P3"], {"c": ["C1", "C2"]}, {"c": "healthy"})
    json.dumps(found, allow_nan=False)
    return found


def test_densities_are_divided_by_the_loading_control():
    """200 / 100 and 90 / 30 of the patients; actin itself is no target."""
    found = blots_of(lanes({"BAFF": (200, 90, 50, 30), "Actin": (100, 30, 100, 60)}))
    assert found["loading"] == "Actin"
    (target,) = found["targets"]
    (row,) = target["comparisons"]
    assert [v["value"] for v in row["values"]] == [2.0, 3.0, 0.5, 0.5]
    assert (row["patients"]["n"], row["patients"]["missing"], row["patients"]["lanes"]) == (2, 1, 2)
    assert found["lanes"][0]["value"] == 2.0


def test_membranes_with_a_loading_control_are_compared_together_and_each():
    """Two membranes: three comparisons, of which the one of both is in the family."""
    rows = lanes({"BAFF": (2, 9, 5, 3), "actin": (1, 3, 4, 6)})
    rows += lanes({"BAFF": (3, 8, 6, 2), "actin": (1, 4, 4, 5)}, membrane="m2")
    found = blots_of(rows)
    comparisons = found["targets"][0]["comparisons"]
    assert [(c["membrane"], c["in_family"]) for c in comparisons] == [
        ("", True), ("m1", False), ("m2", False),
    ]  # fmt: skip
    # P1: (2/1 + 3/1) / 2; one value a patient although each has two lanes
    assert comparisons[0]["values"][0]["value"] == pytest.approx(2.5)
    assert comparisons[0]["patients"]["lanes"] == 4
    assert any("averaged within their membrane" in note for note in found["notes"])
    assert comparisons[1]["holm"] is None
    assert found["families"][0]["tests"] == 1


def test_lanes_are_averaged_within_a_membrane_before_membranes_are():
    """Lanes 1 and 3 on one membrane and 8 on another give (2 + 8) / 2, not 4."""
    rows = [lane("P1", 1, "BAFF", 1.0), lane("P1", 2, "BAFF", 3.0),
            lane("P1", 1, "BAFF", 8.0, "m2"), lane("C1", 3, "BAFF", 1.0),
            lane("C1", 2, "BAFF", 2.0, "m2")]  # fmt: skip
    rows += [{**row, "target": "GAPDH", "density": 1.0} for row in rows]
    values = blots_of(rows)["targets"][0]["comparisons"][0]["values"]
    assert values[0] == {"patient": "P1", "group": "patients", "value": 5.0}


def test_raw_densities_are_compared_on_one_membrane_only():
    """Without a loading control nothing is pooled over membranes, and that is said."""
    rows = lanes({"BAFF": (2, 9, 5, 3)}) + lanes({"BAFF": (30, 80, 60, 20)}, membrane="m2")
    found = blots_of(rows)
    assert found["loading"] is None
    assert [c["membrane"] for c in found["targets"][0]["comparisons"]] == ["m1", "m2"]
    assert any("not comparable" in note for note in found["notes"])
    single = blots_of(lanes({"BAFF": (2, 9, 5, 3)}))
    assert [c["membrane"] for c in single["targets"][0]["comparisons"]] == [""]


def test_a_membrane_without_the_loading_control_is_left_out_by_name():
    """Its lanes have no value, and each says why."""
    rows = lanes({"BAFF": (2, 9, 5, 3), "GAPDH": (1, 3, 4, 6)})
    rows += lanes({"BAFF": (30, 80, 60, 20)}, membrane="bare")
    found = blots_of(rows)
    (row,) = found["targets"][0]["comparisons"]
    assert row["patients"]["lanes_without_value"] == 2
    assert any("without GAPDH (bare)" in note for note in found["notes"])
    assert {one["why"] for one in found["lanes"] if one["membrane"] == "bare"} == {
        "no GAPDH in this lane"
    }


def test_bad_densities_are_left_out_with_a_reason_and_negative_ones_kept():
    """A missing density, a loading control of 0, and a density below 0."""
    rows = lanes({"BAFF": (np.nan, 9, -5, 3), "actin": (1, 0, 4, 6)})
    found = blots_of([*rows, lane("P3", 5, "BAFF", 6.0), lane("P3", 5, "actin", 2.0)])
    why = {(one["patient"], one["why"]) for one in found["lanes"] if one["why"]}
    assert why == {("P1", "no density recorded"), ("P2", "actin is not above 0")}
    assert found["targets"][0]["comparisons"][0]["controls"]["min"] == -1.25
    assert any("1 densities are below 0" in note for note in found["notes"])


def test_one_target_spelled_in_two_ways_is_one_target():
    """Case and Greek letters do not make another target; the first spelling is printed."""
    rows = lanes({"BAFF-R": (2, 9, 5, 3), "\u03b2-Actin": (1, 3, 4, 6)})
    rows += [lane("P3", 5, "baff-r", 4.0), lane("P3", 5, "beta-actin", 2.0)]
    found = blots_of(rows)
    assert found["loading"] == "\u03b2-Actin"
    assert [(t["target"], t["comparisons"][0]["patients"]["n"]) for t in found["targets"]] == [
        ("BAFF-R", 3)
    ]
    assert plain_name("  Total   Protein ") == "total protein"


def test_blots_of_one_group_only_are_left_out():
    """Patients alone cannot be compared; neither can nobody."""
    assert blots_of([lane("P1", 1, "BAFF", 2.0)])["left_out"].startswith("no target has a density")
    assert blots_of([])["left_out"].startswith("the records hold no blot")


def test_hundreds_of_blots_are_summarised_only():
    """Beyond 200 patients no lane and no value is listed, and the results say so."""
    people = [f"P{number}" for number in range(MOST_LISTED + 10)]
    rows = [lane(p, 1, "BAFF", float(i % 7)) for i, p in enumerate(people)]
    rows += [lane("C1", 2, "BAFF", 3.5), lane("C2", 3, "BAFF", 2.5)]
    frame = pd.DataFrame(rows)
    found = compare_blots(frame, people, {"c": ["C1", "C2"]}, {"c": "healthy"})
    assert found["lanes"] == []
    assert str(MOST_LISTED) in found["lanes_left_out"]
    assert found["targets"][0]["comparisons"][0]["values"] == []
    assert found["targets"][0]["comparisons"][0]["patients"]["n"] == len(people)


def test_rebuilt_blots_are_said_to_be_rebuilt_first(make_asked):
    """The first note names the columns that no publication determines."""
    columns = [{"table": "blots", "column": "density", "kind": "illustrative", "why": ""}]
    people = [{"patient": "P1"}, {"patient": "C1", "arm": "c"}]
    rows = [lane("P1", 1, "BAFF", 2.0), lane("C1", 2, "BAFF", 1.0)]
    section = describe_section("controls", make_asked("", columns, patients=people, blots=rows))
    assert section["notes"][0].startswith("Rebuilt, and not determined by the publication")
    assert section["imaging"]["left_out"] == "the study file has no [imaging]."
