"""Tail areas of the reference distributions; none of them ever returns a p of 0."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from statistics import NormalDist

from scipy import special

from myocohort.errors import StatisticsError

SMALLEST_P = sys.float_info.min


def bounded(p: float) -> float:
    """Return `p` inside (0, 1]: a tail that underflows becomes 2.2e-308, never 0."""
    return min(1.0, max(float(p), SMALLEST_P))


def from_chi_square(statistic: float, df: float) -> float:
    """Return P(chi-square with `df` degrees of freedom >= `statistic`)."""
    return bounded(special.chdtrc(df, max(statistic, 0.0)))


def from_chi_square_1(statistic: float) -> float:
    """Return P(chi-square with one degree of freedom >= `statistic`), without scipy's overhead."""
    return bounded(math.erfc(math.sqrt(max(statistic, 0.0) / 2.0)))


def from_normal(z: float) -> float:
    """Return the two-sided p of a standard normal deviate."""
    return bounded(math.erfc(abs(z) / math.sqrt(2.0)))


def from_t(t: float, df: float) -> float:
    """Return the two-sided p of Student's t with `df` degrees of freedom."""
    return bounded(2.0 * special.stdtr(df, -abs(t)))


def exact_two_sided(weights: Iterable[float], observed: int) -> float:
    """Return twice the smaller tail of a discrete distribution, at most 1.

    Parameters
    ----------
    weights
        Number of equally likely arrangements that give each value 0, 1, 2, ...
    observed
        The value that was seen.
    """
    counts = list(weights)
    total = math.fsum(counts)
    lower = math.fsum(counts[: observed + 1])
    upper = math.fsum(counts[observed:])
    return bounded(2.0 * min(lower, upper) / total)


def normal_quantile(level: float) -> float:
    """Return z such that a standard normal deviate lies within -z and z with chance `level`."""
    if not 0.0 < level < 1.0:
        raise StatisticsError(f"a confidence level lies strictly between 0 and 1; found {level!r}")
    return NormalDist().inv_cdf(0.5 + level / 2.0)


def t_quantile(level: float, df: float) -> float:
    """Return t such that Student's t with `df` lies within -t and t with chance `level`."""
    normal_quantile(level)  # refuses an impossible level
    return float(special.stdtrit(df, 0.5 + level / 2.0))
