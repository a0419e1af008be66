"""Whether labels and image fit each other, and whether the image shows thighs at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from myocohort.mri.body import Body
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
        flipped.
    """
    sizes = _sizes(regions.codes, None, len(regions.of))
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
