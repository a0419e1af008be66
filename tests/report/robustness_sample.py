"""What could overturn a made-up model, for the tests of the report, computed as a run does.

Thirty-four patients: a yes/no term whose label has markup, one in Hebrew, and a number; some lost,
one of them without a term, and two solutions as rebuilt records have them.
"""

from __future__ import annotations

import copy
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from myocohort.analysis.modelling import model_outcome
from myocohort.analysis.outcome import OUTCOME_LABELS
from myocohort.analysis.provenance import Provenance
from myocohort.analysis.robustness.robustness import describe_robustness
from myocohort.analysis.section import Asked
from myocohort.analysis.table import AnalysisTable
from myocohort.study.studyfile import Study

MARKUP = "Weak <b>neck</b> & $x$"
HEBREW = "מחלת ריאות"
LONG = "Age at the first visit to the clinic, " + "counted in whole years since birth " * 4


def _frame(seed: int) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    outcomes = ["refractory"] * 10 + ["non_refractory"] * 18 + ["lost"] * 5 + ["died"]
    neck = draw.random(34) < np.where(np.array(outcomes) == "refractory", 0.8, 0.35)
    frame = pd.DataFrame(
        {
            "patient": [f"<P>{i:02}" for i in range(34)],
            "arm": "a",
            "outcome": outcomes,
            "neck": np.where(neck, "yes", "no"),
            "ild": np.where(draw.random(34) < 0.4, "yes", "no"),
            "age": draw.integers(4, 8, 34) * 10.0,
            "course": draw.choice(["acute", "slow"], 34),
        }
    )
    frame = frame.astype({"neck": object, "ild": object, "course": object})
    frame.loc[30, "ild"] = None
    return frame


def study(
    terms: tuple[str, ...] = ("neck", "ild"), treatments: tuple[str, ...] = ("ild",)
) -> Study:
    """Return the study of the sample."""
    yes_no = {"type": "yes_no"}
    return Study.model_validate(
        {
            "title": "Made-up patients",
            "origin": "rebuilt",
            "arms": {"a": {"label": "a"}},
            "variables": {
                "neck": {"label": MARKUP, **yes_no},
                "ild": {"label": HEBREW, **yes_no},
                "age": {"label": LONG, "type": "number", "unit": "years"},
                "course": {
                    "label": "Course", "type": "category",
                    "categories": {"acute": "acute", "slow": "slow"},
                },
            },
            "table": {
                "table1": {
                    "title": "Table 1", "groups": ["non_refractory", "refractory"],
                    "sections": [{"variables": ["neck", "ild", "age", "course"]}],
                }
            },
            "model": {
                "event": "refractory", "against": ["non_refractory"], "terms": list(terms),
                "candidates": ["neck", "ild", "age"], "entry_p": 0.9,
                "methods": ["ml", "firth", "exact"], "treatments": list(treatments),
            },
        }
    )  # fmt: skip


def section_of(
    of: Study, frame: pd.DataFrame, alternatives: tuple[Any, ...] = ()
) -> dict[str, Any]:
    """Return the section of a study and its analysis table."""
    assert of.model is not None
    variables = dict(of.variables)
    made = model_outcome(frame, of.model, next(iter(of.table.values())), variables)
    asked = Asked(
        SimpleNamespace(study=of),  # type: ignore[arg-type]  # nothing else of a plan is asked
        None,  # type: ignore[arg-type]  # nor of the records
        AnalysisTable(frame, variables, {}),
        [],
        OUTCOME_LABELS,
        Provenance(
            alternatives=alternatives,
            kinds={("baseline", "neck"): "determined", ("baseline", "ild"): "one of many"},
        ),
        {"screening": made.screening, "models": made.models},
    )
    return describe_robustness(asked)


@cache
def _made() -> dict[str, Any]:
    frame = _frame(2)
    other = frame[frame["outcome"].isin(["refractory", "non_refractory"])].drop(columns="patient")
    swapped = other.copy()
    rows = [3, 20]  # who are refractory and not
    swapped.loc[rows, ["neck", "ild"]] = swapped.loc[rows[::-1], ["neck", "ild"]].to_numpy()
    return section_of(study(), frame, (other, swapped))


def robustness() -> dict[str, Any]:
    """Return a copy of the section, to be changed at will."""
    return copy.deepcopy(_made())


def with_a_number() -> dict[str, Any]:
    """Return the section of a model with a number, of real records."""
    of = study(("neck", "age"), ()).model_copy(update={"origin": "real"})
    return section_of(of, _frame(2))
