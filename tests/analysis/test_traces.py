"""Who and what is behind the rows of tables and the terms of models."""

from __future__ import annotations

import json

import pytest

from myocohort.analysis.outcome import decide_all
from myocohort.analysis.provenance import Provenance
from myocohort.analysis.results import compute_results
from myocohort.analysis.table import build_table
from myocohort.analysis.traces import traces as traces_module
from myocohort.analysis.traces.rows import ranges
from myocohort.analysis.traces.words import source_of_variable, term_in_words

STUDY = """
[tables.baseline]
file = "records/baseline.csv"
columns = { ild = "ILD on CT" }
[schedule]
within = 2
[variables.ild]
label = "Lung disease"
type = "yes_no"
[variables.age]
type = "integer"
unit = "years"
[variables.ro52]
type = "yes_no"
table = "antibodies"
column = "grade"
where = { antigen = "Ro-52" }
any_of = ["+", "++"]
[variables.severe]
type = "yes_no"
table = "visits"
column = "weakest_mrc"
month = 0
at_most = 2
[variables.weakness]
type = "category"
categories = { severe = "severe", mild = "mild" }
bands = { severe = [0, 2], mild = [4, 4] }
table = "visits"
column = "weakest_mrc"
month = 0
[imaging]
months = [3]
[markers.baff]
label = "BAFF"
[table.one]
title = "By outcome"
groups = ["non_refractory", "refractory"]
sections = [{ variables = ["ild", "age", "weakness"] }]
[table.all]
title = "All"
by = "overall"
sections = [{ variables = ["ild"] }]
[model]
event = "refractory"
against = ["non_refractory"]
terms = ["ild", "weakness=severe"]
methods = ["firth"]
"""


def visits(patient: str, mrc: str, mrs: float) -> list[dict[str, object]]:
    """Return a visit before treatment, and one at month 12 that decides the outcome."""
    strong = "5" if mrs < 3 else "2"
    return [
        {"patient": patient, "month": 0.0, "mrs": 4.0, "weakest_mrc": mrc},
        {"patient": patient, "month": 12.0, "mrs": mrs, "weakest_mrc": strong},
    ]


# patient: ILD, age, MRC before treatment, mRS at month 12
PEOPLE = {
    "P1": ("yes", 30.0, "2", 4.0), "P2": ("yes", 41.0, "4", 4.0), "P3": ("no", 52.0, "2", 4.0),
    "P4": ("yes", None, "2", 1.0), "P5": ("no", 28.0, "4", 1.0), "P6": ("no", 63.0, "4", 1.0),
    "P7": (None, 70.0, "3", 1.0),
}  # fmt: skip


@pytest.fixture
def computed(make_plan, make_records):
    """Return the results of seven made patients."""
    plan = make_plan(STUDY)
    observed = []
    for patient, (ild, age, _, _) in PEOPLE.items():
        observed += [
            {"patient": patient, "table": "baseline", "variable": "ild", "text": ild,
             "missing": "" if ild else "not done"},
            {"patient": patient, "table": "baseline", "variable": "age", "number": age,
             "missing": "" if age else "not recorded"},
        ]  # fmt: skip
    records = make_records(
        patients=[{"patient": patient} for patient in PEOPLE],
        visits=[v for p, (_, _, mrc, mrs) in PEOPLE.items() for v in visits(p, mrc, mrs)],
        observations=observed,
    )
    return compute_results(plan, records, [], Provenance())


def test_each_count_of_a_table_has_its_patients(computed):
    """Refractory with ILD are P1 and P2; P7 has none because it was not done."""
    (table, overall) = computed["traces"]["tables"]
    row = table["rows"][0]
    non_refractory, refractory = row["groups"]
    assert refractory["levels"] == [
        {"value": "yes", "label": "yes", "n": 2, "patients": ["P1", "P2"]},
        {"value": "no", "label": "no", "n": 1, "patients": ["P3"]},
    ]
    assert non_refractory["missing"] == [{"reason": "not done", "n": 1, "patients": ["P7"]}]
    (everybody,) = overall["rows"][0]["groups"]
    assert (everybody["code"], everybody["n"]) == ("all", 7)
    assert [level["n"] for level in everybody["levels"]] == [3, 3]


def test_the_counts_are_those_of_the_tables(computed):
    """What is traced adds up to what the tables print, of yes/no, numbers and categories."""
    table, traced = computed["tables"][0], computed["traces"]["tables"][0]
    rows = {row["variable"]: row for section in table["sections"] for row in section["rows"]}
    for trace in traced["rows"]:
        for group in trace["groups"]:
            counts = rows[trace["variable"]]["counts"][group["code"]]
            known = sum(level["n"] for level in group["levels"])
            assert known == counts.get("of", counts.get("n"))
            assert (
                group["n"] - known
                == counts["missing"]
                == sum(item["n"] for item in group["missing"])
            )
            for level in counts.get("levels", []):
                (same,) = [one for one in group["levels"] if one["value"] == level["code"]]
                assert same["n"] == level["n"] == len(same["patients"])


