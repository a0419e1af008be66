"""Which rows of which files the values of patients come from.

The registry keeps which file last wrote a record, but not its row. So the file is read again,
by the readers of the import, and its rows are found by patient and occasion: only where its hash
is still the one that was imported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from myocohort.analysis.outcome import exact_month
from myocohort.registry.imports import read_file
from myocohort.registry.imports.match import match_files
from myocohort.registry.imports.validate import Row, read_rows
from myocohort.study.standard import STRENGTH_PREFIX
from myocohort.study.studyfile import Study
from myocohort.study.variable import Variable, same_text

MOST_RAW = 3
"""Rows of one patient up to which each cell is quoted as it is written."""


@dataclass(slots=True)
class FileRows:
    """The rows of the files of one table, as they were imported.

    Parameters
    ----------
    rows
        Patient -> rows, in the order of the files.
    changed
        Files that are gone or have another hash than the one that was imported.
    """

    rows: dict[str, list[Row]] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)


def read_again(study: Study, table: str, inputs: Sequence[Mapping[str, Any]]) -> FileRows:
    """Read the files again that a table was imported from.

    Parameters
    ----------
    study
        Says where files are and how they are read.
    table
        Name of the record table.
    inputs
        `imported_files()`: file, table and sha256 of each import.
    """
    found = FileRows()
    for item in inputs:
        if item["table"] != table:
            continue
        path = study.folder / item["file"]
        if file_sha256(path) != item["sha256"]:
            found.changed.append(item["file"])
            continue
        file, problems = read_file(path, item["file"])
        matched = match_files(study, [file])
        if problems or matched.problems:  # it was read before: only another study file explains it
            found.changed.append(item["file"])
            continue
        for one in matched.tables:
            if one.table == table:
                for row in read_rows(study, one)[0]:
                    found.rows.setdefault(row.patient, []).append(row)
    return found


def file_sha256(path: Any) -> str:
    """Return the hash of a file's bytes; empty where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def rows_of_values(
    variable: Variable,
    values: pd.DataFrame,
    starts: Mapping[str, Any],
    files: FileRows,
    *,
    dated: bool,
) -> dict[str, list[dict[str, Any]]]:
    """Find the rows that a declared variable was read from.

    Parameters
    ----------
    variable
        Declared by the study file.
    values
        The records that it was taken from: patient, value, and of dated tables date and month
        (exact), as the analysis table chose them.
    starts
        Patient -> start of treatment.
    files
        Of the variable's table.
    dated
        Whether that table has dates or months.

    Returns
    -------
    dict
        Patient -> `[{file, sheet, rows, column, raw}]`, an entry for each row.
    """
    wanted: dict[str, list[tuple[str, float]]] = {}
    for place, patient in enumerate(values["patient"]):
        if dated:
            date, month = values["date"].iloc[place], values["month"].iloc[place]
            at = (date if isinstance(date, str) else "", float(month))
            wanted.setdefault(patient, []).append(at)
        else:
            wanted.setdefault(patient, [])
    found: dict[str, list[dict[str, Any]]] = {}
    for patient, occasions in wanted.items():
        for row in files.rows.get(patient, ()):
            if not _picked(row, variable):
                continue
            if dated and not any(_at(row, *when, starts.get(patient)) for when in occasions):
                continue
            found.setdefault(patient, []).append(_place(row, variable))
    return found


def rows_in_ranges(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the place of many rows of one patient: each file with its rows as ranges."""
    by_file: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        by_file.setdefault((row.matched.sheet.file, row.matched.sheet.sheet), []).append(row.number)
    return [
        {"file": file, "sheet": sheet, "rows": ranges(numbers), "column": "", "raw": None}
        for (file, sheet), numbers in by_file.items()
    ]


def ranges(numbers: Sequence[int]) -> str:
    """Write row numbers shortly: 2-25, 40."""
    found: list[list[int]] = []
    for number in sorted(set(numbers)):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in found)


def row_month(row: Row, start: object) -> float | None:
    """Return the month of a dated row by the dates where both are known, or as it is given."""
    date, given = row.date_in("date"), row.number_in("month")
    text = "" if date is None else str(date)
    month = exact_month(text, start, float("nan") if given is None else given)
    return None if month != month else month


def _picked(row: Row, variable: Variable) -> bool:
    for name, wanted in variable.where.items():
        cell = row.cells.get(name)
        if cell is None or not (same_text(cell.raw, wanted) or same_text(cell.text or "", wanted)):
            return False
    return True


def _at(row: Row, date: str, month: float, start: object) -> bool:
    """Whether a row is of the same day; without a whole date, of the same month."""
    own = row.date_in("date")
    if own is not None and own.complete:
        return str(own) == date
    at = row_month(row, start)
    return at is not None and abs(at - month) < 1e-9


def _place(row: Row, variable: Variable) -> dict[str, Any]:
    header, raw = _raw(row, variable)
    sheet = row.matched.sheet
    return {
        "file": sheet.file, "sheet": sheet.sheet, "rows": str(row.number), "column": header,
        "raw": raw,
    }  # fmt: skip


def _raw(row: Row, variable: Variable) -> tuple[str, str | None]:
    """Return the header and the cell as written; None where it identifies a person."""
    name = variable.column
    header = row.matched.header(name)
    if row.matched.identifying(name):
        return header, None
    if name in row.cells and (row.cells[name].raw or not row.strengths):
        return header, row.cells[name].raw
    if name.startswith(STRENGTH_PREFIX):
        value = row.strengths.get(name.removeprefix(STRENGTH_PREFIX))
        if value is not None:
            return header, value.raw
    if variable.name in row.observed:
        return header, row.observed[variable.name].raw
    if name == "weakest_mrc" and row.strengths:
        parts = {STRENGTH_PREFIX + group: value.raw for group, value in row.strengths.items()}
        return ", ".join(map(row.matched.header, parts)), ", ".join(parts.values())
    if name in row.matched.columns:  # another variable of the same column was read
        for observed in row.matched.columns[name][0].observed:
            if observed.name in row.observed:
                return header, row.observed[observed.name].raw
    return header, ""
