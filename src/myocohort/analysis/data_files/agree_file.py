"""Agreement of raters in any file: `myocohort agree`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from myocohort.analysis.data_files.dataset import (
    Dataset,
    categories,
    numbers,
    read_dataset,
    require_columns,
)
from myocohort.analysis.wording import effect_text, interval_text, number
from myocohort.errors import InputError, Problem, StatisticsError
from myocohort.stats.agreement import AGREEMENT
from myocohort.stats.ratings import RatingMatrix, rating_matrix


def agree_file(
    path: Path,
    unit: str,
    rater: str,
    value: str,
    *,
    scale: Sequence[str] = (),
    measures: Sequence[str] = (),
) -> dict[str, Any]:
    """Measure the agreement of raters from a table with one row per reading.

    Parameters
    ----------
    path
        CSV or XLSX with one table.
    unit, rater, value
        Columns: what was read, who read it, and the reading.
    scale
        All grades of the scale in order, used or not; none if readings are numbers.
    measures
        Names in `AGREEMENT`; by default see `default_measures`.

    Returns
    -------
    dict
        file, rows, units, raters, readings, n_missing (readings that are not there, of units
        times raters), scale, measures. A measure that cannot be computed carries `error`.

    Raises
    ------
    InputError
        With every problem of the file; or where no measure can be computed.
    """
    data = read_dataset(path)
    require_columns(data, [unit, rater, value], "--unit, --rater, --value")
    matrix = _matrix(data, unit, rater, value, scale)
    n_raters = len(matrix.raters)
    names = measures or default_measures(len(scale), n_raters)
    results = [_measure(name, matrix) for name in names]
    if all("error" in result for result in results):
        reasons = dict.fromkeys(result["error"] for result in results)
        raise InputError(Problem(rule=reason, file=data.file) for reason in reasons)
    return {
        "file": data.file,
        "rows": data.n,
        "units": len(matrix.units),
        "raters": n_raters,
        "readings": int((~np.isnan(matrix.values)).sum()),
        "n_missing": int(np.isnan(matrix.values).sum()),
        "scale": list(scale),
        "measures": results,
    }


def default_measures(grades: int, raters: int) -> tuple[str, ...]:
    """Return the measures for a scale of so many grades; 0 if readings are numbers."""
    two = raters == 2
    if grades == 0:
        return ("icc_2_1", "krippendorff_interval", *(("bland_altman",) if two else ()))
    if grades == 2:
        kappa = "cohen_kappa" if two else "fleiss_kappa"
        return (kappa, "gwet_ac1", "krippendorff_nominal")
    kappas = ("cohen_kappa_quadratic",) if two else ()
    return (*kappas, "gwet_ac2_quadratic", "krippendorff_ordinal")


def _matrix(data: Dataset, unit: str, rater: str, value: str, scale: Sequence[str]) -> RatingMatrix:
    """Return readings by unit and rater; problems are given their file, row and column."""
    grades: list[Any] | None = list(scale) or None
    try:
        grades = [float(grade) for grade in scale] or None
        readings: list[Any] = list(numbers(data, value))
    except ValueError:  # grades in words
        readings = list(categories(data, value))
    try:
        return rating_matrix(
            categories(data, unit), categories(data, rater), readings, categories=grades
        )
    except InputError as error:
        raise InputError(_at(data, value, problem) for problem in error.problems) from error


def _at(data: Dataset, value: str, problem: Problem) -> Problem:
    """Fill in the place; `rating_matrix` counts rows as if no blank line was left out."""

    def shown(row: int) -> int:
        return data.rows[row - 2][0]

    rule = re.sub(r"row (\d+) is", lambda match: f"row {shown(int(match[1]))} is", problem.rule)
    placed = replace(problem, rule=rule, file=data.file)
    if problem.row is None:
        return placed
    return placed.at(row=shown(problem.row), column=value if "reading is" in rule else "")


def _measure(name: str, matrix: RatingMatrix) -> dict[str, Any]:
    measure = AGREEMENT[name]
    entered = {"categories": matrix.categories} if measure.takes == "grades" else {}
    try:
        result = measure.run(matrix.values, **entered)
    except StatisticsError as error:
        return {"name": name, "label": measure.label, "error": str(error)}
    return {"name": name, "label": measure.label, **result.as_dict()}


def agreement_lines(agreed: dict[str, Any]) -> list[str]:
    """Return measures of agreement as lines of text for the terminal."""
    scale = f"; scale {', '.join(agreed['scale'])}" if agreed["scale"] else ""
    lines = [
        f"{agreed['file']}: {agreed['units']} units, {agreed['raters']} raters, "
        f"{agreed['readings']} readings, {agreed['n_missing']} missing{scale}"
    ]
    for measure in agreed["measures"]:
        if "error" in measure:
            lines.append(f"{measure['label']}: {measure['error']}")
            continue
        lines += [
            f"{measure['label']}: {effect_text(measure, 3)}",
            f"  {measure['method']}; n {measure['n']}, missing {measure['n_missing']}",
        ]
        if measure.get("limits"):
            lines += _limits(measure["limits"])
        lines += [f"  warning: {warning}" for warning in measure["warnings"]]
    return lines


def _limits(limits: dict[str, Any]) -> list[str]:
    return [
        f"  {side} limit of agreement {number(limits[side], 3)} "
        f"({interval_text(limits[f'{side}_interval'], 3)})"
        for side in ("lower", "upper")
    ]
