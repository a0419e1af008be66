"""Proportional-odds regression of grades, by maximum likelihood or Jeffreys' penalty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.errors import StatisticsError
from myocohort.stats.design import LARGEST, FloatArray, as_matrix, as_vector
from myocohort.stats.likelihood import Evaluate, Point, inverse, maximise
from myocohort.stats.ordinal_likelihood import (
    jeffreys_log_likelihood,
    ordinal_log_likelihood,
    pieces,
    with_full_curvature,
)
from myocohort.stats.ordinal_separation import ordinal_separation
from myocohort.stats.p_values import from_chi_square, normal_quantile
from myocohort.stats.result import Interval, Result, Separation, Term
from myocohort.stats.terms import odds_ratio, wald

QUESTION = "How do the terms go with a higher grade, each adjusted for the others?"
METHODS = {
    "jeffreys": "Proportional-odds logistic regression, Jeffreys' penalised likelihood",
    "ml": "Proportional-odds logistic regression, maximum likelihood",
}
REFERENCE = (
    "McCullagh P. J R Stat Soc B 1980;42:109-142; penalty: Firth D. Biometrika 1993;80:27-38"
)
QUICK_STEPS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A cut-off between neighbouring grades: log odds of the lower ones where all terms are 0.

    `name` is "lower|higher"; `interval` is Wald's.
    """

    name: str
    value: float
    se: float
    interval: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdinalResult(Result):
    """A fitted proportional-odds model: logit P(grade <= k) = threshold k - slopes x terms.

    Parameters
    ----------
    terms
        One for each slope; `odds_ratio` is that of a higher grade per unit, the same at each
        threshold.
    thresholds
        Between the grades that were seen, in order.
    grades, counts
        Grades that were seen, and their weight (rows, unless weights were given).
    unseen
        Grades of the scale that nobody has: they have no threshold.
    covariance
        Of thresholds and slopes: of "ml" from the observed information, as polr in R, of
        "jeffreys" from the Fisher information, as Firth's method.
    log_likelihood, null_log_likelihood
        Of the model and of its thresholds alone; penalised for "jeffreys".
    separation
        Whether the slopes of maximum likelihood would run to infinity.
    """

    terms: tuple[Term, ...]
    thresholds: tuple[Threshold, ...]
    grades: tuple[float, ...]
    counts: tuple[float, ...]
    unseen: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    log_likelihood: float
    null_log_likelihood: float
    separation: Separation

    def chances(self, X: ArrayLike) -> FloatArray:
        """Return the chance of each grade in each row, shape (rows, grades)."""
        slopes = [term.b for term in self.terms]
        theta = np.array([*(one.value for one in self.thresholds), *slopes])
        return pieces(as_matrix(X), len(self.grades), theta).chances


@dataclass(frozen=True, slots=True)
class _Rows:
    """Complete rows: terms centred and scaled, grades as positions among those seen."""

    X: FloatArray
    codes: NDArray[np.intp]
    weights: FloatArray
    centre: FloatArray
    scale: FloatArray
    grades: tuple[float, ...]
    n: int
    n_missing: int


