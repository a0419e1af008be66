"""Tables of all patients, which compare nothing."""

from __future__ import annotations

import pandas as pd
import pytest

from myocohort.analysis.comparison import compare_groups, rows_of
from myocohort.analysis.provenance import Provenance
from myocohort.analysis.results import compute_results
from myocohort.study.studyfile import Section, TablePlan
from myocohort.study.variable import Variable

VARIABLES = {
    "ild": Variable(name="ild", label="ILD", type="yes_no"),
    "age": Variable(name="age", label="Age", type="number", unit="years"),
    "sex": Variable(name="sex", type="category", categories={"f": "female", "m": "male"}),
}
FRAME = pd.DataFrame(
    {
        "outcome": ["refractory", "non_refractory", "lost", None],
        "arm": ["a", "a", "a", "c"],
        "ild": ["yes", None, "no", "yes"],
        "age": [40.0, 50.0, float("nan"), 90.0],
        "sex": ["f", "m", "m", "m"],
    }
)
STUDY = """
[variables.ild]
type = "yes_no"
[variables.age]
type = "number"
"""
OVERALL = """
[table.all]
title = "All"
by = "overall"
sections = [{ variables = ["ild", "age"] }]
"""
COMPARED = """
[table.groups]
title = "Groups"
groups = ["non_refractory", "refractory"]
categorical_test = "fisher_exact"
sections = [{ variables = ["ild"] }]
"""
MODEL = """
[model]
event = "refractory"
against = ["non_refractory"]
candidates = ["ild"]
methods = ["firth"]
"""


def overall(*names):
    """Return a plan of all patients."""
    return TablePlan(title="T", by="overall", sections=(Section(variables=names),))


def observed(patient, variable, value):
    """Return an observation at baseline."""
    kind = "number" if isinstance(value, float) else "text"
    return {"patient": patient, "table": "baseline", "variable": variable, kind: value}


@pytest.fixture
def computed(make_plan, make_records):
    """Return a function from a study body to the content of results.json of twelve patients."""

    def run(body):
        codes = [f"P{i:02}" for i in range(12)]
        visits = [
            {"patient": code, "month": 12.0, "mrs": 4 if i % 3 == 0 else 1,
             "weakest_mrc": "2" if i % 3 == 0 else "5", "ck": 100.0, "ck_uln_u_per_l": 200.0}
            for i, code in enumerate(codes[:11])
        ]  # fmt: skip
        values = [observed(code, "ild", "yes" if i % 4 < 2 else "no")
                  for i, code in enumerate(codes)]  # fmt: skip
        values += [observed(code, "age", 40.0 + i) for i, code in enumerate(codes[:10])]
        people = [{"patient": code} for code in codes] + [{"patient": "Z", "arm": "c"}]
        records = make_records(patients=people, visits=visits, observations=values)
        return compute_results(make_plan(STUDY + body), records, [], Provenance())

    return run


def test_followed_patients_are_one_column():
    """Lost patients count, controls do not; nothing is tested and no group is there."""
    table = compare_groups(FRAME, overall("ild", "age", "sex"), VARIABLES, {})
    assert (table["n"], table["groups"], table["by"]) == (3, [], "overall")
    ild, age, sex = rows_of(table)
    assert ild["total"] == {"n": 1, "of": 2, "percent": 50.0, "missing": 1}
    assert (age["total"]["n"], age["total"]["mean"], age["total"]["missing"]) == (2, 45.0, 1)
    assert [(level["code"], level["n"]) for level in sex["total"]["levels"]] == [("f", 1), ("m", 2)]
    for row in (ild, age, sex):
        assert (row["p"], row["test"], row["effects"], row["counts"]) == (None, "", [], {})
    assert [(row["n"], row["n_missing"]) for row in (ild, age, sex)] == [(2, 1), (2, 1), (3, 0)]


def test_the_row_has_the_keys_of_a_compared_one():
    """What reads rows need not know which kind of table they are of."""
    plan = TablePlan(title="T", groups=("non_refractory", "refractory"),
                     sections=(Section(variables=("ild",)),))  # fmt: skip
    compared, described = (
        compare_groups(FRAME, of, VARIABLES, {}) for of in (plan, overall("ild"))
    )
    assert set(compared) == set(described)
    assert [set(row) for row in rows_of(compared)] == [set(row) for row in rows_of(described)]
    assert rows_of(compared)[0]["total"].keys() == rows_of(described)[0]["total"].keys()


def test_nobody_followed_is_said():
    """A table of nobody has its rows, without a percentage, and says why."""
    table = compare_groups(FRAME[3:], overall("ild"), VARIABLES, {})
    assert (table["n"], table["notes"]) == (0, ["No patient is followed."])
    assert rows_of(table)[0]["total"]["percent"] is None


@pytest.mark.parametrize("body", [OVERALL + COMPARED, COMPARED + OVERALL])
def test_it_never_screens_candidates(body, computed):
    """The tests that screen are those of the first table that compares groups."""
    results = computed(body + MODEL)
    assert "Fisher" in results["screening"]["rows"][0]["test"]
    (row,) = [row for row in results["missing"] if row["variable"] == "age"]
    assert row["of"] == 11
    assert set(row["group_missing"]) == {"non_refractory", "refractory"}


def test_alone_it_leaves_screening_to_the_usual_tests(computed):
    """Without a table that compares, candidates are screened as without any table."""
    results = computed(OVERALL + MODEL)
    assert "Pearson" in results["screening"]["rows"][0]["test"]
    (row,) = [row for row in results["missing"] if row["variable"] == "age"]
    assert (row["missing"], row["of"], row["group_missing"]) == (2, 12, {})
    assert results["table1"][0]["test"] == ""
    assert not any("Groups were compared" in paragraph for paragraph in results["methods"])
