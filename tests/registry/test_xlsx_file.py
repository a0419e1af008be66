"""Reading workbooks: typed cells, dates, formulas and files that are none."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from myocohort.errors import Problem
from myocohort.registry.imports.sheet import Sheet
from myocohort.registry.imports.xlsx_file import read_xlsx as read_file


def read_xlsx(content: bytes, file: str) -> tuple[list[Sheet], list[Problem]]:
    """Return the sheets, and all problems of the file and of its sheets."""
    sheets, problems = read_file(content, file)
    return sheets, [*problems, *(problem for sheet in sheets for problem in sheet.problems)]


def saved(book: openpyxl.Workbook) -> bytes:
    """Return the bytes of a workbook."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def workbook(*rows: list, title: str = "visits") -> openpyxl.Workbook:
    """Return a workbook with one sheet."""
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    return book


def rewritten(content: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """Return a workbook in which a part of the archive was changed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(stream, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == part:
                assert old in data
                data = data.replace(old, new)
            target.writestr(name, data)
    return stream.getvalue()


def test_cells_keep_their_types() -> None:
    """Numbers, dates, truth values and text come as such, blank cells as None."""
    rows = ["P1", 2, 2.5, dt.datetime(2020, 3, 1), True, None]
    (sheet,), problems = read_xlsx(saved(workbook(list("abcdef"), rows)), "x.xlsx")
    assert problems == []
    assert sheet.rows == [(2, ("P1", 2, 2.5, dt.datetime(2020, 3, 1), True, None))]


def test_the_1904_epoch_gives_the_same_dates() -> None:
    """A workbook that counts from 1904 holds the days that it shows."""
    book = workbook(["patient", "date"], ["P1", dt.date(2016, 5, 31)])
    book.epoch = CALENDAR_MAC_1904
    (sheet,), _ = read_xlsx(saved(book), "x.xlsx")
    assert sheet.rows[0][1][1] == dt.datetime(2016, 5, 31)


def test_blank_rows_and_columns_at_the_end_are_left_off() -> None:
    """Formatting beyond the data makes no columns and no rows."""
    book = workbook(["patient", "mrs", None], ["P1", 2, " "], [None, None, None], ["P2", 3, None])
    book.active.cell(row=9, column=1, value=" ")
    (sheet,), problems = read_xlsx(saved(book), "x.xlsx")
    assert problems == []
    assert sheet.header == ("patient", "mrs")
    assert sheet.rows == [(2, ("P1", 2)), (4, ("P2", 3))]
    assert sheet.blank_rows == 1


def test_a_cell_beyond_the_header_is_refused() -> None:
    """A value in a column without a name is not lost in silence."""
    _, problems = read_xlsx(saved(workbook(["patient"], ["P1", "stray"])), "x.xlsx")
    assert [problem.value for problem in problems] == ["column 2 is blank"]


def test_a_wrong_dimension_cuts_nothing_off() -> None:
    """Some programs write a dimension that is smaller than the data."""
    content = rewritten(
        saved(workbook(["patient", "mrs"], ["P1", 2])),
        "xl/worksheets/sheet1.xml", b'ref="A1:B2"', b'ref="A1:A1"',
    )  # fmt: skip
    (sheet,), problems = read_xlsx(content, "x.xlsx")
    assert problems == []
    assert sheet.rows == [(2, ("P1", 2))]


def test_a_formula_without_its_result_is_refused() -> None:
    """It would otherwise be read as an empty cell."""
    _, problems = read_xlsx(saved(workbook(["patient", "ck"], ["P1", "=100*3"])), "x.xlsx")
    (problem,) = problems
    assert problem.rule == "a formula has its result stored in the workbook"
    assert (problem.sheet, problem.row, problem.value) == ("visits", 2, "B2")


@pytest.mark.parametrize(
    ("stored", "value"),
    [
        (b'<c r="B2"><f>100*3</f><v>300</v></c>', 300),
        (b'<c r="B2" t="str"><f>A9</f><v></v></c>', None),
    ],
    ids=["number", "empty text"],
)
def test_a_formula_with_its_result_is_read(stored: bytes, value: int | None) -> None:
    """The stored result counts; an empty text is an empty cell."""
    content = saved(workbook(["patient", "ck"], ["P1", "=100*3"]))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    start = xml.index(b'<c r="B2"')
    old = xml[start : xml.index(b"</c>", start) + 4]
    content = rewritten(content, "xl/worksheets/sheet1.xml", old, stored)
    (sheet,), problems = read_xlsx(content, "x.xlsx")
    assert problems == []
    assert sheet.rows == [(2, ("P1", value))]


def test_all_sheets_with_cells_are_read() -> None:
    """Empty sheets are left out, the others say whether they are alone."""
    book = workbook(["patient"], ["P1"], title="patients")
    book.create_sheet("notes").append(["text"])
    book["notes"].append(["hello"])
    book.create_sheet("empty")
    sheets, problems = read_xlsx(saved(book), "x.xlsx")
    assert problems == []
    assert [(sheet.sheet, sheet.alone) for sheet in sheets] == [
        ("patients", False),
        ("notes", False),
    ]


@pytest.mark.parametrize("content", [b"", b"patient,mrs\n", b"PK\x03\x04 damaged"])
def test_a_file_that_is_no_workbook_is_refused(content: bytes) -> None:
    """An empty, a text and a damaged file give one problem each."""
    sheets, problems = read_xlsx(content, "x.xlsx")
    assert sheets == []
    assert len(problems) == 1


def test_a_truncated_workbook_is_refused() -> None:
    """Half a file is no workbook."""
    content = saved(workbook(["patient"], ["P1"]))
    _, problems = read_xlsx(content[: len(content) // 2], "x.xlsx")
    assert problems[0].rule == "the file is a workbook (.xlsx) that can be read"


def test_a_workbook_without_cells_is_refused() -> None:
    """There is nothing to import."""
    _, problems = read_xlsx(saved(openpyxl.Workbook()), "x.xlsx")
    assert problems[0].rule == "a workbook has a sheet that is not empty"


def test_a_document_type_is_refused_before_it_is_parsed() -> None:
    """Entities that expand without limit need a document type."""
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet'
    content = rewritten(
        saved(workbook(["patient"], ["P1"])), "xl/worksheets/sheet1.xml", b"<worksheet", laughs
    )
    _, problems = read_xlsx(content, "x.xlsx")
    assert problems[0].rule == "a workbook declares no document type and is in UTF-8"


def test_a_workbook_that_unpacks_without_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The size is taken from the archive before anything is unpacked."""
    monkeypatch.setattr("myocohort.registry.imports.xlsx_file.MAX_UNPACKED_BYTES", 1000)
    _, problems = read_xlsx(saved(workbook(["patient"], ["P1"])), "x.xlsx")
    assert "unpacks to at most" in problems[0].rule
