"""Labels and scans from one grid to another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny_legs import APART, draw, grid, labelled

from myocohort.mri.resample import covered_by, resample_like, scan_on, values_on
from myocohort.mri.scan import Geometry, ScanError


def moved(geometry, x=0.0, y=0.0, z=0.0):
    """Return the grid at another place."""
    affine = geometry.affine.copy()
    affine[:3, 3] += [x, y, z]
    return Geometry(geometry.shape, affine)


def test_the_same_grid_is_left_alone():
    """Nothing is copied or told where grids are the same."""
    scan, _ = draw(APART)
    placed = resample_like(labelled(APART), scan)
    assert not placed.warnings
    assert placed.covered.all()
    assert np.array_equal(placed.labels, labelled(APART).labels)


def test_labels_keep_their_place_on_a_finer_and_on_a_turned_grid():
    """Volumes and centres in the body stay where they are."""
    labels = labelled(APART, grid(mm=1.5))
    affine = grid(mm=1.3).affine.copy()
    turn = np.deg2rad(8)
    affine[:2, :2] = 1.3 * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    affine[:2, 3] = -affine[:2, :2] @ np.array([150, 90])
    turned = Geometry((300, 180, 2), affine)
    scan = replace(draw(APART)[0], geometry=turned, voxels=np.zeros(turned.shape, np.float32))
    placed = resample_like(labels, scan)
    for value in (3, 9):
        before, after = labels.labels == value, placed.labels == value
        assert after.sum() * turned.voxel_ml == pytest.approx(
            before.sum() * labels.geometry.voxel_ml, rel=0.01
        )
        for mask, geometry in ((before, labels.geometry), (after, turned)):
            at = np.argwhere(mask).mean(axis=0)
            place = geometry.affine[:3, :3] @ at + geometry.affine[:3, 3]
            assert place[0] == pytest.approx(0, abs=0.5)


def test_thick_label_slices_do_not_smear():
    """A stack of 24 mm labels one 4 mm slice for each of its own, and the rest is told."""
    labels = labelled(APART, grid(slices=3, gap=24))
    thin = grid(slices=15, gap=4)
    scan, _ = draw(APART, geometry=thin)
    placed = resample_like(labels, scan)
    assert np.flatnonzero(placed.covered).tolist() == [1, 7, 13]
    assert np.flatnonzero(placed.labels.any(axis=(0, 1))).tolist() == [1, 7, 13]
    assert any("no slice near 12 of 15" in text for text in placed.warnings)


def test_thin_label_slices_fill_thick_ones():
    """Every 24 mm slice finds a 4 mm label slice near it."""
    labels = labelled(APART, grid(slices=15, gap=4))
    scan, _ = draw(APART, geometry=grid(slices=3, gap=24))
    assert resample_like(labels, scan).covered.all()


def test_labels_beyond_the_scan_are_told():
    """The share of labels that the scan does not show is in a warning."""
    scan, _ = draw(APART)
    labels = labelled(APART)
    placed = resample_like(replace(labels, geometry=moved(labels.geometry, x=100)), scan)
    assert 0.1 < placed.outside < 0.6
    assert any("lie outside the scan" in text for text in placed.warnings)


@pytest.mark.parametrize("where", [{"x": 800.0}, {"z": 300.0}])
def test_no_overlap_is_refused(where):
    """A map of another place ends in an error that gives both places."""
    scan, _ = draw(APART)
    labels = labelled(APART)
    with pytest.raises(ScanError, match=r"no label lies within.*labels: x .*; scan: x "):
        resample_like(replace(labels, geometry=moved(labels.geometry, **where)), scan)


def test_a_scan_on_another_grid_is_linear_within_slices():
    """A ramp stays a ramp, and slices without a near slice have nothing."""
    coarse = grid(mm=3, slices=2, gap=10)
    fine = grid(mm=2, slices=4, gap=10)
    x = coarse.affine[0, 0] * np.arange(coarse.shape[0]) + coarse.affine[0, 3]
    ramp = np.broadcast_to((500 + x)[:, None, None], coarse.shape).astype(np.float32).copy()
    scan = replace(draw(APART)[0], voxels=ramp, geometry=coarse)
    there = scan_on(scan, fine)
    place = fine.affine[0, 0] * np.arange(fine.shape[0]) + fine.affine[0, 3]
    inner = slice(2, -2)
    assert there.voxels[inner, 5, 1] == pytest.approx(500 + place[inner], abs=0.01)
    assert not there.voxels[:, :, [0, 3]].any()
    assert there.voxels.dtype == np.float32
    assert any("covers 2 of 4 slices" in text for text in there.warnings)
    assert covered_by(coarse, fine).any(axis=(0, 1)).tolist() == [False, True, True, False]
    assert np.isnan(values_on(ramp, coarse, fine)[:, :, 0]).all()


def test_phases_and_strangers_are_not_resampled():
    """Phases cannot be averaged, and a scan elsewhere has nothing to give."""
    scan, _ = draw(APART)
    with pytest.raises(ScanError, match="phases cannot be resampled"):
        scan_on(replace(scan, quantity="phase"), grid(mm=3))
    with pytest.raises(ScanError, match="covers no voxel"):
        scan_on(scan, moved(scan.geometry, z=500))
