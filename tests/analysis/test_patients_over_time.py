"""CK, strength, doses and time lines of a study, against counts made by hand."""

from __future__ import annotations

import json
import random

import pytest

from myocohort.analysis.over_time.patients_over_time import (
    describe_patients_over_time,
    methods_of_patients_over_time,
    references_of_patients_over_time,
)
from myocohort.analysis.section import MOST_LISTED
from myocohort.outcomes.course import Course, Visit
from myocohort.outcomes.course_events import mrs_near

WEIGHT = (
    '[variables.weight]\nlabel = "Weight"\ntype = "number"\nunit = "kg"\nminimum = 20\n'
    'maximum = 250\ntable = "patients"\n'
)


def person(patient, start="2020-01-01", **more):
    """Return a patient."""
    return {"patient": patient, "treatment_start": start, **more}


def visit(patient, month, ck=500.0, mrc="3", mrs=3, limit=200.0, **more):
    """Return a visit."""
    return {"patient": patient, "month": float(month), "date": None, "mrs": mrs,
            "weakest_mrc": mrc, "ck": ck, "ck_uln_u_per_l": limit, **more}  # fmt: skip


def drug(patient, dose=10.0, unit="mg/day", name="prednisone", start="2020-01-01", stop=None,
         kind="glucocorticoid"):  # fmt: skip
    """Return a row of the treatments."""
    return {"patient": patient, "drug": kind, "name": name, "start": start, "stop": stop,
            "dose": dose, "dose_unit": unit}  # fmt: skip


def good(patient, **more):
    """Return the visits of a patient whose outcome is not refractory."""
    return [visit(patient, 0, 4000.0, "2", 4), visit(patient, 12, 150.0, "5", 1, **more)]


def poor(patient):
    """Return the visits of a refractory patient."""
    return [visit(patient, 0, 9000.0, "1", 5), visit(patient, 12, 900.0, "3", 4)]


def at(part, code, month):
    """Return one group at one month."""
    (group,) = [group for group in part["groups"] if group["code"] == code]
    (found,) = [m for m in group["months"] if m["month"] == month]
    return found


def group_of(found, measure, code):
    """Return one group of one dose."""
    (one,) = [m for m in found["glucocorticoid"]["measures"] if m["id"] == measure]
    return next(g for g in one["groups"] if g["code"] == code)


def test_ck_by_hand(make_asked):
    """CK 100, 400 and 1600 have the median 400 and the geometric mean 400; two are above 200."""
    visits = [
        visit("A", 3, 100.0), visit("B", 3, 400.0), visit("C", 3, 1600.0, limit=None),
        visit("D", 3, None, missing={"ck": "haemolytic sample"}), visit("E", 0),
    ]  # fmt: skip
    asked = make_asked(patients=[person(p) for p in "ABCDE"], visits=visits)
    ck = describe_patients_over_time(asked)["ck"]
    three = at(ck, "all", 3)
    assert (three["n"], three["missing"], three["median"]) == (3, 2, 400.0)
    assert three["geometric_mean"] == pytest.approx(400)
    # Quartiles at positions 1 and 3 of 3.
    assert (three["q1"], three["q3"]) == (100.0, 1600.0)
    assert (three["above"], three["limit_known"]) == (1, 2)
    assert three["reasons"] == {"haemolytic sample": 1, "no visit": 1}
    assert ck["limits"] == {"low": 200.0, "high": 200.0, "different": 1, "unknown": 1, "visits": 4}
    assert at(ck, "all", 12)["median"] is None


def test_a_ck_of_zero_has_no_geometric_mean(make_asked):
    """It has a median all the same, and says why."""
    asked = make_asked(patients=[person("A"), person("B")],
                       visits=[visit("A", 3, 0.0), visit("B", 3, 8.0)])  # fmt: skip
    three = at(describe_patients_over_time(asked)["ck"], "all", 3)
    assert (three["median"], three["geometric_mean"]) == (4.0, None)
    assert three["geometric_mean_missing"] == "a CK of 0"


def test_strength_keeps_grades_and_codes(make_asked):
    """4-, 4 and 4+ are one grade with three codes; no grade is put together with another."""
    codes = ["4-", "4", "4+", "4-", "5", "0", None]
    visits = [visit(f"P{i}", 6, mrc=code) for i, code in enumerate(codes)]
    asked = make_asked(patients=[person(f"P{i}") for i in range(7)], visits=visits)
    six = at(describe_patients_over_time(asked)["strength"], "all", 6)
    assert {level["grade"]: level["n"] for level in six["levels"]} == {
        "0": 1, "1": 0, "2": 0, "3": 0, "4": 4, "5": 1,
    }  # fmt: skip
    assert list(six["levels"][4]["codes"].items()) == [("4-", 2), ("4", 1), ("4+", 1)]
    assert sum(level["percent"] for level in six["levels"]) == pytest.approx(100)
    assert (six["n"], six["missing"], six["reasons"]) == (6, 1, {"not recorded": 1})


