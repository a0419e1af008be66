"""Univariable p values of many candidates in many resamples at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import special

from myocohort.stats.design import FloatArray
from myocohort.stats.mann_whitney import EXACT_BELOW, u_distribution
from myocohort.stats.p_values import SMALLEST_P, exact_two_sided
from myocohort.stats.validation_data import Kind


def screening_p(
    X: FloatArray, y: FloatArray, weights: FloatArray, kinds: Sequence[Kind]
) -> FloatArray:
    """Test every candidate against the outcome in every resample.

    The tests are those of Table 1: `pearson_chi_square` (no continuity correction) of binary
    candidates, `mann_whitney` of numbers (exact without ties and with both groups below 50,
    else asymptotic with tie correction and without continuity correction). A resample with
    rows drawn twice has ties.

    Parameters
    ----------
    X, y
        Candidates, shape (rows, candidates), and outcome, 0 or 1; nothing missing.
    weights
        How often each row is in each resample, shape (resamples, rows).
    kinds
        "binary" or "number" for each candidate.

    Returns
    -------
    ndarray of shape (resamples, candidates)
        NaN where a resample has one outcome only, or one value of the candidate.
    """
    p = np.empty((len(weights), X.shape[1]))
    with_outcome = weights * y
    for column, kind in enumerate(kinds):
        test = _chi_square if kind == "binary" else _mann_whitney
        p[:, column] = test(X[:, column], weights, with_outcome)
    return p


def _chi_square(x: FloatArray, weights: FloatArray, with_outcome: FloatArray) -> FloatArray:
    high = (x == x.max()).astype(np.float64)
    n, events = weights.sum(axis=1), with_outcome.sum(axis=1)
    exposed, both = weights @ high, with_outcome @ high
    margins = exposed * (n - exposed) * events * (n - events)
    testable = margins > 0
    statistic = np.divide(
        n * (both * n - exposed * events) ** 2, margins, out=np.zeros(len(n)), where=testable
    )
    p = np.maximum(special.chdtrc(1, statistic), SMALLEST_P)
    return np.where(testable, p, np.nan)


def _mann_whitney(x: FloatArray, weights: FloatArray, with_outcome: FloatArray) -> FloatArray:
    order = np.argsort(x, kind="stable")
    ordered = x[order]
    first = np.concatenate(([0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1))
    counts = np.add.reduceat(weights[:, order], first, axis=1)
    events = np.add.reduceat(with_outcome[:, order], first, axis=1)
    midranks = np.cumsum(counts, axis=1) - (counts - 1.0) / 2.0
    n, n1 = counts.sum(axis=1), events.sum(axis=1)
    n2 = n - n1
    u = (events * midranks).sum(axis=1) - n1 * (n1 + 1.0) / 2.0
    ties = (counts**3 - counts).sum(axis=1)
    testable = (n1 > 0) & (n2 > 0) & (counts.max(axis=1) < n)
    least = np.where(testable, n, 2.0)
    variance = n1 * n2 / 12.0 * ((least + 1.0) - ties / (least * (least - 1.0)))
    z = np.abs(u - n1 * n2 / 2.0) / np.sqrt(np.where(testable, variance, 1.0))
    p = np.maximum(special.erfc(z / np.sqrt(2.0)), SMALLEST_P)
    exact = testable & (ties == 0.0) & (np.maximum(n1, n2) < EXACT_BELOW)
    for row in np.flatnonzero(exact):
        sizes = sorted((int(n1[row]), int(n2[row])))
        p[row] = exact_two_sided(u_distribution(*sizes), round(float(u[row])))
    return np.where(testable, p, np.nan)
