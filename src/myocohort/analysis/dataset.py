"""Any CSV or XLSX file as a data set for one analysis, without a study folder.

What a column is, is read from its cells: numbers, or categories. Nothing is guessed about a
cell that fits neither: all such cells are reported at once.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from myocohort.errors import InputError, Problem
from myocohort.registry.imports import read_file
from myocohort.study.variable import Value, Variable

MISSING = {"NA": "NA", "NaN": "NaN", ".": ".", "#N/A": "#N/A"}
"""What R, pandas, SPSS and spreadsheets write for a missing value."""

NUMBER = Variable(name="number", type="number", missing=MISSING)
YES_NO = Variable(name="answer", type="yes_no", missing=MISSING)
MOST_CATEGORIES = 20


@dataclass(frozen=True, slots=True)
class Dataset:
    """A header and rows of text.

    Parameters
    ----------
    file
        What to call it.
    header
        Names of the columns.
    rows
        Row number as the spreadsheet shows it, and cells as text ("" where empty).
    """

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Terms:
    """Columns of a design matrix.

    Parameters
    ----------
    names
        Of the columns: a variable, or ``variable=category``.
    X
        (rows, columns), NaN where missing.
    notes
        What a reader must know: how categories were coded, and small ones.
    """

    names: tuple[str, ...]
    X: NDArray[np.float64]
    notes: tuple[str, ...]


def read_dataset(path: Path) -> Dataset:
    """Read a file with one table.

    Raises
    ------
    InputError
        With every problem of its form; a workbook with several sheets is one.
    """
    file, problems = read_file(path, path.name)
    sheets = file.sheets
    problems = [*problems, *(p for sheet in sheets for p in sheet.problems)]
    if not problems and len(sheets) != 1:
        names = ", ".join(sheet.sheet for sheet in sheets) or "none"
        problems = [
            Problem(
                rule="the workbook has one sheet with a table",
                value=names,
                file=path.name,
                next_step="Save the sheet you mean as CSV",
            )
        ]
    if not problems and not sheets[0].rows:
        problems = [Problem(rule="the file has rows below its header", file=path.name)]
    if problems:
        raise InputError(problems)
    rows = tuple(
        (number, tuple("" if cell is None else str(cell).strip() for cell in cells))
        for number, cells in sheets[0].rows
    )
    return Dataset(path.name, sheets[0].header, rows)


def require_columns(data: Dataset, names: Sequence[str], option: str) -> None:
    """Check that columns exist and that none is named twice.

    Raises
    ------
    InputError
        Naming each unknown column with the closest header.
    """
    problems = []
    for name in names:
        if name not in data.header:
            close = difflib.get_close_matches(name, data.header, n=1)
            step = f"Did you mean {close[0]!r}?" if close else f"It has: {', '.join(data.header)}"
            problems.append(
                Problem(
                    rule=f"{option} names a column of the file",
                    value=name,
                    file=data.file,
                    next_step=step,
                )
            )
    for name, count in Counter(names).items():
        if count > 1:
            problems.append(
                Problem(rule=f"{option} names a column once", value=name, file=data.file)
            )
    if problems:
        raise InputError(problems)


def cells(data: Dataset, name: str) -> list[tuple[int, str]]:
    """Return row number and text of a column."""
    index = data.header.index(name)
    return [(number, row[index]) for number, row in data.rows]


def numbers(data: Dataset, name: str) -> NDArray[np.float64]:
    """Return a column as numbers, NaN where missing.

    Raises
    ------
    InputError
        With every cell that is text.
    """
    values, problems = [], []
    for number, text in cells(data, name):
        parsed = NUMBER.parse(text)
        if isinstance(parsed, Value):
            values.append(np.nan if parsed.number is None else parsed.number)
        else:
            problems.append(
                Problem(rule=f"{name} is a number", value=text, next_step=parsed.next_step).at(
                    file=data.file, row=number, column=name
                )
            )
    if problems:
        raise InputError(problems)
    return np.array(values, dtype=float)


def categories(data: Dataset, name: str) -> list[str | None]:
    """Return a column as categories, None where missing."""
    return [None if text == "" or text in MISSING else text for _, text in cells(data, name)]


def is_numeric(data: Dataset, name: str) -> bool:
    """Whether most cells that are not missing are numbers; the others are then errors."""
    known = [text for _, text in cells(data, name) if text and text not in MISSING]
    parsed = sum(isinstance(NUMBER.parse(text), Value) for text in known)
    return not known or parsed > len(known) / 2


def binary(data: Dataset, name: str, event: str = "") -> tuple[NDArray[np.float64], str]:
    """Return an outcome as 1, 0 and NaN, and which value is the event.

    Parameters
    ----------
    data, name
        The column: 0 and 1, yes and no, or two categories with `event` named.
    event
        The value that counts as 1.

    Raises
    ------
    InputError
        If it has not exactly two values, or nobody says which is the event.
    """
    column = categories(data, name)
    found = sorted({value for value in column if value is not None})

    def fail(rule: str, step: str) -> InputError:
        shown = ", ".join(found[:6]) + (", ..." if len(found) > 6 else "")
        return InputError(
            [Problem(rule=rule, value=shown, file=data.file, column=name, next_step=step)]
        )

    if len(found) != 2:
        raise fail(
            f"the outcome {name} has two values, it has {len(found)}",
            "Choose a binary outcome, or recode it",
        )
    if not event:
        answers = [YES_NO.parse(value) for value in found]
        yes = [
            v
            for v, a in zip(found, answers, strict=True)
            if isinstance(a, Value) and a.text == "yes"
        ]
        if len(yes) != 1 or not all(isinstance(a, Value) for a in answers):
            raise fail(f"it is known which value of {name} is the event", "Name it with --event")
        event = yes[0]
    elif event not in found:
        raise fail(f"--event is a value of {name}", "Name one of its values")
    coded = [np.nan if value is None else float(value == event) for value in column]
    return np.array(coded, dtype=float), event


def design(data: Dataset, terms: Sequence[str]) -> Terms:
    """Return the columns of a design matrix.

    Parameters
    ----------
    data
        The file.
    terms
        Columns of numbers; of yes and no; of categories, which give one indicator per
        category but the most frequent; or ``column=category``.

    Raises
    ------
    InputError
        With every unknown column or category, and every text in a column of numbers.
    """
    split = [term.partition("=") if term not in data.header else (term, "", "") for term in terms]
    require_columns(data, list(dict.fromkeys(name for name, _, _ in split)), "--terms")
    names: list[str] = []
    columns: list[NDArray[np.float64]] = []
    notes: list[str] = []
    problems: list[Problem] = []
    for name, _, level in split:
        try:
            for label, values in _columns_of(data, name, level, notes):
                names.append(label)
                columns.append(values)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    X = np.column_stack(columns) if columns else np.empty((data.n, 0))
    return Terms(tuple(names), X, tuple(notes))


def _columns_of(
    data: Dataset, name: str, level: str, notes: list[str]
) -> list[tuple[str, NDArray[np.float64]]]:
    """Return the design columns of one term."""
    column = categories(data, name)
    counts = Counter(value for value in column if value is not None)

    def indicator(category: str) -> NDArray[np.float64]:
        return np.array([np.nan if v is None else float(v == category) for v in column])

    if level:
        if level not in counts:
            raise InputError(
                [
                    Problem(
                        rule=f"{level!r} is a category of {name}",
                        file=data.file,
                        value=f"{name}={level}",
                        next_step=f"It has: {', '.join(sorted(counts))}",
                    )
                ]
            )
        return [(f"{name}={level}", indicator(level))]
    if is_numeric(data, name):
        return [(name, numbers(data, name))]
    answers = {value: YES_NO.parse(value) for value in counts}
    if all(isinstance(answer, Value) for answer in answers.values()):
        yes = {v for v, a in answers.items() if isinstance(a, Value) and a.text == "yes"}
        return [(name, np.array([np.nan if v is None else float(v in yes) for v in column]))]
    if len(counts) > MOST_CATEGORIES:
        raise InputError(
            [
                Problem(
                    rule=f"{name} has at most {MOST_CATEGORIES} categories, it has {len(counts)}",
                    file=data.file,
                    column=name,
                    next_step="Group them, or leave the column out",
                )
            ]
        )
    reference = min(counts, key=lambda value: (-counts[value], value))
    notes.append(f"{name}: compared with {reference!r}, its most frequent category.")
    small = sorted(value for value, count in counts.items() if count == 1)
    notes += [f"{name}={value}: one row only has this category." for value in small]
    return [(f"{name}={value}", indicator(value)) for value in sorted(counts) if value != reference]
