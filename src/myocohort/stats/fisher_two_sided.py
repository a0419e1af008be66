"""Fisher's exact test of a 2 x 2 table: two-sided as twice the one-sided p, and the mid-p."""

from __future__ import annotations

from numpy.typing import ArrayLike

from myocohort.errors import StatisticsError
from myocohort.stats.chi_square import QUESTION
from myocohort.stats.counts import count_table
from myocohort.stats.hypergeometric import tables_with_margins
from myocohort.stats.p_values import bounded
from myocohort.stats.result import Result

DOUBLED = "Fisher's exact test, two-sided as twice the smaller one-sided p"
MID_P = "Fisher's test with mid-p, two-sided as twice the smaller one-sided mid-p"
DOUBLED_REFERENCE = "Yates F. J R Stat Soc A 1984;147:426-463"
MID_P_REFERENCE = "Lancaster HO. J Am Stat Assoc 1961;56:223-234"


def fisher_doubled(table: ArrayLike, *, n_missing: int = 0, question: str = QUESTION) -> Result:
    """Test whether two groups differ in a yes-no variable, given the margins.

    Unlike `fisher_exact`, which R and SPSS print, the two-sided p is twice the smaller
    one-sided p (at most 1). It agrees with the interval of `conditional_odds_ratio`.

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
        Without statistic. `p` is None, with a warning, if a group or a category is empty.

    Raises
    ------
    StatisticsError
        If the table does not hold counts, or is larger than 2 x 2 once empty rows and
        columns are left out.

    References
    ----------
    Yates F. J R Stat Soc A 1984;147:426-463.
    """
    return _fisher(table, n_missing=n_missing, question=question, mid=False)


def fisher_mid_p(table: ArrayLike, *, n_missing: int = 0, question: str = QUESTION) -> Result:
    """Test whether two groups differ in a yes-no variable, with the mid-p.

    As `fisher_doubled`, with only half the probability of the observed table counted:
    less conservative, but no longer certain to keep the error level.

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
        Without statistic. `p` is None, with a warning, if a group or a category is empty.

    Raises
    ------
    StatisticsError
        If the table does not hold counts, or is larger than 2 x 2 once empty rows and
        columns are left out.

    References
    ----------
    Lancaster HO. J Am Stat Assoc 1961;56:223-234.
    """
    return _fisher(table, n_missing=n_missing, question=question, mid=True)


def _fisher(table: ArrayLike, *, n_missing: int, question: str, mid: bool) -> Result:
    clean = count_table(table)
    if clean.counts.shape[0] > 2 or clean.counts.shape[1] > 2:
        raise StatisticsError(
            f"the doubled and the mid-p Fisher test are defined for 2 x 2 tables; "
            f"found {clean.counts.shape[0]} x {clean.counts.shape[1]}. Use fisher_exact"
        )
    p, warnings = None, clean.warnings
    if clean.nothing_to_compare:
        warnings = (*warnings, clean.nothing_to_compare)
    else:
        tables = tables_with_margins(clean.counts)
        half = 0.5 * float(tables.probabilities()[tables.observed]) if mid else 0.0
        p = bounded(2.0 * (min(tables.tails()) - half))
    return Result(
        question=question,
        method=MID_P if mid else DOUBLED,
        n=clean.n,
        n_missing=n_missing,
        p=p,
        warnings=warnings,
        reference=MID_P_REFERENCE if mid else DOUBLED_REFERENCE,
    )
