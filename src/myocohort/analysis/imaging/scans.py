"""MRI scans of each patient: which readings count, and what their totals are (`mri.change`)."""

from __future__ import annotations

import pandas as pd

from myocohort.analysis.outcome import complete_date, exact_month
from myocohort.mri.change import ScoredScan, totals_of_scans
from myocohort.study.studyfile import Imaging


def counted_readings(plan: Imaging, readings: pd.DataFrame) -> pd.DataFrame:
    """Return the readings that count: graded, by a reader, of a planned muscle.

    Automatic readings are proposals until a reader accepts them.
    """
    return readings[(readings["automatic"] == "no") & readings["muscle"].isin(plan.muscles)].dropna(
        subset=["grade"]
    )


def scans_of_patients(grades: pd.Series, starts: pd.Series) -> dict[str, list[ScoredScan]]:
    """Return each patient's scans on one scale, in order of time.

    Parameters
    ----------
    grades
        As `mri.change.mean_of_readers` returns them.
    starts
        Start of treatment, indexed by patient.
    """
    start_of = starts.to_dict()
    found: dict[str, list[ScoredScan]] = {}
    for patient, month, date, total, read in totals_of_scans(grades).itertuples(index=False):
        at = exact_month(date, start_of.get(patient), float(month))
        key = (float(month), str(date))
        scan = ScoredScan(at, complete_date(date), float(total), int(read), key)
        found.setdefault(patient, []).append(scan)
    return {patient: sorted(scans, key=lambda s: s.month) for patient, scans in found.items()}
