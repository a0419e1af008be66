"""Statistics of made papers, computed apart from the package: scipy, and a plain Newton fit."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

TABLE_TESTS = (
    "pearson_chi_square",
    "pearson_chi_square_corrected",
    "fisher_exact",
    "fisher_doubled",
    "fisher_mid_p",
    "boschloo",
    "likelihood_ratio_chi_square",
    "linear_by_linear",
)


def table_p(test: str, counts: NDArray[np.int64]) -> float | None:
    """Return the p of a table (groups in rows), or None where the test does not fit it."""
    scores = np.flatnonzero(counts.sum(axis=0))
    counts = counts[counts.sum(axis=1) > 0][:, scores]
    if min(counts.shape) < 2:
        return None
    two_by_two = counts.shape == (2, 2)
    if test == "pearson_chi_square":
        return float(stats.chi2_contingency(counts, correction=False).pvalue)
    if test == "likelihood_ratio_chi_square":
        found = stats.chi2_contingency(counts, correction=False, lambda_="log-likelihood")
        return float(found.pvalue)
    if test == "linear_by_linear":
        return _linear_by_linear(counts, scores)
    if not two_by_two:
        return None
    if test == "pearson_chi_square_corrected":
        return float(stats.chi2_contingency(counts, correction=True).pvalue)
    if test == "fisher_exact":
        return float(stats.fisher_exact(counts).pvalue)
    if test == "boschloo":
        return float(stats.boschloo_exact(counts.T).pvalue)
    (a, b), (c, d) = counts.tolist()
    law = stats.hypergeom(a + b + c + d, a + c, a + b)
    tails = [float(law.cdf(a)), float(law.sf(a - 1))]
    half = 0.5 * float(law.pmf(a)) if test == "fisher_mid_p" else 0.0
    return min(1.0, 2 * (min(tails) - half))


def _linear_by_linear(counts: NDArray[np.int64], scores: NDArray[np.int64]) -> float | None:
    rows = np.repeat(np.arange(counts.shape[0]), counts.sum(axis=1))
    columns = np.concatenate([np.repeat(scores, row) for row in counts])
    r = np.corrcoef(rows, columns)[0, 1]
    return float(stats.chi2.sf((len(rows) - 1) * r**2, 1)) if math.isfinite(r) else None


def values_p(test: str, groups: list[Floats]) -> tuple[float, float | None] | None:
    """Return the p of a comparison of values and its statistic, or None where there is none."""
    if any(len(group) < 2 for group in groups) or np.ptp(np.concatenate(groups)) == 0:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = _values_test(test, groups)
    if found is None or not math.isfinite(found.pvalue):
        return None
    return float(found.pvalue), float(found.statistic)


def _values_test(test: str, groups: list[Floats]) -> Any:
    if test == "anova":
        return stats.f_oneway(*groups)
    if test == "kruskal_wallis":
        return stats.kruskal(*groups)
    if len(groups) > 2:
        return None
    one, two = groups
    if test in ("student_t", "welch_t"):
        return stats.ttest_ind(one, two, equal_var=test == "student_t")
    tied = len(np.unique(np.concatenate(groups))) < len(one) + len(two)
    if test == "mann_whitney_exact":
        return None if tied else stats.mannwhitneyu(one, two, method="exact")
    continuity = test == "mann_whitney_corrected"
    return stats.mannwhitneyu(one, two, method="asymptotic", use_continuity=continuity)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A logistic regression by maximum likelihood, intercept first."""

    b: Floats
    se: Floats
    log_likelihood: float


def fit_logistic(X: Floats, y: Floats, offset: Floats | None = None) -> Fitted | None:
    """Fit by Newton's method; None where it runs away or does not settle."""
    b = np.zeros(X.shape[1])
    shift = np.zeros(len(y)) if offset is None else offset
    for _ in range(40):
        risk = 1 / (1 + np.exp(-np.clip(X @ b + shift, -35, 35)))
        information = (X * (risk * (1 - risk))[:, None]).T @ X
        try:
            step = np.linalg.solve(information, X.T @ (y - risk))
        except np.linalg.LinAlgError:
            return None
        b = b + step
        if np.abs(b).max() > 30:
            return None
        if np.abs(step).max() < 1e-11:
            break
    else:
        return None
    eta = X @ b + shift
    log_likelihood = float(y @ eta - np.logaddexp(0, eta).sum())
    return Fitted(b, np.sqrt(np.diag(np.linalg.inv(information))), log_likelihood)


def likelihood_ratio_p(X: Floats, y: Floats, fitted: Fitted, j: int) -> float | None:
    """Return the p of dropping column j."""
    without = fit_logistic(np.delete(X, j, axis=1), y)
    if without is None:
        return None
    return float(stats.chi2.sf(2 * (fitted.log_likelihood - without.log_likelihood), 1))


def profile_limits(
    X: Floats, y: Floats, fitted: Fitted, j: int, quantile: float
) -> tuple[float, float] | None:
    """Return the profile-likelihood limits of coefficient j by bisection."""
    rest = np.delete(X, j, axis=1)
    limits = []
    for sign in (-1, 1):
        near, far = float(fitted.b[j]), float(fitted.b[j] + sign * fitted.se[j])
        while (found := _drop(rest, X[:, j], y, fitted, far)) is not None and found < quantile**2:
            near, far = far, far + sign * float(fitted.se[j])
            if abs(far) > 25:
                return None
        if found is None:
            return None
        for _ in range(45):
            middle = (near + far) / 2
            found = _drop(rest, X[:, j], y, fitted, middle)
            if found is None:
                return None
            near, far = (middle, far) if found < quantile**2 else (near, middle)
        limits.append(far)
    return limits[0], limits[1]


def _drop(rest: Floats, x: Floats, y: Floats, fitted: Fitted, b: float) -> float | None:
    held = fit_logistic(rest, y, offset=b * x)
    return None if held is None else 2 * (fitted.log_likelihood - held.log_likelihood)
