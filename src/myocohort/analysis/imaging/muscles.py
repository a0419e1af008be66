"""Muscle by muscle on MRI: the section `muscles` of results.json, its methods and references."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from myocohort.analysis.imaging.muscle_grades import (
    NO_SCAN_BEFORE,
    SCALE_WORDS,
    SIDES,
    MuscleGrades,
    Occasion,
    read_grades,
)
from myocohort.analysis.section import NOT_DETERMINED, Asked, Part
from myocohort.outcomes import OUTCOMES
from myocohort.stats.describe import describe_values
from myocohort.study.studyfile import Imaging

GRADES = tuple(range(6))
REFERENCE = (
    "Zhao Y, et al. Orphanet J Rare Dis, 8 July 2020, doi:10.1186/s13023-020-01431-7 (the twelve "
    "muscles, and both scales from 0 to 5)"
)
NO_IMAGING = "the study file has no [imaging]."


def describe_muscles(asked: Asked) -> dict[str, Any]:
    """Describe the grade of every muscle on each side, before treatment and after.

    After treatment is the scan nearest to one planned month, the same for all: the month at
    which most followed patients have a scan beside one before treatment, of equal ones the last.

    Returns
    -------
    dict
        `muscles` of results.json (docs/results.md): per scale and group (all followed, arms if
        several, outcomes, control arms) n, missing with reasons, mean, SD, median, range and
        the number of patients at each grade, never merged; and the paired difference.
    """
    empty: dict[str, Any] = {
        "left_out": "", "notes": [], "month": None, "within": None, "months": [], "muscles": [],
        "sides": list(SIDES), "scales": [],
    }  # fmt: skip
    plan = asked.plan.study.imaging
    if plan is None:
        return {**empty, "left_out": NO_IMAGING}
    read = [read_grades(plan, asked.records, name) for name in plan.scales]
    if not any(_read(grades.before) or any(map(_read, grades.near.values())) for grades in read):
        return {**empty, "left_out": why_unread(read)}
    groups = groups_of(asked)
    followed = _rows(read[0].patients, groups[0]["patients"])
    both = {
        month: sum(
            int((one.before.scanned & one.near[month].scanned)[followed].sum()) for one in read
        )
        for month in plan.months
    }
    month = max(plan.months, key=lambda m: (both[m], m))
    return {
        **empty,
        "notes": _notes(plan, read, month, both[month]),
        "month": month,
        "within": plan.within,
        "months": [
            {
                "month": m,
                "scans": [
                    {
                        "scale": one.name,
                        "n": int((one.before.scanned & one.near[m].scanned)[followed].sum()),
                    }
                    for one in read
                ],
            }
            for m in plan.months
        ],
        "muscles": list(plan.muscles),
        "scales": [_scale(one, month, groups) for one in read],
    }


def groups_of(asked: Asked) -> list[dict[str, Any]]:
    """Return the groups: all followed, arms if several, outcomes, control arms.

    Returns
    -------
    list of dict
        `by`, `code`, `label`, `patients`; the first is all patients.
    """
    patients, study = asked.records.patients, asked.plan.study
    arm_of = dict(zip(patients["patient"], patients["arm"], strict=True))
    found = [("all", "all", "All patients", [d.patient for d in asked.decisions])]
    followed = [code for code, arm in study.arms.items() if arm.role == "patients"]
    controls = [code for code, arm in study.arms.items() if arm.role == "controls"]

    def arm(code: str) -> tuple[str, str, str, list[str]]:
        return "arm", code, asked.labels[code], [p for p, a in arm_of.items() if a == code]

    if len(followed) > 1:
        found += [arm(code) for code in followed]
    for outcome in OUTCOMES:
        who = [d.patient for d in asked.decisions if d.outcome == outcome]
        if who:
            found.append(("outcome", outcome, asked.labels[outcome], who))
    found += [("controls", *arm(code)[1:]) for code in controls]
    return [
        {"by": by, "code": code, "label": label, "patients": who} for by, code, label, who in found
    ]


def why_unread(read: Sequence[MuscleGrades]) -> str:
    """Say why no grade counts."""
    automatic = sum(grades.automatic for grades in read)
    if automatic:
        return (
            f"no MRI reading counts: {automatic} are automatic proposals that no reader accepted."
        )
    if any(reason == NO_SCAN_BEFORE for grades in read for reason in grades.before.reasons):
        return (
            "MRI was read after the start of treatment only: nobody has a scan before treatment, "
            "with which those after it are compared."
        )
    return "the records hold no graded MRI reading of a planned muscle and scale."


def _read(occasion: Occasion) -> bool:
    return bool((~np.isnan(occasion.grades)).any())


def _rows(patients: Sequence[str], members: Sequence[str]) -> NDArray[np.intp]:
    place = {patient: row for row, patient in enumerate(patients)}
    return np.array([place[patient] for patient in members], dtype=np.intp)


def _scale(read: MuscleGrades, month: int, groups: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Describe one scale in all groups."""
    after = read.near[month]
    change = after.grades - read.before.grades
    found = []
    for group in groups:
        rows = _rows(read.patients, group["patients"])
        cells: list[dict[str, Any]] = []
        for column, (muscle, side) in enumerate(read.slots):
            first, second = read.before.grades[rows, column], after.grades[rows, column]
            difference = change[rows, column]
            cells.append(
                {
                    "muscle": muscle,
                    "side": side,
                    "before": {**mean_summary(first), **_counts(first)},
                    "after": {**mean_summary(second), **_counts(second)},
                    "difference": {**mean_summary(difference), **_directions(difference)},
                }
            )
        graded = any(cell[time]["n"] for cell in cells for time in ("before", "after"))
        found.append(
            {
                "by": group["by"],
                "code": group["code"],
                "label": group["label"],
                "n": len(rows),
                "left_out": "" if graded else "nobody has a grade on this scale.",
                "scans": {
                    "before": _scans(read.before, rows),
                    "after": _scans(after, rows),
                },
                "rows": cells if graded else [],
            }
        )
    return {
        "name": read.name,
        "scale": read.scale,
        "label": SCALE_WORDS[read.scale],
        "automatic": read.automatic,
        "repeated": read.repeated,
        "ungraded": read.ungraded,
        "groups": found,
    }


