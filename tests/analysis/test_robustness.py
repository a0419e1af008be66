"""What could overturn the model: counts, refits and E-values, also where there is little."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from myocohort.analysis.modelling import model_outcome
from myocohort.analysis.outcome import OUTCOME_LABELS
from myocohort.analysis.provenance import Provenance
from myocohort.analysis.robustness.robustness import (
    describe_robustness,
    methods_of_robustness,
    references_of_robustness,
)
from myocohort.analysis.section import Asked
from myocohort.analysis.table import AnalysisTable
from myocohort.errors import StudyFileError
from myocohort.stats.firth import fit_firth
from myocohort.study.studyfile import Section, TablePlan

BODY = """
[variables.male]
label = "Male"
type = "yes_no"
[variables.ild]
label = "Lung disease"
type = "yes_no"
[variables.age]
label = "Age"
type = "number"
[variables.gc]
label = "GC alone"
type = "yes_no"
[variables.site]
label = "Site"
type = "category"
categories = { upper = "upper limbs", lower = "lower limbs" }
"""
TABLE = """
[table.table1]
title = "Table 1"
groups = ["non_refractory", "refractory"]
[[table.table1.sections]]
variables = ["age", "male", "site", "gc"]
"""
MODEL = """
[model]
event = "refractory"
against = ["non_refractory"]
candidates = ["male", "ild", "age", "gc"]
entry_p = 0.5
terms = ["male", "ild"]
treatments = ["gc"]
"""


def frame_of(groups: dict[str, list[str]], seed: int = 3) -> pd.DataFrame:
    """Return an analysis table: of each outcome, patients as male and lung disease ("10")."""
    draw = np.random.default_rng(seed)
    rows = []
    for outcome, kinds in groups.items():
        for kind in kinds:
            male, ild = ({"1": "yes", "0": "no", "-": None}[letter] for letter in kind)
            rows.append(
                {
                    "patient": f"P{len(rows):03}", "arm": "a", "outcome": outcome, "male": male,
                    "ild": ild, "age": float(draw.integers(20, 70)),
                    "gc": draw.choice(["yes", "no"]), "site": draw.choice(["upper", "lower"]),
                }
            )  # fmt: skip
    rows.append({"patient": "C001", "arm": "c", "outcome": None, "male": "yes", "ild": "no",
                 "age": 30.0, "gc": "no", "site": "upper"})  # fmt: skip
    return pd.DataFrame(rows)


SOME = {
    "refractory": ["11", "11", "10", "01", "01", "00", "11"],
    "non_refractory": ["00"] * 6 + ["01", "10", "10", "11", "01", "00"],
    "lost": ["11", "00", "01", "0-"],
}


@pytest.fixture
def described(make_plan):
    """Return a function from a study body and groups to the section and all results."""

    def run(body, groups, *, origin=None, alternatives=()):
        plan = make_plan(BODY + body)
        if origin:
            study = plan.study.model_copy(update={"origin": origin})
            plan = type(plan)(**{
                name: getattr(plan, name) for name in plan.__dataclass_fields__
            } | {"study": study})  # fmt: skip
        frame = groups if isinstance(groups, pd.DataFrame) else frame_of(groups)
        table = AnalysisTable(frame, dict(plan.study.variables), {})
        screening, models = None, []
        if plan.study.model is not None:
            tests = plan.study.first_comparison or TablePlan(
                title="", groups=("non_refractory", "refractory"), sections=(Section(variables=()),)
            )
            made = model_outcome(frame, plan.study.model, tests, table.variables)
            screening, models = made.screening, made.models
        results = {"screening": screening, "models": models, "provenance": []}
        labels = {**OUTCOME_LABELS, "a": "a"}
        provenance = Provenance(alternatives=tuple(alternatives))
        section = describe_robustness(Asked(plan, None, table, [], labels, provenance, results))
        json.dumps(section, allow_nan=False)
        return section, {**results, "robustness": section}

    return run


def of(rows, name):
    """Return the part of one term."""
    return next(row for row in rows if row["name"] == name)


def test_the_lost_are_compared_with_the_classified(described):
    """Counts, test and standardised difference of each variable of the first table."""
    followed = described(TABLE + MODEL, SOME)[0]["followed"]
    assert [(g["code"], g["n"]) for g in followed["groups"]] == [("classified", 19), ("lost", 4)]
    assert [row["variable"] for row in followed["rows"]] == ["age", "male", "site", "gc"]
    male = followed["rows"][1]
    assert [male["counts"][g]["n"] for g in ("classified", "lost")] == [7, 1]
    assert male["test"].startswith("Pearson")
    # (7/19 - 1/4) / sqrt((7/19 * 12/19 + 1/4 * 3/4) / 2)
    assert male["standardised_difference"]["estimate"] == pytest.approx(0.258358, abs=1e-6)
    assert followed["rows"][0]["test"].startswith("Mann-Whitney")


def test_others_without_an_outcome_stand_apart(described):
    """The dead and the discordant are described and not tested; they are assigned an outcome."""
    section, _ = described(TABLE + MODEL, {**SOME, "died": ["11", "10"], "discordant": ["00"]})
    followed = section["followed"]
    assert [g["code"] for g in followed["groups"]] == ["classified", "lost", "discordant", "died"]
    male = followed["rows"][1]
    assert male["counts"]["died"] == {"n": 2, "of": 2, "percent": 100.0, "missing": 0}
    assert male["n"] == 23
    assert {o["code"]: o["n"] for o in section["lost"]["outcomes"]} == {
        "lost": 4, "died": 2, "discordant": 1,
    }  # fmt: skip
    assert section["lost"]["n_assigned"] == 6


def test_every_outcome_of_the_lost_is_tried(described):
    """The scenarios are refits: n, events, odds ratio, interval and p of one family."""
    section, _ = described(TABLE + MODEL, SOME)
    lost = section["lost"]
    assert (lost["n_without"], lost["n_assigned"], lost["ways"]) == (4, 3, 8)
    assert lost["not_assigned"] == [{"term": "ild", "label": "Lung disease", "n": 1}]
    male = of(lost["terms"], "male")
    assert (male["exposed"], male["others"]) == (1, 2)
    scenarios = {s["id"]: s for s in male["scenarios"]}
    frame = frame_of({**SOME, "refractory": [*SOME["refractory"], "11", "00", "01"]})
    inside = frame[frame["outcome"].isin(["refractory", "non_refractory"])]
    X = np.column_stack([inside["male"] == "yes", inside["ild"] == "yes"]).astype(float)
    wanted = fit_firth(X, (inside["outcome"] == "refractory").astype(float), ["male", "ild"])
    got = scenarios["all_events"]
    assert (got["n"], got["events"]) == (wanted.n, wanted.events) == (22, 10)
    assert got["firth"]["odds_ratio"] == pytest.approx(wanted.terms[1].odds_ratio)
    assert got["firth"]["p"] == pytest.approx(wanted.terms[1].p["lrt"])
    assert got["firth"]["interval"]["low"] == pytest.approx(wanted.terms[1].ci["profile"].low)
    ratios = [s["firth"]["odds_ratio"] for s in male["scenarios"]]
    assert scenarios["favour"]["firth"]["odds_ratio"] == max(ratios)
    assert scenarios["against"]["firth"]["odds_ratio"] == min(ratios)


def test_the_model_of_all_is_the_final_model(described):
    """Leave-one-out and the assignments start from the numbers of `models`."""
    section, results = described(TABLE + MODEL, SOME)
    firth = next(m for m in results["models"] if m["method"] == "firth" and m["id"] == "final")
    for term in firth["terms"][1:]:
        whole = of(section["influence"]["terms"], term["name"])["whole"]["firth"]
        start = of(section["lost"]["terms"], term["name"])["scenarios"][0]["firth"]
        for numbers in (whole, start):
            assert numbers["odds_ratio"] == pytest.approx(term["odds_ratio"], rel=1e-12)
            assert numbers["p"] == pytest.approx(term["p"]["lrt"], rel=1e-9)


def test_leave_one_out_covers_every_patient_once(described):
    """Rows are kinds of patients with their codes; ranges are over the rows."""
    influence = described(TABLE + MODEL, SOME)[0]["influence"]
    codes = [code for row in influence["rows"] for code in row["patients"]]
    assert sorted(codes) == [f"P{i:03}" for i in range(19)]
    assert influence["complete"]
    male = of(influence["terms"], "male")
    ratios = [row["terms"]["male"]["firth"]["odds_ratio"] for row in influence["rows"]]
    assert male["ranges"]["firth"]["odds_ratio"] == {"low": min(ratios), "high": max(ratios)}
    crossing = male["crossing"]["firth"]
    side = male["whole"]["firth"]["p"] < 0.05
    assert crossing["rows"] == [
        row["id"] for row in influence["rows"]
        if (row["terms"]["male"]["firth"]["p"] < 0.05) != side
    ]  # fmt: skip
    assert crossing["n_tables"] is None


def test_families_are_those_of_the_models(described):
    """Nothing is fitted again: odds ratio, interval and p are the very numbers of `models`."""
    section, results = described(TABLE + MODEL, SOME)
    rows = section["confounding"]["families"]
    assert len(rows) == 8
    for row in rows:
        model = next(
            m for m in results["models"] if m["method"] == row["method"] and m["id"] == "final"
        )
        term = of(model["terms"], row["term"])
        assert row["odds_ratio"] == term["odds_ratio"]
        assert row["interval"] == term["ci"][row["family"]]
        assert row["p"] == term["p"]["wald" if row["family"] == "wald" else "lrt"]
        assert row["share"] == 7 / 19
        ratio = max(row["odds_ratio"], 1 / row["odds_ratio"]) ** 0.5
        assert row["e_value"] == pytest.approx(ratio + (ratio * (ratio - 1)) ** 0.5)


def test_treatments_are_named_with_the_reason_of_their_choice(described):
    """Those among the candidates, whether they pass, and whether one is a term."""
    part = described(TABLE + MODEL, SOME)[0]["confounding"]
    assert [row["term"] for row in part["treatments"]] == ["gc"]
    assert part["treatments_in_final"] == []
    assert "not adjusted" in part["by_indication"][1]
    inside = MODEL.replace('terms = ["male", "ild"]', 'terms = ["male", "gc"]')
    part = described(TABLE + inside, SOME)[0]["confounding"]
    assert part["treatments_in_final"] == ["gc"]
    assert "no estimate of what the treatment does" in part["by_indication"][1]
    unnamed = MODEL.replace('treatments = ["gc"]', "")
    part = described(TABLE + unnamed, SOME)[0]["confounding"]
    assert not part["treatments_named"]
    assert "does not say which variables are treatments" in part["by_indication"][0]


def test_a_treatment_that_is_not_declared_is_refused(make_plan):
    """The key is checked like every other name."""
    with pytest.raises(StudyFileError, match="Did you mean 'gc'"):
        make_plan(BODY + TABLE + MODEL.replace('treatments = ["gc"]', 'treatments = ["gcc"]'))


def test_a_study_without_a_model_still_compares_the_lost(described):
    """The rest says why it is not there."""
    section, results = described(TABLE, SOME)
    assert section["left_out"] == ""
    assert section["no_model"] == "The study file asks for no model."
    assert section["followed"]["rows"]
    assert (section["lost"], section["influence"], section["terms"]) == (None, None, [])
    assert "compared with those classified" in methods_of_robustness(results)
    neither, _ = described("", SOME)
    assert "neither a table nor a model" in neither["left_out"]


def test_a_separated_model_has_infinite_ranges_by_maximum_likelihood(described):
    """Firth's stay finite; infinity is the text "inf"."""
    groups = {"refractory": ["11", "10", "11"], "non_refractory": ["00", "01", "00", "01"],
              "lost": ["10", "01"]}  # fmt: skip
    section, _ = described(TABLE + MODEL, groups)
    ranges = of(section["influence"]["terms"], "male")["ranges"]
    assert ranges["ml"]["odds_ratio"]["high"] == "inf"
    assert isinstance(ranges["firth"]["odds_ratio"]["high"], float)
    wald = [r for r in section["confounding"]["families"] if r["term"] == "male"]
    assert {r["e_value"] for r in wald if r["method"] == "ml"} == {"inf"}


