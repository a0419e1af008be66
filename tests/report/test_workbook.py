"""The workbook: numbers that are numbers, text that is text, and nothing that runs."""

from __future__ import annotations

import datetime as dt
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from sample import validated

from myocohort.report.book.workbook import write_workbook

SHEETS = [
    "Table 1", "Table 2", "Screening", "Validation", "Inclusion", "Courses", "Curves",
    "Hazard ratios", "mRS", "mRS flows", "STROBE", "TRIPOD", "Missing", "Scoreboard",
    "Provenance", "Manifest", "Left out",
]  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the workbook of a test goes."""
    return tmp_path / "tables.xlsx"


def approx(number: float) -> Any:
    """Allow for the 16 digits that openpyxl writes of a float's 17."""
    return pytest.approx(number, rel=1e-15)


def header_row(sheet: Worksheet) -> int:
    """Return the row above the first one that scrolls."""
    return int("".join(c for c in sheet.freeze_panes if c.isdigit())) - 1


def records(sheet: Worksheet) -> list[dict[str, Any]]:
    """Return the rows by heading; a common heading stands before its own with a slash."""
    header = header_row(sheet)
    groups: dict[int, str] = {}
    for merged in sheet.merged_cells.ranges:
        for column in range(merged.min_col, merged.max_col + 1):
            groups[column] = f"{sheet.cell(merged.min_row, merged.min_col).value}/"
    names = [groups.get(cell.column, "") + str(cell.value) for cell in sheet[header]]
    rows = sheet.iter_rows(min_row=header + 1, values_only=True)
    return [dict(zip(names, row, strict=True)) for row in rows]


def test_every_table_has_its_sheet(path: Path) -> None:
    """The sheets stand in a fixed order, each with its headings frozen and its origin named."""
    results = validated()
    write_workbook(results, path)
    book = load_workbook(path)
    assert book.sheetnames == SHEETS
    for sheet in book:
        assert sheet.freeze_panes
        assert sheet["A2"].value.startswith("Rebuilt records.")


def test_table_1_holds_the_numbers_unrounded(results: dict[str, Any], path: Path) -> None:
    """Counts, percentages, means and p values are the numbers of the results themselves."""
    write_workbook(results, path)
    rows = {row["Indicator"]: row for row in records(load_workbook(path)["Table 1"])
            if row["Level"] is None}  # fmt: skip
    checked = 0
    for row in results["table1"]:
        if row["kind"] != "yes_no":
            continue
        line = rows[row["label"]]
        assert line["Refractory (n = 13)/n"] == row["counts"]["refractory"]["n"]
        assert line["Refractory (n = 13)/%"] == approx(row["counts"]["refractory"]["percent"])
        assert line["All/of"] == row["total"]["of"]
        assert line["P"] == approx(row["p"])
        assert line["P as published"] == row["printed_p"]
        checked += 1
    assert checked == 19
    age = rows["Age at onset"]
    assert age["Non-refractory (n = 27)/SD"] == 18.061234
    assert age["Differs from published"] == "no"
    assert rows["Raised ESR"]["Differs from published"] == "yes"


def test_table_2_has_all_families_in_columns(results: dict[str, Any], path: Path) -> None:
    """Each term has b, SE, OR and both families, as numbers with two and three decimals."""
    write_workbook(results, path)
    sheet = load_workbook(path)["Table 2"]
    rows = records(sheet)
    line = next(r for r in rows if (r["Model"], r["Method"], r["Term"]) == (
        "final", "Maximum likelihood", "Severe muscle weakness"))  # fmt: skip
    term = results["models"][0]["terms"][2]
    assert line["OR"] == approx(term["odds_ratio"])
    assert line["Wald/Lower limit"] == term["ci"]["wald"]["low"]
    assert line["Wald/Wald P"] == term["p"]["wald"]
    assert line["Profile likelihood/Upper limit"] == term["ci"]["profile"]["high"]
    assert line["Profile likelihood/Likelihood-ratio P"] == term["p"]["lrt"]
    assert line["As published/Lower limit"] == "41.03"
    assert len(rows) == 2 * 4 + 2 * 8
    formats = {cell.number_format for cell in sheet[header_row(sheet) + 2]}
    assert {"0.00", "0.0000", '[<0.001]"<0.001";[>=0.9995]">0.999";0.000'} <= formats


