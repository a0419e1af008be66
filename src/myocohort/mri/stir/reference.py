"""Which muscle of a patient is free of oedema, and how bright and how even it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from myocohort.mri.stir.field import SCALE_AT_LEAST, Field, fit_field, group_median
from myocohort.mri.stir.muscle_voxels import Blocks

ALIKE = 0.12
"""Log signal within which muscles are one kind: the T2 of healthy thigh muscles differs by 2 to 3
ms about 33 ms, which is 0.07 to 0.11 at an echo time of 40 ms."""

SMOOTHING = 0.05
"""SD of the kernel that smooths the histogram of log levels; half of `ALIKE`, so that healthy
muscles make one peak."""

WIDEST = 0.15
"""Largest half width, log signal, of what is taken for one kind of muscle, however noisy: blocks
are averages over noise."""

LOWEST_SHARE = 0.15
"""A peak is muscle without oedema only if at least this share of the muscle area lies about it."""

LOWEST_SHARE_BLIND = 0.25
"""The same where fat is not known: muscles diluted by fat make low peaks too."""

PLAIN = 0.25
"""Below this share of muscle without oedema the reference is called weak, and a muscle that does
not stand out is not called free of oedema."""

ROUNDS = 2
"""How often the field is fitted again with the muscles that looked healthy."""

LEAST_BLOCKS = 12
"""A muscle of fewer blocks, about 3 cm2 over all slices, does not show which field fits it."""

FIELDS_DIFFER = 0.1
"""Two fields whose logs differ by more than this (SD over the muscle) lead to other results: half
of the lowest limit of oedema."""

FLANK = 0.3
"""A peak must reach this part of the highest one; less is a tail."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Muscle without oedema.

    Parameters
    ----------
    field
        Receive field, log.
    level
        Log signal of muscle without oedema where the field is 0.
    normal
        (n blocks,): blocks that look free of oedema.
    share
        Share of the muscle area that those are, 0 to 1.
    muscles
        Codes of muscles of which at least half looks free of oedema.
    block_sd
        SD of a block's log signal about its level.
    doubtful
        Another field fits about as well and makes other muscles oedematous.
    """

    field: Field
    level: float
    normal: NDArray[np.bool_]
    share: float
    muscles: tuple[int, ...]
    block_sd: float
    doubtful: bool = False


def lowest_peak(level: NDArray[np.float64], blocks: Blocks, share_at_least: float) -> float | None:
    """Return the log level of the darkest kind of muscle; None where no kind is common enough.

    Parameters
    ----------
    level
        (n,): log signal less receive field.
    blocks
        Their areas and muscles.
    share_at_least
        Share of the muscle area that must lie within `ALIKE` of the peak. It must also come from
        two muscles, where there are more than three.
    """
    step = 0.01
    low = float(np.quantile(level, 0.001)) - 0.3
    bins = int(np.ceil((float(np.quantile(level, 0.999)) + 0.3 - low) / step))
    at = low + step * (np.arange(bins) + 0.5)
    found = np.clip(((level - low) / step).astype(np.int64), 0, bins - 1)
    mass = np.bincount(found, blocks.area_mm2, minlength=bins) / blocks.area_mm2.sum()
    density = ndimage.gaussian_filter1d(mass, SMOOTHING / step, mode="constant")
    peaks = np.flatnonzero((density[1:-1] > density[:-2]) & (density[1:-1] >= density[2:])) + 1
    codes = np.unique(blocks.code)
    for peak in peaks:
        about = np.abs(level - at[peak]) < ALIKE
        share = blocks.area_mm2[about].sum() / blocks.area_mm2.sum()
        of = [c for c in codes if about[blocks.code == c].mean() > 1 / 3]
        common = len(of) >= min(2, len(codes) - 2)
        if density[peak] > FLANK * density.max() and share >= share_at_least and common:
            return float(at[peak])
    return None


def find_reference(blocks: Blocks, slices: int, fat_known: bool) -> Reference | None:
    """Find the receive field and the muscle without oedema.

    Parameters
    ----------
    blocks
        Means of muscle that holds little fat.
    slices
        Slices with muscle.
    fat_known
        Whether fat was taken out; else darker muscle may be muscle with fat.

    Returns
    -------
    None where no level is shared by enough muscle.

    Notes
    -----
    The fit may settle in two places. Levels of the muscles that are free at first find oedema of a
    whole leg, but take the slope of oedema that fades inside muscles for the field, and a step
    between the legs with it; one level for all at first does not, but takes oedema of a whole leg
    for the field. Both are tried. The second is taken where it leaves more muscle normal and is not
    contradicted by the slopes inside muscles. Every muscle has one vote in that, however large:
    few muscles have oedema that fades, but a wrong field shows in all that it crosses.
    """
    free = _settled(blocks, blocks, slices, fat_known)
    one_level = replace(blocks, code=np.zeros_like(blocks.code))
    common = _settled(blocks, one_level, slices, fat_known)
    if free is None or common is None:
        return free or common
    apart = free.field.at(blocks.position_mm) - common.field.at(blocks.position_mm)
    worse = _spread(blocks, common.field) / _spread(blocks, free.field)
    fits = float(np.log(worse).mean()) <= 0 if worse.size else True
    found = common if common.share > free.share and fits else free
    return replace(found, doubtful=float(apart.std()) > FIELDS_DIFFER)


def _spread(blocks: Blocks, field: Field) -> NDArray[np.float64]:
    """Return the robust SD of the log signal inside each muscle of at least `LEAST_BLOCKS`."""
    log = np.log(blocks.signal) - field.at(blocks.position_mm)
    _, group, count = np.unique(blocks.code, return_inverse=True, return_counts=True)
    off = np.abs(log - group_median(log, group))
    first = np.unique(group, return_index=True)[1]
    spread = group_median(off, group)[first] / 0.6745
    return np.maximum(spread[count >= LEAST_BLOCKS], SCALE_AT_LEAST)


def _settled(blocks: Blocks, start: Blocks, slices: int, fat_known: bool) -> Reference | None:
    """Fit field and reference in turn, with the levels of `start` at first."""
    codes = np.unique(blocks.code)
    none = np.zeros(0, dtype=np.int64)
    wanted = LOWEST_SHARE if fat_known else LOWEST_SHARE_BLIND
    field, level, scale = fit_field(start, none, slices, fat_known)
    for step in range(ROUNDS + 1):
        peak = lowest_peak(level, blocks, wanted)
        if peak is None:
            return None
        width = min(max(2.5 * scale, ALIKE), WIDEST)
        middle = peak
        for _ in range(5):
            normal = np.abs(level - middle) < width
            middle = float(np.median(level[normal]))
        spared = np.array([c for c in codes if normal[blocks.code == c].mean() >= 0.5], np.int64)
        if step < ROUNDS:
            field, level, scale = fit_field(blocks, spared, slices, fat_known, field)
    middle = float(np.average(level[normal], weights=blocks.area_mm2[normal]))
    share = float(blocks.area_mm2[normal].sum() / blocks.area_mm2.sum())
    return Reference(field, middle, normal, share, tuple(int(c) for c in spared), scale)
