"""Air in a magnitude image: what signal is no signal.

Air in a magnitude image is Rayleigh noise (Gudbjartsson & Patz, Magn Reson Med 1995;34:910): its
mean is 1.91 times its SD, whatever the gain, and the quotient of tissue is higher. That finds air
without a threshold on brightness, so that it also works where subcutaneous fat is nearly black
(STIR, the water image of a Dixon scan).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

WINDOW = 7
"""Voxels along a side of the window in which mean and SD are compared: the quotient of 49 values
is known to 10%."""

KERNEL = (WINDOW, WINDOW, 1)
"""Windows lie within slices."""

RAYLEIGH = 1.91
"""Mean over SD of Rayleigh noise."""

QUOTIENTS = (1.5, 6.0)
"""Quotients that air may have: from 1.91 less two standard errors to 5.6 of eight coils whose
squares were summed (non-central chi). Interpolation lies between: it averages noise."""

PEAK = 0.25
"""Of the quotients that are frequent (to this share of the most frequent), the lowest is air's:
dark fat, whose quotient is higher, may fill more of a tight image than air."""

UNEVEN = 2.5
"""Most that noise differs between places (g-factor of parallel imaging at a usual acceleration of 2
to 3); what looks like noisier air is dark tissue."""

SAME_QUOTIENT = 1.26
"""Windows within this factor of air's most frequent quotient are air: two standard errors."""

FAR_BELOW_TISSUE = 0.25
"""Air lies below this share of the brightest tissue's level, whatever the contrast."""

ENOUGH = 200
"""Windows without which the level of noise is not known."""

MASKED_LEVEL = 0.02
"""Where air carries no noise (set to zero by the scanner), signal below this share of the brightest
tissue is not body: suppressed fat keeps 5% and more; what is left of ringing lies below."""

LEAST_LEVEL = 0.005
"""Whatever the noise, signal below this share of the brightest tissue is not body."""


@dataclass(frozen=True, slots=True)
class Air:
    """What is known of air in an image.

    Parameters
    ----------
    sigma
        SD of the noise of each channel if it is Rayleigh noise, in units of the image; None where
        air carries no noise or is not in the image.
    quotient
        Mean over SD in a window of air; that of `RAYLEIGH` where air is not seen.
    tissue
        Level of the brightest tissue (99th percentile of local means).
    samples
        Values of voxels in typical air; empty where sigma is None.
    unevenness
        For each slice, how much the noisiest air lies above typical air (99th percentile of local
        means over the typical mean, at least 1): with parallel imaging the noise of air differs
        two- to threefold between places.
    """

    sigma: float | None
    quotient: float
    tissue: float
    samples: NDArray[np.float32]
    unevenness: NDArray[np.float32]

    @property
    def mean(self) -> float:
        """Mean signal of typical air."""
        return float(self.samples.mean()) if self.samples.size else 0.0

    def limit(self, exceed: float) -> float:
        """Return the signal that a share `exceed` of voxels in typical air surpasses."""
        if self.sigma is None:
            return MASKED_LEVEL * self.tissue
        from_air = float(np.quantile(self.samples, 1 - exceed))
        return max(from_air, LEAST_LEVEL * self.tissue)


