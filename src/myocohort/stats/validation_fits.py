"""Models of many resamples by either method, with the reason where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from myocohort.errors import StatisticsError
from myocohort.stats.design import FloatArray
from myocohort.stats.firth_many import fit_firth_many
from myocohort.stats.validation_data import BoolArray
from myocohort.stats.validation_ml import fit_ml_many

Method = Literal["firth", "ml"]
Reasons = NDArray[np.int8]

METHODS: Mapping[str, str] = {
    "firth": "Firth's penalised likelihood",
    "ml": "maximum likelihood",
}
REASONS = (
    "",
    "nobody or everybody has the outcome",
    "more coefficients than rows",
    "a chosen term does not vary",
    "chosen terms determine each other",
    "the terms separate the outcome, so that maximum likelihood has no finite estimate",
    "the fit does not converge",
)
ONE_OUTCOME, TOO_MANY_TERMS, CONSTANT, DEPENDENT, SEPARATED, NOT_CONVERGED = range(1, 7)
COLLINEAR = 1e-12  # smallest eigenvalue of a correlation matrix that counts as above 0
MOST_NUMBERS = 4_000_000


def check_method(method: str) -> None:
    """Refuse a method that is not one of `METHODS`.

    Raises
    ------
    StatisticsError
        If it is not.
    """
    if method not in METHODS:
        raise StatisticsError(f"method is one of {', '.join(METHODS)}; found {method!r}")


def fit_many(
    method: Method, X: FloatArray, y: FloatArray, weights: FloatArray, columns: BoolArray
) -> tuple[FloatArray, Reasons]:
    """Fit a logistic regression to each resample.

    Parameters
    ----------
    method
        "firth" or "ml".
    X, y
        Terms, shape (rows, terms), and outcome, 0 or 1; nothing missing.
    weights
        How often each row is in each resample, shape (resamples, rows).
    columns
        Which terms are in the model of each resample, shape (resamples, terms); where none
        is, the intercept alone is fitted.

    Returns
    -------
    coefficients : ndarray of shape (resamples, terms + 1)
        The intercept first, 0 for terms that are not in; NaN where there is no model.
    reasons : ndarray of shape (resamples,)
        Why there is none, a place in `REASONS`; 0 where there is one.
    """
    reasons = obstacles(X, y, weights, columns)
    coefficients = np.full((len(weights), X.shape[1] + 1), np.nan)
    possible = np.flatnonzero(reasons == 0)
    if not len(possible):
        return coefficients, reasons
    if method == "firth":
        found, arrived = fit_firth_many(X, y, weights[possible], columns[possible])
    else:
        fits = fit_ml_many(X, y, weights[possible], columns[possible])
        found, arrived = fits.coefficients, fits.arrived
        reasons[possible[fits.separated]] = SEPARATED
    reasons[possible[~arrived & (reasons[possible] == 0)]] = NOT_CONVERGED
    coefficients[possible] = found
    coefficients[reasons > 0] = np.nan
    return coefficients, reasons


def count_reasons(reasons: Reasons) -> dict[str, int]:
    """Return how many resamples have no model for each reason that occurs."""
    counts = np.bincount(reasons, minlength=len(REASONS))
    return {REASONS[i]: int(counts[i]) for i in range(1, len(REASONS)) if counts[i]}


def one_outcome(y: FloatArray, weights: FloatArray) -> BoolArray:
    """Say in which resamples nobody or everybody has the outcome."""
    events = weights @ y
    same: BoolArray = (events == 0) | (events == weights.sum(axis=1))
    return same


def obstacles(X: FloatArray, y: FloatArray, weights: FloatArray, columns: BoolArray) -> Reasons:
    """Say which resamples no method can fit, and why: places in `REASONS`, 0 where one can."""
    reasons = np.zeros(len(weights), dtype=np.int8)
    size = columns.sum(axis=1)
    reasons[_dependent(X, weights, columns)] = DEPENDENT
    reasons[(columns & ~_varies(X, weights)).any(axis=1)] = CONSTANT
    reasons[weights.sum(axis=1) < size + 1] = TOO_MANY_TERMS
    reasons[one_outcome(y, weights)] = ONE_OUTCOME
    return reasons


def _varies(X: FloatArray, weights: FloatArray) -> BoolArray:
    """Say which terms have more than one value in each resample, shape (resamples, terms)."""
    varies = np.empty((len(weights), X.shape[1]), dtype=np.bool_)
    present = weights > 0
    for column, values in enumerate(X.T):
        highest = np.where(present, values, -np.inf).max(axis=1)
        varies[:, column] = np.where(present, values, np.inf).min(axis=1) < highest
    return varies


def _dependent(X: FloatArray, weights: FloatArray, columns: BoolArray) -> BoolArray:
    """Say in which resamples the chosen terms and the intercept are linearly dependent."""
    centre, spread = X.mean(axis=0), X.std(axis=0)
    Z = (X - centre) / np.where(spread > 0.0, spread, 1.0)
    dependent = np.zeros(len(weights), dtype=np.bool_)
    size = columns.sum(axis=1)
    for columns_in in np.unique(size[size > 1]):
        same_size = np.flatnonzero(size == columns_in)
        batch = max(1, MOST_NUMBERS // (len(X) * int(columns_in)))
        for start in range(0, len(same_size), batch):
            rows = same_size[start : start + batch]
            chosen = np.nonzero(columns[rows])[1].reshape(len(rows), -1)
            own = Z.T[chosen].transpose(0, 2, 1)
            present = (weights[rows] > 0).astype(np.float64)[..., np.newaxis]
            centred = present * (
                own - (present * own).sum(1, keepdims=True) / present.sum(1)[:, None]
            )
            length = np.sqrt((centred**2).sum(axis=1, keepdims=True))
            centred /= np.where(length > 0.0, length, 1.0)
            smallest = np.linalg.eigvalsh(centred.transpose(0, 2, 1) @ centred)[:, 0]
            dependent[rows] = smallest <= COLLINEAR
    return dependent
