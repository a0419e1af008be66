"""A linear mixed model of repeated values: group by time, with random effects of subjects."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from myocohort.errors import StatisticsError
from myocohort.stats.design import FloatArray
from myocohort.stats.longitudinal import (
    NO_SCATTER,
    LongitudinalResult,
    LongitudinalTerm,
    Repeated,
    Time,
    WaldTest,
    make_repeated,
)
from myocohort.stats.p_values import bounded, from_chi_square, from_t, normal_quantile, t_quantile
from myocohort.stats.reml import (
    AT_ZERO,
    Criterion,
    Fit,
    make_criterion,
    minimise,
    satterthwaite,
)
from myocohort.stats.result import Interval, Result

REFERENCE = (
    "Laird NM, Ware JH. Biometrics 1982;38:963-974; Bates D et al. J Stat Softw 2015;67(1); "
    "Kuznetsova A et al. J Stat Softw 2017;82(13)"
)
T_METHOD = "Wald t, Satterthwaite degrees of freedom"
F_METHOD = "Wald F test, Satterthwaite degrees of freedom"
LRT_METHOD = "Likelihood-ratio test, both models by maximum likelihood (not REML)"


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedResult(LongitudinalResult):
    """A linear mixed model fitted by REML.

    Parameters
    ----------
    sd_subject
        SD between subjects, at month 0 if slopes vary.
    sd_slope
        SD of the subjects' slopes per month; None without random slopes.
    correlation
        Between a subject's level at month 0 and slope; None without random slopes,
        or if an SD is 0.
    sd_residual
        SD within subjects.
    intraclass_correlation
        Share of the variance that lies between subjects (at month 0).
    singular
        Whether a random effect has no variance, or two are perfectly correlated.
    log_likelihood
        Restricted.
    likelihood_ratio
        The same question by the likelihood-ratio test, which is too ready to reject with
        few subjects.
    """

    sd_subject: float
    sd_slope: float | None
    correlation: float | None
    sd_residual: float
    intraclass_correlation: float
    singular: bool
    log_likelihood: float
    likelihood_ratio: Result


def fit_mixed(
    values: ArrayLike,
    subjects: Sequence[Any],
    months: ArrayLike,
    groups: Sequence[Any] | None = None,
    *,
    time: Time = "linear",
    random_slope: bool = False,
    reference: str | None = None,
    level: float = 0.95,
    question: str | None = None,
) -> MixedResult:
    """Fit a linear mixed model of group by time with a random intercept for each subject.

    Parameters
    ----------
    values
        One number per row (an MRI score, an mRS grade), NaN if missing.
    subjects, groups
        One label per row; None, NaN, empty text or a negative code if missing. Without
        groups the model holds time only.
    months
        Months since the start, one per row, NaN if missing.
    time
        "linear" - a straight line; "visits" - each month has its own mean.
    random_slope
        Whether subjects also differ in their slope over months.
    reference
        Group that the others are compared with; by default the first in ascending order.
    level
        Coverage of the intervals.
    question
        What is asked, in words.

    Returns
    -------
    MixedResult
        Estimates by REML; t, interval and p of each term have Satterthwaite's degrees of
        freedom. Subjects with missing visits stay in with the others, which is right if
        what is missing depends on observed values only.

    Raises
    ------
    StatisticsError
        If the values do not fit the model (see `make_repeated`), there are no more values
        than random effects, or no minimum is found: a fit that did not converge is never
        returned.

    References
    ----------
    Laird NM, Ware JH. Biometrics 1982;38:963-974. Bates D, Maechler M, Bolker B, Walker S.
    J Stat Softw 2015;67(1). Kuznetsova A, Brockhoff PB, Christensen RHB. J Stat Softw
    2017;82(13).
    """
    normal_quantile(level)  # refuses an impossible level
    data = make_repeated(values, subjects, months, groups, time=time, reference=reference)
    Z, to_months = _random_columns(data, random_slope)
    if len(data.values) <= data.n_subjects * Z.shape[1]:
        raise StatisticsError(
            f"{len(data.values)} values cannot tell {data.n_subjects * Z.shape[1]} random effects "
            f"of {data.n_subjects} subjects from chance. "
            f"{'Leave the random slope out' if random_slope else 'More visits are needed'}"
        )
    criterion = make_criterion(data, Z, reml=True, X=data.X)
    theta = minimise(criterion)
    fit = criterion.at(theta)
    if math.sqrt(fit.sigma2) <= NO_SCATTER * float(data.values.std()):
        raise StatisticsError(
            "every subject lies exactly on a line: without scatter within subjects there is no "
            "standard error. Check that the values are measurements"
        )
    freedom = satterthwaite(criterion, theta, fit)
    terms = []
    for column, name in enumerate(data.names):
        contrast = np.zeros(len(data.names))
        contrast[column] = 1.0
        terms.append(_term(name, column, fit, freedom.df(contrast), level))
    f, denominator = freedom.f_test(data.tested)
    asked = question or data.question
    test = WaldTest(
        question=data.question,
        method=F_METHOD,
        n=len(data.values),
        n_missing=data.n_missing,
        statistic=f,
        statistic_name="F",
        df=len(data.tested),
        df_denominator=denominator,
        p=bounded(special.fdtrc(len(data.tested), denominator, f)),
        reference=REFERENCE,
    )
    factor = criterion.factor(theta)
    covariance = fit.sigma2 * to_months @ factor @ factor.T @ to_months.T
    sd_subject = math.sqrt(covariance[0, 0])
    sd_slope = math.sqrt(covariance[1, 1]) if random_slope else None
    singular = bool((np.abs(np.diag(factor)) <= AT_ZERO).any())
    single = terms[data.tested[0]] if len(data.tested) == 1 else None
    return MixedResult(
        question=asked,
        method=f"Linear mixed model, REML, random intercept"
        f"{' and slope' if random_slope else ''} of each subject; {T_METHOD}",
        n=len(data.values),
        n_missing=data.n_missing,
        statistic=test.statistic,
        statistic_name="F of group by time" if data.subjects_by_group else "F of time",
        df=test.df,
        estimate=single.estimate if single else None,
        estimate_name=single.name if single else None,
        interval=single.interval if single else None,
        p=test.p,
        warnings=(*data.warnings, *_singular_warnings(singular, sd_subject, sd_slope)),
        reference=REFERENCE,
        terms=tuple(terms),
        n_subjects=data.n_subjects,
        n_subjects_missing=data.n_subjects_missing,
        subjects_by_group=data.subjects_by_group,
        test=test,
        sd_subject=sd_subject,
        sd_slope=sd_slope,
        correlation=_correlation(covariance),
        sd_residual=math.sqrt(fit.sigma2),
        intraclass_correlation=float(covariance[0, 0] / (covariance[0, 0] + fit.sigma2)),
        singular=singular,
        log_likelihood=-fit.deviance / 2.0,
        likelihood_ratio=_likelihood_ratio(data, Z),
    )


def _random_columns(data: Repeated, slope: bool) -> tuple[FloatArray, FloatArray]:
    """Return the columns of the random effects, centred and scaled, and what undoes that."""
    ones = np.ones(len(data.values))
    if not slope:
        return ones[:, np.newaxis], np.eye(1)
    mean, unit = float(data.months.mean()), float(data.months.std())
    to_months = np.array([[1.0, -mean / unit], [0.0, 1.0 / unit]])
    return np.column_stack((ones, (data.months - mean) / unit)), to_months


def _term(name: str, column: int, fit: Fit, df: float, level: float) -> LongitudinalTerm:
    estimate = float(fit.beta[column])
    se = math.sqrt(fit.sigma2 * float(fit.inverse[column, column]))
    reach = t_quantile(level, df) * se
    return LongitudinalTerm(
        name=name,
        estimate=estimate,
        se=se,
        statistic=estimate / se,
        df=df,
        interval=Interval(estimate - reach, estimate + reach, level, T_METHOD),
        p=from_t(estimate / se, df),
    )


def _likelihood_ratio(data: Repeated, Z: FloatArray) -> Result:
    def deviance(X: FloatArray) -> float:
        criterion: Criterion = make_criterion(data, Z, reml=False, X=X)
        return criterion.at(minimise(criterion)).deviance

    others = [i for i in range(len(data.names)) if i not in data.tested]
    statistic = max(0.0, deviance(data.X[:, others]) - deviance(data.X))
    return Result(
        question=data.question,
        method=LRT_METHOD,
        n=len(data.values),
        n_missing=data.n_missing,
        statistic=statistic,
        statistic_name="likelihood-ratio chi-square",
        df=len(data.tested),
        p=from_chi_square(statistic, len(data.tested)),
        reference=REFERENCE,
    )


def _correlation(covariance: FloatArray) -> float | None:
    if len(covariance) < 2:
        return None
    spread = math.sqrt(covariance[0, 0] * covariance[1, 1])
    return float(np.clip(covariance[0, 1] / spread, -1.0, 1.0)) if spread > 0 else None


def _singular_warnings(
    singular: bool, sd_subject: float, sd_slope: float | None
) -> tuple[str, ...]:
    if not singular:
        return ()
    if sd_slope is None:
        return (
            "the variance between subjects is estimated as 0: the values of one subject are no "
            "more alike than those of different subjects, and the model is that of independent "
            "values",
        )
    return (
        f"singular fit: the random intercept (SD {sd_subject:.3g}) and slope (SD {sd_slope:.3g} "
        f"per month) cannot be told apart, or one has no variance. The data do not carry a "
        f"random slope; fit the model without it",
    )