def find_air(size: NDArray[np.float32]) -> Air:
    """Return the noise of air and the level of tissue of a magnitude image.

    Parameters
    ----------
    size
        Signal, (x, y, slices), not negative. Voxels that are exactly 0 over most of a window are
        padding and tell nothing of noise.

    Notes
    -----
    Air is where the image is even (no slope across the window), far darker than tissue, and mean
    over SD is what it usually is in such windows: 1.91 in plain images, more where noise was
    averaged. Where a scanner fades air to zero at some distance from the body, the air near the
    body counts: the upper quartile of what was found.
    """
    size = size
    slices = size.shape[2]
    chosen = _some_slices(slices)
    size = size[:, :, chosen]
    mean, square, sd = _local(size)
    tissue = float(np.quantile(mean, 0.99))
    padded = ndimage.uniform_filter((size == 0).astype(np.float32), KERNEL, mode="nearest") > 0.4
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = mean / sd
    possible = ~padded & (sd > 0) & (mean < FAR_BELOW_TISSUE * tissue) & _even(mean, sd)
    usual = _usual_quotient(quotient, possible)
    same = (quotient > usual / SAME_QUOTIENT) & (quotient < usual * SAME_QUOTIENT)
    air = possible & same
    if np.count_nonzero(air) < ENOUGH:
        none = np.ones(slices, dtype=np.float32)
        return Air(None, RAYLEIGH, tissue, np.empty(0, dtype=np.float32), none)
    level = float(np.quantile(mean[air], 0.75))
    typical = air & (mean > 0.8 * level) & (mean < 1.25 * level)
    sigma = float(np.sqrt(np.mean(square[typical]) / 2))
    uneven = np.interp(np.arange(slices), chosen, _unevenness(mean, air, level))
    return Air(sigma, usual, tissue, size[typical], uneven.astype(np.float32))


def _some_slices(slices: int) -> NDArray[np.intp]:
    """Return the slices that are looked at: a dozen, evenly spread, tells noise well enough."""
    return np.unique(np.linspace(0, slices - 1, min(slices, 12)).round().astype(np.intp))


def local_quotient(size: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return local mean over local SD of each voxel's window; infinite where nothing varies."""
    mean, _, sd = _local(size)
    out = np.full(size.shape, np.inf, dtype=np.float32)
    np.divide(mean, sd, out=out, where=sd > 0)
    return out


def _local(
    size: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Return mean, mean square and SD in each voxel's window."""
    mean = ndimage.uniform_filter(size, KERNEL, mode="nearest")
    square = ndimage.uniform_filter(size * size, KERNEL, mode="nearest")
    return mean, square, np.sqrt(np.maximum(square - mean * mean, 0))


def _unevenness(
    mean: NDArray[np.float32], air: NDArray[np.bool_], level: float
) -> NDArray[np.float32]:
    """Return `Air.unevenness`; slices with little air take that of all slices."""
    overall = float(np.quantile(mean[air], 0.99))
    out = np.full(mean.shape[2], overall, dtype=np.float32)
    for k in range(mean.shape[2]):
        here = mean[:, :, k][air[:, :, k]]
        if here.size >= ENOUGH:
            out[k] = np.quantile(here, 0.99)
    return np.asarray(np.clip(out / np.float32(level), 1, UNEVEN), dtype=np.float32)


def _even(mean: NDArray[np.float32], sd: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether the mean is the same on both sides of a window along each axis of the plane."""
    even = np.ones(mean.shape, dtype=bool)
    reach = WINDOW // 2 + 1
    limit = sd * np.float32(3 * np.sqrt(2) / WINDOW)
    for axis in (0, 1):
        last = mean.shape[axis] - 1
        at = np.arange(last + 1)
        before = mean.take(np.clip(at - reach, 0, last), axis=axis)
        before -= mean.take(np.clip(at + reach, 0, last), axis=axis)
        even &= np.abs(before, out=before) < limit
    return even


def _usual_quotient(quotient: NDArray[np.float32], possible: NDArray[np.bool_]) -> float:
    """Return the lowest frequent quotient of windows that may be air, to 5%; see `PEAK`."""
    found = quotient[possible & (quotient > QUOTIENTS[0]) & (quotient < QUOTIENTS[1])]
    edges = np.geomspace(*QUOTIENTS, 29)
    counts = np.histogram(found, edges)[0].astype(float)
    smooth = np.pad(ndimage.uniform_filter1d(counts, 5, mode="constant"), 1)
    peak = (smooth[1:-1] >= smooth[:-2]) & (smooth[1:-1] >= smooth[2:])
    best = int(np.argmax(peak & (smooth[1:-1] >= PEAK * smooth.max())))
    return float(np.sqrt(edges[best] * edges[best + 1]))
