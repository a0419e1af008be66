"""Cramer's V, and phi of a 2 x 2 table."""

from __future__ import annotations

import math
from dataclasses import replace

from numpy.typing import ArrayLike

from myocohort.stats.chi_square import pearson_chi_square
from myocohort.stats.counts import count_table
from myocohort.stats.result import Result

METHOD = "Cramer's V from Pearson's chi-square without continuity correction"
PHI = "Phi coefficient from Pearson's chi-square without continuity correction"
REFERENCE = "Cramer H. Mathematical Methods of Statistics. Princeton 1946, p. 282"


def cramers_v(
    table: ArrayLike,
    *,
    n_missing: int = 0,
    question: str = "How strongly do the groups and the categories go together?",
) -> Result:
    """Measure how strongly groups and categories go together.

    Parameters
    ----------
    table
        Counts, shape (groups, categories). Empty rows and columns are left out with a
        warning.
    n_missing
        Units that are not in the table because a value is missing.
    question
        What is asked, in words.

    Returns
    -------
    Result
        Cramer's V from 0 to 1, not corrected for its bias in small samples; for a 2 x 2
        table phi from -1 to 1, positive if the first group has more of the first category.
        Without an interval. Estimate and p are None, with a warning, if fewer than two
        groups or categories are filled.

    Raises
    ------
    StatisticsError
        If the table does not hold counts.

    References
    ----------
    Cramer H. Mathematical Methods of Statistics. Princeton 1946, p. 282.
    """
    clean = count_table(table)
    phi = clean.counts.shape == (2, 2)
    tested = replace(
        pearson_chi_square(table, n_missing=n_missing, question=question),
        method=PHI if phi else METHOD,
        estimate_name="phi" if phi else "Cramer's V",
        reference=REFERENCE,
    )
    if tested.statistic is None:
        return tested
    v = math.sqrt(min(1.0, tested.statistic / clean.n / (min(clean.counts.shape) - 1)))
    if phi:
        v = math.copysign(v, clean.counts[0, 0] - clean.expected[0, 0])
    return replace(tested, estimate=v)
