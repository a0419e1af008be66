"""The partial likelihood of proportional hazards, with Firth's penalty and its derivatives."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from myocohort.stats.design import FloatArray
from myocohort.stats.likelihood import Evaluate, Point, inverse

Ties = Literal["efron", "breslow"]


def partial_likelihood(
    X: FloatArray,
    time: FloatArray,
    event: NDArray[np.bool_],
    *,
    ties: Ties = "efron",
    penalised: bool = False,
    offset: FloatArray | float = 0.0,
) -> Evaluate:
    """Return the log partial likelihood as a function of the coefficients.

    Parameters
    ----------
    X
        Terms, shape (patients, terms), none missing.
    time, event
        Time to the event or to the end of observation, and which of both it is.
    ties
        How events at the same time are handled.
    penalised
        Whether half the log determinant of the information is added (Firth). The curvature
        returned is the information in either case: the second derivatives of the penalty
        are left out, which slows the climb a little and changes nothing of the maximum.
    offset
        Log hazards that are given, one for each patient.

    References
    ----------
    Cox DR. J R Stat Soc B 1972;34:187-220. Efron B. J Am Stat Assoc 1977;72:557-565.
    Heinze G, Schemper M. Biometrics 2001;57:114-119.
    """
    order = np.argsort(-time, kind="stable")  # from the last time, so that risk sets grow
    X, time, event = X[order], time[order], event[order]
    given = np.broadcast_to(offset, len(X))[order]
    size = X.shape[1]
    squares = (X[:, :, None] * X[:, None, :]).reshape(len(X), -1)
    cubes = (squares[:, :, None] * X[:, None, :]).reshape(len(X), -1) if penalised else None
    # One row for each event: the last patient of its risk set, its tie, and the share of the
    # tie that Efron's method takes out of the risk set.
    dying = np.flatnonzero(event)
    moments, tie = np.unique(-time[dying], return_inverse=True)
    last = np.searchsorted(-time, moments, side="right")[tie] - 1
    count = np.bincount(tie)
    within = np.arange(len(dying)) - np.repeat(np.cumsum(count) - count, count)
    share = within / count[tie] if ties == "efron" else np.zeros(len(dying))
    of_dying = X[dying].sum(axis=0)

    def sums(weight: FloatArray, columns: FloatArray) -> FloatArray:
        weighted = weight[:, None] * columns
        inside = np.zeros((len(moments), columns.shape[1]))
        np.add.at(inside, tie, weighted[dying])
        result: FloatArray = np.cumsum(weighted, axis=0)[last] - share[:, None] * inside[tie]
        return result

    ones = np.ones((len(X), 1))

    def evaluate(beta: FloatArray) -> Point:
        log_hazard = X @ beta + given
        top = float(log_hazard.max())
        weight = np.exp(log_hazard - top)
        total = sums(weight, ones)
        with np.errstate(divide="ignore"):
            value = float(log_hazard[dying].sum() - np.log(total).sum() - top * len(dying))
        if not math.isfinite(value):
            return Point(beta, -math.inf, np.zeros(size), np.eye(size), np.eye(size))
        first = sums(weight, X) / total
        second = (sums(weight, squares) / total).reshape(len(dying), size, size)
        score = of_dying - first.sum(axis=0)
        fisher = (second - first[:, :, None] * first[:, None, :]).sum(axis=0)
        if cubes is None:
            return Point(beta, value, score, fisher, fisher)
        root, failed = lapack.dpotrf(fisher, lower=1)
        if failed:
            return Point(beta, -math.inf, np.zeros(size), fisher, fisher)
        value += math.fsum(map(math.log, root.diagonal().tolist()))
        third = (sums(weight, cubes) / total).reshape(-1, size, size, size).sum(axis=0)
        crossed = np.einsum("ejk,er->jkr", second, first)
        crossed = crossed + crossed.transpose(0, 2, 1) + crossed.transpose(2, 1, 0)
        slopes = third - crossed + 2.0 * np.einsum("ej,ek,er->jkr", first, first, first)
        score = score + 0.5 * np.einsum("jk,jkr->r", inverse(fisher), slopes)
        return Point(beta, value, score, fisher, fisher)

    return evaluate
