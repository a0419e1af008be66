"""Courses of CK and strength, glucocorticoids and time lines: `patients_over_time`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from myocohort.analysis.over_time.ck_and_strength import (
    ck_by_group,
    months_of,
    strength_by_group,
    taken_visits,
)
from myocohort.analysis.over_time.followed import followed, groups_of, planned_windows
from myocohort.analysis.over_time.glucocorticoid_doses import MONTHS, describe_doses
from myocohort.analysis.over_time.time_lines import placed, time_lines
from myocohort.analysis.section import MOST_LISTED, Asked, Part
from myocohort.report.wording import counted
from myocohort.stats.result import jsonable

COLUMNS: tuple[tuple[str, str], ...] = (
    ("patients", "onset"), ("patients", "treatment_start"),
    *(("visits", name) for name in (
        "month", "mrs", "weakest_mrc", "ck", "ck_uln_u_per_l")),
    *(("treatments", name) for name in (
        "drug", "name", "start", "stop", "dose", "dose_unit")),
)  # fmt: skip
"""(table, column) of the records on which the section rests."""
KEY = "patients_over_time"


def describe_patients_over_time(asked: Asked) -> dict[str, Any]:
    """Describe the followed patients one by one, and their groups at the planned months.

    Returns
    -------
    dict
        `patients_over_time` of results.json (docs/results.md).
    """
    if not asked.decisions:
        return {"left_out": "No patient is followed.", "notes": []}
    plan = asked.plan
    criteria = None if plan.rule.criteria is None else plan.rule.criteria(plan.parameters)
    people = followed(asked)
    groups = groups_of(asked, people)
    windows = planned_windows(plan.study, criteria)
    taken = taken_visits(people, windows)
    opens = float(MONTHS - plan.study.schedule.within)
    opens = windows.get(MONTHS, (opens, 0.0))[0]
    glucocorticoid, doses = describe_doses(asked, people, groups, opens)
    listed = len(people) <= MOST_LISTED
    section: dict[str, Any] = {
        "left_out": "",
        "notes": [],
        "n": len(people),
        "followed_up": sum(person.end is not None for person in people),
        "months": months_of(windows),
        "groups": [
            {"by": g.by, "code": g.code, "label": g.label, "n": len(g.rows)} for g in groups
        ],
        "ck": ck_by_group(people, groups, taken),
        "strength": strength_by_group(people, groups, taken),
        "glucocorticoid": glucocorticoid,
        "patients": time_lines(asked, people, doses, criteria) if listed else [],
        "patients_left_out": ""
        if listed
        else f"{len(people)} patients are followed; each one is listed and drawn up to "
        f"{MOST_LISTED}, and of more only the groups are shown.",
        "not_placed": dict(placed(asked, people)),
    }
    section["notes"] = _notes(section, events=criteria is not None)
    plain: dict[str, Any] = jsonable(section)
    return plain


def _notes(section: Mapping[str, Any], *, events: bool) -> list[str]:
    notes = [
        "Months count from the start of treatment, by dates where they are known. The groups of "
        "the outcome are formed by mRS, strength and relapse: their CK and strength are shown and "
        "not compared."
    ]
    without = section["n"] - section["followed_up"]
    if without:
        notes.append(f"No visit after the start of treatment: {counted(without, 'patient')}.")
    if section["patients_left_out"]:
        notes.append(section["patients_left_out"])
    apart = section["not_placed"]
    if apart["no_start"]:
        notes.append(
            f"{counted(apart['no_start'], 'patient')} without a start of treatment that is known "
            "to the day: their visits stand at the planned months, and their drugs cannot be "
            "placed."
        )
    if apart["treatments"]:
        notes.append(f"Not on the time lines, because no date places them: {apart['treatments']} "
                     "rows of treatments.")  # fmt: skip
    if apart["biopsies"]:
        notes.append("Biopsies are not on the time lines: their records carry no date.")
    if not events:
        notes.append("The outcome rule does not say what a relapse is: none is shown.")
    return notes


def methods_of_patients_over_time(results: Mapping[str, Any]) -> str:
    """Describe what was run, as it was run; empty where nothing was."""
    section = results.get(KEY) or {}
    if not section or section["left_out"]:
        return ""
    parts = []
    shown = [
        name
        for name, key in (("CK", "ck"), ("strength of the weakest muscle group", "strength"))
        if not section[key]["left_out"]
    ]
    if shown:
        windows = ", ".join(
            f"month {month['month']} ({month['from']:g} to {month['to']:g})"
            for month in section["months"]
            if month["month"] > 0
        )
        nearest = f" of the nearest visit in its window, of two equally near the later: {windows}"
        parts.append(
            f"{' and '.join(shown)} at a planned month {'are' if len(shown) > 1 else 'is'} that"
            f"{nearest if windows else ''}; before treatment "
            "that of the last visit. A visit without a value is not replaced by another."
        )
    if not section["ck"]["left_out"]:
        parts.append(
            f"CK is described by median and quartiles ({section['ck']['quartiles']}) and the "
            "geometric mean, and is held against the upper limit of the same visit."
        )
    if not section["strength"]["left_out"]:
        parts.append(
            "Strength is counted by whole MRC grades, none of them put together; for drawing, a "
            "plus or minus is a third of a grade."
        )
    doses = section["glucocorticoid"]
    if not doses["left_out"]:
        parts += [
            "Glucocorticoids were summed from the recorded periods as prednisone: 5 mg of "
            f"prednisone for {_equivalents(doses)} ({doses['reference']}; table "
            f"{doses['table']}).",
            *doses["notes"],
            *doses["warnings"],
        ]
        ran = dict.fromkeys(
            measure["comparison"]["method"]
            for measure in doses["measures"]
            if measure["comparison"] and measure["comparison"]["p"] is not None
        )
        if ran:
            parts.append(
                f"Doses of refractory and non-refractory patients were compared by: "
                f"{'; '.join(ran)}. Their p values are not adjusted for one another."
            )
    return " ".join(parts)


def _equivalents(doses: Mapping[str, Any]) -> str:
    """List what stands for 5 mg of prednisone."""
    return ", ".join(
        f"{row['mg']:g} mg of {row['drug']}"
        for row in doses["equivalents"]
        if row["drug"] != "prednisone"
    )


def references_of_patients_over_time(results: Mapping[str, Any]) -> list[str]:
    """List the sources of what was run."""
    section = results.get(KEY) or {}
    if not section or section["left_out"]:
        return []
    found = []
    if not section["strength"]["left_out"]:
        found.append(
            "Medical Research Council. Aids to the investigation of peripheral nerve injuries. "
            "Memorandum 45. HMSO 1976"
        )
    doses = section["glucocorticoid"]
    if not doses["left_out"]:
        found.append(doses["reference"])
        found += [
            measure["comparison"]["reference"]
            for measure in doses["measures"]
            if measure["comparison"] and measure["comparison"]["p"] is not None
        ]
    return list(dict.fromkeys(found))


PATIENTS_PART = Part(
    describe_patients_over_time,
    methods_of_patients_over_time,
    references_of_patients_over_time,
    columns=COLUMNS,
)
"""`patients_over_time` of results.json."""
