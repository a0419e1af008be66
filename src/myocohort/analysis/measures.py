"""Measurements per patient: MRI scores with their change rates, expression of markers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from myocohort.analysis.outcome import complete_date, exact_month
from myocohort.registry.records import Records
from myocohort.study.studyfile import Imaging, Marker, Study
from myocohort.study.values import months_between


@dataclass(slots=True)
class Measures:
    """Measured columns of the analysis table.

    Parameters
    ----------
    columns
        Variable -> patient -> value.
    reasons
        Variable -> patient -> why it is missing.
    """

    columns: dict[str, dict[str, object]] = field(default_factory=dict)
    reasons: dict[str, dict[str, str]] = field(default_factory=dict)

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
    expected = 2 * len(plan.muscles)
    for scale_name, scale in plan.scales.items():
        of_scale = readings[readings["scale"] == scale].copy()
        of_scale["date"] = [date if isinstance(date, str) else "" for date in of_scale["date"]]
        grades = of_scale.groupby(["patient", "month", "date", "muscle", "side"])["grade"].mean()
        totals = grades.groupby(level=[0, 1, 2]).agg(["sum", "count"]).reset_index()
        scanned = dict(tuple(totals.groupby("patient")))
        for patient in records.patients["patient"]:
            scans = scanned.get(patient)
            _patient_rates(plan, scale_name, patient, scans, starts.get(patient), expected,
                           measures)  # fmt: skip


def _patient_rates(
    plan: Imaging,
    scale: str,
    patient: str,
    scans: pd.DataFrame | None,
    start: object,
    expected: int,
    measures: Measures,
) -> None:
    """Put one patient's total score before treatment and change rates on one scale."""
    rates = [f"{scale}_rate_{month}" for month in plan.months]
    wanted = [f"mri_{scale}_0", f"{scale}_present", *rates]
    if scans is None:
        for name in wanted:
            measures.lacks(name, patient, "no MRI")
        if (measures.columns.get("mri_followed") or {}).get(patient) is None:
            measures.put("mri_followed", patient, "no")
        return
    months = np.array(
        [
            exact_month(date, start, month)
            for date, month in zip(scans["date"], scans["month"], strict=True)
        ]
    )
    sign = 1 if scale == "fat" else -1
    before = _nearest(months, 0, plan.within, upto=plan.within)
    if before is None:
        for name in wanted:
            measures.lacks(name, patient, "no MRI before treatment")
        return
    first = scans.iloc[before]
    if first["count"] < expected:
        reason = f"only {first['count']} of {expected} muscle-sides read before treatment"
        for name in wanted:
            measures.lacks(name, patient, reason)
        return
    measures.put(wanted[0], patient, float(first["sum"]))
    measures.put(wanted[1], patient, "yes" if first["sum"] > 0 else "no")
    measures.put("mri_followed", patient, "yes" if len(scans) > 1 else "no")
    for month, name in zip(plan.months, rates, strict=True):
        index = _nearest(months, month, plan.within)
        if index is None or index == before:
            measures.lacks(name, patient, f"no MRI near month {month}")
            continue
        scan = scans.iloc[index]
        if scan["count"] < expected:
            reason = f"only {scan['count']} of {expected} muscle-sides read near month {month}"
            measures.lacks(name, patient, reason)
            continue
        day_0, day_1 = complete_date(first["date"]), complete_date(scan["date"])
        between = (
            months[index] - months[before]
            if day_0 is None or day_1 is None
            else months_between(day_0, day_1)
        )
        measures.put(name, patient, sign * float(scan["sum"] - first["sum"]) / float(between))


def _nearest(months: np.ndarray, target: float, within: float, upto: float = np.inf) -> int | None:
    """Index of the month nearest to a target, or None; of two equally near the earlier."""
    distance = np.where(months <= upto, np.abs(months - target), np.inf)
    index = int(np.argmin(distance))
    return index if distance[index] <= within else None


def _expression(name: str, marker: Marker, records: Records, measures: Measures) -> None:
    """Mean over fields of positive cells per muscle fibre (Zhao 2020, Methods, BAFF).

    Fields without fibres have no ratio: they are left out, and the patient's value is the
    mean of the others; a patient without any such field has no value.
    """
    variable = f"expression_{name}"
    fields = records.fields[records.fields["marker"] == marker.label]
    counted = fields.dropna(subset=["positive_cells", "fibres"])
    counted = counted[counted["fibres"] > 0]
    ratios = (counted["positive_cells"] / counted["fibres"]).groupby(counted["patient"]).mean()
    stained = set(fields["patient"])
    for patient in records.patients["patient"]:
        if patient in ratios.index:
            measures.put(variable, patient, float(ratios[patient]))
        elif patient in stained:
            measures.lacks(variable, patient, "no field with muscle fibres")
        else:
            measures.lacks(variable, patient, f"not stained for {marker.label}")