def test_the_visit_that_counts_is_that_of_the_mrs(make_asked):
    """On random courses the CK is that of the visit whose mRS counts for the month."""
    mixed = random.Random(7)
    visits, courses = [], []
    for i in range(60):
        months = sorted(mixed.sample([-3, -1, 0, 1.5, 2, 3, 4, 4.5, 5, 6, 7.5, 10, 11, 13, 14], 6))
        # The mRS tells the visits of a patient apart.
        seen = [visit(f"P{i}", m, 100.0 + k, mrs=k) for k, m in enumerate(months)]
        visits += seen
        courses.append(Course(f"P{i}", tuple(Visit(m, k) for k, m in enumerate(months))))
    asked = make_asked(patients=[person(f"P{i}") for i in range(60)], visits=visits)
    section = describe_patients_over_time(asked)
    windows = {m["month"]: (m["from"] or -1.5, m["to"] or 1.5) for m in section["months"]}
    for month, window in windows.items():
        expected = [mrs_near(course, month, window)[0] for course in courses]
        known = [100.0 + k for k in expected if k is not None]
        found = at(section["ck"], "all", month)
        assert found["n"] == len(known)
        assert (found["min"], found["max"]) == (min(known), max(known))


def test_death_is_the_reason_of_a_missing_value(make_asked):
    """Who died has no CK at month 6 and 12 because of that."""
    asked = make_asked(patients=[person("A", death="2020-05-01")], visits=[visit("A", 3)])
    section = describe_patients_over_time(asked)
    assert at(section["ck"], "all", 12)["reasons"] == {"died": 1}
    assert at(section["strength"], "all", 6)["reasons"] == {"died": 1}
    (line,) = section["patients"]
    assert line["ended_by"] == "death"
    assert line["end"] == 4.0


def test_doses_by_group_and_their_comparison(make_asked):
    """Refractory 20, 30 and 40 mg, others 10, 11 and 12 mg a day for 365 of 366 days: the shift
    is the median of the nine differences, 19 mg a day; U = 9 of 9 has the exact p 0.1.
    """
    patients = [person(p) for p in ("R1", "R2", "R3", "N1", "N2", "N3")]
    visits = [v for p in ("R1", "R2", "R3") for v in poor(p)]
    visits += [v for p in ("N1", "N2", "N3") for v in good(p)]
    for one in visits:
        one["date"] = "2020-01-01" if one["month"] == 0 else "2021-01-01"
    given = {"R1": 20.0, "R2": 30.0, "R3": 40.0, "N1": 10.0, "N2": 11.0, "N3": 12.0}
    rows = [drug(p, dose) for p, dose in given.items()]
    found = describe_patients_over_time(make_asked(patients=patients, visits=visits,
                                                   treatments=rows))  # fmt: skip
    doses = found["glucocorticoid"]
    assert doses["unit"] == "mg"
    refractory = group_of(found, "month_12", "refractory")
    assert (refractory["n"], refractory["median"]) == (3, 30 * 365)
    assert group_of(found, "whole", "refractory")["median"] == 30 * 366
    by_month, whole, per_day = doses["measures"]
    assert by_month["comparison"]["estimate"] == pytest.approx(19 * 365)
    assert by_month["comparison"]["p"] == pytest.approx(0.1)
    assert by_month["comparison"]["interval"]["low"] == "-inf"  # 3 against 3 exclude nothing
    assert per_day["comparison"]["estimate"] == pytest.approx(19)
    assert (by_month["comparison"]["first"], by_month["comparison"]["second"]) == (
        "refractory", "non_refractory",
    )  # fmt: skip
    assert whole["comparison"] is None
    assert "were not compared" in whole["not_compared"]
    assert doses["facts"] == {"patients": 6, "open_rows": 6, "open": 6, "partial": 0,
                              "overlapping": 0, "before": 0}  # fmt: skip
    assert any("confounding by indication" in text for text in doses["warnings"])
    assert any("6 patients had 6 periods without a stop" in text for text in doses["warnings"])
    (line,) = [p for p in found["patients"] if p["patient"] == "R1"]
    assert line["dose"]["whole"] == {
        "dose": 7320.0, "low": 7320.0, "high": 7320.0, "days": 366.0, "covered": 366.0,
        "open_rows": 1, "missing": "",
    }  # fmt: skip


