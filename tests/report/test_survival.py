"""What survives of a model: exact columns, validation and the paragraph, by rule."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from parsed import Page
from sample import validated

from myocohort.report.book.workbook import write_workbook
from myocohort.report.html import html_text
from myocohort.report.model.survival import what_survives
from myocohort.report.model.validation import over_tables, percent_range, range_text


@pytest.fixture
def found() -> dict[str, Any]:
    """Return the sample with exact models and a validation."""
    return validated()


def page(results: dict[str, Any]) -> Page:
    """Render and read a report."""
    return Page(html_text(results, made_on=dt.date(2026, 11, 22)))


def term_of(results: dict[str, Any], method: str, name: str) -> dict[str, Any]:
    """Return a term of the final model."""
    (model,) = [m for m in results["models"] if (m["id"], m["method"]) == ("final", method)]
    (term,) = [t for t in model["terms"] if t["name"] == name]
    return term


def test_terms_are_sorted_by_the_families_that_bear_them_out(found: dict[str, Any]) -> None:
    """Sex and ILD in every family; severe weakness in three of six, each named with its p."""
    text = " ".join(what_survives(found)).replace("\N{NO-BREAK SPACE}", " ")
    assert (
        "Below 0.05 in every family of every method: Male sex and Interstitial lung disease."
        in text
    )
    assert "For Severe muscle weakness the verdict depends on the family" in text
    assert "Firth with profile interval and penalised likelihood-ratio test (p = 0.046)" in text
    not_below = text.split("not below by ")[1].split("None of these")[0]
    assert "Firth with Wald interval and Wald test (p = 0.054)" in not_below
    assert "exact with exact interval and twice-one-sided test (p = 0.100)" in not_below
    assert "exact with score test (p = 0.094)" in not_below


def test_the_paragraph_follows_the_numbers(found: dict[str, Any]) -> None:
    """With other p values other terms survive: nothing about a term is written beforehand."""
    for method in ("ml", "firth", "exact"):
        term = term_of(found, method, "ild")
        term["p"] = dict.fromkeys(term["p"], 0.4)
        severe = term_of(found, method, "severe_weakness")
        severe["p"] = dict.fromkeys(severe["p"], 0.01)
    text = " ".join(what_survives(found))
    assert "every method: Male sex and Severe muscle weakness." in text
    assert "Below 0.05 in no family of any method: Interstitial lung disease." in text
    assert "depends on the family" not in text


def test_c_and_inclusion_are_in_the_paragraph(found: dict[str, Any]) -> None:
    """Apparent and corrected c of both models, the terms' shares, and the rivals'."""
    text = " ".join(what_survives(found))
    assert "c-statistic of 0.87–0.92 in the data and 0.83–0.88 corrected for optimism" in text
    assert "is 0.87–0.92 in the data and 0.73–0.78 corrected for optimism" in text
    assert "calibration slope 0.70–1.10 (7 of 8 tables), 1 is ideal; it rests on 600–1000" in text
    assert (
        "Interstitial lung disease in 90–95%, Male sex in 58–63% and Severe muscle weakness in "
        "50–55%" in text
    )
    assert "not in the final model: Weight loss (70–75%)." in text
    tested = len(found["screening"]["rows"])
    assert f"None of these p values takes account of the screening of {tested} candidates" in text


def test_a_model_that_could_not_be_validated_says_why(found: dict[str, Any]) -> None:
    """The reason stands in the paragraph, in the section and on the sheet."""
    found["validation"]["models"][0] = {
        "id": "screening", "title": "Screening", "error": "no model in the data",
    }  # fmt: skip
    assert "no model in the data" in " ".join(what_survives(found))
    assert "Screening could not be validated: no model in the data" in page(found).text


def test_without_a_model_nothing_survives(found: dict[str, Any]) -> None:
    """No final model, no paragraph; no validation, no sentence of it."""
    assert what_survives({**found, "models": []}) == ()
    assert "c-statistic" not in " ".join(what_survives({**found, "validation": None}))


def test_table_2_has_the_exact_columns_by_family(found: dict[str, Any]) -> None:
    """The estimate with its kind, exact limits with the tails' p, and the score p alone."""
    rows = page(found).table("Table 2.").rows
    (at,) = [i for i, row in enumerate(rows) if row[0] == "Severe muscle weakness"]
    first, second = rows[at], rows[at + 1]
    assert [cell.split(" (")[0] for cell in first[8:12]] == [
        "5.99", "Tails", "0.78–80.11", "0.100",
    ]  # fmt: skip
    assert second[5] == "Score"
    assert second[6].startswith("–")
    assert second[7] == "0.094"


def test_an_exact_model_over_its_budget_shows_its_reason(found: dict[str, Any]) -> None:
    """The model of all screened candidates says why the exact one is not there."""
    assert "Exact conditional could not be fitted: more than the budget" in page(found).text


def test_the_section_has_every_range_and_every_candidate(found: dict[str, Any]) -> None:
    """Measures of both models, and the candidates with their share in words beside the bar."""
    seen = page(found)
    rows = seen.table("Performance of the model").rows
    assert ["c-statistic", "0.87–0.92", "0.10–0.14", "0.73–0.78", "0.002", "1000"] in rows
    assert any(row[1:4] == ["1.20–∞", "0.10–0.50", "0.70–1.10 (7 of 8 tables)"] for row in rows)
    chosen = seen.table("Share of resamples").rows
    assert [row[:2] for row in chosen[1:3]] == [
        ["Interstitial lung disease", "90–95%"], ["Weight loss", "70–75%"],
    ]  # fmt: skip
    assert [row[-1] for row in chosen[1:]] == ["yes", "no", "yes", "yes", "no"]


def test_the_workbook_has_the_same_numbers_whole(found: dict[str, Any], tmp_path: Path) -> None:
    """Sheets Validation and Inclusion, and the exact family in Table 2."""
    path = tmp_path / "tables.xlsx"
    write_workbook(found, path)
    book = load_workbook(path)
    cells = {
        name: [cell for row in book[name].iter_rows(values_only=True) for cell in row]
        for name in ("Validation", "Inclusion", "Table 2")
    }
    assert {"calibration slope", 0.87, "inf", 1000} <= set(cells["Validation"])
    assert {"Weight loss", 70.0} <= set(cells["Inclusion"])
    severe = term_of(found, "exact", "severe_weakness")
    assert {severe["p"]["mid_p"], severe["ci"]["exact"]["low"]} <= set(cells["Table 2"])


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(0.871, 0.924, "0.87–0.92"), (0.5, 0.5, "0.50"), (-0.1, 0.2, "−0.10 to 0.20"),
     (1.2, "inf", "1.20–∞")],
)  # fmt: skip
def test_ranges_are_printed_plainly(low: float, high: float | str, text: str) -> None:
    """Equal ends are one number, a minus sign is kept away from the dash."""
    assert range_text({"low": low, "high": high}, 2) == text


def test_a_range_over_fewer_tables_says_so() -> None:
    """A figure that some tables lack is not printed as if all had it."""
    of = {"low": 1.0, "high": 2.0, "tables": 3}
    assert over_tables(of, 1, 8) == "1.0–2.0 (3 of 8 tables)"
    assert over_tables(None, 1, 8) == "–"
    assert percent_range({"low": 0.524, "high": 0.555}) == "52–56%"
