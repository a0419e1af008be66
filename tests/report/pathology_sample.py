"""Biopsies of fourteen made-up patients for the tests of the report, computed as a run does it.

Six are refractory, six are not, one is lost, and one is a control; labels have markup, mathematics,
many characters, and a script that runs from right to left.
"""

from __future__ import annotations

import copy
import math
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from myocohort.analysis.comparison import compare_groups
from myocohort.analysis.pathology.biopsy_findings import Group, describe_findings
from myocohort.analysis.pathology.marker_expression import (
    describe_associations,
    describe_expression,
)
from myocohort.analysis.table import AnalysisTable
from myocohort.papers.entries import Correlation
from myocohort.stats.result import jsonable
from myocohort.study.measured import measured_variables
from myocohort.study.studyfile import Study

OUTCOMES = ["non_refractory"] * 6 + ["refractory"] * 6 + ["lost", None]
STUDY = Study.model_validate(
    {
        "title": "Made-up biopsies",
        "arms": {
            "a": {"label": "Patients"},
            "c": {"label": "Healthy <i>controls</i>", "role": "controls"},
        },
        "variables": {
            "necrosis": {
                "label": "Necrosis <b>$x^2$</b>", "type": "yes_no", "table": "biopsies",
                "column": "present", "where": {"finding": "necrosis"},
            },
        },
        "markers": {
            "baff": {"label": "BAFF <b>$y$</b>", "fields": 2},
            "baff_r": {"label": "BAFF-R " + "very " * 40 + "long", "fields": 2},
            "cd19": {"label": "מבחן CD19", "fields": 2},
        },
        "table": {
            "table4": {
                "title": "Pathology indicators", "groups": ["non_refractory", "refractory"],
                "sections": [{"variables": ["expression_baff", "expression_baff_r"]}],
            },
        },
    }
)  # fmt: skip


@cache
def _made() -> dict[str, Any]:
    patients = [f"P{i:02}" for i in range(len(OUTCOMES))]
    frame = pd.DataFrame({"patient": patients, "outcome": pd.Series(OUTCOMES, dtype=object),
                          "arm": ["a"] * 13 + ["c"]})  # fmt: skip
    biopsies = pd.DataFrame(
        [
            {"patient": p, "finding": name, "stain": stain,
             "stained": "no" if (i + j) % 5 == 4 else "yes",
             "present": "" if (i + j) % 5 >= 3 else "yes" if (i * (j + 1)) % 3 else "no"}
            for i, p in enumerate(patients[:13])
            for j, (name, stain) in enumerate([("necrosis", "HE"), ("MAC", "MAC <i>")])
        ]
        + [{"patient": "P00", "finding": "never read", "stain": "", "stained": "no",
            "present": ""}]
    )  # fmt: skip
    fields = pd.DataFrame(
        [
            {"patient": p, "marker": marker.label, "field": field,
             "positive_cells": (i * (j + 2) + field * i) % (9 + 4 * j),
             "fibres": 0 if i == 3 else 30 + i}
            for j, marker in enumerate(STUDY.markers.values())
            for i, p in enumerate(patients)
            for field in (1, 2)
            if (i + j) % 6 != 5
        ]
    )  # fmt: skip
    reasons: dict[str, dict[str, str]] = {}
    for name, marker in STUDY.markers.items():
        of = fields[(fields["marker"] == marker.label) & (fields["fibres"] > 0)]
        means = (of["positive_cells"] / of["fibres"]).groupby(of["patient"]).mean()
        frame[f"expression_{name}"] = [means.get(p, math.nan) for p in patients]
        reasons[f"expression_{name}"] = {
            p: "no field with muscle fibres" if p == "P03" else "not stained"
            for p in patients
            if p not in means.index
        }
    table = AnalysisTable(frame, measured_variables(STUDY), reasons)
    compared = [
        {"id": name, **compare_groups(frame, plan, table.variables, {})}
        for name, plan in STUDY.table.items()
    ]
    outcome = frame["outcome"]
    groups = [
        Group("all", "All patients", outcome.notna().to_numpy(), part=False),
        Group("non_refractory", "Non-refractory", (outcome == "non_refractory").to_numpy(), True),
        Group("refractory", "Refractory", (outcome == "refractory").to_numpy(), part=True),
        Group("c", "Healthy <i>controls</i>", (frame["arm"] == "c").to_numpy(), part=False),
    ]
    reported = Correlation(id="r", place="Text", x="expression_baff_r", y="expression_cd19",
                           group="all", r="0.818", p="<0.001")  # fmt: skip
    section = {
        "left_out": "",
        "notes": ["Made-up biopsies."],
        "groups": [
            {
                "code": g.code,
                "label": g.label,
                "n": int(np.sum(g.inside)),
                "followed": g.code != "c",
            }
            for g in groups
        ],
        "findings": describe_findings(STUDY, biopsies, frame["patient"], groups),
        "expression": [
            describe_expression(name, marker, fields, table, groups, compared)
            for name, marker in STUDY.markers.items()
        ],
        "associations": describe_associations(
            STUDY.markers, frame.loc[groups[0].inside], [reported]
        ),
    }
    plain: dict[str, Any] = jsonable(section)
    return plain


def pathology() -> dict[str, Any]:
    """Return a copy of the section `pathology`, to be changed at will."""
    return copy.deepcopy(_made())
