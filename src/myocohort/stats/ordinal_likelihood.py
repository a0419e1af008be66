"""The likelihood of a proportional-odds regression, plain and with Jeffreys' penalty."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from myocohort.errors import StatisticsError
from myocohort.stats.design import FloatArray
from myocohort.stats.likelihood import Evaluate, Point

TINY = 1e-300


class Pieces(NamedTuple):
    """Chances of all grades in every row, with their first and second derivatives.

    Parameters
    ----------
    chances
        Shape (rows, grades).
    first
        Shape (rows, grades, coefficients).
    curves
        Second derivative of the chance of a lower or equal grade along its own line,
        shape (rows, grades + 1); 0 at both ends.
    lines
        Gradient of that line, shape (rows, grades + 1, coefficients); 0 at both ends.
    """

    chances: FloatArray
    first: FloatArray
    curves: FloatArray
    lines: FloatArray


def pieces(X: FloatArray, grades: int, theta: FloatArray) -> Pieces:
    """Return chances and derivatives where logit P(grade <= k) = threshold k - X slopes.

    Parameters
    ----------
    X
        Terms, shape (rows, terms).
    grades
        How many grades there are.
    theta
        Thresholds, one fewer than grades, then slopes.
    """
    rows, terms = X.shape
    cuts = grades - 1
    line = theta[:cuts][np.newaxis, :] - (X @ theta[cuts:])[:, np.newaxis]
    below = 1.0 / (1.0 + np.exp(-np.clip(line, -700, 700)))
    slope = below * (1.0 - below)
    zeros = np.zeros((rows, 1))
    whole = np.hstack((zeros, below, zeros + 1.0))
    steep = np.hstack((zeros, slope, zeros))
    curves = np.hstack((zeros, slope * (1.0 - 2.0 * below), zeros))
    lines = np.zeros((rows, grades + 1, cuts + terms))
    lines[:, 1:grades, :cuts] = np.eye(cuts)
    lines[:, 1:grades, cuts:] = -X[:, np.newaxis, :]
    # differences of the upper tails where both are near 1, so that no digits cancel
    above = 1.0 / (1.0 + np.exp(np.clip(line, -700, 700)))
    tails = np.hstack((zeros + 1.0, above, zeros))
    chances = np.where(
        whole[:, 1:] + whole[:, :-1] > 1.0, tails[:, :-1] - tails[:, 1:], np.diff(whole, axis=1)
    )
    first = steep[:, 1:, np.newaxis] * lines[:, 1:] - steep[:, :-1, np.newaxis] * lines[:, :-1]
    return Pieces(chances, first, curves, lines)


def information(found: Pieces, weights: FloatArray) -> FloatArray:
    """Return the Fisher information of thresholds and slopes."""
    share = weights[:, np.newaxis] / np.maximum(found.chances, TINY)
    flat = found.first.reshape(-1, found.first.shape[2])
    return np.asarray((flat.T * share.ravel()) @ flat, dtype=np.float64)


def ordinal_log_likelihood(
    X: FloatArray, codes: NDArray[np.intp], grades: int, weights: FloatArray
) -> Evaluate:
    """Return the log-likelihood as a function of thresholds and slopes."""
    rows = np.arange(len(X))

    def evaluate(theta: FloatArray) -> Point:
        found = pieces(X, grades, theta)
        own = found.chances[rows, codes]
        fisher = information(found, weights)
        if own.min() <= 0.0 or (np.diff(theta[: grades - 1]) <= 0).any():
            return Point(theta, -math.inf, np.zeros(len(theta)), fisher, fisher)
        value = float(weights @ np.log(own))
        relative = found.first[rows, codes] / own[:, np.newaxis]
        curvature = (relative.T * weights) @ relative
        for end, sign in ((1, 1.0), (0, -1.0)):
            lines = found.lines[rows, codes + end]
            bend = sign * weights * found.curves[rows, codes + end] / own
            curvature -= (lines.T * bend) @ lines
        return Point(theta, value, weights @ relative, curvature, fisher)

    return evaluate


def jeffreys_log_likelihood(
    X: FloatArray, codes: NDArray[np.intp], grades: int, weights: FloatArray
) -> Evaluate:
    """Return l + log det(information) / 2 as a function of thresholds and slopes.

    Of two grades it is Firth's penalised likelihood of the logistic regression. The curvature
    given is that of l alone, which leads uphill; the score is exact.

    References
    ----------
    Firth D. Biometrika 1993;80:27-38. Jeffreys H. Proc R Soc A 1946;186:453-461.
    """
    plain = ordinal_log_likelihood(X, codes, grades, weights)

    def evaluate(theta: FloatArray) -> Point:
        here = plain(theta)
        if not math.isfinite(here.value):
            return here
        sign, volume = np.linalg.slogdet(here.information)
        if sign <= 0:
            return here._replace(value=-math.inf)
        score = here.score + 0.5 * _volume_slope(
            pieces(X, grades, theta), weights, here.information
        )
        return here._replace(value=here.value + volume / 2.0, score=score)

    return evaluate


def _volume_slope(found: Pieces, weights: FloatArray, fisher: FloatArray) -> FloatArray:
    """Return the gradient of log det(information): tr(information^-1 d information).

    With G = information^-1, u = first derivatives of a chance p and their own derivatives, the
    information is the sum of u u' / p; along each coefficient its trace with G changes by
    2 u' G du / p - u' G u dp / p^2.
    """
    try:
        inverse = np.linalg.inv(fisher)
    except np.linalg.LinAlgError as error:
        raise StatisticsError("the fit does not converge: no inverse of the information") from error
    chances = np.maximum(found.chances, TINY)
    leaning = found.first @ inverse
    lengths = np.vecdot(leaning, found.first)
    share = weights[:, np.newaxis] / chances
    slope = -np.tensordot(share * lengths / chances, found.first, 2)
    for end, sign in ((slice(1, None), 1.0), (slice(None, -1), -1.0)):
        lines = found.lines[:, end]
        along = np.vecdot(leaning, lines)
        slope += 2.0 * sign * np.tensordot(share * found.curves[:, end] * along, lines, 2)
    return np.asarray(slope, dtype=np.float64)


def with_full_curvature(evaluate: Evaluate) -> Evaluate:
    """Return the same function with the curvature of its whole value, by differences of the score.

    Slower for each step, and sure where the curvature of the likelihood alone misleads: with few
    rows, or grades that the terms order perfectly.
    """

    def full(theta: FloatArray) -> Point:
        here = evaluate(theta)
        if not math.isfinite(here.value):
            return here
        curvature = np.zeros((len(theta), len(theta)))
        for k in range(len(theta)):
            step = np.zeros(len(theta))
            step[k] = 1e-5 * (1.0 + abs(float(theta[k])))
            ahead, behind = evaluate(theta + step), evaluate(theta - step)
            curvature[k] = (behind.score - ahead.score) / (2.0 * step[k])
        return here._replace(curvature=(curvature + curvature.T) / 2.0)

    return full
