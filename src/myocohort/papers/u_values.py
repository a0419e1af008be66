"""Which p values a Mann-Whitney U test of two groups can give at all."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

from myocohort.papers.printed import Interval
from myocohort.stats.mann_whitney import LARGEST_EXACT, u_distribution

Floats = NDArray[np.float64]

EXACT = "Mann-Whitney U test, exact"
UNCORRECTED = "Mann-Whitney U test, asymptotic without continuity correction"
CORRECTED = "Mann-Whitney U test, asymptotic with continuity correction"

MOST_ENUMERATED = 10  # patients of whom every arrangement with ties is looked at
_SLACK = 1e-12


@dataclass(frozen=True, slots=True)
class Way:
    """One way to a p value.

    Parameters
    ----------
    by
        The procedure.
    u
        The smaller U.
    ties
        Sum of t^3 - t over the sets of t equal values; 0 where all differ.
    """

    by: str
    u: float
    ties: int = 0


@lru_cache(maxsize=512)
def without_ties(n1: int, n2: int) -> Mapping[str, Floats]:
    """Return the p of U = 0, 1, ..., n1 n2 / 2 without ties, by procedure.

    The exact test is left out where the sizes multiply to more than 10,000.
    """
    us = np.arange(n1 * n2 // 2 + 1, dtype=np.float64)
    distances: Floats = n1 * n2 / 2 - us
    spread = math.sqrt(n1 * n2 * (n1 + n2 + 1) / 12)
    found = {
        UNCORRECTED: _two_sided(distances / spread),
        CORRECTED: _two_sided(np.maximum(distances - 0.5, 0) / spread),
    }
    if n1 * n2 <= LARGEST_EXACT:
        ways = u_distribution(min(n1, n2), max(n1, n2))
        below = np.cumsum(ways)
        found[EXACT] = np.minimum(2 * below[: len(us)] / below[-1], 1.0)
    return found


def ways_without_ties(n1: int, n2: int, p: Interval) -> tuple[Way, ...]:
    """Return the ways to a p without ties, one for each procedure that has any."""
    found = []
    for by, values in without_ties(n1, n2).items():
        places = np.flatnonzero(_inside(values, p))
        if len(places):
            found.append(Way(by, float(places[0])))
    return tuple(found)


def ways_with_ties(n1: int, n2: int, p: Interval) -> tuple[Way, ...]:
    """Return the ways to a p by the asymptotic test with the fewest ties, for each correction.

    Up to 10 patients every arrangement is looked at. Beyond, every U in steps of one half is
    combined with every tie term, whether or not patients can have both: so nothing possible
    is left out, and not every way is proved to exist.
    """
    if n1 + n2 <= MOST_ENUMERATED:
        pairs = np.array(sorted(_arrangements(n1, n2)), dtype=float).reshape(-1, 2)
    else:
        pairs = np.empty((0, 2))
    found = []
    for by, correction in ((UNCORRECTED, 0.0), (CORRECTED, 0.5)):
        best = (
            _best_of(n1, n2, p, pairs, correction)
            if len(pairs)
            else _best_of_all(n1, n2, p, correction)
        )
        if best is not None:
            found.append(Way(by, *best))
    return tuple(found)


def exact_with_ties(n1: int, n2: int, p: Interval) -> bool:
    """Return whether some share of all ways to deal the ranks, from one way on, is the p."""
    every = math.comb(n1 + n2, n1)
    low = 1 if p.low is None else max(1, math.ceil(p.low * every))
    high = every if p.high is None else min(every, math.floor(p.high * every))
    return low <= high


def nearest_without_ties(n1: int, n2: int, p: float) -> tuple[float, ...]:
    """Return the p values that exist without ties next below and next above a value."""
    values = np.unique(np.concatenate(list(without_ties(n1, n2).values())))
    below, above = values[values < p], values[values > p]
    return (*below[-1:].tolist(), *above[:1].tolist())


def _two_sided(z: Floats) -> Floats:
    result: Floats = special.erfc(z / math.sqrt(2))
    return result


def _inside(values: Floats, p: Interval) -> NDArray[np.bool_]:
    low = -math.inf if p.low is None else float(p.low)
    high = math.inf if p.high is None else float(p.high)
    inside: NDArray[np.bool_] = (values >= low - _SLACK) & (values <= high + _SLACK)
    return inside


def _variance(n1: int, n2: int, ties: Floats) -> Floats:
    n = n1 + n2
    result: Floats = n1 * n2 / 12 * (n + 1 - ties / (n * (n - 1)))
    return result


def _best_of(
    n1: int, n2: int, p: Interval, pairs: Floats, correction: float
) -> tuple[float, int] | None:
    """Return U and tie term of the arrangement with the fewest ties that gives a p."""
    distance = np.maximum(np.abs(pairs[:, 0] / 2 - n1 * n2 / 2) - correction, 0)
    fits = np.flatnonzero(
        _inside(_two_sided(distance / np.sqrt(_variance(n1, n2, pairs[:, 1]))), p)
    )
    if not len(fits):
        return None
    doubled, ties = pairs[fits[np.argmin(pairs[fits, 1])]]
    return float(min(doubled / 2, n1 * n2 - doubled / 2)), int(ties)


def _best_of_all(n1: int, n2: int, p: Interval, correction: float) -> tuple[float, int] | None:
    """Return the U with the smallest tie term, a multiple of 6, that gives a p."""
    n = n1 + n2
    low = 0.0 if p.low is None else max(float(p.low) - _SLACK, 0.0)
    high = 1.0 if p.high is None else min(float(p.high) + _SLACK, 1.0)
    if low > 1 or high <= 0:
        return None
    z_high = math.sqrt(2) * float(special.erfcinv(low)) if low > 0 else math.inf
    z_low = math.sqrt(2) * float(special.erfcinv(high))
    distances = np.arange(0, n1 * n2 + 1) / 2
    corrected = np.maximum(distances - correction, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        least = np.where(corrected > 0, corrected**2 / z_high**2, 0.0)
        most = np.where(z_low > 0, corrected**2 / z_low**2, math.inf)
    most = np.where((corrected == 0) & (z_low > 0), -1.0, most)  # then p is 1, above the interval
    # The variance falls as the ties grow; at least one pair is equal, and not all values are.
    first = n * (n - 1) * (n + 1 - 12 * most / (n1 * n2))
    last = n * (n - 1) * (n + 1 - 12 * least / (n1 * n2))
    smallest = np.maximum(np.ceil(np.maximum(first - 1e-6, 6) / 6) * 6, 6)
    fits = np.flatnonzero(smallest <= np.minimum(last + 1e-6, (n - 1) ** 3 - (n - 1)))
    if not len(fits):
        return None
    best = fits[np.argmin(smallest[fits])]
    return n1 * n2 / 2 - float(distances[best]), int(smallest[best])


@lru_cache(maxsize=64)
def _arrangements(n1: int, n2: int) -> frozenset[tuple[int, int]]:
    """Return twice U and the tie term of every arrangement of two groups with some tie."""
    reached: dict[tuple[int, int], set[tuple[int, int]]] = {(0, 0): {(0, 0)}}
    for i, j in ((i, j) for i in range(n1 + 1) for j in range(n2 + 1)):
        for a, b, below in _steps(i, j):
            add_u, add_ties = a * (2 * below + b), (a + b) ** 3 - (a + b)
            reached.setdefault((i, j), set()).update(
                (u + add_u, ties + add_ties) for u, ties in reached[i - a, j - b]
            )
    everybody = (n1 + n2) ** 3 - (n1 + n2)
    return frozenset(pair for pair in reached[n1, n2] if 0 < pair[1] < everybody)


def _steps(i: int, j: int) -> Iterator[tuple[int, int, int]]:
    """Yield how many of each group can share the highest value of i and j patients."""
    for a in range(i + 1):
        for b in range(j + 1):
            if a + b:
                yield a, b, j - b
