"""Pooling over imputed data sets: Rubin's rules for estimates, D2 for test statistics."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from myocohort.errors import StatisticsError
from myocohort.stats.design import FloatArray
from myocohort.stats.p_values import bounded, from_t, t_quantile
from myocohort.stats.result import Interval, Result

RUBIN = "Rubin's rules, t with Barnard-Rubin degrees of freedom"
D2 = "D2, pooled chi-square statistics (Li, Meng, Raghunathan, Rubin 1991)"
REFERENCE = (
    "Rubin DB. Multiple Imputation for Nonresponse in Surveys. 1987; "
    "Barnard J, Rubin DB. Biometrika 1999;86:948-955"
)
D2_REFERENCE = "Li KH, Meng XL, Raghunathan TE, Rubin DB. Stat Sin 1991;1:65-92"
LEAST_LAMBDA = 1e-4  # below it the degrees of freedom are those of 1e-4, as in R's mice


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledEstimate(Result):
    """One estimate, pooled over imputed data sets; `n` is their number.

    Parameters
    ----------
    se
        Root of the total variance.
    within, between, total
        Mean variance within the sets, variance of the estimates between them, and
        within + (1 + 1/m) between.
    relative_increase
        Of the variance by what is missing, (1 + 1/m) between / within; infinite if within
        is 0.
    share_due_to_missing
        Share of the total variance that is due to what is missing.
    fraction_missing_information
        (r + 2 / (df + 3)) / (r + 1).
    """

    se: float
    within: float
    between: float
    total: float
    relative_increase: float
    share_due_to_missing: float
    fraction_missing_information: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledTest(Result):
    """Chi-square statistics pooled to an F; `n` is the number of imputed sets.

    Parameters
    ----------
    df_denominator
        Of the F; `df` is that of the numerator. Infinite if the statistics are all equal.
    relative_increase
        Estimated relative increase of variance by what is missing.
    """

    df_denominator: float
    relative_increase: float


def pool_estimates(
    estimates: ArrayLike,
    variances: ArrayLike,
    *,
    complete_df: float = math.inf,
    level: float = 0.95,
    question: str = "What is the estimate over all imputed data sets?",
) -> PooledEstimate:
    """Pool one estimate over imputed data sets by Rubin's rules.

    Parameters
    ----------
    estimates, variances
        The estimate in each imputed set and its squared standard error; at least two sets.
    complete_df
        Degrees of freedom that the complete data would have (rows less coefficients).
    level
        Coverage of the interval.
    question
        What is asked, in words.

    Returns
    -------
    PooledEstimate
        With t statistic, p and interval of the same t distribution.

    Raises
    ------
    StatisticsError
        If there are fewer than two sets, an estimate is not finite (separation: such a
        mean would be a number without meaning), a variance is negative, or there are no
        degrees of freedom.

    References
    ----------
    Rubin DB. Multiple Imputation for Nonresponse in Surveys. Wiley 1987, section 3.1.
    Barnard J, Rubin DB. Biometrika 1999;86:948-955.
    """
    q, u = _sets(estimates, "estimates"), _sets(variances, "variances")
    if len(q) != len(u):
        raise StatisticsError(f"each estimate has a variance; found {len(q)} and {len(u)}")
    if (u < 0).any():
        raise StatisticsError(f"a variance is at least 0; found {u.min():g}")
    if not complete_df > 0:
        raise StatisticsError(
            f"the complete data need at least one degree of freedom; found {complete_df:g}. "
            f"Use fewer terms"
        )
    m = len(q)
    estimate, within, between = float(q.mean()), float(u.mean()), float(q.var(ddof=1))
    added = (1.0 + 1.0 / m) * between
    total = within + added
    if not total > 0:
        raise StatisticsError("all variances are 0: there is nothing to pool")
    increase = added / within if within > 0 else math.inf
    df = barnard_rubin(m, added / total, complete_df)
    t = t_quantile(level, df)
    se = math.sqrt(total)
    missing = (increase + 2.0 / (df + 3.0)) / (increase + 1.0) if within > 0 else 1.0
    return PooledEstimate(
        question=question,
        method=RUBIN,
        n=m,
        statistic=estimate / se,
        statistic_name="t",
        df=df,
        estimate=estimate,
        estimate_name="pooled estimate",
        interval=Interval(estimate - t * se, estimate + t * se, level, RUBIN),
        p=from_t(estimate / se, df),
        reference=REFERENCE,
        se=se,
        within=within,
        between=between,
        total=total,
        relative_increase=increase,
        share_due_to_missing=added / total,
        fraction_missing_information=missing,
    )


def barnard_rubin(m: int, lambda_: float, complete_df: float) -> float:
    """Return the degrees of freedom of a pooled estimate.

    Parameters
    ----------
    m
        Imputed sets.
    lambda_
        Share of the total variance that is due to what is missing.
    complete_df
        Degrees of freedom of the complete data; infinity gives Rubin's of 1987.

    References
    ----------
    Barnard J, Rubin DB. Biometrika 1999;86:948-955, equations 3 and 4.
    """
    share = max(lambda_, LEAST_LAMBDA)
    old = (m - 1) / share**2
    if math.isinf(complete_df):
        return old
    observed = (complete_df + 1.0) / (complete_df + 3.0) * complete_df * (1.0 - share)
    if observed <= 0.0:
        raise StatisticsError(
            "no degrees of freedom are left: the estimate varies between the imputed sets only"
        )
    return old * observed / (old + observed)


def pool_chi_square(
    statistics: ArrayLike,
    df: int,
    *,
    question: str = "Is the null hypothesis compatible with the imputed data sets?",
) -> PooledTest:
    """Pool the chi-square statistics of one test over imputed data sets (D2).

    It needs the statistics only, so that it answers where an estimate is infinite; it is
    rougher than pooling estimates, more so with few sets.

    Parameters
    ----------
    statistics
        Wald or likelihood-ratio chi-square in each imputed set; at least two.
    df
        Their degrees of freedom.
    question
        What is asked, in words.

    Returns
    -------
    PooledTest
        F may be negative, when the statistics differ much and are small; p is 1 then.

    Raises
    ------
    StatisticsError
        If there are fewer than two, one is negative or not finite, or df is below 1.

    References
    ----------
    Li KH, Meng XL, Raghunathan TE, Rubin DB. Stat Sin 1991;1:65-92. The formula misprinted
    in Meng & Rubin 1992 and Little & Rubin 2002 is not used.
    """
    d = _sets(statistics, "chi-square statistics")
    if (d < 0).any():
        raise StatisticsError(f"a chi-square statistic is at least 0; found {d.min():g}")
    if df < 1 or df != int(df):
        raise StatisticsError(f"degrees of freedom are a whole number from 1; found {df!r}")
    m = len(d)
    increase = (1.0 + 1.0 / m) * float(np.sqrt(d).var(ddof=1))
    f = (float(d.mean()) / df - (m + 1.0) / (m - 1.0) * increase) / (1.0 + increase)
    if increase > 0:
        denominator = df ** (-3.0 / m) * (m - 1.0) * (1.0 + 1.0 / increase) ** 2
        p = float(special.fdtrc(df, denominator, max(f, 0.0)))
    else:
        denominator = math.inf
        p = float(special.chdtrc(df, max(f, 0.0) * df))
    return PooledTest(
        question=question,
        method=D2,
        n=m,
        statistic=f,
        statistic_name="F (D2)",
        df=df,
        p=bounded(p),
        warnings=(
            "D2 is negative: the statistics of the imputed sets are small and differ much; p is 1",
        )
        if f < 0
        else (),
        reference=D2_REFERENCE,
        df_denominator=denominator,
        relative_increase=increase,
    )


def _sets(values: ArrayLike | Sequence[float], what: str) -> FloatArray:
    try:
        x = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise StatisticsError(f"{what} are numbers, one for each imputed set") from error
    if x.ndim != 1 or len(x) < 2:
        raise StatisticsError(
            f"{what} come one for each of at least two imputed sets; found shape {x.shape}"
        )
    if not np.isfinite(x).all():
        place = int((~np.isfinite(x)).argmax())
        raise StatisticsError(
            f"{what} are finite; found {x[place]:g} in imputed set {place + 1}. An infinite "
            f"estimate (separation) is not pooled: use Firth's method"
        )
    return x
