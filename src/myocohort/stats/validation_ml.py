"""Maximum likelihood of many resamples of one data set at once, with its separations."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from myocohort.stats.design import FloatArray
from myocohort.stats.likelihood import TOLERANCE
from myocohort.stats.separation import SMALLEST_RESIDUAL, ZERO, separable_patterns
from myocohort.stats.validation_data import BoolArray

MOST_STEPS = 40  # under separation each step brings the likelihood nearer to its limit by e
MOST_HALVINGS = 30
RIDGE = 1e-11  # share of the information's trace that keeps it invertible
LARGE = 1e-8  # squared length, in standard errors, of a last step that did not arrive
MOST_NUMBERS = 4_000_000  # held at the same time


class LikelihoodFits(NamedTuple):
    """Fits of many resamples.

    Parameters
    ----------
    coefficients
        Shape (resamples, terms + 1), the intercept first, 0 for terms that are not in; of no
        use where the resample is separated.
    log_likelihood
        Maximum, or under separation the limit, shape (resamples,).
    separated, arrived
        Whether the resample has no finite estimate, and whether Newton's method found the
        one it has, shape (resamples,).
    """

    coefficients: FloatArray
    log_likelihood: FloatArray
    separated: BoolArray
    arrived: BoolArray


class Climbs(NamedTuple):
    """Where Newton's method ended in each problem.

    Parameters
    ----------
    beta, step
        Coefficients and the step that would come next, shape (problems, coefficients).
    value
        Log-likelihoods, shape (problems,).
    arrived, proven
        Whether no step is left to go, and whether the end is proven to be a finite maximum,
        shape (problems,).
    """

    beta: FloatArray
    step: FloatArray
    value: FloatArray
    arrived: BoolArray
    proven: BoolArray


def fit_ml_many(
    X: FloatArray, y: FloatArray, weights: FloatArray, columns: BoolArray, *, decide: bool = True
) -> LikelihoodFits:
    """Fit logistic regressions by maximum likelihood to many resamples of the same rows.

    Parameters
    ----------
    X, y
        Terms, shape (rows, terms), without intercept, and outcome, 0 or 1; nothing missing.
    weights
        How often each row is in each resample, shape (resamples, rows); both outcomes are in
        each resample.
    columns
        Which terms are in the model of each resample, shape (resamples, terms).
    decide
        Whether separation is decided; without, `separated` is False throughout, and the
        log-likelihoods are right all the same.
    """
    centre, spread = X.mean(axis=0), X.std(axis=0)
    scale = np.where(spread > 0.0, spread, 1.0)
    X1 = np.column_stack((np.ones(len(X)), (X - centre) / scale))
    inside = np.column_stack((np.ones(len(weights), dtype=np.bool_), columns))
    coefficients = np.zeros(inside.shape)
    value = np.empty(len(weights))
    separated, arrived = np.zeros((2, len(weights)), dtype=np.bool_)
    size = inside.sum(axis=1)
    for columns_in in np.unique(size):
        same_size = np.flatnonzero(size == columns_in)
        batch = max(1, MOST_NUMBERS // (len(X) * int(columns_in)))
        for start in range(0, len(same_size), batch):
            rows = same_size[start : start + batch]
            chosen = np.nonzero(inside[rows])[1].reshape(len(rows), -1)
            design = np.ascontiguousarray(X1.T[chosen].transpose(0, 2, 1))
            climbs = climb(design, y, weights[rows])
            coefficients[rows[:, np.newaxis], chosen] = climbs.beta
            value[rows], arrived[rows] = climbs.value, climbs.arrived
            if decide:
                for place in np.flatnonzero(~climbs.proven):
                    row = rows[place]
                    present = weights[row] > 0
                    separated[row] = _is_separated(
                        design[place][present],
                        y[present],
                        weights[row][present],
                        climbs.step[place],
                    )
    coefficients[:, 1:] /= scale
    coefficients[:, 0] -= coefficients[:, 1:] @ centre
    return LikelihoodFits(coefficients, value, separated, arrived)


def climb(design: FloatArray, y: FloatArray, weights: FloatArray) -> Climbs:
    """Maximise the log-likelihood of each problem by Newton's method with halved steps.

    Parameters
    ----------
    design
        Columns of each problem, the intercept among them, shape (problems, rows,
        coefficients).
    y, weights
        Outcome of the rows, and how often each is in each problem.
    """
    problems, _, size = design.shape
    ends = Climbs(
        np.zeros((problems, size)),
        np.zeros((problems, size)),
        np.zeros(problems),
        np.zeros(problems, dtype=np.bool_),
        np.zeros(problems, dtype=np.bool_),
    )
    active, beta = np.arange(problems), np.zeros((problems, size))
    value = _values(design, y, weights, beta)
    for left in reversed(range(MOST_STEPS)):
        eta = _combine(design, beta)
        small = np.exp(-np.abs(eta))
        risk = np.where(eta >= 0.0, 1.0, small) / (1.0 + small)
        residuals = weights * (y - risk)
        score = (residuals[:, np.newaxis] @ design)[:, 0]
        spread = weights * small / (1.0 + small) ** 2
        information = (design * spread[..., np.newaxis]).transpose(0, 2, 1) @ design
        ridge = RIDGE * information.trace(axis1=1, axis2=2) + 1e-200
        information += ridge[:, np.newaxis, np.newaxis] * np.eye(size)
        step = np.asarray(np.linalg.solve(information, score[..., np.newaxis])[..., 0], np.float64)
        length = (score * step).sum(axis=1)
        arrived = length <= TOLERANCE
        done = arrived if left else np.ones(len(active), dtype=np.bool_)
        if done.any():
            at = active[done]
            ends.beta[at], ends.step[at], ends.value[at] = beta[done], step[done], value[done]
            ends.arrived[at] = length[done] <= LARGE
            ends.proven[at] = arrived[done] & _is_maximum(
                design[done], y, weights[done], residuals[done], score[done], information[done]
            )
            going = ~done
            active, beta, value, step = active[going], beta[going], value[going], step[going]
            design, weights = design[going], weights[going]
        if not len(active):
            break
        beta, value = _up(design, y, weights, beta, value, step)
    return ends


def _combine(design: FloatArray, beta: FloatArray) -> FloatArray:
    return (design @ beta[..., np.newaxis])[..., 0]


def _values(design: FloatArray, y: FloatArray, weights: FloatArray, beta: FloatArray) -> FloatArray:
    eta = _combine(design, beta)
    value: FloatArray = (weights * (y * eta - np.logaddexp(0.0, eta))).sum(axis=1)
    return value


def _up(
    design: FloatArray,
    y: FloatArray,
    weights: FloatArray,
    beta: FloatArray,
    value: FloatArray,
    step: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Take the steps, halved until each of them climbs (but for rounding)."""
    lowest = value - 1e-12 * (1.0 + np.abs(value))
    there, height = beta + step, _values(design, y, weights, beta + step)
    for _ in range(MOST_HALVINGS):
        lower = np.flatnonzero(height < lowest)
        if not len(lower):
            break
        step[lower] /= 2.0
        there[lower] = beta[lower] + step[lower]
        height[lower] = _values(design[lower], y, weights[lower], there[lower])
    return there, height


def _is_maximum(
    design: FloatArray,
    y: FloatArray,
    weights: FloatArray,
    residuals: FloatArray,
    score: FloatArray,
    information: FloatArray,
) -> BoolArray:
    """Say where the residuals prove that there is no separation, as in `proven_maximum`."""
    least = np.where(weights > 0, np.abs(residuals), np.inf).min(axis=1)
    rows = weights.sum(axis=1)
    unbalanced = np.linalg.norm(score, axis=1) + 1e-14 * rows * np.abs(design).max(axis=(1, 2))
    variance = np.linalg.inv(information).trace(axis1=1, axis2=2)
    correction = unbalanced * np.sqrt(variance * weights.max(axis=1) / 4.0)
    proven: BoolArray = least > np.maximum(SMALLEST_RESIDUAL, 2.0 * correction)
    return proven


def _is_separated(design: FloatArray, y: FloatArray, weights: FloatArray, step: FloatArray) -> bool:
    """Decide one resample: first by the direction it runs in, else by linear programming."""
    margins = np.where(y > 0, 1.0, -1.0) * (design @ step)
    if margins.max() > 0.1 and margins.min() > -ZERO * margins.max():
        return True
    return bool(separable_patterns(design, weights, weights * y).any())
