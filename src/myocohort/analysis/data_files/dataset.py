"""Any CSV or XLSX file as a data set for one analysis, without a study folder.

What a column is, is read from its cells: numbers, or categories. Nothing is guessed about a
cell that fits neither: all such cells are reported at once.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from myocohort.errors import InputError, Problem, StatisticsError
from myocohort.registry.imports import read_file
from myocohort.study.values import Value
from myocohort.study.variable import Variable

MISSING = ("na", "n/a", "nan", "null", ".", "#n/a")
"""What R, pandas, SPSS, databases and spreadsheets write for a missing value, in any case."""

DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
WHOLE = re.compile(r"([+-]?[0-9]+)\.0+")

NUMBER = Variable(name="number", type="number")
YES_NO = Variable(name="answer", type="yes_no")
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
        (number, tuple(_plain(cell) for cell in cells)) for number, cells in sheets[0].rows
    )
    return Dataset(path.name, sheets[0].header, rows)


@contextmanager
def about(data: Dataset) -> Iterator[None]:
    """Name the file in what a method says about its data."""
    try:
        yield
    except StatisticsError as error:
        raise InputError([Problem(rule=str(error), file=data.file)]) from error


def _plain(cell: object) -> str:
    """Write a cell as text: missing values as "", and 1.0 as 1, so that one value has one text."""
    if isinstance(cell, dt.datetime):
        cell = cell.date()
    text = "" if cell is None else str(cell).strip()
    if text.casefold() in MISSING:
        return ""
    whole = WHOLE.fullmatch(text)
    return whole[1] if whole else text


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
    """Return a column as categories, None where missing.

    Spellings that differ in case are one category, written as the first of them; answers
    such as yes, Yes and y are yes.
    """
    column = [text for _, text in cells(data, name)]
    known = {text for text in column if text}
    _refuse_hidden_numbers(data, name, [text for text in column if text])
    if answers_yes_no(known) and not known <= {"0", "1"}:
        return [None if not text else "yes" if is_yes(text) else "no" for text in column]
    first: dict[str, str] = {}
    for text in column:
        first.setdefault(text.casefold(), text)
    return [first[text.casefold()] or None for text in column]


def _refuse_hidden_numbers(data: Dataset, name: str, known: list[str]) -> None:
    """Refuse decimal commas and dates, which are no categories but look like text."""
    for pattern, rule, step in (
        (DECIMAL_COMMA, f"{name} is written with decimal points", "Replace the decimal commas"),
        (ISO_DATE, f"{name} holds dates", "Give an age or a duration, as a number"),
    ):
        fitting = [text for text in known if pattern.fullmatch(text)]
        if len(fitting) > len(known) / 2:
            problem = Problem(
                rule=rule, value=fitting[0], file=data.file, column=name, next_step=step
            )
            raise InputError([problem])


def levels(data: Dataset, name: str) -> list[str]:
    """Return the categories of a column in order: no before yes, numbers by size, else by name."""
    found = {value for value in categories(data, name) if value is not None}
    parsed = {value: NUMBER.parse(value) for value in found}
    sizes = {value: p.number for value, p in parsed.items() if isinstance(p, Value)}
    if len(sizes) == len(found):
        return sorted(found, key=lambda value: (sizes[value] or 0.0, value))
    if answers_yes_no(found):
        return sorted(found, key=lambda value: (is_yes(value), value))
    return sorted(found)


def answers_yes_no(values: Iterable[str]) -> bool:
    """Whether all values are answers: yes and no, y and n, true and false, 1 and 0."""
    return all(isinstance(YES_NO.parse(value), Value) for value in values)


def is_yes(value: str) -> bool:
    """Whether an answer is yes."""
    answer = YES_NO.parse(value)
    return isinstance(answer, Value) and answer.text == "yes"


def check_size(data: Dataset, name: str, found: int) -> None:
    """Refuse a column of text with so many values that they are hardly categories.

    Raises
    ------
    InputError
        If there are more than `MOST_CATEGORIES`.
    """
    if found > MOST_CATEGORIES:
        raise InputError(
            [
                Problem(
                    rule=f"{name} has at most {MOST_CATEGORIES} categories, it has {found}",
                    file=data.file,
                    column=name,
                    next_step="Group them, or leave the column out",
                )
            ]
        )


def weights(data: Dataset, name: str) -> NDArray[np.float64]:
    """Return how many patients each row stands for.

    Raises
    ------
    InputError
        With every row whose weight is no whole number of at least 0, or missing.
    """
    require_columns(data, [name], "--weights")
    values = numbers(data, name)
    problems = [
        Problem(
            rule="a weight is a whole number of patients, at least 0",
            value=text,
            file=data.file,
            row=number,
            column=name,
            next_step="Correct it, or leave --weights out",
        )
        for (number, text), value in zip(cells(data, name), values, strict=True)
        if not (value >= 0 and value == np.floor(value))
    ]
    if problems:
        raise InputError(problems)
    return values


def is_numeric(data: Dataset, name: str) -> bool:
    """Whether most cells that are not missing are numbers; the others are then errors."""
    known = [text for _, text in cells(data, name) if text]
    parsed = sum(isinstance(NUMBER.parse(text), Value) for text in known)
    return not known or parsed > len(known) / 2


def small_categories(name: str, counts: Mapping[str, int]) -> list[str]:
    """Say which categories only one row has."""
    small = sorted(value for value, count in counts.items() if count == 1)
    return [f"{name}={value}: one row only has this category." for value in small]
