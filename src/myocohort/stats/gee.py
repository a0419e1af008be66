"""Generalised estimating equations for repeated values: group by time, robust errors."""

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
from myocohort.stats.gee_solver import (
    CORRELATIONS,
    STANDARD_ERRORS,
    Correlation,
    Family,
    StandardError,
    solve_equations,
)
from myocohort.stats.longitudinal import (
    LongitudinalResult,
    LongitudinalTerm,
    Repeated,
    Time,
    WaldTest,
    make_repeated,
)
from myocohort.stats.p_values import (
    bounded,
    from_chi_square,
    from_normal,
    from_t,
    normal_quantile,
    t_quantile,
)
from myocohort.stats.result import Interval
from myocohort.stats.separation import detect_separation

REFERENCE = (
    "Liang KY, Zeger SL. Biometrika 1986;73:13-22; Mancl LA, DeRouen TA. Biometrics 2001;57:126-134"
)
FEW_FOR_SANDWICH = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class GeeResult(LongitudinalResult):
    """A marginal model fitted by generalised estimating equations.

    Parameters
    ----------
    working_correlation
        Its kind.
    correlation
        Between two values of a subject (exchangeable), or between values `lag_months`
        apart (AR(1)); None for independence.
    lag_months
        For AR(1) the shortest time between two values of a subject; otherwise None.
    scale
        Mean squared Pearson residual (the residual variance, for a numeric outcome).
    """

    working_correlation: str
    correlation: float | None
    lag_months: float | None
    scale: float


def fit_gee(
    values: ArrayLike,
    subjects: Sequence[Any],
    months: ArrayLike,
    groups: Sequence[Any] | None = None,
    *,
    time: Time = "linear",
    correlation: Correlation = "exchangeable",
    standard_error: StandardError = "bias_reduced",
    family: Family = "gaussian",
    reference: str | None = None,
    level: float = 0.95,
    question: str | None = None,
) -> GeeResult:
    """Fit a marginal model of group by time by generalised estimating equations.

    Parameters
    ----------
    values
        One number per row (0 or 1 if binomial), NaN if missing.
    subjects, groups, months, time, reference, level, question
        As for `fit_mixed`.
    correlation
        The working correlation within a subject. Estimates stay consistent if it is wrong.
    standard_error
        "bias_reduced" - Mancl and DeRouen's, with t and F on subjects less coefficients,
        for few subjects; "robust" - the plain sandwich with normal deviate and chi-square,
        which rejects too readily below about 40 subjects.
    family
        "gaussian" (identity link) or "binomial" (logit link: terms are log odds ratios).

    Returns
    -------
    GeeResult
        Missing values must be missing completely at random for this model; the mixed model
        asks less.

    Raises
    ------
    StatisticsError
        If the values do not fit the model (see `make_repeated`), a binary outcome is
        separated, the equations are not solved, or the working correlation is none.

    References
    ----------
    Liang KY, Zeger SL. Biometrika 1986;73:13-22. Mancl LA, DeRouen TA. Biometrics
    2001;57:126-134.
    """
    z = normal_quantile(level)
    for what, chosen, offered in (
        ("correlation", correlation, CORRELATIONS),
        ("standard_error", standard_error, STANDARD_ERRORS),
        ("family", family, ("gaussian", "binomial")),
    ):
        if chosen not in offered:
            raise StatisticsError(f"{what} is one of {', '.join(offered)}; found {chosen!r}")
    data = make_repeated(values, subjects, months, groups, time=time, reference=reference)
    if family == "binomial":
        _check_binary(data)
    lag = _shortest_lag(data) if correlation == "ar1" else None
    beta, covariance, alpha, scale = solve_equations(data, correlation, standard_error, family, lag)
    small = standard_error == "bias_reduced"
    df = float(data.n_subjects - len(beta)) if small else None
    how = f"Wald {'t' if small else 'z'}, {STANDARD_ERRORS[standard_error]}"
    reach = z if df is None else t_quantile(level, df)
    terms = []
    for column, name in enumerate(data.names):
        estimate, se = float(beta[column]), math.sqrt(covariance[column, column])
        ratio = estimate / se
        terms.append(
            LongitudinalTerm(
                name=name,
                estimate=estimate,
                se=se,
                statistic=ratio,
                df=df,
                interval=Interval(estimate - reach * se, estimate + reach * se, level, how),
                p=from_normal(ratio) if df is None else from_t(ratio, df),
            )
        )
    test = _test(data, beta, covariance, df, STANDARD_ERRORS[standard_error])
    single = terms[data.tested[0]] if len(data.tested) == 1 else None
    over = "group by time" if data.subjects_by_group else "time"
    return GeeResult(
        question=question or data.question,
        method=f"Generalised estimating equations, "
        f"{'logit' if family == 'binomial' else 'identity'} link, "
        f"{CORRELATIONS[correlation]} working correlation; {how}",
        n=len(data.values),
        n_missing=data.n_missing,
        statistic=test.statistic,
        statistic_name=f"{test.statistic_name} of {over}",
        df=test.df,
        estimate=single.estimate if single else None,
        estimate_name=single.name if single else None,
        interval=single.interval if single else None,
        p=test.p,
        warnings=(*data.warnings, *_sandwich_warnings(data, standard_error)),
        reference=REFERENCE,
        terms=tuple(terms),
        n_subjects=data.n_subjects,
        n_subjects_missing=data.n_subjects_missing,
        subjects_by_group=data.subjects_by_group,
        test=test,
        working_correlation=CORRELATIONS[correlation],
        correlation=alpha,
        lag_months=lag,
        scale=scale,
    )