def test_infinity_is_the_text_inf(results: dict[str, Any], path: Path) -> None:
    """An infinite odds ratio is text; the Wald family that it lacks is empty."""
    term = results["models"][0]["terms"][1]
    term.update(b="inf", se=None, odds_ratio="inf", p={"wald": None, "lrt": 0.007})
    term["ci"] = {"wald": None, "profile": {"low": 2.1, "high": "inf", "level": 0.95, "method": ""}}
    write_workbook(results, path)
    line = records(load_workbook(path)["Table 2"])[1]
    assert (line["b"], line["SE"], line["OR"]) == ("inf", None, "inf")
    assert (line["Wald/Lower limit"], line["Wald/Wald P"]) == (None, None)
    assert (line["Profile likelihood/Lower limit"], line["Profile likelihood/Upper limit"]) == (
        2.1,
        "inf",
    )


FORMULAS = ["=1+1", '=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "#N/A", "1e5",
            "=cmd|' /C calc'!A0"]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_text_never_becomes_a_formula(results: dict[str, Any], path: Path, text: str) -> None:
    """Whatever a label begins with, its cell is a string, and Excel keeps it one when edited."""
    results["study"]["title"] = text
    results["tables"][0]["title"] = text
    results["tables"][0]["groups"][0]["label"] = text
    results["tables"][0]["sections"][0]["heading"] = text
    for row in results["screening"]["rows"]:
        row["label"] = text
    results["manifest"]["inputs"][0]["file"] = text
    write_workbook(results, path)
    book = load_workbook(path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type in ("f", "e")]
    found = [
        cell for cell in cells if cell.value == text.replace("\r", "\N{REPLACEMENT CHARACTER}")
    ]
    assert len(found) >= len(results["screening"]["rows"])
    assert all(cell.quotePrefix == text.startswith(("=", "+", "-", "@", "\t")) for cell in found)
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            assert b"<f>" not in archive.read(name)


def test_control_characters_do_not_break_the_file(results: dict[str, Any], path: Path) -> None:
    """A label with characters that XML forbids is written with the sign for unreadable."""
    results["screening"]["rows"][0]["label"] = "bell\x07 null\x00"
    write_workbook(results, path)
    label = records(load_workbook(path)["Screening"])[0]["Candidate"]
    assert label == "bell\N{REPLACEMENT CHARACTER} null\N{REPLACEMENT CHARACTER}"


def test_the_same_results_give_the_same_bytes(
    results: dict[str, Any], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file's dates are when the records were loaded, whatever the clock says."""
    write_workbook(results, path)
    first = path.read_bytes()
    later = time.localtime(time.time() + 1e6)
    monkeypatch.setattr(time, "localtime", lambda *_: later)
    write_workbook(results, path)
    assert path.read_bytes() == first
    properties = load_workbook(path).properties
    assert properties.created == properties.modified == dt.datetime(2026, 11, 22, 9, 30)
    with zipfile.ZipFile(path) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2026, 11, 22, 9, 30, 0)}


@pytest.mark.parametrize("loaded", [None, "yesterday", "1970-01-01T00:00:00Z"])
def test_a_date_that_is_not_known_is_a_fixed_one(
    results: dict[str, Any], path: Path, loaded: str | None
) -> None:
    """Without a date that a zip archive can hold, the first possible one is written."""
    results["manifest"]["records_loaded"] = loaded
    write_workbook(results, path)
    assert load_workbook(path).properties.modified == dt.datetime(1980, 1, 1)


def test_missing_parts_are_listed_with_their_reasons(path: Path) -> None:
    """Nothing in, one sheet out, which names every table that is not there and says why."""
    write_workbook({}, path)
    book = load_workbook(path)
    assert book.sheetnames == ["Left out"]
    rows = list(book["Left out"].iter_rows(min_row=4, values_only=True))
    assert ("Table 1", "the results hold no table.") in rows
    assert len(rows) > 20
    assert all(title and why for title, why in rows)


def test_a_failed_model_is_a_row_with_its_reason(results: dict[str, Any], path: Path) -> None:
    """A model that was not fitted is named, and has no numbers."""
    results["models"][0].update(error="did not converge", terms=[])
    write_workbook(results, path)
    line = records(load_workbook(path)["Table 2"])[0]
    assert line["Term"] == "not fitted: did not converge"
    assert line["OR"] is None


def test_more_tables_get_sheets_of_their_own(results: dict[str, Any], path: Path) -> None:
    """A second table is Table 3, since the model is Table 2."""
    results["tables"].append({**results["tables"][0], "id": "arms", "title": "By arm"})
    write_workbook(results, path)
    assert load_workbook(path).sheetnames[:3] == ["Table 1", "Table 3", "Table 2"]
