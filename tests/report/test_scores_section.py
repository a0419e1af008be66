"""Clinical scores in every document: each number is one of the results."""

from __future__ import annotations

import datetime as dt
from typing import Any

from parsed import Page, Word
from sample import results as sample_results
from scores_sample import scores

from myocohort.report.html import html_text
from myocohort.report.manuscript.word import word_bytes
from myocohort.report.rounding import percent_text, plain_text
from myocohort.report.scores import (
    score_paragraphs,
    score_sheets,
    score_tables,
    score_warnings,
    scores_view,
)


def found() -> dict[str, Any]:
    """Return the sample with scores and without courses."""
    return {**sample_results(), "scores": scores(), "courses": None}


def test_page_and_word_have_the_numbers_of_the_results() -> None:
    """Counts with percentages, those not decided, and the complete scores, group by group."""
    results = found()
    page = Page(html_text(results, made_on=dt.date(2026, 11, 22), figures={}))
    word = Word(word_bytes(results, {}))
    tables = [
        page.table("Change <b>of</b> mRS (v1) by group").rows[1:],
        next(t.rows[1:] for t in word.tables if "Change <b>of</b> mRS (v1)" in t.caption),
    ]
    for rows in tables:
        for row, group in zip(rows, results["scores"]["scores"][0]["groups"], strict=True):
            counts = [f"{c['n']} ({percent_text(c['percent'])})" for c in group["categories"]]
            values = [plain_text(group[name], 2) for name in ("median", "q1", "q3", "min", "max")]
            middle, *others = values
            assert row[:-1] == [
                group["label"], str(group["n"]), *counts, str(group["undecided"]),
                str(group["complete"]),
            ]  # fmt: skip
            assert row[-1].startswith(f"{middle} (")
            assert all(value in row[-1] for value in others)


def test_the_workbook_has_them_whole() -> None:
    """One row a score and group, one a patient."""
    groups, patients = score_sheets(found())
    assert [row[2] for row in groups.rows] == [9, 4, 9]
    assert groups.rows[0][6:] == [1.0, 0.25, 2.5, -1.0, 3.0]
    assert [row[1] for row in patients.rows] == ["P1", "P1"]


def test_a_score_without_categories_has_no_columns_of_them() -> None:
    """A sum has its median only."""
    _, table = score_tables(found())
    assert [column.heading for column in table.columns] == [
        "Group", "n", "Complete", "Median (quartiles; range)",
    ]  # fmt: skip
    sentences, _ = score_paragraphs(found())
    assert sentences[1].startswith("MMT8, 9 patients: median 1 (")


def test_who_was_not_scored_is_said() -> None:
    """A refused value and an unchecked limit stand under the table and among the limits."""
    notes = scores_view(found()).scores[0].notes
    assert notes == ("Not checked.", "P9: not scored; mRS lies between 0 and 5, not 6")
    assert any("P9: not scored" in text for text in score_warnings(found()))


def test_results_without_scores_leave_the_section_out() -> None:
    """Older results, and a study that asks for no score."""
    assert scores_view({}).left_out == "the results hold no scores."
    assert score_paragraphs({}) == ([], "the results hold no scores.")
    assert list(score_tables({})) == []
    (sheet,) = score_sheets({})
    assert sheet.empty == "the results hold no scores."
