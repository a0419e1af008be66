"""The section on muscle biopsies, against counts and values that were made by hand."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from myocohort.analysis.comparison import compare_groups
from myocohort.analysis.pathology.biopsy_findings import LEVEL, Group, describe_findings
from myocohort.analysis.pathology.marker_expression import describe_associations
from myocohort.analysis.pathology.pathology import methods_of_pathology, references_of_pathology
from myocohort.analysis.section import MOST_LISTED
from myocohort.analysis.sections import PARTS, describe_section
from myocohort.papers.entries import Correlation
from myocohort.stats.result import jsonable
from myocohort.study.studyfile import Study

MARKERS = '[markers.baff]\nlabel = "BAFF"\nfields = 2\n[markers.cd19]\nlabel = "CD19"\nfields = 2\n'
NECROSIS = """
[variables.necrosis]
label = "Necrosis"
type = "yes_no"
table = "biopsies"
column = "present"
where = { finding = "necrosis" }
"""


def finding(patient, name, present, stained="yes", stain="HE"):
    """Return a biopsy's record."""
    return {"patient": patient, "finding": name, "stain": stain, "stained": stained,
            "present": present}  # fmt: skip


def fields_of(patient, marker, *counts):
    """Return the fields of one section: positive cells and fibres of each."""
    return [
        {"patient": patient, "marker": marker, "field": number, "positive_cells": cells,
         "fibres": fibres}
        for number, (cells, fibres) in enumerate(counts, start=1)
    ]  # fmt: skip


def visit(patient, month=12, mrs=1, mrc="5"):
    """Return a visit, by default that of a patient who is not refractory."""
    return {"patient": patient, "month": float(month), "date": None, "mrs": mrs,
            "weakest_mrc": mrc, "ck": 100.0, "ck_uln_u_per_l": 200.0}  # fmt: skip


@pytest.fixture
def described(make_asked):
    """Return a function from a study body and records to `pathology` of results.json."""

    def run(body="", results=None, columns=(), **rows):
        asked = make_asked(body, columns, results, **rows)
        section = describe_section("pathology", asked)
        assert jsonable(section) == section
        assert json.dumps(section, allow_nan=False)
        return section

    return run


def patients(*codes, **more):
    """Return the rows of patients, controls under `c`."""
    return [{"patient": code} for code in codes] + [
        {"patient": code, "arm": "c"} for code in more.get("c", ())
    ]


def test_each_finding_has_its_own_denominator(described):
    """Five patients: present, absent, not stained, stained and unread, without a record."""
    rows = [
        finding("A", "necrosis", "yes"), finding("B", "necrosis", "no"),
        finding("C", "necrosis", "", stained="no"), finding("D", "necrosis", ""),
        finding("A", "MAC", "yes", stain="MAC"), finding("E", "MAC", "no", stain="MAC"),
    ]  # fmt: skip
    found = described(NECROSIS, patients=patients(*"ABCDE"), biopsies=rows)
    first, second = found["findings"]
    counts = first["groups"]["all"]
    assert (first["label"], first["variable"], first["stain"]) == ("Necrosis", "necrosis", "HE")
    assert {key: counts[key] for key in ("n", "of", "present", "not_stained", "not_read",
                                         "no_record")} == {
        "n": 5, "of": 2, "present": 1, "not_stained": 1, "not_read": 1, "no_record": 1,
    }  # fmt: skip
    assert counts["percent"] == 50
    assert (second["label"], second["variable"]) == ("MAC", None)
    assert second["groups"]["all"]["no_record"] == 3


@pytest.mark.parametrize(
    ("present", "of", "low", "high"), [(1, 29, 0.61, 17.18), (0, 20, 0.0, 16.11)]
)
def test_the_limits_are_wilson_s(present, of, low, high, described):
    """Newcombe RG. Stat Med 1998;17:857-872, Table I, method 3: 1 of 29 and 0 of 20."""
    codes = [f"P{i}" for i in range(of)]
    rows = [finding(code, "x", "yes" if i < present else "no") for i, code in enumerate(codes)]
    found = described(patients=patients(*codes), biopsies=rows)
    interval = found["findings"][0]["groups"]["all"]["interval"]
    assert (interval["low"], interval["high"]) == pytest.approx((low, high), abs=0.005)
    assert (interval["level"], interval["method"]) == (LEVEL, "Wilson's score interval")


