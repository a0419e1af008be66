"""The likelihoods of a logistic regression and their maximisation by Newton's method."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.linalg import lapack

from myocohort.errors import StatisticsError
from myocohort.stats.design import FloatArray

MOST_STEPS = 200
MOST_HALVINGS = 40
LEAST_OF_PROMISED = 0.1
LONGEST_STEP = 5.0  # of any one coefficient, on the scale of the design
RIDGE = 1e-8
TOLERANCE = 1e-20  # squared length of a step in standard errors: 1e-10 of one
ROUNDING = 1e-10  # where a step this short no longer shrinks, only rounding is left


class Point(NamedTuple):
    """A log-likelihood at one place.

    Parameters
    ----------
    beta
        The coefficients.
    value
        Log-likelihood; minus infinity where it has none.
    score
        Its gradient.
    curvature
        Its negative second derivatives.
    information
        The Fisher information X'WX, positive definite wherever the value is finite.
    """

    beta: FloatArray
    value: float
    score: FloatArray
    curvature: FloatArray
    information: FloatArray


Evaluate = Callable[[FloatArray], Point]


def log_likelihood(X: FloatArray, trials: FloatArray, events: FloatArray) -> Evaluate:
    """Return the binomial log-likelihood (without its constant) as a function of beta."""
    transposed = np.ascontiguousarray(X.T)

    def evaluate(beta: FloatArray) -> Point:
        risk, weight, value = _at(X, trials, events, beta)
        fisher = (transposed * weight) @ X
        return Point(beta, value, transposed @ (events - trials * risk), fisher, fisher)

    return evaluate


def penalised_log_likelihood(X: FloatArray, trials: FloatArray, events: FloatArray) -> Evaluate:
    """Return Firth's log-likelihood, l + log det(X'WX) / 2, as a function of beta.

    The penalty always takes all columns of X. With leverages h and risks r the score is
    X'(events - trials r + h (1/2 - r)); the second derivatives take into account that h
    changes with beta.

    References
    ----------
    Firth D. Biometrika 1993;80:27-38. Heinze G, Schemper M. Stat Med 2002;21:2409-2419.
    """
    transposed = np.ascontiguousarray(X.T)
    columns, rows = transposed.shape

    def evaluate(beta: FloatArray) -> Point:
        risk, weight, value = _at(X, trials, events, beta)
        fisher = (transposed * weight) @ X
        root, failed = lapack.dpotrf(fisher, lower=1)
        if failed:
            return Point(beta, -math.inf, np.zeros(columns), fisher, fisher)
        value += math.fsum(map(math.log, root.diagonal().tolist()))
        half = lapack.dtrtri(root, lower=1)[0] @ transposed
        products = half[:, np.newaxis, :] * half
        leverage = weight * np.vecdot(half.T, half.T)
        skew = 1.0 - 2.0 * risk
        score = transposed @ (events - trials * risk + 0.5 * leverage * skew)
        own = (transposed * (weight + leverage * (3.0 * weight / trials - 0.5))) @ X
        shared = (transposed * (skew * weight)) @ products.reshape(-1, rows).T
        return Point(beta, value, score, own + 0.5 * (shared @ shared.T), fisher)

    return evaluate


def risks(log_odds: FloatArray) -> FloatArray:
    """Return risks from log odds; nothing overflows."""
    small = np.exp(-np.abs(log_odds))
    risk: FloatArray = np.where(log_odds >= 0.0, 1.0, small) / (1.0 + small)
    return risk


def leverages(X: FloatArray, trials: FloatArray, beta: FloatArray) -> FloatArray:
    """Return the diagonal of the hat matrix, summed over the rows of each pattern."""
    return _leverages(X, _at(X, trials, trials, beta)[1])


def augmented_information(X: FloatArray, trials: FloatArray, beta: FloatArray) -> FloatArray:
    """Return X'(trials + h)WX / trials, the information of the data augmented by leverages h.

    In the augmented data each row is repeated with weight h / 2 and either outcome;
    ordinary maximum likelihood on them gives Firth's estimates.

    References
    ----------
    Heinze G, Schemper M. Stat Med 2002;21:2409-2419.
    """
    weight = _at(X, trials, trials, beta)[1]
    augmented: FloatArray = (X.T * (weight * (1.0 + _leverages(X, weight) / trials))) @ X
    return augmented


def _leverages(X: FloatArray, weight: FloatArray) -> FloatArray:
    lengths: FloatArray = ((X @ inverse((X.T * weight) @ X)) * X).sum(axis=1)
    return weight * lengths


def _at(
    X: FloatArray, trials: FloatArray, events: FloatArray, beta: FloatArray
) -> tuple[FloatArray, FloatArray, float]:
    """Return risks, trials x risk x (1 - risk), and the log-likelihood; nothing overflows."""
    eta = X @ beta
    small = np.exp(-np.abs(eta))
    total = 1.0 + small
    value = events @ eta - trials @ (np.maximum(eta, 0.0) + np.log1p(small))
    return np.where(eta >= 0, 1.0, small) / total, trials * small / (total * total), float(value)


def maximise(
    evaluate: Evaluate,
    start: FloatArray,
    *,
    free: int | None = None,
    tolerance: float = TOLERANCE,
    most_steps: int = MOST_STEPS,
) -> Point:
    """Climb from `start` to the maximum over the first `free` coefficients.

    Newton's method, or Fisher's scoring where the log-likelihood is not concave; a step that
    does not climb by a tenth of what its slope promises is halved (one that jumps over the top
    to the same height on the other side would go on for ever). It ends when a full step is
    shorter than the root of `tolerance`, measured in standard errors, or when it is shorter than
    1e-5 of one and rounding (of nearly collinear columns) keeps it from getting shorter.

    Parameters
    ----------
    evaluate
        The log-likelihood.
    start
        Coefficients to start from; those after the first `free` stay as they are.
    free
        How many coefficients move; all by default.
    tolerance
        Squared length, in standard errors, of the step that ends the climb.
    most_steps
        Steps after which the climb is given up.

    Raises
    ------
    StatisticsError
        If the maximum is not reached; the message says why.
    """
    moving = len(start) if free is None else free
    here = evaluate(start)
    if moving == 0:
        return here
    shortest = math.inf
    for _ in range(most_steps):
        slope = here.score[:moving]
        step, failed = solve(here.curvature[:moving, :moving], slope)
        if failed:
            step = _uphill(here.information[:moving, :moving], slope)
        length = float(slope @ step)
        if not math.isfinite(length):
            raise StatisticsError("the fit does not converge: its numbers become too large")
        if length <= tolerance or ROUNDING >= length >= shortest:
            return here
        shortest = length
        longest = max(map(abs, step.tolist()))
        if longest > LONGEST_STEP:
            step = step * (LONGEST_STEP / longest)
        here = _climb(evaluate, here, step, moving)
    raise StatisticsError(f"the fit does not converge within {most_steps} steps")


def _uphill(information: FloatArray, slope: FloatArray) -> FloatArray:
    """Return a step that leads up where the curvature is not that of a hill top.

    It follows the information, made invertible where hardly any pattern carries some.
    """
    step, failed = solve(information, slope)
    if failed:
        ridge = RIDGE * float(information.trace()) * np.eye(len(information))
        step, failed = solve(information + ridge, slope)
    if failed:
        raise StatisticsError("the fit does not converge: the information matrix has no inverse")
    return step


def _climb(evaluate: Evaluate, here: Point, step: FloatArray, moving: int) -> Point:
    rounding = 1e-12 * (1.0 + abs(here.value))  # may seem to lose height
    promised = float(here.score[:moving] @ step)
    for _ in range(MOST_HALVINGS):
        beta = here.beta.copy()
        beta[:moving] += step
        there = evaluate(beta)
        if there.value >= here.value + LEAST_OF_PROMISED * promised - rounding:
            return there
        step, promised = step / 2.0, promised / 2.0
    raise StatisticsError("the fit does not converge: no step raises the likelihood")


def solve(matrix: FloatArray, right: FloatArray) -> tuple[FloatArray, bool]:
    """Solve a positive definite system; the second value says that the matrix is not one."""
    root, failed = lapack.dpotrf(matrix, lower=1)
    if failed:
        return right, True
    return lapack.dpotrs(root, right, lower=1)[0], False


def inverse(matrix: FloatArray) -> FloatArray:
    """Invert a positive definite matrix.

    Raises
    ------
    StatisticsError
        If it has no inverse.
    """
    if not len(matrix):
        return matrix
    solution, failed = solve(matrix, np.eye(len(matrix)))
    if failed:
        raise StatisticsError("no standard errors: the information matrix has no inverse")
    return solution
