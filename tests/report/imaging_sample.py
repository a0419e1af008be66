"""MRI of twenty made-up patients for the tests of the report, computed as a run computes it.

Two scales: one with scans at all months, one with a single later scan of a few of a group.
"""

from __future__ import annotations

import random
from functools import cache
from types import SimpleNamespace
from typing import Any

import pandas as pd

from myocohort.analysis.imaging.imaging import describe_imaging
from myocohort.stats.result import jsonable
from myocohort.study.measured import measured_variables
from myocohort.study.standard import MUSCLES
from myocohort.study.studyfile import Study

MONTHS = (0, 3, 6, 12)
LABELS = {"non_refractory": "Non-refractory", "refractory": "Refractory", "lost": "Lost"}


@cache
def _made() -> dict[str, Any]:
    study = Study.model_validate(
        {
            "title": "Made-up scans",
            "arms": {"a": {"label": "A"}},
            "imaging": {"months": [3, 6, 12]},
        }
    )
    draw = random.Random(8)
    totals: dict[str, dict[str, dict[int, int]]] = {"fat": {}, "oedema": {}}
    outcomes: dict[str, str] = {}
    for number in range(20):
        patient = f"P{number}"
        outcomes[patient] = (
            "lost" if number == 19 else "refractory" if number % 3 == 0 else "non_refractory"
        )
        for name, step in (("fat", 2), ("oedema", -2)):
            level = draw.randint(40, 60)
            course = {0: level}
            for month in MONTHS[1:]:
                if draw.random() > 0.15:
                    course[month] = level + step * month // 3 + draw.randint(-4, 4)
            few = name == "oedema" and outcomes[patient] == "refractory"
            if few or number == 19:
                later = {0: 3, 3: 6, 6: 12}.get(number, 0)
                course = {month: level - month for month in {0, later}}
            totals[name][patient] = course
    frame = pd.DataFrame(
        {"patient": list(outcomes), "arm": "a", "outcome": list(outcomes.values())}
    )
    reasons: dict[str, dict[str, str]] = {}
    for name, of in totals.items():
        sign = -1 if name == "oedema" else 1
        for month in MONTHS[1:]:
            known = {p: sign * (t[month] - t[0]) / month for p, t in of.items() if month in t}
            column = f"{name}_rate_{month}"
            frame[column] = [known.get(patient) for patient in outcomes]
            frame[column] = frame[column].astype(float)
            reasons[column] = {p: f"no MRI near month {month}" for p in outcomes if p not in known}
    readings = [
        {"patient": patient, "month": float(month), "date": None, "muscle": muscle, "side": side,
         "scale": study.imaging.scales[name], "grade": float(whole + (place < more)),
         "automatic": "no"}
        for name, of in totals.items()
        for patient, course in of.items()
        for month, total in course.items()
        for whole, more in [divmod(total, 24)]
        for place, (muscle, side) in enumerate((m, s) for m in MUSCLES for s in ("left", "right"))
    ]  # fmt: skip
    asked = SimpleNamespace(
        plan=SimpleNamespace(study=study),
        records=SimpleNamespace(
            mri_readings=pd.DataFrame(readings),
            patients=pd.DataFrame({"patient": list(outcomes), "treatment_start": None}),
        ),
        table=SimpleNamespace(frame=frame, variables=measured_variables(study), reasons=reasons),
        decisions=[SimpleNamespace(patient=p, outcome=o) for p, o in outcomes.items()],
        labels=LABELS,
        results={"tables": []},
    )
    plain: dict[str, Any] = jsonable(describe_imaging(asked))
    return plain


def imaging() -> dict[str, Any]:
    """Return a copy of the section `imaging`, to be changed at will."""
    plain: dict[str, Any] = jsonable(_made())
    return plain
