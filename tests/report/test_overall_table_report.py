"""A table of all patients in every document: one column, and no p value."""

from __future__ import annotations

import copy
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from parsed import Page, Word

from myocohort.report.book.workbook import write_workbook
from myocohort.report.html import html_text
from myocohort.report.manuscript.latex import latex_text
from myocohort.report.manuscript.manuscript import limits, results_parts
from myocohort.report.manuscript.word import word_bytes
from myocohort.report.rounding import percent_text

UNTESTED = {"p": None, "test": "", "warnings": [], "effects": [], "counts": {}, "printed_p": None,
            "printed_id": None}  # fmt: skip


@pytest.fixture
def found(results: dict[str, Any]) -> dict[str, Any]:
    """Return the sample with its table a second time, described for all patients."""
    overall = copy.deepcopy(results["tables"][0])
    overall.update(id="overall", title="All patients", by="overall", groups=[], n=40, notes=[])
    for section in overall["sections"]:
        for row in section["rows"]:
            row.update(copy.deepcopy(UNTESTED))
    results["tables"].append(overall)
    return results


def wanted(found: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return label and total of each yes/no row."""
    rows = [row for section in found["tables"][1]["sections"] for row in section["rows"]]
    return [(row["label"], row["total"]) for row in rows if row["kind"] == "yes_no"]


def test_the_page_has_one_column_pair_without_p(found: dict[str, Any]) -> None:
    """Counts and percentages of all; no p, no test among the notes."""
    page = Page(html_text(found, made_on=dt.date(2026, 11, 22), figures={}))
    table = page.table("Table 3. All patients")
    assert table.rows[0][1] == "All (n = 40)"
    assert "P" not in table.rows[0]
    rows = {row[0].split(" (")[0]: row for row in table.rows[2:]}
    for label, total in wanted(found):
        assert rows[label][2] == percent_text(total["percent"])
        assert rows[label][1].split("/")[0] == str(total["n"])
    widths = {len(row) for row in table.rows[2:] if len(row) > 1}
    assert max(widths) == 4  # indicator, count, percentage, records


def test_word_and_latex_have_it_too(found: dict[str, Any]) -> None:
    """One column of all, with n in its heading."""
    table = Word(word_bytes(found, {})).table("Table 3. All patients")
    assert table.rows[0][:2] == ["Indicator", "All (n = 40)"]
    assert "P" not in table.rows[0]
    rows = {row[0]: row for row in table.rows}
    for label, total in wanted(found):
        assert rows[label][1].endswith(f"({percent_text(total['percent'])})")
    assert r"\textbf{Table 3.} All patients" in latex_text(found)


def test_the_workbook_has_it_whole(found: dict[str, Any], tmp_path: Path) -> None:
    """Counts, n and missing, and no column of a test."""
    path = tmp_path / "tables.xlsx"
    write_workbook(found, path)
    rows = list(load_workbook(path)["Table 3"].iter_rows(values_only=True))
    heads = next(row for row in rows if "Indicator" in row)
    assert "P" not in heads
    assert "Test" not in heads
    place = heads.index("%")
    by_label = {row[1]: row for row in rows if row[1]}
    for label, total in wanted(found):
        assert by_label[label][place] == pytest.approx(total["percent"], rel=1e-14)


def test_no_p_value_is_missed(found: dict[str, Any]) -> None:
    """The text says that nothing was compared, and the limits do not name missing tests."""
    parts = {part.heading: part.paragraphs for part in results_parts(found, {})}
    assert parts["Indicators by group"][1] == (
        "Table 3: All patients. All patients; nothing was compared."
    )
    del found["tables"][0]
    assert not any("no p value was computed" in text for text in limits(found))
