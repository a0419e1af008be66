"""How well linear predictors foretell the outcome, for many resamples at once."""

from __future__ import annotations

import numpy as np

from myocohort.stats.design import FloatArray
from myocohort.stats.validation_ml import climb

MEASURES = ("c-statistic", "Brier score", "calibration slope", "calibration intercept")
SLOPE = 2  # place of the calibration slope


def linear_predictors(X: FloatArray, coefficients: FloatArray) -> FloatArray:
    """Return the log odds that each model gives each row, shape (models, rows).

    Added up column by column, so that rows that are alike get values that are exactly equal,
    which a matrix product does not warrant and ties need.

    Parameters
    ----------
    X
        Terms, shape (rows, terms).
    coefficients
        Shape (models, terms + 1), the intercept first.
    """
    total = np.repeat(coefficients[:, :1], len(X), axis=1)
    for column in range(X.shape[1]):
        total += coefficients[:, column + 1, np.newaxis] * X[:, column]
    return total


def performance(log_odds: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
    """Measure discrimination, accuracy and calibration of each linear predictor.

    Parameters
    ----------
    log_odds
        Shape (models, rows), finite.
    y
        Outcome, 0 or 1; both must be among the rows with weight.
    weights
        How often each row counts, shape (models, rows).

    Returns
    -------
    ndarray of shape (models, 4)
        c-statistic (ties count one half), Brier score, and slope and intercept of a logistic
        regression, by maximum likelihood, of the outcome on the linear predictor (Cox 1958).
        Slope and intercept are NaN where all predictions are equal; the slope is infinite,
        and the intercept NaN, where the predictions separate the outcomes.

    References
    ----------
    Harrell FE. Regression Modeling Strategies, 2nd ed. Springer 2015, sections 10.8 and 10.9.
    Brier GW. Mon Weather Rev 1950;78:1-3. Cox DR. Biometrika 1958;45:562-565.
    """
    small = np.exp(-np.abs(log_odds))
    risk = np.where(log_odds >= 0.0, 1.0, small) / (1.0 + small)
    brier = (weights * (y - risk) ** 2).sum(axis=1) / weights.sum(axis=1)
    slope, intercept = _calibration_line(log_odds, y, weights)
    return np.column_stack((_concordance(log_odds, y, weights), brier, slope, intercept))


def _concordance(log_odds: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
    order = np.argsort(log_odds, axis=1)
    ordered = np.take_along_axis(log_odds, order, axis=1)
    drawn = np.take_along_axis(weights, order, axis=1)
    events = drawn * y[order]
    others = np.cumsum(drawn - events, axis=1)
    # of each run of ties: the others before it, and those up to its end
    starts = np.column_stack((np.ones(len(order), dtype=bool), ordered[:, 1:] != ordered[:, :-1]))
    ends = np.column_stack((starts[:, 1:], np.ones(len(order), dtype=bool)))
    place = np.arange(order.shape[1])
    first = np.maximum.accumulate(np.where(starts, place, 0), axis=1)
    last = np.minimum.accumulate(np.where(ends, place, order.shape[1])[:, ::-1], axis=1)[:, ::-1]
    padded = np.column_stack((np.zeros(len(order)), others))
    below = np.take_along_axis(padded, first, axis=1)
    up_to = np.take_along_axis(others, last, axis=1)
    pairs = events.sum(axis=1) * others[:, -1]
    concordance: FloatArray = (events * (below + up_to)).sum(axis=1) / 2.0 / pairs
    return concordance


def _calibration_line(
    log_odds: FloatArray, y: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    slope, intercept = np.full((2, len(log_odds)), np.nan)
    present = weights > 0
    with_outcome, without = present & (y > 0), present & (y == 0)
    low1 = np.where(with_outcome, log_odds, np.inf).min(axis=1)
    high1 = np.where(with_outcome, log_odds, -np.inf).max(axis=1)
    low0 = np.where(without, log_odds, np.inf).min(axis=1)
    high0 = np.where(without, log_odds, -np.inf).max(axis=1)
    varies = np.minimum(low0, low1) < np.maximum(high0, high1)
    slope[varies & (low1 >= high0)] = np.inf
    slope[varies & (low0 >= high1)] = -np.inf
    finite = np.flatnonzero(varies & (low1 < high0) & (low0 < high1))
    if not len(finite):
        return slope, intercept
    x, w = log_odds[finite], weights[finite]
    n = w.sum(axis=1, keepdims=True)
    centre = (w * x).sum(axis=1, keepdims=True) / n
    spread = np.sqrt((w * (x - centre) ** 2).sum(axis=1, keepdims=True) / n)
    scaled = (x - centre) / spread
    ends = climb(np.stack((np.ones_like(scaled), scaled), axis=2), y, w)
    slope[finite] = ends.beta[:, 1] / spread[:, 0]
    intercept[finite] = ends.beta[:, 0] - slope[finite] * centre[:, 0]
    return slope, intercept
