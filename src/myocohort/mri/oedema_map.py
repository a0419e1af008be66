"""Oedema on STIR: what is known of a scan and of each region."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from myocohort.mri.scan import Geometry


@dataclass(frozen=True, slots=True)
class OedemaMap:
    """STIR signal relative to muscle without oedema, and the limit above which it is oedema.

    Parameters
    ----------
    excess
        float32, shape of the scan: signal over the muscle reference, minus 1; 0 is muscle without
        oedema. Where fat is known, that of the muscle in the voxel. NaN outside the body, where
        fat suppression failed, and where a voxel is mostly fat.
    positive
        Muscle voxels above the limit, rim and small bright spots left out. In a voxel with fat
        the excess counts by the voxel's share of muscle, so that noise is no oedema there.
    limit
        Of the excess of pure muscle; NaN where nothing could be measured.
    method, references, warnings
        As in `FatMap`; `references` says where the limit comes from (controls or a fallback).
    """

    excess: NDArray[np.float32]
    positive: NDArray[np.bool_]
    geometry: Geometry
    limit: float
    method: str
    references: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RegionOedema:
    """Oedema of one region.

    Parameters
    ----------
    voxels, measured
        As in `RegionFat`.
    positive_share
        Share of measured voxels above the limit, 0 to 1; None where nothing could be measured.
    positive
        Whether that share is above the share that counts (2.5%, Sci Rep 2020;10:7246).
    mean_excess
        Mean of the excess over the muscle reference.
    pattern
        Numbers that tell extent, place and strength apart for the oedema scale:
        "extent_slices", share of the muscle's slices in which more than 2.5% of the voxels are
        positive (global near 1, segmental less); "extent_area", share of positive voxels in those
        slices; "inside_share", share of the positive voxels deeper than 3 mm below the muscle's
        border (low: between the muscles; absent without positive voxels); "inside_of_muscle",
        share of all measured voxels that deep, which "inside_share" is to be held against;
        "intensity", mean excess of the positive voxels (absent without), see
        `mri.oedema.MODERATE_EXCESS` for the border between mild and moderate.
    warnings
        In sentences.
    """

    voxels: int
    measured: int
    positive_share: float | None
    positive: bool | None
    mean_excess: float | None
    pattern: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
