"""A map of fat fractions on a scan's grid, whichever sequence it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from myocohort.mri.scan import Geometry


@dataclass(frozen=True, slots=True)
class FatMap:
    """Fat fraction of each voxel, with what is known of its error.

    Parameters
    ----------
    fraction
        float32, shape of the scan; 0 no fat, 1 all fat. Noise and anchors let it pass a little
        below 0 and above 1; a region's mean is clipped, not the voxels. NaN where it is not
        determined (outside the body, no signal).
    noise_sd
        SD of one voxel's fraction from noise.
    sd_at_zero, sd_at_one
        SD of a region's fraction from the method (anchors, remaining bias field) where the truth
        is 0 and where it is 1; between them it runs in a straight line in variance.
    method
        As it is printed: "Dixon, 3 echoes with phase ...".
    references
        Anchors and how they were found, in plain types for `--json`.
    ambiguous_above
        Fractions above this cannot be told from their mirror image (0.5 for magnitude-only
        Dixon); None where all can be told.
    warnings
        In sentences.
    """

    fraction: NDArray[np.float32]
    geometry: Geometry
    noise_sd: float
    sd_at_zero: float
    sd_at_one: float
    method: str
    references: dict[str, Any] = field(default_factory=dict)
    ambiguous_above: float | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SliceFat:
    """Fat of a region in one slice: index from the feet, height, voxels, area and fat."""

    index: int
    position_mm: float
    voxels: int
    area_cm2: float
    fat_share: float | None
    fat_fraction: float | None


@dataclass(frozen=True, slots=True)
class RegionFat:
    """Fat of one region.

    Parameters
    ----------
    voxels
        Of the region, its rim included.
    volume_ml
        Of all its voxels.
    measured
        Voxels that the fraction rests on (rim and undetermined voxels left out).
    fat_share
        Share of measured voxels above one half, 0 to 1; None where nothing could be measured.
    fat_fraction
        Mean fraction of measured voxels, 0 to 1; None where nothing could be measured.
    fat_fraction_sd
        Its uncertainty: noise, partial volume at the rim, and anchors together.
    low, high
        95% interval, fat_fraction -+ 1.96 SD within 0 to 1.
    slices
        Profile from the feet to the head.
    warnings
        In sentences.
    """

    voxels: int
    volume_ml: float
    measured: int
    fat_share: float | None
    fat_fraction: float | None
    fat_fraction_sd: float | None
    low: float | None
    high: float | None
    slices: tuple[SliceFat, ...] = ()
    warnings: tuple[str, ...] = ()
