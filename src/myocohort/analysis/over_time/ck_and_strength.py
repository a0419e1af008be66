"""CK and strength at the planned months: where values lie, and counts of whole MRC grades."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from myocohort.analysis.over_time.followed import (
    Followed,
    Members,
    Nearest,
    count_reasons,
    why_missing,
)
from myocohort.stats.describe import QUANTILE_DEFINITIONS, describe_values
from myocohort.study.standard import MRC_SCORES

Row = TypeVar("Row")

GRADES = tuple(str(grade) for grade in range(6))
"""Whole MRC grades."""

Taken = dict[int, list[tuple[int | None, str]]]
"""Planned month -> for each patient the place of the visit that counts, or why there is none."""


def taken_visits(people: Sequence[Followed], windows: Mapping[int, tuple[float, float]]) -> Taken:
    """Choose each patient's visit at each planned month."""
    taken: Taken = {month: [] for month in windows}
    for person in people:
        nearest = Nearest(person)
        for month, window in windows.items():
            place = nearest.place(month, window)
            why = nearest.absent(month, window) if place is None else ""
            taken[month].append((place, why))
    return taken


def months_of(windows: Mapping[int, tuple[float, float]]) -> list[dict[str, Any]]:
    """Return the planned months with their windows; month 0 is the last visit before treatment."""
    return [
        {"month": month, "from": None if month == 0 else low, "to": 0 if month == 0 else high}
        for month, (low, high) in windows.items()
    ]


def ck_by_group(
    people: Sequence[Followed], groups: Sequence[Members], taken: Taken
) -> dict[str, Any]:
    """Describe the CK at the planned months.

    Returns
    -------
    dict
        `left_out`, `unit`, `quartiles` (definition), `limits` (lowest and highest upper limit
        of the visits, and at how many visits with a CK it is not known), `groups`.
    """
    visits = [visit for person in people for visit in person.course.visits]
    measured = [visit for visit in visits if visit.ck is not None]
    limits = [visit.ck_uln for visit in measured if visit.ck_uln is not None]
    found: dict[str, Any] = {
        "left_out": "" if measured else "no CK is recorded.",
        "unit": "U/L",
        "quartiles": QUANTILE_DEFINITIONS["weibull"],
        "limits": {
            "low": min(limits, default=None),
            "high": max(limits, default=None),
            "different": len(set(limits)),
            "unknown": len(measured) - len(limits),
            "visits": len(measured),
        },
        "groups": [],
    }
    if not measured:
        return found
    months: dict[int, list[tuple[float | None, float | None, str]]] = {}
    for month, rows in taken.items():
        months[month] = []
        for person, (place, why) in zip(people, rows, strict=True):
            visit = None if place is None else person.course.visits[place]
            if place is not None and visit is not None and visit.ck is None:
                why = why_missing(person, place, "ck")
            values = (None, None) if visit is None else (visit.ck, visit.ck_uln)
            months[month].append((*values, why))
    found["groups"] = _by_group(groups, months, _ck_at)
    return found


def _by_group(
    groups: Sequence[Members],
    months: Mapping[int, Sequence[Row]],
    describe: Callable[[int, Sequence[Row]], dict[str, Any]],
) -> list[dict[str, Any]]:
    """Describe what was taken at each month, group by group."""
    return [
        {
            "by": group.by,
            "code": group.code,
            "label": group.label,
            "n": len(group.rows),
            "months": [
                describe(month, [taken[row] for row in group.rows])
                for month, taken in months.items()
            ],
        }
        for group in groups
    ]


def _ck_at(month: int, rows: Sequence[tuple[float | None, float | None, str]]) -> dict[str, Any]:
    """Describe the CK of one group at one month; `limit_unknown` are values without a limit."""
    known = [(ck, limit) for ck, limit, _ in rows if ck is not None]
    summary = describe_values([ck for ck, _ in known])
    values = np.sort(np.array([ck for ck, _ in known], dtype=float))  # one order of adding
    geometric = float(np.exp(np.log(values).mean())) if known and values.min() > 0 else None
    return {
        "month": month,
        "n": len(known),
        "missing": len(rows) - len(known),
        "reasons": count_reasons(why for ck, _, why in rows if ck is None),
        "median": summary.median,
        "q1": summary.lower_quartile,
        "q3": summary.upper_quartile,
        "min": summary.minimum,
        "max": summary.maximum,
        "geometric_mean": geometric,
        "geometric_mean_missing": "a CK of 0" if known and geometric is None else "",
        "above": sum(limit is not None and ck > limit for ck, limit in known),
        "limit_known": sum(limit is not None for _, limit in known),
    }


def strength_by_group(
    people: Sequence[Followed], groups: Sequence[Members], taken: Taken
) -> dict[str, Any]:
    """Count the grades of the weakest muscle group at the planned months.

    Returns
    -------
    dict
        `left_out`, `grades` ("0" to "5"), `groups` with `months`, each with `levels`: the whole
        grade, how many have it, and which codes they have (4-, 4 and 4+ are all grade 4).
    """
    visits = [visit for person in people for visit in person.course.visits]
    graded = any(visit.weakest_mrc is not None for visit in visits)
    found: dict[str, Any] = {
        "left_out": "" if graded else "no MRC grade is recorded.",
        "grades": list(GRADES),
        "groups": [],
    }
    if not graded:
        return found
    months: dict[int, list[tuple[str | None, str]]] = {}
    for month, rows in taken.items():
        months[month] = []
        for person, (place, why) in zip(people, rows, strict=True):
            code = None if place is None else person.course.visits[place].weakest_mrc
            if place is not None and code is None:
                why = why_missing(person, place, "weakest_mrc")
            months[month].append((code, why))
    found["groups"] = _by_group(groups, months, _strength_at)
    return found


def _strength_at(month: int, rows: Sequence[tuple[str | None, str]]) -> dict[str, Any]:
    codes = Counter(code for code, _ in rows if code is not None)
    n = sum(codes.values())
    levels = []
    for grade in GRADES:
        of_grade = {
            code: codes[code] for code in MRC_SCORES if codes[code] and code.startswith(grade)
        }
        count = sum(of_grade.values())
        levels.append(
            {"grade": grade, "n": count, "percent": 100 * count / n if n else None,
             "codes": of_grade}
        )  # fmt: skip
    return {
        "month": month,
        "n": n,
        "missing": len(rows) - n,
        "reasons": count_reasons(why for code, why in rows if code is None),
        "levels": levels,
    }
