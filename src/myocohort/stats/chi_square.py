"""Pearson's chi-square test, without and with Yates's correction."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from myocohort.errors import StatisticsError
from myocohort.stats.counts import count_table, small_expected_warning
from myocohort.stats.p_values import from_chi_square
from myocohort.stats.result import Result

QUESTION = "Do the groups differ in how they are spread over the categories?"


def pearson_chi_square(table: ArrayLike, *, n_missing: int = 0, question: str = QUESTION) -> Result:
    """Test whether groups and categories are independent, without continuity correction.

    This is what SPSS prints as "Pearson Chi-Square" and R as
    `chisq.test(correct = FALSE)`.

    Parameters
    ----------
    table
        Counts, shape (groups, categories). Empty rows and columns are left out with a warning.
    n_missing
        Units that are not in the table because a value is missing.
    question
        What is asked, in words.

    Returns
    -------
    Result
        With the statistic and its degrees of freedom. `p` is None, with a warning, if fewer
        than two groups or categories are filled.

    Raises
    ------
    StatisticsError
        If the table does not hold counts.

    References
    ----------
    Pearson K. Phil Mag 1900;50:157-175.
    """
    return _chi_square(table, n_missing=n_missing, question=question, corrected=False)


def pearson_chi_square_corrected(
    table: ArrayLike, *, n_missing: int = 0, question: str = QUESTION
) -> Result:
    """Test whether two groups differ in a yes-no variable, with Yates's correction.

    This is what SPSS prints as "Continuity Correction" and R as `chisq.test` for a 2 x 2
    table. Each difference between observed and expected count is brought nearer to 0 by
    0.5, but not past 0.

    Parameters
    ----------
    table
        Counts, shape (2, 2).
    n_missing
        Units that are not in the table because a value is missing.
    question
        What is asked, in words.

    Returns
    -------
    Result
        `p` is None, with a warning, if a group or a category is empty.

    Raises
    ------
    StatisticsError
        If the table does not hold counts, or is larger than 2 x 2 once empty rows and
        columns are left out.

    References
    ----------
    Yates F. Suppl J R Stat Soc 1934;1:217-235.
    """
    return _chi_square(table, n_missing=n_missing, question=question, corrected=True)


def _chi_square(table: ArrayLike, *, n_missing: int, question: str, corrected: bool) -> Result:
    clean = count_table(table)
    observed = clean.counts
    if corrected and (observed.shape[0] > 2 or observed.shape[1] > 2):
        raise StatisticsError(
            f"Yates's correction is defined for 2 x 2 tables; "
            f"found {observed.shape[0]} x {observed.shape[1]}. Use pearson_chi_square"
        )
    if corrected:
        method = "Pearson chi-square test with Yates's continuity correction"
        reference = "Yates F. Suppl J R Stat Soc 1934;1:217-235"
    else:
        method = "Pearson chi-square test without continuity correction"
        reference = "Pearson K. Phil Mag 1900;50:157-175"
    if clean.nothing_to_compare:
        return Result(
            question=question,
            method=method,
            n=clean.n,
            n_missing=n_missing,
            warnings=(*clean.warnings, clean.nothing_to_compare),
            reference=reference,
        )
    expected = clean.expected
    distance = np.abs(observed - expected)
    if corrected:
        distance = np.maximum(distance - 0.5, 0.0)
    statistic = float((distance**2 / expected).sum())
    df = (observed.shape[0] - 1) * (observed.shape[1] - 1)
    return Result(
        question=question,
        method=method,
        n=clean.n,
        n_missing=n_missing,
        statistic=statistic,
        statistic_name="chi-square",
        df=df,
        p=from_chi_square(statistic, df),
        warnings=(*clean.warnings, *small_expected_warning(clean)),
        reference=reference,
    )
