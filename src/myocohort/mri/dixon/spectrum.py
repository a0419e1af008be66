"""What fat and muscle do between the excitation and an echo: published spectra and decay rates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MHZ_PER_TESLA = 42.577
"""Larmor frequency of protons per tesla (CODATA)."""

FAT_PEAKS = (
    (-3.80, 0.087),
    (-3.40, 0.693),
    (-2.60, 0.128),
    (-1.94, 0.004),
    (-0.39, 0.039),
    (0.60, 0.048),
)
"""Shift from water in ppm and share of signal of six groups of peaks of human triglycerides:
Hamilton et al., NMR Biomed 2011;24:784-790, as in the ISMRM fat-water toolbox."""

OTHER_FAT_PEAKS = (
    (-3.80, 0.087),
    (-3.40, 0.568),
    (-3.11, 0.058),
    (-2.70, 0.092),
    (-2.45, 0.058),
    (-1.93, 0.027),
    (-0.50, 0.038),
    (0.61, 0.073),
)
"""Eight peaks after Karampinos et al., Magn Reson Med 2014;71:1158-1165. The difference between
both tables says how much a fraction depends on the spectrum that one assumes."""

MAIN_PEAK_PPM = -3.4
"""The methylene peak, which the words "in phase" and "out of phase" refer to."""

DECAY_PER_S = {1.5: 29.0, 3.0: 38.0}
"""R2* of muscle and fat that is assumed where two echoes cannot tell it: about 1 / 35 ms at 1.5 T
and 1 / 26 ms at 3 T, middle of the published range."""

FAT_DECAY_FASTER = (-10.0, 20.0)
"""R2* of fat minus that of muscle that can be true, 1/s: T2* of both is 20 to 50 ms. A spectrum
under which the echoes of fat would decay otherwise is not that of this patient's fat."""

DECAY_SD_PER_S = 12.0
"""Spread of R2* between muscles and patients, for the uncertainty of fractions of two echoes."""

Peaks = tuple[tuple[float, float], ...]

SPECTRA: dict[str, Peaks] = {
    "six peaks, Hamilton et al., NMR Biomed 2011;24:784-790": FAT_PEAKS,
    "eight peaks, Karampinos et al., Magn Reson Med 2014;71:1158-1165": OTHER_FAT_PEAKS,
}
"""The first is used unless the patient's own fat speaks against it and for the second."""


def fat_signal(
    echo_ms: NDArray[np.float64], field_t: float, peaks: Peaks = FAT_PEAKS
) -> NDArray[np.complex128]:
    """Return the complex signal of pure fat at each echo, relative to water of the same protons.

    Parameters
    ----------
    echo_ms
        Echo times after the excitation, ms, shape (n,).
    field_t
        Field strength, T.
    peaks
        Shift from water (ppm) and share of each peak; shares are made to add up to 1.

    Returns
    -------
    Shape (n,); 1 at the excitation. Decay (R2*) is not part of it.
    """
    table = np.array(peaks, dtype=float)
    hertz = table[:, 0] * MHZ_PER_TESLA * field_t
    turns = np.outer(np.asarray(echo_ms, dtype=float) / 1000, hertz)
    return np.asarray(np.exp(2j * np.pi * turns) @ (table[:, 1] / table[:, 1].sum()))


def turns_of_fat(echo_ms: float, field_t: float) -> float:
    """Return by how many turns the main peak of fat lags behind water at an echo."""
    return echo_ms / 1000 * abs(MAIN_PEAK_PPM) * MHZ_PER_TESLA * field_t


def assumed_decay(field_t: float) -> float:
    """Return the R2* (1/s) to assume at a field strength: that of the nearest field listed."""
    nearest = min(DECAY_PER_S, key=lambda one: abs(one - field_t))
    return DECAY_PER_S[nearest]
