"""The likelihood-ratio chi-square test of a table of counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from myocohort.stats.chi_square import QUESTION
from myocohort.stats.counts import count_table, small_expected_warning
from myocohort.stats.p_values import from_chi_square
from myocohort.stats.result import Result

METHOD = "Likelihood-ratio chi-square test (G-squared)"
REFERENCE = "Wilks SS. Ann Math Stat 1935;6:190-196"


def likelihood_ratio_chi_square(
    table: ArrayLike, *, n_missing: int = 0, question: str = QUESTION
) -> Result:
    """Test whether groups and categories are independent, by the ratio of likelihoods.

    This is what SPSS prints as "Likelihood Ratio" below a cross table.

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
        `p` is None, with a warning, if fewer than two groups or categories are filled.

    Raises
    ------
    StatisticsError
        If the table does not hold counts.

    References
    ----------
    Wilks SS. Ann Math Stat 1935;6:190-196.
    """
    clean = count_table(table)
    if clean.nothing_to_compare:
        return Result(
            question=question,
            method=METHOD,
            n=clean.n,
            n_missing=n_missing,
            warnings=(*clean.warnings, clean.nothing_to_compare),
            reference=REFERENCE,
        )
    observed = clean.counts
    statistic = max(0.0, 2.0 * float(special.xlogy(observed, observed / clean.expected).sum()))
    df = int(np.prod(np.subtract(observed.shape, 1)))
    return Result(
        question=question,
        method=METHOD,
        n=clean.n,
        n_missing=n_missing,
        statistic=statistic,
        statistic_name="G-squared",
        df=df,
        p=from_chi_square(statistic, df),
        warnings=(*clean.warnings, *small_expected_warning(clean)),
        reference=REFERENCE,
    )
