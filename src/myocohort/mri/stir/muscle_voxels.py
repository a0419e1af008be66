"""Which voxels of a muscle are measured, and their means in small blocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from myocohort.mri.regions import Regions
from myocohort.mri.scan import Geometry

RIM_MM = 1.0
"""Outer part of a muscle that is left out: fascia, perimuscular vessels and fluid are bright on
STIR, and a voxel that lies across the border holds some of them."""

BLOCK_MM = 5.0
"""Width of a block. Averaging over it takes noise below the differences between healthy muscles,
and a receive field changes little within it."""

MUSCULAR = ("muscle", "other muscle", "compartment")
"""Kinds of regions that are muscle."""


def muscle_codes(regions: Regions) -> NDArray[np.int16]:
    """Return the codes of muscles and compartments, 0 elsewhere; shape of the scan."""
    keep = np.zeros(max([*regions.of, int(regions.codes.max(initial=0))], default=0) + 1, np.int16)
    for code, region in regions.of.items():
        if region.kind in MUSCULAR:
            keep[code] = code
    return np.asarray(keep[regions.codes], dtype=np.int16)


def border_depth_mm(codes: NDArray[np.int16], spacing: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return how deep each voxel's centre lies inside its own region, in its slice.

    Parameters
    ----------
    codes
        0 is no region.
    spacing
        mm along each axis.

    Returns
    -------
    float32, shape of `codes`; mm from the region's border, 0 outside. The image's border is
    no border of a region.
    """
    edge = np.zeros(codes.shape, dtype=bool)
    for axis in (0, 1):
        here = [slice(None)] * 3
        there = [slice(None)] * 3
        here[axis], there[axis] = slice(1, None), slice(None, -1)
        differs = codes[tuple(here)] != codes[tuple(there)]
        edge[tuple(here)] |= differs
        edge[tuple(there)] |= differs
    half = float(np.sqrt(spacing[0] * spacing[1])) / 2
    depth = np.zeros(codes.shape, dtype=np.float32)
    for k in range(codes.shape[2]):
        inside = codes[:, :, k] > 0
        if not inside.any():
            continue
        box = ndimage.find_objects(inside.astype(np.uint8))[0]
        border = edge[(*box, k)]
        if border.any():
            far = ndimage.distance_transform_edt(~border, sampling=tuple(spacing[:2]))
        else:
            far = np.full(border.shape, np.inf)
        depth[(*box, k)] = np.where(inside[box], far + half, 0)
    return depth


@dataclass(frozen=True, slots=True)
class Blocks:
    """Means of muscle voxels in blocks of one muscle and one slice.

    Parameters
    ----------
    position_mm
        (n, 3): mean position of the block's voxels along the scan's axes, from the scan's corner.
    signal
        (n,): signal of the water in it.
    area_mm2
        (n,): area of its voxels.
    code
        (n,): the muscle.
    """

    position_mm: NDArray[np.float64]
    signal: NDArray[np.float64]
    area_mm2: NDArray[np.float64]
    code: NDArray[np.int64]

    def where(self, keep: NDArray[np.bool_]) -> Blocks:
        """Return the blocks that are kept."""
        return Blocks(
            self.position_mm[keep], self.signal[keep], self.area_mm2[keep], self.code[keep]
        )


def block_means(
    values: NDArray[np.float32],
    water: NDArray[np.float32] | None,
    codes: NDArray[np.int16],
    use: NDArray[np.bool_],
    geometry: Geometry,
) -> tuple[Blocks, NDArray[np.int64]]:
    """Average the signal of muscle in blocks of `BLOCK_MM` within a slice and a muscle.

    Parameters
    ----------
    values
        Signal.
    water
        Share of water of each voxel where fat is known: a block's signal is the sum of signal
        over the sum of water, because fat gives next to none on STIR.
    codes
        Muscles.
    use
        Voxels that count.
    geometry
        Of all of them.

    Returns
    -------
    The blocks, and for each voxel used (in the order of `np.nonzero(use)`) its block or -1.

    Notes
    -----
    Blocks are counted from the middle of the voxels used, so that flips and crops change nothing.
    A block must hold a quarter of its full area; less is rim.
    """
    spacing = geometry.spacing
    index = np.nonzero(use)
    code = codes[index].astype(np.int64)
    if code.size == 0:
        none = np.zeros(0)
        return Blocks(np.zeros((0, 3)), none, none, np.zeros(0, np.int64)), np.zeros(0, np.int64)
    at = [one * step for one, step in zip(index, spacing, strict=True)]
    cells = []
    for axis in (0, 1):
        middle = (at[axis].min() + at[axis].max()) / 2
        cell = np.rint((at[axis] - middle) / BLOCK_MM).astype(np.int64)
        cells.append(cell - cell.min())
    nx, ny = int(cells[0].max()) + 1, int(cells[1].max()) + 1
    key = ((code * geometry.shape[2] + index[2]) * nx + cells[0]) * ny + cells[1]
    _, group = np.unique(key, return_inverse=True)
    voxels = np.bincount(group)
    share = np.ones(code.size) if water is None else water[index].astype(np.float64)
    total = np.bincount(group, share)
    signal = np.bincount(group, values[index].astype(np.float64)) / np.maximum(total, 1e-9)
    position = np.stack([np.bincount(group, one) / voxels for one in at], axis=1)
    first = np.zeros(voxels.size, dtype=np.int64)
    first[group] = code
    area = np.asarray(voxels * float(spacing[0] * spacing[1]), dtype=np.float64)
    blocks = Blocks(position, signal, area, first)
    keep = (area >= BLOCK_MM**2 / 4) & (signal > 0) & (total > voxels / 4)
    number = np.where(keep, np.cumsum(keep) - 1, -1)
    return blocks.where(keep), number[group]
