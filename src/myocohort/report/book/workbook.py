"""The tables as an Excel workbook: numbers as numbers, text as text, the same bytes each time."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from myocohort.report.archive import date_of, dated
from myocohort.report.book.sheet import Column, Sheet
from myocohort.report.book.sheets import SHEETS
from myocohort.report.files import write_whole
from myocohort.report.model.models import Results
from myocohort.report.wording import Origin, clean, origin_of

FORMATS = {
    "text": "@",
    "n": "0",
    "percent": "0.0",
    "number": "0.0##",
    "ratio": "0.00",
    "coefficient": "0.0000",
    # What would be shown as 0 or 1 is shown as the report prints it; the number stays whole.
    "p": '[<0.001]"<0.001";[>=0.9995]">0.999";0.000',
}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_WIDEST = 60  # characters
_COLUMNS_OF_A_PAGE = 20
_FONT = "Calibri"
_TEXT_FONT = Font(name=_FONT)  # one for all: a style is looked up by its value for every cell
_NUMBER_PLACE = Alignment(vertical="top")
_WORD_PLACE = Alignment(horizontal="right", vertical="top")
_TEXT_PLACE = Alignment(horizontal="left", indent=1, vertical="top")
_LONG_TEXT_PLACE = Alignment(horizontal="left", indent=1, vertical="top", wrap_text=True)
_HEADER = PatternFill("solid", fgColor="E8EDF2")
_LABEL = PatternFill("solid", fgColor="FFF5D9")


def write_workbook(results: Results, path: Path) -> None:
    """Write every table of the results as a sheet.

    Text that begins like a formula stays text; an infinite number is the text "inf"; a
    number that does not exist is an empty cell. What is missing in the results has no sheet
    of its own: the last sheet lists it with the reason.

    Parameters
    ----------
    results
        The content of results.json.
    path
        The file; it is replaced as a whole, or left as it was when something fails.
    """
    made = date_of(results)
    book = Workbook()
    book.remove(book.worksheets[0])
    origin = origin_of(results)
    built = [sheet for build in SHEETS for sheet in build(results)]
    for sheet in (*(sheet for sheet in built if sheet.rows), _left_out(built)):
        if sheet.rows:
            _fill(book.create_sheet(_name(sheet.name, book.sheetnames)), sheet, origin)
    book.properties.creator = "Myocohort"
    book.properties.title = clean((results.get("study") or {}).get("title") or "")
    book.properties.created = made
    buffer = io.BytesIO()
    book.save(buffer)
    write_whole(path, dated(buffer.getvalue(), made))


def _left_out(sheets: Sequence[Sheet]) -> Sheet:
    """List the sheets that would have no rows, each with its reason."""
    rows = [(sheet.title, sheet.empty) for sheet in sheets if not sheet.rows]
    return Sheet("Left out", "What was left out", (Column("Table"), Column("Why")), rows, "")


def _fill(sheet: Worksheet, content: Sheet, origin: Origin | None) -> None:
    lines = [content.title, *([f"{origin.tag}. {origin.sentence}"] if origin else [])]
    lines += content.remarks
    for row, line in enumerate(lines, start=1):
        cell = _put(sheet, row, 1, line, "text")
        cell.font = Font(name=_FONT, bold=row == 1, italic=row > 1)
        cell.alignment = Alignment(wrap_text=False)  # runs on over the empty cells beside it
        if origin and row == 2:
            cell.fill = _LABEL
    _fill_table(sheet, content, len(lines) + 1)


def _fill_table(sheet: Worksheet, content: Sheet, header: int) -> None:
    """Write headings and rows; the headings begin in row `header`."""
    top = header
    if any(column.group for column in content.columns):
        _fill_groups(sheet, content.columns, top)
        header += 1
    lines = 1
    for position, column in enumerate(content.columns, start=1):
        values = [row[position - 1] for row in content.rows]
        cell = _put(sheet, header, position, column.heading, "text")
        _as_heading(cell, "left" if column.kind == "text" else "right")
        cell.border = Border(bottom=Side(style="thin"))
        for offset, value in enumerate(values, start=1):
            if value is not None:
                _put(sheet, header + offset, position, value, column.kind)
        width = _width(column, values)
        sheet.column_dimensions[get_column_letter(position)].width = width
        lines = max(lines, 1 + int(len(column.heading) / (width - 3)))
    sheet.row_dimensions[header].height = 15 * lines
    sheet.freeze_panes = sheet.cell(header + 1, content.frozen + 1)
    sheet.print_title_rows = f"{top}:{header}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    if len(content.columns) <= _COLUMNS_OF_A_PAGE:
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
    else:
        sheet.print_title_cols = f"A:{get_column_letter(content.frozen)}"


def _fill_groups(sheet: Worksheet, columns: Sequence[Column], row: int) -> None:
    """Write the common headings, each over all of its columns."""
    position = 1
    for group, members in groupby(columns, key=lambda column: column.group):
        width = len(list(members))
        for column in range(position, position + width):
            sheet.cell(row, column).fill = _HEADER
        if group:
            _as_heading(_put(sheet, row, position, group, "text"), "center")
            sheet.merge_cells(
                start_row=row, end_row=row, start_column=position, end_column=position + width - 1
            )
        position += width


def _as_heading(cell: Cell, horizontal: str) -> None:
    cell.font = Font(name=_FONT, bold=True)
    cell.fill = _HEADER
    cell.alignment = Alignment(
        horizontal=horizontal,
        indent=1 if horizontal == "left" else 0,
        vertical="bottom",
        wrap_text=horizontal != "center",
    )


def _put(sheet: Worksheet, row: int, column: int, value: object, kind: str) -> Cell:
    """Write one value: a number with its format, or text that can never be a formula."""
    cell = sheet.cell(row, column)
    cell.font = _TEXT_FONT
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if isinstance(value, int | float):
        cell.value = value
        cell.number_format = FORMATS[kind]
        cell.alignment = _NUMBER_PLACE
        return cell
    text = clean(value)
    cell.value = text
    cell.data_type = "s"
    cell.number_format = FORMATS["text"]
    if kind == "text":
        cell.alignment = _LONG_TEXT_PLACE if len(text) > _WIDEST else _TEXT_PLACE
    else:
        cell.alignment = _WORD_PLACE
    if text.startswith(_FORMULA_STARTS):
        cell.quotePrefix = True
    return cell


def _width(column: Column, values: Iterable[object]) -> float:
    """Return a width that shows the values, and the longest word of the heading."""
    longest = max((len(str(value)) for value in values if isinstance(value, str)), default=0)
    heading = max(len(word) for word in column.heading.split())
    return float(min(max(longest + 3, heading + 3, 8), _WIDEST))


def _name(wanted: str, taken: Sequence[str]) -> str:
    """Return a sheet name that Excel allows and that is still free."""
    name = re.sub(r"[\[\]:*?/\\]", " ", clean(wanted)).strip(" '")[:31] or "Table"
    lower = {other.lower() for other in taken}
    number = 2
    free = name
    while free.lower() in lower:
        free = f"{name[:27]} {number}"
        number += 1
    return free
