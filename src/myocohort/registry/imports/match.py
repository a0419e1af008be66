"""Which table a file or sheet holds, and which of its columns are read."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from myocohort.errors import Problem
from myocohort.registry.imports import RecordFile
from myocohort.registry.imports.columns import (
    Column,
    did_you_mean,
    is_dated,
    source_of,
    table_columns,
    table_names,
)
from myocohort.registry.imports.sheet import Sheet
from myocohort.study.studyfile import FILE_NAME, Study


@dataclass(frozen=True, slots=True)
class Ignored:
    """A sheet or column that is not read.

    Parameters
    ----------
    file, sheet, column
        Where it is; the column is empty where a whole sheet is left out.
    suggestion
        The closest name that would have been read.
    """

    file: str
    sheet: str = ""
    column: str = ""
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class MatchedTable:
    """A record table in a sheet.

    Parameters
    ----------
    table
        Its name.
    sheet
        Where it is.
    sha256
        Of the file.
    declared
        Whether the study file names the file.
    columns
        Name -> column and its place in the rows.
    absent
        Declared variables whose column the sheet does not have.
    """

    table: str
    sheet: Sheet
    sha256: str
    declared: bool
    columns: dict[str, tuple[Column, int]]
    absent: tuple[str, ...] = ()

    def header(self, name: str) -> str:
        """Return how the file calls a column; the name itself where it has none."""
        if name in self.columns:
            return self.sheet.header[self.columns[name][1]]
        return name

    def identifying(self, name: str) -> bool:
        """Whether a column's values are never repeated in messages."""
        return name in self.columns and self.columns[name][0].identifying


@dataclass(slots=True)
class Match:
    """What was found in all files: tables, what is ignored, and what is wrong."""

    tables: list[MatchedTable] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def relative_name(study: Study, path: Path) -> str:
    """Return what a file is called: its path relative to the study folder, with slashes."""
    try:
        return Path(os.path.relpath(path.resolve(), study.folder.resolve())).as_posix()
    except ValueError:  # on another drive
        return path.as_posix()


def declared_files(study: Study) -> dict[str, Path]:
    """Return name -> path of the files that the study file names, each once."""
    files = [study.folder / source.file for source in study.tables.values() if source.file]
    return {relative_name(study, path): path for path in files}


def match_files(study: Study, files: list[RecordFile]) -> Match:
    """Find the tables in files, and the place of every column.

    Parameters
    ----------
    study
        Its `tables` say which file and sheet holds what under which headers. Otherwise a
        sheet or file holds the table of its own name.
    files
        As read.
    """
    found = Match()
    for file in files:
        tables: list[tuple[str, Sheet]] = []
        for sheet in file.sheets:
            names = _tables_in(study, sheet)
            tables += [(name, sheet) for name in names]
            if names or sheet.alone:
                found.problems += sheet.problems
            if not names and not sheet.alone:
                suggestion = did_you_mean(sheet.sheet, table_names(study))
                found.ignored.append(Ignored(sheet.file, sheet.sheet, suggestion=suggestion))
        if file.sheets and not tables:
            found.problems.append(_no_table(study, file))
        missing = _declared_here(study, file.name) - {name for name, _ in tables}
        if file.sheets:
            found.problems += [_no_sheet(study, file, table) for table in sorted(missing)]
        declared = file.name in declared_files(study)
        for sheet in file.sheets:
            here = [name for name, other in tables if other is sheet]
            if not here:
                continue
            matched = [_match_columns(study, t, sheet, file, declared) for t in here]
            for table, problems in matched:
                found.tables.append(table)
                found.problems += problems
            found.ignored += _ignored_columns(study, sheet, [table for table, _ in matched])
    return found


def _declared_here(study: Study, name: str) -> set[str]:
    return {
        table
        for table, source in study.tables.items()
        if source.file and relative_name(study, study.folder / source.file) == name
    }


