"""Fat fraction from a scanner's own fat and water images."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from myocohort.mri.air import find_air
from myocohort.mri.body import Body
from myocohort.mri.dixon.coarse import smooth
from myocohort.mri.dixon.limits import T1_LIMIT
from myocohort.mri.dixon.patches import swapped_patches
from myocohort.mri.dixon.rim import Shell, lean_warning, places, shells_of, swapped_shells
from myocohort.mri.fat_map import FatMap
from myocohort.mri.scan import Scan, ScanError

Floats = NDArray[np.float32]

LEAST_SNR = 5.0
"""Voxels whose fat and water together are weaker than this many SD of noise are left out."""

LEAST_LEVEL = 0.05
"""Share of the body's typical signal below which a voxel is left out whatever the noise."""

SD_AT_ZERO, SD_AT_ONE = 0.02, 0.05
"""Spread against spectroscopy of fractions from scanners' two-point images: R2*, one peak of fat
where there are several, and the phase correction are the scanner's and not known here (compared by
Grimm et al., Eur J Radiol 2018;103:57-64). A working figure, not a published one."""

FLOOR_MM = 5.0
"""Distance over which the mean magnitude is taken to see how much of it noise has added."""

WEAK = 5.0
"""Only voxels below this many SD are averaged, because fat next to muscle says nothing of it;
stronger ones are judged by themselves, as noise adds less than a tenth of an SD to them."""

MOST_SWAPPED = 0.8
"""Share of legs and slices with fat and water exchanged from which the whole pair is refused."""


def fat_map_two_point(fat: Scan, water: Scan, body: Body) -> FatMap:
    """Return the fraction fat / (fat + water) of two magnitude images.

    Parameters
    ----------
    fat, water
        Magnitude images of one scan on one grid.
    body
        Where the body is in them.

    Returns
    -------
    Voxels without signal, or with less than noise allows, are not a number, never 0.

    Raises
    ------
    ScanError
        Images on different grids, phase images, no signal, or fat and water exchanged throughout:
        then the two were most likely given in the wrong order, and nothing is guessed.

    Notes
    -----
    Noise makes a magnitude larger: in muscle without fat by 1.25 SD, which is 2.5 points at a
    signal of 50 SD. By how much it does is read from the mean magnitude around each voxel (the mean
    of Rice's distribution at the SD of air, Koay & Basser, J Magn Reson 2006;179:317-322) and taken
    off the voxel, which may then be negative. What is left is below a fifth of an SD.

    A leg that shows water under the skin and fat inside it, or water under the skin where the other
    leg has fat, has them exchanged: they are exchanged back there, with a warning. Patches of the
    rim that read as water but have the total signal of fat are left out.
    """
    _check(fat, water, body)
    sizes = [_without_floor(one, body) for one in (fat, water)]
    total = sizes[0][0] + sizes[1][0]
    sigma = float(np.hypot(sizes[0][1], sizes[1][1]))
    inside = body.mask & (fat.voxels + water.voxels > 0)
    if not inside.any():
        raise ScanError(f"{fat.name} and {water.name} have no signal within the body")
    level = float(np.median(total[inside]))
    seen = inside & (total > max(LEAST_SNR * sigma, LEAST_LEVEL * level))
    fraction = np.full(total.shape, np.nan, dtype=np.float32)
    fraction[seen] = sizes[0][0][seen] / total[seen]
    spacing = fat.geometry.spacing
    shells = shells_of(fraction, body, spacing)
    warnings = _exchange_back(fraction, shells, body, fat, water)
    told = swapped_patches(fraction, total, body, spacing)
    if sigma == 0:
        warnings.append(
            "the images show no noise in air, so that its share in muscle cannot be taken off: "
            "fractions near 0 may be a point or two too high"
        )
    return FatMap(
        fraction=fraction,
        geometry=fat.geometry,
        noise_sd=sizes[0][1] / max(level, 1e-20),
        sd_at_zero=SD_AT_ZERO,
        sd_at_one=SD_AT_ONE,
        method="Dixon, fat / (fat + water) of the scanner's images, noise floor taken off",
        references=_references(shells_of(fraction, body, spacing), sizes, level),
        warnings=(*warnings, *told, *lean_warning(shells)),
    )


