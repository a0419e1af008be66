"""`myocohort explain`, and what `myocohort run` says moved."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import subprocess
import sys

import pytest

from myocohort.analysis.explain.explaining import explanation_lines
from myocohort.analysis.explain.find import UnusableQuery, find_numbers
from myocohort.report.how import how_view


@pytest.fixture(scope="module")
def example(tmp_path_factory, myocohort):
    """Return the folder of the example study after one run; it is not changed."""
    folder = tmp_path_factory.mktemp("explain") / "study"
    myocohort("new", folder)
    myocohort("run", folder)
    return folder


SEVERAL = """
import json, sys
from pathlib import Path
from myocohort.analysis.explain.explaining import explain_number, explanation_lines
found = [explain_number(Path(sys.argv[1]), query) for query in sys.argv[2:]]
assert all(explanation_lines(one) for one in found)
print(json.dumps(dict(zip(sys.argv[2:], found)), allow_nan=False))
"""


def explain_all(folder, queries):
    """Explain several numbers of one study in one process: query -> explanation."""
    command = [sys.executable, "-W", "error", "-c", SEVERAL, str(folder), *queries]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


SEVERE = "Table 1, severe weakness, refractory"
OTHERS = {
    "time to relapse, month 3": "Kaplan", "Missing values, ILD": "Patients of the groups",
    "Flow, Enrolled": "", "Screening, ILD": "Each candidate alone", "outcome, lost": "visit",
    "mRS, refractory, month 12": "", "Table 2, n": "The event is",
}  # fmt: skip
"""Query -> what its definition or method says."""


@pytest.fixture(scope="module")
def explained(example):
    """Return the explanations of several numbers of the example."""
    return explain_all(example, [SEVERE, *OTHERS])


FAT = "Table 3, MRI fat, increase by month 3, median"
ODDS = "Table 2, ILD, OR"


@pytest.fixture(scope="module")
def reference_explained(reference_study):
    """Return the explanations of an odds ratio and of a rate of the reference study."""
    return explain_all(reference_study, [FAT, ODDS])


@pytest.fixture
def changed(example, tmp_path):
    """Return a copy of the example that a test may change."""
    return shutil.copytree(example, tmp_path / "study")


@pytest.fixture(scope="session")
def reference(reference_study):
    """Return the results of the reference study."""
    return json.loads((reference_study / "results" / "results.json").read_text(encoding="utf-8"))


def replace(path, before, after):
    """Change a file of records in one place."""
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_a_count_leads_to_the_rows_of_the_file(example, myocohort):
    """Refractory with ILD: three patients, each with file, row and cell as written."""
    found = myocohort("explain", example, "Table 1, ILD, refractory", "--json").json
    results = json.loads((example / "results" / "results.json").read_text(encoding="utf-8"))
    row = next(r for r in results["table1"] if r["variable"] == "ild")
    (count,) = [n for n in found["numbers"] if n["path"].endswith("counts.refractory.n")]
    assert count["value"] == row["counts"]["refractory"]["n"] == 3
    (group,) = found["groups"]
    yes = next(level for level in group["levels"] if level["value"] == "yes")
    assert yes["patients"] == ["M01", "M03", "M21"]
    lines = (example / "records" / "baseline.csv").read_text(encoding="utf-8").splitlines()
    place = lines[0].split(",").index("ild")
    for record in found["records"]:
        (source,) = record["from"]
        cells = lines[int(source["rows"]) - 1].split(",")
        assert (source["file"], source["column"]) == ("records/baseline.csv", "ild")
        assert (cells[0], cells[place]) == (record["patient"], source["raw"])
        assert source["raw"] == record["value"]
    (source,) = found["variables"]
    (used,) = source["inputs"]
    assert used["as_loaded"]
    inputs = {item["file"]: item["sha256"] for item in results["manifest"]["inputs"]}
    assert used["sha256"] == inputs["records/baseline.csv"]
    assert found["methods"][0]["name"] == row["test"]
    assert found["methods"][0]["reference"] == row["reference"]
    assert "3 of 9 in refractory" in found["check"]


def test_a_derived_variable_leads_to_the_visit_that_was_chosen(example, explained):
    """Severe weakness is read at the visit nearest to month 0, from its strength as written."""
    found = explained[SEVERE]
    lines = (example / "records" / "visits.csv").read_text(encoding="utf-8").splitlines()
    header = lines[0].split(",")
    derivation = found["variables"][0]["derivation"]
    assert "nearest to month 0" in derivation
    assert "at most 2" in derivation
    for record in found["records"]:
        for source in record["from"]:
            cells = dict(zip(header, lines[int(source["rows"]) - 1].split(","), strict=True))
            assert cells["patient"] == record["patient"]
            grade = cells["weakest_mrc"]
            assert source["raw"] == grade
            assert record["value"] == ("yes" if int(grade[0]) <= 2 else "no")


def test_an_odds_ratio_leads_to_its_patients_and_fits(reference, reference_explained):
    """Table 2, ILD, OR: by each method, the 2 by 2 of 9, 4, 6 and 21, and 40 rows of a file."""
    found = reference_explained[ODDS]
    values = {number["path"]: number["value"] for number in found["numbers"]}
    final = [m for m in reference["models"] if m["id"] == "final"]
    stored = {t["odds_ratio"] for m in final for t in m["terms"] if t["name"] == "ild"}
    assert set(values.values()) == stored
    assert len(values) == 3
    assert {n["printed"] for n in found["numbers"]} == {"39.70", "20.06", "26.77"}
    assert [[level["n"] for level in group["levels"]] for group in found["groups"]] == [
        [9, 4], [6, 21],
    ]  # fmt: skip
    assert len(found["records"]) == found["n"] == 40
    assert all(record["from"][0]["raw"] == record["value"] for record in found["records"])
    assert len(found["fits"]) == 3
    assert "profile 3.17–273.31" in found["fits"][1]
    assert any("rebuilt" in sentence for sentence in found["origin"])


def test_a_rate_of_mri_leads_to_the_readings_of_both_scans(reference_study, reference_explained):
    """Fat by month 3 rests on 24 readings before and 24 after, which give the rate again."""
    found = reference_explained[FAT]
    known = [record for record in found["records"] if record["value"] is not None]
    assert len(known) == 25
    lines = (reference_study / "records" / "mri_readings.csv").read_text().splitlines()
    header = lines[0].split(",")
    for record in known[:5]:
        (source,) = record["from"]
        numbers = [
            n
            for part in source["rows"].split(", ")
            for n in range(int(part.split("-")[0]), int(part.split("-")[-1]) + 1)
        ]
        read = [dict(zip(header, lines[n - 1].split(","), strict=True)) for n in numbers]
        assert len(read) == 48
        assert {r["patient"] for r in read} == {record["patient"]}
        assert {r["scale"] for r in read} == {"modified-mercuri"}
        days = sorted({dt.date.fromisoformat(r["date"]) for r in read})
        totals = [sum(int(r["grade"]) for r in read if r["date"] == str(day)) for day in days]
        months = (days[1] - days[0]).days / 30.4375
        assert record["value"] == pytest.approx((totals[1] - totals[0]) / months, rel=1e-12)


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("table 2, ild, firth or", {"models[1].terms[3].odds_ratio"}),
        ("Table 2, Interstitial, Firth, p", {"models[1].terms[3].p.wald",
                                            "models[1].terms[3].p.lrt"}),
        ("Table 1, sex, male, refractory, n", {
            "tables[0].sections[1].rows[0].counts.refractory.levels[1].n"}),
        ("Table 1, sex=male, refractory, n", {
            "tables[0].sections[1].rows[0].counts.refractory.levels[1].n"}),
        ("table 1, ILD, P-value", {"tables[0].sections[2].rows[0].p"}),
        ("Table 1, age, non-refractory, median", {
            "tables[0].sections[0].rows[0].counts.non_refractory.median"}),
        ("outcome, refractory", {"outcome.refractory"}),
        ("Screening, weight, p", {"screening.rows[8].p"}),
    ],
)  # fmt: skip
def test_paths_are_forgiving(reference, query, places):
    """Case, order of method and column, variables' names, beginnings and words all find it."""
    found = {leaf.place for leaf in find_numbers(query, reference).leaves}
    assert places <= found
    assert len(found) <= len(places) + 4


