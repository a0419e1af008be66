"""Wilcoxon's signed-rank test of two occasions."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.errors import StatisticsError
from myocohort.stats.p_values import bounded, from_normal, normal_quantile
from myocohort.stats.paired import complete_units
from myocohort.stats.result import Interval, Result
from myocohort.stats.samples import midranks_of_sorted

QUESTION = "Do the values of one occasion tend to be higher than those of the other?"
REFERENCE = "Wilcoxon F. Biometrics Bull 1945;1:80-83"
PRATT_REFERENCE = "Pratt JW. J Am Stat Assoc 1959;54:655-667"
NAME = "Hodges-Lehmann median difference (first occasion less second)"
EXACT_BELOW = 50  # "auto" is exact for fewer differences than this, as in R's wilcox.test
LARGEST_EXACT = 500
LARGEST_ESTIMATE = 4_000
SAME_DIFFERENCE = 1e-10  # of the largest value: 0.3 - 0.1 and 0.2 - 0 are the same difference

Zeros = Literal["wilcoxon", "pratt"]


@dataclass(frozen=True, slots=True)
class _SignedRanks:
    doubled: NDArray[np.intp]  # twice the ranks of the sizes of the differences that are not 0
    positive: NDArray[np.bool_]
    tied: bool


def wilcoxon_signed_rank(
    first: ArrayLike,
    second: ArrayLike,
    *,
    method: Literal["auto", "exact", "asymptotic"] = "auto",
    zeros: Zeros = "wilcoxon",
    continuity: bool = False,
    level: float = 0.95,
    question: str = QUESTION,
) -> Result:
    """Test whether values tend to be higher on one of two occasions in the same units.

    Parameters
    ----------
    first, second
        One number per unit, NaN if missing; the units in the same order.
    method
        "exact" counts all ways of giving signs to the ranks, ties keeping their mean rank;
        "asymptotic" is the normal approximation with tie correction; "auto" is exact for
        fewer than 50 differences.
    zeros
        What becomes of units without a difference: "wilcoxon" leaves them out before
        ranking, as R and SPSS do; "pratt" ranks them, and then leaves their ranks out.
    continuity
        Whether the normal approximation is corrected for continuity by 0.5, as R does by
        default and SPSS does not.
    level
        Coverage of the interval.
    question
        What is asked, in words.

    Returns
    -------
    Result
        The statistic V is the sum of the ranks of the units with a higher first value. The
        exact p is twice the smaller tail. The estimate is the median of the means of each
        two differences (up to 4,000 units); its exact interval is there if the test is
        exact, without ties and differences of 0, and both limits are infinite, with a
        warning, where there are too few units for the level. `p` is None, with a warning,
        if no unit differs.

    Raises
    ------
    StatisticsError
        If lengths differ, a value is not a finite number, or the exact test is asked for
        with more than 500 differences.

    References
    ----------
    Wilcoxon F. Biometrics Bull 1945;1:80-83. Pratt JW. J Am Stat Assoc 1959;54:655-667.
    Hodges JL, Lehmann EL. Ann Math Stat 1963;34:598-611.
    """
    if method not in ("auto", "exact", "asymptotic"):
        raise StatisticsError(f"method is auto, exact or asymptotic; found {method!r}")
    if zeros not in ("wilcoxon", "pratt"):
        raise StatisticsError(f"zeros is wilcoxon or pratt; found {zeros!r}")
    normal_quantile(level)  # refuses an impossible level
    values, n_missing = complete_units(first, second)
    differences = paired_differences(values)
    result = Result(
        question=question,
        method="Wilcoxon signed-rank test",
        n=len(differences),
        n_missing=n_missing,
        estimate_name=NAME,
        reference=PRATT_REFERENCE if zeros == "pratt" else REFERENCE,
    )
    n_zero = int(np.count_nonzero(differences == 0.0))
    count = len(differences) - n_zero
    if not count:
        reason = "no unit differs between the occasions" if n_zero else "no unit is complete"
        return replace(result, warnings=(f"no test: {reason}",))
    exact = method == "exact" or (method == "auto" and count < EXACT_BELOW)
    if exact and count > LARGEST_EXACT:
        raise StatisticsError(
            f"the exact signed-rank test is offered for up to {LARGEST_EXACT} differences; "
            f"found {count}. Use method 'asymptotic'"
        )
    ranks = _signed_ranks(differences, zeros)
    distinct = not ranks.tied and (not n_zero or zeros == "wilcoxon")
    doubled_v = int(ranks.doubled[ranks.positive].sum())
    if exact:
        how = "no ties" if distinct else "permutation distribution given the ranks"
        name = f"Wilcoxon signed-rank test, exact, {how}"
        p = _exact_p(ranks.doubled, doubled_v)
    else:
        name = (
            f"Wilcoxon signed-rank test, asymptotic with tie correction, "
            f"{'with' if continuity else 'without'} continuity correction"
        )
        p = _asymptotic_p(ranks.doubled, doubled_v, continuity)
    rule = "left out before ranking" if zeros == "wilcoxon" else "ranked, then left out (Pratt)"
    warnings: tuple[str, ...] = ()
    if n_zero:
        name += f"; differences of 0 {rule}"
        warnings = (f"{n_zero} of {len(differences)} units do not differ: {rule}",)
    result = replace(
        result,
        method=name,
        statistic=doubled_v / 2.0,
        statistic_name="V",
        p=p,
        warnings=warnings,
    )
    if len(differences) > LARGEST_ESTIMATE:
        return result
    return _with_estimate(result, differences, level, exact and distinct and not n_zero)


def paired_differences(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return first less second, the same for differences that only rounding tells apart.

    Parameters
    ----------
    values
        Shape (units, 2), without missing values.
    """
    differences: NDArray[np.float64] = values[:, 0] - values[:, 1]
    if not differences.size:
        return differences
    unit = float(np.abs(values).max()) * SAME_DIFFERENCE
    if unit == 0.0:
        return differences
    order = np.argsort(np.abs(differences))
    sizes = np.abs(differences)[order]
    # a size joins the one below it if they are closer than rounding; the smallest joins 0
    starts = np.diff(sizes, prepend=0.0) > unit
    first = np.maximum.accumulate(np.where(starts, np.arange(len(sizes)), -1))
    joined = np.where(first >= 0, sizes[first], 0.0)
    result = np.empty_like(differences)
    result[order] = joined * np.sign(differences[order])
    return result