def fit_ordinal(
    X: ArrayLike,
    grades: ArrayLike,
    names: Sequence[str],
    *,
    method: Literal["jeffreys", "ml"] = "jeffreys",
    scale: Sequence[float] = (),
    level: float = 0.95,
    weights: ArrayLike | None = None,
    question: str = QUESTION,
) -> OrdinalResult:
    """Fit a proportional-odds regression.

    Parameters
    ----------
    X
        Terms, shape (rows, terms); rows with NaN are left out and counted.
    grades
        Grade of each row as a number; NaN if missing.
    names
        Name of each term.
    method
        "jeffreys": l + log det(information) / 2, finite under separation too, and Firth's method
        where there are two grades. "ml": maximum likelihood.
    scale
        All grades of the scale; those that no row has are named in the result.
    level
        Coverage of the intervals.
    weights
        Of the rows, above 0; they may be fractions (half a row for each of two readers).
    question
        What is asked, in words.

    Returns
    -------
    OrdinalResult
        Slopes with Wald intervals and p, thresholds with Wald intervals, and the likelihood-ratio
        test of all slopes. Rows of one patient are taken to be independent: where they are not,
        intervals are too narrow.

    Raises
    ------
    StatisticsError
        If shapes do not fit, a value is infinite, a grade is not on the scale, fewer than two
        grades are left, a term is constant or determined by others, there are fewer rows than
        coefficients, the fit does not converge, or ("ml") the estimates are infinite.

    References
    ----------
    McCullagh P. J R Stat Soc B 1980;42:109-142. Firth D. Biometrika 1993;80:27-38.
    """
    if method not in METHODS:
        raise StatisticsError(f"method is one of {', '.join(METHODS)}; found {method!r}")
    z = normal_quantile(level)
    labels = tuple(str(name) for name in names)
    rows = _rows(X, grades, labels, weights, scale)
    separation = ordinal_separation(rows.X, rows.codes, len(rows.grades), labels)
    if method == "ml" and separation.kind != "none":
        raise StatisticsError(
            f"{separation.kind} separation: by maximum likelihood the slopes of "
            f"{', '.join(separation.directions)} are infinite. Use the method 'jeffreys'"
        )
    likelihood = jeffreys_log_likelihood if method == "jeffreys" else ordinal_log_likelihood
    evaluate = likelihood(rows.X, rows.codes, len(rows.grades), rows.weights)
    start = _start(rows)
    cuts = len(rows.grades) - 1
    best = _maximum(evaluate, start, len(start))
    null = _maximum(evaluate, start, cuts)
    to_units = _to_units(rows)
    theta = to_units @ best.beta
    spread = best.curvature if method == "ml" else best.information
    covariance = to_units @ inverse(spread) @ to_units.T
    errors = np.sqrt(np.diag(covariance))
    statistic = max(0.0, 2.0 * (best.value - null.value))
    # the determinant in the penalty depends on the unit of the terms
    unit = math.fsum(np.log(rows.scale)) if method == "jeffreys" else 0.0
    unseen = tuple(float(one) for one in scale if float(one) not in rows.grades)
    return OrdinalResult(
        question=question,
        method=METHODS[method],
        n=rows.n,
        n_missing=rows.n_missing,
        statistic=statistic,
        statistic_name="likelihood-ratio chi-square against the thresholds alone",
        df=len(labels),
        p=from_chi_square(statistic, len(labels)),
        warnings=_warnings(rows, separation, unseen),
        reference=REFERENCE,
        terms=tuple(
            _term(name, float(theta[cuts + k]), float(errors[cuts + k]), z, level)
            for k, name in enumerate(labels)
        ),
        thresholds=_thresholds(rows, theta, errors, z, level),
        grades=rows.grades,
        counts=tuple(
            float(one) for one in np.bincount(rows.codes, weights=rows.weights, minlength=cuts + 1)
        ),
        unseen=unseen,
        covariance=tuple(tuple(float(cell) for cell in row) for row in covariance),
        log_likelihood=best.value + unit,
        null_log_likelihood=null.value + unit,
        separation=separation,
    )