def test_one_event(described):
    """Without the only event there is no model; the others are left out as ever."""
    groups = {"refractory": ["11"], "non_refractory": ["00"] * 4 + ["10", "01", "11"],
              "lost": ["10"]}  # fmt: skip
    section, _ = described(TABLE + MODEL, groups)
    (event,) = [row for row in section["influence"]["rows"] if row["event"]]
    assert "nobody" in event["errors"]["firth"]
    assert of(section["influence"]["terms"], "male")["ranges"]["firth"]["failed"] == 1


def test_no_event_leaves_the_refits_out(described):
    """The reason of the model is the reason here; nothing breaks."""
    section, results = described(TABLE + MODEL, {"non_refractory": ["00", "11"], "lost": ["10"]})
    assert "nobody" in section["influence"]["left_out"]
    assert "nobody" in section["lost"]["left_out"]
    assert section["confounding"]["left_out"]
    assert all(term["influence"] is None for term in section["terms"])
    methods_of_robustness(results)
    references_of_robustness(results)


def test_nobody_lost(described):
    """Both parts on the lost say so; the others stand."""
    groups = {name: kinds for name, kinds in SOME.items() if name != "lost"}
    section, results = described(TABLE + MODEL, groups)
    assert section["followed"]["left_out"] == "No patient was lost to follow-up."
    assert section["lost"]["left_out"] == "Every followed patient was classified."
    assert section["terms"][0]["lost"] is None
    assert "lost" not in section["terms"][0]["overturned_by"]
    assert "Patients lost" not in methods_of_robustness(results)


