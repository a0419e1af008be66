"""Predicted risks of the reference study's patterns, against R and against sums by hand."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pandas as pd
import pytest

from myocohort.analysis.prediction.predicted import THRESHOLDS
from myocohort.analysis.prediction.prediction import (
    describe_prediction,
    methods_of_prediction,
    references_of_prediction,
)
from myocohort.analysis.provenance import Provenance
from myocohort.analysis.section import Asked
from myocohort.analysis.table import AnalysisTable

SIZES = (9, 8, 8, 4, 5, 1, 3, 2)  # male, severe weakness, ILD = 000 to 111
# The eight ways in which the 13 events can fall into the patterns (docs/reference-study.md).
EVENTS = (
    (1, 3, 0, 3, 0, 1, 3, 2), (1, 2, 0, 4, 1, 1, 2, 2), (0, 4, 1, 2, 0, 1, 3, 2),
    (0, 4, 0, 3, 1, 0, 3, 2), (0, 3, 1, 3, 1, 1, 2, 2), (0, 3, 0, 4, 2, 0, 2, 2),
    (0, 3, 0, 4, 1, 1, 3, 1), (0, 2, 1, 4, 2, 1, 1, 2),
)  # fmt: skip
TERMS = ("male", "severe", "ild")
BODY = """
[variables.male]
label = "Male"
type = "yes_no"
[variables.severe]
label = "Severe weakness"
type = "yes_no"
[variables.ild]
label = "ILD"
type = "yes_no"
[variables.age]
label = "Age"
type = "number"
[model]
event = "refractory"
against = ["non_refractory"]
terms = ["male", "severe", "ild"]
"""


def frame_of(events=EVENTS[0], sizes=SIZES):
    """Return an analysis table with so many patients and events in each pattern."""
    rows = []
    for pattern, (n, k) in enumerate(zip(sizes, events, strict=True)):
        values = {t: "yes" if pattern >> (2 - i) & 1 else "no" for i, t in enumerate(TERMS)}
        rows += [
            {**values, "outcome": "refractory" if i < k else "non_refractory"} for i in range(n)
        ]
    frame = pd.DataFrame(rows)
    frame.insert(0, "patient", [f"P{i}" for i in range(len(frame))])
    frame["arm"] = "a"
    rng = np.random.default_rng(5)
    frame["age"] = rng.normal(50, 10, len(frame)).round(1)
    return frame


@pytest.fixture
def described(make_plan, make_records):
    """Return a function from a frame and a study body to `prediction` of results.json."""

    def run(frame, body=BODY, provenance=None, screening=None):
        plan = make_plan(body)
        table = AnalysisTable(frame, dict(plan.study.variables), {})
        labels = {"refractory": "Refractory", "non_refractory": "Non-refractory"}
        results = {"screening": screening}
        found = describe_prediction(
            Asked(plan, make_records(), table, [], labels, provenance or Provenance(), results)
        )
        assert json.loads(json.dumps(found, allow_nan=False)) == found
        return found

    return run


def rebuilt(events=EVENTS):
    """Return the provenance of records that leave these joint tables possible."""
    frames = tuple(frame_of(k).sample(frac=1, random_state=i) for i, k in enumerate(events))
    return Provenance(rebuild={"terms": list(TERMS)}, alternatives=frames)


# R 4.3: Firth by optim of the penalised likelihood, a <- coef(glm(y ~ offset(eta), binomial)),
# r <- plogis(a + eta); rms::val.prob(r, y), pROC::ci.auc(roc(y, r)); net benefit as
# mean(r >= t & y == 1) - mean(r >= t & y == 0) * t / (1 - t).
R_COEFFICIENTS = (-3.5809209628, 2.4167684587, 1.6703569929, 2.9987114999)
R_RISKS = (0.02709543, 0.12891751, 0.23791357, 0.35842435, 0.62391630, 0.74803273, 0.86230394,
           0.97082732)  # fmt: skip
R_MEASURES = (0.8917378917, 0.1110145344, 1.2233957566, 0.1223984437)
R_NET_BENEFIT = {0.1: (31, 12, 0.2472222222, 0.25), 0.2: (23, 12, 0.23125, 0.15625),
                 0.3: (18, 12, 0.2357142857, 0.0357142857), 0.4: (10, 9, 0.2083333333, -0.125),
                 0.5: (10, 9, 0.2, -0.35)}  # fmt: skip


def test_risks_and_apparent_measures_are_those_of_r(described):
    """FLIC's coefficients and risks; c, Brier, slope and intercept of rms::val.prob; DeLong."""
    (model,) = described(frame_of())["models"]
    assert [row["b"] for row in model["coefficients"]] == pytest.approx(R_COEFFICIENTS, abs=1e-6)
    points = model["calibration"]["points"]
    assert [point["risk"] for point in points] == pytest.approx(R_RISKS, abs=1e-6)
    assert [row["apparent"] for row in model["measures"]] == pytest.approx(R_MEASURES, abs=1e-6)
    interval = model["measures"][0]["interval"]
    assert (interval["low"], interval["high"]) == (pytest.approx(0.7591096, abs=1e-6), 1.0)
    assert (model["n"], model["events"], model["n_missing"]) == (40, 13, 0)


