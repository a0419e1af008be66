"""Thighs that phantoms are painted on: where each tissue lies, on a grid finer than the scan's.

Two makers: `made_anatomy` invents thighs with all twelve muscles and needs no data;
`from_labels` (phantom_labels.py) grows thighs around the muscles of a real label map.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myocohort.mri.regions import Region, Side
from myocohort.mri.scan import Geometry
from myocohort.study.standard import MUSCLES

AIR, SKIN, ADIPOSE, SEPTUM, FASCIA, CORTEX, MARROW, VESSEL, MUSCLE, OTHER_MUSCLE = range(10)
"""Tissues: subcutaneous fat is ADIPOSE, fat between muscles SEPTUM, muscles without a label
OTHER_MUSCLE."""

SKIN_MM = 1.9
"""Skin of the thigh by ultrasound (Gibney 2010, Curr Med Res Opin 26:1519)."""

FASCIA_MM = 0.9
"""Fascia lata; a choice, about one voxel of a usual scan."""

SEPTUM_MM = 0.7
"""Film of fat between neighbouring muscles; a choice, about one voxel of a usual scan."""


@dataclass(frozen=True, slots=True)
class Anatomy:
    """Tissues of a pair of thighs.

    Parameters
    ----------
    geometry
        The scan's grid.
    finer
        Cells along each in-plane axis of a voxel.
    tissue
        uint8, (finer nx, finer ny, nz): codes above.
    codes
        int16, same shape: code of the labelled muscle or femur, as in `Regions.of`; 0 elsewhere.
    leg
        int8, same shape: 1 left, 2 right, 0 outside the body.
    of
        Code -> region.
    absent
        Muscles of the twelve that the anatomy does not label.
    """

    geometry: Geometry
    finer: int
    tissue: NDArray[np.uint8]
    codes: NDArray[np.int16]
    leg: NDArray[np.int8]
    of: dict[int, Region]
    absent: tuple[str, ...] = ()

    @property
    def cell_mm(self) -> float:
        """Size of a cell in-plane, mm."""
        return float(self.geometry.spacing[0]) / self.finer


def grid(shape: Sequence[int], spacing: float, slice_mm: float) -> Geometry:
    """Return a grid centred on 0, axes to the right, the front and the head."""
    affine = np.diag([spacing, spacing, slice_mm, 1.0])
    affine[:3, 3] = -(np.array(shape) - 1) / 2 * np.array([spacing, spacing, slice_mm])
    return Geometry((int(shape[0]), int(shape[1]), int(shape[2])), affine)


def cell_centres(geometry: Geometry, finer: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return x, shape (finer nx, 1), and y, shape (1, finer ny), of the cells in mm."""
    axes = []
    for axis in (0, 1):
        n = geometry.shape[axis] * finer
        step = geometry.spacing[axis] / finer
        axes.append(((np.arange(n) + 0.5) * step - n * step / 2).astype(np.float32))
    return axes[0][:, None], axes[1][None, :]


def region_codes(names: Sequence[str]) -> dict[int, Region]:
    """Number these muscles in the order of the study's list, left before right, then femurs."""
    sides: tuple[Side, Side] = ("left", "right")
    regions = [Region(n, side, "muscle") for n in MUSCLES if n in names for side in sides]
    regions += [Region("femur", side, "bone") for side in sides]
    return dict(enumerate(regions, start=1))


def smooth_wave(
    x: NDArray[np.float32], y: NDArray[np.float32], rng: np.random.Generator, period_mm: float
) -> NDArray[np.float32]:
    """Return a smooth field of a few waves of about this period, SD near 1."""
    total = np.zeros(np.broadcast_shapes(x.shape, y.shape), dtype=np.float32)
    for _ in range(4):
        angle, phase = rng.uniform(0, 2 * np.pi, 2)
        k = 2 * np.pi / (period_mm * rng.uniform(0.8, 1.6))
        total += np.sin(k * (np.cos(angle) * x + np.sin(angle) * y) + phase).astype(np.float32)
    return total / np.float32(np.sqrt(2))


STRAND_MM = 0.5
"""Sheets of collagen in subcutaneous fat; a choice below one voxel, so that they look grey."""


