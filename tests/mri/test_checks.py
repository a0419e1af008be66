"""Labels that do not fit the image."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny_legs import APART, Leg, draw, grid, inside, labelled

from myocohort.mri.body import find_body
from myocohort.mri.checks import check_regions
from myocohort.mri.label_maps import LABEL_MAPS
from myocohort.mri.labels import regions_of
from myocohort.mri.regions import Region, Regions
from myocohort.mri.scan import LabelMap, ScanError, Sequence
from myocohort.mri.thigh_shape import shape_warnings

THIGH11 = LABEL_MAPS["thigh11"]


def one_region(mask, scan):
    """Return one region on a scan."""
    return Regions(mask.astype(np.int16), {1: Region("gracilis", "left", "muscle")}, scan.geometry)


def test_labels_that_fit_raise_nothing():
    """Muscles inside the body have no warning from the checks."""
    scan, _ = draw(APART)
    body = find_body(scan)
    regions = regions_of(labelled(APART), THIGH11, scan, body)
    assert check_regions(regions, scan, body) == ()


def test_a_region_partly_outside_the_body_is_told_with_its_share():
    """A region that leaves the skin by a quarter is in a warning."""
    scan, _ = draw(APART)
    regions = one_region(inside(scan.geometry, Leg(-150, a=20, b=20)), scan)
    told = check_regions(regions, scan, find_body(scan))
    assert any("partly outside the body: left gracilis" in text for text in told)


def test_a_map_of_another_scan_is_refused():
    """Labels mostly in air do not belong to this scan."""
    scan, _ = draw(APART)
    labels = labelled(APART)
    shifted = np.roll(labels.labels, 40, axis=1)
    with pytest.raises(ScanError, match="does not fit this scan"):
        regions_of(LabelMap(shifted, labels.geometry, "x"), THIGH11, scan, find_body(scan))


def test_few_voxels_and_single_slices_are_told():
    """A region of a handful of voxels, and one that shows in one slice of many."""
    scan, _ = draw(APART, geometry=grid(slices=5))
    labels = labelled(APART, scan.geometry).labels
    labels[30:34, 50, 2] = 1
    labels[25:35, 60:70, 2] = 7
    regions = regions_of(LabelMap(labels, scan.geometry, "x"), THIGH11, scan, find_body(scan))
    assert any("fewer than 30 voxels: left sartorius" in text for text in regions.warnings)
    assert any(
        "in a single one of 5 labelled slices: left gracilis" in text for text in regions.warnings
    )


def test_a_muscle_on_cortical_bone_is_told():
    """A label without signal is no muscle, but in a fat image that is as it should be."""
    scan, _ = draw(APART, "fat", noise=0.05)
    regions = one_region(inside(scan.geometry, Leg(-85, 0, a=30, b=30)), scan)
    body = find_body(scan)
    dark = replace(scan, sequence=Sequence("t1"))
    assert any("no more signal than air" in text for text in check_regions(regions, dark, body))
    fat = replace(scan, sequence=Sequence("dixon-fat"))
    assert check_regions(regions, fat, body) == ()


@pytest.mark.parametrize(
    ("a", "b", "told"),
    [(70, 75, ""), (33, 35, "cross-section of"), (150, 140, "cross-section of"),
     (45, 85, "times as wide as deep")],
)  # fmt: skip
def test_the_outline_of_other_parts_of_the_body(a, b, told):
    """A calf, an abdomen and a foot are told by size and shape; a thigh is not."""
    geometry = grid(width_mm=340, depth_mm=340)
    mask = inside(geometry, Leg(0, a=a, b=b))
    warnings = shape_warnings(np.zeros(mask.shape, np.int8), mask, geometry.spacing)
    assert bool(warnings) == bool(told)
    assert all(told in text for text in warnings)
