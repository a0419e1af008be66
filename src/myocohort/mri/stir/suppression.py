"""Where fat suppression failed.

Fat is dark on a good STIR. Where the inversion pulse fails (B1 falls off, metal, a corner of the
coil), fat is bright, and muscle is brighter or darker than it should be, so that no signal there
may be called oedema. It shows in the fat under the skin, and, where a fat map is given, in any fat.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from myocohort.mri.body import Body
from myocohort.mri.scan import Geometry

SKIN_MM = 1.5
"""Thickness of skin, which is not fat."""

UNDER_SKIN_MM = 3.0
"""Fat is looked for down to here: deeper there may be muscle that no label names."""

FROM_MUSCLE_MM = 2.0
"""Distance that fat voxels must have from labelled muscle."""

MUSCLE_AT_SKIN = 0.1
"""Muscle does not reach the skin. Where more than this part of a slice's outline is labelled
muscle, the outline was drawn about the muscle, without the dark fat, and shows no fat under the
skin."""

CELL_MM = 8.0
"""Width of the cells in which fat is looked at."""

DARK_PART = 0.2
"""Quantile of a cell that is looked at: muscle without a label, fascia or a vein may fill most of a
cell, but a line of fat under the skin keeps a fifth of it dark."""

FAILED = 0.6
"""Fat brighter than this part of muscle is not suppressed. Suppressed fat has a tenth to a third of
muscle's signal: nulling is exact at one T1 only, and noise adds a floor."""

PURE_FAT = 0.8
"""Fraction from which a voxel counts as fat."""

REACH_MM = 15.0
"""How far a cell speaks for its neighbourhood; suppression varies as smoothly as B1 does."""

FAILED_NEAR = 0.25
"""A voxel is taken out where this share of the fat about it has failed."""

CELL_AREA_MM2 = 8.0
"""Area of fat that a cell must hold to be looked at."""

LEAST_CELLS = 3
"""Length in cells, across a slice, over which fat must be bright together: less is a vein or a
knot, however many slices a vein passes."""

UNCHECKED = 0.25
"""Share of the skin without fat to be looked at within `REACH_MM` from which a reader is told."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """Fat suppression of a scan.

    Parameters
    ----------
    failed
        bool, shape of the scan: signal there cannot be read.
    fat_level
        Signal of suppressed fat over that of muscle.
    cells, failed_cells
        Places looked at, and those where fat is bright.
    unchecked
        Share of the skin, in slices with muscle, near which no fat could be looked at: the layer is
        too thin, or it is so dark that the outline was drawn inside it.
    """

    failed: NDArray[np.bool_]
    fat_level: float
    cells: int
    failed_cells: int
    unchecked: float = 1.0


def _skin(body: Body, spacing: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return the body's outermost `SKIN_MM`, at least the voxels that touch air."""
    return np.asarray(body.mask & (body.depth_mm <= max(SKIN_MM, *spacing[:2])), dtype=bool)


