"""The Hodges-Lehmann estimate of the shift between two groups, with its interval."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.errors import StatisticsError
from myocohort.stats.mann_whitney import EXACT_BELOW, mann_whitney, u_distribution
from myocohort.stats.p_values import normal_quantile
from myocohort.stats.result import Interval, Result
from myocohort.stats.samples import grouped_sample, midranks_of_sorted, tie_term

NAME = "Hodges-Lehmann shift (first group less second)"
REFERENCE = "Hodges JL, Lehmann EL. Ann Math Stat 1963;34:598-611"
MOST_DIFFERENCES = 10_000_000


def hodges_lehmann(
    values: ArrayLike,
    groups: ArrayLike,
    *,
    method: Literal["auto", "exact", "asymptotic"] = "auto",
    level: float = 0.95,
    question: str = "By how much are the values of one group higher than those of the other?",
) -> Result:
    """Estimate by how much the values of one group are shifted against the other's.

    The estimate is the median of all differences between a value of the first and a value
    of the second group. The interval holds the shifts that the Mann-Whitney test does not
    reject; its limits are differences too.

    Parameters
    ----------
    values
        One number per unit, NaN if missing.
    groups
        One code per unit, two codes in all; negative if missing.
    method
        "exact" needs values without ties, and is that of R's `wilcox.test(conf.int = TRUE)`;
        "asymptotic" is the normal approximation with tie and continuity correction, which
        R finds by iteration and prints with an error up to 1e-4; "auto" is exact without
        ties and with both groups below 50.
    level
        Coverage of the interval.
    question
        What is asked, in words.

    Returns
    -------
    Result
        In the unit of the values. The p is that of the Mann-Whitney test by the same method.
        Both limits are infinite, with a warning, if the groups are too small for the level.
        Estimate and p are None, with a warning, if fewer than two groups have a value or
        all values are the same.

    Raises
    ------
    StatisticsError
        If there are more than two groups, the exact method is asked for with ties or for
        groups whose sizes multiply to more than 10,000, or there are more than 10,000,000
        differences.

    References
    ----------
    Hodges JL, Lehmann EL. Ann Math Stat 1963;34:598-611. Hollander M, Wolfe DA.
    Nonparametric Statistical Methods. Wiley 1973, pp. 75-82.
    """
    z = normal_quantile(level)
    sample = grouped_sample(values, groups)
    sizes = sample.sizes
    if method == "auto":
        small = bool(len(sizes)) and int(sizes.max()) < EXACT_BELOW
        tied = len(np.unique(sample.values)) < len(sample.values)
        method = "exact" if small and not tied else "asymptotic"
    tested = mann_whitney(
        values, groups, method=method, continuity=method == "asymptotic", question=question
    )
    tested = replace(tested, estimate_name=NAME, reference=REFERENCE)
    if tested.p is None:
        return tested
    first, second = sample.values[sample.groups == 0], sample.values[sample.groups == 1]
    pairs = len(first) * len(second)
    if pairs > MOST_DIFFERENCES:
        raise StatisticsError(
            f"the Hodges-Lehmann shift is offered for up to {MOST_DIFFERENCES:,} differences; "
            f"found {pairs:,}. Use cliffs_delta"
        )
    differences = np.sort((first[:, np.newaxis] - second).ravel())
    if method == "exact":
        left_out = _left_out_exact(len(first), len(second), level)
        how = "exact distribution of U"
    else:
        left_out = _left_out_asymptotic(first, second, z)
        how = "normal approximation with tie and continuity correction"
    warnings = tested.warnings
    if left_out == 0:
        low, high = -math.inf, math.inf
        warnings = (
            *warnings,
            f"{len(first)} against {len(second)} values are too few to exclude any shift "
            f"at the level {level:g}",
        )
    else:
        low, high = float(differences[left_out - 1]), float(differences[pairs - left_out])
    return replace(
        tested,
        method=f"{NAME.split(' (')[0]}, limits by the {how}; p: {tested.method}",
        estimate=float(np.median(differences)),
        interval=Interval(low, high, level, f"ordered differences, {how}"),
        warnings=warnings,
    )


def _left_out_exact(n1: int, n2: int, level: float) -> int:
    """Return which difference from either end is the limit; 0 if there is none."""
    counts = u_distribution(min(n1, n2), max(n1, n2))
    below = np.cumsum(counts) / counts.sum()
    # rounding must not turn a chance of exactly (1 - level) / 2 into one below it
    return int(np.searchsorted(below, (1.0 - level) / 2.0 * (1.0 - 1e-12)))


def _left_out_asymptotic(first: NDArray[np.float64], second: NDArray[np.float64], z: float) -> int:
    # shifted by anything but a difference, the groups share no value: only ties within them
    ties = sum(tie_term(midranks_of_sorted(np.sort(group))[1]) for group in (first, second))
    n1, n2 = len(first), len(second)
    n = n1 + n2
    variance = n1 * n2 / 12.0 * ((n + 1.0) - ties / (n * (n - 1.0)))
    return max(0, math.ceil(n1 * n2 / 2.0 - 0.5 - z * math.sqrt(variance)))