def test_doses_by_weight(make_asked):
    """Without a weight the doses are in mg per kg; with one they are in mg."""
    rows = {"patients": [person("A"), person("B")], "visits": [*good("A"), *poor("B")],
            "treatments": [drug("A", 1.0, "mg/kg/day"), drug("B", 0.5, "mg/kg/day")]}  # fmt: skip
    found = describe_patients_over_time(make_asked(**rows))
    assert found["glucocorticoid"]["unit"] == "mg/kg"
    assert group_of(found, "month_12", "non_refractory")["median"] == 365.0
    weights = [
        {"patient": p, "table": "patients", "variable": "weight", "number": kg}
        for p, kg in (("A", 60.0), ("B", 80.0))
    ]
    found = describe_patients_over_time(make_asked(WEIGHT, observations=weights, **rows))
    assert found["glucocorticoid"]["unit"] == "mg"
    assert group_of(found, "month_12", "non_refractory")["median"] == 60 * 365
    assert group_of(found, "month_12", "refractory")["median"] == 40 * 365


def test_missing_doses_have_reasons(make_asked):
    """No row, no start, no follow-up, left early, no dose: each said and counted."""
    patients = [person("A"), person("B", start="2020-01"), person("C"), person("D"), person("E")]
    visits = [*good("A"), *good("B"), visit("D", 3), *good("E")]
    rows = [drug("B"), drug("C"), drug("D"), drug("E", None)]
    found = describe_patients_over_time(make_asked(patients=patients, visits=visits,
                                                   treatments=rows))  # fmt: skip
    assert group_of(found, "month_12", "all")["reasons"] == {
        "dose of a glucocorticoid not recorded": 1, "last seen before month 10": 1,
        "no record of a glucocorticoid": 1, "no visit after the start of treatment": 1,
        "start of treatment not known to the day": 1,
    }  # fmt: skip
    whole = group_of(found, "whole", "all")
    assert (whole["n"], whole["missing"]) == (1, 4)
    assert found["glucocorticoid"]["measures"][0]["not_compared"] == (
        "Not compared: no dose is known."
    )


def test_time_lines_are_ordered_and_complete(make_asked):
    """By outcome, then the longest first; months by the dates; what has no date is counted."""
    patients = [person("A", onset="2019-07"), person("B"), person("C")]
    visits = [*good("A"), *poor("B"), *poor("C"), visit("C", 24, 900.0, "3", 4)]
    rows = [
        drug("A", stop="2020-01-31"), drug("B", start=None),
        drug("C", 0.4, "g/kg/day", "immunoglobulin", "2020-02", None, "ivig"),
    ]  # fmt: skip
    scans = [
        {"patient": "A", "date": None, "month": 3.0, "muscle": m, "side": "left", "grade": 1}
        for m in ("gracilis", "sartorius")
    ]
    biopsies = [{"patient": "A", "finding": "necrosis", "stained": "yes", "present": "yes"}]
    found = describe_patients_over_time(
        make_asked(patients=patients, visits=visits, treatments=rows, mri_readings=scans,
                   biopsies=biopsies)
    )  # fmt: skip
    assert [p["patient"] for p in found["patients"]] == ["C", "B", "A"]
    line = found["patients"][2]
    assert line["onset"] == pytest.approx(-(15 + 31 + 30 + 31 + 30 + 31 + 1) / 30.4375, abs=0.02)
    assert line["scans"] == [3.0]
    assert line["treatments"][0]["to"] == pytest.approx(31 / 30.4375)
    assert line["events"] == [{"event": "remission", "month": 12.0}]
    assert found["patients"][0]["treatments"][0]["partial"]
    assert found["patients"][0]["treatments"][0]["to"] is None
    assert found["not_placed"] == {"treatments": 1, "biopsies": 1, "no_start": 0}
    assert any("carry no date" in note for note in found["notes"])


def test_a_relapse_is_on_the_line(make_asked):
    """Better at month 3, worse with a CK of ten times its limit at month 6."""
    visits = [visit("A", 0, 900.0, "3"), visit("A", 3, 300.0, "5", 1),
              visit("A", 6, 2000.0, "2", 4), visit("A", 12, 500.0, "3", 4)]  # fmt: skip
    (line,) = describe_patients_over_time(make_asked(patients=[person("A")],
                                                     visits=visits))["patients"]  # fmt: skip
    assert {"event": "relapse", "month": 6.0} in line["events"]