def _rows(
    X: ArrayLike,
    grades: ArrayLike,
    names: tuple[str, ...],
    weights: ArrayLike | None,
    scale: Sequence[float],
) -> _Rows:
    """Check terms and grades, leave incomplete rows out, centre and scale the terms."""
    terms = as_matrix(X)
    if len(set(names)) != terms.shape[1]:
        raise StatisticsError(f"{terms.shape[1]} terms need as many names, each its own")
    outcome = as_vector(grades, "the grades", len(terms))
    share = np.ones(len(terms)) if weights is None else as_vector(weights, "weights", len(terms))
    if not (np.isfinite(share) & (share > 0)).all():
        raise StatisticsError("weights are numbers above 0")
    if (np.abs(terms) > LARGEST).any() or np.isinf(outcome).any():
        raise StatisticsError(f"terms and grades are finite numbers, terms below {LARGEST:g}")
    off = sorted(set(outcome[~np.isnan(outcome)]) - {float(one) for one in scale}) if scale else []
    if off:
        raise StatisticsError(
            f"grades are on the scale {', '.join(f'{one:g}' for one in scale)}; found {off[0]:g}"
        )
    complete = ~(np.isnan(terms).any(axis=1) | np.isnan(outcome))
    terms, outcome, share = terms[complete], outcome[complete], share[complete]
    seen, codes = np.unique(outcome, return_inverse=True)
    if len(seen) < 2:
        raise StatisticsError(
            f"{len(seen)} grade{'s are' * (len(seen) != 1)}{' is' * (len(seen) == 1)} seen in "
            f"{len(terms)} complete rows: a regression needs two or more"
        )
    coefficients = len(seen) - 1 + len(names)
    if len(terms) < coefficients:
        raise StatisticsError(
            f"{coefficients} coefficients (thresholds and slopes) cannot be estimated from "
            f"{len(terms)} rows"
        )
    spread = terms.std(axis=0)
    for name, one, column in zip(names, spread, terms.T, strict=True):
        if one == 0 or column.min() == column.max():
            raise StatisticsError(f"term {name!r} is constant. Leave it out")
    centre = terms.mean(axis=0)
    scaled = (terms - centre) / spread
    if np.linalg.svd(scaled, compute_uv=False)[-1] < 1e-8 * math.sqrt(len(terms)):
        raise StatisticsError(f"the terms {', '.join(names)} determine each other. Leave one out")
    return _Rows(
        X=scaled,
        codes=np.asarray(codes, dtype=np.intp),
        weights=share,
        centre=centre,
        scale=spread,
        grades=tuple(float(one) for one in seen),
        n=len(terms),
        n_missing=int((~complete).sum()),
    )


def _start(rows: _Rows) -> FloatArray:
    """Return the thresholds of the null model; all slopes are 0."""
    counts = np.bincount(rows.codes, weights=rows.weights)
    below = counts.cumsum()[:-1] / counts.sum()
    return np.concatenate((np.log(below / (1 - below)), np.zeros(rows.X.shape[1])))


def _maximum(evaluate: Evaluate, start: FloatArray, free: int) -> Point:
    """Climb quickly, and where that does not arrive, with the curvature of the whole."""
    try:
        return maximise(evaluate, start, free=free, most_steps=QUICK_STEPS)
    except StatisticsError:
        return maximise(with_full_curvature(evaluate), start, free=free)


def _to_units(rows: _Rows) -> FloatArray:
    """Return the matrix from coefficients of scaled terms to those of the terms as given."""
    cuts = len(rows.grades) - 1
    matrix = np.eye(cuts + rows.X.shape[1])
    matrix[cuts:, cuts:] = np.diag(1.0 / rows.scale)
    matrix[:cuts, cuts:] = rows.centre / rows.scale
    return matrix


def _term(name: str, b: float, se: float, z: float, level: float) -> Term:
    ci, p = wald(b, se, z, level, "Wald")
    return Term(name=name, b=b, se=se, odds_ratio=odds_ratio(b), ci={"wald": ci}, p={"wald": p})


def _thresholds(
    rows: _Rows, theta: FloatArray, errors: FloatArray, z: float, level: float
) -> tuple[Threshold, ...]:
    found: list[Threshold] = []
    for k, (below, above) in enumerate(zip(rows.grades, rows.grades[1:], strict=False)):
        value, se = float(theta[k]), float(errors[k])
        interval = Interval(value - z * se, value + z * se, level, "Wald")
        name = f"{below:g}|{above:g}"
        found.append(Threshold(name=name, value=value, se=se, interval=interval))
    return tuple(found)


def _warnings(rows: _Rows, separation: Separation, unseen: tuple[float, ...]) -> tuple[str, ...]:
    said: list[str] = []
    if rows.n_missing:
        said.append(
            f"{rows.n_missing} of {rows.n + rows.n_missing} rows are left out: a term or the grade "
            f"is missing"
        )
    if unseen:
        named = ", ".join(f"{one:g}" for one in unseen)
        said.append(f"no row has the grade {named}: it has no threshold of its own")
    if separation.kind != "none":
        said.append(
            f"{separation.kind} separation: {', '.join(separation.directions)} order the grades "
            f"without overlap. The finite estimates shown rest on Jeffreys' penalty"
        )
    return tuple(said)
