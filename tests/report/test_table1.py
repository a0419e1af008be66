"""The layout of Table 1, where the page's tests do not reach it."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from myocohort.report.html import html_text
from myocohort.report.manuscript.journal_tables import journal_tables
from myocohort.report.manuscript.manuscript import results_parts
from myocohort.report.notes import Notes
from myocohort.report.table1 import table_view


def test_each_test_is_a_footnote_once(results: dict[str, Any]) -> None:
    """Rows by the same test share one letter, and every letter has a text."""
    view = table_view(results["tables"][0])
    letters = [letter for letter, _ in view.notes]
    assert letters == sorted(set(letters))
    used = {mark for _, lines in view.sections for line in lines for mark in line.marks}
    assert used == set(letters)
    assert [text for _, text in view.notes].count("Pearson chi-square, uncorrected") == 1


def test_a_p_value_that_is_missing_has_a_note(results: dict[str, Any]) -> None:
    """A dash for p always has a footnote, also when no reason was given."""
    row = results["tables"][0]["sections"][1]["rows"][0]
    row.update(p=None, warnings=[], printed_p=None)
    view = table_view(results["tables"][0])
    line = view.sections[1][1][0]
    texts = dict(view.notes)
    assert line.p == "–"
    assert any("no reason is recorded" in texts[mark] for mark in line.marks)
    assert not line.differs


def test_a_level_that_one_group_lacks_has_a_count_of_0(results: dict[str, Any]) -> None:
    """A group that does not list a level has nobody there, which is not a missing number."""
    course = results["tables"][0]["sections"][0]["rows"][1]
    del course["counts"]["refractory"]["levels"][0]
    lines = table_view(results["tables"][0]).sections[0][1]
    acute = next(line for line in lines if line.label == "Acute")
    assert [cell.text for cell in acute.cells] == ["3", "11.5", "0", "0.0", "4", "10.5"]


def test_a_group_that_was_not_summarised_has_dashes(results: dict[str, Any]) -> None:
    """A summary that is not there is a dash with a reason, for every kind of row."""
    for row in results["tables"][0]["sections"][0]["rows"][:3]:
        del row["counts"]["refractory"]
    for line in table_view(results["tables"][0]).sections[0][1][:1]:
        assert (line.cells[1].text, line.cells[1].reason) == ("–", "not computed")


@given(st.lists(st.text(max_size=3), max_size=60))
def test_footnotes_are_numbered_by_first_use(texts: list[str]) -> None:
    """Equal texts get equal letters, different ones different letters; empty ones get none."""
    notes = Notes()
    marks = [notes.mark([text]) for text in texts]
    listed = dict(notes.listed)
    for text, mark in zip(texts, marks, strict=True):
        assert [listed[letter] for letter in mark] == ([text] if text else [])
    assert len(listed) == len({text for text in texts if text})


def test_footnotes_go_on_after_z() -> None:
    """The 27th footnote is aa, the 53rd ba."""
    marks = Notes().mark(str(i) for i in range(53))
    assert (marks[25], marks[26], marks[52]) == ("z", "aa", "ba")


def test_a_table_of_numbers_only_has_no_heading_of_counts(results: dict[str, Any]) -> None:
    """No "Proportion (%)" stands over means, neither in the page nor in Word."""
    table = results["tables"][0]
    for section in table["sections"]:
        section["rows"] = [row for row in section["rows"] if row["kind"] == "number"]
    table["sections"] = [section for section in table["sections"] if section["rows"]]
    assert table_view(table).only_numbers
    results["tables"] = [table]
    page = html_text(results, made_on=date(2026, 7, 25), figures={})
    assert "Proportion (%)" not in page
    assert "Mean ± SD; below, median (quartiles)" in page
    (first, *_) = journal_tables(results)
    assert "Values are mean ± SD with median (first to third quartile) below." in first.remarks


def test_counts_keep_their_heading(results: dict[str, Any]) -> None:
    """Where something is counted, count and percentage are named."""
    assert not table_view(results["tables"][0]).only_numbers
    assert "Proportion (%)" in html_text(results, made_on=date(2026, 7, 25), figures={})


def test_the_manuscript_counts_what_is_missing_once_a_number(results: dict[str, Any]) -> None:
    """Variables with as many missing values stand together, and the sets of the flow, too."""
    results["missing"] = [
        {"label": label, "missing": missing, "of": 40, "group_missing": {}, "reasons": {}}
        for label, missing in (("Fat", 15), ("CK", 1), ("Oedema", 15), ("Age", 0))
    ]
    results["flow"] = [
        {"label": "Enrolled", "n": 48, "level": 0},
        {"label": "Analysed: MRI", "n": 36, "of": 48, "level": 2},
        {"label": "Analysed: biopsy", "n": 44, "of": 48, "level": 2},
    ]
    said = " ".join(text for part in results_parts(results, {}) for text in part.paragraphs)
    said = said.replace("\N{NO-BREAK SPACE}", " ")
    assert "Missing values: 15 of 40 in Fat, Oedema; 1 of 40 in CK." in said
    assert "Analysed: MRI (n = 36 of 48); biopsy (n = 44 of 48)." in said
