"""Patients over time in every document: each number is the rounding of one in the results."""

from __future__ import annotations

import datetime as dt
import io
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from parsed import Page, Table, Word
from patients_over_time_sample import asked, patients_over_time
from sample import results as sample_results

from myocohort.analysis.over_time.patients_over_time import describe_patients_over_time
from myocohort.report.book.workbook import write_workbook
from myocohort.report.drawing import figure_svg
from myocohort.report.figures import NumberedFigure
from myocohort.report.html import html_text
from myocohort.report.manuscript.latex import latex_text
from myocohort.report.manuscript.word import word_bytes
from myocohort.report.over_time.section import PATIENTS_SECTION
from myocohort.report.over_time.time_lines_figure import MOST_LINES, drawn_patients
from myocohort.report.rounding import fixed_text, p_text, percent_text

ONE = dt.date(2026, 11, 22)
DECIMALS = {"mg": 0, "mg/day": 1, "mg/kg": 1, "mg/kg/day": 2}
FIGURES = ["time-lines", "ck", "strength", "glucocorticoid"]


def whole_sample() -> dict[str, Any]:
    """Return the sample with patients over time and without courses."""
    return {**sample_results(), "patients_over_time": patients_over_time(), "courses": None}


@pytest.fixture
def found() -> dict[str, Any]:
    """Return the sample, to be changed at will."""
    return whole_sample()


def page(results: dict[str, Any]) -> Page:
    """Render a report without its figures, and read it."""
    return Page(html_text(results, made_on=ONE, figures={}))


def groups_of(table: Table) -> list[tuple[str, list[list[str]]]]:
    """Split the rows of a table by their headings, which stand alone in a row."""
    split: list[tuple[str, list[list[str]]]] = []
    for row in table.rows[1:]:
        if len(row) == 1:
            split.append((row[0], []))
        else:
            split[-1][1].append(row)
    return split


@cache
def documents() -> tuple[Page, Word]:
    """Return the page and the Word document of the sample, made once."""
    results = whole_sample()
    return page(results), Word(word_bytes(results, {}))


def both(caption: str) -> list[Table]:
    """Return a table of the page and the same one of the Word document."""
    read, word = documents()
    return [
        read.table(caption),
        next(table for table in word.tables if f". {caption}" in table.caption),
    ]


def span(low: float | None, high: float | None, decimals: int) -> str:
    """Print two ends."""
    if low is None:
        return "–"
    return f"{fixed_text(low, decimals)}–{fixed_text(high, decimals)}"


def absent(part: dict[str, Any]) -> str:
    """Print how many are missing, and why."""
    reasons = "; ".join(f"{why}: {n}" for why, n in part["reasons"].items())
    return f"{part['missing']} ({reasons})" if reasons else str(part["missing"])


def test_ck_on_the_page_and_in_word(found: dict[str, Any]) -> None:
    """Median, quartiles, geometric mean, number above the limit and missing, month by month."""
    for table in both("CK by group and month, U/L"):
        listed = groups_of(table)
        groups = found["patients_over_time"]["ck"]["groups"]
        assert [heading for heading, _ in listed] == [f"{g['label']}: {g['n']}" for g in groups]
        for (_, rows), group in zip(listed, groups, strict=True):
            for row, month in zip(rows, group["months"], strict=True):
                above = f"{month['above']} of {month['limit_known']}"
                assert row == [
                    str(month["month"]) if month["month"] else "Before treatment",
                    str(month["n"]),
                    fixed_text(month["median"], 0),
                    span(month["q1"], month["q3"], 0),
                    fixed_text(month["geometric_mean"], 0),
                    above if month["limit_known"] else "–",
                    absent(month),
                ]


def test_strength_on_the_page_and_in_word(found: dict[str, Any]) -> None:
    """Every whole grade has its own column; codes with plus and minus stand below."""
    groups = found["patients_over_time"]["strength"]["groups"]
    for table in both("Weakest muscle group by group and month"):
        assert table.rows[0][2:-1] == [f"MRC {grade}" for grade in range(6)]
        for (_, rows), group in zip(groups_of(table), groups, strict=True):
            for row, month in zip(rows, group["months"], strict=True):
                expected = [
                    f"{level['n']} ({percent_text(level['percent'])})" if month["n"] else "0"
                    for level in month["levels"]
                ]
                assert row[1:] == [str(month["n"]), *expected, absent(month)]
    text = documents()[0].text
    codes = next(
        level["codes"]
        for group in groups
        for month in group["months"]
        for level in month["levels"]
        if "4-" in level["codes"]
    )
    assert ", ".join(f"{code}: {n}" for code, n in codes.items()) in text


