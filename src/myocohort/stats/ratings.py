"""Readings of the same subjects by several raters: checked, coded, weighted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.errors import InputError, Problem, StatisticsError
from myocohort.stats.p_values import bounded, from_t, normal_quantile, t_quantile
from myocohort.stats.result import Interval, Result
from myocohort.stats.samples import LARGEST

Weights = Literal["unweighted", "linear", "quadratic"]

SHOWN = 5  # problems of one kind that an error message lists
NO_SPREAD = "no interval and no p: the standard error is 0, which is no proof of certainty"
ALL_MISSING = "no agreement: nobody was read twice"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementResult(Result):
    """Agreement beyond chance between raters.

    Parameters
    ----------
    raters, ratings
        Raters, and the readings that entered.
    se
        Standard error of the estimate, of the same family as interval and p.
    observed_agreement, expected_agreement
        Share of (weighted) agreement seen, and expected by chance under the method named.
    categories
        The scale's full list of grades; empty where values are no grades.
    """

    raters: int
    ratings: int
    se: float | None = None
    observed_agreement: float | None = None
    expected_agreement: float | None = None
    categories: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class RatingMatrix:
    """Readings from a long table, one row per subject.

    Parameters
    ----------
    values
        Shape (subjects, raters), NaN where a rater has not read a subject.
    units, raters
        Names of rows and columns, in the order of their first appearance.
    categories
        The grades as they stand in `values`: the numbers given, or 0, 1, 2, ... for labels
        in words. Empty if no scale was given.
    """

    values: NDArray[np.float64]
    units: tuple[str, ...]
    raters: tuple[str, ...]
    categories: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Grades:
    """Checked grades.

    Parameters
    ----------
    codes
        Shape (subjects, raters): position of each grade in the scale, -1 if missing.
    categories
        The scale's full list of grades, in order.
    """

    codes: NDArray[np.intp]
    categories: tuple[float, ...]


def rating_array(ratings: ArrayLike, *, raters: int | None = None) -> NDArray[np.float64]:
    """Check readings that are numbers.

    Parameters
    ----------
    ratings
        Shape (subjects, raters), NaN where missing.
    raters
        How many raters the method is for; None for two or more.

    Raises
    ------
    StatisticsError
        If the shape is wrong, a value is not a number, or is infinite.
    """
    try:
        x = np.asarray(ratings, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise StatisticsError(
            "readings are numbers, NaN where missing, as many in each row as there are raters. "
            "Code grades in words as whole numbers"
        ) from error
    if x.ndim != 2 or x.shape[1] < 2:
        raise StatisticsError(
            f"readings are a table with a row per subject and a column per rater, two raters "
            f"at least; found shape {x.shape}"
        )
    if raters is not None and x.shape[1] != raters:
        raise StatisticsError(f"this method compares {raters} raters; found {x.shape[1]}")
    wrong = np.abs(x) > LARGEST
    if wrong.any():
        raise StatisticsError(
            f"readings are numbers of a size below {LARGEST:g}; found {_places(x, wrong)}"
        )
    return x


def graded(ratings: ArrayLike, categories: Sequence[float], *, raters: int | None = None) -> Grades:
    """Check grades against their scale.

    Parameters
    ----------
    ratings
        Shape (subjects, raters), NaN where missing.
    categories
        All grades of the scale in order, used or not: an unused grade still counts in
        weights and in chance agreement.
    raters
        How many raters the method is for; None for two or more.

    Raises
    ------
    StatisticsError
        If a grade is not on the scale (all such are counted), or the scale has fewer than
        two grades or one twice.
    """
    try:
        scale = np.asarray(categories, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise StatisticsError("the grades of a scale are numbers") from error
    if scale.ndim != 1 or len(scale) < 2 or not np.isfinite(scale).all():
        raise StatisticsError(
            f"a scale has at least two grades, all of them numbers; found {list(categories)!r}"
        )
    if len(np.unique(scale)) < len(scale):
        raise StatisticsError(f"a scale names each grade once; found {list(categories)!r}")
    x = rating_array(ratings, raters=raters)
    order = np.argsort(scale)
    place = np.minimum(np.searchsorted(scale[order], x), len(scale) - 1)
    codes = order[place]
    known = ~np.isnan(x)
    wrong = known & (scale[codes] != x)
    if wrong.any():
        raise StatisticsError(
            f"a reading is one of the scale's grades {[float(g) for g in scale]}; "
            f"found {_places(x, wrong)}. Correct the readings or give the scale's full list"
        )
    return Grades(np.where(known, codes, -1).astype(np.intp), tuple(float(g) for g in scale))


def _places(x: NDArray[np.float64], wrong: NDArray[np.bool_]) -> str:
    cells = np.argwhere(wrong)
    shown = ", ".join(
        f"{x[row, column]:g} (subject {row + 1}, rater {column + 1})"
        for row, column in cells[:SHOWN]
    )
    return shown if len(cells) <= SHOWN else f"{shown} and {len(cells) - SHOWN} more"


def agreement_weights(kind: Weights, n_categories: int) -> NDArray[np.float64]:
    """Return how far two grades agree, from 1 (the same) to 0 (the ends of the scale).

    Grades i and j (positions in the scale's list, not their values) of q agree to
    1 - |i - j| / (q - 1) (linear, Cicchetti & Allison 1971), to 1 - (i - j)^2 / (q - 1)^2
    (quadratic, Fleiss & Cohen 1973), or only if they are the same (unweighted).
    """
    if kind not in get_args(Weights):
        raise StatisticsError(f"weights are one of {', '.join(get_args(Weights))}; found {kind!r}")
    if kind == "unweighted":
        return np.eye(n_categories)
    steps = np.arange(n_categories, dtype=np.float64)
    distance = np.abs(steps[:, None] - steps[None, :]) / (n_categories - 1)
    weights: NDArray[np.float64] = 1.0 - (distance if kind == "linear" else distance**2)
    return weights


def within_one(
    estimate: float, se: float, level: float, df: float | None, method: str
) -> tuple[Interval, float]:
    """Return estimate -/+ quantile x SE, cut at 1 and -1, and the two-sided p of 0.

    Where readings are missing a coefficient may lie below -1; its limit is then not cut.
    `df` is None for the normal distribution, else the degrees of freedom of Student's t.
    """
    quantile = normal_quantile(level) if df is None else t_quantile(level, df)
    low, high = estimate - quantile * se, estimate + quantile * se
    z = estimate / se
    p = bounded(math.erfc(abs(z) / math.sqrt(2.0))) if df is None else from_t(z, df)
    if high > 1.0:
        high, method = 1.0, f"{method}, cut at 1"
    if low < -1.0 <= estimate:
        low, method = -1.0, f"{method}, cut at -1"
    return Interval(low, high, level, method), p


def rating_matrix(
    units: Sequence[object],
    raters: Sequence[object],
    values: Sequence[object],
    *,
    categories: Sequence[object] | None = None,
) -> RatingMatrix:
    """Turn a long table (unit, rater, value) into one row per unit and a column per rater.

    Parameters
    ----------
    units, raters
        Who was read and who read, a name or number for each row.
    values
        The reading: a number, or one of `categories`. None, NaN and empty text are a
        reading that is missing.
    categories
        The scale's full list of grades, numbers or words, in order.

    Raises
    ------
    InputError
        With every problem at once: a unit or rater without a name, a value that is no
        number or not on the scale, a rater who reads a unit twice, fewer than two raters.
        Rows count as in a spreadsheet with a header, the first is row 2; names of units
        and raters are not repeated, because they may be those of persons.
    """
    if not len(units) == len(raters) == len(values):
        raise InputError(
            [
                Problem(
                    rule="units, raters and values have the same length",
                    value=f"{len(units)}, {len(raters)}, {len(values)}",
                    next_step="Give one row per reading",
                )
            ]
        )
    problems: list[Problem] = []
    grades = _grades_by_name(categories, problems)
    cells: dict[tuple[str, str], tuple[int, float]] = {}
    names: tuple[dict[str, int], dict[str, int]] = ({}, {})
    for row, (unit, rater, raw) in enumerate(zip(units, raters, values, strict=True), start=2):
        key = (_text(unit), _text(rater))
        for what, name in zip(("unit", "rater"), key, strict=True):
            if not name:
                problems.append(
                    Problem(rule=f"each reading has a {what}", next_step="Fill it in", row=row)
                )
        value = _number(raw, grades, row, problems)
        if not all(key):
            continue
        for seen, name in zip(names, key, strict=True):
            seen.setdefault(name, len(seen))
        if key in cells:
            problems.append(
                Problem(
                    rule=f"a rater reads a unit once; row {cells[key][0]} is the same pair",
                    value=_text(raw),
                    next_step="Keep one reading, or name the second round as another rater",
                    row=row,
                )
            )
        else:
            cells[key] = (row, value)
    if len(names[1]) < 2:
        problems.append(
            Problem(rule="agreement needs at least two raters", value=str(len(names[1])))
        )
    if problems:
        raise InputError(problems)
    matrix = np.full((len(names[0]), len(names[1])), np.nan)
    for (unit_name, rater_name), (_, value) in cells.items():
        matrix[names[0][unit_name], names[1][rater_name]] = value
    return RatingMatrix(matrix, tuple(names[0]), tuple(names[1]), tuple(grades.values()))


def _grades_by_name(
    categories: Sequence[object] | None, problems: list[Problem]
) -> dict[str, float]:
    if categories is None:
        return {}
    names = [_text(category) for category in categories]
    if len(set(names)) < len(names) or len(names) < 2 or not all(names):
        problems.append(
            Problem(
                rule="a scale has at least two grades and names each once",
                value=", ".join(names),
                next_step="Give the full list of grades in order",
            )
        )
    try:
        return {name: float(name) for name in names}
    except ValueError:
        return {name: float(place) for place, name in enumerate(names)}


def _number(raw: object, grades: dict[str, float], row: int, problems: list[Problem]) -> float:
    text = _text(raw)
    if not text:
        return math.nan
    if text in grades:
        return grades[text]
    if grades:
        rule = f"a reading is one of {', '.join(grades)}"
    else:
        try:
            value = float(text)
        except ValueError:
            value = math.inf
        if abs(value) <= LARGEST:
            return value
        rule = f"a reading is a number of a size below {LARGEST:g}"
    problems.append(
        Problem(rule=rule, value=text, next_step="Correct it or leave it empty", row=row)
    )
    return math.nan


def _text(raw: object) -> str:
    """Return a name or value as text; whole numbers without a decimal point, missing empty."""
    if raw is None or (isinstance(raw, float | np.floating) and math.isnan(raw)):
        return ""
    if isinstance(raw, float | np.floating) and float(raw).is_integer():
        return str(int(raw))
    text = str(raw).strip()
    return "" if text in ("nan", "NaT", "<NA>") else text
