"""Patients against controls: the section `controls` of results.json, its methods and references."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from myocohort.analysis.comparison import value_summary
from myocohort.analysis.controls.blot_comparison import compare_blots
from myocohort.analysis.controls.two_groups import adjust, compare_two
from myocohort.analysis.imaging.muscle_grades import SCALE_WORDS, MuscleGrades, read_grades
from myocohort.analysis.imaging.muscles import NO_IMAGING, mean_summary, why_unread
from myocohort.analysis.section import Asked, Part
from myocohort.report.wording import counted

NO_CONTROLS = "the study has no arm of controls."
ONE_SIDE = "not read on both sides"


def describe_controls(asked: Asked) -> dict[str, Any]:
    """Compare the followed patients with each arm of controls: MRI before treatment, and blots.

    Returns
    -------
    dict
        `controls` of results.json (docs/results.md): `imaging` and `blots`, each with its own
        `left_out`.
    """
    arms = asked.plan.study.arms
    empty: dict[str, Any] = {"left_out": "", "notes": [], "imaging": None, "blots": None}
    controls = [code for code, arm in arms.items() if arm.role == "controls"]
    if not controls:
        return {**empty, "left_out": NO_CONTROLS}
    patients = asked.records.patients
    members = {
        code: [str(p) for p in patients.loc[patients["arm"] == code, "patient"]]
        for code in controls
    }
    followed = [decision.patient for decision in asked.decisions]
    if not followed or not any(members.values()):
        missing = "no control" if followed else "no followed patient"
        return {**empty, "left_out": f"{missing} is in the records."}
    imaging = _imaging(asked, followed, members)
    blots = compare_blots(asked.records.blots, followed, members, asked.labels)
    notes = []
    if sum(arm.role == "patients" for arm in arms.values()) > 1:
        notes.append("The patients of all arms that are followed are compared together.")
    if imaging["left_out"] and blots["left_out"]:
        return {**empty, "left_out": f"MRI: {imaging['left_out']} Blots: {blots['left_out']}"}
    return {**empty, "notes": notes, "imaging": imaging, "blots": blots}


def _imaging(
    asked: Asked, followed: Sequence[str], members: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """Compare the mean grade of both sides of each muscle before treatment."""
    empty: dict[str, Any] = {"left_out": "", "notes": [], "arms": [], "sides": []}
    plan = asked.plan.study.imaging
    if plan is None:
        return {**empty, "left_out": NO_IMAGING}
    read = [read_grades(plan, asked.records, name, follow_up=False) for name in plan.scales]
    both = [_both_sides(one) for one in read]
    place = {patient: row for row, patient in enumerate(read[0].patients)}
    rows = {code: _rows(place, who) for code, who in members.items()}
    mine = _rows(place, followed)
    arms = []
    for code, theirs in rows.items():
        if any(_any(values, mine) and _any(values, theirs) for values in both):
            arms.append(_compare_arm(code, asked.labels[code], read, both, mine, theirs))
    without = [asked.labels[code] for code in rows if code not in {arm["code"] for arm in arms}]
    if not arms:
        unread = not any(_any(one.before.grades, np.arange(len(place))) for one in read)
        reason = (
            why_unread(read)
            if unread
            else "no muscle was read on both sides before treatment in patients and in controls."
        )
        return {**empty, "left_out": reason}
    tests = arms[0]["family"]["asked"]
    notes = [
        "A patient's value is the mean grade of both sides of a muscle in the scan before "
        "treatment; who was read on one side only has no value.",
        "The shift is the median of all differences between a patient and a control; above 0 the "
        "patients have the higher grades. Grades are coarse, so that many differences are 0 or "
        "half a grade: a shift of 0, and limits from 0 to 0, come from such ties and do not say "
        "that the groups are alike. Cliff's delta, the share of pairs in which the patient is "
        "higher less the share in which the control is, stands beside it with limits of its own "
        "and no p value.",
        f"Family of the adjusted p values: all comparisons with one arm of controls "
        f"({tests} = {len(plan.muscles)} muscles on {counted(len(plan.scales), 'scale')}), less "
        "those without a p value. Holm bounds the chance of any false positive, "
        "Benjamini-Hochberg the expected share of false ones.",
        "No difference shown is not the same as no difference: the limits of Cliff's delta say "
        "what is compatible with these numbers.",
    ]
    notes += [f"{label}: no MRI to compare." for label in without]
    if read and any(one.automatic for one in read):
        n = sum(one.automatic for one in read)
        notes.append(f"{n} automatic readings are proposals and do not count.")
    groups = [("all", "All patients", mine)]
    groups += [(arm["code"], arm["label"], rows[arm["code"]]) for arm in arms]
    sides = [
        _sides(one, column, code, label, who)
        for code, label, who in groups
        for one in read
        for column in range(0, len(one.slots), 2)
    ]
    return {**empty, "notes": notes, "arms": arms, "sides": sides}


def _rows(place: Mapping[str, int], members: Sequence[str]) -> NDArray[np.intp]:
    return np.array([place[patient] for patient in members], dtype=np.intp)


def _any(values: NDArray[np.float64], rows: NDArray[np.intp]) -> bool:
    return bool((~np.isnan(values[rows])).any())


def _both_sides(read: MuscleGrades) -> NDArray[np.float64]:
    """Return the mean of both sides before treatment, shape (patients, muscles)."""
    grades = read.before.grades
    means: NDArray[np.float64] = (grades[:, 0::2] + grades[:, 1::2]) / 2.0
    return means


def _compare_arm(
    code: str,
    label: str,
    read: Sequence[MuscleGrades],
    both: Sequence[NDArray[np.float64]],
    mine: NDArray[np.intp],
    theirs: NDArray[np.intp],
) -> dict[str, Any]:
    rows = []
    for one, values in zip(read, both, strict=True):
        for column in range(values.shape[1]):
            muscle = one.slots[2 * column][0]
            first, second = values[mine, column], values[theirs, column]
            question = f"{SCALE_WORDS[one.scale]}, {muscle}: patients against {label}"
            rows.append(
                {
                    "name": one.name,
                    "scale": one.scale,
                    "label": SCALE_WORDS[one.scale],
                    "muscle": muscle,
                    "patients": _group(one, values[:, column], mine),
                    "controls": _group(one, values[:, column], theirs),
                    **compare_two(first, second, question),
                }
            )
    return {
        "code": code,
        "label": label,
        "n": {"patients": len(mine), "controls": len(theirs)},
        "scanned": {
            "patients": int(np.logical_or.reduce([o.before.scanned[mine] for o in read]).sum()),
            "controls": int(np.logical_or.reduce([o.before.scanned[theirs] for o in read]).sum()),
        },
        "rows": rows,
        "family": adjust(rows),
    }


def _group(
    read: MuscleGrades, values: NDArray[np.float64], rows: NDArray[np.intp]
) -> dict[str, Any]:
    """Summarise one muscle in one group; who has no value is counted by reason."""
    missing = rows[np.isnan(values[rows])]
    why = Counter(read.before.reasons[row] or ONE_SIDE for row in missing)
    return {**value_summary(values[rows]), "reasons": dict(sorted(why.items()))}


def _sides(
    read: MuscleGrades, column: int, code: str, label: str, rows: NDArray[np.intp]
) -> dict[str, Any]:
    """Describe right less left of one muscle before treatment, in those read on both sides."""
    grades = read.before.grades[rows]
    change = grades[:, column] - grades[:, column + 1]
    return {
        "code": code,
        "label": label,
        "name": read.name,
        "scale": read.scale,
        "muscle": read.slots[column][0],
        **mean_summary(change),
        "right_higher": int((change > 0).sum()),
        "same": int((change == 0).sum()),
        "left_higher": int((change < 0).sum()),
    }


def methods_of_controls(results: Mapping[str, Any]) -> str:
    """Describe how patients and controls were compared, as it was run; empty where nothing was."""
    section = results.get("controls") or {}
    if not section or section["left_out"]:
        return ""
    parts = []
    imaging, blots = section["imaging"], section["blots"]
    if not imaging["left_out"]:
        tests = _methods_of([row for arm in imaging["arms"] for row in arm["rows"]])
        labels = " and with ".join(arm["label"] for arm in imaging["arms"])
        parts += [
            f"The MRI of the followed patients was compared with {labels}, muscle by muscle, by: "
            f"{tests}.",
            *imaging["notes"],
        ]
    if not blots["left_out"]:
        tests = _methods_of([c for target in blots["targets"] for c in target["comparisons"]])
        parts += [
            f"Densities of blots were compared by: {tests}." if tests else "",
            *blots["notes"],
        ]
    return " ".join(part for part in parts if part)


def _methods_of(rows: Sequence[Mapping[str, Any]]) -> str:
    """List the methods of rows with a p value, with how often each was run."""
    counts = Counter(row["test"] for row in rows if row["p"] is not None)
    return "; ".join(f"{test} ({counted(n, 'comparison')})" for test, n in counts.items())


def references_of_controls(results: Mapping[str, Any]) -> list[str]:
    """List the sources of the tests, effects and adjustments that were run."""
    section = results.get("controls") or {}
    if not section or section["left_out"]:
        return []
    imaging, blots = section["imaging"], section["blots"]
    rows = [row for arm in imaging["arms"] for row in arm["rows"]]
    rows += [row for target in blots["targets"] for row in target["comparisons"]]
    found = []
    for row in rows:
        if row["p"] is not None:
            found.append(row["reference"])
        if row["delta"]:
            found.append(row["delta"]["reference"])
    families = [arm["family"] for arm in imaging["arms"]] + blots["families"]
    found += [
        family[name]["reference"]
        for family in families
        if family["tests"]
        for name in ("holm", "benjamini_hochberg")
    ]
    if not blots["left_out"] and blots["loading"]:
        found.append(blots["reference"])
    return list(dict.fromkeys(found))


CONTROLS_PART = Part(
    describe_controls,
    methods_of_controls,
    references_of_controls,
    columns=(
        *(("mri_readings", column) for column in ("date", "month", "muscle", "side", "grade")),
        *(("blots", column) for column in ("membrane", "lane", "target", "density")),
    ),
)
