"""Patches in which a scanner exchanged fat and water, seen by the border that they lack."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from myocohort.mri.body import Body
from myocohort.mri.dixon.rim import FAT_ABOVE, WATER_BELOW, places, rim_of

LEAST_CM2 = 0.5
"""Smaller patches of the rim are vessels and septa."""

LEAST_STEP = 0.22
"""Natural logarithm of the step in total signal from muscle to fat that a scan must have (25%) for
a border without one to mean anything: in proton-density contrast muscle and fat are alike."""

NO_STEP = 0.35
"""Share of the usual step below which a border is none."""

BORDER_MM = 3.0
"""On both sides of the border over which total signal is compared."""


def swapped_patches(
    fraction: NDArray[np.float32],
    total: NDArray[np.float32],
    body: Body,
    spacing: NDArray[np.float64],
) -> tuple[str, ...]:
    """Leave out patches of water under the skin that are fat by their signal; say where they were.

    A swap takes the fraction from one side to the other, while fat plus water stays what it was.
    Between muscle and fat, in contrast, T1 weighting makes a step in fat plus water.

    Parameters
    ----------
    fraction
        Set to not a number in such patches, in place.
    total
        Fat plus water, shape of the scan.
    """
    wet = body.mask & (fraction < WATER_BELOW)
    fatty = body.mask & (fraction > FAT_ABOVE)
    rim = rim_of(body, spacing)
    voxel_cm2 = float(spacing[0] * spacing[1]) / 100
    found: list[tuple[int, int]] = []
    for k in range(fraction.shape[2]):
        layer = total[:, :, k]
        usual = _step(layer, wet[:, :, k] & ~rim[:, :, k], fatty[:, :, k], spacing)
        if usual is None or usual < LEAST_STEP:
            continue
        pieces, count = ndimage.label(wet[:, :, k] & rim[:, :, k])
        for piece in range(1, count + 1):
            here = pieces == piece
            if np.count_nonzero(here) * voxel_cm2 < LEAST_CM2:
                continue
            step = _step(layer, here, fatty[:, :, k] & rim[:, :, k], spacing)
            if step is None or abs(step) > NO_STEP * usual:
                continue
            # From the rim inwards, as far as the signal is nearer to fat's than to muscle's.
            line = float(np.median(layer[here])) * np.exp(-usual / 2)
            whole = ndimage.binary_propagation(here, mask=wet[:, :, k] & (layer > line))
            fraction[:, :, k][whole] = np.nan
            found.append((k, int(np.bincount(body.leg[:, :, k][here]).argmax())))
    if not found:
        return ()
    return (
        f"patches under the skin read as water but have the signal of the fat beside them "
        f"({places(sorted(set(found)))}): fat and water are exchanged there, and these patches are "
        "left out",
    )


def _step(
    total: NDArray[np.float32],
    wet: NDArray[np.bool_],
    fatty: NDArray[np.bool_],
    spacing: NDArray[np.float64],
) -> float | None:
    """Return the logarithm of fat's total signal over water's along their common border."""
    if not wet.any() or not fatty.any():
        return None
    to_wet = ndimage.distance_transform_edt(~wet, spacing[:2])
    to_fat = ndimage.distance_transform_edt(~fatty, spacing[:2])
    one = total[fatty & (to_wet <= BORDER_MM + spacing[0])]
    two = total[wet & (to_fat <= BORDER_MM + spacing[0])]
    if (
        min(one.size, two.size) * float(spacing[0] * spacing[1]) < 20
        or min(np.median(one), np.median(two)) <= 0
    ):
        return None
    return float(np.log(np.median(one) / np.median(two)))
