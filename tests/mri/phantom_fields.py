"""Smooth fields over a phantom: receive bias, off-resonance, efficiency of an inversion."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from phantom_anatomy import Anatomy


def _axes(shape: tuple[int, ...], spacing: NDArray[Any]) -> list[NDArray[np.float32]]:
    """Return coordinates from -1 to 1 over the largest in-plane extent; slices by their index."""
    size = max(shape[0] * spacing[0], shape[1] * spacing[1])
    x, y = (((np.arange(shape[a]) - (shape[a] - 1) / 2) * spacing[a] * 2 / size) for a in (0, 1))
    z = (np.arange(shape[2]) - (shape[2] - 1) / 2) / max((shape[2] - 1) / 2, 1)
    return [
        x.astype(np.float32)[:, None, None],
        y.astype(np.float32)[None, :, None],
        z.astype(np.float32)[None, None, :],
    ]


def polynomial(
    mask: NDArray[np.bool_], spacing: NDArray[Any], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return a random polynomial of order 3 in the plane and 1 along the leg, -1 to 1 in a mask."""
    x, y, z = _axes(mask.shape, spacing)
    total = np.zeros(mask.shape, dtype=np.float32)
    for i in range(4):
        for j in range(4 - i):
            if i + j:
                total += float(rng.standard_normal()) * x**i * y**j
    total += 0.4 * float(rng.standard_normal()) * z + 0.3 * float(rng.standard_normal()) * z * x
    low, high = float(total[mask].min()), float(total[mask].max())
    return np.asarray(np.clip(2 * (total - low) / (high - low) - 1, -1, 1), dtype=np.float32)


def _coils(
    mask: NDArray[np.bool_], spacing: NDArray[Any], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return root-sum-of-squares sensitivity of surface coils in front and behind, mean 1.

    On the axis of a loop of radius a the field falls as a^3 / (a^2 + d^2)^(3/2) with the distance
    d (Biot-Savart; Haase 2000, Concepts Magn Reson 12:361).
    """
    x, y, _ = _axes(mask.shape, spacing)
    half = max(mask.shape[0] * spacing[0], mask.shape[1] * spacing[1]) / 2
    depth = mask.shape[1] * spacing[1] / 2 / half
    radius = rng.uniform(70, 110) / half
    total = np.zeros(mask.shape, dtype=np.float32)
    for place in (-0.75, -0.25, 0.25, 0.75):
        for front in (-1.0, 1.0):
            gap = depth * rng.uniform(1.0, 1.25)
            d2 = (x - place - 0.1 * rng.standard_normal()) ** 2 + (y - front * gap) ** 2
            total += (rng.uniform(0.7, 1.3) * (1 + d2 / radius**2) ** -1.5) ** 2
    field = np.sqrt(total)
    return np.asarray(field / field[mask].mean(), dtype=np.float32)


def bias_field(
    mask: NDArray[np.bool_], anatomy: Anatomy, bias: float, kind: str, seed: int
) -> NDArray[np.float32]:
    """Return the factor on all signal: 1 without bias, else 1 -+ bias, or surface coils."""
    rng = np.random.default_rng([seed, 31])
    if bias == 0:
        return np.ones(mask.shape, dtype=np.float32)
    if kind == "coil":
        return _coils(mask, anatomy.geometry.spacing, rng)
    return (1 + bias * polynomial(mask, anatomy.geometry.spacing, rng)).astype(np.float32)


def inversion_efficiency(
    mask: NDArray[np.bool_], anatomy: Anatomy, fails: float
) -> NDArray[np.float32]:
    """Return the efficiency of the inversion: 1, falling to 1 - fails in a corner of the body."""
    x, y, _ = _axes(mask.shape, anatomy.geometry.spacing)
    left = np.flatnonzero(mask.any(axis=(1, 2)))
    front = np.flatnonzero(mask.any(axis=(0, 2)))
    corner = x[left[0], 0, 0], y[0, front[-1], 0]
    away = np.hypot(x - corner[0], y - corner[1])
    field = 1 - fails / (1 + np.exp((away - 0.3) / 0.05)) * np.ones(mask.shape)
    return field.astype(np.float32)
