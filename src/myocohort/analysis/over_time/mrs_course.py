"""The modified Rankin Scale at planned months: counts by category, and who moves where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from myocohort.outcomes import OUTCOMES, Decision
from myocohort.outcomes.course import Course
from myocohort.outcomes.course_events import Criteria, mrs_near
from myocohort.study.studyfile import Study

CATEGORIES = tuple(str(grade) for grade in range(7))
"""mRS 0 to 6 (6: died)."""
MISSING = "missing"


def mrs_course(
    study: Study,
    courses: Sequence[Course],
    decisions: Sequence[Decision],
    arms: Mapping[str, str],
    criteria: Criteria,
    labels: Mapping[str, str],
) -> dict[str, Any]:
    """Count the mRS of the followed patients at each planned month.

    Parameters
    ----------
    study
        Its schedule gives the months.
    courses, decisions
        Of the followed patients, in the same order.
    arms
        Patient -> arm.
    criteria
        The rule's window of its own month; other months have the schedule's.
    labels
        Code of an outcome or arm -> label.

    Returns
    -------
    dict
        `courses.mrs` of results.json (docs/results.md).
    """
    windows = {}
    for month in study.schedule.months:
        window = (month - study.schedule.within, month + study.schedule.within)
        windows[month] = criteria.window if month == criteria.month else window
    seen = {
        course.patient: {month: mrs_near(course, month, windows[month]) for month in windows}
        for course in courses
    }
    members: dict[tuple[str, str], list[str]] = {("all", "all"): [c.patient for c in courses]}
    declared = [code for code, arm in study.arms.items() if arm.role == "patients"]
    if len(declared) > 1:
        for code in declared:
            members["arm", code] = [c.patient for c in courses if arms[c.patient] == code]
    for outcome in OUTCOMES:
        of = [decision.patient for decision in decisions if decision.outcome == outcome]
        if of:
            members["outcome", outcome] = of
    return {
        "categories": list(CATEGORIES),
        "months": [
            {"month": month, "from": None if month == 0 else low, "to": 0 if month == 0 else high}
            for month, (low, high) in windows.items()
        ],
        "groups": [
            {
                "by": by,
                "code": code,
                "label": "All patients" if by == "all" else labels[code],
                "n": len(who),
                "months": [_at_month(month, [seen[p][month] for p in who]) for month in windows],
                "flows": _flows(list(windows), [seen[p] for p in who]),
            }
            for (by, code), who in members.items()
        ],
        "note": "The groups of the outcome are formed by mRS, strength and relapse; their mRS is "
        "shown and not compared."
        if any(by == "outcome" for by, _ in members)
        else "",
    }


def _at_month(month: int, seen: Sequence[tuple[int | None, str]]) -> dict[str, Any]:
    """Count categories of those with an mRS, and the others by reason."""
    counts = Counter(str(mrs) for mrs, _ in seen if mrs is not None)
    of = sum(counts.values())
    return {
        "month": month,
        "of": of,
        "missing": len(seen) - of,
        "reasons": dict(sorted(Counter(why for mrs, why in seen if mrs is None).items())),
        "levels": [
            {
                "mrs": category,
                "n": counts.get(category, 0),
                "percent": 100 * counts.get(category, 0) / of if of else None,
            }
            for category in CATEGORIES
        ],
    }


def _flows(
    months: Sequence[int], seen: Sequence[Mapping[int, tuple[int | None, str]]]
) -> list[dict[str, Any]]:
    """Count who goes from which category to which, missing being one of them."""

    def state(answer: tuple[int | None, str]) -> str:
        return MISSING if answer[0] is None else str(answer[0])

    states = (*CATEGORIES, MISSING)
    found = []
    for first, second in pairwise(months):
        counts = Counter((state(one[first]), state(one[second])) for one in seen)
        cells = [
            {"from": a, "to": b, "n": counts[a, b]} for a in states for b in states if counts[a, b]
        ]
        found.append({"from": first, "to": second, "cells": cells})
    return found
