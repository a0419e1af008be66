"""Visits that the outcome rule reads as the printed outcome."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from numpy.random import Generator

from myocohort.outcomes.refractory import Parameters
from myocohort.papers.rebuild import targets
from myocohort.papers.rebuild.origins import Part, describe
from myocohort.study.values import DAYS_PER_MONTH

UPPER_LIMIT_OF_CK = {"male": 310, "female": 200}
# CK as a share of the value before treatment, at months 3, 6, 12 and the last visit.
CK_SHARES = {
    "non_refractory": (0.35, 0.15, 0.06, 0.05),
    "refractory": (0.6, 0.45, 0.35, 0.3),
    "lost": (0.5, 0.3),
}


def visits_part(people: pd.DataFrame, seed: int) -> Part:
    """Make visits at months 0, 3, 6, 12 and at the end of follow-up.

    CK falls from visit to visit and is never above the value before treatment, so that no
    visit is a relapse; month 12 decides the outcome.
    """
    rng = targets.stream(seed, "visits")
    rows = [row for patient in people.index for row in _visits(patient, people.loc[patient], rng)]
    table = pd.DataFrame(rows)
    decided = "mRS 0-2 with MRC 4-5, or mRS 3-5 with MRC 0-3, at month 12, as printed"
    origins = describe(
        "visits",
        patient=("illustrative", "made-up codes"),
        date=(
            "illustrative",
            "start of treatment and month; the last visit is the end of follow-up",
        ),
        month=(
            "one of many",
            "the printed schedule, and a last visit that gives the followed the printed mean, SD "
            "and range of follow-up; the patients lost have no visit after month 6",
        ),
        mrs=("one of many", f"{decided}; its course is free, and no visit is a relapse"),
        weakest_mrc=(
            "one of many",
            f"the printed numbers with MRC 1-2, 3 and 4-5 before treatment, and {decided}; its "
            "course is free",
        ),
        mrc_upper_limbs=("one of many", "the weakest group or one grade better, by weakness site"),
        mrc_lower_limbs=("one of many", "the weakest group or one grade better, by weakness site"),
        ck=("illustrative", "no value is printed; it falls, so that no visit is a relapse"),
        ck_uln_u_per_l=("illustrative", "one upper limit for men and one for women"),
        exclusion=("illustrative", "blank: no CK rise needs one"),
    )
    wide = people[[]].copy()
    return Part({"visits": table}, wide, origins)


def _visits(patient: object, person: pd.Series, rng: Generator) -> list[dict[str, object]]:
    start = dt.date.fromisoformat(person["treatment_start"])
    months = _months(person, rng)
    strengths = _strengths(person, len(months), rng)
    ck_before = float(np.exp(rng.normal(8.5, 0.45)))
    shares = (1.0, *CK_SHARES[person["outcome"]])
    rows: list[dict[str, object]] = []
    for month, weakest, share in zip(months, strengths, shares, strict=False):
        days = round(month * DAYS_PER_MONTH)
        if month in (3, 6):
            days += int(rng.integers(-7, 8))
        better = min(weakest + 1, 5)
        site = person["weakness_site"]
        rows.append(
            {
                "patient": patient,
                "date": (start + dt.timedelta(days=days)).isoformat(),
                "month": month,
                "mrs": _mrs(weakest, rng),
                "weakest_mrc": weakest,
                "mrc_upper_limbs": better if site == "lower" else weakest,
                "mrc_lower_limbs": better if site == "upper" else weakest,
                "ck": round(ck_before * share),
                "ck_uln_u_per_l": UPPER_LIMIT_OF_CK[person["sex"]],
                "exclusion": None,
            }
        )
    return rows


def _months(person: pd.Series, rng: Generator) -> list[int]:
    if person["outcome"] == "lost":
        return [0, 3] if rng.random() < 0.5 else [0, 3, 6]
    last = int(person["follow_up_months"])
    outcome_month = int(Parameters().month)
    return [0, 3, 6, outcome_month] + ([last] if last > outcome_month else [])


def _strengths(person: pd.Series, n: int, rng: Generator) -> list[int]:
    """Return the weakest MRC of each visit, from before treatment to the outcome and after."""
    rule = Parameters()
    before = int(person["weakest_mrc"])
    if person["outcome"] == "non_refractory":
        goal = max(before, rule.close_to_normal_at_least) + int(rng.random() < 0.5)
        goal = min(goal, 5)
        path = [before, min(before + 1, goal), max(before, goal - 1), goal, goal]
    elif person["outcome"] == "refractory":
        goal = min(before, rule.obvious_weakness_at_most)
        if goal < rule.obvious_weakness_at_most and rng.random() < 0.4:
            goal += 1
        path = [before, before, goal, goal, goal]
    else:
        path = [before, before, min(before + 1, 5)]
    return path[:n]


def _mrs(weakest: int, rng: Generator) -> int:
    """Return an mRS that goes with the weakest MRC: 0-2 from grade 4 on, 3-5 below it."""
    usual = {0: (5,), 1: (5,), 2: (4, 4, 5), 3: (3, 3, 4), 4: (1, 2, 2), 5: (0, 1)}
    return int(rng.choice(usual[weakest]))
