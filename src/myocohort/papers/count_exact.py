"""The exact p values of a table of two groups and two levels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from myocohort.stats.p_values import bounded


@dataclass(frozen=True, slots=True)
class ExactP:
    """Two-sided p values of a 2 x 2 table given its margins.

    Parameters
    ----------
    likelihood, likelihood_mid
        Probability of all tables no likelier than the observed one, and the same with half of
        the observed one.
    doubled, doubled_mid
        Twice the smaller one-sided p, and the same with half of the observed table.
    distance
        Probability of all tables at least as far from the expected one.
    """

    likelihood: float
    likelihood_mid: float
    doubled: float
    doubled_mid: float
    distance: float


@lru_cache(maxsize=4096)
def exact_p_values(a: int, row: int, other_row: int, column: int) -> ExactP:
    """Return the exact p values of a 2 x 2 table.

    Parameters
    ----------
    a
        The first cell.
    row, other_row
        Sums of its row and of the other.
    column
        Sum of its column.
    """
    n = row + other_row
    low, high = max(0, column - other_row), min(row, column)
    # The weights start from the likeliest table, so that none overflows.
    mode = min(max((row + 1) * (column + 1) // (n + 2), low), high)
    weights = {mode: 1.0}
    for k in range(mode, high):
        up = (row - k) * (column - k) / ((k + 1) * (other_row - column + k + 1))
        weights[k + 1] = weights[k] * up
    for k in range(mode, low, -1):
        down = k * (other_row - column + k) / ((row - k + 1) * (column - k + 1))
        weights[k - 1] = weights[k] * down
    total = math.fsum(weights.values())
    observed = weights[a]
    same = observed * (1 + 1e-7)  # two tables count as equally likely within this, as in R
    likelihood = math.fsum(w for w in weights.values() if w <= same) / total
    tail = (
        min(
            math.fsum(w for k, w in weights.items() if k <= a),
            math.fsum(w for k, w in weights.items() if k >= a),
        )
        / total
    )
    distance = abs(n * a - row * column)
    as_far = math.fsum(w for k, w in weights.items() if abs(n * k - row * column) >= distance)
    half = observed / total / 2
    return ExactP(
        likelihood=bounded(likelihood),
        likelihood_mid=bounded(likelihood - half),
        doubled=bounded(2 * tail),
        doubled_mid=bounded(2 * (tail - half)),
        distance=bounded(as_far / total),
    )