def test_doses_on_the_page_and_in_word(found: dict[str, Any]) -> None:
    """Median, quartiles, range and missing of each dose; the comparison is of one family."""
    measures = found["patients_over_time"]["glucocorticoid"]["measures"]
    read, _ = documents()
    for table in both("Cumulative dose of glucocorticoids by group"):
        for (heading, rows), measure in zip(groups_of(table), measures, strict=True):
            assert heading == f"{measure['label']}, {measure['unit']} of prednisone"
            decimals = DECIMALS[measure["unit"]]
            for row, group in zip(rows, measure["groups"], strict=True):
                assert row == [
                    group["label"],
                    str(group["n"]),
                    fixed_text(group["median"], decimals),
                    span(group["q1"], group["q3"], decimals),
                    span(group["min"], group["max"], decimals),
                    absent(group),
                ]
    result, unit = measures[0]["comparison"], measures[0]["unit"]
    decimals = DECIMALS[unit]
    low, high = (fixed_text(result["interval"][end], decimals) for end in ("low", "high"))
    shift = fixed_text(result["estimate"], decimals)
    assert (
        f"Refractory less Non-refractory: shift {shift} {unit} (95% limits {low} to {high}), "
        f"p = {p_text(result['p'])}, n = {result['n']}, n missing = {result['n_missing']}. "
        f"{result['method']}."
    ) in read.text
    assert "confounding by indication" in read.text
    assert measures[1]["not_compared"] in read.text


def test_the_dose_of_each_patient_is_listed(found: dict[str, Any]) -> None:
    """Dose, range where dates are partial, days, and why a dose is missing."""
    table = documents()[0].table("Cumulative dose of glucocorticoids of each patient")
    section = found["patients_over_time"]
    assert section["glucocorticoid"]["unit"] == "mg"
    seen = {"range": 0, "missing": 0}
    for row, patient in zip(table.rows[1:], section["patients"], strict=True):
        by_month, whole = patient["dose"]["by_month"], patient["dose"]["whole"]
        assert row[0] == patient["patient"]
        assert row[2] == fixed_text(patient["end"], 1)
        assert row[3] == fixed_text(by_month["dose"], 0)
        assert row[5] == fixed_text(whole["dose"], 0)
        if whole["low"] != whole["high"]:
            seen["range"] += 1
            assert row[6] == span(whole["low"], whole["high"], 0)
        if whole["missing"]:
            seen["missing"] += 1
            assert whole["missing"] in row[8]
    assert min(seen.values()) > 0


def test_the_workbook_has_them_whole(found: dict[str, Any], tmp_path: Path) -> None:
    """CK per visit and dose per patient, unrounded; a missing CK is empty with its reason."""
    section = found["patients_over_time"]
    write_workbook(found, tmp_path / "t.xlsx")
    book = load_workbook(io.BytesIO((tmp_path / "t.xlsx").read_bytes()))
    rows = list(book["CK per visit"].iter_rows(values_only=True))
    start = next(i for i, row in enumerate(rows) if row[0] == "Patient") + 1
    visits = [(p, v) for p in section["patients"] for v in p["visits"]]
    for row, (patient, visit) in zip(rows[start:], visits, strict=True):
        assert (row[0], row[3]) == (patient["patient"], visit["ck"])
        # A workbook keeps sixteen digits.
        assert row[2] == pytest.approx(visit["month"])
        assert row[5] == (None if visit["ck"] is None else pytest.approx(visit["times_limit"]))
        assert (row[6] or "") == visit["ck_missing"]
    assert any(visit["ck"] is None for _, visit in visits)
    rows = list(book["Dose per patient"].iter_rows(values_only=True))
    listed = {row[0]: row for row in rows}
    for patient in section["patients"]:
        whole = patient["dose"]["whole"]
        numbers = [whole[key] for key in ("dose", "low", "high") if whole[key] is not None]
        assert [v for v in listed[patient["patient"]][10:13] if v is not None] == pytest.approx(
            numbers
        )
    for name in ("CK", "Strength", "Glucocorticoids"):
        assert name in book.sheetnames


def test_figures_fit_on_a_page_and_are_the_same_each_time(found: dict[str, Any]) -> None:
    """Four figures in the order of the page, none taller than 9.5 inches, the same bytes."""
    first, second = (list(PATIENTS_SECTION.figures(found)) for _ in range(2))
    assert [figure.name for figure in first] == FIGURES
    assert figure_svg(first[1].drawing) == figure_svg(second[1].drawing)
    for one in first:
        assert one.drawing.get_size_inches()[1] <= 9.5
        assert one.legend
        assert one.alternative
    assert "Time lines of all 48 patients" in first[0].legend
    svg = figure_svg(first[0].drawing)
    assert all(f">{p['patient']}<" in svg for p in found["patients_over_time"]["patients"])