def _signed_ranks(differences: NDArray[np.float64], zeros: Zeros) -> _SignedRanks:
    ranked = differences if zeros == "pratt" else differences[differences != 0.0]
    order = np.argsort(np.abs(ranked))
    in_order = ranked[order]
    ranks, _ = midranks_of_sorted(np.abs(in_order))
    kept = in_order != 0.0
    doubled = np.rint(2.0 * ranks[kept]).astype(np.intp)
    return _SignedRanks(
        doubled=doubled,
        positive=in_order[kept] > 0.0,
        tied=len(np.unique(doubled)) < len(doubled),
    )


def _exact_p(doubled: NDArray[np.intp], observed: int) -> float:
    ways = _sums(doubled.tolist())
    tail = min(observed, len(ways) - 1 - observed)  # the distribution is symmetric
    return bounded(2.0 * math.fsum(ways[: tail + 1]) / 2.0 ** len(doubled))


def _sums(doubled: Iterable[int]) -> NDArray[np.float64]:
    """Return how many subsets of the ranks have the sum 0, 1, 2, ..."""
    ranks = tuple(doubled)
    ways = np.zeros(sum(ranks) + 1)
    ways[0] = 1.0
    for rank in ranks:
        ways[rank:] += ways[:-rank].copy()
    return ways


def _asymptotic_p(doubled: NDArray[np.intp], observed: int, continuity: bool) -> float:
    ranks = doubled / 2.0
    distance = abs(observed / 2.0 - ranks.sum() / 2.0)
    if continuity:
        distance = max(0.0, distance - 0.5)
    # the sum of squared mean ranks has the correction for ties in it
    return from_normal(distance / math.sqrt(float((ranks**2).sum()) / 4.0))


def _with_estimate(
    result: Result, differences: NDArray[np.float64], level: float, interval: bool
) -> Result:
    n = len(differences)
    rows, columns = np.triu_indices(n)
    means = np.sort((differences[rows] + differences[columns]) / 2.0)
    result = replace(result, estimate=float(np.median(means)))
    if not interval:
        return result
    below = np.cumsum(_sums(range(1, n + 1))) / 2.0**n
    # rounding must not turn a chance of exactly (1 - level) / 2 into one below it
    left_out = int(np.searchsorted(below, (1.0 - level) / 2.0 * (1.0 - 1e-12)))
    how = "ordered means of two differences, exact distribution of V"
    if left_out:
        low, high = float(means[left_out - 1]), float(means[len(means) - left_out])
        return replace(result, interval=Interval(low, high, level, how))
    return replace(
        result,
        interval=Interval(-math.inf, math.inf, level, how),
        warnings=(
            *result.warnings,
            f"{n} units are too few to exclude any difference at the level {level:g}",
        ),
    )