def test_answers_that_contradict_each_other_are_not_read(described):
    """One finding spelled twice, present and absent, counts as stained and not read."""
    rows = [finding("A", "Necrosis", "yes"), finding("A", "necrosis ", "no")]
    (only,) = described(patients=patients("A"), biopsies=rows)["findings"]
    counts = only["groups"]["all"]
    assert (counts["of"], counts["not_read"], counts["percent"]) == (0, 1, None)
    assert counts["reason"] == "the finding was read in nobody of this group"


def test_groups_of_the_outcome_and_biopsied_controls_stand_apart(described):
    """All are the followed patients; who is lost is in no group; controls are not in all."""
    rows = [finding(code, "x", "yes") for code in "ABC"] + [finding("Z", "x", "no")]
    found = described(
        patients=patients(*"ABC", c=["Z"]),
        visits=[visit("A"), visit("B", mrs=4, mrc="2"), visit("C", month=3)],
        biopsies=rows,
    )
    assert [(g["code"], g["n"], g["followed"]) for g in found["groups"]] == [
        ("all", 3, True), ("non_refractory", 1, True), ("refractory", 1, True), ("c", 1, False),
    ]  # fmt: skip
    groups = found["findings"][0]["groups"]
    assert [groups[code]["present"] for code in groups] == [3, 1, 1, 0]
    assert any("more than the groups" in note for note in found["notes"])


@settings(max_examples=30)
@given(st.data())
def test_every_patient_is_counted_once(data):
    """No record, not stained, not read and read add up to all, in every group."""
    size = data.draw(st.integers(1, 12))
    codes = pd.Series([f"P{i}" for i in range(size)])
    one = st.tuples(
        st.sampled_from([*codes, "unknown"]),
        st.sampled_from(["a", "A ", "b"]),
        st.sampled_from(["yes", "no"]),
        st.sampled_from(["yes", "no", "", None]),
    )
    rows = pd.DataFrame(
        data.draw(st.lists(one, max_size=20)), columns=["patient", "finding", "stained", "present"]
    ).assign(stain="HE")
    inside = pd.Series(data.draw(st.lists(st.booleans(), min_size=size, max_size=size))).to_numpy()
    study = Study.model_validate({"title": "T", "arms": {"a": {"label": "a"}}})
    for found in describe_findings(study, rows, codes, [Group("g", "G", inside, part=True)]):
        n = found["groups"]["g"]
        assert n["no_record"] + n["not_stained"] + n["not_read"] + n["of"] == n["n"] == inside.sum()
        assert 0 <= n["present"] <= n["of"]
        if n["of"]:
            assert 0 <= n["interval"]["low"] <= n["percent"] + 1e-9
            assert n["percent"] - 1e-9 <= n["interval"]["high"] <= 100


def test_expression_is_the_mean_of_the_fields_that_count(described):
    """1/10 and 3/10 are 0.2; a field without fibres and one without cells do not count."""
    rows = [
        *fields_of("A", "BAFF", (1, 10), (3, 10)),
        *fields_of("B", "BAFF", (2, 10), (4, 0)),
        *fields_of("C", "baff ", (5, 0), (None, 20)),
    ]
    found = described(MARKERS, patients=patients(*"ABCD"), fields=rows)
    baff, cd19 = found["expression"]
    assert [(p["patient"], p["value"], p["fields"], p["fibres"], p["positive_cells"])
            for p in baff["patients"]] == [
        ("A", pytest.approx(0.2), 2, 20, 4), ("B", pytest.approx(0.2), 1, 10, 2),
        ("C", None, 0, 0, 0),
    ]  # fmt: skip
    assert baff["patients"][2]["reason"] == "no field with muscle fibres"
    assert baff["fields"] == {
        "patients": 3, "recorded": 6, "counted": 3, "without_fibres": 2, "not_counted": 1,
        "patients_with_fewer": 2, "patients_with_none": 1,
    }  # fmt: skip
    summary = baff["groups"]["all"]
    assert (summary["n"], summary["missing"], summary["mean"]) == (2, 2, pytest.approx(0.2))
    assert summary["reasons"] == {"no field with muscle fibres": 1, "not stained for BAFF": 1}
    assert (cd19["fields"]["patients"], cd19["patients"]) == (0, [])
    assert any("2 of 3 patients have fewer than 2 fields" in note for note in found["notes"])
    assert any("3 of 6 fields count; 2 have no muscle fibre" in note for note in found["notes"])