def test_a_model_that_acts_on_everybody_is_not_better_than_acting_on_all(described):
    """Terms that tell nothing: the same benefit but for the last binary digit is no better."""
    frame = frame_of((4, 4, 3, 2, 2, 1, 1, 1))
    (model,) = described(frame)["models"]
    benefits = {row["name"]: row["net_benefit"] for row in model["decision"]["strategies"]}
    others = np.maximum(benefits["treat_all"], benefits["treat_none"])
    gained = np.asarray(benefits["cross_validated"]) - others
    assert ((gained > 0) & (gained < 1e-12)).any()
    runs = model["decision"]["best"]
    better = [any(run["low"] <= t <= run["high"] for run in runs) for t in THRESHOLDS]
    assert better == (gained > 1e-12).tolist()


def test_net_benefits_are_those_made_by_hand(described):
    """True less weighted false positives at five thresholds, and acting on all and none."""
    (model,) = described(frame_of())["models"]
    decision = model["decision"]
    found = {s["name"]: s["net_benefit"] for s in decision["strategies"]}
    for threshold, (treated, right, benefit, everybody) in R_NET_BENEFIT.items():
        at = THRESHOLDS.index(threshold)
        assert (decision["treated"][at], decision["true_positives"][at]) == (treated, right)
        assert found["apparent"][at] == pytest.approx(benefit, abs=1e-9)
        assert found["treat_all"][at] == pytest.approx(everybody, abs=1e-9)
    assert set(found["treat_none"]) == {0.0}
    low, high = decision["limits"]["low"], decision["limits"]["high"]
    between = zip(low, found["cross_validated"], high, strict=True)
    assert all(a <= b <= c for a, b, c in between)


def test_points_are_the_patterns_with_wilson_limits(described):
    """Sizes and events of the eight patterns; 1 of 9 has the limits 0.0199 and 0.4350."""
    points = described(frame_of())["models"][0]["calibration"]["points"]
    by_terms = {tuple(point["terms"]): (point["n"], point["events"]) for point in points}
    assert by_terms[()] == (9, 1)
    assert by_terms["Male", "ILD"] == (1, 1)
    assert by_terms["Severe weakness", "ILD"] == (4, 3)
    assert sum(n for n, _ in by_terms.values()) == 40
    none = next(point for point in points if not point["terms"])
    # (1 + z2/2 -+ z sqrt(1 * 8/9 + z2/4)) / (9 + z2), z = 1.959964
    assert none["interval"]["low"] == pytest.approx(0.01989089, abs=1e-7)
    assert none["interval"]["high"] == pytest.approx(0.43499971, abs=1e-7)


def test_no_smooth_curve_of_few_events(described):
    """13 events: the reason stands in its place; with 200 and 200 there is one."""
    calibration = described(frame_of())["models"][0]["calibration"]
    assert calibration["smooth"] == []
    assert "here are 13 and 27" in calibration["smooth_left_out"]
    many = frame_of([16 * k for k in EVENTS[0]], [16 * n for n in SIZES])
    calibration = described(many)["models"][0]["calibration"]
    assert calibration["smooth_left_out"] == ""
    assert all(0 <= point["observed"] <= 1 for point in calibration["smooth"])


def test_the_order_of_the_patients_does_not_matter(described):
    """Folds are dealt in an order of their own."""
    frame = frame_of()
    assert described(frame) == described(frame.sample(frac=1, random_state=9))


def test_joint_tables_leave_the_risks_and_free_the_outcomes(described):
    """All eight have the same sizes, risks, slope and intercept; c-statistic and Brier do not."""
    (model,) = described(frame_of(), BODY, rebuilt())["models"]
    assert model["tables"] == 8
    for point in model["calibration"]["points"]:
        ranges = point["tables"]
        assert ranges["n"]["low"] == ranges["n"]["high"] == point["n"]
        assert ranges["risk"]["high"] - ranges["risk"]["low"] < 1e-12
        assert ranges["events"]["low"] <= point["events"] <= ranges["events"]["high"]
    ranges = {row["name"]: row["tables"]["apparent"] for row in model["measures"]}
    for name in ("calibration slope", "calibration intercept"):
        assert ranges[name]["high"] == pytest.approx(ranges[name]["low"], abs=1e-9)
    assert ranges["c-statistic"]["low"] == pytest.approx(0.8732, abs=1e-4)
    assert ranges["c-statistic"]["high"] == pytest.approx(0.9231, abs=1e-4)
    assert "one of them" in model["tables_note"]
    assert "the same risks, which are therefore determined" in model["tables_note"]
    for row in model["measures"]:
        for key in ("apparent", "cross_validated"):
            low, high = row["tables"][key]["low"], row["tables"][key]["high"]
            assert low - 1e-12 <= row[key] <= high + 1e-12


def test_equal_joint_tables_are_said_to_be_equal(described):
    """Where sizes, outcomes and risks are the same in all, everything is determined."""
    (model,) = described(frame_of(), BODY, rebuilt([EVENTS[0]] * 2))["models"]
    assert "outcomes and risks of the patterns are the same" in model["tables_note"]


