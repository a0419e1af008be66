"""Reading CSV: separators, encodings and shapes."""

from __future__ import annotations

import pytest

from myocohort.errors import Problem
from myocohort.registry.imports.csv_file import read_csv as read_file
from myocohort.registry.imports.sheet import MAX_COLUMNS, Sheet


def read_csv(content: bytes, file: str) -> tuple[list[Sheet], list[Problem]]:
    """Return the sheets, and all problems of the file and of its sheets."""
    sheets, problems = read_file(content, file)
    return sheets, [*problems, *(problem for sheet in sheets for problem in sheet.problems)]


def one_problem(content: bytes):
    """Return the only problem of a file."""
    _, problems = read_csv(content, "visits.csv")
    assert len(problems) == 1
    assert problems[0].file == "visits.csv"
    return problems[0]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_separator_and_byte_order_mark_make_no_difference(separator: str, bom: bytes) -> None:
    """Comma, semicolon and tab are found from the header, with or without a mark."""
    text = separator.join(["patient", "mrs"]) + "\r\n" + separator.join(["P1", "2"]) + "\r\n"
    (sheet,), problems = read_csv(bom + text.encode(), "visits.csv")
    assert problems == []
    assert sheet.header == ("patient", "mrs")
    assert sheet.rows == [(2, ("P1", "2"))]


def test_separators_inside_quotes_do_not_count() -> None:
    """A header with a quoted comma and a semicolon between names is separated by semicolons."""
    (sheet,), problems = read_csv(b'"a,b,c";mrs\n1;2\n', "x.csv")
    assert problems == []
    assert sheet.header == ("a,b,c", "mrs")


def test_a_newline_in_quotes_begins_no_row() -> None:
    """Row numbers are those of the spreadsheet, not of the text file."""
    (sheet,), problems = read_csv(b'patient,note\nP1,"two\nlines"\nP2,one\n', "x.csv")
    assert problems == []
    assert sheet.rows == [(2, ("P1", "two\nlines")), (3, ("P2", "one"))]


def test_blank_rows_are_counted_and_keep_the_numbers_below_them() -> None:
    """A blank row is left out, and the rows after it keep their numbers."""
    (sheet,), problems = read_csv(b"patient,mrs\n\n , \nP1,2\n", "x.csv")
    assert problems == []
    assert sheet.blank_rows == 2
    assert sheet.rows == [(4, ("P1", "2"))]


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b" \n\n"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    """Nothing, only a mark or only blanks are no table."""
    assert one_problem(content).rule == "the file is not empty"


def test_cp1252_is_refused_with_the_byte_and_its_position() -> None:
    """The first byte that is not UTF-8 is named, with its line."""
    problem = one_problem("patient,note\nP1,ok\nP2,M\xfcller".encode("cp1252"))
    assert problem.rule == "the file is UTF-8"
    assert problem.value == "byte 0xfc at position 23, line 3"
    assert "UTF-8" in problem.next_step


def test_position_counts_the_byte_order_mark() -> None:
    """The position is that of the byte in the file."""
    assert "position 5," in one_problem(b"\xef\xbb\xbfa\n\xff\n").value


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_utf16_is_refused(encoding: str) -> None:
    """With a mark it is recognised; without one its NUL bytes give it away."""
    problem = one_problem("patient,mrs\nP1,2\n".encode(encoding))
    assert "UTF-8" in problem.rule
    assert problem.value in ("UTF-16", "a NUL byte at position 1")


def test_nul_is_refused_with_its_position() -> None:
    """A NUL byte inside text is damage."""
    assert one_problem(b"patient\nP\0001\n").value == "a NUL byte at position 9"


@pytest.mark.parametrize(
    ("row", "found"), [(b"P2,2,3", "3 cells"), (b"P2", "1 cells")], ids=["longer", "shorter"]
)
def test_a_ragged_row_is_refused_with_its_number(row: bytes, found: str) -> None:
    """A row with more or fewer cells than the header is named."""
    problem = one_problem(b"patient,mrs\nP1,1\n" + row + b"\n")
    assert (problem.row, problem.value) == (3, found)
    assert problem.rule == "a row has as many cells as the header, 2"


def test_header_only_is_refused() -> None:
    """A header without rows is no data."""
    assert one_problem(b"patient,mrs\n").rule == "a table has at least one row below its header"


def test_a_duplicate_header_is_refused_after_stripping() -> None:
    """Two columns of one name are named with their places."""
    problem = one_problem(b"mrs,patient, mrs \n1,P1,2\n")
    assert problem.rule == "no name comes twice in the header"
    assert (problem.column, problem.value, problem.row) == ("mrs", "columns 1 and 3", 1)


def test_a_blank_header_cell_is_refused() -> None:
    """A column without a name cannot be read."""
    problem = one_problem(b"patient,,mrs\nP1,x,2\n")
    assert (problem.value, problem.row) == ("column 2 is blank", 1)


def test_too_many_columns_are_refused() -> None:
    """35,000 columns are more than a worksheet has."""
    problem = one_problem(b"c," * 34_999 + b"c\n1\n")
    assert problem.rule == f"a table has at most {MAX_COLUMNS} columns"
    assert problem.value == "35000 columns"


def test_an_unclosed_quote_is_refused() -> None:
    """A quotation mark that is not closed would swallow the rest of the file."""
    problem = one_problem(b'patient,note\nP1,"open\nP2,x\n')
    assert problem.rule.startswith("the file is CSV")