def cohort(size=12):
    """Return patients, visits and fields: the second half is refractory and has more cells."""
    codes = [f"P{i:02}" for i in range(size)]
    visits = [visit(code, mrs=4 if i >= size // 2 else 1, mrc="2" if i >= size // 2 else "5")
              for i, code in enumerate(codes)]  # fmt: skip
    fields = []
    for i, code in enumerate(codes):
        fields += fields_of(code, "BAFF", (i, 40), ((i * i) % 7, 40))
        fields += fields_of(code, "CD19", ((3 * i) % 8, 40), (i // 2, 40))
    return {"patients": patients(*codes), "visits": visits, "fields": fields}


def test_the_comparison_is_that_of_the_study_s_table(make_asked, described):
    """The p is the table's own, not computed anew; without a table that is said."""
    body = MARKERS + (
        '[table.four]\ntitle = "Four"\ngroups = ["non_refractory", "refractory"]\n'
        'sections = [{ variables = ["expression_baff"] }]\n'
    )
    asked = make_asked(body, **cohort())
    plan = asked.plan.study.table["four"]
    table = {"id": "four", **compare_groups(asked.table.frame, plan, asked.table.variables, {})}
    row = table["sections"][0]["rows"][0]
    baff, cd19 = described(body, {"tables": [table]}, **cohort())["expression"]
    assert baff["comparison"]["table"] == "four"
    assert baff["comparison"]["p"] == row["p"]
    assert baff["comparison"]["test"] == row["test"]
    assert baff["groups"]["refractory"]["mean"] == row["counts"]["refractory"]["mean"]
    assert cd19["comparison"] is None
    assert "CD19" in cd19["not_compared"]
    # a table between other groups, as arms, has a p that is none of these groups
    arms = [{**group, "code": f"arm_{group['code']}"} for group in table["groups"]]
    baff, _ = described(body, {"tables": [{**table, "groups": arms}]}, **cohort())["expression"]
    assert baff["comparison"] is None
    assert "between the groups shown here" in baff["not_compared"]


def test_markers_are_correlated_as_scipy_does(described):
    """Rho and p are scipy's; one pair adjusted for one is itself, and the limits hold rho."""
    found = described(MARKERS, **cohort())
    values = [[p["value"] for p in marker["patients"]] for marker in found["expression"]]
    expected = stats.spearmanr(*values)
    (pair,) = found["associations"]["pairs"]
    assert pair["rho"] == pytest.approx(expected.statistic, abs=1e-12)
    assert pair["p"] == pytest.approx(expected.pvalue, rel=1e-9)
    assert pair["p_adjusted"] == pair["p"]
    assert pair["interval"]["low"] < pair["rho"] < pair["interval"]["high"]
    assert (pair["n"], pair["n_missing"]) == (12, 0)
    assert any("rough with fewer than 25 pairs" in warning for warning in pair["warnings"])


def test_the_pair_that_a_publication_reports_comes_first(make_asked):
    """Its printed numbers stand beside it, whichever way round it is named."""
    body = MARKERS + '[markers.cd3]\nlabel = "CD3"\n'
    asked = make_asked(body, **cohort())
    entry = Correlation(
        id="r", place="Text", x="expression_cd3", y="expression_cd19", group="g", r="0.8", p="<0.05"
    )
    found = describe_associations(asked.plan.study.markers, asked.table.frame, [entry])
    first, *others = found["pairs"]
    assert (first["x"], first["y"]) == ("cd19", "cd3")
    assert first["printed"] == {"r": "0.8", "p": "<0.05", "place": "Text"}
    assert [pair["printed"] for pair in others] == [None, None]
    assert (first["rho"], first["p"], first["p_adjusted"], first["interval"]) == (None,) * 4
    assert first["warnings"]
    assert found["adjustment"]["family"] == 1


def test_controls_do_not_enter_the_correlation(described):
    """A control's section is described in its own group only."""
    rows = cohort()
    rows["patients"] += patients(c=["Z"])
    rows["fields"] += [*fields_of("Z", "BAFF", (39, 40)), *fields_of("Z", "CD19", (0, 40))]
    found = described(MARKERS, **rows)
    assert found["associations"]["pairs"][0]["n"] == 12
    baff = found["expression"][0]
    assert (baff["groups"]["c"]["n"], baff["groups"]["all"]["n"]) == (1, 12)
    assert baff["patients"][-1]["group"] == "c"


def test_many_patients_are_summarised_and_not_listed(described):
    """Beyond the most that are listed, the summaries stand and the list says why it is empty."""
    found = described(MARKERS, **cohort(MOST_LISTED + 1))
    baff = found["expression"][0]
    assert baff["patients"] == []
    assert f"More than {MOST_LISTED}" in baff["patients_left_out"]
    assert baff["groups"]["all"]["n"] == MOST_LISTED + 1


def test_nothing_recorded_says_so(described):
    """Without findings and fields the section is left out, with or without markers."""
    for body in ("", MARKERS):
        found = described(body, patients=patients("A"))
        assert "no finding of a biopsy" in found["left_out"]
        assert (found["findings"], found["expression"], found["associations"]["pairs"]) == (
            [], [], [],
        )  # fmt: skip
        assert methods_of_pathology({"pathology": found}) == ""
        assert references_of_pathology({"pathology": found}) == []
    assert methods_of_pathology({}) == ""
    assert references_of_pathology({}) == []


def test_findings_alone_and_markers_alone_are_described(described):
    """A study without markers has findings; a marker that never varies has no rho."""
    alone = described(patients=patients("A"), biopsies=[finding("A", "x", "yes")])
    assert (alone["expression"], alone["left_out"]) == ([], "")
    rows = [row for code in "ABC" for m in ("BAFF", "CD19") for row in fields_of(code, m, (1, 4))]
    same = described(MARKERS, patients=patients(*"ABC"), fields=rows)
    (pair,) = same["associations"]["pairs"]
    assert (pair["rho"], pair["p"]) == (None, None)
    assert pair["warnings"] == ["no test: one of the two measurements does not vary"]
    assert "correlated" not in methods_of_pathology({"pathology": same})


def test_methods_and_references_name_what_ran(described):
    """The interval of the findings, the correlation, its limits and the adjustment."""
    rows = cohort()
    found = {"pathology": described(MARKERS, biopsies=[finding("P00", "x", "yes")], **rows)}
    text = methods_of_pathology(found)
    for word in ("Wilson", "Spearman", "Bonett", "Holm", "family of 1 p value"):
        assert word in text
    named = " ".join(references_of_pathology(found))
    for name in ("Wilson", "Spearman", "Bonett", "Holm"):
        assert name in named


def test_rebuilt_columns_are_named_first(described):
    """Of rebuilt records the first note says which columns no publication determines."""
    column = {"table": "fields", "column": "fibres", "kind": "illustrative", "why": ""}
    found = described(MARKERS, columns=[column], **cohort())
    assert found["notes"][0].startswith("Rebuilt, and not determined by the publication")
    assert "fibres (fields)" in found["notes"][0]
    assert ("fields", "fibres") in PARTS["pathology"].columns