def _tables_in(study: Study, sheet: Sheet) -> list[str]:
    """List the tables that a sheet holds: by the study file, else by its name."""
    declared = _declared_here(study, sheet.file)
    by_file = [
        table
        for table in study.tables
        if table in declared and _is_sheet(source_of(study, table).sheet or table, sheet,
                                           exact=source_of(study, table).sheet is not None)
    ]  # fmt: skip
    if by_file:
        return by_file
    names = {name.casefold(): name for name in table_names(study) if name not in declared}
    own = sheet.sheet.casefold()
    if own in names:
        return [names[own]]
    stem = Path(sheet.file).stem.casefold()
    return [names[stem]] if sheet.alone and stem in names else []


def _is_sheet(name: str, sheet: Sheet, *, exact: bool) -> bool:
    if not sheet.sheet:
        return True
    return sheet.sheet.casefold() == name.casefold() or (sheet.alone and not exact)


def _no_table(study: Study, file: RecordFile) -> Problem:
    names = table_names(study)
    stem = Path(file.name).stem
    close = did_you_mean(stem, names)
    hint = f" Did you mean {close!r}?" if close else ""
    return Problem(
        rule="a file or sheet bears the name of its table, or the study file names it "
        "(tables.<table>.file)",
        value=", ".join(sheet.sheet or stem for sheet in file.sheets),
        file=file.name,
        next_step=f"Tables of this study: {', '.join(names)}.{hint}",
    )


def _no_sheet(study: Study, file: RecordFile, table: str) -> Problem:
    return Problem(
        rule="the study file names a sheet that the workbook has",
        value=source_of(study, table).sheet or table,
        key=f"tables.{table}.sheet",
        file=FILE_NAME,
        next_step=f"{file.name} has: {', '.join(sheet.sheet for sheet in file.sheets)}",
    )


def _match_columns(
    study: Study, table: str, sheet: Sheet, file: RecordFile, declared: bool
) -> tuple[MatchedTable, list[Problem]]:
    known = table_columns(study, table, sheet.header)
    renamed = source_of(study, table).columns
    problems = [
        Problem(
            rule=f"a column of {table} that Myocohort knows",
            value=name,
            key=f"tables.{table}.columns.{name}",
            file=FILE_NAME,
            next_step=_hint(name, known),
        )
        for name in renamed
        if name not in known
    ]
    places: dict[str, tuple[Column, int]] = {}
    for name, column in known.items():
        wanted = renamed.get(name, name)
        place = _place(wanted, sheet.header)
        if place is not None:
            places[name] = (column, place)
        elif column.required or name in renamed:
            free = [header for header in sheet.header if _place(header, list(known)) is None]
            problems.append(
                Problem(
                    rule=f"a table {table} has the column {wanted!r}",
                    file=sheet.file,
                    sheet=sheet.sheet,
                    row=1,
                    next_step=f"{_hint(wanted, free)} Otherwise say in the study file which "
                    f"header it has: [tables.{table}.columns] {name} = ...",
                )
            )
    if is_dated(study, table) and not {"date", "month"} & set(places):
        problems.append(
            Problem(
                rule=f"a table {table} has a column 'date', 'month' or both",
                file=sheet.file,
                sheet=sheet.sheet,
                row=1,
                next_step=_hint("date", sheet.header),
            )
        )
    absent = tuple(
        observed.name
        for name, column in known.items()
        for observed in column.observed
        if name not in places
    )
    return MatchedTable(table, sheet, file.sha256, declared, places, absent), problems


def _hint(name: str, known: Iterable[str]) -> str:
    names = list(known)
    close = did_you_mean(name, names)
    return f"Did you mean {close!r}?" if close else f"There are: {', '.join(names)}."


def _place(name: str, header: tuple[str, ...] | list[str]) -> int | None:
    """Return where a header is; upper and lower case matter only between two that match."""
    if name in header:
        return header.index(name)
    folded = [index for index, other in enumerate(header) if other.casefold() == name.casefold()]
    return folded[0] if len(folded) == 1 else None


def _ignored_columns(study: Study, sheet: Sheet, tables: list[MatchedTable]) -> list[Ignored]:
    used = {place for table in tables for _, place in table.columns.values()}
    free: set[str] = set()
    for table in tables:
        free |= set(table_columns(study, table.table, sheet.header)) - set(table.columns)
    return [
        Ignored(sheet.file, sheet.sheet, name, did_you_mean(name, free))
        for index, name in enumerate(sheet.header)
        if index not in used
    ]