def test_lost_without_any_term_cannot_be_assigned(described):
    """Their number is said."""
    section, _ = described(TABLE + MODEL, {**SOME, "lost": ["--", "--"]})
    assert section["lost"]["left_out"].startswith("None of the patients without an outcome")
    assert [row["n"] for row in section["lost"]["not_assigned"]] == [2, 2]


def test_larger_studies_have_no_lists_of_patients(described):
    """Above 200 patients codes are given only where a line has few."""
    draw = np.random.default_rng(1)
    kinds = ["00", "01", "10", "11"]
    groups = {
        "refractory": list(draw.choice(kinds, 80)), "non_refractory": list(draw.choice(kinds, 160)),
        "lost": list(draw.choice(kinds, 30)),
    }  # fmt: skip
    section, _ = described(TABLE + MODEL, groups)
    assert all(not row["patients"] or row["n"] <= 10 for row in section["influence"]["rows"])
    assert not section["lost"]["exhaustive"]
    assert section["lost"]["ways"] is None


def test_joint_tables_add_the_kinds_of_patients_that_they_have(described):
    """Each line says in how many solutions it occurs; the crossing is counted in each."""
    frame = frame_of(SOME)
    other = {"refractory": ["11", "11", "10", "01", "01", "00", "10"],
             "non_refractory": ["00"] * 5 + ["01", "10", "10", "11", "01", "01", "00"]}  # fmt: skip
    tables = [frame_of({k: v for k, v in groups.items() if k != "lost"}).drop(columns="patient")
              for groups in (SOME, other)]  # fmt: skip
    section, _ = described(TABLE + MODEL, frame, origin="rebuilt", alternatives=tables)
    influence = section["influence"]
    assert influence["tables"] == 2
    own = [row for row in influence["rows"] if row["n"]]
    assert all(row["tables"] in (1, 2) for row in own)
    new = [row for row in influence["rows"] if not row["n"]]
    assert new
    assert all(row["tables"] == 1 and not row["patients"] for row in new)
    assert of(influence["terms"], "male")["crossing"]["firth"]["n_tables"] is not None
    assert "no finding" in section["notes"][0]
    assert "2 solutions" in section["notes"][1]
    assert ("not the same in every solution" in section["notes"][1]) == (
        len({(*row["values"].values(), row["event"]) for row in influence["rows"]})
        < len(influence["rows"])
    )


def test_methods_and_references_name_what_ran(described):
    """Each method with its source."""
    _, results = described(TABLE + MODEL, SOME)
    text, sources = methods_of_robustness(results), " ".join(references_of_robustness(results))
    for words in ("Leave-one-out", "every assignment", "E-value of the square root", "0.05"):
        assert words in text
    for name in ("VanderWeele", "Pregibon", "Firth D", "Yang D"):
        assert name in sources
    assert methods_of_robustness({}) == ""
    assert references_of_robustness({}) == []


def test_the_order_of_patients_changes_no_number(described):
    """Shuffled rows give the same ranges, extremes and comparison."""
    frame = frame_of(SOME)
    one = described(TABLE + MODEL, frame)[0]
    other = described(TABLE + MODEL, frame.sample(frac=1, random_state=4))[0]
    assert one["lost"] == other["lost"]
    assert [t["ranges"] for t in one["influence"]["terms"]] == [
        t["ranges"] for t in other["influence"]["terms"]
    ]
