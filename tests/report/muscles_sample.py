"""Muscles and controls of made-up patients for the tests of the report, computed as a run does.

Twenty patients and twelve controls with MRI; gracilis on the left was never read, one patient
has two readers, nobody of a second arm of controls was scanned; that arm has blots.
"""

from __future__ import annotations

import random
from functools import cache
from types import SimpleNamespace
from typing import Any

import pandas as pd

from myocohort.analysis.controls.controls import describe_controls
from myocohort.analysis.imaging.muscles import describe_muscles
from myocohort.stats.result import jsonable
from myocohort.study.standard import MUSCLES
from myocohort.study.studyfile import Study

LABELS = {
    "refractory": "Refractory", "non_refractory": "Non-refractory", "a": "A",
    "c": "Other myopathy", "h": "Healthy",
}  # fmt: skip
SLOTS = [(m, s) for m in MUSCLES for s in ("right", "left") if (m, s) != ("gracilis", "left")]


def _readings(draw: random.Random, patient: str, month: int, higher: int) -> list[dict[str, Any]]:
    readers = ("R1", "R2") if patient == "P3" else ("R1",)
    return [
        {"patient": patient, "month": float(month), "date": None, "muscle": muscle, "side": side,
         "scale": scale, "grade": float(min(5, draw.choice([0, 0, 1, 1, 2, 3]) + higher)),
         "reader": reader, "automatic": "no"}
        for scale in ("modified-mercuri", "oedema-0-5")
        for muscle, side in SLOTS
        for reader in readers
    ]  # fmt: skip


@cache
def _made() -> dict[str, Any]:
    study = Study.model_validate(
        {
            "title": "Made-up muscles",
            "arms": {
                "a": {"label": "A"},
                "c": {"label": "Other myopathy", "role": "controls"},
                "h": {"label": "Healthy", "role": "controls"},
            },
            "imaging": {"months": [3, 12]},
        }
    )
    draw = random.Random(11)
    followed = [f"P{n}" for n in range(22)]
    controls, healthy = [f"C{n}" for n in range(12)], [f"H{n}" for n in range(4)]
    readings = []
    for n, patient in enumerate(followed[:20]):
        readings += _readings(draw, patient, 0, int(n % 3 == 0))
        if n % 4:
            readings += _readings(draw, patient, 12, int(n % 2))
    for patient in controls[:11]:
        readings += _readings(draw, patient, 0, 0)
    blots = []
    for number, patient in enumerate([*followed[:9], *healthy]):
        membrane = f"membrane {number % 2 + 1}"
        loaded = draw.uniform(80, 120)
        shares = {"BAFF": draw.uniform(0.4, 0.7), "BAFF-R": draw.uniform(0.7, 0.9), "actin": 1.0}
        if patient in healthy:
            shares["BAFF-R"] = draw.uniform(0.1, 0.3)
        blots += [
            {"patient": patient, "membrane": membrane, "lane": float(number // 2 + 1),
             "target": target, "density": loaded * share}
            for target, share in shares.items()
        ]  # fmt: skip
    blots.append({**blots[0], "lane": 20.0, "density": 12.5})  # a lane without actin
    arms = ["a"] * len(followed) + ["c"] * len(controls) + ["h"] * len(healthy)
    asked = SimpleNamespace(
        plan=SimpleNamespace(study=study),
        records=SimpleNamespace(
            mri_readings=pd.DataFrame(readings),
            blots=pd.DataFrame(blots),
            patients=pd.DataFrame(
                {"patient": [*followed, *controls, *healthy], "arm": arms, "treatment_start": None}
            ),
        ),
        decisions=[
            SimpleNamespace(patient=p, outcome="refractory" if n % 3 == 0 else "non_refractory")
            for n, p in enumerate(followed)
        ],
        labels=LABELS,
    )
    sections = {"muscles": describe_muscles(asked), "controls": describe_controls(asked)}
    plain: dict[str, Any] = jsonable(sections)
    return plain


def muscles() -> dict[str, Any]:
    """Return a copy of the section `muscles`, to be changed at will."""
    plain: dict[str, Any] = jsonable(_made()["muscles"])
    return plain


def controls() -> dict[str, Any]:
    """Return a copy of the section `controls`, to be changed at will."""
    plain: dict[str, Any] = jsonable(_made()["controls"])
    return plain
