"""Any printed number, computed anew from an analysis table."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import pandas as pd

from myocohort.errors import StatisticsError
from myocohort.papers.candidate import Candidate
from myocohort.papers.entries import (
    Correlation,
    Count,
    Mean,
    Median,
    Model,
    PrintedNumber,
    PValue,
    Range,
    Size,
)
from myocohort.papers.groups import members, values_of
from myocohort.papers.paperfile import Paper
from myocohort.papers.procedures import correlation, p_candidates
from myocohort.papers.refit import model_candidates
from myocohort.stats.describe import QUANTILE_DEFINITIONS, describe_values
from myocohort.stats.result import ModelResult


def recompute(
    paper: Paper,
    number: PrintedNumber,
    table: pd.DataFrame,
    fits: Mapping[str, ModelResult | StatisticsError],
) -> tuple[Candidate, ...]:
    """Return what the records give for a printed number, by one or more procedures.

    Parameters
    ----------
    paper, number
        The paper, and one of its numbers that is a result of its patients.
    table
        The analysis table: one row a patient, columns `arm`, `outcome` and the variables.
    fits
        The paper's models, fitted to the table, by id; an error where that was impossible.

    Returns
    -------
    tuple of Candidate
        The procedure that the paper names comes first.

    Raises
    ------
    StatisticsError
        When the table does not hold what is needed; the message says what is missing.
    """
    entry = number.entry
    if isinstance(entry, Size):
        size = int(members(paper, entry.group, table).sum())
        return (Candidate(size, f"count of the {paper.groups[entry.group].label}"),)
    if isinstance(entry, Count):
        return (_count(paper, entry, number.field, table),)
    if isinstance(entry, Mean | Median | Range):
        return _summary(paper, entry, number.field, table)
    if isinstance(entry, PValue):
        return p_candidates(paper, entry, table)
    if isinstance(entry, Correlation):
        result = correlation(paper, entry, table)
        value = result.estimate if number.field == "r" else result.p
        if value is None:
            raise StatisticsError("; ".join(result.warnings))
        return (Candidate(value, result.method),)
    if isinstance(entry, Model):
        fitted = fits[entry.id]
        if isinstance(fitted, StatisticsError):
            raise fitted
        found = model_candidates(fitted, number.field)
        if not found:
            raise StatisticsError("; ".join(fitted.warnings))
        return found
    raise StatisticsError("this number is no result of the study's patients")


def _count(paper: Paper, entry: Count, field: str, table: pd.DataFrame) -> Candidate:
    values = values_of(paper, entry.group, entry.variable, table)
    if values.empty:
        raise StatisticsError(
            f"none of the {paper.groups[entry.group].label} has a value of {entry.variable!r}"
        )
    n = int((values == entry.level).sum())
    if field == "n":
        return Candidate(n, f"count of {entry.variable} = {entry.level}")
    return Candidate(Fraction(100 * n, len(values)), f"100 × {n} / {len(values)}")


def _summary(
    paper: Paper, entry: Mean | Median | Range, field: str, table: pd.DataFrame
) -> tuple[Candidate, ...]:
    values = values_of(paper, entry.group, entry.variable, table)
    label = paper.groups[entry.group].label
    try:
        numbers = values.to_numpy(dtype=float)
    except (TypeError, ValueError) as error:
        raise StatisticsError(f"{entry.variable!r} does not hold numbers") from error
    if not len(numbers):
        raise StatisticsError(f"none of the {label} has a value of {entry.variable!r}")
    if field in ("q1", "q3"):
        which = "lower_quartile" if field == "q1" else "upper_quartile"
        return tuple(
            Candidate(getattr(describe_values(numbers, quantiles=name), which), f"quartile, {said}")
            for name, said in QUANTILE_DEFINITIONS.items()
        )
    summary = describe_values(numbers)
    by_field = {
        "mean": (summary.mean, "mean"),
        "sd": (summary.sd, "standard deviation (n - 1)"),
        "median": (summary.median, "median"),
        "low": (summary.minimum, "smallest value"),
        "high": (summary.maximum, "largest value"),
    }
    value, said = by_field[field]
    if value is None:
        raise StatisticsError(f"one value of {entry.variable!r} has no standard deviation")
    return (Candidate(value, f"{said}, n = {len(numbers)}"),)
