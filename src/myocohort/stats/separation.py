"""Separation: whether terms split the outcome perfectly, so that estimates run to infinity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.optimize import linprog

from myocohort.errors import StatisticsError
from myocohort.stats.design import Design, FloatArray, make_design
from myocohort.stats.likelihood import Point, inverse, log_likelihood, maximise
from myocohort.stats.result import Separation

QUICK_STEPS = 25
SMALLEST_RESIDUAL = 1e-6
LARGEST_WEIGHT = 1e6  # of a column: gaps down to a millionth of an SD count as separation
ZERO = 1e-7  # a linear program's answers are good to about this


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out about separation in a design.

    Parameters
    ----------
    separation
        Kind and directions.
    undetermined
        Terms among the infinite ones whose sign the data do not fix: every value of them
        reaches the same likelihood. Their direction is that of Konis's linear program; they
        are not in the directions if that has none.
    overlapping
        Patterns that no combination of terms separates, shape (patterns,).
    fit
        The maximum of the likelihood, if it was found on the way; separation is "none" then.
    """

    separation: Separation
    overlapping: NDArray[np.bool_]
    undetermined: tuple[str, ...] = ()
    fit: Point | None = None


def detect_separation(
    X: ArrayLike, y: ArrayLike, names: Sequence[str], *, weights: ArrayLike | None = None
) -> Separation:
    """Decide whether a logistic regression has finite estimates of maximum likelihood.

    Parameters
    ----------
    X
        Terms, shape (rows, terms), without intercept; rows with NaN are left out.
    y
        Outcome, 0 or 1.
    names
        Name of each term; the intercept is called "(Intercept)".
    weights
        How many patients each row stands for.

    Returns
    -------
    Separation
        "none", "quasi-complete" or "complete", and the sign of each coefficient that runs
        to infinity.

    Raises
    ------
    StatisticsError
        If the design is unfit for a model (see `make_design`).

    References
    ----------
    Albert A, Anderson JA. Biometrika 1984;71:1-10. Konis K. Linear programming algorithms
    for detecting separated data in binary logistic regression models. DPhil thesis,
    University of Oxford, 2007.
    """
    return find_separation(make_design(X, y, names, weights)).separation


def find_separation(design: Design, near: FloatArray | None = None) -> Finding:
    """Decide about separation; a proof that there is none is tried before linear programs.

    Parameters
    ----------
    design
        The design.
    near
        Coefficients to start the proof from; 0 by default.
    """
    X, trials, events = design.X, design.trials, design.events
    fit = proven_maximum(design, near)
    if fit is not None:
        return Finding(Separation(kind="none"), np.ones(len(X), dtype=np.bool_), fit=fit)
    separable = separable_patterns(X, trials, events)
    if not separable.any():
        return Finding(Separation(kind="none"), ~separable)
    directions: dict[str, int] = {}
    undetermined = []
    overlapping = X[~separable]
    signed = np.where(events > 0, 1.0, -1.0)[separable, np.newaxis] * X[separable]
    fixed = row_space(overlapping)
    only = _only_direction(fixed, signed)
    by_convention: FloatArray | None = None
    for name, coefficient in zip(design.names, design.to_units, strict=True):
        if is_estimable(fixed, coefficient):
            continue
        if only is not None:
            directions[name] = 1 if coefficient @ only > 0 else -1
            continue
        goal = coefficient / np.linalg.norm(coefficient)
        up = goal @ _furthest(goal, overlapping, signed) > ZERO
        down = goal @ _furthest(-goal, overlapping, signed) < -ZERO
        if up != down:
            directions[name] = 1 if up else -1
            continue
        undetermined.append(name)
        if by_convention is None:
            by_convention = _furthest(signed.sum(axis=0), overlapping, signed)
        if abs(goal @ by_convention) > ZERO:
            directions[name] = 1 if goal @ by_convention > 0 else -1
    kind = "complete" if separable.all() else "quasi-complete"
    separation = Separation(kind=kind, directions=directions)
    return Finding(separation, ~separable, tuple(undetermined))


