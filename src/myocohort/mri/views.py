"""What of a scan is shown: its slices as grey pictures, with the muscles' outlines to be drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from myocohort.mri.body import Body
from myocohort.mri.regions import Regions

MOST_SLICES = 24
"""Slices that are kept, spread evenly over those that hold a muscle."""
FINEST_MM = 1.0
"""Pixels are made at least this wide: pictures are for looking, and finer ones only grow."""
_MARGIN_MM = 6.0


@dataclass(frozen=True, slots=True)
class View:
    """Slices of one scan as they are shown: the patient's right at the left, the front on top.

    Parameters
    ----------
    title
        "T1", "STIR", "fat fraction" ...
    slices
        uint8, shape (slices, rows, columns), from the feet to the head; square pixels.
    codes
        int16, the same shape: codes of `Regions`; 0 is none.
    positions_mm
        Height of each slice towards the head, shape (slices,).
    pixel_mm
        Width of a pixel.
    """

    title: str
    slices: NDArray[np.uint8]
    codes: NDArray[np.int16]
    positions_mm: NDArray[np.float64]
    pixel_mm: float


def view_of(
    title: str,
    voxels: NDArray[np.float32],
    regions: Regions,
    body: Body,
    *,
    window: tuple[float, float] | None = None,
) -> View:
    """Return the slices of a scan or a map as they are shown.

    Parameters
    ----------
    title
        What the picture is called.
    voxels
        Shape of the scan; NaN is shown black.
    regions, body
        On the same grid.
    window
        Values shown black and white; without it 0 and the value that 0.5% of the body's voxels
        pass, so that single bright vessels do not darken the rest.
    """
    at = _slices_shown(regions, body)
    mask = body.mask[:, :, at]
    part = voxels[:, :, at]
    if window is None:
        inside = part[mask & np.isfinite(part)]
        window = (0.0, float(np.quantile(inside, 0.995)) if inside.size else 1.0)
    low, high = window
    shown = np.nan_to_num((part - low) / max(high - low, 1e-6), nan=0.0).clip(0, 1)
    spacing = regions.geometry.spacing[:2]
    box = _box(mask, spacing)
    pixel = float(max(FINEST_MM, *spacing))
    pictures, codes = [], []
    for index in range(len(at)):
        grey = _square(shown[:, :, index][box], spacing, pixel, order=1)
        code = _square(regions.codes[:, :, at[index]][box], spacing, pixel, order=0)
        pictures.append(np.round(255 * grey.clip(0, 1)).astype(np.uint8))
        codes.append(code.astype(np.int16))
    return View(
        title,
        np.stack(pictures),
        np.stack(codes),
        regions.geometry.slice_positions()[at],
        pixel,
    )


def _slices_shown(regions: Regions, body: Body) -> NDArray[np.intp]:
    """Return the slices with a muscle, or with the body where no muscle is there, thinned out."""
    held = np.flatnonzero((regions.codes > 0).any(axis=(0, 1)))
    if not held.size:
        held = np.flatnonzero(body.mask.any(axis=(0, 1)))
    if not held.size:
        held = np.arange(regions.codes.shape[2])
    if held.size > MOST_SLICES:
        held = held[np.round(np.linspace(0, held.size - 1, MOST_SLICES)).astype(int)]
    return held


def _box(mask: NDArray[np.bool_], spacing: NDArray[np.float64]) -> tuple[slice, slice]:
    """Return the part of the plane that holds the body in any slice, with a margin."""
    flat = mask.any(axis=2)
    if not flat.any():
        return slice(0, flat.shape[0]), slice(0, flat.shape[1])
    ends = []
    for axis in (0, 1):
        held = np.flatnonzero(np.max(flat, axis=1 - axis))
        margin = int(np.ceil(_MARGIN_MM / spacing[axis]))
        low, high = max(0, int(held[0]) - margin), int(held[-1]) + margin + 1
        ends.append(slice(low, min(high, flat.shape[axis])))
    return ends[0], ends[1]


def _square(
    plane: NDArray[np.generic], spacing: NDArray[np.float64], pixel: float, order: int
) -> NDArray[np.float64]:
    """Return a plane on square pixels, rows from the front down, columns from the right."""
    turned = plane.astype(np.float64)[::-1, ::-1].T  # axis 0 ran to the right, axis 1 to the front
    factors = (spacing[1] / pixel, spacing[0] / pixel)
    if max(abs(factor - 1) for factor in factors) < 0.02:
        return turned
    if order == 1 and min(factors) < 1:
        sigmas = [0.4 * max(0.0, 1 / factor - 1) for factor in factors]
        turned = ndimage.gaussian_filter(turned, sigmas)
    return np.asarray(ndimage.zoom(turned, factors, order=order, grid_mode=True, mode="nearest"))
