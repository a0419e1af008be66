"""What moved between two runs."""

from __future__ import annotations

import copy
import json

import pytest

from myocohort.analysis.moved import UNCHANGED, what_moved


def summary(n, of):
    """Return how many of the known are yes."""
    return {"n": n, "of": of, "percent": 100 * n / of, "missing": 13 - of}


def row(name, label, n, p):
    """Return a row of Table 1."""
    return {
        "variable": name, "label": label, "kind": "yes_no", "unit": None,
        "counts": {"refractory": summary(n, 13)}, "total": summary(n, 13), "p": p,
        "test": "Fisher's exact test", "n": 13, "n_missing": 0, "warnings": [],
        "effects": [{"estimate_name": "odds ratio", "estimate": 2.5 + n, "p": p}],
    }  # fmt: skip


def results():
    """Return small results: a decision, a table with two rows, and a model."""
    term = {"name": "ild", "label": "ILD", "odds_ratio": 21.4, "p": {"lrt": 0.0123},
            "ci": {"profile": {"low": 2.1, "high": "inf", "level": 0.95}}}  # fmt: skip
    return {
        "outcome": {"refractory": 13},
        "decisions": [{"patient": "P1", "outcome": "lost", "why": "no visit", "records": []}],
        "tables": [
            {
                "id": "one", "title": "Indicators", "by": "outcome", "n": 13, "notes": [],
                "groups": [{"code": "refractory", "label": "Refractory", "n": 13}],
                "sections": [{"heading": "Signs", "rows": [
                    row("ild", "Interstitial lung disease", 9, 0.004),
                    row("sex", "Male", 6, 0.067),
                ]}],
            }
        ],
        "models": [{"id": "final", "title": "Final", "method": "firth", "n": 40, "n_missing": 0,
                    "events": 13, "terms": [term], "error": None, "procedure": "Firth"}],
        "screening": {"threshold": 0.1, "rows": [{"term": "ild", "label": "ILD", "p": 0.004}]},
        "manifest": {
            "inputs": [{"file": "a.csv", "table": "baseline", "sha256": "1", "rows": 48}],
            "study_file_sha256": "s", "myocohort": "0.1.0", "python": "3.11",
            "packages": {"numpy": "2.0"},
        },
    }  # fmt: skip


def moved(change):
    """Compare the results with a changed copy."""
    new = copy.deepcopy(results())
    change(new)
    return what_moved(json.dumps(results()), json.dumps(new))


def test_identical_bytes_are_said_to_be_identical():
    """Nothing is compared and one sentence says so."""
    same = what_moved(json.dumps(results()), json.dumps(results()))
    assert same.identical
    assert same.text() == [UNCHANGED]


def test_a_count_moves_as_n_of_how_many():
    """The count and its percentage are one line, under the names that the report prints."""

    def change(new):
        new["tables"][0]["sections"][0]["rows"][0]["counts"]["refractory"] = summary(10, 13)

    assert moved(change).lines == (
        "Table 1, Interstitial lung disease, Refractory: 9 of 13 → 10 of 13",
    )


def test_an_odds_ratio_moves_as_it_is_printed():
    """Table 2 names the method, the term and the column; infinity is printed as infinity."""

    def change(new):
        term = new["models"][0]["terms"][0]
        term["odds_ratio"] = 18.04
        term["ci"]["profile"]["high"] = 400.0

    assert moved(change).lines == (
        "Table 2, Firth, ILD, OR: 21.40 → 18.04",
        "Table 2, Firth, ILD, interval, profile likelihood, upper limit: ∞ → 400.00",
    )


def test_what_rounding_hides_is_counted_apart():
    """A p value that moves in its last digits is no line."""

    def change(new):
        new["screening"]["rows"][0]["p"] = 0.00400001
        new["models"][0]["terms"][0]["odds_ratio"] = 21.400001

    found = moved(change)
    assert (found.lines, found.below) == ((), 2)
    assert found.text() == ["2 further numbers moved below the printed digits."]


