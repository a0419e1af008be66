"""Agreement of readings of muscles."""

from __future__ import annotations

import numpy as np
import pytest

from myocohort.mri.readings import Reading, agreement_of_readings
from myocohort.stats.kappa import cohen_kappa
from myocohort.study.standard import MUSCLES

GRADES = range(6)
SLOTS = [(muscle, side) for muscle in MUSCLES for side in ("left", "right")]


def readings(reader, grade_of, *, patients=6, **options):
    """Return one scan a patient, with the grade that a function gives patient and slot."""
    return [
        Reading((f"P{p}", "2020-01-01", *slot), reader, grade_of(p, i), options.get("auto", False),
                options.get("round", 1))
        for p in range(patients)
        for i, slot in enumerate(SLOTS)
    ]  # fmt: skip


def first(p, i):
    """Return a grade that differs between patients and muscles."""
    return float((p + i) % 6)


def second(p, i):
    """Return a grade that is one too low in every fifth muscle."""
    return max(0.0, first(p, i) - (i % 5 == 0))


def pair_of(found, kind):
    """Return the one pair of a kind."""
    (pair,) = [pair for pair in found["pairs"] if pair["kind"] == kind]
    return pair


def test_two_readers_have_kappa_and_icc_by_the_patient():
    """144 muscle-sides of 6 patients: Cohen's estimates, with intervals over 6 patients."""
    found = agreement_of_readings([*readings("R1", first), *readings("R2", second)], GRADES)
    pair = pair_of(found, "readers")
    values = np.array([[f(p, i) for f in (first, second)] for p in range(6) for i in range(24)])
    plain = cohen_kappa(values, tuple(GRADES), weights="quadratic")
    assert pair["kappa_quadratic"]["estimate"] == pytest.approx(plain.estimate)
    assert "jackknife over 6 patients" in pair["kappa_quadratic"]["interval"]["method"]
    assert (pair["n"], pair["n_missing"], pair["patients"]) == (144, 0, 6)
    assert pair["icc_totals"]["n"] == 6
    assert pair["icc_totals"]["muscle_sides"] == 24
    assert pair["equal"] == pytest.approx((values[:, 0] == values[:, 1]).mean())
    assert pair["mean_difference"] == pytest.approx((values[:, 1] - values[:, 0]).mean())
    assert [row["n"] for row in pair["muscles"]] == [12] * 12
    assert all(row["kappa_quadratic"] for row in pair["muscles"])


def test_exchanging_the_readers_keeps_kappa_and_turns_the_difference_round():
    """Agreement has no direction, a difference has."""
    there = agreement_of_readings([*readings("A", first), *readings("B", second)], GRADES)
    back = agreement_of_readings([*readings("B", first), *readings("A", second)], GRADES)
    one, other = (pair_of(found, "readers") for found in (there, back))
    for name in ("kappa_linear", "kappa_quadratic", "icc_grades"):
        assert one[name]["estimate"] == pytest.approx(other[name]["estimate"])
    assert one["mean_difference"] == pytest.approx(-other["mean_difference"])


def test_a_reader_is_compared_with_his_own_second_reading():
    """Rounds of one reader are a pair; another reader is compared with the first round only."""
    rows = [*readings("R1", first), *readings("R1", second, round=2), *readings("R2", second)]
    found = agreement_of_readings(rows, GRADES)
    assert sorted(pair["kind"] for pair in found["pairs"]) == ["readers", "repeat"]
    again = pair_of(found, "repeat")
    assert (again["first"], again["second"]) == ("R1", "R1, reading 2")


def test_a_muscle_that_one_did_not_read_is_missing_and_leaves_out_the_scan_s_total():
    """One unread muscle-side: n 143, one missing, and five complete scans."""
    gaps = [r for r in readings("R2", second) if r.unit[:1] + r.unit[2:] != ("P3", *SLOTS[0])]
    pair = pair_of(agreement_of_readings([*readings("R1", first), *gaps], GRADES), "readers")
    assert (pair["n"], pair["n_missing"]) == (143, 1)
    assert (pair["icc_totals"]["n"], pair["icc_totals"]["n_missing"]) == (5, 1)


def test_few_patients_have_no_kappa_of_a_single_muscle():
    """Four patients with eight readings of a muscle are counted only."""
    rows = [*readings("R1", first, patients=4), *readings("R2", second, patients=4)]
    pair = pair_of(agreement_of_readings(rows, GRADES), "readers")
    assert all(row["kappa_quadratic"] is None and row["reason"] for row in pair["muscles"])


def test_a_proposed_range_is_compared_as_a_range():
    """Grades 0 to 3 against the range 1 to 2: half inside, all within one; none in kappa."""
    units = [("P1", "m0", *slot) for slot in SLOTS[:4]]
    human = [Reading(unit, "R1", float(i), False) for i, unit in enumerate(units)]
    program = [Reading(unit, "M", None, True, low=1.0, high=2.0) for unit in units]
    pair = pair_of(agreement_of_readings([*human, *program], GRADES), "proposal")
    assert pair["n"] == 0
    assert pair["kappa_linear"] is None
    assert pair["range"] == {
        "n": 4, "ranges": 4, "mean_width": 1.0, "inside": 0.5, "within_one": 1.0,
        "distances": [{"distance": 0.0, "n": 2}, {"distance": 1.0, "n": 2}],
    }  # fmt: skip


def test_single_proposals_enter_kappa_and_the_range():
    """A proposal of one grade is a range of one."""
    rows = [*readings("R1", first), *readings("M", second, auto=True)]
    pair = pair_of(agreement_of_readings(rows, GRADES), "proposal")
    assert pair["second"] == "M (automatic)"
    assert pair["range"]["ranges"] == 0
    assert pair["range"]["inside"] == pytest.approx(pair["equal"])


def test_scans_that_two_readers_name_differently_are_said():
    """By date and by month no scan is common: a warning, not an agreement of nothing."""
    other = [Reading((r.unit[0], "month 0", *r.unit[2:]), "R2", r.grade, False)
             for r in readings("R1", first)]  # fmt: skip
    pair = pair_of(agreement_of_readings([*readings("R1", first), *other], GRADES), "readers")
    assert (pair["n"], pair["n_missing"]) == (0, 288)
    assert "name the scans alike" in pair["warnings"][0]
