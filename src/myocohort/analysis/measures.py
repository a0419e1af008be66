"""Measurements per patient: MRI scores with their change rates, expression of markers."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from myocohort.analysis.imaging.patient_scans import courses_by_scale
from myocohort.analysis.outcome import exact_month
from myocohort.mri.change import BEFORE, Course
from myocohort.registry.records import Records
from myocohort.study.studyfile import Imaging, Marker, Study
from myocohort.study.variable import same_text


@dataclass(slots=True)
class Measures:
    """Measured columns of the analysis table.

    Parameters
    ----------
    columns
        Variable -> patient -> value.
    reasons
        Variable -> patient -> why it is missing.
    notes
        What a reader of the methods must know.
    """

    columns: dict[str, dict[str, object]] = field(default_factory=dict)
    reasons: dict[str, dict[str, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def put(self, variable: str, patient: str, value: object) -> None:
        """Keep a value."""
        self.columns.setdefault(variable, {})[patient] = value

    def lacks(self, variable: str, patient: str, reason: str) -> None:
        """Keep the reason why there is no value."""
        self.columns.setdefault(variable, {})
        self.reasons.setdefault(variable, {})[patient] = reason


def measure(study: Study, records: Records) -> Measures:
    """Compute every measured variable of a study (`study.measured_variables`)."""
    measures = Measures()
    _follow_up(records, measures)
    if study.imaging is not None:
        _imaging(study.imaging, records, measures)
    if "blots" in study.tables:
        blotted = set(records.blots["patient"])
        for patient in records.patients["patient"]:
            measures.put("blotted", patient, "yes" if patient in blotted else "no")
    for name, marker in study.markers.items():
        _expression(name, marker, records, measures)
    return measures


def _follow_up(records: Records, measures: Measures) -> None:
    """Years from the start of treatment to the last visit, by dates where both are known."""
    starts = records.patients.set_index("patient")["treatment_start"]
    last: dict[str, float] = {}
    visits = records.visits
    for patient, date, month in zip(
        visits["patient"], visits["date"], visits["month"], strict=True
    ):
        at = exact_month(date, starts.get(patient), float(month))
        last[patient] = max(at, last.get(patient, at))
    for patient in records.patients["patient"]:
        if patient in last:
            measures.put("follow_up_years", patient, last[patient] / 12)
        else:
            measures.lacks("follow_up_years", patient, "no visit")


def _imaging(plan: Imaging, records: Records, measures: Measures) -> None:
    """Total scores before treatment and change rates (Zhao 2020, Methods, follow-up)."""
    followed: set[str] = set()
    patients = [str(patient) for patient in records.patients["patient"]]
    for name, courses in courses_by_scale(plan, records, patients).items():
        for patient, course in courses.items():
            _scores_and_rates(plan, name, patient, course, measures)
            if course.followed:
                followed.add(patient)
    for patient in patients:
        measures.put("mri_followed", patient, "yes" if patient in followed else "no")


def _scores_and_rates(
    plan: Imaging, scale: str, patient: str, course: Course, measures: Measures
) -> None:
    """Put one patient's score before treatment and change rates, or why they are missing."""
    score, present = f"mri_{scale}_0", f"{scale}_present"
    before = course.scores.get(BEFORE)
    if before is None:
        for name in (score, present):
            measures.lacks(name, patient, course.why_no_score[BEFORE])
    else:
        measures.put(score, patient, before.total)
        measures.put(present, patient, "yes" if before.total > 0 else "no")
    for month in plan.months:
        name = f"{scale}_rate_{month}"
        if month in course.rates:
            measures.put(name, patient, course.rates[month])
        else:
            measures.lacks(name, patient, course.why_no_rate[month])


def _expression(name: str, marker: Marker, records: Records, measures: Measures) -> None:
    """Mean over fields of positive cells per muscle fibre (Zhao 2020, Methods, BAFF).

    Fields without fibres have no ratio: they are left out, and the patient's value is the
    mean of the others; a patient without any such field has no value.
    """
    variable = f"expression_{name}"
    every = records.fields
    picked = [same_text(label, marker.label) for label in every["marker"]]
    fields = every[pd.Series(picked, index=every.index, dtype=bool)]
    counted = fields.dropna(subset=["positive_cells", "fibres"])
    counted = counted[counted["fibres"] > 0]
    ratios = (counted["positive_cells"] / counted["fibres"]).groupby(counted["patient"])
    means, sizes = ratios.mean(), ratios.size()
    stained = set(fields["patient"])
    for patient in records.patients["patient"]:
        if patient in means.index:
            measures.put(variable, patient, float(means[patient]))
        elif patient in stained:
            measures.lacks(variable, patient, "no field with muscle fibres")
        else:
            measures.lacks(variable, patient, f"not stained for {marker.label}")
    fewer = int((sizes < marker.fields).sum())
    if fewer:
        measures.notes.append(
            f"{marker.label}: {fewer} of {len(sizes)} patients have fewer than {marker.fields} "
            "fields that count."
        )
