"""Predicted risks of the reference study's patterns for the tests of the report.

Forty patients in the eight patterns of sex, severe weakness and ILD, 13 of them refractory, and
two of the eight joint tables; computed as a run computes them. The labels are made up, one with
markup and one from right to left.
"""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import pandas as pd

from myocohort.analysis.plan import Plan
from myocohort.analysis.prediction.prediction import describe_prediction
from myocohort.analysis.provenance import Provenance
from myocohort.analysis.section import Asked
from myocohort.analysis.table import AnalysisTable
from myocohort.outcomes import RULES
from myocohort.outcomes.refractory import Parameters
from myocohort.registry.records import Records
from myocohort.study.studyfile import Study

SIZES = (9, 8, 8, 4, 5, 1, 3, 2)
EVENTS = ((1, 3, 0, 3, 0, 1, 3, 2), (0, 2, 1, 4, 2, 1, 1, 2))
TERMS = {"male": "Male <b>sex</b> & $x^2$", "severe": "ضعف شديد", "ild": "ILD"}


def _frame(events: tuple[int, ...]) -> pd.DataFrame:
    rows = []
    for pattern, (n, k) in enumerate(zip(SIZES, events, strict=True)):
        values = {t: "yes" if pattern >> (2 - i) & 1 else "no" for i, t in enumerate(TERMS)}
        rows += [
            {**values, "outcome": "refractory" if i < k else "non_refractory"} for i in range(n)
        ]
    frame = pd.DataFrame(rows)
    frame.insert(0, "patient", [f"P{i}" for i in range(len(frame))])
    return frame.assign(arm="a", age=[float(20 + i * 7 % 41) for i in range(len(frame))])


@cache
def _made() -> dict[str, Any]:
    study = Study.model_validate(
        {
            "title": "Made-up risks",
            "origin": "rebuilt",
            "arms": {"a": {"label": "Patients"}},
            "variables": {
                **{
                    name: {"name": name, "label": label, "type": "yes_no"}
                    for name, label in TERMS.items()
                },
                "age": {"name": "age", "label": "Age", "type": "number"},
            },
            "model": {
                "event": "refractory", "against": ["non_refractory"], "terms": list(TERMS),
                "candidates": [*TERMS, "age"],
            },
        }
    )  # fmt: skip
    frames = tuple(_frame(events) for events in EVENTS)
    empty = pd.DataFrame()
    records = Records(*[empty] * len(Records.__dataclass_fields__))
    screening = {"rows": [{"term": term, "passes": True} for term in ("ild", "age")]}
    asked = Asked(
        Plan(study, RULES["refractory"], Parameters()),
        records,
        AnalysisTable(frames[0], dict(study.variables), {}),
        [],
        {"refractory": "Refractory"},
        Provenance(rebuild={"terms": list(TERMS)}, alternatives=frames),
        {"screening": screening},
    )
    return describe_prediction(asked)


def prediction() -> dict[str, Any]:
    """Return a copy of the section `prediction`, to be changed at will."""
    return copy.deepcopy(_made())
