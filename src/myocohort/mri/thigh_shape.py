"""Whether an outline can be that of thighs, as far as an outline can tell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from myocohort.mri.scan import Geometry, ScanError

AREA_CM2 = (60.0, 600.0)
"""Cross-section of one adult thigh, from wasted to very obese. A calf (40 to 100) and a lower arm
(30 to 45) lie mostly below, an abdomen (500 and more) mostly above. A head (200), a knee (80 to
130) and a child's abdomen lie within: an outline cannot tell those from a thigh."""

ROUND = (0.6, 1.8)
"""Width over depth of one leg; a foot is longer than wide, half a pelvis deeper than wide."""

FIELD_MM = (20.0, 1500.0)
"""Width of an image; what is beyond is in other units than millimetres."""


def check_units(geometry: Geometry, name: str) -> None:
    """Refuse a grid whose size cannot be in millimetres.

    Raises
    ------
    ScanError
        The image would be smaller than 2 cm or larger than 1.5 m in the plane.
    """
    size = geometry.spacing[:2] * np.array(geometry.shape[:2])
    if size.min() < FIELD_MM[0] or size.max() > FIELD_MM[1]:
        raise ScanError(
            f"{name}: the image would be {size[0]:.4g} x {size[1]:.4g} mm wide: its voxel size is "
            "not in millimetres, or wrong. Export it again with the voxel size in millimetres"
        )


def shape_warnings(
    leg: NDArray[np.int8], mask: NDArray[np.bool_], spacing: NDArray[np.float64]
) -> tuple[str, ...]:
    """Return warnings where the outline is not that of thighs.

    Parameters
    ----------
    leg, mask
        As in `Body`.
    spacing
        Voxel size along each axis, mm.
    """
    legs = [leg == one for one in (1, 2)] if leg.any() else [mask]
    told = []
    for which, own in zip(("left leg", "right leg") if leg.any() else ("leg",), legs, strict=True):
        area = own.sum(axis=(0, 1)) * float(spacing[0] * spacing[1]) / 100
        area = area[area > 0]
        if area.size == 0:
            continue
        middle = float(np.median(area))
        if not AREA_CM2[0] <= middle <= AREA_CM2[1]:
            told.append(
                f"the {which} has a cross-section of {middle:.0f} cm2; a thigh has "
                f"{AREA_CM2[0]:.0f} to {AREA_CM2[1]:.0f}: is this a scan of the thighs?"
            )
        ratio = _width_over_depth(own, spacing)
        if not ROUND[0] <= ratio <= ROUND[1]:
            told.append(
                f"the {which} is {ratio:.2g} times as wide as deep; a thigh is about as wide as "
                "deep: is this a scan of the thighs?"
            )
    return tuple(told)


def _width_over_depth(own: NDArray[np.bool_], spacing: NDArray[np.float64]) -> float:
    """Return the median over slices of width over depth."""
    width = own.any(axis=1).sum(axis=0) * float(spacing[0])
    depth = own.any(axis=0).sum(axis=0) * float(spacing[1])
    some = depth > 0
    return float(np.median(width[some] / depth[some]))
