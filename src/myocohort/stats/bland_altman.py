"""Bland-Altman: bias and limits of agreement of two raters or methods."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from myocohort.errors import StatisticsError
from myocohort.stats.p_values import from_t, normal_quantile, t_quantile
from myocohort.stats.ratings import rating_array
from myocohort.stats.result import Interval, Result

LimitIntervals = Literal["exact", "approximate"]

QUESTION = "By how much do two readings of the same subject differ?"
METHOD = "Bland-Altman limits of agreement"
REFERENCES: dict[LimitIntervals, str] = {
    "exact": "Bland JM, Altman DG. Lancet 1986;327:307-310; "
    "Carkeet A. Optom Vis Sci 2015;92:e71-e80",
    "approximate": "Bland JM, Altman DG. Stat Methods Med Res 1999;8:135-160",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementLimits:
    """Limits between which a share of all differences is expected to lie.

    Parameters
    ----------
    lower, upper
        Bias less and plus z standard deviations, in the unit of the readings.
    lower_interval, upper_interval
        Intervals of the two limits.
    coverage
        The share; .95 makes z 1.96.
    """

    lower: float
    upper: float
    lower_interval: Interval
    upper_interval: Interval
    coverage: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BlandAltmanResult(Result):
    """Differences of paired readings, first less second.

    `estimate`, `interval` and `p` are those of the bias (paired t).

    Parameters
    ----------
    sd
        Standard deviation of the differences.
    limits
        Limits of agreement; None if there is no SD.
    slope, slope_interval, slope_p
        Least-squares slope of the difference on the mean of the two readings: whether the
        difference grows with the size (proportional bias).
    """

    sd: float | None = None
    limits: AgreementLimits | None = None
    slope: float | None = None
    slope_interval: Interval | None = None
    slope_p: float | None = None


def bland_altman(
    ratings: ArrayLike,
    *,
    level: float = 0.95,
    coverage: float = 0.95,
    limit_intervals: LimitIntervals = "exact",
    question: str = QUESTION,
) -> BlandAltmanResult:
    """Describe how two readings of the same subject differ.

    Parameters
    ----------
    ratings
        Shape (subjects, 2), NaN where missing; subjects with one reading are left out.
    level
        Coverage of all intervals.
    coverage
        Share of differences that the limits of agreement are to hold.
    limit_intervals
        "exact", by the noncentral t distribution, each limit taken by itself (Carkeet
        2015), or "approximate" (Bland & Altman 1999). Both take differences as normal.
    question
        What is asked, in words.

    Returns
    -------
    BlandAltmanResult
        All in the unit of the readings. No limits and no p, with a warning, for fewer than
        two pairs or if all differences are the same; the slope needs three pairs.

    Raises
    ------
    StatisticsError
        If the readings are no table with two columns of numbers, or an option is unknown.

    References
    ----------
    Bland JM, Altman DG. Lancet 1986;327:307-310. Carkeet A. Optom Vis Sci 2015;92:e71-e80.
    """
    x = rating_array(ratings, raters=2)
    used = x[~np.isnan(x).any(axis=1)]
    difference = used[:, 0] - used[:, 1]
    n, n_missing = len(used), len(x) - len(used)
    _check_options(level, coverage, limit_intervals)
    reference = REFERENCES[limit_intervals]
    if n < 2:
        return BlandAltmanResult(
            question=question,
            method=METHOD,
            n=n,
            n_missing=n_missing,
            warnings=("no limits: fewer than two subjects have both readings",),
            reference=reference,
        )
    bias = float(difference.mean())
    constant = float(np.ptp(difference)) <= 1e-14 * float(np.abs(used).max())
    name = "bias (mean of first less second reading)"
    if constant:
        return BlandAltmanResult(
            question=question,
            method=METHOD,
            n=n,
            n_missing=n_missing,
            estimate=bias,
            estimate_name=name,
            sd=0.0,
            warnings=("no limits and no p: all differences are the same",),
            reference=reference,
        )
    sd = float(np.std(difference, ddof=1))
    t = bias / (sd / math.sqrt(n))
    margin = t_quantile(level, n - 1) * sd / math.sqrt(n)
    slope, slope_interval, slope_p, why = _slope(used.mean(axis=1), difference, level)
    return BlandAltmanResult(
        question=question,
        method=METHOD,
        n=n,
        n_missing=n_missing,
        statistic=t,
        statistic_name="t",
        df=n - 1.0,
        estimate=bias,
        estimate_name=name,
        interval=Interval(bias - margin, bias + margin, level, "paired t"),
        p=from_t(t, n - 1),
        sd=sd,
        limits=limits_of_agreement(
            n, bias, sd, level=level, coverage=coverage, limit_intervals=limit_intervals
        ),
        slope=slope,
        slope_interval=slope_interval,
        slope_p=slope_p,
        warnings=why,
        reference=reference,
    )


def limits_of_agreement(
    n: int,
    bias: float,
    sd: float,
    *,
    level: float = 0.95,
    coverage: float = 0.95,
    limit_intervals: LimitIntervals = "exact",
) -> AgreementLimits:
    """Return limits of agreement from printed figures: n pairs, their mean difference and SD.

    Parameters
    ----------
    n, bias, sd
        At least 2 pairs; mean and standard deviation (n - 1) of the differences.
    level, coverage, limit_intervals
        As in `bland_altman`.

    Raises
    ------
    StatisticsError
        If n is below 2, the SD is not above 0, or an option is unknown.
    """
    _check_options(level, coverage, limit_intervals)
    if n < 2 or not (math.isfinite(sd) and sd > 0.0) or not math.isfinite(bias):
        raise StatisticsError(
            "limits of agreement need n of at least 2, a finite bias and an SD above 0; "
            f"found n {n!r}, bias {bias!r}, SD {sd!r}"
        )
    z = normal_quantile(coverage)
    if limit_intervals == "exact":
        # the limit lies at a noncentral t of the bias: a one-sided tolerance factor
        tails = ((1.0 - level) / 2.0, (1.0 + level) / 2.0)
        near, far = (
            float(special.nctdtrit(n - 1.0, z * math.sqrt(n), tail)) / math.sqrt(n)
            for tail in tails
        )
        method = "exact by noncentral t, each limit by itself (Carkeet 2015)"
    else:
        margin = t_quantile(level, n - 1) * math.sqrt(1.0 / n + z**2 / (2.0 * (n - 1)))
        near, far = z - margin, z + margin
        method = "approximate (Bland & Altman 1999)"
    return AgreementLimits(
        lower=bias - z * sd,
        upper=bias + z * sd,
        lower_interval=Interval(bias - far * sd, bias - near * sd, level, method),
        upper_interval=Interval(bias + near * sd, bias + far * sd, level, method),
        coverage=coverage,
    )


def _check_options(level: float, coverage: float, limit_intervals: str) -> None:
    normal_quantile(level)  # refuses an impossible level
    normal_quantile(coverage)
    if limit_intervals not in REFERENCES:
        raise StatisticsError(
            f"limit_intervals is one of {', '.join(REFERENCES)}; found {limit_intervals!r}"
        )


def _slope(
    size: NDArray[np.float64], difference: NDArray[np.float64], level: float
) -> tuple[float | None, Interval | None, float | None, tuple[str, ...]]:
    n = len(size)
    x = size - size.mean()
    y = difference - difference.mean()
    spread = float(x @ x)
    if n < 3 or spread <= 1e-24 * float(size @ size):
        reason = "no slope: it needs three pairs whose means are not all the same"
        return None, None, None, (reason,)
    slope = float(x @ y) / spread
    residual = float(((y - slope * x) ** 2).sum())
    if residual <= 1e-24 * float(y @ y):
        reason = "no interval of the slope: the differences lie on a line exactly"
        return slope, None, None, (reason,)
    error = math.sqrt(residual / (n - 2) / spread)
    margin = t_quantile(level, n - 2) * error
    method = "least squares, t"
    interval = Interval(slope - margin, slope + margin, level, method)
    return slope, interval, from_t(slope / error, n - 2), ()
