"""Slices as they are shown: directions, square pixels, window, which slices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from myocohort.mri.body import Body
from myocohort.mri.regions import Region, Regions
from myocohort.mri.scan import Geometry
from myocohort.mri.views import FINEST_MM, MOST_SLICES, view_of


def made(shape=(60, 40, 3), spacing=(1.0, 1.0, 10.0)):
    """Return voxels, regions and body: a block with one muscle at its right, front, top."""
    affine = np.diag([*spacing, 1.0])
    geometry = Geometry(shape, affine)
    voxels = np.zeros(shape, dtype=np.float32)
    mask = np.zeros(shape, dtype=bool)
    mask[10:50, 8:32] = True
    voxels[mask] = 100
    codes = np.zeros(shape, dtype=np.int16)
    codes[40:48, 26:30] = 1
    voxels[codes == 1] = 200
    regions = Regions(codes, {1: Region("sartorius", "right", "muscle")}, geometry)
    return voxels, regions, Body(mask, mask.astype(np.float32), mask.astype(np.int8))


def test_right_is_left_and_front_is_on_top():
    """The voxel farthest to the patient's right and front is shown at the upper left."""
    view = view_of("T1", *made())
    rows, columns = np.nonzero(view.codes[0] == 1)
    assert rows.mean() < view.slices.shape[1] / 3
    assert columns.mean() < view.slices.shape[2] / 3
    assert view.slices[0][view.codes[0] == 1].min() == 255
    assert view.slices.dtype == np.uint8
    assert view.codes.shape == view.slices.shape


def test_slices_run_from_the_feet_to_the_head_and_know_their_height():
    """Only slices with a muscle are kept, each with its height in mm."""
    voxels, regions, body = made()
    regions.codes[:, :, 0] = 0
    view = view_of("T1", voxels, regions, body)
    assert view.positions_mm.tolist() == [10.0, 20.0]
    assert len(view.slices) == 2


def test_without_any_muscle_the_slices_of_the_body_are_shown():
    """A scan in which no muscle lies is shown all the same; so is one without a body."""
    voxels, regions, body = made()
    bare = replace(regions, codes=np.zeros_like(regions.codes))
    body.mask[:, :, 2] = False
    assert view_of("T1", voxels, bare, body).positions_mm.tolist() == [0.0, 10.0]
    body.mask[:] = False
    assert len(view_of("T1", voxels, bare, body).slices) == 3


def test_many_slices_are_thinned_evenly_with_both_ends():
    """Of 60 slices the first, the last and evenly spread ones are kept."""
    view = view_of("T1", *made(shape=(60, 40, 60)))
    assert len(view.slices) == MOST_SLICES
    steps = np.diff(view.positions_mm)
    assert view.positions_mm[[0, -1]].tolist() == [0.0, 590.0]
    assert set(steps.round()) == {20.0, 30.0}


@pytest.mark.parametrize("spacing", [(0.5, 0.5, 5.0), (1.5, 1.5, 5.0), (0.8, 1.6, 5.0)])
def test_pixels_are_square_and_not_finer_than_needed(spacing):
    """Shapes keep their size in mm, whatever the voxels."""
    view = view_of("T1", *made(spacing=spacing))
    assert view.pixel_mm == max(FINEST_MM, *spacing[:2])
    area = (view.codes[0] == 1).sum() * view.pixel_mm**2
    assert area == pytest.approx(8 * 4 * spacing[0] * spacing[1], rel=0.35)
    wide = 52 * spacing[0]  # the body's 40 and the margin of 6 mm on both sides
    assert view.slices.shape[2] * view.pixel_mm >= 40 * spacing[0]
    assert view.slices.shape[2] * view.pixel_mm <= max(wide, 40 * spacing[0] + 12) + 3


def test_a_given_window_and_values_that_are_no_number():
    """A map keeps its meaning: 0 is black, 1 white; NaN is black."""
    voxels, regions, body = made()
    fraction = np.where(regions.codes == 1, np.nan, voxels / 200).astype(np.float32)
    view = view_of("fat fraction", fraction, regions, body, window=(0.0, 1.0))
    assert view.slices[0][view.codes[0] == 1].max() == 0
    assert 128 in view.slices[0]


def test_a_scan_of_one_value_is_drawn():
    """An image without contrast, or without signal, does not divide by nothing."""
    voxels, regions, body = made()
    assert view_of("T1", np.zeros_like(voxels), regions, body).slices.max() == 0
