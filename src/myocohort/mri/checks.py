"""Whether labels and image fit each other, and whether the image shows thighs at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from myocohort.mri.body import Body
from myocohort.mri.fat_map import FatMap
from myocohort.mri.regions import Regions
from myocohort.mri.scan import Scan, ScanError

OUTSIDE_TOLD = 0.05
"""Share of a region outside the body that is told: the outline is good to a voxel, and labels of
muscles lie under the skin."""

OUTSIDE_REFUSED = 0.5
"""Share of a region outside the body from which on the map does not belong to the scan."""

DARK_TISSUE = ("stir", "dixon-water", "dixon-fat")
"""Sequences in which muscle or fat may be as dark as air, so that single regions may drop out of
the outline although the map fits."""

FEW_VOXELS = 30
"""Below this many voxels a region's mean says little (its rim is half of it and more)."""

BRIGHTEST = 1.1
"""Signal of all muscles over that of subcutaneous fat (median) above which a scan is no T1: of a
leg's tissues fat has the shortest T1 and so the most signal; the rest is for errors of the fat's
level, which is uncertain by 3 to 8% in one scan."""

BRIGHTER_TOLD = 1.25
"""The same for a single muscle, which may also lie nearer to a coil."""

RING_MM = (3.0, 12.0)
"""Distance from the labelled muscles at which there is mostly fat, under the skin or between."""

EXCHANGED = (0.5, 1.5)
"""Signal around the muscles over that in them. Fat is as bright as muscle on T1 or brighter, and as
dark or darker on STIR. A T1 below the first of these together with a STIR above the second were
exchanged; air around a lean leg is dark on both."""

DARK_SHARE = 0.5
"""Share of a muscle's voxels at the level of air that is told: muscle and fat both have signal
where `DARK_TISSUE` does not say otherwise."""


def check_regions(regions: Regions, scan: Scan, body: Body) -> tuple[str, ...]:
    """Return warnings of regions that do not fit the image.

    Parameters
    ----------
    regions, scan, body
        On one grid.

    Raises
    ------
    ScanError
        A region lies outside the body for the most part: the map is of another scan, shifted, or
        flipped; the map has next to no voxels in this scan; or the scan is a label map itself.
    """
    sizes = _sizes(regions.codes, None, len(regions.of))
    _refuse_what_is_no_image(regions, scan, sizes)
    inside = _sizes(regions.codes, body.mask, len(regions.of))
    share = 1 - inside / np.maximum(sizes, 1)
    lost = _named(regions, (share > OUTSIDE_REFUSED) & (sizes > 0), share)
    overall = 1 - inside[1:].sum() / max(sizes[1:].sum(), 1)
    if lost and not (scan.sequence.kind in DARK_TISSUE and overall < OUTSIDE_REFUSED):
        raise ScanError(
            f"{scan.name}: most of these regions lies outside the body ({lost}): the label map "
            "does not fit this scan, or tissue is too dark in it to be told from air. Check that "
            "the map was made from this session, and that neither file was flipped or moved; give "
            "the T1 or the Dixon scan too if this is a STIR scan"
        )
    told = []
    some = _named(regions, (share > OUTSIDE_TOLD) & (sizes > 0), share)
    if some:
        told.append(f"partly outside the body: {some}")
    told += _small(regions, sizes)
    told += _dark(regions, scan, body, sizes)
    return tuple(told)


def check_t1(fat_map: FatMap, regions: Regions, scan: Scan) -> tuple[str, ...]:
    """Return warnings of muscles that are brighter than fat, which nothing is on T1.

    Parameters
    ----------
    fat_map
        Of `scan`, with 1 at the signal of subcutaneous fat, not cut off above it.
    regions, scan
        On its grid.

    Raises
    ------
    ScanError
        Muscles as a whole are brighter than fat: the scan is a STIR, or fat was suppressed.
    """
    parts = {
        code: values
        for code, _, mask in regions.masks("muscle", "compartment")
        if (values := fat_map.fraction[mask & np.isfinite(fat_map.fraction)]).size
    }
    if not parts:
        return ()
    whole = float(np.median(np.concatenate(list(parts.values()))))
    if whole > BRIGHTEST:
        raise ScanError(
            f"{scan.name}: muscle is brighter than the fat under the skin, but on T1 fat is the "
            "brightest tissue of a leg. Most likely this is a STIR scan or another one with "
            "suppressed fat: check which file was given as T1"
        )
    bright = np.zeros(max(regions.of, default=0) + 1, dtype=bool)
    for code, values in parts.items():
        bright[code] = values.size >= FEW_VOXELS and np.median(values) > BRIGHTER_TOLD
    if not bright.any():
        return ()
    return (
        f"brighter than the fat under the skin, which nothing is on T1: "
        f"{_named(regions, bright, None)}. Is this a T1 scan without contrast agent?",
    )