def test_every_command_that_the_page_prints_finds_its_row(reference):
    """Each entry of the section `how` can be asked for as it says, and is that row or term."""
    view = how_view(reference)
    asked = {
        **{anchor: ("tables", variable) for (_, variable), anchor in view.rows.items()},
        **{anchor: ("models", term) for (_, term), anchor in view.terms.items()},
    }
    entries = [entry for table in view.tables for entry in table.entries]
    assert len(entries) == len(asked) > 50
    for entry in entries:
        query = re.fullmatch(r'myocohort explain STUDY "(.*)"', entry.command)[1]
        subject = find_numbers(query, reference).subject
        assert (subject[0], subject[2]) == asked[entry.anchor]


@pytest.mark.parametrize("query", OTHERS)
def test_numbers_of_any_section_are_explained(explained, query):
    """Each section says what its numbers are, of how many, and that they are still so."""
    found = explained[query]
    assert found["numbers"]
    assert all(isinstance(number["printed"], str) for number in found["numbers"])
    said = found["definition"] + " ".join(method["name"] for method in found["methods"])
    assert OTHERS[query] in said
    assert "Flow" in query or found["n"] is not None


def test_a_name_that_several_have_lists_them(example, myocohort):
    """Wrong usage ends with 2 and says what can be asked."""
    done = myocohort("explain", example, "ILD", "--json", expect=2)
    assert "Table 1, Interstitial lung disease" in done.json["choices"]
    assert "query" in done.json["problems"][0]["rule"]