def test_the_outcome_comes_first_and_effect_sizes_behind_the_table():
    """Patients, then Table 2, then what Table 1 shows, its effect sizes, and the screening."""

    def change(new):
        rows = new["tables"][0]["sections"][0]["rows"]
        rows[0] = row("ild", "Interstitial lung disease", 10, 0.001)
        new["screening"]["rows"][0]["p"] = 0.001
        new["models"][0]["terms"][0]["odds_ratio"] = 18.0
        new["decisions"][0] |= {"outcome": "refractory", "why": "mRS 4"}
        new["outcome"]["refractory"] = 14

    lines = moved(change).lines
    assert lines[0] == "Patient P1: Lost to follow-up → Refractory (mRS 4)"
    assert lines[1] == "Outcome, Refractory: 13 → 14"
    assert lines[2].startswith("Table 2, ")
    assert lines[3].startswith("Table 1, Interstitial lung disease, Refractory: ")
    assert "odds ratio" in lines[-2]
    assert lines[-1] == "Screening, ILD, p: 0.004 → 0.001"


def test_rows_that_change_places_have_not_moved():
    """A number is known by what it is and not by its place in a list."""
    found = moved(lambda new: new["tables"][0]["sections"][0]["rows"].reverse())
    assert (found.lines, found.below) == ((), 0)
    assert not found.identical
    assert found.text() == ["No number moved; only words, dates or hashes did."]


def test_a_row_that_is_new_or_gone_is_one_line():
    """All numbers of a row that only one of the results has are counted together."""

    def change(new):
        rows = new["tables"][0]["sections"][0]["rows"]
        rows[1] = row("ck", "CK", 5, 0.5)

    numbers = 4 + 4 + 4  # both summaries, p, n, missing and the effect's estimate and p, less one
    assert moved(change).lines == (
        f"Table 1, CK: {numbers + 1} numbers are new",
        f"Table 1, Male: {numbers + 1} numbers are gone",
    )


def test_a_label_that_changes_moves_no_number():
    """Words of a row are not its identity."""

    def change(new):
        new["tables"][0]["sections"][0]["rows"][0]["label"] = "ILD"
        new["tables"][0]["title"] = "Other title"

    assert moved(change).lines == ()


def test_another_question_in_the_same_place_is_another_one():
    """A question about time is known by its event and groups, and not by its number."""

    def asked(event, title, events):
        return {"id": "time-1", "event": event, "by": None, "title": title, "events": events}

    old, new = results(), results()
    old["courses"] = {"times": [asked("relapse", "Time to relapse", 0)]}
    new["courses"] = {"times": [asked("remission", "Time to remission", 12)]}
    lines = what_moved(json.dumps(old), json.dumps(new)).lines
    assert not any("→" in line for line in lines)
    assert {line.rpartition(" ")[2] for line in lines} == {"new", "gone"}
    new["courses"] = {"times": [{**asked("relapse", "Until relapse", 3), "id": "time-2"}]}
    lines = what_moved(json.dumps(old), json.dumps(new)).lines
    assert lines == ("Outcomes over time, Until relapse, events: 0 → 3",)


def test_inputs_study_file_and_versions_are_the_causes():
    """What changed on the way in stands before what moved."""

    def change(new):
        new["manifest"]["inputs"][0] |= {"sha256": "2", "rows": 49}
        new["manifest"]["inputs"].append(
            {"file": "b.csv", "table": "visits", "sha256": "3", "rows": 7}
        )
        new["manifest"]["study_file_sha256"] = "t"
        new["manifest"]["packages"]["numpy"] = "2.1"

    assert moved(change).text()[:4] == [
        "Changed: a.csv (baseline), 48 → 49 rows",
        "Changed: b.csv (visits) is new, 7 rows",
        "Changed: study.toml",
        "Changed: numpy 2.0 → 2.1",
    ]


def test_another_test_and_a_model_that_fails_are_said_in_words():
    """Words that carry numbers are compared too."""

    def change(new):
        new["tables"][0]["sections"][0]["rows"][0]["test"] = "Pearson chi-square test"
        new["models"][0] |= {"error": "separation", "terms": []}

    lines = moved(change).lines
    assert any("test: Fisher's exact test → Pearson chi-square test" in line for line in lines)
    assert any("now could not be fitted: separation" in line for line in lines)


@pytest.mark.parametrize("before", ["", "{", "[]", "{}", '{"tables": 3}', "null"])
def test_results_that_cannot_be_read_stop_nothing(before):
    """A damaged or foreign results.json is not compared, and that is said."""
    found = what_moved(before, json.dumps(results()))
    assert "could not be read" in found.text()[0]


def test_a_long_list_is_cut_with_its_place():
    """The terminal shows the first lines and where the others are."""

    def change(new):
        new["tables"][0]["sections"][0]["rows"][0] = row("ild", "ILD", 1, 0.9)

    text = moved(change).text(most=1)
    assert len(text) == 2
    assert text[1].endswith("more: see results/moved.txt")
