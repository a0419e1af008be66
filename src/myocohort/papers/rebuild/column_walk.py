"""Values with the printed summaries by a local search: quick, and no proof where it fails.

It finds values that look like measurements, where CP-SAT takes any, and it knows the p value
of Mann-Whitney's test, which CP-SAT does not. What it finds is held against every printed
number in exact arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from myocohort.errors import RebuildError
from myocohort.papers.entries import PValue
from myocohort.papers.printed import Interval, interval
from myocohort.papers.rebuild.column_question import Values
from myocohort.papers.rebuild.continuous import Between, Sample, bell, find_values
from myocohort.papers.rebuild.moments import Moments, scaled
from myocohort.papers.rebuild.quartiles import quartile_positions
from myocohort.papers.rebuild.ranks import Floats
from myocohort.papers.rebuild.summaries import Column, Leaf, meets, middle

NEIGHBOURS = 12  # steps of the grid tried around a value between two of it


def walk_values(
    column: Column, seed: int, *, entry: PValue | None = None, like: Values | None = None
) -> Values | None:
    """Search for values with all printed summaries; None where none were found.

    Parameters
    ----------
    column
        What is printed.
    seed
        Of the search.
    entry
        A printed p value that the values are to have too; only Mann-Whitney's of two groups
        is searched for.
    like
        Values with all printed summaries, from which the numbers of patients in the bands are
        taken. Without them, nothing is searched where bands are printed.
    """
    bands = any(summary.kind == "band" for summary in column.summaries)
    if bands and like is None:
        return None
    if entry is not None and (entry.claimed != "mann_whitney" or len(entry.groups) != 2):
        return None
    first = () if entry is None else entry.groups
    order = [*first, *(leaf.group for leaf in column.leaves if leaf.group not in first)]
    wholes = [g for g, parts in column.inside.items() if len(parts) == len(order) > 1]
    pooled = column.moments(wholes[0]) if wholes else None
    between = Between(
        p=None if entry is None else interval(entry.p),
        mean=None if pooled is None else pooled.mean,
        sd=None if pooled is None else pooled.sd,
    )
    by_name = {leaf.group: leaf for leaf in column.leaves}
    samples = []
    for name in order:
        leaf = by_name[name]
        choices = (
            _in_bands(column, leaf, like[name])
            if bands and like is not None
            else _in_order(column, leaf)
        )
        if choices is None:
            return None
        samples.append(_sample(column, leaf, choices, pooled))
    try:
        found = find_values(samples, between, seed=seed)
    except RebuildError:
        return None
    unit = float(column.unit)
    values = {
        name: tuple(sorted(round(float(value) / unit) for value in part))
        for name, part in zip(order, found, strict=True)
    }
    ordered = {leaf.group: values[leaf.group] for leaf in column.leaves}
    return ordered if meets(column, ordered) else None


def _sample(
    column: Column, leaf: Leaf, choices: tuple[Floats, ...], pooled: Moments | None
) -> Sample:
    own = column.moments(leaf.group) if leaf.group in column.inside else None
    like = own if own is not None and own.mean is not None else pooled
    unit = float(column.unit)
    spread = np.arange(leaf.low, leaf.high + 1) * unit
    mean = _centre(None if like is None else like.mean, float(spread.mean()))
    sd = _centre(None if like is None else like.sd, float(spread.std()))
    return Sample(
        f"{column.variable} of {leaf.group}",
        choices,
        bell(leaf.n, mean, max(sd, unit / 10)),
        None if own is None else own.mean,
        None if own is None else own.sd,
    )


def _centre(allowed: Interval | None, otherwise: float) -> float:
    if allowed is None or allowed.low is None or allowed.high is None:
        return otherwise
    return float((allowed.low + allowed.high) / 2)


def _in_bands(column: Column, leaf: Leaf, values: Sequence[int]) -> tuple[Floats, ...]:
    """Return the values in the same printed bands as each of some values, ascending."""
    grid = np.arange(leaf.low, leaf.high + 1)
    bands = [s.allowed for s in column.summaries if s.kind == "band"]

    def within(value: int) -> list[bool]:
        return [Fraction(value) * column.unit in band for band in bands]

    kinds = [within(int(k)) for k in grid]
    return tuple(
        _grid(grid[np.array([kind == within(value) for kind in kinds])], column) for value in values
    )


def _in_order(column: Column, leaf: Leaf) -> tuple[Floats, ...] | None:
    """Return the values that each patient of a leaf, in their order, can have.

    Of a median or quartile between two patients one way to have it is chosen, and of the
    definitions of a quartile the first that fits. None where this leaves a patient none.
    """
    mine = [s for s in column.summaries if s.group == leaf.group]
    quarters = [s for s in mine if s.kind in ("q1", "q3")]
    for places in dict.fromkeys(quartile_positions(max(leaf.n, 1)).values()):
        lows = np.full(leaf.n, leaf.low)
        highs = np.full(leaf.n, leaf.high)
        asked = [(places[s.kind == "q3"], s.allowed) for s in quarters]
        for summary in mine:
            at = {"median": middle(leaf.n), "low": Fraction(1), "high": Fraction(leaf.n)}
            if summary.kind in at:
                asked.append((at[summary.kind], summary.allowed))
        good = all(_fix(position, allowed, column, lows, highs) for position, allowed in asked)
        lows = np.maximum.accumulate(lows)
        highs = np.minimum.accumulate(highs[::-1])[::-1]
        if good and (lows <= highs).all():
            return tuple(
                _grid(np.arange(low, high + 1), column)
                for low, high in zip(lows, highs, strict=True)
            )
        if not quarters:
            return None
    return None


def _fix(
    position: Fraction,
    allowed: Interval,
    column: Column,
    lows: NDArray[np.int64],
    highs: NDArray[np.int64],
) -> bool:
    """Narrow what the patients at a position can have to a printed value, in place."""
    before = math.floor(position)
    share = position - before
    low, high = scaled(allowed, 1 / column.unit)
    if not share:
        lows[before - 1] = max(lows[before - 1], low if low is not None else lows[before - 1])
        highs[before - 1] = min(highs[before - 1], high if high is not None else highs[before - 1])
        return True
    if allowed.low is None or allowed.high is None:
        return False
    start = math.floor((allowed.low + allowed.high) / 2 / column.unit)
    for apart in range(NEIGHBOURS):
        for first in range(start - apart, start + 2):
            if (first + share * apart) * column.unit in allowed:
                for index, value in ((before - 1, first), (before, first + apart)):
                    lows[index], highs[index] = max(lows[index], value), min(highs[index], value)
                return True
    return False


def _grid(values: NDArray[np.int64], column: Column) -> Floats:
    return np.asarray(values * float(column.unit), dtype=float)