def test_terms_that_the_joint_tables_do_not_hold_have_no_ranges(described):
    """A range over one way of many to deal a term out would mean nothing."""
    provenance = Provenance(rebuild={"terms": ["male"]}, alternatives=rebuilt().alternatives)
    (model,) = described(frame_of(), BODY, provenance)["models"]
    assert model["tables"] == 0
    assert {point["tables"] for point in model["calibration"]["points"]} == {None}


def test_a_number_among_the_terms_makes_groups(described):
    """Groups between quantiles of the risk hold every patient once, in order of risk."""
    body = BODY.replace('terms = ["male", "severe", "ild"]', 'terms = ["male", "age"]')
    calibration = described(frame_of(), body)["models"][0]["calibration"]
    assert calibration["by"] == "group"
    points = calibration["points"]
    assert len(points) == 3
    assert sum(point["n"] for point in points) == 40
    assert all(a["high"] < b["low"] for a, b in itertools.pairwise(points))
    assert {point["terms"] for point in points} == {None}


def test_missing_terms_are_counted(described):
    """A patient without a term has no risk."""
    frame = frame_of()
    frame.loc[[1, 5], "male"] = None
    (model,) = described(frame)["models"]
    assert (model["n"], model["n_missing"]) == (38, 2)


def test_a_screened_model_stands_beside_the_final_one(described):
    """By its own terms; a separated one says why it has no numbers."""
    rows = [{"term": t, "passes": True} for t in ("male", "ild")]
    found = described(frame_of(), screening={"rows": rows})
    assert [model["id"] for model in found["models"]] == ["final", "screened"]
    assert len(found["models"][1]["coefficients"]) == 3
    frame = frame_of()
    frame["male"] = ["yes" if o == "refractory" else "no" for o in frame["outcome"]]
    rows = [{"term": "male", "passes": True}]
    body = BODY.replace('terms = ["male", "severe", "ild"]', 'terms = ["severe", "ild"]')
    found = described(frame, body, screening={"rows": rows})
    assert found["left_out"] == ""
    assert "complete separation" in found["models"][1]["error"]


def test_a_separated_final_model_is_left_out(described):
    """Its risks would rest on the penalty alone."""
    frame = frame_of()
    frame["male"] = ["yes" if o == "refractory" else "no" for o in frame["outcome"]]
    found = described(frame)
    assert found["left_out"].startswith("Final model: complete separation")
    assert methods_of_prediction({"prediction": found}) == ""
    assert references_of_prediction({"prediction": found}) == []


@pytest.mark.parametrize("events", [0, 1, 39, 40])
def test_too_few_events_are_left_out(described, events):
    """None, one, all but one, all: the section says so."""
    frame = frame_of()
    frame["outcome"] = ["refractory"] * events + ["non_refractory"] * (40 - events)
    assert f"{events} of 40 patients" in described(frame)["left_out"]


def test_no_model_no_patients_and_nothing_that_varies(described):
    """Each is a reason, none an exception."""
    assert described(frame_of(), "")["left_out"] == "The study file asks for no model."
    assert "nobody has an outcome" in described(frame_of().iloc[:0])["left_out"]
    body = BODY.replace('terms = ["male", "severe", "ild"]', "")
    assert described(frame_of(), body)["left_out"] == "Final model: no term is in the model."
    frame = frame_of().assign(male="no")
    assert "male" in described(frame)["left_out"]


def test_a_rare_term_leaves_repeats_out(described):
    """Two patients with a term: a repeat that puts both into one fold has a fold without model."""
    frame = frame_of()
    frame["male"] = "no"
    frame.loc[[0, 1], "male"] = "yes"  # one with and one without the outcome
    (model,) = described(frame)["models"]
    crossed = model["cross_validation"]
    assert 0 < crossed["whole"] < crossed["repeats"]
    assert crossed["whole"] + sum(crossed["failed"].values()) == crossed["repeats"]
    assert any("folds gave no model" in warning for warning in model["warnings"])


def test_large_studies_are_summarised(described):
    """600 patients with a number: at most ten groups, and few points of the ROC curve."""
    frame = pd.concat([frame_of() for _ in range(15)], ignore_index=True)
    frame["age"] = np.random.default_rng(1).normal(50, 10, len(frame))
    body = BODY.replace('terms = ["male", "severe", "ild"]', 'terms = ["male", "age"]')
    (model,) = described(frame, body)["models"]
    assert len(model["calibration"]["points"]) == 10
    assert len(model["roc"]) == 101
    assert model["cross_validation"]["repeats"] == 8


def test_methods_and_references_name_what_ran(described):
    """FLIC, the folds and the thresholds, with their sources."""
    found = {"prediction": described(frame_of())}
    text = methods_of_prediction(found)
    assert "FLIC" in text
    assert "10-fold cross-validation, dealt 50 times anew" in text
    assert "Thresholds run from 5% to 50%" in text
    assert any("Vickers" in source for source in references_of_prediction(found))
    assert methods_of_prediction({}) == ""
