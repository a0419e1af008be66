"""Patterns of fat and of oedema in a muscle, with a mean that is set apart from the pattern."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

TEXTURES = ("even", "speckled", "streaks", "moth-eaten", "washed out", "gradient")
"""Patterns of fat: diffuse; fine grains; streaks along one direction; islands of fat with sharp
borders; confluent fat with blurred remains of muscle that last longest at the rim; a slope from
one side of the muscle to the other."""

Cells = NDArray[np.bool_]
Field = NDArray[np.float32]


def _noise(
    cells: Cells,
    along_mm: float,
    across_mm: float,
    cell_mm: float,
    slice_mm: float,
    rng: np.random.Generator,
) -> Field:
    """Return smooth noise with mean 0 and SD 1 over the cells of a muscle.

    Its grains are Gaussian: `along_mm` in a random direction of the plane, `across_mm` across.
    """
    angle = rng.uniform(0, np.pi)
    kx = np.fft.fftfreq(cells.shape[0], cell_mm)[:, None]
    ky = np.fft.rfftfreq(cells.shape[1], cell_mm)[None, :]
    u, v = np.cos(angle) * kx + np.sin(angle) * ky, np.cos(angle) * ky - np.sin(angle) * kx
    keep = np.exp(-2 * np.pi**2 * ((along_mm * u) ** 2 + (across_mm * v) ** 2))
    white = rng.standard_normal(cells.shape).astype(np.float32)
    through = min(along_mm, across_mm) / slice_mm  # thick slices are nearly independent
    if through > 0.2:
        white = ndimage.gaussian_filter1d(white, through, axis=2)
    spectrum = np.fft.rfft2(white, axes=(0, 1)) * keep[:, :, None]
    field = np.fft.irfft2(spectrum, s=cells.shape[:2], axes=(0, 1))[cells].astype(np.float32)
    spread = float(field.std())
    return (field - field.mean()) / (spread if spread > 0 else 1.0)


def _depth(cells: Cells, cell_mm: float) -> Field:
    """Return the distance of each cell to the muscle's border, 0 to 1 of the largest."""
    depth = np.zeros(cells.shape, dtype=np.float32)
    for k in range(cells.shape[2]):
        padded = np.pad(cells[:, :, k], 1)
        depth[:, :, k] = ndimage.distance_transform_edt(padded)[1:-1, 1:-1] * cell_mm
    inside = depth[cells]
    return inside / max(float(inside.max()), 1e-6)


def _across(cells: Cells, angle: float) -> Field:
    """Return the place of each cell along a direction in the plane, mean 0 and SD 1."""
    i, j, _ = np.nonzero(cells)
    place = (np.cos(angle) * i + np.sin(angle) * j).astype(np.float32)
    spread = float(place.std())
    return (place - place.mean()) / (spread if spread > 0 else 1.0)


def fill(
    cells: Cells,
    mean: float,
    texture: str,
    cell_mm: float,
    slice_mm: float,
    rng: np.random.Generator,
) -> Field:
    """Return the fraction in each cell of a muscle, shape (cells.sum(),), with this mean.

    Parameters
    ----------
    cells
        The muscle, cropped to its box.
    mean
        0 to 1, held to 0.0005 whatever the pattern.
    texture
        One of `TEXTURES`.
    """
    count = int(cells.sum())
    if not 0 <= mean <= 1:
        raise ValueError(f"a fraction lies between 0 and 1, not {mean}")
    if texture not in TEXTURES:
        raise ValueError(f"no texture {texture!r}; there are {', '.join(TEXTURES)}")
    if count == 0 or mean in (0.0, 1.0):
        return np.full(count, mean, dtype=np.float32)
    field, width = _pattern(cells, texture, cell_mm, slice_mm, rng)
    if texture == "even":  # the same everywhere but for a ripple
        return _level(lambda c: np.clip(c + 0.3 * c * (1 - c) * field, 0, 1), mean, 0, 1)
    return _level(
        lambda c: 1 / (1 + np.exp(-np.clip((field - c) / width, -60, 60))), mean, 40.0, -40.0
    )


def _pattern(
    cells: Cells, texture: str, cell_mm: float, slice_mm: float, rng: np.random.Generator
) -> tuple[Field, float]:
    """Return a field, high where fat comes first, and over what range of it fat replaces muscle."""

    def noise(along_mm: float, across_mm: float) -> Field:
        return _noise(cells, along_mm, across_mm, cell_mm, slice_mm, rng)

    if texture == "even":
        return noise(3.0, 3.0), 1.0
    if texture == "speckled":
        return noise(0.8, 0.8), 0.5
    if texture == "streaks":
        return noise(6.0, 0.5), 0.25
    if texture == "moth-eaten":
        grain = rng.uniform(1.3, 2.6)
        return noise(grain, grain), 0.04
    if texture == "washed out":
        return 0.7 * noise(4.0, 4.0) + 2.5 * _depth(cells, cell_mm), 0.5
    return _across(cells, rng.uniform(0, 2 * np.pi)), 0.6


def _level(make: Callable[[float], Field], mean: float, low: float, high: float) -> Field:
    """Return the pattern whose mean is as asked; `make` rises from `low` to `high`."""
    for _ in range(60):
        middle = 0.5 * (low + high)
        if float(make(middle).mean(dtype=np.float64)) < mean:
            low = middle
        else:
            high = middle
    return make(0.5 * (low + high)).astype(np.float32)
