"""The Mann-Whitney U test of two groups."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.errors import StatisticsError
from myocohort.stats.p_values import exact_two_sided, from_normal
from myocohort.stats.result import Result
from myocohort.stats.samples import grouped_sample, rank_sums, tie_term

REFERENCE = "Mann HB, Whitney DR. Ann Math Stat 1947;18:50-60"
EXACT_BELOW = 50  # "auto" is exact if both groups are smaller than this, as in R's wilcox.test
LARGEST_EXACT = 10_000  # product of the group sizes
QUESTION = "Do the values of one group tend to be higher than those of the other?"


def mann_whitney(
    values: ArrayLike,
    groups: ArrayLike,
    *,
    method: Literal["auto", "exact", "asymptotic"] = "auto",
    continuity: bool = False,
    question: str = QUESTION,
) -> Result:
    """Test whether values tend to be higher in one of two groups.

    Parameters
    ----------
    values
        One number per unit, NaN if missing.
    groups
        One code per unit, two codes in all; negative if missing.
    method
        "exact" needs values without ties; "asymptotic" is the normal approximation with
        tie correction, which SPSS prints as "Asymp. Sig."; "auto" is exact without ties
        and with both groups below 50, otherwise asymptotic.
    continuity
        Whether the normal approximation is corrected for continuity by 0.5, as R does by
        default and SPSS does not.
    question
        What is asked, in words.

    Returns
    -------
    Result
        The statistic is U of the group with the lower code: the number of pairs in which
        its value is the higher one, a tie counting one half. The exact p is twice the
        smaller tail. `p` is None, with a warning, if fewer than two groups have a value
        or all values are the same.

    Raises
    ------
    StatisticsError
        If there are more than two groups, or the exact test is asked for with ties or for
        groups whose sizes multiply to more than 10,000.

    References
    ----------
    Mann HB, Whitney DR. Ann Math Stat 1947;18:50-60.
    """
    if method not in ("auto", "exact", "asymptotic"):
        raise StatisticsError(f"method is auto, exact or asymptotic; found {method!r}")
    sample = grouped_sample(values, groups)
    if len(sample.sizes) > 2:
        raise StatisticsError(
            f"Mann-Whitney compares two groups; found {len(sample.sizes)}. Use kruskal_wallis"
        )
    reason = sample.nothing_to_compare
    if reason:
        return Result(
            question=question,
            method="Mann-Whitney U test",
            n=len(sample.values),
            n_missing=sample.n_missing,
            warnings=(reason,),
            reference=REFERENCE,
        )
    n1, n2 = (int(size) for size in sample.sizes)
    sums, ties = rank_sums(sample)
    u = float(sums[0]) - n1 * (n1 + 1) / 2.0
    tied = len(ties) < len(sample.values)
    exact = method == "exact" or (method == "auto" and not tied and max(n1, n2) < EXACT_BELOW)
    if exact and tied:
        raise StatisticsError(
            "the exact Mann-Whitney test is offered for values without ties; "
            "ties were found. Use method 'asymptotic'"
        )
    if exact and n1 * n2 > LARGEST_EXACT:
        raise StatisticsError(
            f"the exact Mann-Whitney test is offered up to n1 x n2 = {LARGEST_EXACT:,}; "
            f"found {n1} x {n2}. Use method 'asymptotic'"
        )
    if exact:
        name = "Mann-Whitney U test, exact, no ties"
        p = exact_two_sided(u_distribution(min(n1, n2), max(n1, n2)), round(u))
    else:
        name = (
            f"Mann-Whitney U test, asymptotic with tie correction, "
            f"{'with' if continuity else 'without'} continuity correction"
        )
        p = _asymptotic(u, n1, n2, tie_term(ties), continuity)
    return Result(
        question=question,
        method=name,
        n=n1 + n2,
        n_missing=sample.n_missing,
        statistic=u,
        statistic_name="U",
        p=p,
        reference=REFERENCE,
    )


def _asymptotic(u: float, n1: int, n2: int, ties: float, continuity: bool) -> float:
    n = n1 + n2
    distance = abs(u - n1 * n2 / 2.0)
    if continuity:
        distance = max(0.0, distance - 0.5)
    variance = n1 * n2 / 12.0 * ((n + 1.0) - ties / (n * (n - 1.0)))
    return from_normal(distance / math.sqrt(variance))


@lru_cache(maxsize=64)
def u_distribution(n1: int, n2: int) -> NDArray[np.float64]:
    """Return how many arrangements of two groups without ties give U = 0, 1, ..., n1 n2.

    Found by adding one rank after the other, choosing whether it belongs to the first
    group; only additions, so that no digits cancel.
    """
    top = n1 * n2
    ways = np.zeros((n1 + 1, top + 1))
    ways[0, 0] = 1.0
    for rank in range(n1 + n2):
        # the i-th of the first group at 0-based rank r beats r - (i - 1) of the second
        for chosen in range(min(rank + 1, n1), 0, -1):
            beaten = rank - chosen + 1
            if beaten <= n2:
                ways[chosen, beaten:] += ways[chosen - 1, : top + 1 - beaten]
    counts: NDArray[np.float64] = ways[n1].copy()
    counts.flags.writeable = False
    return counts