def _check(fat: Scan, water: Scan, body: Body) -> None:
    for scan in (fat, water):
        if scan.quantity != "magnitude":
            raise ScanError(
                f"{scan.name} is a phase image; give the magnitude images of fat and water"
            )
        if scan.voxels.size and float(scan.voxels.min()) < 0:
            raise ScanError(
                f"{scan.name} has values below 0, down to {float(scan.voxels.min()):.4g}: it is no "
                "magnitude image. Give the fat and water images as the scanner stored them"
            )
    if not fat.geometry.same_as(water.geometry):
        raise ScanError(
            f"{fat.name} and {water.name} lie on different grids: fat and water images of one scan "
            "share their grid. Give the pair of one scan"
        )
    if body.mask.shape != fat.geometry.shape:
        raise ScanError(f"{fat.name}: the outline of the body is that of another scan")
    if np.array_equal(fat.voxels, water.voxels):
        raise ScanError(f"{fat.name} and {water.name} are the same image. Give fat and water")
    kinds = (fat.sequence.kind, water.sequence.kind)
    if kinds == ("dixon-water", "dixon-fat"):
        raise ScanError(
            f"{fat.name} is a water image and {water.name} a fat image by their tags. Give them in "
            "the order fat, water"
        )


def _without_floor(scan: Scan, body: Body) -> tuple[Floats, float]:
    """Return the signal without what noise adds to its mean, and the SD of noise."""
    sigma = find_air(scan.voxels).sigma or 0.0
    if sigma == 0:
        return scan.voxels, sigma
    weak = (body.mask & (scan.voxels < WEAK * sigma)).astype(np.float32)
    x, y, z = (float(one) for one in scan.geometry.spacing)
    share = smooth(weak, FLOOR_MM, (x, y, z))
    around = smooth(weak * scan.voxels, FLOOR_MM, (x, y, z)) / np.maximum(share, np.float32(1e-6))
    around = np.where(weak > 0, around, scan.voxels)
    true = np.linspace(0, 12, 601)
    seen = _rice_mean(true)
    # Above 12 SD noise adds less than a twentieth of an SD.
    added = np.interp(around / sigma, seen, seen - true, right=0.0)
    return np.asarray(scan.voxels - added * sigma, dtype=np.float32), sigma


def _rice_mean(true: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean magnitude of a true signal, both in SD of one channel."""
    half = true**2 / 4
    mean = (1 + 2 * half) * special.ive(0, half) + 2 * half * special.ive(1, half)
    return np.asarray(np.sqrt(np.pi / 2) * mean, dtype=np.float64)


def _exchange_back(
    fraction: Floats, shells: tuple[Shell, ...], body: Body, fat: Scan, water: Scan
) -> list[str]:
    """Exchange fat and water in legs that are inside out, in place, and say where."""
    swapped = swapped_shells(shells)
    if not swapped:
        return []
    if len(swapped) >= MOST_SWAPPED * len(shells):
        rim = float(np.median([one.rim for one in swapped]))
        core = float(np.median([one.core for one in swapped]))
        raise ScanError(
            f"{fat.name} and {water.name}: just under the skin the fat fraction is {rim:.2f} and "
            f"inside the leg {core:.2f}; in a thigh it is the other way round. Most likely the fat "
            "image was given as the water image: give them in the other order"
        )
    for one in swapped:
        here = body.mask[:, :, one.slice] & (body.leg[:, :, one.slice] == one.leg)
        fraction[:, :, one.slice][here] = 1 - fraction[:, :, one.slice][here]
    where = places([(one.slice, one.leg) for one in swapped])
    return [
        f"fat and water are exchanged in the images ({where}): water lies under the skin there. "
        "They were exchanged back; look at the fat map"
    ]


def _references(
    shells: tuple[Shell, ...], sizes: list[tuple[Floats, float]], level: float
) -> dict[str, Any]:
    legs = {0: "both", 1: "left", 2: "right"}
    return {
        "noise_fat": round(sizes[0][1] / level, 4),
        "noise_water": round(sizes[1][1] / level, 4),
        "fat_under_skin": [
            {"slice": one.slice + 1, "leg": legs[one.leg], "fraction": round(one.rim, 3)}
            for one in shells
        ],
        "limit": T1_LIMIT,
    }
