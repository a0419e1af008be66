"""Small made legs for tests of outline, sides and labels: ellipses, seconds apart from a phantom.

Everything is in millimetres, so that the same legs can be drawn on any grid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myocohort.mri.scan import Geometry, LabelMap, Scan

SIGNAL = {
    # contrast: (fat, muscle, marrow), in units of the brightest tissue
    "t1": (1.0, 0.35, 0.95),
    "stir": (0.08, 0.5, 0.08),
    "water": (0.1, 1.0, 0.1),
    "fat": (1.0, 0.05, 1.0),
}


@dataclass(frozen=True)
class Leg:
    """An elliptic leg: centre and half axes in mm, thickness of its fat, radius of its bone."""

    x: float
    y: float = 0.0
    a: float = 70.0
    b: float = 75.0
    fat_mm: float = 12.0
    bone_mm: float = 13.0


APART = (Leg(-85), Leg(85))
TOUCHING = (Leg(-69), Leg(69))


def grid(
    width_mm: float = 360, depth_mm: float = 200, slices: int = 2, mm: float = 2.0, gap: float = 10
) -> Geometry:
    """Return a grid centred on the origin."""
    shape = (round(width_mm / mm), round(depth_mm / mm), slices)
    affine = np.diag([mm, mm, gap, 1.0])
    affine[:3, 3] = [-(n - 1) / 2 * s for n, s in zip(shape, (mm, mm, gap), strict=True)]
    return Geometry(shape, affine)


def places(geometry: Geometry) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return x and y of each voxel of a slice, shape (nx, ny)."""
    i, j = np.meshgrid(*(np.arange(n) for n in geometry.shape[:2]), indexing="ij")
    affine = geometry.affine
    return (
        affine[0, 0] * i + affine[0, 1] * j + affine[0, 3],
        affine[1, 0] * i + affine[1, 1] * j + affine[1, 3],
    )


def inside(geometry: Geometry, leg: Leg, shrink: float = 0.0) -> NDArray[np.bool_]:
    """Return a leg's ellipse, its half axes shorter by so many mm, in all slices."""
    x, y = places(geometry)
    disc = ((x - leg.x) / (leg.a - shrink)) ** 2 + ((y - leg.y) / (leg.b - shrink)) ** 2 <= 1
    return np.repeat(disc[:, :, None], geometry.shape[2], axis=2)


def draw(
    legs: tuple[Leg, ...],
    contrast: str = "t1",
    *,
    geometry: Geometry | None = None,
    noise: float = 0.02,
    bias: float = 0.0,
    seed: int = 1,
) -> tuple[Scan, NDArray[np.bool_]]:
    """Return a scan with Rician noise, and the body's true mask.

    `bias` of 0.4 multiplies the signal by 0.6 to 1.4 from one corner to the other.
    """
    geometry = geometry or grid()
    fat, muscle, marrow = SIGNAL[contrast]
    signal = np.zeros(geometry.shape)
    body = np.zeros(geometry.shape, dtype=bool)
    for leg in legs:
        own = inside(geometry, leg)
        body |= own
        signal[own] = fat
        signal[inside(geometry, leg, leg.fat_mm)] = muscle
        x, y = places(geometry)
        radius = np.hypot(x - leg.x, y - leg.y)
        signal[radius < leg.bone_mm] = 0
        signal[radius < leg.bone_mm - 5] = marrow
    x, y = places(geometry)
    ramp = (x / np.ptp(x) + y / np.ptp(y))[:, :, None]
    signal *= 1 + bias * ramp
    rng = np.random.default_rng(seed)
    made = np.abs(
        signal
        + noise * rng.standard_normal(signal.shape)
        + 1j * noise * rng.standard_normal(signal.shape)
    )
    return Scan(np.asarray(1000 * made, dtype=np.float32), geometry, "made legs"), body


def labelled(legs: tuple[Leg, ...], geometry: Geometry | None = None) -> LabelMap:
    """Return a map of thigh11 numbers: in each leg, vastus lateralis 3 in front of semitend. 9."""
    geometry = geometry or grid()
    _, y = places(geometry)
    labels = np.zeros(geometry.shape, dtype=np.int32)
    for leg in legs:
        muscle = inside(geometry, leg, leg.fat_mm + 2)
        front = np.repeat((y > leg.y + 20)[:, :, None], geometry.shape[2], axis=2)
        back = np.repeat((y < leg.y - 20)[:, :, None], geometry.shape[2], axis=2)
        labels[muscle & front] = 3
        labels[muscle & back] = 9
    return LabelMap(labels, geometry, "made labels")
