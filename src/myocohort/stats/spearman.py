"""Spearman's rank correlation."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.errors import StatisticsError
from myocohort.stats.p_values import exact_two_sided, from_normal, from_t, normal_quantile
from myocohort.stats.result import Interval, Result
from myocohort.stats.samples import midranks_of_sorted, numbers

REFERENCE = "Spearman C. Am J Psychol 1904;15:72-101"
LIMITS_REFERENCE = "Bonett DG, Wright TA. Psychometrika 2000;65:23-28"
LARGEST_EXACT = 10


def spearman(
    x: ArrayLike,
    y: ArrayLike,
    *,
    method: Literal["auto", "exact", "t"] = "auto",
    question: str = "Do higher values of the one go with higher values of the other?",
) -> Result:
    """Measure and test the monotone association of two measurements.

    Parameters
    ----------
    x, y
        One number of each per unit, NaN if missing.
    method
        "exact" enumerates all orders, for at most 10 pairs without ties; "t" is the t
        approximation with n - 2 degrees of freedom, which SPSS prints; "auto" is exact
        where that is possible.
    question
        What is asked, in words.

    Returns
    -------
    Result
        The estimate is rho, from -1 to 1. `p` is None, with a warning, if fewer than three
        pairs are known, one measurement does not vary, or |rho| is 1 and only the t
        approximation is left, which has no answer there.

    Raises
    ------
    StatisticsError
        If lengths differ, a value is not a finite number, or the exact test is asked for
        with ties or more than 10 pairs.

    References
    ----------
    Spearman C. Am J Psychol 1904;15:72-101.
    """
    if method not in ("auto", "exact", "t"):
        raise StatisticsError(f"method is auto, exact or t; found {method!r}")
    first, second = numbers(x, "x"), numbers(y, "y")
    if len(first) != len(second):
        raise StatisticsError(f"x and y come in pairs; found {len(first)} and {len(second)} values")
    known = ~(np.isnan(first) | np.isnan(second))
    n_missing = int(known.size - np.count_nonzero(known))
    first, second = first[known], second[known]
    n = len(first)
    reason = _nothing_to_correlate(first, second)
    if reason:
        return Result(
            question=question,
            method="Spearman's rank correlation",
            n=n,
            n_missing=n_missing,
            warnings=(reason,),
            reference=REFERENCE,
        )
    (rank_x, tied_x), (rank_y, tied_y) = _ranks(first), _ranks(second)
    u, v = rank_x - (n + 1) / 2.0, rank_y - (n + 1) / 2.0
    rho = max(-1.0, min(1.0, float(u @ v / math.sqrt((u @ u) * (v @ v)))))
    possible = n <= LARGEST_EXACT and not (tied_x or tied_y)
    if method == "exact" and not possible:
        raise StatisticsError(
            f"the exact test of Spearman's rho is offered for at most {LARGEST_EXACT} pairs "
            f"without ties; found {n} pairs{' with ties' if tied_x or tied_y else ''}"
        )
    statistic, name, df, p = None, None, None, None
    warnings: tuple[str, ...] = ()
    if possible and method != "t":
        label = "Spearman's rank correlation, exact p, no ties"
        squares = float(((rank_x - rank_y) ** 2).sum())
        statistic, name = squares, "sum of squared rank differences"
        p = exact_two_sided(_half_squares_distribution(n), round(squares / 2))
    else:
        label = "Spearman's rank correlation, p by the t approximation"
        if abs(rho) == 1.0:
            warnings = ("no p: the t approximation has no answer for a perfect correlation",)
        else:
            statistic, name, df = rho * math.sqrt((n - 2) / (1.0 - rho**2)), "t", n - 2
            p = from_t(statistic, df)
    return Result(
        question=question,
        method=label,
        n=n,
        n_missing=n_missing,
        statistic=statistic,
        statistic_name=name,
        df=df,
        estimate=rho,
        estimate_name="Spearman's rho",
        p=p,
        warnings=warnings,
        reference=REFERENCE,
    )


def spearman_limits(rho: float, n: int, *, level: float = 0.95) -> tuple[Interval, float] | None:
    """Return limits of Spearman's rho, with the p value that belongs to them.

    Fisher's z of rho with the variance (1 + rho^2 / 2) / (n - 3). The p is below 1 - level
    where the limits exclude 0; it is not the p of the usual test, whose variance is that of no
    association. With few pairs (25) or |rho| above 0.9 the coverage is poor.

    Parameters
    ----------
    rho
        The estimate, from -1 to 1.
    n
        Pairs.
    level
        Nominal coverage, between 0 and 1.

    Returns
    -------
    (Interval, float) or None
        None with fewer than 4 pairs or |rho| of 1, where there is no such interval.

    References
    ----------
    Bonett DG, Wright TA. Psychometrika 2000;65:23-28.
    """
    if not -1.0 <= rho <= 1.0:
        raise StatisticsError(f"rho lies from -1 to 1; found {rho:g}")
    quantile = normal_quantile(level)
    if n < 4 or abs(rho) == 1.0:
        return None
    z, error = math.atanh(rho), math.sqrt((1.0 + rho * rho / 2.0) / (n - 3))
    low, high = math.tanh(z - quantile * error), math.tanh(z + quantile * error)
    method = "Fisher's z with the variance of Bonett and Wright"
    return Interval(low, high, level, method), from_normal(z / error)


def exact_spearman(n: int) -> tuple[tuple[float, float], ...]:
    """Return each rho that n pairs without ties can have, from 1 down, with its exact p.

    Two-sided: twice the smaller tail over all orders, at most 1. For n from 3 to 10.
    """
    if not 3 <= n <= LARGEST_EXACT:
        raise StatisticsError(f"all orders are counted for 3 to {LARGEST_EXACT} pairs; found {n}")
    ways = _half_squares_distribution(n)
    return tuple(
        (1.0 - 12.0 * half / (n * (n * n - 1)), exact_two_sided(ways, half))
        for half, orders in enumerate(ways)
        if orders
    )


def _nothing_to_correlate(first: NDArray[np.float64], second: NDArray[np.float64]) -> str:
    if len(first) < 3:
        return f"no test: a correlation needs at least 3 pairs; found {len(first)}"
    if first.min() == first.max() or second.min() == second.max():
        return "no test: one of the two measurements does not vary"
    return ""


def _ranks(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], bool]:
    order = np.argsort(values)
    in_order, ties = midranks_of_sorted(values[order])
    ranks = np.empty_like(in_order)
    ranks[order] = in_order
    return ranks, len(ties) < len(values)


@lru_cache(maxsize=LARGEST_EXACT)
def _half_squares_distribution(n: int) -> tuple[float, ...]:
    """Return how many orders of n give half the sum of squared rank differences 0, 1, 2, ...

    The sum is always even. Orders are built place by place; what matters of the places
    already filled is only the set of ranks that they used.
    """
    top = n * (n * n - 1) // 3
    ways = np.zeros((1 << n, top + 1))
    ways[0, 0] = 1.0
    for used in range(1 << n):
        place = used.bit_count()
        for rank in range(n):
            if not used >> rank & 1:
                square = (place - rank) ** 2
                ways[used | 1 << rank, square:] += ways[used, : top + 1 - square]
    return tuple(float(count) for count in ways[-1, ::2])