def test_a_model_names_who_is_left_out_and_why(computed):
    """P7 has neither ILD nor a band of weakness: once for each reason, and not in the model."""
    (model,) = computed["traces"]["models"]
    fitted = computed["models"][0]
    assert (model["n"], model["events"], model["n_missing"]) == (
        fitted["n"], fitted["events"], fitted["n_missing"],
    ) == (6, 3, 1)  # fmt: skip
    assert {item["reason"] for item in model["left_out"]} == {
        "Lung disease: not done", "weakness: outside all bands",
    }  # fmt: skip
    ild = {(c["value"], c["event"]): c["patients"] for c in model["terms"][0]["cells"]}
    assert ild == {
        ("yes", True): ["P1", "P2"], ("yes", False): ["P4"],
        ("no", True): ["P3"], ("no", False): ["P5", "P6"],
    }  # fmt: skip
    severe = {(c["value"], c["event"]): c["n"] for c in model["terms"][1]["cells"]}
    assert severe == {("yes", True): 2, ("yes", False): 1, ("no", True): 1, ("no", False): 2}


def test_above_the_limit_patients_are_counted_and_not_named(computed, monkeypatch, request):
    """Of a large study results.json holds the counts only, and says so."""
    monkeypatch.setattr(traces_module, "MOST_LISTED", 6)
    large = request.getfixturevalue("recomputed")()
    assert not large["listed"]
    assert "explain" in large["notes"][0]
    level = large["tables"][0]["rows"][0]["groups"][1]["levels"][0]
    assert (level["n"], level["patients"]) == (2, None)
    assert '"P1"' not in json.dumps(large)


@pytest.fixture
def recomputed(make_plan, make_records):
    """Return a function that traces the seven patients' outcome and strength anew."""
    from myocohort.analysis.section import Asked

    def run():
        plan = make_plan(STUDY)
        observed = [
            {"patient": p, "table": "baseline", "variable": "ild", "text": ild,
             "missing": "" if ild else "not done"}
            for p, (ild, *_) in PEOPLE.items()
        ]  # fmt: skip
        records = make_records(
            patients=[{"patient": patient} for patient in PEOPLE],
            visits=[v for p, (_, _, mrc, mrs) in PEOPLE.items() for v in visits(p, mrc, mrs)],
            observations=observed,
        )
        decisions = decide_all(plan, records)
        table = build_table(plan, records, decisions)
        asked = Asked(plan, records, table, decisions, {}, Provenance(), {"models": []})
        return traces_module.describe_traces(asked)

    return run


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ild", "Column ild of the table baseline."),
        ("ro52", "in rows where antigen is Ro-52. Yes where it is one of: +, ++; otherwise no. Of "
         "several rows"),
        ("severe", "nearest to month 0 and at most 2 months from it, of two equally near the "
         "earlier. Yes where its whole MRC grade (4-, 4 and 4+ are 4) is at most 2"),
        ("weakness", "Severe where its whole MRC grade (4-, 4 and 4+ are 4) is 0 to 2; mild where "
         "its whole MRC grade (4-, 4 and 4+ are 4) is 4."),
        ("follow_up_years", "from the start of treatment to the last visit"),
        ("expression_baff", "Rows where marker is BAFF: mean over the fields of positive_cells"),
        ("fat_rate_3", "total after less the total before treatment began"),
        ("oedema_rate_3", "total before less the total after treatment began"),
        ("mri_oedema_0", "on the scale oedema-0-5"),
        ("fat_present", "above 0"),
        ("mri_followed", "a scan before treatment and a later one"),
    ],
)  # fmt: skip
def test_a_derivation_is_said_in_words(make_plan, name, words):
    """Each way in which a variable can be made has its sentence."""
    from myocohort.study.measured import measured_variables

    study = make_plan(STUDY).study
    variable = {**study.variables, **measured_variables(study)}[name]
    assert words in source_of_variable(variable, study)["derivation"]


def test_a_source_names_the_file_and_its_header(make_plan):
    """ILD stands in records/baseline.csv under another header."""
    study = make_plan(STUDY).study
    source = source_of_variable(study.variables["ild"], study)
    assert (source["files"], source["header"]) == (["records/baseline.csv"], "ILD on CT")


def test_terms_are_said_in_words(make_plan):
    """What is 1, and per what an odds ratio of a number is."""
    variables = make_plan(STUDY).study.variables
    assert term_in_words("ild", variables["ild"]) == "1 where yes, 0 where no."
    assert term_in_words("age", variables["age"]) == (
        "The number itself; its odds ratio is per 1 years."
    )
    assert "severe" in term_in_words("weakness=severe", variables["weakness"])


def test_rows_of_a_file_are_written_as_ranges():
    """Rows that follow each other are one range."""
    assert ranges([5, 2, 3, 4, 9, 11, 12, 4]) == "2-5, 9, 11-12"