def proven_maximum(design: Design, near: FloatArray | None = None) -> Point | None:
    """Return the maximum of the likelihood if it proves that there is no separation.

    By linear programming duality the data overlap exactly if some positive weights of the
    signed rows cancel out. At the maximum the residuals are such weights but for rounding;
    if even the smallest of them is far larger than any correction that rounding could ask
    for, the proof holds.
    """
    X, trials, events = design.X, design.trials, design.events
    start = np.zeros(X.shape[1]) if near is None else near
    try:
        fit = maximise(log_likelihood(X, trials, events), start, most_steps=QUICK_STEPS)
        spread = float(inverse(fit.curvature).trace())
    except StatisticsError:
        return None
    risk = 1.0 / (1.0 + np.exp(-(X @ fit.beta)))
    residuals = np.concatenate(
        ((events * (1.0 - risk))[events > 0], ((trials - events) * risk)[events < trials])
    )
    unbalanced = float(np.linalg.norm(fit.score)) + 1e-14 * design.n * float(np.abs(X).max())
    # the smallest singular value of the signed rows is at least that of W^(1/2) X, rescaled
    correction = unbalanced * (spread * float(trials.max()) / 4.0) ** 0.5
    smallest = float(residuals.min())
    return fit if smallest > max(SMALLEST_RESIDUAL, 2.0 * correction) else None


def separable_patterns(X: FloatArray, trials: FloatArray, events: FloatArray) -> NDArray[np.bool_]:
    """Say which patterns some combination of the columns separates, all at the same time.

    Parameters
    ----------
    X
        Patterns, shape (patterns, columns); the columns need not be independent.
    trials, events
        Rows, and rows with the outcome, of each pattern.

    Raises
    ------
    StatisticsError
        If the linear program is not solved.
    """
    rows, columns = X.shape
    pure = (events == 0) | (events == trials)
    separable = np.zeros(rows, dtype=np.bool_)
    if not pure.any() or columns == 0:
        return separable
    signed = np.where(events > 0, 1.0, -1.0)[pure, np.newaxis] * X[pure]
    count = len(signed)
    # the separated patterns get a margin of 1, the others 0; the sum of margins is maximal
    solution = _solve(
        np.concatenate((np.zeros(columns), -np.ones(count))),
        A_ub=sparse.hstack((sparse.csr_array(-signed), sparse.eye_array(count))).tocsr(),
        b_ub=np.zeros(count),
        A_eq=np.hstack((X[~pure], np.zeros((rows - count, count)))) if count < rows else None,
        b_eq=np.zeros(rows - count) if count < rows else None,
        bounds=[(-LARGEST_WEIGHT, LARGEST_WEIGHT)] * columns + [(0.0, 1.0)] * count,
    )
    margins = solution[columns:]
    if ((margins > 1e-6) & (margins < 1.0 - 1e-6)).any():
        raise StatisticsError(
            "separation cannot be decided: the data are separated by less than rounding"
        )
    separable[pure] = margins > 0.5
    return separable


def _only_direction(fixed: FloatArray, signed: FloatArray) -> FloatArray | None:
    """Return the direction that separates if the overlapping patterns leave but one."""
    if fixed.shape[1] != fixed.shape[0] - 1:
        return None
    line: FloatArray = np.linalg.svd(fixed.T)[2][-1]
    return line if (signed @ line).sum() > 0 else -line


def _furthest(goal: FloatArray, overlapping: FloatArray, signed: FloatArray) -> FloatArray:
    """Return the separating direction within a box of -1 to 1 that goes furthest along `goal`."""
    return _solve(
        -goal,
        A_ub=-signed,
        b_ub=np.zeros(len(signed)),
        A_eq=overlapping if len(overlapping) else None,
        b_eq=np.zeros(len(overlapping)) if len(overlapping) else None,
        bounds=(-1.0, 1.0),
    )


def _solve(goal: FloatArray, **program: Any) -> FloatArray:
    answer = linprog(goal, method="highs", **program)
    if answer.status != 0:
        raise StatisticsError(f"separation cannot be decided: {answer.message}")
    return np.asarray(answer.x, dtype=np.float64)


def row_space(X: FloatArray) -> FloatArray:
    """Return an orthonormal basis of the rows of X, shape (columns, rank)."""
    if not X.size:
        return np.zeros((X.shape[1], 0))
    _, values, basis = np.linalg.svd(X, full_matrices=False)
    return np.asarray(basis[values > 1e-9 * values[0]].T, dtype=np.float64)


def is_estimable(basis: FloatArray, combination: FloatArray) -> bool:
    """Say whether rows with this basis determine a combination of the coefficients."""
    left = combination - basis @ (basis.T @ combination)
    return bool(np.linalg.norm(left) < ZERO * np.linalg.norm(combination))
