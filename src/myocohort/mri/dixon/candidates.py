"""Fields that explain a block's echoes: local minima of the misfit over one period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myocohort.mri.dixon.coarse import Complexes, Floats, smooth
from myocohort.mri.dixon.separation import Model, misfit, separate
from myocohort.mri.dixon.spectrum import MAIN_PEAK_PPM, MHZ_PER_TESLA

SHARED_MM = 4.0
"""Blocks share their misfit with neighbours (Gaussian, SD): where water and fat cancel, a voxel
alone says nothing of the field. At 3 Hz/mm the field moves by 12 Hz in between; water and fat lie
434 Hz apart at 3 T."""

MOST = 4
"""Candidates kept per block; echoes a millisecond apart give two or three."""

SAME_SPACING = 0.02
"""Echo spacings within 2% of a common step count as even: the field is then known but for a
multiple of 1 / step."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Possible fields of each block.

    Parameters
    ----------
    field
        Hz, (blocks, MOST); not a number where there are fewer.
    cost
        Misfit as a share of the signal's power, around the block, like `field`.
    fat
        Fat fraction of the block itself under each, like `field`.
    weight
        How much the block says of the field, 0 to 1, shape (blocks,).
    period
        Hz: fields this far apart cannot be told apart; infinite for uneven echoes.
    """

    field: Floats
    cost: Floats
    fat: Floats
    weight: Floats
    period: float


def step_of(seconds: NDArray[np.float64]) -> tuple[float, bool]:
    """Return the smallest step between echoes (s), and whether all steps are multiples of it."""
    steps = np.diff(seconds)
    least = float(steps.min())
    times = steps / least
    even = bool(np.all(np.abs(times - np.round(times)) < SAME_SPACING * times))
    return least, even


def candidates_of(
    signal: Complexes,
    model: Model,
    decay: float,
    nodes: tuple[NDArray[np.intp], ...],
    spacing: tuple[float, float, float],
    field_t: float,
) -> Candidates:
    """Return the fields at which the misfit around each block has a minimum.

    Parameters
    ----------
    signal
        Mean echoes of blocks, (echoes, x, y, slices); 0 outside the body.
    nodes
        Indices of the blocks to look at.
    spacing
        Of blocks and slices, mm.
    """
    step, even = step_of(model.seconds)
    period = 1 / step
    # Uneven echoes do not repeat; fields beyond the shift of fat do not occur in a shimmed thigh.
    half = period / 2 if even else max(period / 2, abs(MAIN_PEAK_PPM) * MHZ_PER_TESLA * field_t)
    count = 2 * int(np.ceil(2 * half * model.span * 12))
    grid = np.asarray((np.arange(count) + 0.5) * (2 * half / count) - half, dtype=np.float64)
    power = smooth(np.sum(np.abs(signal) ** 2, axis=0), SHARED_MM, spacing)[nodes]
    around = np.empty((count, power.size), dtype=np.float32)
    for k, hertz in enumerate(grid):
        left = misfit(signal, model, np.full(1, hertz, dtype=np.float32), decay)
        around[k] = smooth(left, SHARED_MM, spacing)[nodes]
    around /= np.maximum(power, np.float32(1e-20))
    field, cost = _minima(around, grid, even)
    own = signal.reshape(signal.shape[0], -1)[:, np.ravel_multi_index(nodes, signal.shape[1:])]
    fat = np.full(field.shape, np.nan, dtype=np.float32)
    for k in range(field.shape[1]):
        known = np.isfinite(field[:, k])
        water_k, fat_k = separate(own[:, known], model, field[known, k], decay)
        fat[known, k] = fat_k / np.maximum(water_k + fat_k, np.float32(1e-20))
    contrast = around.max(axis=0) - around.min(axis=0)
    weight = np.sqrt(power / np.quantile(power, 0.9)) * contrast / np.quantile(contrast, 0.9)
    return Candidates(
        field=field,
        cost=cost,
        fat=np.clip(fat, 0, 1),
        weight=np.clip(weight, 0.01, 1).astype(np.float32),
        period=period if even else float("inf"),
    )


def _minima(around: Floats, grid: NDArray[np.float64], even: bool) -> tuple[Floats, Floats]:
    """Return place and value of the lowest minima of each column, by a parabola through three."""
    before, after = np.roll(around, 1, axis=0), np.roll(around, -1, axis=0)
    if not even:
        before[0], after[-1] = np.inf, np.inf
    lowest = (around <= before) & (around < after)
    ranked = np.where(lowest, around, np.inf)
    order = np.argsort(ranked, axis=0, kind="stable")[:MOST].T
    columns = np.arange(around.shape[1])[:, None]
    value = ranked[order, columns]
    bend = before[order, columns] - 2 * around[order, columns] + after[order, columns]
    slope = before[order, columns] - after[order, columns]
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = np.where(np.isfinite(bend) & (bend > 0), slope / (2 * bend), 0)
    width = grid[1] - grid[0]
    field = np.where(np.isfinite(value), grid[order] + np.clip(shift, -0.5, 0.5) * width, np.nan)
    cost = np.where(np.isfinite(value), value, np.inf)
    return field.astype(np.float32), cost.astype(np.float32)
