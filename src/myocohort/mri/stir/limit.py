"""The limit above which STIR signal is oedema, and the voxels above it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from myocohort.mri.stir.controls import ControlLimit

SDS = 3.0
"""The patient's own limit lies this many SD above normal muscle: 0.1% of voxels pass it by noise,
and 2% of a muscle that is itself one SD brighter than the others, less than the 2.5% that count."""

LEAST_LIMIT = 0.2
"""A limit below this is not believed, however quiet the scan: the T2 of healthy thigh muscles
differs by 2 to 3 ms about 33 ms, which is 7 to 11% at an echo time of 40 ms, and the receive field
is known to 5%; twice their SD together. It holds for controls' limits as well."""

NOISE_SDS = 1.96
"""A limit from controls must lie at least this far above the patient's own normal muscle; else
noise alone makes 2.5% of it positive."""

SPOT_MM2 = 15.0
"""Smaller bright places are left out: the section of a perforating vessel of 3 mm, as wide as the
image and `POINT_MM` make it."""

POINT_MM = 0.8
"""SD of the Gaussian over which signal is averaged before it is held against the limit, about one
voxel of a usual scan. It makes the share of positive voxels independent of voxel size, and a coarse
or noisy scan keeps a limit that oedema can pass."""

_BELOW = 0.158655
"""Share of a normal distribution below mean - SD."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of the excess, where it comes from, and what must be known of it."""

    value: float
    source: str
    how: str
    warnings: tuple[str, ...] = ()


def normal_sd(excess: NDArray[np.float32]) -> float:
    """Return the SD of normal muscle's excess from its lower half.

    Oedema and vessels make normal muscle's upper half wider; the lower half, mirrored, is noise
    and the texture of healthy muscle.
    """
    low, middle = np.quantile(excess, [_BELOW, 0.5])
    return float(middle - low)


def averaged(
    values: NDArray[np.float32], inside: NDArray[np.bool_], spacing: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Average values over `POINT_MM` within a slice, among voxels inside only; NaN elsewhere."""
    sigma = (POINT_MM / spacing[0], POINT_MM / spacing[1], 0.0)
    weight = ndimage.gaussian_filter(inside.astype(np.float32), sigma)
    total = ndimage.gaussian_filter(np.where(inside, values, np.float32(0)), sigma)
    result = np.full(values.shape, np.nan, dtype=np.float32)
    result[inside] = total[inside] / weight[inside]
    return result


def limit_of(own_sd: float, controls: ControlLimit | None) -> Limit:
    """Return the limit: the controls', or without them the patient's own.

    Parameters
    ----------
    own_sd
        SD of the excess in the patient's normal muscle.
    controls
        Limit from healthy controls.
    """
    own = max(SDS * own_sd, LEAST_LIMIT)
    if controls is None:
        return Limit(
            value=own,
            source="the patient's own muscle",
            how=(
                f"{SDS:g} SD ({own_sd:.3f}) above the patient's muscle without oedema, at least "
                f"{LEAST_LIMIT:g}"
            ),
            warnings=(
                "No healthy controls were given: the limit comes from the patient's own darkest "
                "common muscle. Oedema of the same degree in all muscles would not be seen.",
            ),
        )
    if controls.limit < NOISE_SDS * own_sd:
        return Limit(
            value=own,
            source="the patient's own muscle",
            how=f"{SDS:g} SD ({own_sd:.3f}) above the patient's muscle without oedema",
            warnings=(
                *controls.warnings,
                f"This scan is noisier than the controls' scans: their limit ({controls.limit:.2f} "
                f"above muscle) was raised to {own:.2f}, from the patient's own muscle.",
            ),
        )
    how = controls.how
    if controls.limit < LEAST_LIMIT:
        how += f"; raised from {controls.limit:.3f} to {LEAST_LIMIT:g}, the least that is believed"
    return Limit(
        value=max(controls.limit, LEAST_LIMIT),
        source=f"{controls.controls} healthy controls",
        how=how,
        warnings=controls.warnings,
    )


def without_spots(above: NDArray[np.bool_], spacing: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return the voxels above the limit without bright places smaller than `SPOT_MM2`.

    Places are counted within a slice; voxels that touch at a corner belong together.
    """
    structure = np.zeros((3, 3, 3), dtype=bool)
    structure[:, :, 1] = True
    parts, _ = ndimage.label(above, structure=structure)
    large = np.bincount(parts.ravel()) * spacing[0] * spacing[1] >= SPOT_MM2
    large[0] = False
    return np.asarray(large[parts], dtype=bool)
