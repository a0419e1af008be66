"""A printed regression model, fitted again to the records."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from myocohort.errors import StatisticsError
from myocohort.papers.candidate import Candidate
from myocohort.papers.entries import Model
from myocohort.papers.groups import column, members
from myocohort.papers.paperfile import Paper
from myocohort.stats.models import MODELS
from myocohort.stats.result import P_OF_INTERVAL, ModelResult

FAMILIES = {"wald": "Wald", "profile": "profile likelihood"}
"""Family of an interval that a paper may print -> what it is called."""


def refit(paper: Paper, entry: Model, table: pd.DataFrame) -> ModelResult:
    """Fit a printed model by the method that the paper names.

    Raises
    ------
    StatisticsError
        When a column is missing or the model cannot be fitted.
    """
    if entry.claimed is None or entry.outcome is None:
        raise StatisticsError("the paper file names no outcome, or no model that can be fitted")
    inside = members(paper, entry.group, table)
    outcome = column(table, "outcome")[inside] == entry.outcome
    names = [line.term for line in entry.terms]
    design = np.column_stack([_term(table, name)[inside.to_numpy()] for name in names])
    return MODELS[entry.claimed].fit(design, outcome.to_numpy(dtype=float), names)


def model_candidates(fitted: ModelResult, field: str) -> tuple[Candidate, ...]:
    """Return a number of a fitted model: `<term>.odds_ratio`, `.low`, `.high` or `.p`.

    Limits and p values come in two families, and the Wald one first: it is what programs print.
    """
    name, _, what = field.rpartition(".")
    term = next(term for term in fitted.terms if term.name == name)
    if what == "odds_ratio":
        return (Candidate(term.odds_ratio, fitted.method),)
    found = []
    for interval_name, label in FAMILIES.items():
        p_name = P_OF_INTERVAL[interval_name]
        by = f"{fitted.method}, {label}"
        limits, p = term.ci.get(interval_name), term.p.get(p_name)
        if what == "p" and p is not None:
            found.append(Candidate(p, by))
        elif what != "p" and limits is not None:
            found.append(Candidate(limits.low if what == "low" else limits.high, by))
    return tuple(found)


def _term(table: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """Return the column of a term: a number as it is, a yes/no or a level as 1 and 0."""
    variable, equals, level = name.partition("=")
    values = column(table, variable)
    if not equals and pd.api.types.is_numeric_dtype(values):
        return np.asarray(values, dtype=float)
    unknown = set(values.dropna()) - {"yes", "no"} if not equals else set()
    if unknown:
        raise StatisticsError(
            f"the term {name!r} needs a level, such as {name}={min(map(str, unknown))}"
        )
    has_level = (values == (level if equals else "yes")).to_numpy(dtype=bool)
    return np.where(values.isna().to_numpy(dtype=bool), np.nan, has_level.astype(float))
