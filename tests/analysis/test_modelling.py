"""Screening and models of a study."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from myocohort.analysis.modelling import model_outcome, term_label, term_values
from myocohort.study.studyfile import ModelPlan, Section, TablePlan
from myocohort.study.variable import Variable

VARIABLES = {
    "sex": Variable(name="sex", label="Sex", type="category",
                    categories={"female": "female", "male": "male"}),
    "severe": Variable(name="severe", label="Severe", type="yes_no"),
    "ild": Variable(name="ild", label="ILD", type="yes_no"),
    "constant": Variable(name="constant", type="yes_no"),
}  # fmt: skip
TABLE = TablePlan(title="T", groups=("non_refractory", "refractory"),
                  sections=(Section(variables=("ild",)),))  # fmt: skip


def reference_frame(patterns):
    """Return one row a patient of joint counts."""
    rows = []
    for pattern, (size, refractory) in patterns.items():
        male, severe, ild = (character == "1" for character in pattern)
        rows += [
            {
                "outcome": "refractory" if i < refractory else "non_refractory",
                "sex": "male" if male else "female",
                "severe": "yes" if severe else "no",
                "ild": "yes" if ild else "no",
                "constant": "yes",
            }
            for i in range(size)
        ]
    return pd.DataFrame(rows)


def compatible_patterns():
    """Return refractory counts per pattern with the printed margins (6 men, 8 severe, 9 ILD)."""
    sizes = [9, 8, 8, 4, 5, 1, 3, 2]
    names = [f"{i:03b}" for i in range(8)]
    for counts in np.ndindex(*(size + 1 for size in sizes)):
        if sum(counts) != 13:
            continue
        margins = [sum(c for n, c in zip(names, counts, strict=True) if n[k] == "1")
                   for k in range(3)]  # fmt: skip
        if margins == [6, 8, 9]:
            return {n: (s, c) for n, s, c in zip(names, sizes, counts, strict=True)}
    raise AssertionError


def model_plan(**options):
    """Return a plan for refractory against non-refractory."""
    return ModelPlan(event="refractory", against=("non_refractory",), **options)


def test_table_2_of_the_reference_study():
    """The printed odds ratios, limits and p values come out of one compatible joint table."""
    frame = reference_frame(compatible_patterns())
    plan = model_plan(terms=("sex=male", "severe", "ild"))
    models = model_outcome(frame, plan, TABLE, VARIABLES).models
    ml, firth = models
    rows = {term["name"]: term for term in ml["terms"]}
    printed = {
        "sex=male": (19.57, 1.49, 256.53, 0.024),
        "severe": (7.51, 1.03, 54.88, 0.047),
        "ild": (39.70, 3.04, 518.38, 0.005),
    }
    for name, expected in printed.items():
        term = rows[name]
        wald = term["ci"]["wald"]
        found = (term["odds_ratio"], wald["low"], wald["high"])
        assert tuple(round(x, 2) for x in found) == expected[:3]
        assert round(term["p"]["wald"], 3) == expected[3]
    assert (ml["n"], ml["events"]) == (40, 13)
    severe = next(t for t in firth["terms"] if t["name"] == "severe")
    # Heinze & Schemper's method as R's logistf: penalised LRT p .046 (statistics.md).
    assert round(severe["p"]["lrt"], 3) == 0.046


def test_screening_is_strict_and_says_who_passes():
    """A candidate passes below the threshold; the final model is pinned or what passed."""
    frame = reference_frame(compatible_patterns())
    plan = model_plan(candidates=("sex=male", "severe", "ild", "constant"))
    done = model_outcome(frame, plan, TABLE, VARIABLES)
    passes = {row["term"]: row["passes"] for row in done.screening["rows"]}
    assert passes == {"sex=male": True, "severe": True, "ild": True, "constant": False}
    assert [t["name"] for t in done.models[0]["terms"]][1:] == ["sex=male", "severe", "ild"]
    assert {model["id"] for model in done.models} == {"final"}


def test_a_pinned_model_is_shown_beside_the_screened_one():
    """With pinned terms the model of all that pass is there too, and the note says so."""
    frame = reference_frame(compatible_patterns())
    plan = model_plan(candidates=("sex=male", "severe", "ild"), terms=("ild",))
    done = model_outcome(frame, plan, TABLE, VARIABLES)
    assert [(m["id"], m["method"]) for m in done.models] == [
        ("final", "ml"), ("final", "firth"), ("screened", "ml"), ("screened", "firth"),
    ]  # fmt: skip
    assert "3 of 3 candidates pass" in done.screening["note"]
    assert "pins 1" in done.screening["note"]


def test_a_category_is_screened_by_itself():
    """Each category of three is compared with the others, not the whole variable three times."""
    three = Variable(name="three", type="category", categories={c: c for c in "abc"})
    frame = pd.DataFrame(
        {
            "outcome": ["refractory"] * 10 + ["non_refractory"] * 10,
            "three": list("aaaaaaaabc") + list("abbbbbcccc"),
        }
    )
    plan = model_plan(candidates=("three=a", "three=b", "three=c"), entry_p=0.157)
    screening = model_outcome(frame, plan, TABLE, {"three": three}).screening
    assert len({row["p"] for row in screening["rows"]}) == 3
    assert "p < 0.157" in screening["note"]


def test_a_model_that_cannot_be_fitted_carries_the_reason():
    """A constant term is an error in the model's place, not a crash of the study."""
    frame = reference_frame(compatible_patterns())
    done = model_outcome(frame, model_plan(terms=("constant",)), TABLE, VARIABLES)
    assert all("constant" in model["error"] for model in done.models)


def test_terms_are_numbers_and_missing_stays_missing():
    """yes/no and variable=category become 1, 0 and NaN."""
    frame = pd.DataFrame({"sex": ["male", "female", None], "ild": ["yes", None, "no"]})
    sex = term_values(frame, "sex=male", VARIABLES)
    ild = term_values(frame, "ild", VARIABLES)
    np.testing.assert_array_equal(sex, [1, 0, np.nan])
    np.testing.assert_array_equal(ild, [1, np.nan, 0])
    assert term_label("sex=male", VARIABLES) == "Sex: male"


def test_relabelling_the_event_inverts_the_odds_ratio():
    """Odds ratios for the other outcome are the inverse, with the same p."""
    frame = reference_frame(compatible_patterns())
    forward = model_outcome(frame, model_plan(terms=("ild",)), TABLE, VARIABLES).models[0]
    swapped = ModelPlan(event="non_refractory", against=("refractory",), terms=("ild",))
    backward = model_outcome(frame, swapped, TABLE, VARIABLES).models[0]
    a, b = forward["terms"][1], backward["terms"][1]
    assert a["odds_ratio"] == pytest.approx(1 / b["odds_ratio"])
    assert a["p"]["lrt"] == pytest.approx(b["p"]["lrt"])
