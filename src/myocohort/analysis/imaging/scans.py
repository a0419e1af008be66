"""MRI scans of each patient: which readings count, and which scan is taken for which month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from myocohort.analysis.outcome import complete_date, exact_month
from myocohort.study.studyfile import Imaging
from myocohort.study.values import months_between

BY_SCAN = ["patient", "month", "date", "muscle", "side"]


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
    key
        Month and date of its readings as they are recorded, '' without a date.
    """

    month: float
    day: dt.date | None
    total: float
    read: int
    key: tuple[float, str]


def counted_readings(plan: Imaging, readings: pd.DataFrame) -> pd.DataFrame:
    """Return the readings that count: graded, by a reader, of a planned muscle.

    Automatic readings are proposals until a reader accepts them.
    """
    return readings[(readings["automatic"] == "no") & readings["muscle"].isin(plan.muscles)].dropna(
        subset=["grade"]
    )


def grades_of_scans(readings: pd.DataFrame) -> pd.Series:
    """Return the grade of each muscle-side of each scan of one scale, readers averaged.

    Parameters
    ----------
    readings
        Of one scale, those that count.

    Returns
    -------
    Series
        Indexed by patient, month, date ('' where unknown), muscle and side.
    """
    readings = readings.assign(
        date=[date if isinstance(date, str) else "" for date in readings["date"].to_numpy()]
    )
    grades: pd.Series = readings.groupby(BY_SCAN)["grade"].mean()
    return grades


def scans_of_patients(grades: pd.Series, starts: pd.Series) -> dict[str, list[Scan]]:
    """Return each patient's scans on one scale, in order of time.

    Parameters
    ----------
    grades
        As `grades_of_scans` returns them.
    starts
        Start of treatment, indexed by patient.
    """
    totals = grades.groupby(level=[0, 1, 2]).agg(["sum", "count"]).reset_index()
    start_of = starts.to_dict()
    found: dict[str, list[Scan]] = {}
    for patient, month, date, total, read in totals.itertuples(index=False):
        at = exact_month(date, start_of.get(patient), float(month))
        key = (float(month), str(date))
        scan = Scan(at, complete_date(date), float(total), int(read), key)
        found.setdefault(patient, []).append(scan)
    return {patient: sorted(scans, key=lambda s: s.month) for patient, scans in found.items()}


def scan_before(plan: Imaging, scans: Sequence[Scan]) -> Scan | None:
    """Return the last scan up to the start of treatment, otherwise the first soon after."""
    low, high = plan.before
    inside = [scan for scan in scans if low <= scan.month <= high]
    earlier = [scan for scan in inside if scan.month <= 0]
    if earlier:
        return earlier[-1]
    return inside[0] if inside else None


def scan_near(plan: Imaging, scans: Sequence[Scan], before: Scan, month: float) -> Scan | None:
    """Return the scan after the first one that is nearest to a planned month, if near enough.

    Of two equally near scans the earlier one.
    """
    later = (scan for scan in scans if scan.month > before.month)
    scan = min(later, key=lambda s: (abs(s.month - month), s.month), default=None)
    return None if scan is None or abs(scan.month - month) > plan.within else scan


def months_apart(before: Scan, after: Scan) -> float:
    """Months between two scans: days / 30.4375 where both dates are known."""
    if before.day is None or after.day is None:
        return after.month - before.month
    return months_between(before.day, after.day)
