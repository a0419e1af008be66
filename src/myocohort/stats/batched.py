"""The likelihoods of many logistic regressions of one shape at once, with derivatives."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from myocohort.stats.design import FloatArray

LOWEST_LOG_DETERMINANT = -650.0  # below it the information matrix counts as singular

Indices = NDArray[np.intp]


class Heights(NamedTuple):
    """A log-likelihood at one place of each problem.

    Parameters
    ----------
    value
        Log-likelihoods, shape (problems,); minus infinity where there is none.
    score
        Gradients, shape (problems, coefficients).
    curvature
        Negative second derivatives, shape (problems, coefficients, coefficients).
    information
        Fisher information X'WX, of the same shape; the identity where the value is not finite.
    """

    value: FloatArray
    score: FloatArray
    curvature: FloatArray
    information: FloatArray

    def take(self, rows: NDArray[np.bool_]) -> Heights:
        """Return those of some problems."""
        return Heights(*(part[rows] for part in self))


class Problems(NamedTuple):
    """Problems of one shape, with the products of columns that their sums are made of.

    Parameters
    ----------
    X
        Columns with the intercept first: shape (patterns, coefficients) if all problems share
        them, else (problems, patterns, coefficients).
    trials, events
        Rows, and rows with the outcome, of each pattern: shape (patterns,) if all problems
        share them, else (problems, patterns).
    pairs, triples
        Products of two and of three columns, each once, along the last axis; triples only if
        all problems share them, else they would take too much space.
    """

    X: FloatArray
    trials: FloatArray
    events: FloatArray
    pairs: FloatArray
    triples: FloatArray | None

    def take(self, rows: NDArray[np.bool_]) -> Problems:
        """Return some of the problems; what all share stays shared."""
        X, pairs = (self.X, self.pairs) if self.X.ndim == 2 else (self.X[rows], self.pairs[rows])
        trials, events = (
            part if part.ndim == 1 else part[rows] for part in (self.trials, self.events)
        )
        return Problems(X, trials, events, pairs, self.triples)


class Products(NamedTuple):
    """Which products of columns there are, and where they stand in a square and a cube.

    Parameters
    ----------
    pair
        The two columns of each pair.
    triple
        A pair and a further column for each triple.
    square, cube
        The pair of each cell of a matrix, and the triple of each cell of a cube.
    times
        How often each pair stands in a matrix.
    """

    pair: tuple[Indices, Indices]
    triple: tuple[Indices, Indices]
    square: Indices
    cube: Indices
    times: FloatArray


@lru_cache(maxsize=64)
def _products(size: int) -> Products:
    i, j = np.triu_indices(size)
    square = np.empty((size, size), dtype=np.intp)
    square[i, j] = square[j, i] = np.arange(len(i))
    cells = np.sort(np.indices((size, size, size)).reshape(3, -1), axis=0)
    (a, b, c), cube = np.unique(cells, axis=1, return_inverse=True)
    return Products(
        (i, j), (square[a, b], c), square, cube.reshape(size, size, size), 2.0 - (i == j)
    )


def make_problems(X: FloatArray, trials: FloatArray, events: FloatArray) -> Problems:
    """Return problems ready for `heights` and `penalised_heights` (shapes: see `Problems`)."""
    products = _products(X.shape[-1])
    (i, j), (pair, last) = products.pair, products.triple
    pairs = X[..., i] * X[..., j]
    triples = pairs[:, pair] * X[:, last] if X.ndim == 2 else None
    return Problems(X, trials, events, pairs, triples)


def heights(problems: Problems, beta: FloatArray) -> Heights:
    """Return the binomial log-likelihood at beta, shape (problems, coefficients)."""
    risk, _, weight, value = _at(problems, beta)
    square = _products(beta.shape[1]).square
    information = _sums(weight, problems.pairs)[:, square]
    score = _sums(problems.events - problems.trials * risk, problems.X)
    return Heights(value, score, information, information)


def penalised_heights(problems: Problems, beta: FloatArray) -> Heights:
    """Return l + log det(X'WX) / 2 at beta, shape (problems, coefficients).

    With risks r, w = trials r (1 - r), V the inverse of X'WX and T_i the derivative of X'WX by
    beta_i, the score is X'(events - trials r) + tr(V T_i) / 2; the curvature is X'WX plus
    tr(V T_i V T_j) / 2 less half the second derivatives of w, each times the squared length
    x'Vx of its pattern.

    References
    ----------
    Firth D. Biometrika 1993;80:27-38.
    """
    X, trials, events, pairs, _ = problems
    count, size = beta.shape
    products = _products(size)
    risk, spread, weight, value = _at(problems, beta)
    information = _sums(weight, pairs)[:, products.square]
    sign, log_determinant = np.linalg.slogdet(information)
    without = (sign <= 0.0) | ~(log_determinant > LOWEST_LOG_DETERMINANT)
    if without.any():
        information[without] = np.eye(size)
        log_determinant[without] = -np.inf
    V = np.linalg.inv(information)
    VT = V[:, np.newaxis] @ _slopes(problems, weight * (1.0 - 2.0 * risk))
    score = _sums(events - trials * risk, X) + 0.5 * VT.trace(axis1=2, axis2=3)
    i, j = products.pair
    lengths = _apply(V[:, i, j] * products.times, pairs)
    curved = weight * (1.0 - (0.5 - 3.0 * spread) * lengths)
    transposed = VT.transpose(0, 3, 2, 1).reshape(count, size * size, size)
    shared = VT.reshape(count, size, size * size) @ transposed
    curvature = _sums(curved, pairs)[:, products.square] + 0.5 * shared
    return Heights(value + 0.5 * log_determinant, score, curvature, information)


def information_slopes(problems: Problems, beta: FloatArray) -> FloatArray:
    """Return the derivatives of X'WX at beta, shape (problems, size, size, size)."""
    risk, _, weight, _ = _at(problems, beta)
    return _slopes(problems, weight * (1.0 - 2.0 * risk))


def _at(
    problems: Problems, beta: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return risk, risk (1 - risk), its product with trials, and the log-likelihood."""
    trials, events = problems.trials, problems.events
    eta = _apply(beta, problems.X)
    small = np.exp(-np.abs(eta))
    total = 1.0 + small
    spread = small / (total * total)
    value = np.vecdot(eta, events) - np.vecdot(np.maximum(eta, 0.0) + np.log1p(small), trials)
    return np.where(eta >= 0.0, 1.0, small) / total, spread, trials * spread, value


def _sums(weights: FloatArray, columns: FloatArray) -> FloatArray:
    """Sum columns over patterns, weighted; shape (problems, columns)."""
    if columns.ndim == 2:
        return weights @ columns
    return (weights[:, np.newaxis] @ columns)[:, 0]


def _slopes(problems: Problems, weights: FloatArray) -> FloatArray:
    """Return the derivatives of X'WX, shape (problems, size, size, size), from those of W."""
    products = _products(problems.X.shape[-1])
    if problems.triples is not None:
        return (weights @ problems.triples)[:, products.cube]
    weighted = weights[:, :, np.newaxis] * problems.X
    return (problems.pairs.transpose(0, 2, 1) @ weighted)[:, products.square]


def _apply(coefficients: FloatArray, columns: FloatArray) -> FloatArray:
    """Combine columns in each pattern; shape (problems, patterns)."""
    if columns.ndim == 2:
        return coefficients @ columns.T
    return (columns @ coefficients[..., np.newaxis])[..., 0]
