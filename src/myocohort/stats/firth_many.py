"""Firth's estimates of many resamples of one data set at once, for validation."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from myocohort.errors import StatisticsError
from myocohort.stats.batched import Heights, Problems, make_problems, penalised_heights
from myocohort.stats.design import LARGEST, FloatArray, as_matrix, as_vector, distinct_rows

MOST_STEPS = 100
MOST_HALVINGS = 40
LONGEST_STEP = 5.0  # of any one coefficient, on the scale of the design
LAST_STEP = 1e-11  # squared length, in standard errors, of a step whose successor is not needed
COLLINEAR = 1e-13  # smallest eigenvalue of a correlation matrix that can be told from 0
MOST_NUMBERS = 1_000_000  # held at the same time

BoolArray = NDArray[np.bool_]


def fit_firth_many(
    X: ArrayLike, y: ArrayLike, weights: ArrayLike, columns: ArrayLike | None = None
) -> tuple[FloatArray, BoolArray]:
    """Fit Firth's logistic regression to many resamples of the same rows.

    The estimates are those of `fit_firth`, without tests and intervals.

    Parameters
    ----------
    X
        Terms, shape (rows, terms), without intercept and without missing values.
    y
        Outcome of each row, 0 or 1.
    weights
        How often each row is in each resample: whole numbers, shape (resamples, rows).
    columns
        Which terms are in the model of each resample, shape (resamples, terms); all by
        default. Where none is, the intercept alone is fitted.

    Returns
    -------
    coefficients : ndarray of shape (resamples, terms + 1)
        Log odds, the intercept first; 0 for terms that are not in. All NaN where the fit
        failed.
    converged : ndarray of shape (resamples,)
        False where `fit_firth` refuses too: nobody or everybody in the resample has the
        outcome, it has fewer rows than coefficients, or a term in it is constant or
        determined by others; and where Newton's method does not arrive. Such resamples are
        to be counted and reported.

    Raises
    ------
    StatisticsError
        If shapes do not fit, a value is missing, infinite or above 1e100, the outcome is not
        0 or 1, or a weight is not a whole number of at least 0.

    References
    ----------
    Firth D. Biometrika 1993;80:27-38. Heinze G, Schemper M. Stat Med 2002;21:2409-2419.
    """
    terms, outcome, counts, inside = _checked(X, y, weights, columns)
    patterns, index = distinct_rows(terms)
    rows = np.arange(len(terms))
    # Sparse, because rows by patterns is too much where most rows have a pattern of their own.
    to_pattern = csr_array((np.ones(len(rows)), (index, rows)), shape=(len(patterns), len(rows)))
    trials, events = (
        np.ascontiguousarray((to_pattern @ each.T).T) for each in (counts, counts * outcome)
    )
    n, n_events, size = trials.sum(axis=1), events.sum(axis=1), inside.sum(axis=1)
    possible = (n_events > 0) & (n_events < n) & (n > size)
    coefficients = np.full((len(counts), terms.shape[1] + 1), np.nan)
    for number in np.unique(size[possible]):
        alike = np.flatnonzero(possible & (size == number))
        chunk = max(1, MOST_NUMBERS // (len(patterns) * (int(number) + 1) ** 2))
        for start in range(0, len(alike), chunk):
            rows = alike[start : start + chunk]
            chosen = np.nonzero(inside[rows])[1].reshape(len(rows), -1)
            values = patterns.T[chosen].transpose(0, 2, 1)
            fitted = _fit(values, trials[rows], events[rows])
            coefficients[rows] = 0.0
            coefficients[rows, 0] = fitted[:, 0]
            coefficients[rows[:, np.newaxis], chosen + 1] = fitted[:, 1:]
    converged = np.asarray(np.isfinite(coefficients).all(axis=1), dtype=np.bool_)
    coefficients[~converged] = np.nan
    return coefficients, converged


def _checked(
    X: ArrayLike, y: ArrayLike, weights: ArrayLike, columns: ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray, BoolArray]:
    terms = as_matrix(X)
    outcome = as_vector(y, "the outcome", len(terms))
    try:
        counts = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise StatisticsError("weights are whole numbers of rows, at least 0") from error
    if counts.ndim != 2 or counts.shape[1] != len(terms):
        raise StatisticsError(
            f"weights come as resamples by {len(terms)} rows; found shape {counts.shape}"
        )
    inside = np.ones((len(counts), terms.shape[1]), dtype=np.bool_)
    if columns is not None:
        inside = np.asarray(columns, dtype=np.bool_)
        if inside.shape != (len(counts), terms.shape[1]):
            raise StatisticsError(
                f"columns come as {len(counts)} resamples by {terms.shape[1]} terms; found "
                f"shape {inside.shape}"
            )
    if not (np.abs(terms) <= LARGEST).all():
        raise StatisticsError(
            f"a term holds a missing or infinite value, or one above {LARGEST:g}. "
            f"Leave such rows out first"
        )
    wrong = outcome[(outcome != 0) & (outcome != 1)]
    if len(wrong):
        raise StatisticsError(f"the outcome is 0 or 1; found {wrong[0]:g}")
    if not ((counts >= 0) & (counts == np.floor(counts)) & np.isfinite(counts)).all():
        raise StatisticsError("weights are whole numbers of rows, at least 0")
    return terms, outcome, counts, inside


def _fit(values: FloatArray, trials: FloatArray, events: FloatArray) -> FloatArray:
    """Return the coefficients of each problem in the units of its terms, NaN where it fails.

    Parameters
    ----------
    values
        Terms of each pattern, shape (problems, patterns, terms).
    trials, events
        Rows, and rows with the outcome, shape (problems, patterns).
    """
    # centred and scaled over the patterns that have rows, as in `make_design`
    present = (trials > 0)[:, :, np.newaxis]
    number = present.sum(axis=1)
    values = np.where(present, values, 0.0)
    centre = values.sum(axis=1) / number
    distance = np.where(present, values - centre[:, np.newaxis], 0.0)
    spread = np.sqrt((distance**2).sum(axis=1) / number)
    varies = spread > 1e-14 * np.abs(centre)
    scale = np.where(varies, spread, 1.0)
    scaled = distance / scale[:, np.newaxis]
    fits = varies.all(axis=1)
    if scaled.shape[2]:
        correlation = scaled.transpose(0, 2, 1) @ scaled / number[:, :, np.newaxis]
        fits &= np.linalg.eigvalsh(correlation)[:, 0] > COLLINEAR
    X = np.concatenate((present.astype(np.float64), scaled), axis=2)
    beta = np.full((len(X), X.shape[2]), np.nan)
    beta[fits] = _maxima(make_problems(X[fits], trials[fits], events[fits]))
    slopes = beta[:, 1:] / scale
    intercept = beta[:, :1] - (slopes * centre).sum(axis=1, keepdims=True)
    return np.concatenate((intercept, slopes), axis=1)


def _maxima(problems: Problems) -> FloatArray:
    """Return the coefficients of each problem, NaN where there is no maximum.

    Newton's method from the same start as `fit_firth` and as in `likelihood.maximise`, for all
    at once: the score times the inverse information where the likelihood is not concave, steps
    halved that do not climb.
    """
    half = problems.X.shape[2] / 2.0
    n, n_events = problems.trials.sum(axis=1), problems.events.sum(axis=1)
    beta = np.zeros((len(problems.X), problems.X.shape[2]))
    beta[:, 0] = np.log((n_events + half) / (n - n_events + half))
    found = np.full_like(beta, np.nan)
    active = np.arange(len(beta))
    here = penalised_heights(problems, beta)
    for _ in range(MOST_STEPS):
        step, length = _steps(here)
        arrived = length <= LAST_STEP
        found[active[arrived]] = (beta + step)[arrived]
        going = ~arrived & np.isfinite(length)
        if not going.any():
            break
        if not going.all():
            active, beta, step = active[going], beta[going], step[going]
            problems, here = problems.take(going), here.take(going)
        beta, here, climbed = _climb(problems, beta, here, step)
        if not climbed.all():
            active, beta = active[climbed], beta[climbed]
            problems, here = problems.take(climbed), here.take(climbed)
    return found


def _steps(here: Heights) -> tuple[FloatArray, FloatArray]:
    """Return the next step of each problem and its squared length in standard errors."""
    concave = np.linalg.eigvalsh(here.curvature)[:, 0] > 0.0
    matrix = np.where(concave[:, np.newaxis, np.newaxis], here.curvature, here.information)
    step = np.linalg.solve(matrix, here.score[:, :, np.newaxis])[:, :, 0]
    length = (here.score * step).sum(axis=1)
    longest = np.abs(step).max(axis=1, keepdims=True)
    return step * np.minimum(1.0, LONGEST_STEP / np.maximum(longest, LONGEST_STEP)), length


def _climb(
    problems: Problems, beta: FloatArray, here: Heights, step: FloatArray
) -> tuple[FloatArray, Heights, BoolArray]:
    """Take each step, halved until it climbs; the last value says where it does."""
    lowest = here.value - 1e-12 * (1.0 + np.abs(here.value))  # rounding may seem to lose height
    there = penalised_heights(problems, beta + step)
    low = ~(there.value >= lowest)
    for _ in range(MOST_HALVINGS):
        if not low.any():
            break
        step[low] /= 2.0
        again = penalised_heights(problems.take(low), (beta + step)[low])
        for part, new in zip(there, again, strict=True):
            part[low] = new
        low = ~(there.value >= lowest)
    return beta + step, there, ~low
