"""Columns with missing values: read from any frame, with their kind and categories."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from myocohort.errors import StatisticsError
from myocohort.stats.design import LARGEST, FloatArray

Kind = Literal["numeric", "binary", "categorical"]
KINDS: tuple[Kind, ...] = ("numeric", "binary", "categorical")


class Frame(Protocol):
    """Anything whose `items` are names with columns: a dict of lists, a pandas DataFrame."""

    def items(self) -> Iterable[tuple[Any, Iterable[Any]]]:
        """Return each name with its column."""


@dataclass(frozen=True, slots=True)
class Column:
    """One variable with its missing values.

    Parameters
    ----------
    name
        As in the frame.
    kind
        "numeric", "binary" or "categorical".
    values
        Numbers as they are, or positions among `levels`; NaN where missing. Shape (rows,).
    levels
        Names of the categories in ascending order; empty if numeric.
    """

    name: str
    kind: Kind
    values: FloatArray
    levels: tuple[str, ...]

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which rows have no value."""
        return np.isnan(self.values)

    @property
    def n_missing(self) -> int:
        """Rows without a value."""
        return int(np.count_nonzero(self.missing))

    @property
    def observed(self) -> FloatArray:
        """The values that are known, in the order of the rows."""
        known: FloatArray = self.values[~self.missing]
        return known


def read_columns(
    frame: Frame, names: Sequence[str] | None = None, *, kinds: Mapping[str, Kind] | None = None
) -> dict[str, Column]:
    """Read columns of numbers or text; None, NaN, NA and empty text are missing values.

    Two distinct values make a column binary, more make it numeric if they are numbers and
    categorical if they are text; `kinds` overrules that.

    Parameters
    ----------
    frame
        Names with columns of equal length.
    names
        Columns to read, in this order; all of them by default.
    kinds
        Kind of columns that are not to be guessed.

    Raises
    ------
    StatisticsError
        If a column is not there, lengths differ, there are no rows, a column mixes text and
        numbers, or a kind does not fit. The message lists all that is wrong.
    """
    given = {str(name): list(values) for name, values in frame.items()}
    wanted = list(given) if names is None else [str(name) for name in names]
    declared = dict(kinds or {})
    absent = [name for name in (*wanted, *declared) if name not in given]
    if absent:
        raise StatisticsError(
            f"no column {', '.join(map(repr, dict.fromkeys(absent)))}; there are "
            f"{', '.join(map(repr, given)) or 'none'}"
        )
    twice = sorted({name for name in wanted if wanted.count(name) > 1})
    if twice:
        raise StatisticsError(f"columns are named once; found {', '.join(map(repr, twice))} twice")
    sizes = {name: len(given[name]) for name in wanted}
    if not sizes or max(sizes.values()) == 0:
        raise StatisticsError("there are no rows: nothing can be described or imputed")
    if len(set(sizes.values())) > 1:
        listed = ", ".join(f"{name!r} {size}" for name, size in sizes.items())
        raise StatisticsError(f"all columns have the same number of rows; found {listed}")
    columns, problems = {}, []
    for name in wanted:
        try:
            columns[name] = _column(name, given[name], declared.get(name))
        except StatisticsError as problem:
            problems.append(str(problem))
    if problems:
        raise StatisticsError("\n".join(problems))
    return columns


def _column(name: str, raw: Sequence[Any], kind: Kind | None) -> Column:
    if kind is not None and kind not in KINDS:
        raise StatisticsError(f"column {name!r}: a kind is {', '.join(KINDS)}; found {kind!r}")
    values = [None if _is_missing(value) else value for value in raw]
    known = [value for value in values if value is not None]
    text = [isinstance(value, str) for value in known]
    if any(text) and not all(text):
        row = next(i for i, value in enumerate(values) if isinstance(value, str))
        raise StatisticsError(
            f"column {name!r} mixes numbers and text: found {values[row]!r} in row {row + 1}. "
            f"Leave the cell empty if the value is missing"
        )
    if any(text):
        if kind == "numeric":
            raise StatisticsError(f"column {name!r} is to be numeric, but holds text: {known[0]!r}")
        return _categories(name, [v if v is None else str(v).strip() for v in values], kind)
    numbers = np.array([math.nan if v is None else _number(name, v) for v in values])
    distinct = np.unique(numbers[~np.isnan(numbers)])
    if kind == "numeric" or (kind is None and len(distinct) != 2):
        return Column(name, "numeric", numbers, ())
    codes = np.searchsorted(distinct, numbers).astype(np.float64)
    codes[np.isnan(numbers)] = np.nan
    return _coded(name, codes, tuple(f"{value:.15g}" for value in distinct), kind)


def _categories(name: str, values: Sequence[str | None], kind: Kind | None) -> Column:
    levels = sorted({value for value in values if value is not None})
    position = {level: float(i) for i, level in enumerate(levels)}
    codes = np.array([math.nan if value is None else position[value] for value in values])
    return _coded(name, codes, tuple(levels), kind)


def _coded(name: str, codes: FloatArray, levels: tuple[str, ...], kind: Kind | None) -> Column:
    if kind == "binary" and len(levels) > 2:
        raise StatisticsError(
            f"column {name!r} is to be binary, but has {len(levels)} values: {', '.join(levels)}"
        )
    return Column(name, kind or ("binary" if len(levels) == 2 else "categorical"), codes, levels)


def _is_missing(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, str):
        return not value.strip()
    return isinstance(value, Real) and math.isnan(value)


def _number(name: str, value: Any) -> float:
    if not isinstance(value, Real | np.bool_):
        raise StatisticsError(
            f"column {name!r} holds numbers or text; found {value!r} of type {type(value).__name__}"
        )
    number = float(value)
    if not abs(number) <= LARGEST:
        raise StatisticsError(
            f"column {name!r} holds an infinite value, or one above {LARGEST:g}: {number:g}"
        )
    return number