def _fat_voxels(
    body: Body,
    labelled: NDArray[np.bool_],
    fat: NDArray[np.float32] | None,
    spacing: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Return voxels that are fat: under the skin, or by the fat map."""
    if fat is not None:
        return np.asarray(body.mask & (body.depth_mm > SKIN_MM) & (fat > PURE_FAT), dtype=bool)
    near = np.zeros(labelled.shape, dtype=bool)
    band = body.mask & (body.depth_mm > SKIN_MM) & (body.depth_mm < SKIN_MM + UNDER_SKIN_MM)
    skin = _skin(body, spacing)
    for k in range(labelled.shape[2]):
        if (labelled & skin)[:, :, k].sum() > MUSCLE_AT_SKIN * skin[:, :, k].sum():
            near[:, :, k] = True
        elif labelled[:, :, k].any():
            far = ndimage.distance_transform_edt(~labelled[:, :, k], sampling=tuple(spacing[:2]))
            near[:, :, k] = far <= FROM_MUSCLE_MM
    return np.asarray(band & ~labelled & ~near, dtype=bool)


@dataclass(frozen=True, slots=True)
class _Cells:
    """Cells of `CELL_MM` in each slice: whether fat is seen in them, and its dark part."""

    low: tuple[int, int]
    middle_mm: tuple[float, float]
    seen: NDArray[np.bool_]
    dark: NDArray[np.float32]


def _cells(
    ratio: NDArray[np.float32],
    fat_voxels: NDArray[np.bool_],
    body: Body,
    spacing: NDArray[np.float64],
) -> _Cells | None:
    """Return the `DARK_PART` quantile of fat in each cell; None where there is no fat to see.

    Cells are counted from the middle of the body, so that flips and crops change nothing.
    """
    index = np.nonzero(fat_voxels)
    if index[0].size == 0:
        return None
    inside = np.nonzero(body.mask.any(axis=2))
    middle, cells, low = [], [], []
    for axis in (0, 1):
        middle.append(float((inside[axis].min() + inside[axis].max()) / 2 * spacing[axis]))
        cell = np.rint((index[axis] * spacing[axis] - middle[axis]) / CELL_MM).astype(np.int64)
        low.append(int(cell.min()))
        cells.append(cell - low[axis])
    shape = (int(cells[0].max()) + 1, int(cells[1].max()) + 1, ratio.shape[2])
    key = np.ravel_multi_index((cells[0], cells[1], index[2]), shape)
    values = ratio[index]
    order = np.lexsort((values, key))
    names, first, count = np.unique(key[order], return_index=True, return_counts=True)
    enough = count * spacing[0] * spacing[1] >= CELL_AREA_MM2
    names, first, count = names[enough], first[enough], count[enough]
    if names.size == 0:
        return None
    seen = np.zeros(shape, dtype=bool)
    dark = np.zeros(shape, dtype=np.float32)
    seen.ravel()[names] = True
    at = first + np.floor(DARK_PART * (count - 1)).astype(np.int64)
    dark.ravel()[names] = values[order][at]
    return _Cells((low[0], low[1]), (middle[0], middle[1]), seen, dark)


def _long(bright: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the bright cells of places that are `LEAST_CELLS` long within their slice."""
    structure = np.zeros((3, 3, 3), dtype=bool)
    structure[:, :, 1] = True
    parts, _ = ndimage.label(bright, structure=structure)
    keep = [False]
    for box in ndimage.find_objects(parts):
        keep.append(max(one.stop - one.start for one in box[:2]) >= LEAST_CELLS)
    return np.asarray(np.array(keep)[parts], dtype=bool)


def _unchecked(
    cells: _Cells, body: Body, labelled: NDArray[np.bool_], spacing: NDArray[np.float64]
) -> float:
    """Return the share of the skin without a cell within `REACH_MM`, in slices with muscle."""
    outline = _skin(body, spacing)
    skin, far = 0, 0
    for k in np.flatnonzero(labelled.any(axis=(0, 1))):
        at = np.argwhere(outline[:, :, k]) * spacing[:2]
        seen = (np.argwhere(cells.seen[:, :, k]) + cells.low) * CELL_MM + cells.middle_mm
        skin += len(at)
        near = cKDTree(seen).query(at, distance_upper_bound=REACH_MM)[0] if len(seen) else np.inf
        far += int(np.count_nonzero(np.isinf(near) * np.ones(len(at))))
    return far / skin if skin else 1.0


def _share_failed(
    cells: _Cells, bright: NDArray[np.bool_], geometry: Geometry
) -> NDArray[np.float32]:
    """Return which share of the fat about each voxel has failed, by distance, shape of the scan."""
    spacing = geometry.spacing
    sigma = (REACH_MM / CELL_MM, REACH_MM / CELL_MM, REACH_MM / spacing[2])
    pad = 8  # cells: four times the reach, so that voxels beyond the outermost cell have an answer
    frame = ((pad, pad), (pad, pad), (0, 0))
    weight, failed = (
        ndimage.gaussian_filter(
            np.pad(one.astype(np.float64), frame), sigma, mode="constant", truncate=6.0
        )
        for one in (cells.seen, bright)
    )
    share = np.where(weight > 0, failed / np.maximum(weight, 1e-300), 0)
    at = []
    for axis in (0, 1):
        mm = np.arange(geometry.shape[axis]) * spacing[axis] - cells.middle_mm[axis]
        at.append(np.clip(mm / CELL_MM - cells.low[axis] + pad, 0, share.shape[axis] - 1))
    result = np.empty(geometry.shape, dtype=np.float32)
    x, y = np.meshgrid(*at, indexing="ij")
    for k in range(geometry.shape[2]):
        result[:, :, k] = ndimage.map_coordinates(share[:, :, k], (x, y), order=1)
    return result


def find_failures(
    ratio: NDArray[np.float32],
    body: Body,
    labelled: NDArray[np.bool_],
    fat: NDArray[np.float32] | None,
    geometry: Geometry,
) -> Suppression:
    """Find where fat is bright that should be dark.

    Parameters
    ----------
    ratio
        Signal over that of muscle without oedema, receive field taken out.
    body
        Of the scan.
    labelled
        Voxels with a label, muscle or bone.
    fat
        Fat fraction where it is known.
    geometry
        Of all of them.
    """
    fat_voxels = _fat_voxels(body, labelled, fat, geometry.spacing)
    cells = _cells(ratio, fat_voxels, body, geometry.spacing)
    failed = np.zeros(geometry.shape, dtype=bool)
    if cells is None:
        return Suppression(failed, 0.0, 0, 0)
    bright = _long(cells.seen & (cells.dark > FAILED))
    good = cells.dark[cells.seen & ~bright]
    level = float(np.median(good)) if good.size else float(np.median(cells.dark[cells.seen]))
    if bright.any():
        failed = (_share_failed(cells, bright, geometry) > FAILED_NEAR) & body.mask
    unchecked = _unchecked(cells, body, labelled, geometry.spacing)
    return Suppression(failed, level, int(cells.seen.sum()), int(bright.sum()), unchecked)
