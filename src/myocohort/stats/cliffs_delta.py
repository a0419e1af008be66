"""Cliff's delta: how often values of one group exceed those of another."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.errors import StatisticsError
from myocohort.stats.p_values import t_quantile
from myocohort.stats.result import Interval, Result
from myocohort.stats.samples import grouped_sample

METHOD = "Cliff's delta with the asymmetric interval (unbiased variance, t quantile)"
REFERENCE = (
    "Cliff N. Psychol Bull 1993;114:494-509; Feng D, Cliff N. J Mod Appl Stat Methods 2004;3:322"
)


def cliffs_delta(
    values: ArrayLike,
    groups: ArrayLike,
    *,
    level: float = 0.95,
    question: str = "How often are values of one group higher than those of the other?",
) -> Result:
    """Measure how far one group lies above the other, by counting pairs.

    Parameters
    ----------
    values
        One number per unit, NaN if missing.
    groups
        One code per unit, two codes in all; negative if missing.
    level
        Nominal coverage of the interval.
    question
        What is asked, in words.

    Returns
    -------
    Result
        The estimate, from -1 to 1, is the share of pairs in which the first group has the
        higher value less the share in which the second has: 2 U / (n1 n2) - 1. The interval
        belongs to no test, so that `p` is None. Without an interval, with a warning, if a
        group has one value, or the variance estimated is below its least possible value, as
        where the groups do not overlap. Without an estimate, with a warning, if fewer than
        two groups have a value or all values are the same.

    Raises
    ------
    StatisticsError
        If there are more than two groups.

    References
    ----------
    Cliff N. Psychol Bull 1993;114:494-509. Feng D, Cliff N. J Mod Appl Stat Methods
    2004;3:322-332.
    """
    sample = grouped_sample(values, groups)
    if len(sample.sizes) > 2:
        raise StatisticsError(f"Cliff's delta compares two groups; found {len(sample.sizes)}")
    t = t_quantile(level, max(1, len(sample.values) - 2))
    result = Result(
        question=question,
        method=METHOD,
        n=len(sample.values),
        n_missing=sample.n_missing,
        estimate_name="Cliff's delta (first group against second)",
        reference=REFERENCE,
    )
    if sample.nothing_to_compare:
        return replace(result, warnings=(sample.nothing_to_compare,))
    first, second = sample.values[sample.groups == 0], sample.values[sample.groups == 1]
    above, below = _dominance(first, second)
    delta = float((above - below).sum()) / (len(first) * len(second))
    result = replace(result, estimate=delta)
    if min(len(first), len(second)) < 2:
        return replace(result, warnings=("no interval: a group has one value",))
    variance = _unbiased_variance(first, second, delta)
    least = (1.0 - delta**2) / (len(first) * len(second) - 1)
    if variance <= 0.0 or variance < least:
        reason = (
            f"no interval: the values overlap too little to estimate a variance "
            f"(found {variance:.3g}, possible from {least:.3g})"
        )
        return replace(result, warnings=(reason,))
    middle = delta - delta**3
    margin = t * math.sqrt(variance * ((1.0 - delta**2) ** 2 + t * t * variance))
    scale = 1.0 - delta**2 + t * t * variance
    return replace(
        result,
        interval=Interval(
            max(-1.0, (middle - margin) / scale),
            min(1.0, (middle + margin) / scale),
            level,
            "asymmetric (Feng & Cliff 2004)",
        ),
    )


def _dominance(
    first: NDArray[np.float64], second: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return for each of `first` how many of `second` are lower, and how many are higher."""
    ordered = np.sort(second)
    lower = np.searchsorted(ordered, first, side="left")
    higher = len(ordered) - np.searchsorted(ordered, first, side="right")
    return lower, higher


def _unbiased_variance(
    first: NDArray[np.float64], second: NDArray[np.float64], delta: float
) -> float:
    n1, n2 = len(first), len(second)
    above, below = _dominance(first, second)
    of_first = (above - below) / n2
    under, over = _dominance(second, first)
    of_second = (over - under) / n1
    untied = float((above + below).sum())
    pairs = untied - n1 * n2 * delta**2  # sum of the squared deviations of all pairs
    between = n2**2 * float(((of_first - delta) ** 2).sum())
    between += n1**2 * float(((of_second - delta) ** 2).sum())
    return (between - pairs) / (n1 * n2 * (n1 - 1.0) * (n2 - 1.0))
