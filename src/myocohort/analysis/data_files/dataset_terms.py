"""The outcome and the terms of a regression, from the columns of any file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myocohort.analysis.data_files.dataset import (
    MOST_CATEGORIES,
    Dataset,
    answers_yes_no,
    categories,
    check_size,
    is_numeric,
    is_yes,
    levels,
    numbers,
    require_columns,
    small_categories,
)
from myocohort.errors import InputError, Problem


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
        # a column with many values may hold names, which are not repeated
        shown = ", ".join(found) if len(found) <= MOST_CATEGORIES else ""
        return InputError(
            [Problem(rule=rule, value=shown, file=data.file, column=name, next_step=step)]
        )

    if len(found) != 2:
        raise fail(
            f"the outcome {name} has two values, it has {len(found)}",
            "Choose a binary outcome, or recode it",
        )
    if not event:
        yes = [value for value in found if is_yes(value)]
        if len(yes) != 1 or not answers_yes_no(found):
            raise fail(f"it is known which value of {name} is the event", "Name it with --event")
        event = yes[0]
    elif event not in found:
        raise fail(f"--event is a value of {name}", "Name one of its values")
    coded = [np.nan if value is None else float(value == event) for value in column]
    return np.array(coded, dtype=float), event


def design(data: Dataset, terms: Sequence[str], outcome: str = "") -> Terms:
    """Return the columns of a design matrix.

    Parameters
    ----------
    data
        The file.
    terms
        Columns of numbers; of yes and no; of categories, which give one indicator per
        category but the first; or ``column=category``.
    outcome
        The column that may not be a term.

    Raises
    ------
    InputError
        With every unknown column or category, every term that is named twice or is the
        outcome, and every text in a column of numbers.
    """
    check_terms(data, terms, outcome)
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


def check_terms(data: Dataset, terms: Sequence[str], outcome: str) -> None:
    """Refuse no terms at all, a term named twice, and the outcome as a term.

    Raises
    ------
    InputError
        With every such term.
    """
    problems = [
        Problem(rule="--terms names a term once", value=term, file=data.file)
        for term, count in Counter(terms).items()
        if count > 1
    ]
    problems += [
        Problem(rule="the outcome is not a term", value=term, file=data.file)
        for term in dict.fromkeys(terms)
        if outcome and outcome in (term, term.partition("=")[0])
    ]
    if not terms:
        problems = [Problem(rule="--terms names at least one column", file=data.file)]
    if problems:
        raise InputError(problems)


def _columns_of(
    data: Dataset, name: str, level: str, notes: list[str]
) -> list[tuple[str, NDArray[np.float64]]]:
    """Return the design columns of one term."""
    column = categories(data, name)
    counts = Counter(value for value in column if value is not None)

    def indicator(category: str) -> NDArray[np.float64]:
        return np.array([np.nan if v is None else float(v == category) for v in column])

    if level:
        check_size(data, name, len(counts))
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
    if answers_yes_no(counts):
        return [(name, np.array([np.nan if v is None else float(is_yes(v)) for v in column]))]
    check_size(data, name, len(counts))
    ordered = levels(data, name)
    notes.append(f"{name}: compared with {ordered[0]!r}, its first category.")
    notes += small_categories(name, counts)
    return [(f"{name}={value}", indicator(value)) for value in ordered[1:]]


def outcome_and_terms(
    data: Dataset, outcome: str, event: str, terms: Sequence[str]
) -> tuple[NDArray[np.float64], str, Terms]:
    """Return the coded outcome, the value that is its event, and the columns of the terms.

    Raises
    ------
    InputError
        With every problem of both.
    """
    problems: list[Problem] = []
    y, X = None, None
    try:
        require_columns(data, [outcome], "--outcome")
        y, event = binary(data, outcome, event)
    except InputError as error:
        problems += error.problems
    try:
        X = design(data, terms, outcome)
    except InputError as error:
        problems += error.problems
    if problems or y is None or X is None:
        raise InputError(problems)
    return y, event, X


def missing_per_column(
    outcome: str, y: NDArray[np.float64], X: Terms, patients: NDArray[np.float64]
) -> dict[str, int]:
    """Count the patients without a value in the outcome and in each term."""
    columns = zip((outcome, *X.names), (y, *X.X.T), strict=True)
    return {name: int(patients[np.isnan(column)].sum()) for name, column in columns}


def in_words(missing: Mapping[str, int]) -> str:
    """List the columns with missing values."""
    found = [f"{name} {count}" for name, count in missing.items() if count]
    return "; ".join(found) if found else "none"
