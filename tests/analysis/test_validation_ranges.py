"""Validation of a study's model: ranges over joint tables, the screening inside."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from myocohort.analysis.validation import DataSets, _warnings, validate_model
from myocohort.stats.validation import validate
from myocohort.study.studyfile import ModelPlan, ModelValidation, Section, TablePlan
from myocohort.study.variable import Variable

VARIABLES = {
    "a": Variable(name="a", label="A", type="yes_no"),
    "b": Variable(name="b", label="B", type="yes_no"),
    "age": Variable(name="age", label="Age", type="number"),
}
TABLE = TablePlan(title="T", groups=("non_refractory", "refractory"),
                  sections=(Section(variables=("a",)),))  # fmt: skip
CANDIDATES = ("a", "b", "age")


def made_frame(seed: int) -> pd.DataFrame:
    """Return 60 made patients, in whom a and age go with the outcome and b does not."""
    rng = np.random.default_rng(seed)
    event = rng.random(60) < 0.4
    return pd.DataFrame(
        {
            "outcome": np.where(event, "refractory", "non_refractory"),
            "a": np.where(rng.random(60) < np.where(event, 0.7, 0.3), "yes", "no"),
            "b": np.where(rng.random(60) < 0.5, "yes", "no"),
            "age": rng.integers(20, 70, 60) + 10 * event,
        }
    )


def plan(**options):
    """Return a plan with few resamples."""
    options = {"validation": ModelValidation(resamples=40, seed=3), **options}
    return ModelPlan(event="refractory", against=("non_refractory",), **options)


def alone(frame: pd.DataFrame, **options):
    """Validate one table with the statistics alone, columns coded by hand."""
    X = np.column_stack([frame["a"] == "yes", frame["b"] == "yes", frame["age"]]).astype(float)
    y = (frame["outcome"] == "refractory").to_numpy().astype(float)
    return validate(X, y, CANDIDATES, resamples=40, seed=3, **options)


def test_every_figure_is_the_range_over_the_tables():
    """Smallest and largest of each table's own validation, for measures and inclusion."""
    frames = tuple(made_frame(seed) for seed in (1, 2, 3))
    data = DataSets("joint tables", frames, "made")
    found = validate_model(data, plan(candidates=CANDIDATES, terms=("a",)), TABLE, VARIABLES)
    screening, final = found["models"]
    own = [alone(frame, screen=0.10) for frame in frames]
    for place, measure in enumerate(screening["measures"]):
        for part in ("apparent", "optimism", "corrected"):
            values = [getattr(v.measures[place], part) for v in own]
            assert measure[part] == {"low": min(values), "high": max(values), "tables": 3}
    fixed = [alone(frame, terms=["a"]).measure("c-statistic").corrected for frame in frames]
    assert final["measures"][0]["corrected"]["low"] == min(fixed)
    shares = {row["term"]: row["share"] for row in screening["inclusion"]}
    assert shares["a"]["high"] == max(v.inclusion.terms["a"] for v in own)
    assert [row["in_final"] for row in screening["inclusion"] if row["term"] == "a"] == [True]
    assert found["data"] == {"kind": "joint tables", "tables": 3, "note": "made"}


def test_real_records_are_one_table():
    """Ranges of a single table have equal ends, and the seed and resamples are said."""
    data = DataSets("records", (made_frame(1),))
    found = validate_model(data, plan(candidates=CANDIDATES), TABLE, VARIABLES)
    (screening,) = found["models"]
    c = screening["measures"][0]["corrected"]
    assert c["low"] == c["high"]
    assert (found["resamples"], found["seed"], found["method"]) == (40, 3, "firth")


def test_nothing_is_validated_that_is_not_asked_for():
    """Without [model.validation] there is none."""
    data = DataSets("records", (made_frame(1),))
    asked = plan(candidates=CANDIDATES, validation=None)
    assert validate_model(data, asked, TABLE, VARIABLES) is None


def test_a_candidate_that_the_tables_lack_is_an_error_of_that_model_only():
    """The reason names the candidate; the pinned terms are validated all the same."""
    data = DataSets("joint tables", (made_frame(1).drop(columns="b"),) * 2)
    found = validate_model(data, plan(candidates=CANDIDATES, terms=("a",)), TABLE, VARIABLES)
    screening, final = found["models"]
    assert "do not hold b" in screening["error"]
    assert final["error"] is None


def test_another_screening_test_than_the_study_s_is_said():
    """Resamples are screened with chi-square; a study that screens by Fisher is told."""
    tests = TABLE.model_copy(update={"categorical_test": "fisher"})
    data = DataSets("records", (made_frame(1),))
    found = validate_model(data, plan(candidates=("a", "b")), tests, VARIABLES)
    assert "fisher" in found["warnings"][0]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([["5 of 100 failed"], ["12 of 100 failed"]], ["5 to 12 of 100 failed"]),
        ([["5 of 100 failed"], []], ["1 of 2 joint tables: 5 of 100 failed"]),
        ([["p < 0.10 of cd4"], ["p < 0.10 of cd4"]], ["p < 0.10 of cd4"]),
    ],
)
def test_warnings_that_differ_in_numbers_become_one(given, expected):
    """Numbers become ranges; a warning of some tables says of how many."""
    assert _warnings(given) == expected
