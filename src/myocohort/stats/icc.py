"""Intraclass correlations of Shrout & Fleiss, by analysis of variance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from myocohort.errors import StatisticsError
from myocohort.stats.p_values import bounded, normal_quantile
from myocohort.stats.ratings import AgreementResult, rating_array
from myocohort.stats.result import Interval

Form = Literal["1,1", "2,1", "3,1", "1,k", "2,k", "3,k"]

QUESTION = "How much of the variance of readings lies between subjects?"
REFERENCE = (
    "Shrout PE, Fleiss JL. Psychol Bull 1979;86:420-428; "
    "McGraw KO, Wong SP. Psychol Methods 1996;1:30-46"
)
NO_LIMITS = "no interval: Satterthwaite's approximation fails where subjects differ so little"
MCGRAW_WONG: dict[Form, str] = {
    "1,1": "ICC(1)",
    "2,1": "ICC(A,1)",
    "3,1": "ICC(C,1)",
    "1,k": "ICC(k)",
    "2,k": "ICC(A,k)",
    "3,k": "ICC(C,k)",
}
MEANING: dict[str, str] = {
    "1": "one-way, each subject read by other raters",
    "2": "two-way, raters a random sample, absolute agreement",
    "3": "two-way, these raters only, consistency",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class IccResult(AgreementResult):
    """An intraclass correlation.

    Parameters
    ----------
    form
        In the notation of Shrout & Fleiss, with the number of raters for k.
    mcgraw_wong
        The same in the notation of McGraw & Wong.
    df_within
        Denominator degrees of freedom of F; `df` is the numerator's.
    mean_square_subjects, mean_square_raters, mean_square_error, mean_square_within
        Of the analysis of variance, in the squared unit of the readings.
    """

    form: str
    mcgraw_wong: str
    df_within: float | None = None
    mean_square_subjects: float | None = None
    mean_square_raters: float | None = None
    mean_square_error: float | None = None
    mean_square_within: float | None = None


@dataclass(frozen=True, slots=True)
class _Anova:
    n: int
    k: int
    subjects: float
    raters: float
    error: float
    within: float


def icc(
    ratings: ArrayLike, form: Form, *, level: float = 0.95, question: str = QUESTION
) -> IccResult:
    """Compute one intraclass correlation with its interval and test by F.

    Parameters
    ----------
    ratings
        Shape (subjects, raters), NaN where missing; only subjects read by all raters enter.
    form
        "1,1", "2,1" or "3,1" for the reliability of one reading; "1,k", "2,k", "3,k" for
        that of the mean over the raters of this table.
    level
        Coverage of the interval.
    question
        What is asked, in words.

    Returns
    -------
    IccResult
        Estimate at most 1 (it may be negative). The test of 0 is the upper tail of F. The
        interval of forms 2 rests on Satterthwaite's degrees of freedom. No estimate, with
        a warning, if fewer than two subjects are complete or nothing varies; no interval
        if the raters differ by nothing but constants, or where Satterthwaite's
        approximation does not hold the estimate (strongly negative ICC).

    Raises
    ------
    StatisticsError
        If the readings are no table of numbers with two raters or more, or the form is
        unknown.

    References
    ----------
    Shrout PE, Fleiss JL. Psychol Bull 1979;86:420-428, p. 424 (intervals).
    """
    normal_quantile(level)  # refuses an impossible level
    x = rating_array(ratings)
    if form not in MCGRAW_WONG:
        raise StatisticsError(
            f"the form of an ICC is one of {'; '.join(MCGRAW_WONG)}; found {form!r}"
        )
    complete = ~np.isnan(x).any(axis=1)
    used = x[complete]
    n, k = used.shape
    incomplete = len(x) - n
    name = f"ICC({form.replace('k', str(k))})"
    common: dict[str, Any] = {
        "question": question,
        "method": f"{name}: {MEANING[form[0]]}; "
        + ("one reading" if form[-1] == "1" else f"mean of {k} readings"),
        "n": n,
        "n_missing": incomplete,
        "raters": k,
        "ratings": n * k,
        "reference": REFERENCE,
        "form": name,
        "mcgraw_wong": MCGRAW_WONG[form],
    }
    warnings: tuple[str, ...] = ()
    if incomplete:
        warnings = (f"left out: {incomplete} of {len(x)} subjects not read by all {k} raters",)
    if n < 2:
        reason = "no ICC: fewer than two subjects were read by all raters"
        return IccResult(warnings=(*warnings, reason), **common)
    anova = _anova(used)
    if anova.subjects == 0.0 and anova.within == 0.0:
        return IccResult(warnings=(*warnings, "no ICC: every reading is the same"), **common)
    common |= {
        "mean_square_subjects": anova.subjects,
        "mean_square_raters": anova.raters,
        "mean_square_error": anova.error,
        "mean_square_within": anova.within,
        "estimate_name": name,
    }
    residual, df_within = (
        (anova.within, n * (k - 1.0)) if form[0] == "1" else (anova.error, (n - 1.0) * (k - 1.0))
    )
    single = _estimate(anova, form)
    if single is None:
        reason = "no ICC: subjects and error vary in a way that leaves its denominator 0"
        return IccResult(warnings=(*warnings, reason), **common)
    estimate = single if form[-1] == "1" else _of_mean(single, k)
    if residual == 0.0:
        reason = "no interval and no p: there is no error left, so F is infinite"
        return IccResult(estimate=estimate, warnings=(*warnings, reason), **common)
    f = anova.subjects / residual
    limits = _limits(anova, form, single, f, df_within, level)
    interval = None
    if limits is None:
        warnings = (*warnings, NO_LIMITS)
    else:
        low, high = limits if form[-1] == "1" else (_of_mean(limit, k) for limit in limits)
        method = "F, Satterthwaite's degrees of freedom" if form[0] == "2" else "F"
        interval = Interval(low, high, level, method)
    return IccResult(
        statistic=f,
        statistic_name="F (upper tail)",
        df=n - 1.0,
        df_within=df_within,
        estimate=estimate,
        interval=interval,
        p=bounded(special.fdtrc(n - 1.0, df_within, f)),
        warnings=warnings,
        **common,
    )


def _anova(x: NDArray[np.float64]) -> _Anova:
    n, k = x.shape
    centred = x - x.mean()
    of_subjects = centred.mean(axis=1)
    of_raters = centred.mean(axis=0)
    residuals = centred - of_subjects[:, None] - of_raters[None, :]
    total = float((centred**2).sum())
    parts = [
        k * float((of_subjects**2).sum()),
        n * float((of_raters**2).sum()),
        float((residuals**2).sum()),
    ]
    dust = 1e-24 * float((x**2).sum()) + 1e-13 * total  # what rounding leaves of a sum of 0
    subjects, raters, error = (0.0 if part <= dust else part for part in parts)
    return _Anova(
        n=n,
        k=k,
        subjects=subjects / (n - 1),
        raters=raters / (k - 1),
        error=error / ((n - 1) * (k - 1)),
        within=(raters + error) / (n * (k - 1)),
    )


def _estimate(a: _Anova, form: Form) -> float | None:
    """Return the reliability of one reading."""
    if form[0] == "1":
        top, bottom = a.subjects - a.within, a.subjects + (a.k - 1) * a.within
    else:
        top, bottom = a.subjects - a.error, a.subjects + (a.k - 1) * a.error
        if form[0] == "2":
            bottom += a.k * (a.raters - a.error) / a.n
    return top / bottom if bottom > 0.0 else None


def _of_mean(single: float, k: int) -> float:
    """Return the reliability of the mean of k readings (Spearman-Brown)."""
    bottom = 1.0 + (k - 1) * single
    return k * single / bottom if bottom > 0.0 else -math.inf


def _limits(
    a: _Anova, form: Form, single: float, f: float, df_within: float, level: float
) -> tuple[float, float] | None:
    """Return the limits of the reliability of one reading; None where there are none."""
    n, k, tail = a.n, a.k, 0.5 + level / 2.0
    if form[0] != "2":
        low = f / special.fdtri(n - 1.0, df_within, tail)
        high = f * special.fdtri(df_within, n - 1.0, tail)
        return float((low - 1.0) / (low + k - 1.0)), float((high - 1.0) / (high + k - 1.0))
    f_raters = a.raters / a.error
    spread = n * (1.0 + (k - 1) * single) - k * single
    bottom = (n - 1) * (k * single * f_raters) ** 2 + spread**2
    df = (k - 1) * (n - 1) * (k * single * f_raters + spread) ** 2 / bottom if bottom else 0.0
    # a sum of two mean squares has more than the df of either, at least 1; with a negative
    # ICC it is a difference, which Satterthwaite's approximation is not made for
    if df < 1.0 - 1e-9:
        return None
    f_low = float(special.fdtri(n - 1.0, df, tail))
    f_high = float(special.fdtri(df, n - 1.0, tail))
    others = k * a.raters + (k * n - k - n) * a.error
    low_bottom = others + n * a.subjects / f_low
    high_bottom = others / f_high + n * a.subjects
    if not (low_bottom > 0.0 and high_bottom > 0.0):
        return None
    low = n * (a.subjects / f_low - a.error) / low_bottom
    high = n * (a.subjects - a.error / f_high) / high_bottom
    held = low - 1e-12 <= single <= high + 1e-12
    return (low, high) if held else None
