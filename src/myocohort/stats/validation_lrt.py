"""Likelihood-ratio statistics of each term, of either method, for many resamples at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from myocohort.stats.batched import Heights, Problems, make_problems, penalised_heights
from myocohort.stats.design import FloatArray
from myocohort.stats.likelihood import LONGEST_STEP
from myocohort.stats.validation_data import BoolArray
from myocohort.stats.validation_fits import Method, obstacles
from myocohort.stats.validation_ml import fit_ml_many

MOST_STEPS = 60
MOST_HALVINGS = 30
LAST_STEP = 1e-14  # squared length, in standard errors: the likelihood is flat within it
NOTHING = -1
MOST_NUMBERS = 4_000_000  # held at the same time


def likelihood_ratios(
    X: FloatArray, y: FloatArray, weights: FloatArray, columns: BoolArray, method: Method
) -> FloatArray:
    """Return the likelihood-ratio statistic of each term in the model of each resample.

    Parameters
    ----------
    X, y
        Terms, shape (rows, terms), and outcome, 0 or 1; nothing missing.
    weights
        How often each row is in each resample, shape (resamples, rows); both outcomes are in
        each.
    columns
        Which terms are in the model of each resample, shape (resamples, terms).
    method
        "ml", where separation gives limits, or "firth".

    Returns
    -------
    ndarray of shape (resamples, terms)
        One degree of freedom each; infinite for terms that are not in the model, NaN for all
        terms of a resample whose model has no maximum.
    """
    statistics = _ratios_firth if method == "firth" else _ratios_ml
    ratios: FloatArray = np.maximum(statistics(X, y, weights, columns), 0.0)
    return ratios


def _ratios_ml(X: FloatArray, y: FloatArray, weights: FloatArray, columns: BoolArray) -> FloatArray:
    statistics = np.full(columns.shape, np.inf)
    rows, terms = np.nonzero(columns)
    without = columns[rows]
    without[np.arange(len(rows)), terms] = False
    all_in = fit_ml_many(X, y, weights, columns, decide=False).log_likelihood
    left_out = fit_ml_many(X, y, weights[rows], without, decide=False).log_likelihood
    statistics[rows, terms] = 2.0 * (all_in[rows] - left_out)
    return statistics


def _ratios_firth(
    X: FloatArray, y: FloatArray, weights: FloatArray, columns: BoolArray
) -> FloatArray:
    statistics = np.full(columns.shape, np.inf)
    usable = obstacles(X, y, weights, columns) == 0
    statistics[~usable] = np.nan
    centre, spread = X.mean(axis=0), X.std(axis=0)
    X1 = np.column_stack((np.ones(len(y)), (X - centre) / np.where(spread > 0.0, spread, 1.0)))
    size = columns.sum(axis=1)
    for columns_in in np.unique(size[usable]):
        same_size = np.flatnonzero(usable & (size == columns_in))
        each = int(columns_in) + 1  # fits: one with nothing held, one for each term
        batch = max(1, MOST_NUMBERS // (len(y) * each**4))
        for start in range(0, len(same_size), batch):
            at = same_size[start : start + batch]
            chosen = np.nonzero(columns[at])[1].reshape(len(at), -1)
            own = np.column_stack((np.zeros(len(at), dtype=np.intp), chosen + 1))
            value = penalised_maxima(
                np.repeat(X1.T[own].transpose(0, 2, 1), each, axis=0),
                y,
                np.repeat(weights[at], each, axis=0),
                np.tile(np.array([NOTHING, *range(1, each)], dtype=np.intp), len(at)),
            ).reshape(len(at), each)
            statistics[at[:, np.newaxis], chosen] = 2.0 * (value[:, :1] - value[:, 1:])
    return statistics


def penalised_maxima(
    design: FloatArray, y: FloatArray, weights: FloatArray, held: NDArray[np.intp]
) -> FloatArray:
    """Maximise Firth's likelihood of each problem with one coefficient held at 0.

    The penalty keeps all columns (Heinze & Schemper 2002), so that twice the difference from
    the maximum with nothing held is the penalised likelihood-ratio statistic of the term.

    Parameters
    ----------
    design
        Columns of each problem, the intercept first, shape (problems, rows, coefficients).
    y, weights
        Outcome of the rows, and how often each is in each problem, shape (problems, rows).
    held
        Position of the coefficient, or `NOTHING`, of each problem.

    Returns
    -------
    ndarray of shape (problems,)
        Penalised log-likelihoods, NaN where the maximum was not reached.

    References
    ----------
    Heinze G, Schemper M. Stat Med 2002;21:2409-2419.
    """
    count, _, size = design.shape
    value = np.full(count, np.nan)
    active = np.arange(count)
    problems = make_problems(design, weights, weights * y)
    beta = np.zeros((count, size))
    here = penalised_heights(problems, beta)
    for _ in range(MOST_STEPS):
        step, length = _steps(_hold(here, held))
        arrived = length <= LAST_STEP
        value[active[arrived]] = here.value[arrived]
        going = ~arrived & np.isfinite(length)
        active, beta, step, held = active[going], beta[going], step[going], held[going]
        if not len(active):
            break
        problems, here = problems.take(going), Heights(*(part[going] for part in here))
        beta, here = _up(problems, beta, here, step)
    return value


def _hold(here: Heights, held: NDArray[np.intp]) -> Heights:
    """Return derivatives in which the held coefficient has no slope and goes nowhere."""
    rows = np.flatnonzero(held != NOTHING)
    at = held[rows]
    score = here.score.copy()
    score[rows, at] = 0.0
    matrices = here.curvature.copy(), here.information.copy()
    for matrix in matrices:
        matrix[rows, at, :] = 0.0
        matrix[rows, :, at] = 0.0
        matrix[rows, at, at] = 1.0
    return Heights(here.value, score, *matrices)


def _steps(here: Heights) -> tuple[FloatArray, FloatArray]:
    """Return Newton's step where it leads up, else Fisher's, and its squared length."""
    convex = np.linalg.eigvalsh(here.curvature)[:, 0] > 0.0
    matrix = np.where(convex[:, np.newaxis, np.newaxis], here.curvature, here.information)
    step = np.asarray(np.linalg.solve(matrix, here.score[..., np.newaxis])[..., 0], np.float64)
    length = (here.score * step).sum(axis=1)
    longest = np.abs(step).max(axis=1, keepdims=True)
    return step * (LONGEST_STEP / np.maximum(longest, LONGEST_STEP)), length


def _up(
    problems: Problems, beta: FloatArray, here: Heights, step: FloatArray
) -> tuple[FloatArray, Heights]:
    """Take the steps, halved until each of them climbs (but for rounding)."""
    lowest = here.value - 1e-12 * (1.0 + np.abs(here.value))
    there = penalised_heights(problems, beta + step)
    for _ in range(MOST_HALVINGS):
        low = ~(there.value >= lowest)
        if not low.any():
            break
        step[low] /= 2.0
        again = penalised_heights(problems.take(low), (beta + step)[low])
        for part, new in zip(there, again, strict=True):
            part[low] = new
    return beta + step, there