def strands(
    x: NDArray[np.float32], y: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Return where thin sheets of collagen cross the subcutaneous fat, a few hundredths of it."""
    wave = smooth_wave(x, y, rng, 30)
    step = float(y[0, 1] - y[0, 0])
    slope = np.hypot(*np.gradient(wave, step))
    return np.asarray(np.abs(wave) < STRAND_MM / 2 * slope)


# An invented thigh in its own axes: mm to the side (lateral) and to the front of its middle, with
# the size in mm by which a muscle pushes its neighbours away. Drawn after an atlas, by eye.
_PLACES = {
    "vastus lateralis": (41, 12, 26), "rectus femoris": (10, 49, 14),
    "vastus medialis": (-30, 27, 21), "sartorius": (-26, 52, 7), "adductor longus": (-43, 6, 11),
    "gracilis": (-57, -13, 5), "adductor magnus": (-14, -20, 23), "semimembranosus": (-32, -45, 12),
    "semitendinosus": (-5, -53, 11), "biceps femoris": (24, -43, 15),
    "gluteus maximus": (51, -27, 10),
}  # fmt: skip
_HALF_WIDTH, _HALF_DEPTH = 64.0, 66.0  # of the muscle compartment, mm
_FEMUR = (7.0, 11.0)
_FEMUR_MM, _MARROW_MM, _INTERMEDIUS_MM = 14.0, 7.5, 27.0


def made_anatomy(
    *,
    spacing: float = 2.0,
    slices: int = 3,
    slice_mm: float = 20.0,
    finer: int = 3,
    subcutaneous_mm: float = 12.0,
    between_mm: float = 12.0,
    size: float = 1.0,
    shape: tuple[int, int] | None = None,
    seed: int = 0,
) -> Anatomy:
    """Invent a pair of thighs with all twelve muscles.

    Parameters
    ----------
    spacing, slice_mm
        Of the scan's voxels, in-plane and between slices.
    finer
        Cells per voxel and in-plane axis.
    subcutaneous_mm
        Mean thickness of the subcutaneous fat.
    between_mm
        Air between the thighs.
    size
        Of the muscle compartment, 1 for a man's thigh.
    shape
        In-plane voxels; by default what the thighs need with 12 mm of air around them.
    """
    rng = np.random.default_rng([seed, 11])
    half = size * _HALF_WIDTH * 1.06 + 1.35 * subcutaneous_mm
    if shape is None:
        width = 2 * (2 * half + between_mm / 2 + 12)
        depth = 2 * (size * _HALF_DEPTH * 1.06 + 1.35 * subcutaneous_mm + 12)
        shape = (int(np.ceil(width / spacing)), int(np.ceil(depth / spacing)))
    geometry = grid((*shape, slices), spacing, slice_mm)
    of = region_codes(MUSCLES)
    x, y = cell_centres(geometry, finer)
    full = (x.shape[0], y.shape[1], slices)
    tissue = np.zeros(full, dtype=np.uint8)
    codes = np.zeros(full, dtype=np.int16)
    leg = np.zeros(full, dtype=np.int8)
    for k in range(slices):
        taper = size * (1 + 0.05 * np.tanh((k - (slices - 1) / 2) * slice_mm / 80))
        for number, side, sign in ((1, "left", -1.0), (2, "right", 1.0)):
            half_plane = np.flatnonzero(sign * x[:, 0] > 0)
            rows = slice(half_plane[0], half_plane[-1] + 1)
            lateral = sign * x[rows] - (half + between_mm / 2)
            warp = 2.0 * smooth_wave(x[rows], y, rng, 110), 2.0 * smooth_wave(x[rows], y, rng, 110)
            u, v = (lateral + warp[0]) / taper, (y + warp[1]) / taper
            fat = subcutaneous_mm * (1 - 0.25 * lateral / half + 0.08 * smooth_wave(u, v, rng, 120))
            names = {r.name: code for code, r in of.items() if r.side == side}
            fresh, codes[rows, :, k] = _thigh(u, v, fat / taper, names, size)
            fresh[(fresh == ADIPOSE) & strands(x[rows], y, rng)] = FASCIA
            tissue[rows, :, k] = fresh
            leg[rows, :, k] = np.where(tissue[rows, :, k] > AIR, number, 0)
    return Anatomy(geometry, finer, tissue, codes, leg, of)


def _thigh(
    u: NDArray[np.float32],
    v: NDArray[np.float32],
    fat_mm: NDArray[np.float32],
    names: dict[str, int],
    size: float,
) -> tuple[NDArray[np.uint8], NDArray[np.int16]]:
    """Return tissue and codes of one invented thigh, in its own axes."""
    radius = np.hypot(u / _HALF_WIDTH, v / _HALF_DEPTH)
    outside = (radius - 1) * 0.5 * (_HALF_WIDTH + _HALF_DEPTH)  # mm from the fascia, outwards
    to_femur = np.hypot(u - _FEMUR[0], v - _FEMUR[1])
    scores = np.stack([np.hypot(u - a, v - b) - s for a, b, s in _PLACES.values()])
    order = np.partition(scores, (0, 1, 2), axis=0)[:3]
    code_of = np.array([names[name] for name in _PLACES], dtype=np.int16)
    codes = code_of[scores.argmin(axis=0)]
    gap = (order[1] - order[0]) / 2  # mm from the border between two muscles, about
    ahead = 0.9 * (u - _FEMUR[0]) + (v - _FEMUR[1]) > -8  # vastus intermedius is not behind
    intermedius = (to_femur < _INTERMEDIUS_MM) & ahead
    codes[intermedius] = names["vastus intermedius"]
    gap = np.minimum(gap + 100 * intermedius, np.abs(to_femur - _INTERMEDIUS_MM) + 100 * ~ahead)
    tissue = np.full(u.shape, MUSCLE, dtype=np.uint8)
    tissue[(gap < SEPTUM_MM / 2) | (to_femur < _FEMUR_MM + 1)] = SEPTUM
    tissue[((order[2] - order[0]) / 2 < 2.2) & ~intermedius] = SEPTUM  # fat where three meet
    groove = 2.0 * (1 + outside / 6)  # and between bulging muscles below the fascia
    tissue[(outside > -0.6) | ((outside > -6) & (gap < groove))] = SEPTUM
    tissue[to_femur < _FEMUR_MM] = CORTEX
    tissue[to_femur < _MARROW_MM] = MARROW
    for a, b, r in ((-24.0, 38.0, 3.6), (-31.0, 36.0, 3.2)):  # femoral artery and vein
        tissue[np.hypot(u - a, v - b) < r + 1.2] = SEPTUM
        tissue[np.hypot(u - a, v - b) < r] = VESSEL
    tissue[outside > 0] = FASCIA
    tissue[outside > FASCIA_MM / size] = ADIPOSE
    tissue[outside > fat_mm - SKIN_MM / size] = SKIN
    tissue[outside > fat_mm] = AIR
    codes[tissue != MUSCLE] = 0
    codes[(tissue == CORTEX) | (tissue == MARROW)] = names["femur"]
    return tissue, codes
