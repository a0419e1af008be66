"""Noise of a magnitude image, and the signal without the bias that magnitude gives it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from myocohort.mri.body import Body

FAR_OUTSIDE_MM = 5.0
"""Air nearer to the skin than this holds ringing and blurred skin."""

RAYLEIGH_MEDIAN = float(np.sqrt(2 * np.log(2)))
"""Median of the magnitude of pure noise over the SD of one channel (Rayleigh distribution)."""

AIR_VOXELS = 500
"""Fewer voxels of air tell no noise."""

MASKED_SHARE = 0.1
"""Share of zeros from which on the air counts as blanked by the scanner."""

DEEP_MM = 3.0
"""Skin is not even tissue; differences between neighbours are taken below it."""

WINDOW_MM = 5.0
"""Window in which differences are averaged before the calmest part of the body is looked up."""

CALM_SHARE = 0.2
"""Part of the body that is even tissue, so that neighbours differ by noise alone."""


def noise_sd(voxels: NDArray[np.float32], body: Body, spacing: NDArray[np.float64]) -> float:
    """Return the SD of the noise of one channel, in the image's units.

    From air where the scanner left it in the image: magnitudes there are Rayleigh distributed
    (Gudbjartsson & Patz 1995, Magn Reson Med 34:910). Otherwise from the second differences of
    neighbours in the calmest part of the body.
    """
    air = _air(voxels, body, spacing)
    if air.size >= AIR_VOXELS and float((air > 0).mean()) > 1 - MASKED_SHARE:
        return float(np.median(air)) / RAYLEIGH_MEDIAN
    return _calm_noise(voxels, body, spacing)


def _air(
    voxels: NDArray[np.float32], body: Body, spacing: NDArray[np.float64]
) -> NDArray[np.float32]:
    found = []
    for k in range(voxels.shape[2]):
        outside = ~body.mask[:, :, k]
        if outside.any() and not outside.all():
            far = ndimage.distance_transform_edt(outside, sampling=tuple(spacing[:2]))
            found.append(voxels[:, :, k][far > FAR_OUTSIDE_MM])
    return np.concatenate(found) if found else np.zeros(0, dtype=np.float32)


def _calm_noise(voxels: NDArray[np.float32], body: Body, spacing: NDArray[np.float64]) -> float:
    if voxels.shape[0] < 3:
        return 0.0
    second = np.abs(voxels[2:] - 2 * voxels[1:-1] + voxels[:-2])
    window = [max(3, int(WINDOW_MM / step) | 1) for step in spacing[:2]]
    local = ndimage.uniform_filter(second, (*window, 1))
    inside = body.mask[1:-1] & (body.depth_mm[1:-1] > DEEP_MM)
    if not inside.any():
        return 0.0
    # a second difference of white noise has SD sqrt(6), and mean size sqrt(2 / pi) of that
    calm = float(np.quantile(local[inside], CALM_SHARE))
    return calm / float(np.sqrt(6) * np.sqrt(2 / np.pi))


def without_noise_bias(voxels: NDArray[np.float32], sd: float) -> NDArray[np.float32]:
    """Return the signal with the mean excess of magnitudes over it taken off.

    The mean square of a magnitude is the squared signal plus twice the channel's variance, and
    half of that is its own variance; above a signal-to-noise ratio of 3, where all tissue but
    cortical bone lies, sqrt(m^2 - sd^2) is right within 1% on average (Gudbjartsson & Patz 1995).
    """
    return np.asarray(np.sqrt(np.maximum(voxels * voxels - np.float32(sd * sd), 0)), np.float32)
