"""Which muscle of a patient is free of oedema, and how bright and how even it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from myocohort.mri.stir.field import Field, fit_field
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
    """

    field: Field
    level: float
    normal: NDArray[np.bool_]
    share: float
    muscles: tuple[int, ...]
    block_sd: float


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
    """
    codes = np.unique(blocks.code)
    none = np.zeros(0, dtype=np.int64)
    wanted = LOWEST_SHARE if fat_known else LOWEST_SHARE_BLIND
    field, level, scale = fit_field(blocks, none, slices, fat_known)
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
