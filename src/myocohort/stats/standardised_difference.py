"""Standardised differences of two groups: the distance in units of their spread."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.errors import StatisticsError
from myocohort.stats.counts import count_table
from myocohort.stats.p_values import normal_quantile
from myocohort.stats.result import Interval, Result
from myocohort.stats.samples import grouped_sample

QUESTION = "How far apart are the two groups, in units of their spread?"
REFERENCE = "Yang D, Dalton JE. SAS Global Forum 2012, paper 335"
MEANS = "Standardised difference of means (both variances averaged)"
RISKS = "Standardised difference of proportions"
CATEGORIES = "Standardised difference of categories (Mahalanobis distance)"
ROUNDING = 1e-12  # variances and differences of proportions below this are 0


def standardised_difference(
    values: ArrayLike, groups: ArrayLike, *, level: float = 0.95, question: str = QUESTION
) -> Result:
    """Measure how far two means are apart, in units of the spread within the groups.

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
        The estimate is the mean of the group with the lower code less that of the other,
        divided by the root of the mean of both variances (n - 1 in the denominator). The
        interval is the normal one; `p` is None, because balance is no matter of a test.
        The estimate is infinite, without an interval and with a warning, if the means
        differ and no group varies. It is None, with a warning, if a group has fewer than
        two values or all values are the same.

    Raises
    ------
    StatisticsError
        If there are more than two groups or a value is not a finite number.

    References
    ----------
    Yang D, Dalton JE. A unified approach to measuring the effect size between two groups
    using SAS. SAS Global Forum 2012, paper 335.
    """
    sample = grouped_sample(values, groups)
    if len(sample.sizes) > 2:
        raise StatisticsError(
            f"a standardised difference compares two groups; found {len(sample.sizes)}. "
            f"Compare them two by two"
        )
    result = Result(
        question=question,
        method=MEANS,
        n=len(sample.values),
        n_missing=sample.n_missing,
        estimate_name="standardised difference (first group less second)",
        reference=REFERENCE,
    )
    normal_quantile(level)  # refuses an impossible level
    reason = sample.nothing_to_compare
    if not reason and int(sample.sizes.min()) < 2:
        reason = "no estimate: a group with one value has no variance"
    if reason:
        return replace(result, warnings=(reason,))
    first, second = sample.values[sample.groups == 0], sample.values[sample.groups == 1]
    variance = (_variance(first) + _variance(second)) / 2.0
    distance = float(first.mean() - second.mean())
    if variance == 0.0:
        return _infinite(result, distance)
    return _with_interval(result, distance / math.sqrt(variance), len(first), len(second), level)


def standardised_difference_of_categories(
    table: ArrayLike,
    *,
    event: int | None = None,
    level: float = 0.95,
    n_missing: int = 0,
    question: str = QUESTION,
) -> Result:
    """Measure how far apart two groups are in a yes-no variable or in categories.

    Parameters
    ----------
    table
        Counts, shape (2, categories), groups in rows. Categories that nobody is in are left
        out with a warning.
    event
        Column of the event, for a yes-no variable: gives the difference a sign.
    level
        Nominal coverage of the interval.
    n_missing
        Units that are not in the table because a value is missing.
    question
        What is asked, in words.

    Returns
    -------
    Result
        With `event`, the proportion of the first group less that of the second, divided by
        the root of the mean of both variances p (1 - p). Without, the distance (0 or more)
        of the proportions of all categories in the metric of their averaged covariance
        matrices, which for two categories is the same without the sign. Infinite, without
        an interval and with a warning, where the difference goes in a direction in which
        neither group varies. None, with a warning, if a group is empty or everyone is in
        the same category.

    Raises
    ------
    StatisticsError
        If the table does not hold counts or has not two rows, or `event` is not one of two
        columns.

    References
    ----------
    Yang D, Dalton JE. SAS Global Forum 2012, paper 335.
    """
    clean = count_table(table)
    shape = np.shape(table)
    if shape[0] != 2:
        raise StatisticsError(f"a standardised difference compares two groups; found {shape[0]}")
    if event is not None and (shape[1] != 2 or event not in (0, 1)):
        raise StatisticsError(
            f"an event is column 0 or 1 of a table with two columns; "
            f"found column {event!r} of {shape[1]}. Leave it out for more categories"
        )
    normal_quantile(level)  # refuses an impossible level
    what = "first group less second" if event is not None else "distance, without sign"
    result = Result(
        question=question,
        method=CATEGORIES if event is None else RISKS,
        n=clean.n,
        n_missing=n_missing,
        estimate_name=f"standardised difference ({what})",
        warnings=clean.warnings,
        reference=REFERENCE,
    )
    if clean.nothing_to_compare:
        return replace(result, warnings=(*clean.warnings, clean.nothing_to_compare))
    n1, n2 = (int(size) for size in clean.counts.sum(axis=1))
    first, second = clean.counts[0] / n1, clean.counts[1] / n2
    distance = _mahalanobis(first, second)
    if event is not None:
        distance = math.copysign(distance, first[event] - second[event])
    if math.isinf(distance):
        return _infinite(result, distance)
    return _with_interval(result, distance, n1, n2, level)


def _variance(values: NDArray[np.float64]) -> float:
    # equal values have variance 0 exactly, whatever rounding does to their mean
    return 0.0 if values.min() == values.max() else float(values.var(ddof=1))


def _mahalanobis(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    # all categories but the last: the last follows from the others
    difference = (first - second)[:-1]
    covariance = sum(np.diag(p) - np.outer(p, p) for p in (first[:-1], second[:-1])) / 2.0
    spreads, directions = np.linalg.eigh(covariance)
    along = directions.T @ difference
    varies = spreads > ROUNDING
    if np.abs(along[~varies]).max(initial=0.0) > ROUNDING:
        return math.inf
    return math.sqrt(float((along[varies] ** 2 / spreads[varies]).sum()))


def _infinite(result: Result, sign: float) -> Result:
    reason = "infinite, without an interval: the groups differ where neither of them varies"
    return replace(
        result, estimate=math.copysign(math.inf, sign), warnings=(*result.warnings, reason)
    )


def _with_interval(result: Result, estimate: float, n1: int, n2: int, level: float) -> Result:
    n = n1 + n2
    margin = normal_quantile(level) * math.sqrt(n / (n1 * n2) + estimate**2 / (2.0 * n))
    return replace(
        result,
        estimate=estimate,
        interval=Interval(estimate - margin, estimate + margin, level, "normal"),
    )
