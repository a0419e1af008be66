"""Measurements per patient: MRI scores with their change rates, expression of markers."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from myocohort.analysis.imaging.scans import (
    Scan,
    counted_readings,
    grades_of_scans,
    months_apart,
    scan_before,
    scan_near,
    scans_of_patients,
)
from myocohort.analysis.outcome import exact_month
from myocohort.registry.records import Records
from myocohort.study.standard import SCALES
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
    """Total scores before treatment and change rates (Zhao 2020, Methods, follow-up).

    The rate is (score after - score before) / months for fat and its negative for oedema,
    which the paper calls an increasing and a reducing rate. Months come from the dates of
    the two scans where both are known. Automatic readings are proposals and do not count;
    several readers of one scan are averaged muscle by muscle.
    """
    readings = counted_readings(plan, records.mri_readings)
    starts = records.patients.set_index("patient")["treatment_start"]
    followed: set[str] = set()
    for name, scale in plan.scales.items():
        grades = grades_of_scans(readings[readings["scale"] == scale])
        scanned = scans_of_patients(grades, starts)
        for patient in records.patients["patient"]:
            if _patient_rates(plan, name, patient, scanned.get(patient, []), measures):
                followed.add(patient)
    for patient in records.patients["patient"]:
        measures.put("mri_followed", patient, "yes" if patient in followed else "no")


def _patient_rates(
    plan: Imaging, scale: str, patient: str, scans: list[Scan], measures: Measures
) -> bool:
    """Put one patient's score before treatment and change rates; whether scans follow it."""
    rates = {month: f"{scale}_rate_{month}" for month in plan.months}
    names = [f"mri_{scale}_0", f"{scale}_present"]
    sides = 2 * len(plan.muscles)

    def unread(scan: Scan, when: str) -> str:
        if scan.read == sides:
            return ""
        return f"only {scan.read} of {sides} muscle-sides read {when}"

    before = scan_before(plan, scans)
    if before is None:
        reason = "no MRI before treatment" if scans else "no MRI"
    else:
        reason = unread(before, "before treatment")
    if before is None or reason:
        for name in (*names, *rates.values()):
            measures.lacks(name, patient, reason)
        return False
    measures.put(names[0], patient, before.total)
    measures.put(names[1], patient, "yes" if before.total > 0 else "no")
    sign = 1 if SCALES[plan.scales[scale]] == "increase" else -1
    for month, name in rates.items():
        scan = scan_near(plan, scans, before, month)
        if scan is None:
            measures.lacks(name, patient, f"no MRI near month {month}")
        elif unread(scan, ""):
            measures.lacks(name, patient, unread(scan, f"near month {month}"))
        else:
            change = sign * (scan.total - before.total)
            measures.put(name, patient, change / months_apart(before, scan))
    return any(scan.month > before.month for scan in scans)


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
