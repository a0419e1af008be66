"""Separation in proportional-odds regression: whether terms order the grades perfectly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from myocohort.errors import StatisticsError
from myocohort.stats.design import FloatArray
from myocohort.stats.result import Separation

ZERO = 1e-7


def ordinal_separation(
    X: FloatArray, codes: NDArray[np.intp], grades: int, names: Sequence[str]
) -> Separation:
    """Decide whether slopes of maximum likelihood run to infinity.

    The log-likelihood is concave, and falls nowhere along a direction just if for each row the
    line of its own grade does not fall and that of the grade below does not rise. Directions that
    do so and move a slope are found by linear programming.

    Parameters
    ----------
    X
        Terms, shape (rows, terms), each scaled to an SD of about 1.
    codes
        Grade of each row, 0 to `grades` - 1, each of them there.
    grades
        How many grades there are.
    names
        Of the terms.

    Returns
    -------
    Separation
        "none", "quasi-complete" or "complete" (all rows gain at once), and the sign of each slope
        that runs to infinity; 0 does not occur.

    Raises
    ------
    StatisticsError
        If the linear program is not solved.

    References
    ----------
    Albert A, Anderson JA. Biometrika 1984;71:1-10; Konis K. DPhil thesis, Oxford 2007, applied to
    the cumulative logits.
    """
    cuts, terms = grades - 1, X.shape[1]
    upper, lower = codes < cuts, codes > 0
    signed = np.zeros((int(upper.sum() + lower.sum()), cuts + terms))
    ends = int(upper.sum())
    signed[np.arange(ends), codes[upper]] = 1.0
    signed[:ends, cuts:] = -X[upper]
    signed[np.arange(ends, len(signed)), codes[lower] - 1] = -1.0
    signed[ends:, cuts:] = X[lower]
    directions: dict[str, int] = {}
    for term, name in enumerate(names):
        goal = np.zeros(cuts + terms)
        goal[cuts + term] = 1.0
        reach = {sign: _furthest(sign * goal, signed) for sign in (1, -1)}
        sign = max(reach, key=lambda one: reach[one])
        if reach[sign] > ZERO:
            directions[name] = sign
    if not directions:
        return Separation(kind="none")
    # complete: one direction along which every line of every row gains at the same time
    margin = _solve(
        np.concatenate((np.zeros(cuts + terms), [-1.0])),
        np.hstack((-signed, np.ones((len(signed), 1)))),
    )[-1]
    kind = "complete" if margin > ZERO else "quasi-complete"
    return Separation(kind=kind, directions=directions)


def _furthest(goal: FloatArray, signed: FloatArray) -> float:
    return float(goal @ _solve(-goal, -signed))


def _solve(goal: FloatArray, against: FloatArray) -> FloatArray:
    answer = linprog(
        goal, A_ub=against, b_ub=np.zeros(len(against)), bounds=(-1.0, 1.0), method="highs"
    )
    if answer.status != 0:
        raise StatisticsError(f"separation cannot be decided: {answer.message}")
    return np.asarray(answer.x, dtype=np.float64)
