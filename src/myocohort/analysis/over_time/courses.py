"""Outcomes over time: the section `courses` of results.json, its methods and references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from myocohort.analysis.outcome import courses as courses_of
from myocohort.analysis.over_time.mrs_course import mrs_course
from myocohort.analysis.over_time.time_to_event import default_questions, time_to_event
from myocohort.analysis.section import Asked, Part
from myocohort.outcomes.course_events import Criteria
from myocohort.report.wording import joined

MRS_REFERENCE = "van Swieten JC, et al. Stroke 1988;19:604-607 (modified Rankin Scale)"


def describe_courses(asked: Asked) -> dict[str, Any]:
    """Describe the followed patients over time.

    Returns
    -------
    dict
        `courses` of results.json (docs/results.md). Where the rule has no words for a relapse
        and a remission, or nobody is followed, it is left out and says why.
    """
    plan, records, decisions = asked.plan, asked.records, asked.decisions
    variables, labels = asked.table.variables, asked.labels
    empty: dict[str, Any] = {
        "left_out": "", "definitions": [], "notes": [], "times": [], "mrs": None,
    }  # fmt: skip
    study = plan.study
    if plan.rule.criteria is None:
        return {**empty, "left_out": f"{plan.rule.label} does not say what a relapse is."}
    if not decisions:
        return {**empty, "left_out": "No patient is followed."}
    criteria = plan.rule.criteria(plan.parameters)
    followed = courses_of(plan, records)
    arms = dict(zip(records.patients["patient"], records.patients["arm"], strict=True))
    frame = _followed(asked.table.frame, [course.patient for course in followed])
    questions = study.time_to_event or default_questions(study)
    times = [
        time_to_event(
            question,
            f"time-{number}",
            followed,
            criteria,
            frame,
            variables,
            study,
        )
        for number, question in enumerate(questions, start=1)
    ]
    return {
        **empty,
        "definitions": _definitions(criteria, [question.event for question in questions]),
        "notes": _notes(times),
        "times": times,
        "mrs": mrs_course(study, followed, decisions, arms, criteria, labels),
    }


def _followed(frame: pd.DataFrame, patients: Sequence[str]) -> pd.DataFrame:
    return frame[frame["patient"].isin(set(patients))]


def _definitions(criteria: Criteria, events: Sequence[str]) -> list[str]:
    """Return what the events are, as they were counted."""
    words = {
        "relapse": criteria.relapse_in_words,
        "remission": criteria.remission_in_words,
        "death": "Death: by its date, or at the first visit with mRS 6; a partial date stands for "
        "the middle of the days that it leaves open.",
        "death_or_loss": "Loss: alive, and without a visit from month "
        f"{criteria.window[0]:g} on, dated at the last visit (month 0 without any). The records do "
        "not say who began too recently to have come so far, and count them as lost.",
    }
    if "death_or_loss" in events and "death" not in events:
        events = [*events, "death"]
    return [text for event, text in words.items() if event in events]


def _notes(times: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what a reader must know of the dating and of those who left."""
    notes = [
        "Time runs in months from the start of treatment, by dates where they are known. An event "
        "that is seen at a visit is dated at the visit at which it was first found; it happened "
        "between that visit and the one before."
    ]
    if any(one["event"] != "death_or_loss" for one in times):
        notes.append(
            "Observation ends at the last visit at which the event can be judged. Kaplan-Meier, "
            "log-rank and Cox take it that who left fared like those who stayed."
        )
    return notes


def methods_of_courses(results: Mapping[str, Any]) -> str:
    """Describe what was run over time, as it was run; empty where nothing was."""
    section = results.get("courses") or {}
    times = [one for one in section.get("times", ()) if not one["error"]]
    parts = []
    if times:
        events = list(dict.fromkeys(one["event_label"] for one in times))
        method = next(g["method"] for one in times for g in one["groups"] if g["method"])
        parts += [
            f"Times to {joined(events)} were described by curves: {method}; the median with "
            "limits after Brookmeyer and Crowley.",
            *section["definitions"],
            *section["notes"],
        ]
    compared = [one["comparison"] for one in times if one["comparison"]]
    tested = [result["method"] for result in compared if result["p"] is not None]
    if tested:
        parts.append(f"Groups were compared with: {'; '.join(dict.fromkeys(tested))}.")
    fitted = [m for one in times for m in one["models"] if not m["error"]]
    if fitted:
        listed = "; ".join(dict.fromkeys(model["procedure"] for model in fitted))
        parts.append(
            f"Hazard ratios are from: {listed}. Profile-likelihood intervals stand with "
            "(penalised) likelihood-ratio p values. That a ratio is the same at all times was not "
            "tested; it is an average over the time of observation."
        )
    mrs = section.get("mrs")
    if mrs:
        windows = ", ".join(
            f"month {month['month']} ({month['from']:g} to {month['to']:g})"
            for month in mrs["months"]
            if month["month"] > 0
        )
        parts.append(
            "The mRS at a planned month is that of the nearest visit in its window, of two "
            f"equally near the later: {windows}; before treatment it is that of the last visit. "
            "Without a visit in the window, a death up to its end is mRS 6."
        )
    return " ".join(parts)


def references_of_courses(results: Mapping[str, Any]) -> list[str]:
    """List the sources of what was run over time."""
    section = results.get("courses") or {}
    found = []
    for one in section.get("times", ()):
        found += [group["reference"] for group in one["groups"] if group["reference"]]
        if any(group["median_interval"] for group in one["groups"]):
            found.append("Brookmeyer R, Crowley J. Biometrics 1982;38:29-41")
        if one["comparison"] and one["comparison"]["p"] is not None:
            found.append(one["comparison"]["reference"])
        found += [model["reference"] for model in one["models"] if not model["error"]]
    if section.get("mrs"):
        found.append(MRS_REFERENCE)
    return found


COURSES_PART = Part(
    describe_courses,
    methods_of_courses,
    references_of_courses,
    columns=tuple(("visits", column) for column in ("month", "mrs", "weakest_mrc", "ck")),
)
