"""Whether the level taken for pure muscle is pure muscle, and what the ratio is if it is not."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from myocohort.mri.t1.levels import Levels
from myocohort.mri.t1.reference import MuscleReference

SAME_LEVEL = 0.03
"""Regions whose offsets are below this (log signal) share the level: healthy muscles differ by
2%."""

LEAST_SHARE, LEAST_AREA_MM2 = 0.15, 100.0
"""Of a region at the level, for it to count."""

CHANCE_ALIKE = 0.06
"""Chance that an infiltrated muscle has its level within `SAME_LEVEL` of another one by accident:
0.06 of a range of about 1 in log signal. Among twenty infiltrated muscles one other is expected
there, so that two or three at a level are no evidence that they are spared; six are."""

USUALLY = 0.9
"""Chance that some muscle of both thighs is spared, before the scan is looked at: a choice, for
cohorts in which few patients have all 24 muscle-sides infiltrated."""

MOST_BEFORE = 0.98
"""However many muscles share a level, all may be infiltrated alike: the ratio itself must be one
that pure muscle can have."""

CHANCE_NONE = 0.1
"""Chance that a level is pure muscle although no region lies at it."""

COMPATIBLE = 2.0
"""A level further than this many SDs above what pure muscle is expected to have is not taken for
pure muscle: it may be, but only a reference from elsewhere can tell."""

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
    before = _before(len(found), len(levels.offset))
    odds_spared, odds_none = before * mass_spared, (1 - before) * mass_none
    chance = odds_spared / max(odds_spared + odds_none, 1e-300)
    if np.log(seen / expected.ratio) > COMPATIBLE * width:
        chance = min(chance, CHANCE_NONE)
    if mass_none > 0:
        mean = float((grid * density).sum() / density.sum())
        variance = float(((grid - mean) ** 2 * density).sum() / density.sum())
    else:
        mean, variance = top, (0.5 * top * width) ** 2
    value = chance * seen + (1 - chance) * mean
    spare = chance * (seen * seen_sd) ** 2 + (1 - chance) * variance
    spare += chance * (1 - chance) * (seen - mean) ** 2
    return Ratio(value, float(np.sqrt(spare)), chance, seen, found)


def _before(found: int, of: int) -> float:
    """Return the chance of a spared muscle by how many of the regions share the level.

    Spared muscles may be any number of the regions; infiltrated ones share a level by accident.
    """
    if not found:
        return CHANCE_NONE
    others, beside = of - 1, found - 1
    by_accident = (
        comb(others, beside) * CHANCE_ALIKE**beside * (1 - CHANCE_ALIKE) ** (others - beside)
    )
    odds = USUALLY / (1 - USUALLY) / of / by_accident
    return min(odds / (1 + odds), MOST_BEFORE)


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