@pytest.mark.parametrize("query", ["", "  ,  ", "Table 1, spleen", "Table 9", "?!", "\U0001f9b4"])
def test_a_name_that_nothing_has_lists_what_there_is(example, query):
    """The tables and sections are named, and the nearest rows."""
    results = json.loads((example / "results" / "results.json").read_text(encoding="utf-8"))
    with pytest.raises(UnusableQuery, match=r"Tables and sections: .*Table 1") as refused:
        find_numbers(query, results)
    assert bool(refused.value.choices) == bool(query.strip(" ,?!\U0001f9b4"))


def test_without_results_the_next_step_is_a_run(tmp_path, myocohort):
    """A study that was not run has no number to be explained."""
    myocohort("new", tmp_path / "mine")
    assert "myocohort run" in myocohort("explain", tmp_path / "mine", "ILD", expect=1).err


def test_a_file_that_changed_since_is_said(changed, myocohort):
    """The patients are known, their rows are not: the file is not the one that was loaded."""
    replace(changed / "records" / "baseline.csv", "M02,31,hmgcr,no,yes", "M02,31,hmgcr,yes,yes")
    found = myocohort("explain", changed, "Table 1, ILD, refractory", "--json").json
    assert found["changed_files"] == ["records/baseline.csv"]
    assert not found["variables"][0]["inputs"][0]["as_loaded"]
    assert [record["from"] for record in found["records"]] == [[]] * 9
    assert "its rows cannot be told" in "\n".join(explanation_lines(found))


def test_results_that_are_older_than_the_records_are_refused(changed, myocohort):
    """After an import without a run, numbers of the old results are not explained."""
    records = changed / "records" / "baseline.csv"
    replace(records, "M02,31,hmgcr,no,yes", "M02,31,hmgcr,yes,yes")
    myocohort("import", changed, records)
    done = myocohort("explain", changed, "Table 1, ILD, refractory", expect=1)
    assert "results.json is older than the records: run again" in done.err


def test_a_number_that_was_changed_by_hand_is_refused(changed, myocohort):
    """Counts are made anew from the records: 10 in results.json is not believed."""
    path = changed / "results" / "results.json"
    results = json.loads(path.read_text(encoding="utf-8"))
    row = next(
        row
        for section in results["tables"][0]["sections"]
        for row in section["rows"]
        if row["variable"] == "ild"
    )
    row["counts"]["refractory"]["n"] = 4
    path.write_text(json.dumps(results), encoding="utf-8")
    assert "3 of 9" in myocohort("explain", changed, "Table 1, ILD, refractory", expect=1).err


def test_a_run_says_what_moved_and_a_second_one_that_nothing_did(changed, myocohort):
    """One cell of a file moves one count of Table 1; then results.json is byte-identical."""
    path = changed / "results" / "results.json"
    replace(changed / "records" / "baseline.csv", "M02,31,hmgcr,no,yes", "M02,31,hmgcr,yes,yes")
    done = myocohort("run", changed)
    line = "Table 1, Interstitial lung disease, Non-refractory: 4 of 11 → 5 of 11"
    assert line in done.out
    assert "Changed: records/baseline.csv" in done.out
    told = (changed / "results" / "moved.txt").read_text(encoding="utf-8")
    assert line in told
    written = path.read_bytes()
    again = myocohort("run", changed, "--json").json
    assert again["moved"]["identical"]
    assert path.read_bytes() == written
    assert (changed / "results" / "moved.txt").read_text(encoding="utf-8") == told


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("table 1 ild refractory", "tables[0].sections[2].rows[0].counts.refractory.n"),
        ("p of sex", "tables[0].sections[1].rows[0].p"),
        ("table 2 severe weakness firth p", "models[1].terms[2].p.lrt"),
        ("E-value ILD", "robustness.terms[2].e_value"),
        ("BAFF-R CD19 rho", "pathology.associations.pairs[0].rho"),
        ("age at onset mean", "tables[0].sections[0].rows[0].counts.refractory.mean"),
    ],
)
def test_a_query_needs_no_commas(reference, query, place):
    """Names that stand in results.json part the words; what a table prints comes first."""
    assert place in {leaf.place for leaf in find_numbers(query, reference).leaves}


def test_a_number_of_a_whole_model_is_not_passed_over(reference):
    """What the model and a section both have is asked back, and with the table it is found."""
    with pytest.raises(UnusableQuery) as refused:
        find_numbers("events per variable", reference)
    assert any(choice.startswith("Table 2") for choice in refused.value.choices)
    found = find_numbers("Table 2, events per variable", reference).leaves
    assert {leaf.printed for leaf in found} == {"4.3"}


@pytest.mark.parametrize(
    ("query", "said"),
    [("SRP-11", "outcome STUDY --patient SRP-11"), ("figure 5", "A figure is drawn from")],
)
def test_what_is_no_number_is_pointed_to(reference, query, said):
    """A patient's code leads to its decision, a figure to the numbers of its section."""
    with pytest.raises(UnusableQuery, match=said):
        find_numbers(query, reference)
