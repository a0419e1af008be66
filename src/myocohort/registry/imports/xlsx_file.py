"""Reading workbooks: typed cells, the stored results of formulas, nothing that expands."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import ParseError

from myocohort.errors import Problem
from myocohort.registry.imports.sheet import Sheet, is_blank, make_sheet
from myocohort.study.variable import Cell

MAX_UNPACKED_BYTES = 1_000_000_000
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, ParseError, KeyError, ValueError, TypeError,
    IndexError, AttributeError, EOFError, OSError,
)  # fmt: skip
"""What openpyxl and the standard library raise on a damaged workbook."""


MAX_ROWS = 1_048_576
"""As many as a worksheet can have."""


def read_xlsx(content: bytes, file: str) -> tuple[list[Sheet], list[Problem]]:
    """Read all sheets of a workbook that are not empty.

    Parameters
    ----------
    content
        The bytes of the file. Dates count from 1900 or 1904 as the workbook says.
    file
        What to call it in problems.
    """
    if not content:
        return [], [Problem(rule="the file is not empty", file=file, next_step="Export it again")]
    try:
        has_formulas, problem = _look_inside(content)
        if problem is not None:
            return [], [problem.at(file=file)]
        with warnings.catch_warnings():
            # openpyxl warns of styles and extensions that it drops; cells are not affected.
            warnings.simplefilter("ignore", UserWarning)
            tables = _cells(content)
            unresolved = _unresolved(content) if has_formulas else []
    except UNREADABLE:
        return [], [
            Problem(
                rule="the file is a workbook (.xlsx) that can be read",
                file=file,
                next_step="Open it in a spreadsheet program and save it as .xlsx, or as CSV UTF-8",
            )
        ]
    filled = {title: rows for title, rows in tables.items() if rows}
    if not filled:
        return [], [
            Problem(rule="a workbook has a sheet that is not empty", file=file,
                    next_step="Export it again")
        ]  # fmt: skip
    sheets = []
    for title, rows in filled.items():
        header, body = _squared(rows)
        sheet = make_sheet(header, body, file=file, sheet=title, alone=len(filled) == 1)
        more = tuple(p.at(file=file) for p in unresolved if p.sheet == title)
        sheets.append(replace(sheet, problems=(*sheet.problems, *more)))
    return sheets, []


def _look_inside(content: bytes) -> tuple[bool, Problem | None]:
    """Say whether there are formulas, and refuse what would expand without limit."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
            return False, Problem(
                rule=f"a workbook unpacks to at most {MAX_UNPACKED_BYTES // 10**6} MB",
                next_step="Split it, or save it as CSV UTF-8",
            )
        has_formulas = False
        for part in parts:
            if not part.filename.endswith((".xml", ".rels")):
                continue
            xml = archive.read(part)
            # No spreadsheet program writes a document type; it is how entities are expanded.
            if b"<!DOCTYPE" in xml or xml[:2] in (b"\xff\xfe", b"\xfe\xff"):
                return False, Problem(
                    rule="a workbook declares no document type and is in UTF-8",
                    value=part.filename,
                    next_step="Do not trust this file; ask for the records as CSV UTF-8",
                )
            has_formulas |= b"<f>" in xml or b"<f " in xml
    return has_formulas, None


def _open(content: bytes, *, results: bool) -> dict[str, Any]:
    """Open a workbook's sheets by title, with the results of formulas or their text."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=results)
    sheets: dict[str, Any] = {sheet.title: sheet for sheet in book.worksheets}
    for sheet in sheets.values():
        # The stated dimension is wrong in files of some programs and would cut rows off.
        sheet.reset_dimensions()
    return sheets


def _cells(content: bytes) -> dict[str, list[Sequence[Cell]]]:
    """Read title -> rows; blank rows at the end are left off."""
    tables = {}
    for title, sheet in _open(content, results=True).items():
        rows: list[Sequence[Cell]] = []
        for row in sheet.iter_rows(values_only=True):
            rows.append(row)
            if len(rows) > MAX_ROWS:  # openpyxl fills the gap to a row number with blank rows
                raise ValueError("more rows than a worksheet can have")
        while rows and all(is_blank(cell) for cell in rows[-1]):
            rows.pop()
        tables[title] = rows
    return tables


def _squared(
    rows: list[Sequence[Cell]],
) -> tuple[Sequence[Cell], Iterator[tuple[int, Sequence[Cell]]]]:
    """Bring all rows to one width, without the columns at the end that are wholly blank."""
    width = max(
        (index + 1 for row in rows for index, cell in enumerate(row) if not is_blank(cell)),
        default=0,
    )

    def square(row: Sequence[Cell]) -> tuple[Cell, ...]:
        return (*row[:width], *(None,) * (width - len(row)))

    return square(rows[0]), ((n, square(row)) for n, row in enumerate(rows[1:], start=2))


def _unresolved(content: bytes) -> list[Problem]:
    """Find formulas whose result was never stored: they would be read as empty cells."""
    problems = []
    results = _open(content, results=True)
    for title, sheet in _open(content, results=False).items():
        pairs = zip(sheet.iter_rows(), results[title].iter_rows(), strict=True)
        for number, (written, stored) in enumerate(pairs, start=1):
            for formula, result in zip(written, stored, strict=True):
                # "str" without a value is a text that the formula left empty.
                if formula.data_type == "f" and result.value is None and result.data_type != "str":
                    problems.append(
                        Problem(
                            rule="a formula has its result stored in the workbook",
                            value=formula.coordinate,
                            next_step="Open the workbook in a spreadsheet program and save it",
                            sheet=title,
                            row=number,
                        )
                    )
    return problems
