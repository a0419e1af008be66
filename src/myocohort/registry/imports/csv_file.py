"""Reading CSV: UTF-8 only, separated by comma, semicolon or tab."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence

from myocohort.errors import Problem
from myocohort.registry.imports.sheet import Sheet, make_sheet
from myocohort.study.variable import Cell

SEPARATORS = (",", ";", "\t")
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
AS_UTF8 = 'Save it as UTF-8 (in Excel: Save as, "CSV UTF-8")'


def read_csv(content: bytes, file: str) -> tuple[list[Sheet], list[Problem]]:
    """Read a CSV file.

    Parameters
    ----------
    content
        The bytes of the file; UTF-8 with or without a byte order mark.
    file
        What to call it in problems.
    """
    text = _decode(content)
    if isinstance(text, Problem):
        return [], [text.at(file=file)]
    separator = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows = _numbered(reader)
    try:
        _, header = next(rows)
        return [make_sheet(header, rows, file=file)], []
    except csv.Error as error:
        return [], [
            Problem(
                rule=f"the file is CSV ({error})",
                file=file,
                value=f"line {reader.line_num}",
                next_step="Look for a quotation mark that is not closed or not doubled",
            )
        ]


def _numbered(reader: Iterator[list[str]]) -> Iterator[tuple[int, Sequence[Cell]]]:
    """Count rows as a spreadsheet does: a newline in quotes does not begin a row."""
    yield from enumerate(reader, start=1)


def _decode(content: bytes) -> str | Problem:
    if content.startswith(UTF16):
        return Problem(rule="the file is UTF-8", value="UTF-16", next_step=AS_UTF8)
    bom = len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0
    body = content[bom:]
    if not body.strip():
        return Problem(rule="the file is not empty", next_step="Export it again")
    if b"\0" in body:
        return Problem(
            rule="the file is text in UTF-8",
            value=f"a NUL byte at position {bom + body.index(0)}",
            next_step=f"The file is damaged or in another encoding. {AS_UTF8}",
        )
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        return Problem(
            rule="the file is UTF-8",
            value=f"byte 0x{body[error.start]:02x} at position {bom + error.start}, line {line}",
            next_step=AS_UTF8,
        )


def _separator(text: str) -> str:
    """Return the separator that the header holds most often outside quotes."""
    counts = dict.fromkeys(SEPARATORS, 0)
    quoted = False
    for character in text:
        if character == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif character in "\r\n":
            break
        elif character in counts:
            counts[character] += 1
    return max(SEPARATORS, key=lambda separator: counts[separator])
