"""Fat of regions and between muscles, from maps whose fractions are known."""

from __future__ import annotations

import numpy as np
import pytest

from myocohort.mri.body import Body
from myocohort.mri.fat_map import FatMap
from myocohort.mri.region_fat import fat_of_regions, intermuscular
from myocohort.mri.regions import Region, Regions
from myocohort.mri.scan import Geometry, Scan

GEOMETRY = Geometry((60, 60, 2), np.diag([1.0, 1.0, 10.0, 1.0]))
RADIUS = np.hypot(*np.meshgrid(np.arange(60) - 29.5, np.arange(60) - 29.5, indexing="ij"))


def _map(fraction: np.ndarray, **more: float | None) -> FatMap:
    whole = np.repeat(fraction[:, :, None], 2, axis=2).astype(np.float32)
    settings = {"noise_sd": 0.05, "sd_at_zero": 0.03, "sd_at_one": 0.01} | more
    return FatMap(whole, GEOMETRY, method="made", **settings)  # type: ignore[arg-type]


def _regions(mask: np.ndarray, kind: str = "muscle") -> Regions:
    codes = np.repeat(mask[:, :, None], 2, axis=2).astype(np.int16)
    return Regions(codes, {1: Region("gracilis", "left", kind)}, GEOMETRY)  # type: ignore[arg-type]


SCAN = Scan(np.zeros(GEOMETRY.shape, dtype=np.float32), GEOMETRY, "made")


def test_a_label_that_is_a_voxel_too_large_or_small_moves_nothing() -> None:
    """Fat around a muscle does not enter its fraction when the label is off by one voxel."""
    fat = _map(np.where(RADIUS < 20, 0.2, 1.0))
    for radius in (19, 20, 21):
        found = fat_of_regions(fat, _regions(radius > RADIUS), SCAN)[1]
        assert found.fat_fraction == pytest.approx(0.2, abs=1e-6)
        assert found.volume_ml == pytest.approx(found.voxels * 0.01)


def test_the_periphery_keeps_its_weight() -> None:
    """Muscle left at the periphery of a replaced muscle counts with the area of the rim."""
    found = fat_of_regions(_map(np.where(RADIUS < 15, 1.0, 0.0)), _regions(RADIUS < 20), SCAN)[1]
    assert found.fat_fraction == pytest.approx(15**2 / 20**2, abs=0.02)
    assert found.fat_share == pytest.approx(found.fat_fraction)


def test_a_slope_towards_the_border_goes_on_in_the_rim() -> None:
    """Muscle that remains more and more towards the border is counted in the rim as well."""
    fraction = np.clip(0.1 + 0.08 * (12 - RADIUS), 0, 1)
    for small in (0, 1):  # a label that is right, and one a voxel too large with fat around
        mask = 11 + small > RADIUS
        seen = np.where(RADIUS < 11, fraction, 1.0)
        found = fat_of_regions(_map(seen), _regions(mask), SCAN)[1]
        assert found.fat_fraction == pytest.approx(fraction[mask].mean(), abs=0.015)


def test_the_interval_grows_from_the_anchors() -> None:
    """At a fraction of 0 and 1 the SD is that of the anchor, when noise is averaged out."""
    for truth, anchor in ((0.0, 0.03), (1.0, 0.01)):
        fat = _map(np.full((60, 60), truth))
        found = fat_of_regions(fat, _regions(RADIUS < 20), SCAN)[1]
        assert found.fat_fraction_sd == pytest.approx(anchor, abs=0.002)
        assert found.low is not None
        assert found.high is not None
        assert 0 <= found.low <= truth <= found.high <= 1


def test_what_cannot_be_measured_has_no_number() -> None:
    """A region without known voxels, or that is not in the scan, has no fraction and says why."""
    nothing = fat_of_regions(_map(np.full((60, 60), np.nan)), _regions(RADIUS < 20), SCAN)[1]
    assert nothing.fat_fraction is None
    assert nothing.voxels > 0
    assert nothing.warnings
    absent = fat_of_regions(_map(np.zeros((60, 60))), _regions(RADIUS < -1), SCAN)[1]
    assert absent.fat_fraction is None
    assert absent.voxels == 0
    assert "not in this scan" in str(absent)


def test_ambiguous_fractions_are_told() -> None:
    """A magnitude-only Dixon map warns where its mirror image cannot be told apart."""
    fat = _map(np.full((60, 60), 0.5), ambiguous_above=0.5)
    assert "mirror image" in str(fat_of_regions(fat, _regions(RADIUS < 20), SCAN)[1].warnings)


def test_slices_run_from_the_feet() -> None:
    """The profile has one row a slice with its height and area."""
    rows = fat_of_regions(_map(np.zeros((60, 60))), _regions(RADIUS < 20), SCAN)[1].slices
    assert [row.position_mm for row in rows] == [0.0, 10.0]
    assert rows[0].area_cm2 == pytest.approx(np.pi * 2.0**2, rel=0.02)


def test_fat_between_muscles_leaves_marrow_and_skin_out() -> None:
    """Only fat inside the compartment and outside muscle and femur is between the muscles."""
    x = np.arange(60)[:, None] - 29.5 + np.zeros((60, 60))
    muscle = (RADIUS < 26) & (np.abs(x) > 4) & (RADIUS > 10)
    fraction = np.where(muscle, 0.1, 1.0)
    fraction[(RADIUS < 10) & (RADIUS >= 7)] = -0.5
    mask = np.repeat((RADIUS < 29)[:, :, None], 2, axis=2)
    body = Body(mask, np.ones(mask.shape, np.float32), mask.astype(np.int8))
    found = intermuscular(_map(fraction), _regions(muscle), body)
    gap = ((np.abs(x) <= 4) & (RADIUS < 25) & (RADIUS > 10)).sum() * 2 * 0.01
    assert found["right"] is None
    assert found["left"]["intermuscular_fat_ml"] == pytest.approx(gap, rel=0.15)
    assert found["left"]["intramuscular_fat_ml"] == pytest.approx(muscle.sum() * 0.002, rel=0.01)