def test_bad_input_is_survived(make_asked):
    """Nobody followed, nobody with a visit, no CK, no start, no treatment."""
    nobody = describe_patients_over_time(make_asked())
    assert nobody == {"left_out": "No patient is followed.", "notes": []}
    for found in (
        describe_patients_over_time(make_asked(patients=[person("A"), person("B", None)])),
        describe_patients_over_time(
            make_asked(patients=[person("A", None)], visits=[visit("A", 3, None, None, None, None)])
        ),
    ):
        assert found["ck"]["left_out"] == "no CK is recorded."
        assert found["strength"]["left_out"] == "no MRC grade is recorded."
        assert found["glucocorticoid"]["left_out"].startswith("no glucocorticoid")
        assert any("No visit after the start" in note for note in found["notes"])
        json.dumps(found, allow_nan=False)
        results = {"patients_over_time": found}
        assert methods_of_patients_over_time(results) == ""
        assert references_of_patients_over_time(results) == []
    controls = make_asked(patients=[person("A"), person("C", arm="c")],
                          visits=[*good("A"), *poor("C")])  # fmt: skip
    assert describe_patients_over_time(controls)["n"] == 1


def test_of_many_patients_only_groups_are_kept(make_asked):
    """Above two hundred no patient is listed, and the section says so."""
    patients = [person(f"P{i}") for i in range(MOST_LISTED + 1)]
    visits = [v for i, p in enumerate(patients) for v in (good, poor)[i % 2](p["patient"])]
    rows = [drug(p["patient"], 10.0 + i / 7) for i, p in enumerate(patients)]
    found = describe_patients_over_time(make_asked(patients=patients, visits=visits,
                                                   treatments=rows))  # fmt: skip
    assert found["patients"] == []
    assert "201 patients are followed" in found["patients_left_out"]
    assert found["glucocorticoid"]["measures"][0]["comparison"]["p"] is not None
    assert len(json.dumps(found)) < 40_000


def test_the_order_of_records_changes_nothing(make_asked):
    """Shuffled visits and treatments give the same section, patient by patient."""
    mixed = random.Random(3)
    patients = [person(f"P{i}", onset="2019") for i in range(30)]
    visits = [
        visit(p["patient"], month, mixed.choice([100.0, 900.0, None]), mixed.choice(["2", "4-"]),
              mixed.choice([1, 2, 4]))
        for p in patients for month in (0, 3, 6, 12, 20)
    ]  # fmt: skip
    rows = [
        drug(p["patient"], mixed.randint(1, 60) / 3, "mg/day", name, start,
             mixed.choice([None, "2020-05", "2020-06-01"]))
        for p in patients
        for name, start in (("prednisone", "2020-01-01"), ("dexamethasone", "2020-02"),
                            ("prednisone", "2020-03-09"))
    ]  # fmt: skip
    first = describe_patients_over_time(
        make_asked(patients=patients, visits=visits, treatments=rows)
    )
    for shuffled in (patients, visits, rows):
        mixed.shuffle(shuffled)
    second = describe_patients_over_time(
        make_asked(patients=patients, visits=visits, treatments=rows)
    )
    for part in ("ck", "strength", "glucocorticoid", "groups", "months", "not_placed"):
        assert first[part] == second[part]

    def by_code(section):
        return sorted(section["patients"], key=lambda line: line["patient"])

    assert by_code(first) == by_code(second)


def test_methods_name_what_ran(make_asked):
    """Windows, the table of equivalents with its source, the test that was run."""
    patients = [person(p) for p in "ABCD"]
    visits = [*good("A"), *good("B"), *poor("C"), *poor("D")]
    rows = [drug(p, dose) for p, dose in zip("ABCD", (10.0, 20.0, 30.0, 45.0), strict=True)]
    found = describe_patients_over_time(make_asked(patients=patients, visits=visits,
                                                   treatments=rows))  # fmt: skip
    results = json.loads(json.dumps({"patients_over_time": found}, allow_nan=False))
    text = methods_of_patients_over_time(results)
    for words in ("month 12 (10 to 14)", "bnf-1", "0.75 mg of dexamethasone", "geometric mean",
                  "Hodges-Lehmann", "exact", "confounding by indication"):  # fmt: skip
        assert words in text
    sources = " ".join(references_of_patients_over_time(results))
    for name in ("British National Formulary", "Medical Research Council", "Hodges JL"):
        assert name in sources
    assert methods_of_patients_over_time({}) == ""
    assert references_of_patients_over_time({}) == []
