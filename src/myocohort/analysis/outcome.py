"""Outcome per patient: from the visits of the registry through the study's rule."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Hashable
from typing import Any

import pandas as pd

from myocohort.analysis.plan import Plan
from myocohort.outcomes import Course, Decision, Visit
from myocohort.registry.records import Records
from myocohort.study.values import PartialDate, calendar_months

OUTCOME_LABELS = {
    "refractory": "Refractory",
    "non_refractory": "Non-refractory",
    "discordant": "Discordant",
    "unclassifiable": "Unclassifiable",
    "lost": "Lost to follow-up",
    "died": "Died",
}
"""Outcome -> what tables and figures call it."""


def complete_date(text: object) -> dt.date | None:
    """Return a stored date as a date, or None where it is missing or partial."""
    if not isinstance(text, str) or not text:
        return None
    date = PartialDate.from_iso(text)
    return date.earliest if date.complete else None


def exact_month(date: object, start: object, planned: float) -> float:
    """Months from the start of treatment by the dates, or the planned month without them."""
    day, first = complete_date(date), complete_date(start)
    return planned if day is None or first is None else calendar_months(first, day)


def followed_patients(plan: Plan, records: Records) -> pd.DataFrame:
    """Return the patients of the arms that are followed and classified."""
    arms = [code for code, arm in plan.study.arms.items() if arm.role == "patients"]
    return records.patients[records.patients["arm"].isin(arms)]


def courses(plan: Plan, records: Records) -> list[Course]:
    """Put each followed patient's visits in order.

    Parameters
    ----------
    plan
        Names the arms that are followed.
    records
        What the registry holds.

    Returns
    -------
    list of Course
        One per patient, in the order of the registry; also patients without a visit.
    """
    by_patient: dict[Hashable, list[dict[Hashable, Any]]] = {}
    for row in records.visits.to_dict("records"):
        by_patient.setdefault(row["patient"], []).append(row)
    found = []
    for person in followed_patients(plan, records).to_dict("records"):
        start = person["treatment_start"]
        visits = [_visit(row, start) for row in by_patient.get(person["patient"], [])]
        visits.sort(key=lambda visit: visit.month)
        death = _death_months(person["death"], start)
        found.append(Course(str(person["patient"]), tuple(visits), death))
    return found


def _death_months(death: object, start: object) -> tuple[float, float] | None:
    """Return the earliest and latest month of a recorded death; unknown ends are infinite."""
    if not isinstance(death, str) or not death:
        return None
    first, date = complete_date(start), PartialDate.from_iso(death)
    if first is None:
        return -math.inf, math.inf
    return calendar_months(first, date.earliest), calendar_months(first, date.latest)


def _visit(row: dict[Hashable, Any], start: object) -> Visit:
    mrs = _present(row["mrs"])
    return Visit(
        month=exact_month(row["date"], start, float(row["month"])),
        mrs=None if mrs is None else int(mrs),
        weakest_mrc=_present(row["weakest_mrc"]),
        ck=_present(row["ck"]),
        ck_uln=_present(row["ck_uln_u_per_l"]),
        exclusion=_present(row["exclusion"]),
        date=_present(row["date"]),
    )


def _present(value: Any) -> Any:
    """Return None for the several ways in which a frame says missing."""
    return None if value is None or value == "" or pd.isna(value) else value


def decide_all(plan: Plan, records: Records) -> list[Decision]:
    """Apply the study's rule to every followed patient."""
    return [plan.rule.decide(course, plan.parameters) for course in courses(plan, records)]