def _scans(occasion: Occasion, rows: NDArray[np.intp]) -> dict[str, Any]:
    """Count who has a scan, and the others by reason."""
    why = Counter(occasion.reasons[row] for row in rows if occasion.reasons[row])
    return {
        "n": len(rows) - why.total(),
        "missing": why.total(),
        "reasons": dict(sorted(why.items())),
    }


def mean_summary(values: NDArray[np.float64]) -> dict[str, Any]:
    """Summarise values; missing are those without the scan, or whose muscle was not read."""
    found = describe_values(values)
    return {
        "n": found.n,
        "missing": found.n_missing,
        "mean": found.mean,
        "sd": found.sd,
        "median": found.median,
        "min": found.minimum,
        "max": found.maximum,
    }


def _counts(values: NDArray[np.float64]) -> dict[str, Any]:
    """Count each grade by itself; means of several readers may lie between two grades."""
    grades, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    found = dict(zip(grades.tolist(), counts.tolist(), strict=True))
    return {
        "grades": [found.pop(float(grade), 0) for grade in GRADES],
        "between": [{"grade": grade, "n": n} for grade, n in found.items()],
    }


def _directions(change: NDArray[np.float64]) -> dict[str, int]:
    return {
        "rose": int((change > 0).sum()),
        "same": int((change == 0).sum()),
        "fell": int((change < 0).sum()),
    }


def _notes(plan: Imaging, read: Sequence[MuscleGrades], month: int, n: int) -> list[str]:
    """Return what a reader must know of the scans, the readings and the differences."""
    low, high = (f"{month:g}".replace("-", "\N{MINUS SIGN}") for month in plan.before)
    notes = [
        "Before treatment is the last scan up to the start of treatment, otherwise the first one "
        f"after it (from month {low} to {high}); of patients without a start of treatment, as "
        "controls may be, the month that is recorded counts."
    ]
    if n:
        notes.append(
            f"After treatment is the scan nearest to month {month}, at most {plan.within:g} months "
            "from it, in those who have one before: the planned month at which most followed "
            "patients have a scan beside one before treatment, the last where several have equally "
            "many."
        )
    else:
        notes.append("No followed patient has a scan near a planned month beside one before.")
    automatic = sum(grades.automatic for grades in read)
    if automatic:
        notes.append(f"{automatic} automatic readings are proposals and do not count.")
    repeated = sum(grades.repeated for grades in read)
    if repeated:
        notes.append(
            f"{repeated} readings are a further reader's of the same scan and muscle; the readers "
            "are averaged, and a mean between two grades is counted by itself."
        )
    ungraded = sum(grades.ungraded for grades in read)
    if ungraded:
        notes.append(f"{ungraded} readings carry no grade and are left out.")
    notes.append(
        "A difference is the grade after treatment less the grade before, of those who have both; "
        "the mean before treatment may rest on more patients than the mean of the difference. "
        "Differences are described, not tested."
    )
    return notes


def methods_of_muscles(results: Mapping[str, Any]) -> str:
    """Describe how muscles were graded and scans chosen; empty where nothing was."""
    section = results.get("muscles") or {}
    if not section or section["left_out"]:
        return ""
    scales = " and ".join(scale["label"] for scale in section["scales"])
    return (
        f"Muscle by muscle, {len(section['muscles'])} muscles on both sides were described on "
        f"these scales: {scales}. " + " ".join(_own_notes(section))
    )


def _own_notes(section: Mapping[str, Any]) -> list[str]:
    return [note for note in section["notes"] if not note.startswith(NOT_DETERMINED)]


def references_of_muscles(results: Mapping[str, Any]) -> list[str]:
    """List the source of the muscles and scales."""
    section = results.get("muscles") or {}
    return [REFERENCE] if section and not section["left_out"] else []


MUSCLES_PART = Part(
    describe_muscles,
    methods_of_muscles,
    references_of_muscles,
    columns=tuple(
        ("mri_readings", column) for column in ("date", "month", "muscle", "side", "grade")
    ),
)
