"""Numbers that a careless reader would take for others: a draft must not make them look wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from myocohort.papers.checked import check_paper
from myocohort.papers.draft.document import Document, Paragraph, Table
from myocohort.papers.draft.drafting import Draft, draft_paper
from myocohort.papers.draft.writing import draft_toml
from myocohort.papers.paperfile import Paper, load_paper

HEAD = ("", "Refractory (n=42)", "Others (n=20)", "P")


def draft(
    *rows: tuple[str, ...], head: tuple[str, ...] = HEAD, notes: tuple[str, ...] = ()
) -> Draft:
    """Draft a paper of one table."""
    return draft_paper(Document("T", "", (Table("Table 1", "Findings", (head,), rows, notes),)))


def loaded(drafted: Draft, folder: Path) -> Paper:
    """Return the paper file of a draft; nothing in it is accused."""
    path = folder / "paper.toml"
    path.write_text(draft_toml(drafted), encoding="utf-8")
    paper = load_paper(path)
    assert check_paper(paper).as_dict()["inconsistent"] == []
    return paper


@pytest.mark.parametrize(
    ("label", "cell", "notes"),
    [
        ("Age, mean ± SE", "47.8 ± 1.5", ()),
        ("Age, mean (SEM)", "47.8 (1.5)", ()),
        ("Age", "47.8 ± 1.5", ("Values are mean ± SEM.",)),
        ("Age", "47.8 ± 1.5", ("Data are means and standard errors, mean ± standard error.",)),
    ],
)
def test_a_standard_error_is_no_standard_deviation(label, cell, notes, tmp_path) -> None:
    """The mean is kept, and what stands behind it is listed."""
    drafted = draft((label, cell, "53.4 ± 1.5", "0.009"), notes=notes)
    paper = loaded(drafted, tmp_path)
    assert (paper.mean[0].mean, paper.mean[0].sd) == ("47.8", None)
    assert cell in [text for _, text in drafted.not_understood]


def test_a_row_that_says_sd_is_believed_before_the_notes() -> None:
    """Standard errors in some rows leave the SDs of others alone."""
    drafted = draft(
        ("Age, mean ± SD", "47.8 ± 12.5", "53.4 ± 11.5", "0.1"), notes=("CK is mean ± SEM.",)
    )
    assert drafted.paper["mean"][0]["sd"] == "12.5"


def test_a_number_of_a_number_is_one_count(tmp_path) -> None:
    """The letters "n/N" in a label says what the cells hold: N is no level of the variable."""
    paper = loaded(draft(("Female, n/N", "31/42", "13/20", "0.5")), tmp_path)
    assert [(c.variable, c.level, c.n, c.of) for c in paper.count] == [
        ("female", "yes", "31", "42"),
        ("female", "yes", "13", "20"),
    ]


@pytest.mark.parametrize(
    "head", ["P for trend", "P-trend", "P for interaction", "Adjusted P", "P value (paired)"]
)
def test_p_values_of_another_kind_are_listed(head, tmp_path) -> None:
    """A paper file has no entry for them; as comparisons of groups they would look wrong."""
    drafted = draft(("ILD", "28 (66.7)", "9 (45.0)", "0.9"), head=(*HEAD[:3], head))
    assert loaded(drafted, tmp_path).p == ()
    assert drafted.not_understood == ((f"Table 1, ILD, {head}", "0.9"),)


def test_p_values_that_the_notes_call_adjusted_are_listed() -> None:
    """The head alone says only P."""
    notes = ("P values were adjusted for age and sex.",)
    assert "p" not in draft(("ILD", "28 (66.7)", "9 (45.0)", "0.9"), notes=notes).paper


def test_subgroups_are_no_levels(tmp_path) -> None:
    """Where "2/10" of the men and "4/10" of the women have it, both are of one group."""
    rows = (
        ("Sex", "", "", ""),
        (" Male", "15/29 (51.7)", "2/10 (20.0)", ""),
        (" Female", "4/13 (30.8)", "4/10 (40.0)", ""),
    )
    paper = loaded(draft(*rows), tmp_path)
    assert len({count.variable for count in paper.count}) == 2
    assert all("levels" not in v.model_fields_set for v in paper.variables.values())


def test_no_beside_yes_is_a_level() -> None:
    """It is not "No.", the number of patients."""
    rows = (
        ("ILD", "", "", "0.5"),
        ("Yes", "15 (35.7)", "5 (25.0)", ""),
        ("No", "27 (64.3)", "15 (75.0)", ""),
    )
    drafted = draft(*rows)
    assert [line["level"] for line in drafted.paper["count"]] == ["yes", "yes", "no", "no"]
    assert drafted.not_understood == ()


def test_comparisons_of_pairs_without_the_letter_p() -> None:
    """The head "A vs. B" over p values is such a column, and "P overall" another."""
    head = ("", "Group A (n=42)", "Group B (n=20)", "Group C (n=30)", "P overall", "A vs. B")
    drafted = draft(("ILD", "28 (66.7)", "9 (45.0)", "9 (30.0)", "0.01", "<0.2"), head=head)
    assert [line["groups"] for line in drafted.paper["p"]] == [
        ["group_a", "group_b", "group_c"],
        ["group_a", "group_b"],
    ]
    assert "mean" not in drafted.paper


@pytest.mark.parametrize("names", [("T0", "T1"), ("First biopsy", "Second biopsy")])
def test_times_by_other_names(names) -> None:
    """Their p values are of the same patients."""
    head = ("", f"{names[0]} (n=20)", f"{names[1]} (n=20)", "P")
    assert "p" not in draft(("ILD", "8 (40.0)", "9 (45.0)", "0.9"), head=head).paper


def test_numbers_too_long_for_a_paper_file_are_listed(tmp_path) -> None:
    """Whatever the digits, the draft loads."""
    long, whole = "9" * 40, "9" * 12
    table = Table(
        "Table 1",
        f"All (n = {whole})",
        (("", f"A (n = {whole})", f"B (n = {long})", "P"),),
        (("ILD", f"{whole} (12.0)", f"{long}/{long}", f"0.{long}"), ("Age", f"{long} ± 1", "", "")),
    )
    text = Paragraph("Results", f"OR = {long}, 95%CI = 1.0–{long}; {whole} patients (3.0%).")
    drafted = draft_paper(Document("T", "", (table, text)))
    loaded(drafted, tmp_path)
    assert sum(whole in piece for _, piece in drafted.not_understood) >= 8
