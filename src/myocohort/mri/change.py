"""Total scores of muscle grades, which scan counts for which month, and change rates.

The arithmetic of Zhao 2020 (Methods, Muscle MRI and follow-up; Table 3): the grades of all
muscle-sides are summed to a total score, and a change rate is (score after - score before) /
months. The paper counts an increase of fat and a reduction of oedema as positive. There is one
way to do this: the analysis of a study, its pages, and `myocohort mri compare` all come here.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from myocohort.study.studyfile import Imaging
from myocohort.study.values import months_between

BY_SCAN = ["patient", "month", "date", "muscle", "side"]
"""What tells the grades of one scale apart, once several readers are averaged."""

BEFORE = 0
"""The month that stands for the scan before treatment."""


@dataclass(frozen=True, slots=True)
class ScoredScan:
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
class Course:
    """Total scores and change rates of one patient on one scale.

    Parameters
    ----------
    scores, why_no_score
        Planned month (`BEFORE`: before treatment) -> score, or why there is none; each month
        stands in one of the two.
    rates, why_no_rate
        Planned month -> points a month since before treatment, or why there is no rate.
    followed
        Whether a complete scan before treatment has any scan after it.
    """

    scores: Mapping[int, Score]
    why_no_score: Mapping[int, str]
    rates: Mapping[int, float]
    why_no_rate: Mapping[int, str]
    followed: bool


def mean_of_readers(readings: pd.DataFrame) -> pd.Series:
    """Return the grade of each muscle-side of each scan of one scale, readers averaged.

    Parameters
    ----------
    readings
        The readings that count, of one scale, none without a grade: patient, month, date (None
        where unknown), muscle, side, grade.

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


def totals_of_scans(grades: pd.Series) -> pd.DataFrame:
    """Return patient, month, date, sum and count of the grades of each scan, a row a scan.

    Parameters
    ----------
    grades
        As `mean_of_readers` returns them.
    """
    return grades.groupby(level=[0, 1, 2]).agg(["sum", "count"]).reset_index()


def scan_before(plan: Imaging, scans: Sequence[ScoredScan]) -> ScoredScan | None:
    """Return the last scan up to the start of treatment, otherwise the first soon after."""
    low, high = plan.before
    inside = [scan for scan in scans if low <= scan.month <= high]
    earlier = [scan for scan in inside if scan.month <= 0]
    if earlier:
        return earlier[-1]
    return inside[0] if inside else None


def scan_near(
    plan: Imaging, scans: Sequence[ScoredScan], before: ScoredScan | None, month: float
) -> ScoredScan | None:
    """Return the scan nearest to a planned month, if near enough; of two the earlier one.

    Parameters
    ----------
    plan
        Says how near.
    scans
        Of one patient on one scale.
    before
        Only scans after this one count; None for all.
    month
        Since the start of treatment.
    """
    first = -math.inf if before is None else before.month
    later = (scan for scan in scans if scan.month > first)
    scan = min(later, key=lambda s: (abs(s.month - month), s.month), default=None)
    return None if scan is None or abs(scan.month - month) > plan.within else scan


def months_apart(before: ScoredScan, after: ScoredScan) -> float:
    """Months between two scans: days / 30.4375 where both dates are known."""
    if before.day is None or after.day is None:
        return after.month - before.month
    return months_between(before.day, after.day)


def change_rate(before: float, after: float, months: float, *, rising: bool) -> float:
    """Return the change of a score per month.

    Parameters
    ----------
    before, after
        Scores, or limits of scores.
    months
        Between the two; more than 0.
    rising
        Whether an increase counts as positive, as of fat; of oedema a reduction does
        (`study.standard.SCALES`).

    References
    ----------
    Zhao Y, et al. Orphanet J Rare Dis 2020, doi:10.1186/s13023-020-01431-7, Table 3.
    """
    sign = 1 if rising else -1
    return sign * (after - before) / months


def follow(plan: Imaging, scans: Sequence[ScoredScan], *, rising: bool) -> Course:
    """Return one patient's total scores and change rates at the planned months.

    A total over fewer muscle-sides than planned is none, and gives no rate. A scan counts for
    a planned month where it is the nearest to it and within the plan's window.

    Parameters
    ----------
    plan
        Months, muscles and windows.
    scans
        Of one patient on one scale, in order of time; empty without any.
    rising
        As for `change_rate`.
    """
    before = scan_before(plan, scans)
    near = {month: scan_near(plan, scans, before, month) for month in plan.months}
    scores: dict[int, Score] = {}
    lacking: dict[int, str] = {}
    whole = before is not None and not _unread(plan, before, BEFORE)
    for month, scan in {BEFORE: before, **near}.items():
        if scan is None:
            lacking[month] = f"no MRI {_when(month)}" if scans else "no MRI"
        elif reason := _unread(plan, scan, month):
            lacking[month] = reason
        else:
            apart = months_apart(before, scan) if month and before and whole else None
            scores[month] = Score(scan.month, scan.total, apart)
    if before is None or not whole:
        return Course(scores, lacking, {}, dict.fromkeys(plan.months, lacking[BEFORE]), False)
    rates: dict[int, float] = {}
    no_rate: dict[int, str] = {}
    for month in plan.months:
        score = scores.get(month)
        if score is None or score.apart is None:
            no_rate[month] = lacking[month]
        elif score.apart <= 0:  # planned months beside dates that contradict them
            no_rate[month] = f"by its date the MRI near month {month} is not after the first"
        else:
            rates[month] = change_rate(before.total, score.total, score.apart, rising=rising)
    followed = any(scan.month > before.month for scan in scans)
    return Course(scores, lacking, rates, no_rate, followed)


def _when(month: int) -> str:
    return f"near month {month}" if month else "before treatment"


def _unread(plan: Imaging, scan: ScoredScan, month: int) -> str:
    """Say of an incomplete scan how many muscle-sides were read; '' of a complete one."""
    sides = 2 * len(plan.muscles)
    if scan.read == sides:
        return ""
    return f"only {scan.read} of {sides} muscle-sides read {_when(month)}"