def test_of_more_patients_than_fit_it_is_said_who_is_drawn() -> None:
    """Sixty of a hundred at even steps; of more than two hundred no line, and why."""
    section = patients_over_time(100)
    assert len(drawn_patients(section)) == MOST_LINES
    assert {p["outcome"] for p in drawn_patients(section)} == {
        p["outcome"] for p in section["patients"]
    }
    legend = next(iter(PATIENTS_SECTION.figures({"patients_over_time": section}))).legend
    assert "60 of 100 are drawn" in legend
    assert "40 are not" in legend
    many = patients_over_time(204)
    names = [f.name for f in PATIENTS_SECTION.figures({"patients_over_time": many})]
    assert names == FIGURES[1:]
    results = {**sample_results(), "patients_over_time": many, "courses": None}
    assert "204 patients are followed" in page(results).text


def test_paragraphs_and_warnings(found: dict[str, Any]) -> None:
    """The manuscript has CK, grades and doses in words, and their limits."""
    (ck, strength, doses), _ = PATIENTS_SECTION.paragraphs(found)
    month = found["patients_over_time"]["ck"]["groups"][1]["months"][0]
    assert f"Median CK, Refractory: {fixed_text(month['median'], 0)} U/L" in ck
    assert "grade 3" in strength
    assert "Refractory less Non-refractory" in doses
    assert any("without a stop" in text for text in PATIENTS_SECTION.warnings(found))
    assert "CK by group and month" in latex_text(found)


def test_names_with_markup_or_from_right_to_left(found: dict[str, Any]) -> None:
    """Codes of patients and labels of groups stay text in the page and in every figure."""
    section = found["patients_over_time"]
    names = ["<b>&$x^2$</b>", "مريض-١٢٣٤٥", "x" * 200]
    for patient, name in zip(section["patients"], names, strict=False):
        patient["patient"] = name
    for part in (section["groups"], section["ck"]["groups"], section["strength"]["groups"],
                 *(m["groups"] for m in section["glucocorticoid"]["measures"])):  # fmt: skip
        part[1]["label"] = "<i>$a_b$</i> " + "long " * 40
        part[2]["label"] = "مجموعة"
    drawn = {f.name: NumberedFigure(1, f) for f in PATIENTS_SECTION.figures(found)}
    read = Page(html_text(found, made_on=ONE, figures=drawn))
    assert "<b>&$x^2$</b>" in read.text
    assert "i" not in {tag for tag, _ in read.tags}


@pytest.mark.parametrize(
    "tables",
    [
        {},
        {"patients": ["A"]},
        {"patients": ["A", "B"], "visits": [("A", 0.0), ("A", 3.0)]},
        {"patients": ["A"], "visits": [("A", 12.0)], "treatments": ["A", "B"]},
    ],
)
def test_little_or_nothing_is_survived(tables: dict[str, Any]) -> None:
    """No patient, no visit, one visit, no dose: every document is made and says why."""
    rows = {
        "patients": [
            {"patient": p, "arm": "a", "treatment_start": "2020-01-01"}
            for p in tables.get("patients", ())
        ],
        "visits": [
            {"patient": p, "month": month, "ck": 0.0, "mrs": 2}
            for p, month in tables.get("visits", ())
        ],
        "treatments": [
            {"patient": p, "drug": "glucocorticoid", "name": "prednisone"}
            for p in tables.get("treatments", ())
        ],
    }
    section = describe_patients_over_time(asked(**rows))
    results = {**sample_results(), "patients_over_time": section, "courses": None}
    list(PATIENTS_SECTION.figures(results))
    text = page(results).text
    assert "Left out: " in text
    latex_text(results)
    assert list(PATIENTS_SECTION.sheets(results))
    list(PATIENTS_SECTION.warnings(results))


def test_results_without_the_section_leave_it_out() -> None:
    """Older results: nothing is drawn, and the reason stands in its place."""
    why = "the results hold no patients over time."
    assert PATIENTS_SECTION.view({}).left_out == why
    assert list(PATIENTS_SECTION.figures({})) == []
    assert list(PATIENTS_SECTION.tables({})) == []
    assert PATIENTS_SECTION.paragraphs({}) == ([], why)
    assert list(PATIENTS_SECTION.warnings({})) == []
    assert [sheet.empty for sheet in PATIENTS_SECTION.sheets({})] == [why]
