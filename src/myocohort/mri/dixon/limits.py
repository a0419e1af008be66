"""What a Dixon fraction does not correct, and by how much that may move it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from myocohort.mri.dixon.separation import Model, misfit, separate
from myocohort.mri.dixon.spectrum import DECAY_SD_PER_S

T1_LIMIT = (
    "The fraction is one of signal, not of proton density: with a short repetition time and a "
    "large flip angle fat, whose T1 is short, counts too much (Liu et al., Magn Reson Med "
    "2007;58:354-364). The flip angle is not known here, so that this is not corrected"
)

LEAST_SD = 0.005
"""Half a point: coil, motion and phase that no model holds. Repeated Dixon scans of a thigh
differ by about 2% of the value (Grimm et al., J Cachexia Sarcopenia Muscle 2018;9:1093-1100)."""

DIFFERENCE_SD_PER_S = 8.0
"""SD of the difference between the decays of fat and water where the echoes show it: a spectrum
that is off by 2% at one of two echoes 2.3 ms apart moves it by this."""


def method_sd(
    model: Model, other_fat: NDArray[np.complex128], difference_known: bool
) -> tuple[float, float]:
    """Return the SD of a region's fraction from the method at truth 0 and at truth 1.

    What the model cannot know is put into it, and what it then reads is compared with the truth:
    half of the way to the other published spectrum of fat, another difference between the decays of
    fat and water, and for two echoes another R2*. T1 weighting is not part of it (see `T1_LIMIT`).

    Parameters
    ----------
    other_fat
        Signal of fat at each echo under the spectrum that was not used.

    Notes
    -----
    Spectrum and decays move fractions near one half most, while a `FatMap` knows the SD at both
    ends and a straight line in variance between: the SD at 1 is raised until the line covers the
    one at one half.
    """
    difference = DIFFERENCE_SD_PER_S * (1 if difference_known else 2)
    fat = model.with_difference(difference).fat
    faded = np.exp(-model.centred * DECAY_SD_PER_S) if len(model.seconds) == 2 else None
    variance = []
    for truth in (0.0, 0.5, 1.0):
        water = 1 - truth
        errors = [LEAST_SD]
        errors.append((_read(water + truth * other_fat, model) - truth) / 2)
        errors.append(_read(water + truth * fat, model) - truth)
        if faded is not None:
            errors.append(_read((water + truth * model.fat) * faded, model) - truth)
        variance.append(float(np.sum(np.square(errors))))
    zero, half, one = variance
    return float(np.sqrt(zero)), float(np.sqrt(max(one, 2 * half - zero)))


def _read(signal: NDArray[np.complex128], model: Model) -> float:
    """Return the fraction that the model reads from a signal, at the field that fits it best."""
    fields = np.linspace(-60, 60, 241).astype(np.float32)
    many = np.repeat(signal[:, None], fields.size, axis=1).astype(np.complex64)
    best = int(np.argmin(misfit(many, model, fields, 0.0)))
    water, fat = separate(many[:, best : best + 1], model, fields[best : best + 1], 0.0)
    return float(fat[0] / (water[0] + fat[0]))
