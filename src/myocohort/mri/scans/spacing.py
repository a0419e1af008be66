"""Whether slices lie evenly, and which are missing where they do not."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

UNEVEN = 0.1
"""Slices off an even grid by less than this share of their distance are put on it."""

SAID_UNEVEN = 0.01
"""Unevenness above this share is told: headers round positions to about 1e-3 mm."""

SAME_POSITION_MM = 0.05
"""Slices nearer to each other than this lie at the same place; headers round to about 0.001."""


@dataclass(frozen=True, slots=True)
class Evenness:
    """How slices lie along their normal.

    Parameters
    ----------
    step
        Distance of neighbours, mm.
    missing
        Positions where slices are missing, mm along the normal.
    breaks
        Indices of the slices before which the even run is broken.
    worst
        Greatest deviation from an even grid, as a share of the step; of the unbroken runs.
    """

    step: float
    missing: tuple[float, ...]
    breaks: tuple[int, ...]
    worst: float


def evenness(positions: NDArray[np.float64]) -> Evenness:
    """Say whether two or more ascending positions are even.

    The step is the median distance; or the smallest, where all distances are whole multiples of
    it: so a series that lost every second slice in one half is still told from an uneven one.
    """
    distances = np.diff(positions)
    smallest, step = float(distances.min()), float(np.median(distances))
    multiples = distances / smallest
    if smallest > 0.15 * step and np.abs(multiples - np.round(multiples)).max() < UNEVEN:
        step = float(np.median(distances[distances < 1.5 * smallest]))
    broken = np.abs(distances - step) > UNEVEN * step
    breaks = tuple(int(at) + 1 for at in np.flatnonzero(broken))
    missing = []
    for at in np.flatnonzero(broken):
        count = distances[at] / step
        if count > 1.5:
            steps = round(float(count))
            missing += [float(positions[at] + distances[at] * k / steps) for k in range(1, steps)]
    worst = 0.0
    for start, end in runs(len(positions), breaks):
        if end - start > 2:
            even = np.linspace(positions[start], positions[end - 1], end - start)
            worst = max(worst, float(np.abs(positions[start:end] - even).max()) / step)
    return Evenness(step, tuple(missing), breaks, worst)


def runs(count: int, breaks: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return start and end of each unbroken run of slices."""
    ends = [0, *breaks, count]
    return list(pairwise(ends))


def places(positions: NDArray[np.float64]) -> list[list[int]]:
    """Group slices that lie at the same place: indices by ascending position."""
    order = np.argsort(positions, kind="stable")
    out: list[list[int]] = []
    for at in order:
        if out and positions[at] - positions[out[-1][0]] < SAME_POSITION_MM:
            out[-1].append(int(at))
        else:
            out.append([int(at)])
    return out
