"""Clinical scores of a study: from its variables, by group, missing items said."""

from __future__ import annotations

import json

import pytest

from myocohort.analysis.scores.inputs import READINGS
from myocohort.analysis.scores.scores import (
    describe_scores,
    methods_of_scores,
    references_of_scores,
)
from myocohort.analysis.section import MOST_LISTED
from myocohort.errors import StudyFileError
from myocohort.outcomes import SCORES

MRS = "".join(
    f'[variables.mrs_{m}]\nlabel = "mRS"\ntype = "integer"\ntable = "visits"\n'
    f'column = "mrs"\nmonth = {m}\n'
    for m in (0, 12)
)
CHANGE = MRS + '[[scores]]\nscore = "mrs_change"\nitems = { before = "mrs_0", after = "mrs_12" }\n'


def number(name, top):
    """Return the declaration of a number in a table of its own."""
    return (
        f'[variables.{name}]\nlabel = "{name}"\ntype = "number"\nminimum = 0\n'
        f'maximum = {top}\ntable = "core"\n'
    )


def yes_no(name):
    """Return the declaration of a yes/no."""
    return f'[variables.{name}]\nlabel = "{name}"\ntype = "yes_no"\ntable = "core"\n'


def observed(patient, **values):
    """Return observations of one patient in the table `core`."""
    return [
        {"patient": patient, "table": "core", "variable": name}
        | ({"text": value} if isinstance(value, str) else {"number": float(value)})
        for name, value in values.items()
    ]


def visit(patient, month, mrs, mrc="4"):
    """Return a visit."""
    return {"patient": patient, "month": float(month), "date": None, "mrs": mrs,
            "weakest_mrc": mrc, "ck": 100.0, "ck_uln_u_per_l": 200.0}  # fmt: skip


def test_every_score_can_be_asked_for():
    """A score without a reading could not be named in a study file."""
    assert list(READINGS) == list(SCORES)


def test_change_of_mrs_by_group_and_patient(make_asked):
    """4 to 2 is better, 3 to 3 unchanged; without a visit it is open, never unchanged."""
    visits = [visit("A", 0, 4), visit("A", 12, 2), visit("B", 0, 3), visit("B", 12, 3, "2"),
              visit("C", 0, 4)]  # fmt: skip
    asked = make_asked(CHANGE, patients=[{"patient": p} for p in "ABC"], visits=visits)
    found = json.loads(json.dumps(describe_scores(asked), allow_nan=False))
    (score,) = found["scores"]
    everybody = score["groups"][0]
    counts = {one["category"]: one["n"] for one in everybody["categories"]}
    assert (everybody["n"], everybody["decided"], everybody["undecided"]) == (3, 2, 1)
    assert counts["better"] == counts["unchanged"] == 1
    assert everybody["missing"] == [{"item": "mRS", "n": 1}]
    codes = [group["code"] for group in score["groups"]]
    assert codes == ["", "refractory", "non_refractory", "lost"]
    open_one = score["patients"][2]
    assert open_one["patient"] == "C"
    assert open_one["missing"] == ["mRS at follow-up"]
    assert "unchanged" in open_one["categories"]
    assert "better" in methods_of_scores({"scores": found})
    assert references_of_scores({"scores": found}) == [score["reference"]]


def test_total_improvement_through_a_study_file(make_asked):
    """The worked example of docs/outcome-rules.md: 50 to 70, MMT missing at follow-up."""
    values = {
        "pg_0": 6, "pg_6": 3, "pt_0": 5, "pt_6": 3, "haq_0": 1.5, "haq_6": 0.75,
        "ex_0": 3, "ex_6": 1, "mmt_0": 120, "ck_0": 4000, "ck_6": 1000, "uln": 200,
    }  # fmt: skip
    top = {"haq": 3, "mmt": 150, "ck": 100000, "uln": 1000}
    names = [*values, "mmt_6"]
    body = "".join(number(name, top.get(name.split("_")[0], 10)) for name in names)
    pairs = {"physician_global": "pg", "patient_global": "pt", "haq": "haq",
             "extramuscular": "ex", "mmt": "mmt", "CK": "ck"}  # fmt: skip
    body += '[[scores]]\nscore = "total_improvement"\npopulation = "adult"\n[scores.items]\n'
    for item, stem in pairs.items():
        body += f'{item}_before = "{stem}_0"\n{item}_after = "{stem}_6"\n'
    body += 'CK_limit_before = "uln"\nCK_limit_after = "uln"\n'
    asked = make_asked(body, patients=[{"patient": "A"}], observations=observed("A", **values))
    (row,) = describe_scores(asked)["scores"][0]["patients"]
    assert (row["low"], row["high"], row["out_of"]) == (50.0, 70.0, "100")
    assert row["statement"] == (
        "between moderate and major (50 to 70 of 100; missing: manual muscle test at follow-up)"
    )


