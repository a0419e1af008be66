"""A small pair of thighs with known fat, as complex echoes: truth for the tests of Dixon.

The signal is computed from spectra written out here, not from the package's: six peaks of fat,
water at 0 ppm, one decay for each tissue, a field that bends across the legs, and complex noise.
Voxels at the edges mix tissues, because the thighs are drawn four times finer and averaged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myocohort.mri.body import Body, depth_in_plane
from myocohort.mri.dixon.echoes import Echo
from myocohort.mri.scan import Geometry, Scan

SIX_PEAKS = (
    (-3.80, 0.087),
    (-3.40, 0.693),
    (-2.60, 0.128),
    (-1.94, 0.004),
    (-0.39, 0.039),
    (0.60, 0.048),
)
FINE = 4
MUSCLES = 8
"""Sectors of each leg; each has one fraction."""


@dataclass(frozen=True)
class Thighs:
    """Truth and echoes: `muscle` is 1 to 8 in the left leg, 9 to 16 in the right, 0 elsewhere."""

    echoes: tuple[Echo, ...]
    body: Body
    fraction: NDArray[np.float64]
    muscle: NDArray[np.int_]
    under_skin: NDArray[np.bool_]

    def mean_errors(self, fraction: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the error of each muscle's mean fraction."""
        return np.array(
            [
                np.nanmean(fraction[self.muscle == k]) - self.fraction[self.muscle == k].mean()
                for k in range(1, 2 * MUSCLES + 1)
            ]
        )


def thighs(
    echo_ms: tuple[float, ...] = (3.45, 4.60, 5.75),
    field_t: float = 3.0,
    fractions: tuple[float, ...] = (0.0, 0.05, 0.15, 0.3, 0.5, 0.7, 0.9, 1.0),
    snr: float = 40.0,
    bend_hz: float = 100.0,
    offset_hz: float = 0.0,
    decay: tuple[float, float] = (35.0, 50.0),
    bias: float = 0.3,
    spacing: float = 2.0,
    slices: int = 2,
    fat_mm: float = 10.0,
    phase: str = "plus",
    seed: int = 7,
) -> Thighs:
    """Draw two thighs; `decay` is R2* of water and of fat, `bias` the amplitude of coil shading."""
    rng = np.random.default_rng(seed)
    n = (round(300 / spacing), round(150 / spacing))
    step = spacing / FINE
    at = [(np.arange(k * FINE) + 0.5) * step - k * spacing / 2 for k in n]
    x, y = np.meshgrid(*at, indexing="ij")
    fat, water, muscle, skin, outside = _tissues(x, y, fractions, fat_mm)
    shape = (*n, slices)
    shade = 1 + bias * np.sin(2 * np.pi * (x / 260 + 0.1)) * np.cos(2 * np.pi * y / 190)
    layers = []
    for k in range(slices):
        hertz = offset_hz + bend_hz * np.sin(x / 75 + 0.2 * k) * np.cos(y / 60 - 0.1 * k)
        layers.append((fat * shade, water * shade, hertz))
    magnitudes, phases = [], []
    for te in echo_ms:
        image = np.stack([_echo(*one, te / 1000, field_t, decay) for one in layers], axis=2)
        image = _average(image)
        image = image + (rng.normal(size=shape) + 1j * rng.normal(size=shape)) / snr
        magnitudes.append(np.abs(image).astype(np.float32))
        phases.append(np.angle(image if phase == "plus" else np.conj(image)).astype(np.float32))
    affine = np.diag([spacing, spacing, 10.0, 1.0])
    geometry = Geometry(shape, affine)
    mask = np.repeat((_average(outside[..., None].astype(float)) < 0.5), slices, axis=2)
    share = _average((fat / np.maximum(fat + water, 1e-9))[..., None] * (1 - outside)[..., None])
    whole = _average((muscle > 0)[..., None].astype(float))[..., 0] > 0.999
    label = np.where(whole, muscle[FINE // 2 :: FINE, FINE // 2 :: FINE], 0)
    one_label = _average((muscle == np.repeat(np.repeat(label, FINE, 0), FINE, 1))[..., None] * 1.0)
    label = np.where(one_label[..., 0] > 0.999, label, 0)
    leg = np.where(np.arange(n[0])[:, None, None] < n[0] / 2, 1, 2) * mask
    return Thighs(
        echoes=tuple(
            Echo(
                Scan(m, geometry, f"echo {te:g}"),
                None if phase == "none" else Scan(p, geometry, f"phase {te:g}", quantity="phase"),
                te,
                field_t,
            )
            for m, p, te in zip(magnitudes, phases, echo_ms, strict=True)
        ),
        body=Body(mask, depth_in_plane(mask, geometry.spacing), leg.astype(np.int8)),
        fraction=np.repeat(share, slices, axis=2),
        muscle=np.repeat(label[..., None], slices, axis=2),
        under_skin=np.repeat(_average(skin[..., None] * 1.0) > 0.999, slices, axis=2),
    )


def _tissues(
    x: NDArray[np.float64], y: NDArray[np.float64], fractions: tuple[float, ...], fat_mm: float
) -> tuple[NDArray[np.float64], ...]:
    fat, water = np.zeros(x.shape), np.zeros(x.shape)
    muscle = np.zeros(x.shape, dtype=int)
    skin, outside = np.zeros(x.shape, dtype=bool), np.ones(x.shape, dtype=bool)
    for leg, centre in ((0, -73.0), (1, 73.0)):
        r = np.hypot((x - centre) / 68, y / 64) * 66
        angle = np.arctan2(y, x - centre)
        inside = r < 66
        outside &= ~inside
        under = inside & (r >= 66 - fat_mm) & (r < 64.5)
        water[inside & (r >= 64.5)] = 0.8
        fat[under], water[under] = 0.95, 0.05
        skin |= under & (r < 63) & (r > 67 - fat_mm)
        core = r < 66 - fat_mm
        sector = np.floor((angle + np.pi) / (2 * np.pi) * MUSCLES).astype(int) % MUSCLES
        part = (sector + 3 * leg) % MUSCLES
        gap = np.abs(((angle + np.pi) / (2 * np.pi) * MUSCLES) % 1 - 0.5) > 0.46
        for k in range(MUSCLES):
            here = core & (part == k)
            share = fractions[k % len(fractions)]
            fat[here], water[here] = share, 1 - share
            muscle[here & ~gap & (r > 16)] = 1 + k + leg * MUSCLES
        fat[core & gap], water[core & gap] = 0.9, 0.1
        bone = r < 13
        fat[bone], water[bone] = 0.9, 0.05
        cortex = (r >= 9) & bone
        fat[cortex], water[cortex] = 0.0, 0.01
    return fat, water, muscle, skin, outside


def _echo(
    fat: NDArray[np.float64],
    water: NDArray[np.float64],
    hertz: NDArray[np.float64],
    te: float,
    field_t: float,
    decay: tuple[float, float],
) -> NDArray[np.complex128]:
    peaks = sum(a * np.exp(2j * np.pi * p * 42.577 * field_t * te) for p, a in SIX_PEAKS)
    signal = water * np.exp(-te * decay[0]) + fat * np.exp(-te * decay[1]) * peaks
    return np.asarray(signal * np.exp(1j * (0.7 + 2 * np.pi * hertz * te)))


def _average(values: NDArray[np.generic]) -> NDArray[np.generic]:
    x, y, z = values.shape
    return np.asarray(values.reshape(x // FINE, FINE, y // FINE, FINE, z).mean(axis=(1, 3)))
