"""What every importer gives: a header and rows that match it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from myocohort.errors import Problem
from myocohort.study.variable import Cell

MAX_COLUMNS = 16_384
"""As many as a worksheet can have."""

Rows = Iterable[tuple[int, Sequence[Cell]]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One CSV file or one sheet of a workbook.

    Parameters
    ----------
    file
        Relative to the study folder.
    sheet
        Name of the sheet; empty for CSV.
    header
        Stripped; no blank and no repeated name.
    rows
        Row number as the spreadsheet shows it (the header is row 1), and as many cells as
        the header has.
    blank_rows
        How many rows were left out because all their cells are empty.
    alone
        Whether the file has no other sheet.
    problems
        What is wrong with its header or the shape of its rows. They count only where the
        sheet holds a table: a workbook may have a sheet of notes.
    """

    file: str
    sheet: str
    header: tuple[str, ...]
    rows: list[tuple[int, tuple[Cell, ...]]]
    blank_rows: int = 0
    alone: bool = True
    problems: tuple[Problem, ...] = ()


def is_blank(cell: Cell) -> bool:
    """Whether a cell holds nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def make_sheet(
    header: Sequence[Cell], rows: Rows, *, file: str, sheet: str = "", alone: bool = True
) -> Sheet:
    """Check the header and the shape of the rows; rows that fit are kept."""
    names = tuple("" if cell is None else str(cell).strip() for cell in header)
    problems = [problem.at(file=file, sheet=sheet, row=1) for problem in _header_problems(names)]
    kept: list[tuple[int, tuple[Cell, ...]]] = []
    blank_rows = 0
    if not problems:
        for number, cells in rows:
            if all(is_blank(cell) for cell in cells):
                blank_rows += 1
            elif len(cells) != len(names):
                problems.append(
                    Problem(
                        rule=f"a row has as many cells as the header, {len(names)}",
                        value=f"{len(cells)} cells",
                        next_step="Look for a separator inside a cell that is not in quotes, "
                        "or for a cell that is missing",
                        file=file,
                        sheet=sheet,
                        row=number,
                    )
                )
            else:
                kept.append((number, tuple(cells)))
        if not kept and not problems:
            problems.append(
                Problem(
                    rule="a table has at least one row below its header",
                    file=file,
                    sheet=sheet,
                    row=1,
                    next_step="Fill it in, or leave the file out",
                )
            )
    return Sheet(file, sheet, names, kept, blank_rows, alone, tuple(problems))


def _header_problems(names: tuple[str, ...]) -> list[Problem]:
    if len(names) > MAX_COLUMNS:
        return [
            Problem(
                rule=f"a table has at most {MAX_COLUMNS} columns",
                value=f"{len(names)} columns",
                next_step="Split the file, or look for a separator that is none",
            )
        ]
    if not any(names):
        return [
            Problem(
                rule="the first row holds the names of the columns",
                next_step="Delete the blank rows above it",
            )
        ]
    problems = []
    first: dict[str, int] = {}
    for position, name in enumerate(names, start=1):
        if not name:
            problems.append(
                Problem(
                    rule="every column has a name in the header",
                    value=f"column {position} is blank",
                    next_step="Name it, or delete the column",
                )
            )
        elif name in first:
            problems.append(
                Problem(
                    rule="no name comes twice in the header",
                    column=name,
                    value=f"columns {first[name]} and {position}",
                    next_step="Rename or delete one of them",
                )
            )
        else:
            first[name] = position
    return problems
