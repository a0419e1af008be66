"""The exact distribution of one sufficient statistic of a logistic model, given the others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from myocohort.errors import StatisticsError
from myocohort.stats.design import FloatArray

MOST_ROWS = 1000  # C(1000, 500) is the largest number of samples that a float can count
MOST_PARTS = 1000  # into which a unit of a term may be divided
MOST_STEPS = 10**9  # between the values of a term, so that no sum overflows
ON_GRID = 1e-9  # of the range of a term: how far from its grid a value may lie

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ConditionalDistribution:
    """In how many samples with the same other statistics one statistic takes each value.

    Parameters
    ----------
    values
        The values it can take, rising.
    samples
        In how many samples it takes each.
    observed
        Position of the observed value.
    """

    values: FloatArray
    samples: FloatArray
    observed: int


def on_grid(values: FloatArray, name: str) -> tuple[IntArray, Fraction]:
    """Return values, less their minimum, as multiples of the largest possible step.

    Raises
    ------
    StatisticsError
        If they are not multiples of a step that is a fraction with a small denominator.
    """
    above = values - values.min()
    parts = [Fraction(float(value)).limit_denominator(MOST_PARTS) for value in above]
    denominator = math.lcm(*(part.denominator for part in parts))
    whole = [int(part * denominator) for part in parts]
    off = np.abs(above - [float(part) for part in parts])
    if denominator > MOST_PARTS or off.max() > ON_GRID * above.max():
        raise StatisticsError(
            f"exact conditional regression counts samples with the same sum of {name!r}, so that "
            f"its values must be whole numbers or simple fractions, in parts of no less than "
            f"1/{MOST_PARTS}. Round it, or divide it into groups"
        )
    largest = math.gcd(*whole)
    if max(whole) // largest > MOST_STEPS:
        raise StatisticsError(
            f"exact conditional regression cannot count the sums of {name!r}: its values are up "
            f"to {max(whole) // largest:,} steps apart. Round it, or divide it into groups"
        )
    return np.array([part // largest for part in whole]), Fraction(largest, denominator)


def conditional_distribution(
    terms: IntArray,
    column: int,
    trials: IntArray,
    events: IntArray,
    *,
    names: Sequence[str],
    budget: int,
) -> ConditionalDistribution:
    """Count the samples that share the number of events and the sums of all other terms.

    The sum of a term over the patients with the outcome is its sufficient statistic. Pattern
    by pattern, each number of events that the pattern may have shifts the counts of the sums
    reached so far (the multivariate shift algorithm); sums beyond the observed ones lead
    nowhere, because all terms are at least 0, and are dropped.

    Parameters
    ----------
    terms
        Whole numbers of at least 0, shape (patterns, terms).
    column
        The term whose statistic is free.
    trials, events
        Rows, and rows with the outcome, of each pattern.
    names
        Name of each term, for messages.
    budget
        Most sums that may be kept at the same time.

    Raises
    ------
    StatisticsError
        If there are more than 1,000 rows, or more sums than the budget allows.

    References
    ----------
    Hirji KF, Mehta CR, Patel NR. J Am Stat Assoc 1987;82:1110-1117.
    """
    n = int(trials.sum())
    if n > MOST_ROWS:
        raise StatisticsError(
            f"exact conditional regression is offered for up to {MOST_ROWS:,} rows; found {n:,}. "
            f"Use Firth's method"
        )
    # the sums over the patients without the outcome say the same, and may be smaller
    mirrored = 2 * int(events.sum()) > n
    drawn = trials - events if mirrored else events
    number = int(drawn.sum())
    free = terms[:, column]
    fixed = np.delete(terms, column, axis=1)
    opposite = fixed.max(axis=0, initial=0) - fixed
    fixed = np.where(drawn @ opposite < drawn @ fixed, opposite, fixed)
    largest = np.sort(np.repeat(free, trials))[n - number :].sum()
    steps = np.column_stack((np.ones(len(terms), dtype=np.int64), fixed, free))
    ends = (number, *(drawn @ fixed).tolist(), int(largest))
    states = math.prod(end + 1 for end in ends)
    if states > budget:
        raise StatisticsError(
            f"the exact distribution of {names[column]!r} given the other terms takes "
            f"{states:,} states, more than the budget of {budget:,}. Use Firth's method, divide "
            f"terms with many values into groups, or raise the budget"
        )
    samples = _shifted(steps.tolist(), trials.tolist(), ends)
    values = np.flatnonzero(samples)
    observed = int(np.searchsorted(values, drawn @ free))
    found = ConditionalDistribution(values.astype(np.float64), samples[values], observed)
    if not mirrored:
        return found
    return ConditionalDistribution(
        float(trials @ free) - found.values[::-1],
        found.samples[::-1],
        len(values) - 1 - observed,
    )


def _shifted(steps: list[list[int]], trials: list[int], ends: tuple[int, ...]) -> FloatArray:
    """Return the number of samples for each last sum, all others being at their ends."""
    samples = np.zeros([end + 1 for end in ends])
    samples[(0,) * len(ends)] = 1.0
    reached = [0] * len(ends)
    for step, size in zip(steps, trials, strict=True):
        before = samples[tuple(slice(top + 1) for top in reached)].copy()
        for drawn in range(1, size + 1):
            shift = [drawn * move for move in step]
            if any(move > end for move, end in zip(shift, ends, strict=True)):
                break
            kept = [
                min(top, end - move) for top, end, move in zip(reached, ends, shift, strict=True)
            ]
            target = tuple(
                slice(move, move + top + 1) for move, top in zip(shift, kept, strict=True)
            )
            samples[target] += (
                math.comb(size, drawn) * before[tuple(slice(top + 1) for top in kept)]
            )
        reached = [
            min(end, top + size * move) for top, end, move in zip(reached, ends, step, strict=True)
        ]
    line: FloatArray = samples[ends[:-1]]
    return line
