"""What the ranks of two samples must show to have a printed Mann-Whitney p value."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from myocohort.papers.printed import Interval
from myocohort.stats.mann_whitney import u_distribution
from myocohort.stats.p_values import exact_two_sided

Floats = NDArray[np.float64]

_TIE_STEP = 6  # t^3 - t is a multiple of 6
_FEWEST = 40  # tie terms listed for each U, from the fewest ties on


def mann_whitney_deviation(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Return |U - n1 n2 / 2| and the tie term sum(t^3 - t) of many pairs of samples.

    Parameters
    ----------
    first, second
        Values by data set and patient; shapes (sets, n1) and (sets, n2).
    """
    n1, n2 = first.shape[1], second.shape[1]
    above = (first[:, :, None] > second[:, None, :]).sum(axis=(1, 2))
    equal = (first[:, :, None] == second[:, None, :]).sum(axis=(1, 2))
    every = np.concatenate([first, second], axis=1)
    shared = (every[:, :, None] == every[:, None, :]).sum(axis=2)
    ties = (shared.astype(float) ** 2 - 1).sum(axis=1)
    return np.abs(above + equal / 2 - n1 * n2 / 2), ties


def reachable(n1: int, n2: int, p: Interval, *, exact: bool) -> Floats:
    """Return what two samples can show to have a printed two-sided Mann-Whitney p.

    Parameters
    ----------
    n1, n2
        Sizes of the samples.
    p
        What the printed p stands for.
    exact
        Whether the exact test is meant, for values without ties, or the asymptotic one, tie
        corrected and without continuity correction, with at least one tie.

    Returns
    -------
    array, shape (ways, 2)
        |U - n1 n2 / 2| and the tie term sum(t^3 - t), which is 0 for the exact test; for each
        U the fewest ties that do. No row is a proof that no two samples have that p.
    """
    middle = n1 * n2 / 2
    low = 0.0 if p.low is None else max(0.0, float(p.low))
    high = 1.0 if p.high is None else min(1.0, float(p.high))
    if exact:
        ways = u_distribution(min(n1, n2), max(n1, n2))
        us = range(n1 * n2 // 2 + 1)
        found = [(middle - u, 0.0) for u in us if low <= exact_two_sided(ways, u) <= high]
        return np.array(found).reshape(-1, 2)
    n = n1 + n2
    z_low, z_high = float(norm.isf(high / 2)), float(norm.isf(low / 2))
    rows = []
    for deviation in np.arange(0.0, middle + 0.5, 0.5):
        # z = deviation / sqrt(variance), and the variance falls as the ties grow.
        least = deviation**2 / z_high**2
        most = deviation**2 / z_low**2 if z_low > 0 else math.inf
        if deviation == 0 and z_low > 0:
            continue
        ties_of = [n * (n - 1) * (n + 1 - 12 * v / (n1 * n2)) for v in (most, least)]
        first = max(_TIE_STEP, math.ceil(max(ties_of[0], 0) / _TIE_STEP) * _TIE_STEP)
        last = min(ties_of[1], n**3 - n - 1)
        ties = np.arange(first, last + 1e-9, _TIE_STEP)[:_FEWEST]
        rows += [(float(deviation), float(term)) for term in ties]
    return np.array(rows).reshape(-1, 2)
