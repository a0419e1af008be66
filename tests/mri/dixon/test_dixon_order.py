"""Exchanged fat and water images are doubted, and ambiguous fractions have wide intervals."""

from __future__ import annotations

import numpy as np
import pytest

from myocohort.mri.body import Body
from myocohort.mri.dixon.order import doubt_order
from myocohort.mri.fat_map import FatMap, RegionFat
from myocohort.mri.measure import _with_mirror
from myocohort.mri.regions import Region, Regions
from myocohort.mri.scan import Geometry

SIZE, SPACING = 80, 1.0


def leg(rim: float, inside: float, labelled_to_mm: float) -> tuple[FatMap, Regions, Body]:
    """Make a round leg: fraction of its outer 10 mm, of its inside, and how deep labels begin."""
    x, y = np.mgrid[:SIZE, :SIZE] - (SIZE - 1) / 2
    far = np.hypot(x, y)[:, :, None]
    depth = np.clip(36 - far, 0, None).astype(np.float32)
    mask = depth > 0
    fraction = np.where(depth <= 10, rim, inside).astype(np.float32)
    fraction[~mask] = np.nan
    geometry = Geometry((SIZE, SIZE, 1), np.diag([SPACING, SPACING, 10.0, 1.0]))
    codes = (depth > labelled_to_mm).astype(np.int16)
    of = {1: Region("gracilis", "left", "muscle")}
    body = Body(mask, depth, mask.astype(np.int8))
    fat_map = FatMap(fraction, geometry, 0.01, 0.02, 0.05, "two-point Dixon")
    return fat_map, Regions(codes, of, geometry), body


def test_exchanged_images_of_a_leg_with_fat_are_doubted() -> None:
    """Water under the skin that is no labelled muscle makes every fraction ambiguous."""
    told = doubt_order(*leg(0.1, 0.9, 12))
    assert told.ambiguous_above == 0
    assert "--dixon FAT WATER" in told.warnings[-1]


@pytest.mark.parametrize(("rim", "inside", "to"), [(0.9, 0.1, 12), (0.9, 0.9, 12), (0.1, 0.1, 2)])
def test_images_in_order_are_believed(rim: float, inside: float, to: float) -> None:
    """Fat under the skin, or muscle whose labels begin just under it, is no reason for doubt."""
    fat_map, regions, body = leg(rim, inside, to)
    assert doubt_order(fat_map, regions, body) is fat_map


def test_the_interval_holds_the_mirror_image() -> None:
    """Magnitudes that read 10% may be 90%; images that may be exchanged are doubted both ways."""
    lean = RegionFat(9, 1.0, 9, 0.0, 0.1, 0.02, 0.06, 0.14)
    upwards = _with_mirror(lean, 0.5)
    assert (upwards.low, upwards.high) == (0.06, pytest.approx(0.94))
    full = RegionFat(9, 1.0, 9, 1.0, 0.9, 0.02, 0.86, 0.94)
    downwards = _with_mirror(full, 0.0)
    assert (downwards.low, downwards.high) == (pytest.approx(0.06), 0.94)
    assert downwards.fat_fraction_sd is not None
    assert 0.9 - 1.96 * downwards.fat_fraction_sd == pytest.approx(0.06)
    assert _with_mirror(RegionFat(0, 0.0, 0, None, None, None, None, None), 0.5).low is None
