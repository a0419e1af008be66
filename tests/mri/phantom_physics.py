"""Signals of muscle and fat: what a spin echo, an inversion recovery and a gradient echo give.

All equations are those of Bernstein, King & Zhou, Handbook of MRI Pulse Sequences, 2004: spin
echo (ch. 14.3), inversion recovery (14.2), spoiled gradient echo (14.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Relaxation:
    """T1, T2 (ms), R2* (1/s) and proton density against muscle."""

    t1_ms: float
    t2_ms: float
    r2_star: float = 35.0
    density: float = 1.0


MUSCLE_AT = {1.5: Relaxation(1130, 35.3), 3.0: Relaxation(1420, 31.7)}
FAT_AT = {1.5: Relaxation(288, 165, 40.0), 3.0: Relaxation(371, 133, 45.0)}
"""Muscle and subcutaneous fat in vivo (Gold 2004, AJR 183:343, Table 2). R2*: muscle T2* near
28 ms; fat somewhat shorter; both a choice within what is published."""

SKIN_AT = {1.5: Relaxation(800, 25, 60.0, 0.7), 3.0: Relaxation(1000, 22, 60.0, 0.7)}
FASCIA_AT = {1.5: Relaxation(600, 5, 200.0, 0.6), 3.0: Relaxation(700, 4, 250.0, 0.6)}
"""Skin and collagen: dark by their short T2; figures are choices, nothing is measured there."""

FLUID_AT = {1.5: Relaxation(2850, 1210, 5.0), 3.0: Relaxation(3620, 767, 5.0)}
"""Free water (synovial fluid of the same table): what oedema adds between the fibres."""

FLUID_OF_OEDEMA = 0.5
"""Share of free water in muscle with oedema of level 1; a choice. Water exchanges fast, so rates
are added by share: at 1.5 T T2 goes from 35 to 69 ms and T1 from 1.13 to 1.62 s at level 1. That T2
rises in active myositis is published (Maillard 2004, Rheumatology 43:603); how far, differs from
paper to paper. Levels: 0.25 mild, 0.5 moderate, 1 severe."""

PPM = {
    "hamilton": ((-3.80, 0.087), (-3.40, 0.693), (-2.60, 0.128), (-1.94, 0.004), (-0.39, 0.039),
                 (0.60, 0.048)),
    "karampinos": ((-3.80, 0.087), (-3.40, 0.568), (-3.11, 0.058), (-2.70, 0.092), (-2.45, 0.058),
                   (-1.93, 0.027), (-0.50, 0.038), (0.61, 0.073)),
    "one peak": ((-3.40, 1.0),),
}  # fmt: skip
"""Fat spectrum: shift from water in ppm and share of the protons. Hamilton 2011 (NMR Biomed
24:784) as used in the ISMRM water-fat toolbox, and Karampinos 2014 (MRM 71:1158)."""

MHZ_PER_T = 42.577


def wet(muscle: Relaxation, fluid: Relaxation, level: ArrayLike) -> tuple[NDArray, NDArray]:
    """Return T1 and T2 in ms of muscle with oedema of this level (0 none, 1 severe)."""
    share = FLUID_OF_OEDEMA * np.asarray(level, dtype=np.float32)
    t1 = 1 / ((1 - share) / muscle.t1_ms + share / fluid.t1_ms)
    t2 = 1 / ((1 - share) / muscle.t2_ms + share / fluid.t2_ms)
    return t1, t2


def spin_echo(t1_ms: ArrayLike, t2_ms: ArrayLike, tr_ms: float, te_ms: float) -> NDArray:
    """Return the signal of a 90-180 spin echo for proton density 1 (TE far below TR)."""
    return (1 - np.exp(-tr_ms / np.asarray(t1_ms))) * np.exp(-te_ms / np.asarray(t2_ms))


def inversion_recovery(
    t1_ms: ArrayLike,
    t2_ms: ArrayLike,
    tr_ms: float,
    te_ms: float,
    ti_ms: float,
    efficiency: ArrayLike = 1.0,
) -> NDArray:
    """Return the signed signal of an inversion-recovery spin echo for proton density 1.

    `efficiency` is minus the cosine of the inversion angle: 1 a whole inversion, 0 a saturation.
    """
    t1 = np.asarray(t1_ms)
    turn = np.asarray(efficiency)
    before = 1 - np.exp(-tr_ms / t1)  # recovered since the last echo
    mz = 1 - (1 + turn * before) * np.exp(-ti_ms / t1)
    return mz * np.exp(-te_ms / np.asarray(t2_ms))


def null_time(t1_ms: float, tr_ms: float) -> float:
    """Return the inversion time in ms at which a tissue of this T1 gives no signal."""
    return float(t1_ms * np.log(2 - np.exp(-tr_ms / t1_ms)))


def spoiled_echo(t1_ms: ArrayLike, tr_ms: float, flip_degrees: float) -> NDArray:
    """Return the steady-state signal of a spoiled gradient echo at TE 0 for proton density 1."""
    e1 = np.exp(-tr_ms / np.asarray(t1_ms))
    flip = np.deg2rad(flip_degrees)
    return np.sin(flip) * (1 - e1) / (1 - np.cos(flip) * e1)


def fat_phasor(te_ms: float, field_t: float, peaks: Sequence[tuple[float, float]]) -> complex:
    """Return the sum of the fat peaks at an echo time, 1 at TE 0."""
    hertz = np.array([ppm for ppm, _ in peaks]) * MHZ_PER_T * field_t
    share = np.array([one for _, one in peaks])
    return complex((share * np.exp(2j * np.pi * hertz * te_ms / 1000)).sum() / share.sum())
