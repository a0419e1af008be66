"""The exact Mann-Whitney U test, with ties or without."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.errors import StatisticsError
from myocohort.stats.mann_whitney import LARGEST_EXACT, QUESTION
from myocohort.stats.p_values import bounded
from myocohort.stats.result import Result
from myocohort.stats.samples import grouped_sample, midranks_of_sorted

REFERENCE = "Streitberg B, Rohmel J. Stat Software Newsletter 1986;12:10-17"


def mann_whitney_exact(values: ArrayLike, groups: ArrayLike, *, question: str = QUESTION) -> Result:
    """Test whether values tend to be higher in one of two groups, by all permutations.

    Ties keep their mean ranks, and every way of dealing the ranks to the two groups counts
    as equally likely (shift algorithm). This is `wilcox_test(distribution = "exact")` of R's
    coin, and SPSS's "Exact Sig." of the module Exact Tests.

    Parameters
    ----------
    values
        One number per unit, NaN if missing.
    groups
        One code per unit, two codes in all; negative if missing.
    question
        What is asked, in words.

    Returns
    -------
    Result
        The statistic is U of the group with the lower code, a tie counting one half. The
        two-sided p is the share of permutations whose U is at least as far from its mean;
        without ties that is twice the smaller tail. `p` is None, with a warning, if fewer
        than two groups have a value or all values are the same.

    Raises
    ------
    StatisticsError
        If there are more than two groups, or their sizes multiply to more than 10,000.

    References
    ----------
    Streitberg B, Rohmel J. Stat Software Newsletter 1986;12:10-17. Mann HB, Whitney DR. Ann
    Math Stat 1947;18:50-60.
    """
    sample = grouped_sample(values, groups)
    if len(sample.sizes) > 2:
        raise StatisticsError(
            f"Mann-Whitney compares two groups; found {len(sample.sizes)}. Use kruskal_wallis"
        )
    result = Result(
        question=question,
        method="Mann-Whitney U test, exact",
        n=len(sample.values),
        n_missing=sample.n_missing,
        reference=REFERENCE,
    )
    if sample.nothing_to_compare:
        return replace(result, warnings=(sample.nothing_to_compare,))
    n1, n2 = (int(size) for size in sample.sizes)
    if n1 * n2 > LARGEST_EXACT:
        raise StatisticsError(
            f"the exact Mann-Whitney test is offered up to n1 x n2 = {LARGEST_EXACT:,}; "
            f"found {n1} x {n2}. Use mann_whitney with method 'asymptotic'"
        )
    order = np.argsort(sample.values)
    ranks, ties = midranks_of_sorted(sample.values[order])
    doubled = np.rint(2.0 * ranks).astype(np.intp)
    in_first = sample.groups[order] == 0
    first_sum = int(doubled[in_first].sum())
    tied = len(ties) < len(ranks)
    return replace(
        result,
        method="Mann-Whitney U test, exact, "
        + ("permutation distribution given the ties" if tied else "no ties"),
        statistic=(first_sum - n1 * (n1 + 1)) / 2.0,
        statistic_name="U",
        p=_as_far_from_the_mean(doubled, in_first if n1 <= n2 else ~in_first),
    )


def _as_far_from_the_mean(ranks: NDArray[np.intp], chosen: NDArray[np.bool_]) -> float:
    """Return the share of subsets of this size whose sum is as far from the mean of all."""
    size = int(np.count_nonzero(chosen))
    ways = _sums_of_subsets(ranks, size)
    # distances from the mean times n, so that they are whole numbers
    n, total = len(ranks), int(ranks.sum())
    distance = np.abs(n * np.arange(len(ways)) - size * total)
    observed = abs(n * int(ranks[chosen].sum()) - size * total)
    return bounded(math.fsum(ways[distance >= observed]) / math.fsum(ways))


def _sums_of_subsets(ranks: NDArray[np.intp], size: int) -> NDArray[np.float64]:
    """Return how many subsets of `size` of the ascending ranks have the sum 0, 1, 2, ..."""
    top = int(ranks[len(ranks) - size :].sum())
    ways = np.zeros((size + 1, top + 1))
    ways[0, 0] = 1.0
    for rank in ranks.tolist():
        if rank <= top:
            ways[1:, rank:] += ways[:-1, : top + 1 - rank]
    counts: NDArray[np.float64] = ways[size]
    return counts
