"""Measurements per patient: MRI scores with their change rates, expression of markers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import pandas as pd

from myocohort.analysis.outcome import complete_date, exact_month
from myocohort.registry.records import Records
from myocohort.study.standard import SCALES
from myocohort.study.studyfile import Imaging, Marker, Study
from myocohort.study.values import months_between
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
    readings = records.mri_readings
    readings = readings[
        (readings["automatic"] == "no") & readings["muscle"].isin(plan.muscles)
    ].dropna(subset=["grade"])
    starts = records.patients.set_index("patient")["treatment_start"]
    followed: set[str] = set()
    for name, scale in plan.scales.items():
        scanned = _scans(readings[readings["scale"] == scale], starts)
        for patient in records.patients["patient"]:
            if _patient_rates(plan, name, patient, scanned.get(patient, []), measures):
                followed.add(patient)
    for patient in records.patients["patient"]:
        measures.put("mri_followed", patient, "yes" if patient in followed else "no")


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan of one patient on one scale.

    Parameters
    ----------
    month
        Since the start of treatment, by the dates where both are known.
    day
        Its date, where known.
    total
        Sum of the grades of the muscle-sides that were read.
    read
        How many muscle-sides were read.
    """

    month: float
    day: dt.date | None
    total: float
    read: int


def _scans(readings: pd.DataFrame, starts: pd.Series) -> dict[str, list[Scan]]:
    """Return each patient's scans on one scale, in order of time."""
    readings = readings.assign(
        date=[date if isinstance(date, str) else "" for date in readings["date"]]
    )
    grades = readings.groupby(["patient", "month", "date", "muscle", "side"])["grade"].mean()
    totals = grades.groupby(level=[0, 1, 2]).agg(["sum", "count"]).reset_index()
    found: dict[str, list[Scan]] = {}
    for patient, month, date, total, read in totals.itertuples(index=False):
        at = exact_month(date, starts.get(patient), float(month))
        scan = Scan(at, complete_date(date), float(total), int(read))
        found.setdefault(patient, []).append(scan)
    return {patient: sorted(scans, key=lambda s: s.month) for patient, scans in found.items()}


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

    before = _scan_before(plan, scans)
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
    later = [scan for scan in scans if scan.month > before.month]
    sign = 1 if SCALES[plan.scales[scale]] == "increase" else -1
    for month, name in rates.items():
        scan = min(later, key=lambda s: (abs(s.month - month), s.month), default=None)
        if scan is None or abs(scan.month - month) > plan.within:
            measures.lacks(name, patient, f"no MRI near month {month}")
        elif unread(scan, ""):
            measures.lacks(name, patient, unread(scan, f"near month {month}"))
        else:
            measures.put(name, patient, sign * (scan.total - before.total) / _apart(before, scan))
    return bool(later)


def _scan_before(plan: Imaging, scans: list[Scan]) -> Scan | None:
    """Return the last scan up to the start of treatment, otherwise the first soon after."""
    low, high = plan.before
    inside = [scan for scan in scans if low <= scan.month <= high]
    earlier = [scan for scan in inside if scan.month <= 0]
    if earlier:
        return earlier[-1]
    return inside[0] if inside else None


def _apart(before: Scan, after: Scan) -> float:
    """Months between two scans: days / 30.4375 where both dates are known."""
    if before.day is None or after.day is None:
        return after.month - before.month
    return months_between(before.day, after.day)


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
