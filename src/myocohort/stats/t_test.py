"""Student's and Welch's t tests of two groups, from values or from printed summaries."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from myocohort.errors import StatisticsError
from myocohort.stats.p_values import from_t, t_quantile
from myocohort.stats.result import Interval, Result
from myocohort.stats.samples import Sample, grouped_sample

QUESTION = "Do the means of the two groups differ?"
STUDENT = "Student's t test (equal variances)"
WELCH = "Welch's t test (unequal variances)"
STUDENT_REFERENCE = "Student. Biometrika 1908;6:1-25"
WELCH_REFERENCE = "Welch BL. Biometrika 1947;34:28-35"


@dataclass(frozen=True, slots=True)
class _Group:
    n: int
    mean: float
    variance: float  # 0 for one value, where it has no weight


def student_t(
    values: ArrayLike, groups: ArrayLike, *, level: float = 0.95, question: str = QUESTION
) -> Result:
    """Test whether two means differ, taking the variances of the groups to be equal.

    Parameters
    ----------
    values
        One number per unit, NaN if missing.
    groups
        One code per unit, two codes in all; negative if missing.
    level
        Coverage of the interval.
    question
        What is asked, in words.

    Returns
    -------
    Result
        The estimate is the mean of the group with the lower code less that of the other,
        in the unit of the values. `p` is None, with a warning, if fewer than two groups
        have a value, there are fewer than three values, or no group varies.

    Raises
    ------
    StatisticsError
        If there are more than two groups or a value is not a finite number.

    References
    ----------
    Student. Biometrika 1908;6:1-25.
    """
    return _from_values(values, groups, level, question, welch=False)


def welch_t(
    values: ArrayLike, groups: ArrayLike, *, level: float = 0.95, question: str = QUESTION
) -> Result:
    """Test whether two means differ, with a variance for each group.

    Parameters, result and errors are those of `student_t`; `p` is None, with a warning,
    also if a group has a single value.

    References
    ----------
    Welch BL. Biometrika 1947;34:28-35.
    """
    return _from_values(values, groups, level, question, welch=True)


def student_t_from_summary(
    n: Sequence[int],
    mean: Sequence[float],
    sd: Sequence[float | None],
    *,
    level: float = 0.95,
    n_missing: int = 0,
    question: str = QUESTION,
) -> Result:
    """Test whether two means differ from n, mean and SD, taking the variances to be equal.

    Parameters
    ----------
    n, mean, sd
        Two of each, in the same order. SD with n - 1 in the denominator, at least 0; None
        for a group of one.
    level
        Coverage of the interval.
    n_missing
        Units without a value.
    question
        What is asked, in words.

    Returns
    -------
    Result
        As `student_t`.

    Raises
    ------
    StatisticsError
        If not exactly two groups are given, n is below 1, or SD is negative or missing
        where n is above 1.

    References
    ----------
    Student. Biometrika 1908;6:1-25.
    """
    return _compare(_from_summary(n, mean, sd), n_missing, level, question, welch=False)


def welch_t_from_summary(
    n: Sequence[int],
    mean: Sequence[float],
    sd: Sequence[float | None],
    *,
    level: float = 0.95,
    n_missing: int = 0,
    question: str = QUESTION,
) -> Result:
    """Test whether two means differ from n, mean and SD, with a variance for each group.

    Parameters, result and errors are those of `student_t_from_summary`; `p` is None, with
    a warning, also if a group has a single value.

    References
    ----------
    Welch BL. Biometrika 1947;34:28-35.
    """
    return _compare(_from_summary(n, mean, sd), n_missing, level, question, welch=True)


def _from_values(
    values: ArrayLike, groups: ArrayLike, level: float, question: str, *, welch: bool
) -> Result:
    sample = grouped_sample(values, groups)
    if len(sample.sizes) > 2:
        raise StatisticsError(f"a t test compares two groups; found {len(sample.sizes)}")
    reason = sample.nothing_to_compare
    if reason:
        return _no_test(reason, len(sample.values), sample.n_missing, question, welch=welch)
    return _compare(_summarise(sample), sample.n_missing, level, question, welch=welch)


def _summarise(sample: Sample) -> tuple[_Group, _Group]:
    first = sample.values[sample.groups == 0]
    second = sample.values[sample.groups == 1]
    a, b = (
        # a group of equal values has variance 0 exactly, whatever rounding does to its mean
        _Group(len(x), float(x.mean()), 0.0 if x.min() == x.max() else float(np.var(x, ddof=1)))
        for x in (first, second)
    )
    return a, b


def _from_summary(
    n: Sequence[int], mean: Sequence[float], sd: Sequence[float | None]
) -> tuple[_Group, _Group]:
    if not len(n) == len(mean) == len(sd) == 2:
        raise StatisticsError("a t test needs n, mean and SD of exactly two groups")
    groups = []
    for number, (size, average, spread) in enumerate(zip(n, mean, sd, strict=True), start=1):
        if size < 1 or size != int(size):
            raise StatisticsError(f"group {number}: n is a whole number from 1; found {size!r}")
        if not math.isfinite(average):
            raise StatisticsError(f"group {number}: the mean is a finite number; found {average!r}")
        if size == 1:
            groups.append(_Group(1, float(average), 0.0))
        elif spread is None or not (math.isfinite(spread) and spread >= 0):
            raise StatisticsError(f"group {number}: the SD is at least 0; found {spread!r}")
        else:
            groups.append(_Group(int(size), float(average), float(spread) ** 2))
    return groups[0], groups[1]


def _compare(
    groups: tuple[_Group, _Group], n_missing: int, level: float, question: str, *, welch: bool
) -> Result:
    a, b = groups
    n = a.n + b.n
    reason = ""
    if welch and min(a.n, b.n) < 2:
        reason = "no test: a group with one value has no variance, which Welch's t test needs"
    elif n < 3:
        reason = "no test: two values leave no degrees of freedom"
    elif a.variance == 0 and b.variance == 0:
        reason = "no test: the values do not vary within either group"
    if reason:
        return _no_test(reason, n, n_missing, question, welch=welch)
    if welch:
        va, vb = a.variance / a.n, b.variance / b.n
        square = va + vb
        df = square**2 / (va**2 / (a.n - 1) + vb**2 / (b.n - 1))
    else:
        df = float(n - 2)
        pooled = ((a.n - 1) * a.variance + (b.n - 1) * b.variance) / df
        square = pooled * (1.0 / a.n + 1.0 / b.n)
    error = math.sqrt(square)
    difference = a.mean - b.mean
    margin = t_quantile(level, df) * error
    method, reference = (WELCH, WELCH_REFERENCE) if welch else (STUDENT, STUDENT_REFERENCE)
    return Result(
        question=question,
        method=method,
        n=n,
        n_missing=n_missing,
        statistic=difference / error,
        statistic_name="t",
        df=df,
        estimate=difference,
        estimate_name="difference of means (first group less second)",
        interval=Interval(difference - margin, difference + margin, level, method),
        p=from_t(difference / error, df),
        reference=reference,
    )


def _no_test(reason: str, n: int, n_missing: int, question: str, *, welch: bool) -> Result:
    return Result(
        question=question,
        method=WELCH if welch else STUDENT,
        n=n,
        n_missing=n_missing,
        warnings=(reason,),
        reference=WELCH_REFERENCE if welch else STUDENT_REFERENCE,
    )
