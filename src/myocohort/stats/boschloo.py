"""Boschloo's exact test of two groups in a yes-no variable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from myocohort.errors import StatisticsError
from myocohort.stats.chi_square import QUESTION
from myocohort.stats.counts import count_table
from myocohort.stats.p_values import bounded
from myocohort.stats.result import Result

METHOD = "Boschloo's exact test, two-sided as twice the smaller one-sided p"
REFERENCE = "Boschloo RD. Stat Neerl 1970;24:1-35"
MOST_TABLES = 100_000
GRID = np.sin(np.linspace(0.0, np.pi / 2.0, 1_002)[1:-1]) ** 2  # risks at which p is computed
SAME_P = 1.0 + 1e-7  # two one-sided p count as equal within this


def boschloo(table: ArrayLike, *, n_missing: int = 0, question: str = QUESTION) -> Result:
    """Test whether two groups of given sizes differ in a yes-no variable.

    Unlike Fisher's test it takes only the group sizes as given, not the number of events,
    and its p is never above that of `fisher_doubled`. Fisher's one-sided p orders the
    possible tables; the p is the greatest probability, over all common risks, of an order
    as extreme as the observed one. The greatest is sought on 1,000 risks, and then between
    them.

    Parameters
    ----------
    table
        Counts, shape (2, 2), groups in rows.
    n_missing
        Units that are not in the table because a value is missing.
    question
        What is asked, in words.

    Returns
    -------
    Result
        The statistic is the smaller one-sided p of Fisher's test. `p` is None, with a
        warning, if a group or a category is empty.

    Raises
    ------
    StatisticsError
        If the table does not hold counts, is larger than 2 x 2 once empty rows and columns
        are left out, or more than 100,000 tables are possible.

    References
    ----------
    Boschloo RD. Stat Neerl 1970;24:1-35.
    """
    clean = count_table(table)
    if clean.counts.shape[0] > 2 or clean.counts.shape[1] > 2:
        raise StatisticsError(
            f"Boschloo's test is defined for 2 x 2 tables; "
            f"found {clean.counts.shape[0]} x {clean.counts.shape[1]}. Use fisher_exact"
        )
    result = Result(
        question=question,
        method=METHOD,
        n=clean.n,
        n_missing=n_missing,
        warnings=clean.warnings,
        reference=REFERENCE,
    )
    if clean.nothing_to_compare:
        return replace(result, warnings=(*clean.warnings, clean.nothing_to_compare))
    n1, n2 = (int(size) for size in clean.counts.sum(axis=1))
    if (n1 + 1) * (n2 + 1) > MOST_TABLES:
        raise StatisticsError(
            f"Boschloo's test of {n1} against {n2} would need more than {MOST_TABLES:,} "
            f"tables. Use pearson_chi_square or fisher_exact"
        )
    x1, x2 = (int(count) for count in clean.counts[:, 0])
    sides = [
        _one_sided(_greater(n1, n2), x1, x2),
        _one_sided(_greater(n1, n2)[::-1, ::-1], x1, x2),  # no events instead of events
    ]
    return replace(
        result,
        statistic=min(fisher for fisher, _ in sides),
        statistic_name="one-sided Fisher p",
        p=bounded(2.0 * min(p for _, p in sides)),
    )


def _greater(n1: int, n2: int) -> NDArray[np.float64]:
    """Return Fisher's one-sided p of each table, (n1 + 1, n2 + 1): more events in the first."""
    first, second = np.arange(n1 + 1.0), np.arange(n2 + 1.0)
    log_ways = _log_choose(n1, first)[:, np.newaxis] + _log_choose(n2, second)
    p = np.empty_like(log_ways)
    for events in range(n1 + n2 + 1):
        rows = np.arange(max(0, events - n2), min(n1, events) + 1)[::-1]
        same_margins = log_ways[rows, events - rows]
        weights = np.exp(same_margins - same_margins.max())
        p[rows, events - rows] = np.cumsum(weights) / weights.sum()
    return p


def _one_sided(fisher: NDArray[np.float64], x1: int, x2: int) -> tuple[float, float]:
    """Return the observed Fisher p, and the greatest chance of one as small."""
    extreme = (fisher <= fisher[x1, x2] * SAME_P).astype(np.float64)
    if extreme.all():
        return float(fisher[x1, x2]), 1.0
    n1, n2 = (size - 1 for size in extreme.shape)

    def chance(risks: NDArray[np.float64]) -> NDArray[np.float64]:
        first, second = _binomial(n1, risks), _binomial(n2, risks)
        total: NDArray[np.float64] = (first * (extreme @ second)).sum(axis=0)
        return total

    return float(fisher[x1, x2]), _greatest(chance)


def _greatest(chance: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> float:
    """Return the greatest value of a smooth function of a risk."""
    on_grid = chance(GRID)
    best = float(on_grid.max())
    padded = np.concatenate(([0.0], on_grid, [0.0]))
    peaks = np.flatnonzero((on_grid >= padded[:-2]) & (on_grid >= padded[2:]))
    for peak in peaks[on_grid[peaks] > 0.99 * best]:
        around = GRID[max(0, peak - 1)], GRID[min(len(GRID) - 1, peak + 1)]
        found = optimize.minimize_scalar(
            lambda risk: -float(chance(np.array([risk]))[0]), bounds=around, method="bounded"
        )
        best = max(best, -float(found.fun))
    return best


def _binomial(n: int, risks: NDArray[np.float64]) -> NDArray[np.float64]:
    events = np.arange(n + 1.0)[:, np.newaxis]
    log_p = events * np.log(risks) + (n - events) * np.log1p(-risks)
    p: NDArray[np.float64] = np.exp(log_p + _log_choose(n, events))
    return p


def _log_choose(n: int, k: NDArray[np.float64]) -> NDArray[np.float64]:
    ways: NDArray[np.float64] = (
        special.gammaln(n + 1.0) - special.gammaln(k + 1.0) - special.gammaln(n - k + 1.0)
    )
    return ways
