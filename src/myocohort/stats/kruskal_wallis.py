"""The Kruskal-Wallis test of two or more groups."""

from __future__ import annotations

from numpy.typing import ArrayLike

from myocohort.stats.p_values import from_chi_square
from myocohort.stats.result import Result
from myocohort.stats.samples import grouped_sample, rank_sums, tie_term

METHOD = "Kruskal-Wallis test, asymptotic with tie correction"
REFERENCE = "Kruskal WH, Wallis WA. J Am Stat Assoc 1952;47:583-621"


def kruskal_wallis(
    values: ArrayLike,
    groups: ArrayLike,
    *,
    question: str = "Do the values of some groups tend to be higher than those of others?",
) -> Result:
    """Test whether values tend to differ between groups, by their ranks.

    Parameters
    ----------
    values
        One number per unit, NaN if missing.
    groups
        One code per unit; negative if missing.
    question
        What is asked, in words.

    Returns
    -------
    Result
        `p` is None, with a warning, if fewer than two groups have a value or all values
        are the same.

    Raises
    ------
    StatisticsError
        If lengths differ or a value is not a finite number.

    References
    ----------
    Kruskal WH, Wallis WA. J Am Stat Assoc 1952;47:583-621.
    """
    sample = grouped_sample(values, groups)
    n = len(sample.values)
    reason = sample.nothing_to_compare
    if reason:
        return Result(
            question=question,
            method=METHOD,
            n=n,
            n_missing=sample.n_missing,
            warnings=(reason,),
            reference=REFERENCE,
        )
    sums, ties = rank_sums(sample)
    distance = sums / sample.sizes - (n + 1) / 2.0
    between = float((sample.sizes * distance**2).sum())
    statistic = 12.0 * between / (n * (n + 1.0)) / (1.0 - tie_term(ties) / (float(n) ** 3 - n))
    df = len(sample.sizes) - 1
    smallest = int(sample.sizes.min())
    warnings: tuple[str, ...] = ()
    if smallest < 5:
        warnings = (
            f"the smallest group has {smallest}: below 5 the chi-square distribution may fit badly",
        )
    return Result(
        question=question,
        method=METHOD,
        n=n,
        n_missing=sample.n_missing,
        statistic=statistic,
        statistic_name="H",
        df=df,
        p=from_chi_square(statistic, df),
        warnings=warnings,
        reference=REFERENCE,
    )