def _check_binary(data: Repeated) -> None:
    other = data.values[(data.values != 0) & (data.values != 1)]
    if len(other):
        raise StatisticsError(f"values of a binomial model are 0 or 1; found {other[0]:g}")
    separation = detect_separation(data.X[:, 1:], data.values, data.names[1:])
    if separation.kind != "none":
        running = ", ".join(
            f"{name} to {'+' if sign > 0 else '-'}infinity"
            for name, sign in separation.directions.items()
        )
        raise StatisticsError(
            f"{separation.kind} separation: the equations have no finite solution ({running}). "
            f"Use time 'linear', or a numeric score"
        )


def _shortest_lag(data: Repeated) -> float:
    subject = np.repeat(np.arange(data.n_subjects), data.sizes)
    apart = np.diff(data.months)[np.diff(subject) == 0]
    return float(apart.min())


def _test(
    data: Repeated, beta: FloatArray, covariance: FloatArray, df: float | None, errors: str
) -> WaldTest:
    chosen = list(data.tested)
    q = len(chosen)
    part = beta[chosen]
    block = covariance[np.ix_(chosen, chosen)]
    if np.linalg.cond(block / np.sqrt(np.outer(block.diagonal(), block.diagonal()))) > 1e10:
        raise StatisticsError(
            f"{data.n_subjects} subjects are too few to test {q} coefficients together. Use time "
            f"'linear'"
        )
    chi_square = float(part @ np.linalg.solve(block, part))
    if df is None:
        name, statistic, p = "chi-square", chi_square, from_chi_square(chi_square, q)
    else:
        name, statistic = "F", chi_square / q
        p = bounded(special.fdtrc(q, df, statistic))
    return WaldTest(
        question=data.question,
        method=f"Wald {name} test, {errors}",
        n=len(data.values),
        n_missing=data.n_missing,
        statistic=statistic,
        statistic_name=name,
        df=q,
        df_denominator=df,
        p=p,
        reference=REFERENCE,
    )


def _sandwich_warnings(data: Repeated, standard_error: StandardError) -> tuple[str, ...]:
    warnings = []
    if standard_error == "robust" and data.n_subjects < FEW_FOR_SANDWICH:
        warnings.append(
            f"{data.n_subjects} subjects: the plain sandwich SE is too small below about "
            f"{FEW_FOR_SANDWICH}; use standard_error 'bias_reduced'"
        )
    if data.n_missing:
        warnings.append(
            "estimating equations take missing values as missing completely at random; the mixed "
            "model asks less"
        )
    return tuple(warnings)