def check_exchanged(t1: Scan, stir: Scan, regions: Regions) -> None:
    """Refuse a T1 and a STIR that were given for each other, or one scan given twice.

    Parameters
    ----------
    t1, stir, regions
        On one grid; `stir` is 0 where it has no signal to give.

    Raises
    ------
    ScanError
        See above.
    """
    if np.array_equal(t1.voxels, stir.voxels):
        raise ScanError(
            f"{t1.name} and {stir.name} are the same image, given as T1 and as STIR. Check which "
            "file is which"
        )
    spacing = t1.geometry.spacing
    inner, outer = (_grown(regions.codes > 0, mm, spacing) for mm in RING_MM)
    known = (stir.voxels > 0) & (t1.voxels > 0)
    muscle = known & (regions.codes > 0)
    if np.count_nonzero(muscle) < FEW_VOXELS:
        return
    ring = outer & ~inner
    if np.count_nonzero(ring) < FEW_VOXELS:
        return
    on_t1, on_stir = (
        float(np.median(scan.voxels[ring]) / np.median(scan.voxels[muscle])) for scan in (t1, stir)
    )
    if on_t1 < EXCHANGED[0] and on_stir > EXCHANGED[1]:
        raise ScanError(
            f"{t1.name} and {stir.name}: around the muscles the first is dark and the second "
            "bright, but fat is bright on T1 and dark on STIR. Most likely they were given for "
            "each other: check which file is which"
        )


def _grown(mask: NDArray[np.bool_], mm: float, spacing: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return what lies within a distance of a mask, slice by slice."""
    away = np.empty(mask.shape, dtype=np.float32)
    for k in range(mask.shape[2]):
        if mask[:, :, k].any():
            away[:, :, k] = ndimage.distance_transform_edt(~mask[:, :, k], sampling=spacing[:2])
        else:
            away[:, :, k] = np.inf
    return np.asarray(away <= mm)


def _refuse_what_is_no_image(regions: Regions, scan: Scan, sizes: NDArray[np.float64]) -> None:
    """Refuse too few labelled voxels, and images that have one value in each region.

    Raises
    ------
    ScanError
        See `check_regions`.
    """
    if sizes[1:].sum() < FEW_VOXELS:
        raise ScanError(
            f"{scan.name}: only {sizes[1:].sum():.0f} voxels of the label map lie in this scan, "
            f"fewer than {FEW_VOXELS}: nothing can be measured. Check the label map"
        )
    large = [code for code in regions.of if sizes[code] >= FEW_VOXELS]
    values = (scan.voxels[regions.codes == code] for code in large)
    if large and all(own.min() == own.max() for own in values):
        raise ScanError(
            f"{scan.name}: has one value in each region of the label map, so that it is a label "
            "map itself and no image. Check which file was given as the scan"
        )


def _sizes(
    codes: NDArray[np.int16], where: NDArray[np.bool_] | None, n: int
) -> NDArray[np.float64]:
    """Return voxels of each code, index 0 being no region."""
    chosen = codes.ravel() if where is None else codes[where]
    return np.bincount(chosen, minlength=n + 1).astype(float)


def _named(regions: Regions, which: NDArray[np.bool_], share: NDArray[np.float64] | None) -> str:
    """Return the names of regions, with a share each where one is given."""
    names = []
    for code, region in regions.of.items():
        if which[code]:
            much = "" if share is None else f" {share[code]:.0%}"
            names.append(f"{region.side} {region.name}{much}")
    return ", ".join(names)


def _small(regions: Regions, sizes: NDArray[np.float64]) -> list[str]:
    """Say which regions have very few voxels, or lie in a single one of many slices."""
    told = []
    few = (sizes > 0) & (sizes < FEW_VOXELS)
    if few.any():
        told.append(f"fewer than {FEW_VOXELS} voxels: {_named(regions, few, None)}")
    slices = np.zeros(sizes.size, dtype=int)
    for k in range(regions.codes.shape[2]):
        slices[np.unique(regions.codes[:, :, k])] += 1
    labelled = int(regions.codes.any(axis=(0, 1)).sum())
    single = (slices == 1) & ~few
    if labelled > 3 and single[1:].any():
        single[0] = False
        told.append(
            f"in a single one of {labelled} labelled slices: {_named(regions, single, None)}"
        )
    return told


def _dark(regions: Regions, scan: Scan, body: Body, sizes: NDArray[np.float64]) -> list[str]:
    """Say which muscles have no more signal than air or cortical bone."""
    air = np.abs(scan.voxels[~body.mask])
    air = air[air > 0]
    if scan.sequence.kind in DARK_TISSUE or scan.quantity == "phase" or air.size < FEW_VOXELS:
        return []
    dark = np.abs(scan.voxels) <= np.quantile(air, 0.9)
    share = _sizes(regions.codes, dark, len(regions.of)) / np.maximum(sizes, 1)
    which = share > DARK_SHARE
    which[0] = False
    for code, region in regions.of.items():
        which[code] &= region.kind != "bone"
    if not which.any():
        return []
    return [f"no more signal than air or bone in: {_named(regions, which, share)}"]
