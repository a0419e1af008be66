"""MRI change rates and expression of markers."""

from __future__ import annotations

import math

import pytest

from myocohort.analysis.measures import measure
from myocohort.study.standard import MUSCLES
from myocohort.study.values import DAYS_PER_MONTH

STUDY = '[imaging]\nmonths = [3, 6]\n[markers.cd19]\nlabel = "CD19"\n'


def scan(patient, month, grade, *, date=None, scale="modified-mercuri", skip=(), **options):
    """Return the readings of one scan with the same grade in every muscle."""
    return [
        {"patient": patient, "month": month, "date": date, "muscle": muscle, "side": side,
         "scale": scale, "grade": float(grade), "reader": "R1", "automatic": "no", **options}
        for muscle in MUSCLES
        for side in ("left", "right")
        if (muscle, side) not in skip
    ]  # fmt: skip


@pytest.fixture
def measured(make_plan, make_records):
    """Return a function from readings or fields to the measured columns."""

    def run(*readings, fields=(), **patient):
        records = make_records(
            patients=[{"patient": "P1", **patient}],
            mri_readings=[row for rows in readings for row in rows],
            fields=list(fields),
        )
        return measure(make_plan(STUDY).study, records)

    return run


def test_the_rate_is_the_change_of_the_total_per_month(measured):
    """24 muscle-sides from grade 1 to 2 in 3 planned months are 8 points a month."""
    found = measured(scan("P1", 0, 1), scan("P1", 3, 2))
    assert found.columns["mri_fat_0"] == {"P1": 24.0}
    assert found.columns["fat_rate_3"] == {"P1": pytest.approx(8.0)}
    assert found.reasons["fat_rate_6"] == {"P1": "no MRI near month 6"}
    assert found.columns["mri_followed"] == {"P1": "yes"}


def test_oedema_counts_as_a_reduction(measured):
    """A fall of oedema is a positive rate, as the paper prints it."""
    before, after = (scan("P1", m, g, scale="oedema-0-5") for m, g in ((0, 3), (3, 1)))
    assert measured(before, after).columns["oedema_rate_3"]["P1"] == pytest.approx(16.0)


def test_months_come_from_the_dates_of_the_scans(measured):
    """With both dates the interval is their days, not the planned months."""
    found = measured(scan("P1", 0, 1, date="2020-01-01"), scan("P1", 3, 2, date="2020-04-20"))
    assert found.columns["fat_rate_3"]["P1"] == pytest.approx(24 / (110 / DAYS_PER_MONTH))


def test_a_muscle_that_was_not_read_leaves_no_total(measured):
    """A total over fewer muscles is no total: the rate is missing, with the reason."""
    found = measured(scan("P1", 0, 1), scan("P1", 3, 2, skip={("gracilis", "left")}))
    assert "P1" not in found.columns["fat_rate_3"]
    assert "23 of 24" in found.reasons["fat_rate_3"]["P1"]


def test_the_scan_before_treatment_is_the_last_one_before_it(measured):
    """A scan soon after the start does not take its place, and one two months before is one."""
    found = measured(scan("P1", -2, 1), scan("P1", 0.4, 3), scan("P1", 3, 3))
    assert found.columns["mri_fat_0"]["P1"] == 24.0
    assert found.columns["fat_rate_3"]["P1"] == pytest.approx(48 / 5)
    assert measured(scan("P1", 0.4, 2)).columns["mri_fat_0"]["P1"] == 48.0


def test_followed_means_a_later_scan_on_any_scale(measured):
    """A scan before the one before treatment is no follow-up; oedema alone is one."""
    assert measured(scan("P1", -3, 1), scan("P1", 0, 1)).columns["mri_followed"]["P1"] == "no"
    oedema = [scan("P1", month, 1, scale="oedema-0-5") for month in (0, 3)]
    assert measured(scan("P1", 0, 1), *oedema).columns["mri_followed"]["P1"] == "yes"
    assert measured(*oedema, scan("P1", 0, 1)).columns["mri_followed"]["P1"] == "yes"


def test_fewer_fields_than_planned_are_noted(measured):
    """One field of ten gives a value, and the methods say that there are fewer."""
    fields = [{"patient": "P1", "marker": "cd19", "field": 1, "positive_cells": 3, "fibres": 10}]
    found = measured(fields=fields)
    assert found.columns["expression_cd19"]["P1"] == pytest.approx(0.3)
    assert found.notes == ["CD19: 1 of 1 patients have fewer than 10 fields that count."]


def test_automatic_readings_are_proposals(measured):
    """A reading that no reader accepted does not count."""
    found = measured(scan("P1", 0, 1, automatic="yes"))
    assert found.reasons["mri_fat_0"] == {"P1": "no MRI"}


def test_two_readers_are_averaged(measured):
    """Grades 1 and 2 of two readers are a total of 36."""
    found = measured(scan("P1", 0, 1), scan("P1", 0, 2, reader="R2"))
    assert found.columns["mri_fat_0"]["P1"] == pytest.approx(36.0)


def test_a_missing_scan_before_treatment_has_no_rate(measured):
    """Without a scan before treatment there is no change, and the reason says so."""
    found = measured(scan("P1", 3, 1), scan("P1", 6, 2))
    assert found.reasons["fat_rate_3"]["P1"] == "no MRI before treatment"


def test_expression_is_the_mean_ratio_of_the_fields(measured):
    """Positive cells per fibre, averaged over fields; a field without fibres has no ratio."""
    fields = [
        {"patient": "P1", "marker": "CD19", "field": i, "positive_cells": c, "fibres": f}
        for i, (c, f) in enumerate([(2, 10), (4, 10), (3, 0)], start=1)
    ]
    assert measured(fields=fields).columns["expression_cd19"]["P1"] == pytest.approx(0.3)


def test_a_terminal_muscle_has_no_expression(measured):
    """Only fields without fibres: missing with the reason, never divided by zero."""
    fields = [{"patient": "P1", "marker": "CD19", "field": 1, "positive_cells": 2, "fibres": 0}]
    found = measured(fields=fields)
    assert found.reasons["expression_cd19"] == {"P1": "no field with muscle fibres"}
    assert not [v for v in found.columns["expression_cd19"].values() if not math.isfinite(v)]
    assert measured().reasons["expression_cd19"] == {"P1": "not stained for CD19"}
