"""The scan that counts at each planned month: total score, exact month, or why there is none."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from myocohort.analysis.imaging.scans import (
    Scan,
    counted_readings,
    grades_of_scans,
    months_apart,
    scan_before,
    scan_near,
    scans_of_patients,
)
from myocohort.registry.records import Records
from myocohort.study.studyfile import Imaging

BEFORE = 0
"""The month that stands for the scan before treatment."""
_LONG_AGO = Scan(-math.inf, None, 0.0, 0, (-math.inf, ""))
"""Stands before all scans of a patient who has none before treatment."""


@dataclass(frozen=True, slots=True)
class Score:
    """A total score of one patient at one planned month.

    Parameters
    ----------
    at
        Month of the scan since the start of treatment, by the dates where both are known.
    total
        Sum of the grades of all muscle-sides.
    apart
        Months from the scan before treatment to this one; None where there is none before, or
        where this is it.
    """

    at: float
    total: float
    apart: float | None


@dataclass(frozen=True, slots=True)
class Scores:
    """The total scores of one scale.

    Parameters
    ----------
    scores
        Patient -> planned month (0: before treatment) -> score.
    reasons
        Patient -> planned month -> why there is no score.
    """

    scores: Mapping[str, Mapping[int, Score]]
    reasons: Mapping[str, Mapping[int, str]]


def scores_by_scale(plan: Imaging, records: Records, patients: Sequence[str]) -> dict[str, Scores]:
    """Find the scans that count at each planned month, as the change rates choose them.

    Parameters
    ----------
    plan
        Scales, months and windows.
    records
        With the readings; automatic ones that no reader accepted do not count.
    patients
        Who is asked about.

    Returns
    -------
    dict
        Name of each scale -> its scores. A total over fewer muscle-sides than planned is none.
    """
    readings = records.mri_readings
    readings = counted_readings(plan, readings[readings["patient"].isin(set(patients))])
    starts = records.patients.set_index("patient")["treatment_start"]
    found = {}
    for name, scale in plan.scales.items():
        grades = grades_of_scans(readings[readings["scale"] == scale])
        scanned = scans_of_patients(grades, starts)
        each = {patient: _of_patient(plan, scanned.get(patient, [])) for patient in patients}
        found[name] = Scores(
            {patient: scores for patient, (scores, _) in each.items()},
            {patient: reasons for patient, (_, reasons) in each.items()},
        )
    return found


def _of_patient(plan: Imaging, scans: list[Scan]) -> tuple[dict[int, Score], dict[int, str]]:
    """Return one patient's scores, and the reasons where there is none."""
    scores: dict[int, Score] = {}
    reasons: dict[int, str] = {}
    sides = 2 * len(plan.muscles)
    before = scan_before(plan, scans)
    whole = before is not None and before.read == sides
    first = before or _LONG_AGO
    near = {month: scan_near(plan, scans, first, month) for month in plan.months}
    chosen = {BEFORE: before, **near}
    for month, scan in chosen.items():
        where = f"near month {month}" if month else "before treatment"
        if scan is None:
            reasons[month] = f"no MRI {where}" if scans else "no MRI"
        elif scan.read < sides:
            reasons[month] = f"only {scan.read} of {sides} muscle-sides read {where}"
        else:
            apart = months_apart(before, scan) if month and before and whole else None
            scores[month] = Score(scan.month, scan.total, apart)
    return scores, reasons
