"""The sections of results.json beside its tables and models, in the order of the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from myocohort.analysis.controls.controls import CONTROLS_PART
from myocohort.analysis.imaging.imaging import IMAGING_PART
from myocohort.analysis.imaging.muscles import MUSCLES_PART
from myocohort.analysis.over_time.courses import COURSES_PART
from myocohort.analysis.over_time.patients_over_time import PATIENTS_PART
from myocohort.analysis.panels.panels import PANELS_PART
from myocohort.analysis.pathology.pathology import PATHOLOGY_PART
from myocohort.analysis.prediction.prediction import PREDICTION_PART
from myocohort.analysis.robustness.robustness import ROBUSTNESS_PART
from myocohort.analysis.scores.scores import SCORES_PART
from myocohort.analysis.section import NOT_DETERMINED, Asked, Part
from myocohort.analysis.traces.traces import TRACES_PART

PARTS: dict[str, Part] = {
    "courses": COURSES_PART,
    "patients_over_time": PATIENTS_PART,
    "scores": SCORES_PART,
    "imaging": IMAGING_PART,
    "muscles": MUSCLES_PART,
    "controls": CONTROLS_PART,
    "pathology": PATHOLOGY_PART,
    "traces": TRACES_PART,
    "prediction": PREDICTION_PART,
    "robustness": ROBUSTNESS_PART,
    "panels": PANELS_PART,
}
"""Key of results.json -> section."""


def describe_section(name: str, asked: Asked) -> dict[str, Any]:
    """Compute a section; of rebuilt records, its first note says what is not determined."""
    part = PARTS[name]
    section = part.describe(asked)
    free = _free_columns(part, asked.results)
    if free and not section["left_out"]:
        section["notes"] = [
            f"{NOT_DETERMINED}: {free}; no finding about patients.",
            *section["notes"],
        ]
    return section


def _free_columns(part: Part, results: Mapping[str, Any]) -> str:
    """List the columns of a section that no publication determines, by their tables."""
    by_table: dict[str, list[str]] = {}
    for column in results["provenance"]:
        name = column["table"], column["column"]
        if name in part.columns and column["kind"] != "determined":
            by_table.setdefault(name[0], []).append(name[1])
    return "; ".join(f"{', '.join(columns)} ({table})" for table, columns in by_table.items())
