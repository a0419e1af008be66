"""The linear-by-linear association test of a table with ordered groups and categories."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.errors import StatisticsError
from myocohort.stats.counts import count_table
from myocohort.stats.p_values import from_chi_square
from myocohort.stats.result import Result

METHOD = "Linear-by-linear association (Mantel), (N - 1) r-squared"
REFERENCE = "Mantel N. J Am Stat Assoc 1963;58:690-700"


def linear_by_linear(
    table: ArrayLike,
    *,
    row_scores: Sequence[float] | None = None,
    column_scores: Sequence[float] | None = None,
    n_missing: int = 0,
    question: str = "Do higher groups go with higher categories?",
) -> Result:
    """Test for a trend between ordered groups and ordered categories.

    This is what SPSS prints as "Linear-by-Linear Association". For a 2 x 2 table it is
    Pearson's chi-square times (N - 1) / N.

    Parameters
    ----------
    table
        Counts, shape (groups, categories), both in their order.
    row_scores, column_scores
        One number per row and per column of the table as given; 1, 2, 3, ... by default.
    n_missing
        Units that are not in the table because a value is missing.
    question
        What is asked, in words.

    Returns
    -------
    Result
        The estimate is the correlation r of the scores. `p` is None, with a warning, if
        fewer than two groups or categories (or scores) are filled.

    Raises
    ------
    StatisticsError
        If the table does not hold counts, or a score is missing.

    References
    ----------
    Mantel N. J Am Stat Assoc 1963;58:690-700.
    """
    clean = count_table(table)
    shape = np.shape(table)
    rows = _scores(row_scores, shape[0], "row")[clean.rows]
    columns = _scores(column_scores, shape[1], "column")[clean.columns]
    reason = clean.nothing_to_compare
    if not reason and (np.ptp(rows) == 0 or np.ptp(columns) == 0):
        reason = "no test: all filled groups or all filled categories have the same score"
    if reason:
        return Result(
            question=question,
            method=METHOD,
            n=clean.n,
            n_missing=n_missing,
            warnings=(*clean.warnings, reason),
            reference=REFERENCE,
        )
    counts, n = clean.counts, clean.n
    row_sums, column_sums = counts.sum(axis=1), counts.sum(axis=0)
    u = rows - row_sums @ rows / n
    v = columns - column_sums @ columns / n
    r = float(u @ counts @ v / np.sqrt((row_sums @ u**2) * (column_sums @ v**2)))
    r = max(-1.0, min(1.0, r))
    statistic = (n - 1) * r**2
    return Result(
        question=question,
        method=METHOD,
        n=n,
        n_missing=n_missing,
        statistic=statistic,
        statistic_name="M-squared",
        df=1,
        estimate=r,
        estimate_name="correlation of the scores",
        p=from_chi_square(statistic, 1),
        warnings=clean.warnings,
        reference=REFERENCE,
    )


def _scores(scores: Sequence[float] | None, size: int, what: str) -> NDArray[np.float64]:
    values = np.arange(1, size + 1) if scores is None else np.asarray(scores)
    if values.shape != (size,) or not np.isfinite(values).all():
        raise StatisticsError(f"the table has {size} {what}s and needs one {what} score for each")
    return values.astype(np.float64)
