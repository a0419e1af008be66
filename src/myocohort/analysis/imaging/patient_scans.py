"""The scan that counts at each planned month: total score, exact month, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from myocohort.analysis.imaging.scans import counted_readings, scans_of_patients
from myocohort.mri.change import Course, Score, follow, mean_of_readers
from myocohort.registry.records import Records
from myocohort.study.standard import SCALES
from myocohort.study.studyfile import Imaging


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


def courses_by_scale(
    plan: Imaging, records: Records, patients: Sequence[str]
) -> dict[str, dict[str, Course]]:
    """Follow each patient on each scale.

    Parameters
    ----------
    plan
        Scales, months and windows.
    records
        With the readings; automatic ones that no reader accepted do not count, several readers
        of one scan are averaged muscle by muscle.
    patients
        Who is asked about.

    Returns
    -------
    dict
        Name of each scale -> patient -> scores and rates. A total over fewer muscle-sides than
        planned is none.
    """
    readings = records.mri_readings
    readings = counted_readings(plan, readings[readings["patient"].isin(set(patients))])
    starts = records.patients.set_index("patient")["treatment_start"]
    found = {}
    for name, scale in plan.scales.items():
        grades = mean_of_readers(readings[readings["scale"] == scale])
        scans = scans_of_patients(grades, starts)
        rising = SCALES[scale] == "increase"
        found[name] = {
            patient: follow(plan, scans.get(patient, []), rising=rising) for patient in patients
        }
    return found


def scores_by_scale(plan: Imaging, records: Records, patients: Sequence[str]) -> dict[str, Scores]:
    """Return the total scores of `courses_by_scale`, and why there is none."""
    return {
        name: Scores(
            {patient: course.scores for patient, course in courses.items()},
            {patient: course.why_no_score for patient, course in courses.items()},
        )
        for name, courses in courses_by_scale(plan, records, patients).items()
    }
