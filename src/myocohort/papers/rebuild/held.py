"""Which printed numbers the rebuilt records were built to, and have."""

from __future__ import annotations

import pandas as pd

from myocohort.errors import StatisticsError
from myocohort.papers.entries import Count, PrintedNumber, PValue, Same
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import agrees, interval
from myocohort.papers.procedures import compares
from myocohort.papers.recompute import recompute
from myocohort.papers.refit import refit

SUMMARIES = ("count", "mean", "sd", "median", "quartile", "limit", "odds_ratio")


def fitted_numbers(paper: Paper, table: pd.DataFrame, inferred: frozenset[str]) -> frozenset[str]:
    """Return the ids of the printed numbers that the records were built to have.

    A summary of values (a count, a mean, a correlation, an odds ratio) that the records give
    is put down as fitted, and so is the p value of a comparison of values: the values were
    made up to give them. What only follows from them - percentages, the p values of counts,
    the limits and p values of the model - is not, except that a percentage is fitted where
    the number of patients behind it was inferred from it. A number that is stated again is
    fitted where the first statement is.

    Parameters
    ----------
    paper
        The paper file.
    table
        The analysis table of the rebuilt patients.
    inferred
        Variables for which the number of patients was inferred from printed percentages.
    """
    fits = {entry.id: refit(paper, entry, table) for entry in paper.model}

    def holds(number: PrintedNumber) -> bool:
        try:
            candidates = recompute(paper, number, table, fits)
        except StatisticsError:
            return False
        return any(agrees(number.text, c.value) for c in candidates if c.claimed)

    numbers = paper.numbers()
    fitted = {
        number.id for number in numbers if _can_be_fitted(paper, number, inferred) and holds(number)
    }
    texts = {number.id: number.text for number in numbers}
    again = {
        number.id
        for number in numbers
        if isinstance(number.entry, Same)
        and number.entry.of in fitted
        and interval(number.text).meets(interval(texts[number.entry.of]))
    }
    return frozenset(fitted | again)


def _can_be_fitted(paper: Paper, number: PrintedNumber, inferred: frozenset[str]) -> bool:
    entry = number.entry
    if number.kind in SUMMARIES or number.field == "r":
        return True
    if isinstance(entry, Count):
        return entry.variable in inferred
    return isinstance(entry, PValue) and compares(paper, entry) == "values"
