"""Grades of each muscle on each side: before treatment, and near planned months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from myocohort.analysis.imaging.scans import counted_readings, scans_of_patients
from myocohort.mri.change import (
    BY_SCAN,
    ScoredScan,
    mean_of_readers,
    scan_before,
    scan_near,
)
from myocohort.registry.records import Records
from myocohort.study.studyfile import Imaging

SIDES = ("right", "left")
SCALE_WORDS = {
    "modified-mercuri": "Fatty infiltration (modified Mercuri, 0\u20135)",
    "oedema-0-5": "Oedema (0\u20135)",
}
"""Scale of the readings -> what a table calls it."""
NO_SCAN = "no MRI on this scale"
NO_SCAN_BEFORE = "no MRI before treatment"


@dataclass(frozen=True, slots=True)
class Occasion:
    """Grades of all patients at one time.

    Parameters
    ----------
    grades
        Shape (patients, muscle-sides), from 0 to 5, the mean of several readers; NaN where
        missing.
    reasons
        Why a patient has no scan at that time; "" where there is one.
    """

    grades: NDArray[np.float64]
    reasons: tuple[str, ...]

    @property
    def scanned(self) -> NDArray[np.bool_]:
        """Who has a scan, shape (patients,)."""
        return np.array([not reason for reason in self.reasons], dtype=bool)


@dataclass(frozen=True, slots=True)
class MuscleGrades:
    """Grades on one scale.

    Parameters
    ----------
    name, scale
        As the study file calls it, and the scale of the readings.
    patients
        Of the rows, in the order of the registry.
    slots
        Muscle and side of each column.
    before
        The scan before treatment.
    near
        Planned month -> the scan near it.
    repeated
        Readings beyond the first of a muscle-side of a scan, averaged with it.
    automatic
        Automatic readings, which do not count.
    ungraded
        Readings without a grade.
    """

    name: str
    scale: str
    patients: tuple[str, ...]
    slots: tuple[tuple[str, str], ...]
    before: Occasion
    near: Mapping[int, Occasion]
    repeated: int
    automatic: int
    ungraded: int


def read_grades(
    plan: Imaging, records: Records, name: str, *, follow_up: bool = True
) -> MuscleGrades:
    """Collect the grades of one scale, by the scans that the change rates rest on too.

    Parameters
    ----------
    plan
        Which months, muscles and readings.
    records
        What the registry holds.
    name
        Of the scale in the study file.
    follow_up
        Whether the scans near the planned months are wanted.
    """
    scale = plan.scales[name]
    every = records.mri_readings
    on_scale = every[(every["scale"] == scale) & every["muscle"].isin(plan.muscles)]
    readings = counted_readings(plan, on_scale)
    grades = mean_of_readers(readings)
    starts = records.patients.set_index("patient")["treatment_start"]
    scans = scans_of_patients(grades, starts)
    slots = tuple((muscle, side) for muscle in plan.muscles for side in SIDES)
    rows, values = _by_scan(grades, slots)
    patients = tuple(str(patient) for patient in records.patients["patient"])
    first = {patient: scan_before(plan, scans.get(patient, ())) for patient in patients}

    def occasion(chosen: Mapping[str, ScoredScan | None], reason: str) -> Occasion:
        found = np.full((len(patients), len(slots)), np.nan)
        why = []
        for place, patient in enumerate(patients):
            scan = chosen[patient]
            if scan is not None:
                found[place] = values[rows[(patient, *scan.key)]]
            why.append("" if scan is not None else reason if patient in scans else NO_SCAN)
        return Occasion(found, tuple(why))

    near = {}
    months = plan.months if follow_up else ()
    for month in months:
        chosen = {
            patient: None if before is None else scan_near(plan, scans[patient], before, month)
            for patient, before in first.items()
        }
        near[month] = occasion(chosen, f"no MRI near month {month} beside one before treatment")
    return MuscleGrades(
        name,
        scale,
        patients,
        slots,
        occasion(first, NO_SCAN_BEFORE),
        near,
        repeated=len(readings) - len(grades),
        automatic=int((on_scale["automatic"] != "no").sum()),
        ungraded=int(((on_scale["automatic"] == "no") & on_scale["grade"].isna()).sum()),
    )


def _by_scan(
    grades: pd.Series, slots: tuple[tuple[str, str], ...]
) -> tuple[dict[tuple[str, float, str], int], NDArray[np.float64]]:
    """Lay the grades out as (scans, muscle-sides), with the row of each patient, month and date."""
    if grades.empty or not isinstance(grades.index, pd.MultiIndex):
        return {}, np.empty((0, len(slots)))
    index = grades.index
    levels = {name: (index.levels[i], index.codes[i]) for i, name in enumerate(BY_SCAN)}
    of_scan = np.column_stack([levels[name][1] for name in BY_SCAN[:3]])
    # the readings of one scan stand together, because they were grouped
    first = np.concatenate(([True], (of_scan[1:] != of_scan[:-1]).any(axis=1)))
    muscles = [muscle for muscle, side in slots if side == SIDES[0]]
    place = 2 * _position(*levels["muscle"], muscles) + _position(*levels["side"], SIDES)
    values = np.full((int(first.sum()), len(slots)), np.nan)
    values[np.cumsum(first) - 1, place] = grades.to_numpy(dtype=float)
    patient, month, date = (
        levels[name][0].to_numpy()[levels[name][1][first]] for name in BY_SCAN[:3]
    )
    keys = zip(patient.tolist(), month.tolist(), date.tolist(), strict=True)
    return {(str(p), float(m), str(d)): row for row, (p, m, d) in enumerate(keys)}, values


def _position(
    level: pd.Index[Any], codes: NDArray[np.signedinteger[Any]], order: Sequence[str]
) -> NDArray[np.int64]:
    """Return where each value of an index level stands in an order."""
    found: NDArray[np.int64] = pd.Index(list(order), dtype=object).get_indexer(level)[codes]
    return found
