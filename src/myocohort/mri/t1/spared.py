"""Whether the level taken for pure muscle is pure muscle, and what the ratio is if it is not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
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

LEAST_SPAN = 0.25
"""Range of log signal over which the levels of infiltrated muscles lie at least: fat fractions that
differ by 15 points, as those of muscles of one patient with mild disease do. Where the levels seen
span more, that is the range: it gives the chance that levels agree by accident. Six of twenty
muscles at one level are evidence where the others are spread widely, and none where all of them
lie close together."""

LOWER = 0.1
"""A muscle without oedema whose level lies this far (log signal) below the common one shows that
the common level is not pure muscle: nothing but oedema darkens muscle on T1. Healthy muscles differ
by 0.03, and the lowest of twenty-four lies two of these below their middle."""

LOWER_WET = 0.25
"""The same for a muscle with oedema, which may darken it by a fifth beyond what was allowed for."""

DOUBTFUL_WET, DOUBTED = 0.15, 0.6
"""From the first on, such a muscle makes it doubtful that the common level is pure muscle; the
second is the most that is then believed."""

LOWER_AREA_MM2 = 300.0
"""Area of pure-looking muscle that this rests on, over all slices."""

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


def judge_ratio(
    levels: Levels, expected: MuscleReference, seen_sd: float, *, doubted: bool = False
) -> Ratio:
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
    doubted
        Whether something else speaks against it (`is_doubted`).
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
    before = _before(len(found), len(levels.offset), _eligible(levels))
    odds_spared, odds_none = before * mass_spared, (1 - before) * mass_none
    chance = odds_spared / max(odds_spared + odds_none, 1e-300)
    if np.log(seen / expected.ratio) > COMPATIBLE * width:
        chance = min(chance, CHANCE_NONE)
    if doubted:
        chance = min(chance, DOUBTED)
    if mass_none > 0:
        mean = float((grid * density).sum() / density.sum())
        variance = float(((grid - mean) ** 2 * density).sum() / density.sum())
    else:
        mean, variance = top, (0.5 * top * width) ** 2
    # the likelier explanation gives the value, and both give its error
    value = seen if chance >= 0.5 else mean
    spare = chance * ((seen * seen_sd) ** 2 + (seen - value) ** 2)
    spare += (1 - chance) * (variance + (mean - value) ** 2)
    return Ratio(value, float(np.sqrt(spare)), chance, seen, found)


def lower_level(levels: Levels, dry: Collection[int]) -> Levels:
    """Return levels counted from the lowest muscle, where one lies clearly below the common level.

    Parameters
    ----------
    levels
        As fitted.
    dry
        Codes of regions in which STIR shows no oedema. Without STIR, oedema may be the reason.
    """
    lower = [
        offset
        for code, offset in levels.offset.items()
        if code > 0
        and levels.share[code] >= LEAST_SHARE
        and levels.area_mm2[code] >= LOWER_AREA_MM2
        and offset < -(LOWER if code in dry else LOWER_WET)
    ]
    if not lower:
        return levels
    lowest = min(lower)
    offset = {code: one - lowest for code, one in levels.offset.items()}
    return replace(levels, log_ratio=levels.log_ratio + lowest, offset=offset)


def is_doubted(levels: Levels, dry: Collection[int]) -> bool:
    """Whether a muscle with oedema lies so far below the common level that fat there may be why."""
    return any(
        offset < -DOUBTFUL_WET
        and code > 0
        and code not in dry
        and levels.share[code] >= LEAST_SHARE
        and levels.area_mm2[code] >= LOWER_AREA_MM2
        for code, offset in levels.offset.items()
    )


def _eligible(levels: Levels) -> list[float]:
    """Return the levels, from the common one, of the regions that could count."""
    return [
        offset
        for code, offset in levels.offset.items()
        if levels.share[code] >= LEAST_SHARE and levels.area_mm2[code] >= LEAST_AREA_MM2
    ]


def _before(found: int, of: int, offsets: list[float]) -> float:
    """Return the chance of a spared muscle by how many of the regions share the level.

    Spared muscles may be any number of the regions; infiltrated ones share a level by accident,
    the more easily the closer together the levels of all of them lie.
    """
    if not found:
        return CHANCE_NONE
    span = max(LEAST_SPAN, max(offsets) - min(offsets))
    others, beside = of - 1, found - 1
    # between levels spread over 1 in log signal and over the span that is seen: whatever range
    # makes the accident likeliest
    least, most = 2 * SAME_LEVEL, min(2 * SAME_LEVEL / span, 1.0)
    alike = min(max(beside / max(others, 1), least), max(most, least))
    by_accident = comb(others, beside) * alike**beside * (1 - alike) ** (others - beside)
    odds = USUALLY / (1 - USUALLY) / of / max(by_accident, 1e-300)
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
