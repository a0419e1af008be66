"""Courses of thirty made-up patients for the tests of the report, computed as a run computes them.

Three arms: one is compared with another, and nobody of the third was followed.
"""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import pandas as pd

from myocohort.analysis.over_time.mrs_course import mrs_course
from myocohort.analysis.over_time.time_to_event import time_to_event
from myocohort.outcomes import Course, Visit
from myocohort.outcomes.refractory import REFRACTORY, Parameters, criteria
from myocohort.stats.result import jsonable
from myocohort.study.studyfile import Study, TimeToEvent

EVENTS = ("remission", "death", "death_or_loss", "relapse")


@cache
def _made() -> dict[str, Any]:
    study = Study.model_validate(
        {
            "title": "Made-up courses",
            "arms": {
                "a": {"label": "Standard"}, "b": {"label": "Rituximab"}, "c": {"label": "Empty"},
            },
        }
    )  # fmt: skip
    rule = criteria(Parameters())
    courses, arms = [], {}
    draw = random.Random(5)
    for number in range(30):
        patient = f"P{number}"
        arms[patient] = "ab"[number % 2]
        grade, visits = 5, []
        for month in (0, 3, 6, 12, 24):
            if month and draw.random() < 0.12:
                break
            grade = max(0, min(6, grade - draw.choice([-1, 0, 1, 2]))) if month else grade
            mrc = None if draw.random() < 0.1 else "5" if grade < 3 else "3"
            at = month + draw.random() / 4 if month else 0
            visits.append(Visit(at, grade, mrc, float(300 * grade + 100), 200.0))
            if grade == 6:
                break
        courses.append(Course(patient, tuple(visits if number else visits[:1])))
    decisions = [REFRACTORY.decide(course, Parameters()) for course in courses]
    frame = pd.DataFrame({"patient": list(arms), "arm": list(arms.values())})
    asked = [TimeToEvent(event=event, by="arm", methods=("firth", "ml")) for event in EVENTS]
    asked.append(TimeToEvent(event="remission", by="outcome"))
    labels = {code: arm.label for code, arm in study.arms.items()}
    outcomes = {decision.outcome: decision.outcome.capitalize() for decision in decisions}
    section = {
        "left_out": "",
        "definitions": [rule.relapse_in_words, rule.remission_in_words],
        "notes": ["Made-up courses."],
        "times": [
            time_to_event(question, f"time-{i}", courses, rule, frame, {}, study)
            for i, question in enumerate(asked, start=1)
        ],
        "mrs": mrs_course(study, courses, decisions, arms, rule, {**labels, **outcomes}),
    }
    plain: dict[str, Any] = jsonable(section)
    return plain


def courses() -> dict[str, Any]:
    """Return a copy of the section `courses`, to be changed at will."""
    plain: dict[str, Any] = jsonable(_made())
    return plain
