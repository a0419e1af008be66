"""Patterns of fat in one made muscle, drawn apart from the phantom: discs, stripes, fields.

    values, mask, spacing = muscle("moth-eaten", 0.2, spacing=1.0, noise=0.05, seed=1)

The mean is set apart from the pattern. Everything is drawn on cells of a quarter of a millimetre
and averaged to voxels, so that partial volume is there.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

PATTERNS = ("even", "scattered", "streaks", "moth-eaten", "washed-out", "periphery")
CELL_MM = 0.25
SIZE = 200  # cells: 5 cm

Field = NDArray[np.float64]
Mask = NDArray[np.bool_]


def muscle(
    pattern: str,
    mean: float,
    *,
    spacing: float = 1.0,
    noise: float = 0.03,
    seed: int = 1,
    slices: int = 2,
    turned: bool = False,
) -> tuple[NDArray[np.float32], Mask, tuple[float, float, float]]:
    """Return fractions, mask and spacing of a muscle whose slices lie 10 mm apart."""
    values, masks = zip(*(_cells(pattern, mean, seed, k) for k in range(slices)), strict=True)
    q = round(spacing / CELL_MM)
    n = SIZE // q
    blocks = [np.stack(one, -1)[: n * q, : n * q].reshape(n, q, n, q, slices).mean((1, 3))
              for one in (values, masks)]  # fmt: skip
    fraction = blocks[0] / np.maximum(blocks[1], 1e-9)
    rng = np.random.default_rng(seed + 1000)
    noisy = (fraction + noise * rng.standard_normal(fraction.shape)).astype(np.float32)
    mask = blocks[1] > 0.95
    if turned:
        noisy, mask = noisy[::-1].transpose(1, 0, 2), mask[::-1].transpose(1, 0, 2)
    return noisy, mask, (spacing, spacing, 10.0)


def truth(pattern: str, mean: float, seed: int = 1, slices: int = 2) -> float:
    """Return the mean fraction of the cells, which differs a little from what was asked."""
    values, masks = zip(*(_cells(pattern, mean, seed, k) for k in range(slices)), strict=True)
    return float(np.sum(values) / np.sum(masks))


@lru_cache(maxsize=256)
def _cells(pattern: str, mean: float, seed: int, k: int) -> tuple[Field, Mask]:
    rng = np.random.default_rng([seed, k])
    y, x = np.mgrid[:SIZE, :SIZE] * CELL_MM - SIZE * CELL_MM / 2
    inside = (np.abs(x / 21) ** 2.3 + np.abs((y + 0.004 * x**2) / 14) ** 2.3) < 1
    field = _field(pattern, mean, inside, x, y, rng)
    return np.where(inside, field, 0.0), inside


def _field(pattern: str, mean: float, inside: Mask, x: Field, y: Field, rng) -> Field:
    if pattern == "even":
        return np.full(inside.shape, mean)
    if pattern in ("scattered", "moth-eaten"):
        return _discs(mean, inside, x, y, (1.0, 1.8) if pattern == "scattered" else (3, 5.5), rng)
    if pattern == "streaks":
        along = x * 0.8 + y * 0.6 + 2 * np.sin((y - x) / 9 + rng.uniform(0, 6))
        rough = ndimage.gaussian_filter(rng.standard_normal(inside.shape), 12)
        height = np.sin(2 * np.pi * along / rng.uniform(5, 8)) + 0.3 * rough / rough.std()
        return (height > np.quantile(height[inside], 1 - mean)).astype(float)
    if pattern == "washed-out":
        cloud = ndimage.gaussian_filter(rng.standard_normal(inside.shape), 28)
        return _soft(cloud / cloud[inside].std(), 1.2, mean, inside)
    return _soft(ndimage.distance_transform_edt(inside) * CELL_MM, 1 / 1.2, mean, inside)


def _soft(height: Field, steep: float, mean: float, inside: Mask) -> Field:
    """Return a field that rises with the height, its middle set so that the mean is as asked."""
    low, high = float(height.min()) - 20, float(height.max()) + 20
    for _ in range(60):
        middle = (low + high) / 2
        field = 1 / (1 + np.exp(-steep * (height - middle)))
        low, high = (middle, high) if field[inside].mean() > mean else (low, middle)
    return field


def _discs(mean: float, inside: Mask, x: Field, y: Field, radius, rng) -> Field:
    """Strew round areas until they fill the mean."""
    filled = np.zeros(inside.shape)
    places = np.argwhere(inside)
    left = mean * inside.sum()
    while left > 0:
        i, j = places[rng.integers(len(places))]
        r = min(rng.uniform(*radius), CELL_MM * (np.sqrt(left / np.pi) + 0.5))
        reach = int(r / CELL_MM) + 1
        near = (slice(max(i - reach, 0), i + reach + 1), slice(max(j - reach, 0), j + reach + 1))
        disc = (x[near] - x[i, j]) ** 2 + (y[near] - y[i, j]) ** 2 <= r**2
        left -= float((disc & inside[near] & (filled[near] == 0)).sum())
        filled[near][disc] = 1.0
    return filled
