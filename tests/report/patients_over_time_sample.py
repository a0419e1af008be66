"""Patients over time for the tests of the report, computed as a run computes them.

Made-up courses with every outcome, a relapse, a death, a scan, partial dates and missing values.
"""

from __future__ import annotations

import datetime as dt
import random
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from myocohort.analysis.outcome import decide_all
from myocohort.analysis.over_time.patients_over_time import describe_patients_over_time
from myocohort.analysis.plan import Plan
from myocohort.analysis.provenance import Provenance
from myocohort.analysis.section import Asked
from myocohort.analysis.table import AnalysisTable
from myocohort.outcomes.refractory import REFRACTORY, Parameters
from myocohort.registry.records import COLUMNS, Records
from myocohort.stats.result import jsonable
from myocohort.study.studyfile import Study

LABELS = {
    "refractory": "Refractory", "non_refractory": "Non-refractory", "discordant": "Discordant",
    "unclassifiable": "Unclassifiable", "lost": "Lost to follow-up", "died": "Died",
}  # fmt: skip


def asked(**tables: list[dict[str, Any]]) -> Asked:
    """Return what the section may look at, of records given as dicts."""
    frames = {}
    for name, columns in COLUMNS.items():
        rows = [{"missing": {}, **row} for row in tables.get(name, [])]
        frames[name] = pd.DataFrame(rows, columns=["patient", *columns, "missing"])
    records = Records(**frames)
    study = Study.model_validate(
        {"title": "Made-up patients", "arms": {"a": {"label": "Patients"}}, "folder": Path()}
    )
    plan = Plan(study, REFRACTORY, Parameters())
    frame = records.patients[["patient", "arm"]].copy()
    table = AnalysisTable(frame, {}, {})
    decisions = decide_all(plan, records)
    return Asked(plan, records, table, decisions, LABELS, Provenance(), {"provenance": []})


def made(n: int, seed: int = 4) -> dict[str, Any]:
    """Return the section of n made-up patients."""
    draw = random.Random(seed)
    people, visits, treatments, scans = [], [], [], []
    for number in range(n):
        code, kind = f"P{number}", number % 6
        start = dt.date(2015, 1, 5) + dt.timedelta(days=40 * (number % 50))
        death = (start + dt.timedelta(days=200)).isoformat() if kind == 5 else None
        onset = (start - dt.timedelta(days=draw.randint(30, 1500))).isoformat()[:7]
        people.append({"patient": code, "arm": "a", "onset": onset, "death": death,
                       "treatment_start": start.isoformat()})  # fmt: skip
        for month in (0, 3, 6, 12, 12 + draw.randint(6, 90)):
            if (kind == 4 and month > 3) or (kind == 5 and month > 6):
                break
            good = kind in (1, 2) and month >= 3
            relapsing = kind == 0 and number % 4 == 0
            highest = 500 if good else 9000
            mrc = draw.choice(["4-", "4", "5"]) if good or (relapsing and month == 3) else "3"
            visits.append({
                "patient": code, "arm": "a", "month": float(month),
                "date": (start + dt.timedelta(days=round(month * 30.5))).isoformat(),
                "mrs": None if kind == 3 and month else 4 if kind == 2 or not good else 1,
                "weakest_mrc": "2" if relapsing and month == 6 else mrc,
                "ck": None if draw.random() < 0.1 else float(draw.randint(100, highest)),
                "ck_uln_u_per_l": draw.choice([200.0, 310.0]),
            })  # fmt: skip
        treatments += [
            {"patient": code, "drug": "glucocorticoid", "name": "prednisone",
             "start": start.isoformat(), "stop": "2019-06" if number % 5 == 0 else None,
             "dose": draw.choice([5.0, 20.0, 40.0, 60.0]), "dose_unit": "mg/day"},
            {"patient": code, "drug": draw.choice(["methotrexate", "ivig", "other"]), "name": "x",
             "start": start.isoformat(), "stop": None, "dose": 10.0, "dose_unit": "mg/week"},
        ]  # fmt: skip
        if number % 7 == 6:
            treatments[-2]["dose_unit"] = "tablets"
        scans.append({"patient": code, "date": None, "month": float(draw.choice([0, 3, 12]))})
    return describe_patients_over_time(
        asked(patients=people, visits=visits, treatments=treatments, mri_readings=scans)
    )


@cache
def _section(n: int) -> dict[str, Any]:
    return made(n)


def patients_over_time(n: int = 48) -> dict[str, Any]:
    """Return a copy of the section, to be changed at will."""
    plain: dict[str, Any] = jsonable(_section(n))
    return plain
