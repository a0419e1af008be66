"""The flow of patients against counts that were made by hand."""

from __future__ import annotations

import json

import pytest

from myocohort.analysis.flow import OTHER_REASONS, flow_steps
from myocohort.analysis.outcome import decide_all
from myocohort.analysis.table import build_table
from myocohort.outcomes import Decision

MODEL = """
[variables.male]
label = "Male"
type = "yes_no"
[variables.ild]
label = "ILD"
type = "yes_no"
[model]
event = "refractory"
against = ["non_refractory"]
terms = ["male", "ild"]
"""
IMAGING = """
[imaging]
months = [3, 6]
scales = { fat = "modified-mercuri" }
muscles = ["sartorius"]
[tables.blots]
file = "blots.csv"
[tables.biopsies]
file = "biopsies.csv"
[variables.necrosis]
label = "Necrosis"
type = "yes_no"
table = "biopsies"
column = "present"
where = { finding = "necrosis" }
"""


def visit(patient, month, mrs, mrc):
    """Return a visit's record."""
    return {"patient": patient, "month": float(month), "date": None, "mrs": mrs,
            "weakest_mrc": mrc, "ck": 500.0, "ck_uln_u_per_l": 200.0}  # fmt: skip


def known(patient, variable, text):
    """Return an observation of a yes/no variable."""
    return {"patient": patient, "table": "baseline", "variable": variable, "text": text}


def reading(patient, month, side):
    """Return a reading of the one muscle of these studies."""
    return {"patient": patient, "month": float(month), "date": None, "muscle": "sartorius",
            "side": side, "scale": "modified-mercuri", "grade": 1.0, "reader": "r",
            "automatic": "no"}  # fmt: skip


# Two refractory, one not, one discordant, one dead, two lost at different months, one never seen.
VISITS = [
    *(visit(p, 0, 4, "2") for p in "ABCDEFG"),
    visit("A", 12, 4, "2"), visit("B", 12, 3, "3"), visit("C", 12, 1, "5"),
    visit("D", 12, 1, "2"), visit("E", 5, 6, None), visit("F", 3, 2, "4"), visit("G", 6, 2, "4"),
]  # fmt: skip


@pytest.fixture
def flow(make_plan, make_records):
    """Return a function from a study body and records to the flow."""

    def run(body="", patients="ABCDEFGH", **tables):
        plan = make_plan(body)
        rows = [{"patient": p} if isinstance(p, str) else p for p in patients]
        rows += [{"patient": f"K{i}", "arm": "c"} for i in range(3)]
        tables = {"visits": VISITS if patients == "ABCDEFGH" else [], **tables}
        records = make_records(patients=rows, **tables)
        decisions = decide_all(plan, records)
        found = flow_steps(plan, build_table(plan, records, decisions), decisions)
        assert json.loads(json.dumps(found)) == found
        return found

    return run


def test_the_main_line_loses_those_without_an_outcome(flow):
    """Eight enrolled, three classified; the five between are split off with their reasons."""
    found = flow()
    assert [(box["label"], box["n"], box["level"]) for box in found] == [
        ("Enrolled: a", 8, 0), ("Discordant", 1, 1), ("Lost to follow-up", 3, 1), ("Died", 1, 1),
        ("Classified by the outcome rule", 3, 0), ("Non-refractory", 1, 1), ("Refractory", 2, 1),
    ]  # fmt: skip
    lost = next(box for box in found if box["label"] == "Lost to follow-up")
    assert lost["reasons"] == [
        {"reason": "no visit in months 10 to 14", "n": 2},
        {"reason": "no visit in months 10 to 14; no visit at all", "n": 1},
    ]
    assert next(box for box in found if box["label"] == "Died")["reasons"] == []


def test_what_leaves_and_what_goes_on_add_up(flow):
    """Each step of the main line is the one before less those who left."""
    found = flow()
    enrolled, classified = (box["n"] for box in found if box["level"] == 0)
    sides = [box["n"] for box in found if box["level"] == 1]
    assert enrolled == sum(sides[:-2]) + classified
    assert classified == sum(sides[-2:])
    for box in found:
        assert sum(row["n"] for row in box["reasons"]) in (0, box["n"])


def test_the_model_s_set_says_what_is_not_known(flow):
    """Of three classified one lacks a term, and another both."""
    rows = [known("A", "male", "yes"), known("A", "ild", "no"), known("B", "male", "no")]
    box = flow(MODEL, observations=rows)[-1]
    assert (box["label"], box["n"], box["of"], box["level"]) == ("Analysed: final model", 1, 3, 2)
    assert box["reasons"] == [
        {"reason": "ILD not known", "n": 1}, {"reason": "Male, ILD not known", "n": 1},
    ]  # fmt: skip


def test_sets_of_measured_patients_name_their_controls(flow):
    """MRI before treatment, and later; biopsies; blots: patients apart from controls."""
    readings = [reading(p, m, s) for p, m in (("A", 0), ("A", 6), ("B", 0), ("K0", 0))
                for s in ("left", "right")]  # fmt: skip
    found = flow(
        IMAGING,
        mri_readings=readings,
        biopsies=[{"patient": p, "finding": "necrosis", "stained": "yes", "present": "no"}
                  for p in "AC"],
        blots=[{"patient": p, "membrane": "1", "lane": 1, "target": "t", "density": 1.0}
               for p in ("A", "K1", "K2")],
    )  # fmt: skip
    sets = {box["label"]: box for box in found if box["level"] == 2}
    assert {label: (box["n"], box["of"]) for label, box in sets.items()} == {
        "Analysed: MRI before treatment": (2, 8),
        "Analysed: MRI before treatment and later": (1, 8),
        "Analysed: muscle biopsy": (2, 8),
        "Analysed: western blot": (1, 8),
    }
    first = sets["Analysed: MRI before treatment"]
    assert first["reasons"] == [{"reason": "no MRI", "n": 6}]
    assert first["controls"] == [{"label": "c", "n": 1}]
    assert sets["Analysed: western blot"]["controls"] == [{"label": "c", "n": 2}]


def test_nobody_and_a_study_without_sets(flow):
    """An empty study has zeros, and no set."""
    assert [box["n"] for box in flow(patients="")] == [0, 0, 0, 0]
    assert not [box for box in flow() if box["level"] == 2]


def test_many_reasons_become_few(make_plan, make_records):
    """The three most frequent, and the others together."""
    plan, records = make_plan(""), make_records(patients=[{"patient": f"P{i}"} for i in range(9)])
    whys = ["x"] * 3 + ["y"] * 2 + ["z", "u", "v", "w"]
    decisions = [Decision(f"P{i}", "unclassifiable", why, ()) for i, why in enumerate(whys)]
    found = flow_steps(plan, build_table(plan, records, decisions), decisions)
    assert found[1]["reasons"] == [
        {"reason": "x", "n": 3}, {"reason": "y", "n": 2}, {"reason": "u", "n": 1},
        {"reason": OTHER_REASONS, "n": 3},
    ]  # fmt: skip
