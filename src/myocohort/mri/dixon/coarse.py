"""Blocks of a few millimetres: a field is smooth, so it is sought on a coarse grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Floats = NDArray[np.float32]
Complexes = NDArray[np.complex64]


@dataclass(frozen=True, slots=True)
class Blocks:
    """How a grid is cut into blocks within its slices.

    Parameters
    ----------
    size
        Voxels along both sides of a block.
    shape
        Of the fine grid.
    spacing
        Of blocks in the plane, and of slices, mm.
    """

    size: tuple[int, int]
    shape: tuple[int, int, int]
    spacing: tuple[float, float, float]

    @property
    def coarse(self) -> tuple[int, int, int]:
        """Shape of the grid of blocks."""
        return (
            -(-self.shape[0] // self.size[0]),
            -(-self.shape[1] // self.size[1]),
            self.shape[2],
        )

    def mean(self, values: NDArray[np.generic]) -> NDArray[np.generic]:
        """Return the mean of each block of (..., x, y, slices); beyond the edge counts as 0."""
        lead = values.shape[:-3]
        x, y, z = self.coarse
        padded = np.zeros((*lead, x * self.size[0], y * self.size[1], z), dtype=values.dtype)
        padded[..., : self.shape[0], : self.shape[1], :] = values
        cut = padded.reshape(*lead, x, self.size[0], y, self.size[1], z)
        return np.asarray(cut.mean(axis=(-4, -2)))

    def spread(self, coarse: Floats) -> Floats:
        """Return values of blocks at each voxel, linear between the centres of blocks."""
        at = [
            (np.arange(n) - (k - 1) / 2) / k for n, k in zip(self.shape[:2], self.size, strict=True)
        ]
        rows = _between(at[0], coarse.shape[0])
        columns = _between(at[1], coarse.shape[1])
        along = rows @ coarse.reshape(coarse.shape[0], -1)
        along = along.reshape(self.shape[0], coarse.shape[1], coarse.shape[2])
        return np.asarray(np.einsum("jb,ibk->ijk", columns, along, optimize=True), np.float32)


def blocks_of(shape: tuple[int, int, int], spacing: NDArray[np.float64], mm: float) -> Blocks:
    """Return blocks of about `mm` along their sides, never larger than that by half a voxel."""
    size = tuple(max(round(mm / float(one)), 1) for one in spacing[:2])
    wide = tuple(k * float(one) for k, one in zip(size, spacing[:2], strict=True))
    return Blocks((size[0], size[1]), shape, (wide[0], wide[1], float(spacing[2])))


def smooth(values: Floats, mm: float, spacing: tuple[float, float, float]) -> Floats:
    """Return values blurred within slices by a Gaussian of this SD; beyond the edge counts as 0."""
    sigma = [0.0] * (values.ndim - 3) + [mm / spacing[0], mm / spacing[1], 0.0]
    return np.asarray(ndimage.gaussian_filter(values, sigma, mode="constant", truncate=3.0))


def fill_outwards(values: Floats, known: NDArray[np.bool_]) -> Floats:
    """Return values with unknown places taken from the nearest known place of the slice."""
    filled = values.copy()
    for k in range(values.shape[2]):
        if known[:, :, k].any() and not known[:, :, k].all():
            nearest = ndimage.distance_transform_edt(
                ~known[:, :, k], return_distances=False, return_indices=True
            )
            filled[:, :, k] = values[nearest[0], nearest[1], k]
    return filled


def _between(at: NDArray[np.float64], n: int) -> Floats:
    """Return the matrix of linear interpolation at fractional indices, edges held."""
    at = np.clip(at, 0, n - 1)
    low = np.minimum(at.astype(int), max(n - 2, 0))
    high = np.minimum(low + 1, n - 1)
    share = (at - low).astype(np.float32)
    weights = np.zeros((at.size, n), dtype=np.float32)
    rows = np.arange(at.size)
    np.add.at(weights, (rows, low), 1 - share)
    np.add.at(weights, (rows, high), share)
    return weights
