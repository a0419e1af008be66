"""Whether the level taken for pure muscle is pure muscle, and what the ratio is if it is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myocohort.mri.t1.levels import Levels
from myocohort.mri.t1.reference import MuscleReference

SAME_LEVEL = 0.03
"""Regions whose offsets are below this (log signal) share the level: healthy muscles differ by
2%."""

LEAST_SHARE, LEAST_AREA_MM2 = 0.15, 100.0
"""Of a region at the level, for it to count."""

CHANCE_ALIKE = 0.05
"""Chance that another infiltrated muscle has its level within `SAME_LEVEL` of this one by accident:
0.06 of a range of about 1 in log signal."""

MOST_BEFORE = 0.98
"""However many muscles share a level, all may be infiltrated alike: the ratio itself must be one
that
pure muscle can have."""

CHANCE_NONE = 0.1
"""Chance that a level is pure muscle although no region lies at it."""

SURE = 0.9
"""From this chance on a spared muscle is said to exist."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """The muscle-to-fat ratio that is used.

    Parameters
    ----------
    value, sd
        Of the ratio.
    chance_spared
        That the lowest common level is pure muscle, 0 to 1.
    seen
        The lowest common level over fat.
    regions
        Codes of the regions that lie at it.
    """

    value: float
    sd: float
    chance_spared: float
    seen: float
    regions: tuple[int, ...]


def supporters(levels: Levels) -> tuple[int, ...]:
    """Return the codes of the regions with a fair part at the common muscle level."""
    return tuple(
        code
        for code, offset in levels.offset.items()
        if abs(offset) < SAME_LEVEL
        and levels.share[code] >= LEAST_SHARE
        and levels.area_mm2[code] >= LEAST_AREA_MM2
    )


def judge_ratio(levels: Levels, expected: MuscleReference, seen_sd: float) -> Ratio:
    """Weigh two explanations of the lowest common level of the muscles.

    Either it is pure muscle; then it must be a level that pure muscle can have, and several muscles
    should share it. Or all muscles hold fat, the least affected one any fraction; then the ratio is
    what was expected before, cut off at the lowest level that was seen.

    Parameters
    ----------
    levels
        As fitted.
    expected
        Ratio by timing, by other scans or by controls.
    seen_sd
        SD of the level itself, in log signal.
    """
    seen = float(np.exp(levels.log_ratio))
    found = supporters(levels)
    grid = np.linspace(0.05, 0.95, 901)
    spread = expected.sd / expected.ratio
    # the seen level has its own error: the expectation must allow for both
    width = float(np.hypot(spread, seen_sd))
    prior = _log_normal(grid, expected.ratio, width)
    prior /= prior.sum() * (grid[1] - grid[0])
    top = seen if found else min(seen, _lowest_level(levels))
    below = grid < top * np.exp(SAME_LEVEL)
    # the least affected muscle holds any fraction from 0 to 1 alike
    density = np.where(below, prior / (1 - grid), 0)
    mass_none = float(density.sum() * (grid[1] - grid[0]))
    mass_spared = float(np.interp(seen, grid, prior))
    shared = min(1 - 0.5 * CHANCE_ALIKE ** (len(found) - 1), MOST_BEFORE) if found else 0.0
    before = shared if found else CHANCE_NONE
    odds_spared, odds_none = before * mass_spared, (1 - before) * mass_none
    chance = odds_spared / max(odds_spared + odds_none, 1e-300)
    if mass_none > 0:
        mean = float((grid * density).sum() / density.sum())
        variance = float(((grid - mean) ** 2 * density).sum() / density.sum())
    else:
        mean, variance = top, (0.5 * top * width) ** 2
    value = chance * seen + (1 - chance) * mean
    spare = chance * (seen * seen_sd) ** 2 + (1 - chance) * variance
    spare += chance * (1 - chance) * (seen - mean) ** 2
    return Ratio(value, float(np.sqrt(spare)), chance, seen, found)


def _lowest_level(levels: Levels) -> float:
    """Return the lowest level over fat that a region's even part has, or almost no voxel passes."""
    own = [
        levels.log_ratio + offset
        for code, offset in levels.offset.items()
        if levels.share[code] >= LEAST_SHARE and levels.area_mm2[code] >= LEAST_AREA_MM2
    ]
    return float(np.exp(min([*own, levels.lowest])) if own else np.exp(levels.lowest))


def _log_normal(at: NDArray[np.float64], middle: float, width: float) -> NDArray[np.float64]:
    """Return the density of a ratio whose log is normal, without its scale."""
    z = np.log(at / middle) / width
    return np.asarray(np.exp(-0.5 * z * z) / at, dtype=np.float64)