def test_classification_entry_and_strength_through_a_study_file(make_asked):
    """Four other scores read yes/no, codes and numbers under the names of their items."""
    findings = ("arms", "legs", "neck", "proximal", "raised", "vasc", "gc", "other", "srp")
    body = "".join(yes_no(name) for name in findings) + number("age", 100) + number("ck", 99999)
    body += "".join(number(name, 10) for name in ("neck_grade", "quad_right"))
    body += '[variables.mrc]\nlabel = "MRC"\ntype = "text"\ntable = "core"\n'
    body += """
[[scores]]
score = "iim_classification"
items = { onset_age = "age", proximal_upper = "arms", proximal_lower = "legs", \
neck_flexors = "neck", legs_proximal = "proximal", raised_enzymes = "raised", perimysial = "vasc" }
[[scores]]
score = "imnm_entry"
items = { anti_srp = "srp", weakest_proximal_mrc = "mrc", ck_u_per_l = "ck" }
[[scores]]
score = "mmt8"
items = { "neck flexors" = "neck_grade", "right quadriceps" = "quad_right" }
[[scores]]
score = "rim_entry"
population = "adult"
items = { glucocorticoids_failed = "gc", other_agent_failed = "other" }
"""
    values = dict.fromkeys(findings, "yes") | {"age": 50, "ck": 3000, "mrc": "4-"}
    rows = observed("A", **(values | {"neck_grade": 10, "quad_right": 5, "other": "no"}))
    asked = make_asked(body, patients=[{"patient": "A"}], observations=rows)
    scores = describe_scores(asked)["scores"]
    classified, entry, strength, rim = (score["patients"][0] for score in scores)
    # 2.2 + 0.7 + 0.5 + 1.6 + 1.2 + 1.4 + 1.2 with biopsy (Lundberg 2017); the rest is not known.
    assert classified["low"] == pytest.approx(8.8)
    assert classified["categories"] == ["definite"]
    assert entry["statement"] == "met"
    assert (strength["low"], strength["high"], strength["out_of"]) == (15.0, 145.0, "150")
    assert rim["categories"] == ["not met"]


def test_a_value_that_a_score_refuses_costs_one_patient(make_asked):
    """An mRS of 6 before treatment is named, and the others are scored."""
    visits = [visit("A", 0, 6), visit("A", 12, 6), visit("B", 0, 3), visit("B", 12, 2)]
    asked = make_asked(CHANGE, patients=[{"patient": p} for p in "AB"], visits=visits)
    (score,) = describe_scores(asked)["scores"]
    assert [row["patient"] for row in score["patients"]] == ["B"]
    assert score["refused"][0]["patient"] == "A"
    assert score["groups"][0]["n"] == 1


def test_many_patients_are_summed_up_only(make_asked):
    """Beyond two hundred patients the section says that it does not list them."""
    codes = [f"P{n}" for n in range(MOST_LISTED + 1)]
    asked = make_asked(CHANGE, patients=[{"patient": p} for p in codes])
    (score,) = describe_scores(asked)["scores"]
    assert score["patients"] == []
    assert "too many to be listed" in score["not_listed"]


def test_without_scores_the_section_says_so(make_asked):
    """Nothing asked, or nobody followed, is a sentence."""
    assert describe_scores(make_asked())["left_out"] == "the study file asks for no score."
    controls = make_asked(CHANGE, patients=[{"patient": "X", "arm": "c"}])
    assert describe_scores(controls)["left_out"] == "No patient is followed."
    assert methods_of_scores({}) == ""
    assert references_of_scores({"scores": None}) == []


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('score = "mrs_chang"\nitems = { before = "mrs_0" }', "Did you mean 'mrs_change'?"),
        ('score = "mrs_change"\nitems = { befor = "mrs_0" }', "Did you mean 'before'?"),
        ('score = "mrs_change"\nitems = { before = "mrs_1" }', "Did you mean"),
        ('score = "mrs_change"\nitems = { before = "x" }', "type integer or number"),
        ('score = "mrs_change"\nitems = { before = "mrs_0" }\nparameters = { grads = 1 }', "grads"),
        ('score = "rim_entry"\nitems = { mmt = "mrs_0" }', "with a `maximum`"),
        ('score = "rim_entry"\nitems = { other_agent_failed = "x" }\npopulation = "old"', "adult"),
        (
            'score = "rim_entry"\nitems = { other_agent_failed = "x" }\npopulation = "mrs_0"',
            "is yes/no",
        ),
    ],
)
def test_a_key_that_does_not_fit_is_named(make_plan, lines, said):
    """Unknown scores, items, variables and parameters, and types that do not fit."""
    with pytest.raises(StudyFileError) as caught:
        make_plan(MRS + yes_no("x") + f"[[scores]]\n{lines}\n")
    (problem,) = caught.value.problems
    assert problem.key.startswith("scores.1.")
    assert said in f"{problem.rule} {problem.next_step} {problem.key}"
